"""The user whom the desk runs as, and checks with their rights.

Root may read and write everything, so a check by root would find good what fails when the desk starts.
"""

from __future__ import annotations

import json
import os
import pwd
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TextIO

from mailgate.cli.checks.desk import CheckResult, Finding
from mailgate.config import Settings
from mailgate.config.permissions import user_name
from mailgate.store.database import sqlite_file


@dataclass(frozen=True, slots=True)
class DeskUser:
    """The user whom the desk runs as. `why` says for people how they are known; `home` is "" where they have none."""

    name: str
    uid: int
    gid: int
    home: str
    why: str


def find_desk_user(settings: Settings) -> DeskUser | None:
    """Finds the owner of the database's folder, or of its file where the folder is root's; None for PostgreSQL.

    The folder comes first: root's file in it is a mistake that is to be found.
    """
    file = sqlite_file(settings.store.database)
    paths = () if file is None else (file.parent, file)
    owned = [(path, path.stat()) for path in paths if os.path.exists(path)]
    for path, found in owned:
        if found.st_uid or path == owned[-1][0]:
            return _describe_user(found.st_uid, found.st_gid, f"who owns {path}")
    return None


def named_user(name: str) -> DeskUser | None:
    """Returns the user of a name; None where this machine has none."""
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        return None
    return DeskUser(found.pw_name, found.pw_uid, found.pw_gid, found.pw_dir, "named by --user")


def _describe_user(uid: int, gid: int, why: str) -> DeskUser:
    try:
        found = pwd.getpwuid(uid)
    except KeyError:
        return DeskUser(user_name(uid), uid, gid, "", why)
    return DeskUser(found.pw_name, uid, found.pw_gid, found.pw_dir, why)


def look_as(user: DeskUser, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Yields the findings of a check that a child process makes with a user's rights. Only root may."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _look(user, look, writing)
    os.close(writing)
    with open(reading, encoding="utf-8") as findings:
        for line in findings:  # JSON: root must not unpickle what a process of another user writes
            what, verdict, words = json.loads(line)
            yield Finding(what, CheckResult(verdict), words)
    _, status = os.waitpid(child, 0)
    if status:
        yield Finding("user", CheckResult.FAILED, f"the check with the rights of {user.name} ended too early")


def _look(user: DeskUser, look: Callable[[], Iterator[Finding]], writing: int) -> None:
    """Is the child process: it does not return."""
    status = 1
    try:
        with open(writing, "w", encoding="utf-8") as findings:
            try:
                _become(user)
                for finding in look():
                    _write(finding, findings)
            except Exception as error:  # the border of a process: what is written here is all that is heard of it
                said = f"{user.name} cannot check: {type(error).__name__}: {error}"
                words = f"{said}; can they read the program ({sys.prefix}) and its Python ({sys.base_prefix})?"
                _write(Finding("user", CheckResult.FAILED, words), findings)
        status = 0
    finally:
        os._exit(status)


def _write(finding: Finding, findings: TextIO) -> None:
    print(json.dumps([finding.what, finding.verdict.value, finding.words]), file=findings, flush=True)


def _become(user: DeskUser) -> None:
    if user.home:
        os.initgroups(user.name, user.gid)
        os.environ["HOME"] = user.home  # where libpq looks for passwords
    else:
        os.setgroups([])
    os.setgid(user.gid)
    os.setuid(user.uid)
