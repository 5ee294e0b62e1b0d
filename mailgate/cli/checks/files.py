"""Checks that the desk's user may read the files that the configuration names, and write the database's."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel
from sqlalchemy import make_url

from mailgate.cli.checks.desk import CheckResult, Finding
from mailgate.config import Settings
from mailgate.config.paths import SecretFile
from mailgate.config.permissions import describe_database_denied, describe_denied
from mailgate.config.tables import MaildirTable


def check_files(settings: Settings, config: Path) -> Iterator[Finding]:
    """Reports each file and folder that this process may not use as the desk does; one line where it may use all."""
    templates = () if settings.desk.templates is None else sorted(settings.desk.templates.rglob("*"))
    paths = (config, *_list_paths(settings), *templates)
    denied = [_describe_unreadable(path) for path in paths]
    url = make_url(settings.store.database)
    if url.get_backend_name() == "sqlite" and url.database and os.path.exists(Path(url.database).parent):
        denied.append(describe_database_denied(Path(url.database)))
    denied = [words for words in dict.fromkeys(denied) if words]
    yield from (Finding("files", CheckResult.FAILED, words) for words in denied)
    if not denied:
        yield Finding("files", CheckResult.OK, "those that the configuration names may be read")


def _describe_unreadable(path: Path) -> str:
    words = describe_denied(path, os.R_OK | os.X_OK if os.path.isdir(path) else os.R_OK)
    return "" if words.endswith("is not there") else words  # the checks of the thing itself say more


def _list_paths(value: object) -> Iterator[Path]:
    """Lists the paths of a part of the settings, those of its secrets included. A Maildir has a check of its own."""
    match value:
        case Path():
            yield value
        case SecretFile(path=path):
            yield path
        case MaildirTable():
            return
        case BaseModel():
            for name in type(value).model_fields:
                yield from _list_paths(getattr(value, name))
        case Mapping():
            for each in value.values():
                yield from _list_paths(each)
        case tuple():
            for each in value:
                yield from _list_paths(each)
