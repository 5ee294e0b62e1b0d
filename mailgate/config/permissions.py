"""Describes why this process may not use a file: whose it is, who this process is, and the command that mends it."""

from __future__ import annotations

import grp
import os
import pwd
from pathlib import Path

_SQLITE_FILES = ("", "-wal", "-shm", ".lock", ".turn")  # what stands beside a SQLite database, by its ending


def describe_denied(path: Path, mode: int) -> str:
    """Describes why a path may not be used; "" where it may. `mode` is of os.R_OK, os.W_OK and os.X_OK.

    A folder on the way that may not be entered is named in its place.
    """
    for folder in reversed(path.parents):
        if not os.access(folder, os.X_OK):
            return _describe(folder, os.X_OK)
    return "" if os.access(path, mode) else _describe(path, mode)


def describe_database_denied(database: Path) -> str:
    """Describes the folder of a SQLite database, or its files, that may not be written; "" where all may.

    The first file stands for all: the command at the end mends every one, since SQLite makes those beside the database
    with the mode of that.
    """
    files = [database.with_name(database.name + ending) for ending in _SQLITE_FILES]
    if words := describe_denied(database.parent, os.W_OK | os.X_OK):
        return words
    mode = os.R_OK | os.W_OK
    denied = [file for file in files if os.path.exists(file) and describe_denied(file, mode)]
    return " ".join((describe_denied(denied[0], mode), *map(str, denied[1:]))) if denied else ""


def describe_os_error(error: OSError, place: Path | str = "") -> str:
    """Describes an error of the system on one line: the file or `place`, what is wrong, and who may use it."""
    words = error.strerror or str(error) or type(error).__name__
    words = words[:1].lower() + words[1:]  # names of settings and files in it keep their case
    name = error.filename if isinstance(error.filename, str | os.PathLike) else place
    if isinstance(error, PermissionError) and name:
        path = Path(name)
        is_there = path.exists() if os.access(path.parent, os.X_OK) else True
        why = describe_denied(path, os.R_OK | os.W_OK) if is_there else describe_denied(path.parent, os.W_OK | os.X_OK)
        words = f"{words}; {why}" if why else words
    return f"{name}: {words}" if name else words


def user_name(uid: int) -> str:
    """Returns the name of a user; their number where they have none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _describe(path: Path, mode: int) -> str:
    try:
        found = path.stat()
    except FileNotFoundError:
        return f"{path} does not exist"
    except OSError as error:
        return f"{path}: {(error.strerror or str(error)).lower()}"
    whose = f"{path} belongs to {user_name(found.st_uid)} (mode {found.st_mode & 0o7777:04o})"
    letters = "".join(letter for bit, letter in ((os.R_OK, "r"), (os.W_OK, "w"), (os.X_OK, "x")) if mode & bit)
    if found.st_uid == os.geteuid():
        if found.st_mode >> 6 & mode == mode:
            return f"{whose} but still cannot be used: is its file system mounted read-only?"
        return f"{whose}, which is this user: chmod u+{letters} {path}"
    mend = f"chown {user_name(os.geteuid())} {path}"
    if mode == os.X_OK and not found.st_mode & 0o111:  # a program that nobody has made one
        mend = f"chmod 755 {path}"
    elif not mode & os.W_OK:
        mend = f"chgrp {group_name(os.getegid())} {path} && chmod g+{letters} {path}"
    return f"{whose}, and this is {user_name(os.geteuid())}: {mend}"


def group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
