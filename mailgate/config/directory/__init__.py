"""The directory: who the people are that write to the desk, and what equipment they have, from two CSV files.

    entries.py  `Person`, `Equipment` and `Directory`, which answers for them
    rows.py     the text of a CSV file → rows with their lines, whatever program wrote it
    columns.py  which column is what, by the names in the first row, English or French
    reading.py  `read_people` and `read_equipment`: rows → entries, and what could not be used, by line
    files.py    `DirectoryFiles`: both files as they stand on the disk, read again when they change

All but files.py is pure. A row that cannot be used is named with its line and its reason, and the others count; a file
that cannot be used at all is an `Unreadable` with what to do, and what was read before it stays.
"""
