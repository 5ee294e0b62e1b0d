"""Directory: the people who write to the desk, and their equipment, from two CSV files.

A row that cannot be used is named with its line and its reason, and the others count; a file that cannot be used at all
gives an error with what to do, and what was read before it stays. All but the watcher is pure.
"""
