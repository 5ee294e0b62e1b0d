"""Triggers and indexes that SQLAlchemy cannot describe, for both engines."""
