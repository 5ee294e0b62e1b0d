"""Copies a desk from one database to another (`mailgate upgrade --to`)."""
