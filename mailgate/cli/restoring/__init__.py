"""The parts of `restore`: where a backup goes, what is put back, what is said.

target.py   the desk that is restored: its configuration, database and archive
present.py  the present database, its exchange for that of the backup, and the ticket numbers
files.py    the files of the configuration and the bundles of the archive
report.py   the question before, and the report at the end
"""
