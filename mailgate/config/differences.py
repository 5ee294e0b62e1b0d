"""Finds the settings that differ from the defaults, as tables that give the same settings when they are read.

A key counts as a default if the settings are the same without it, so that values which follow from others (the manager
from the operator, the hours of a queue from those of the desk) need no list of their own here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from mailgate.config.inheritance import Key, Tables, inherit_queues, without_key
from mailgate.config.paths import ConfigLocation
from mailgate.config.settings import Settings

_LOGIN = re.compile(r"(://[^:/@?#\s]*:)[^/?#\s]*@")
_DATABASE_LOGIN = re.compile(r"(://[^:/@?#\s]*:).*@")  # libpq and SQLAlchemy also read a password with a slash
_HOOK = re.compile(r"(://)(?:[^/?#]*@)?([^/?#@]*)[/?#].+", re.DOTALL)  # its path or its query may be a secret
_IN_QUERY = re.compile(r"([?&][^=&]*(?:password|secret|token)=)[^&#\s]*", re.IGNORECASE)


def leave_out_defaults(tables: Tables, location: ConfigLocation) -> dict[str, Any]:
    """Returns valid tables without the keys whose values are the defaults anyway."""
    kept = dict(tables)
    wanted = _read(kept, location)
    for key in _list_keys(kept):
        fewer = without_key(kept, key)
        try:
            if _read(fewer, location) == wanted:
                kept = fewer
        except ValidationError:  # a required key
            continue
    return kept


def mask_passwords(value: Any, key: Key = ()) -> Any:
    """Returns a value of the configuration with `***` in place of each password in a URL; the rest is in files.

    Of the URL of a hook only the host stays.
    """
    if isinstance(value, dict):
        return {name: mask_passwords(item, (*key, name)) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask_passwords(item, key) for item in value]
    if isinstance(value, str) and "://" in value:
        if key and str(key[0]).partition("[")[0] == "hooks" and key[-1] == "url":
            return _HOOK.sub(r"\1\2/***", value)
        login = _DATABASE_LOGIN if key == ("store", "database") else _LOGIN
        return _IN_QUERY.sub(r"\1***", login.sub(r"\1***@", value))
    return value


def _read(tables: Tables, location: ConfigLocation) -> Settings:
    return Settings.model_validate(inherit_queues(tables).data, context=location)


def _list_keys(inside: Any, path: Key = ()) -> Iterator[Key]:
    """Yields the keys of tables, each after those inside it. Items of lists stay: without one the others would move."""
    if isinstance(inside, dict):
        for name, value in inside.items():
            yield from _list_keys(value, (*path, name))
            yield (*path, name)
    elif isinstance(inside, tuple):
        for place, item in enumerate(inside):
            yield from _list_keys(item, (*path, place))
