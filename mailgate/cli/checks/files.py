"""Checks that the desk's user may read the files that the configuration names, and write the database's."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from mailgate.cli.checks.desk import CheckResult, Finding
from mailgate.config import Settings
from mailgate.config.named_files import list_named_paths
from mailgate.config.permissions import describe_database_denied, describe_denied
from mailgate.store.database import sqlite_file

# Where systemd finds units, and what may be a unit of the desk or one of its drop-ins (systemd.unit(5)).
_UNITS = ("/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system")
_UNIT_FILES = ("mailgate*.service", "mailgate*.service.d/*.conf")


def check_files(settings: Settings, config: Path) -> Iterator[Finding]:
    """Reports each file and folder that this process may not use as the desk does; one line where it may use all."""
    templates = () if settings.desk.templates is None else sorted(settings.desk.templates.rglob("*"))
    credentials = _list_credentials()
    paths = (config, *_list_paths(settings, credentials), *templates)
    denied = [_describe_unreadable(path) for path in paths]
    file = sqlite_file(settings.store.database)
    if file is not None and os.path.exists(file.parent):
        denied.append(describe_database_denied(file))
    denied = [words for words in dict.fromkeys(denied) if words]
    yield from (Finding("files", CheckResult.FAILED, words) for words in denied)
    if not denied:
        yield Finding("files", CheckResult.OK, "all files named in the configuration are readable")


def _describe_unreadable(path: Path) -> str:
    words = describe_denied(path, os.R_OK | os.X_OK if os.path.isdir(path) else os.R_OK)
    return "" if words.endswith("does not exist") else words  # the checks of the thing itself say more


def _list_credentials() -> frozenset[str]:
    """Lists the credentials that systemd hands to the desk by its units and their drop-ins (systemd.exec(5))."""
    files = [file for folder in _UNITS for name in _UNIT_FILES for file in Path(folder).glob(name)]
    units = "\n".join(file.read_text("utf-8", "replace") for file in files if os.access(file, os.R_OK))
    return frozenset(re.findall(r"^LoadCredential(?:Encrypted)?=([^:\s]+)", units, re.M))


def _list_paths(settings: Settings, credentials: frozenset[str]) -> Iterator[Path]:
    """Lists the paths of the settings, and of those secrets that are no credentials.

    A Maildir has a check of its own.
    """
    for named in list_named_paths(settings):
        if isinstance(named, Path):
            yield named
        elif named.path.name not in credentials:
            yield named.path
