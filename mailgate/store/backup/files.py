"""Puts files of a backup back, each whole or not at all, with the rights of the owner of their folder.

Root works as that owner meanwhile: a link that the owner put into the folder then reaches nothing more than they do.
Raises OSError.
"""

from __future__ import annotations

import errno
import grp
import hashlib
import os
import pwd
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from mailgate.config.permissions import user_name
from mailgate.store.backup.format import BackupMember

_PRIVATE = 0o600


@contextmanager
def acting_as_owner(path: Path) -> Iterator[None]:
    """Lets root act as the owner of a file or folder, or of the folder that will have it; others stay who they are.

    Raises PermissionError where that user may not read the program, of which more modules may be needed.
    """
    found = _find_owner(path)
    if os.geteuid() or not found.st_uid:
        yield
        return
    groups, group = os.getgroups(), os.getegid()
    os.setgroups([found.st_gid])
    os.setegid(found.st_gid)
    os.seteuid(found.st_uid)
    try:
        require_program(found.st_uid)
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)
        os.setgroups(groups)


def require_program(uid: int) -> None:
    """Raises PermissionError unless this process may read its modules, and those of Python."""
    for file in (__file__, os.__file__):
        if not os.access(file, os.R_OK, effective_ids=True):
            raise PermissionError(errno.EACCES, f"{user_name(uid)}, who owns the folder, cannot read the program", file)


def make_folder(folder: Path) -> None:
    """Makes a folder and those above it that are missing, each with the mode and group of the one that was there."""
    model = _nearest(folder)
    found = model.stat()
    for one in reversed([folder, *folder.parents]):
        if not one.exists():
            one.mkdir()
            if not os.geteuid():
                os.chown(one, found.st_uid, found.st_gid)
            one.chmod(stat.S_IMODE(found.st_mode) & 0o777)


def open_new(target: Path) -> BinaryIO:
    """Creates the private file in which a member arrives; `finish` gives it its name."""
    new = _new_name(target)
    new.unlink(missing_ok=True)
    return os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE), "wb")


def finish(member: BackupMember, target: Path, aside: str = "") -> None:
    """Gives a member that has arrived its name, and root also its mode and owner of before.

    The file that had the name is kept under the same name with `aside` behind it.
    """
    new = _new_name(target)
    if not os.geteuid():
        with suppress(KeyError, OSError):  # a user whom this machine does not have: the folder's
            os.chown(new, pwd.getpwnam(member.user).pw_uid, -1)
        with suppress(KeyError, OSError):
            os.chown(new, -1, grp.getgrnam(member.group).gr_gid)
    new.chmod(member.mode)
    with new.open("rb") as file:
        os.fsync(file.fileno())
    if aside and target.exists():
        with suppress(FileExistsError):  # a restore of the same second was interrupted here
            os.link(target, target.with_name(target.name + aside))
    os.rename(new, target)


def is_same(member: BackupMember, target: Path) -> bool:
    """Tells whether a file has the content of a member; raises OSError where it cannot be read."""
    if target.stat().st_size != member.size:
        return False
    with target.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == member.sha256


def is_below(path: str) -> bool:
    """Tells whether a relative path leads to a file below its folder, and not out of it."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and "\0" not in path


def _new_name(target: Path) -> Path:
    return target.with_name(f".{target.name}.restoring")


def _find_owner(path: Path) -> os.stat_result:
    """Finds the owner of a path, or of the nearest folder that is there; of a user's link on the way, that user."""
    on_the_way = [*reversed(path.parents), path]
    links = (one.lstat() for one in on_the_way if one.is_symlink())
    foreign = next((found for found in links if found.st_uid), None)
    return foreign or _nearest(path).stat()


def _nearest(path: Path) -> Path:
    return next(one for one in (path, *path.parents) if one.exists())
