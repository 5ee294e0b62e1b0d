"""Directory: the people who write to the desk, and their equipment, from two CSV files.

A row that cannot be used is reported with its line and the reason, and all other rows are used. A file that cannot be
used at all is an error that says what to do, and what was read before it stays in use. All but the watcher is pure.
"""
