"""Backups: one file with the database, the configuration and the archive of a desk, and what puts it back.

format.py      the manifest, which names every member with its sum
writer.py      writes the file, a member at a time
reader.py      reads a file of unknown origin, and checks all of it before anything is used
contents.py    counts the rows of a database, and finds those that another one has beyond them
sqlite.py      copies a SQLite database while the desk works, and exchanges it for a copy
postgresql.py  does the same by `pg_dump`, `pg_restore` and `psql`
"""
