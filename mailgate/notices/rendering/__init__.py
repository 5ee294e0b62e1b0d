"""Rendering of notices: content → subject, text and HTML, from the templates of each language."""
