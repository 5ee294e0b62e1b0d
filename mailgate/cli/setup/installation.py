"""Writes what `init` has made: all files or none. As root it also makes the system user and the folder of the database.

A user that was made stays where a file cannot be written: the next try takes it.
"""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mailgate.cli.context import CommandError
from mailgate.cli.setup.machine import STATE_FOLDER, USER

_TOOLS = {
    "systemd-sysusers": ("systemd-sysusers", "--inline", f'u {USER} - "mailgate support desk" {STATE_FOLDER}'),
    "adduser": ("adduser", "--system", "--group", "--no-create-home", "--home", str(STATE_FOLDER), USER),
    "useradd": ("useradd", "--system", "--user-group", "--home-dir", str(STATE_FOLDER), USER),
}


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file to write; `group` is the name of its group, "" for that of this process."""

    path: Path
    content: bytes
    mode: int
    group: str = ""


def create_user() -> tuple[pwd.struct_passwd, bool]:
    """Returns the desk's system user, and whether it was made now. Raises CommandError where that fails."""
    try:
        return pwd.getpwnam(USER), False
    except KeyError:
        pass
    words = next((words for tool, words in _TOOLS.items() if shutil.which(tool)), None)
    if words is None:
        raise CommandError(f"the user {USER} cannot be created: install one of {', '.join(_TOOLS)}")
    done = subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise CommandError(f"the user {USER} cannot be created: {' '.join(words)}: {done.stderr.strip()}")
    return pwd.getpwnam(USER), True


def create_state_folder(user: pwd.struct_passwd) -> bool:
    """Makes the folder of the database, as the unit would (StateDirectory=); tells whether it did."""
    if STATE_FOLDER.exists():
        return False
    STATE_FOLDER.mkdir(mode=0o700, parents=True)
    os.chown(STATE_FOLDER, user.pw_uid, user.pw_gid)
    return True


def write_files(files: Sequence[PlannedFile], stamp: str) -> list[Path]:
    """Writes all files, or none where one fails (OSError); returns the copies of those that were there before.

    Such a file keeps its content under its name with the stamp behind it. The last file is the one that counts: until
    it is written, the others mean nothing. Each has its mode and group before its first byte.
    """
    made: list[Path] = []
    moved: list[tuple[Path, Path]] = []
    try:
        for file in files:
            made += _make_folders(file.path.parent)
            if os.path.lexists(file.path):
                copy = file.path.with_name(f"{file.path.name}.{stamp}")
                _rename_new(file.path, copy)
                moved.append((file.path, copy))
            _write_new(file)
            made.append(file.path)
    except BaseException:
        _undo(made, moved)
        raise
    return [copy for _, copy in moved]


def _make_folders(folder: Path) -> list[Path]:
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir()
        one.chmod(0o755)  # whatever the umask: what is secret in it has a mode of its own
    return missing[::-1]


def _write_new(file: PlannedFile) -> None:
    """Writes a file beside its place and moves it there, so that it is never there in part."""
    descriptor, name = tempfile.mkstemp(prefix=f".{file.path.name}-", dir=file.path.parent)  # mode 0600
    try:
        with open(descriptor, "wb") as beside:
            if file.group:
                os.fchown(descriptor, -1, grp.getgrnam(file.group).gr_gid)
            os.fchmod(descriptor, file.mode)
            beside.write(file.content)
            beside.flush()
            os.fsync(descriptor)
        os.replace(name, file.path)
    except BaseException:
        os.unlink(name)
        raise


def _rename_new(path: Path, copy: Path) -> None:
    if os.path.lexists(copy):
        raise FileExistsError(17, "File exists", str(copy))
    path.rename(copy)


def _undo(made: Iterable[Path], moved: Iterable[tuple[Path, Path]]) -> None:
    for path in reversed(list(made)):
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink()
    for path, copy in moved:
        copy.rename(path)
