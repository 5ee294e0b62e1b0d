"""Finds the value of a setting by its key, the defaults included, as TOML would write it.

Pure. Where the settings have a type of their own (durations, hours), the value is the text that the file takes; of a
secret it is the path of its file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import time
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from mailgate.config.branding import Logo
from mailgate.config.inheritance import QUEUE_TABLES
from mailgate.config.paths import Listen, SecretFile
from mailgate.config.settings import QUEUE_NAME, Settings
from mailgate.config.tables import ConfigTable
from mailgate.config.types import LanguageCode, PutAwayAction
from mailgate.core.calendar.durations import Duration
from mailgate.core.calendar.week import DAY_NAMES, Interval
from mailgate.core.form_fields import Texts

_PART = re.compile(r"[^.\[\]]+")


class UnknownSetting(Exception):
    """There is no setting with this key; the text says which one may be meant."""


def find_settings(settings: Settings, key: str) -> Iterator[tuple[str, Any]]:
    """Yields a setting with its key, `relay.host` or `intake.imap[0].host`; of a table each setting in it.

    Raises UnknownSetting.
    """
    place, path = _open(settings), ""
    for part in _PART.findall(key):
        if part not in place:
            raise UnknownSetting(_describe_unknown(f"{path}.{part}".lstrip("."), part, path, place))
        path, value = _join(path, part), place[part]
        place = _open(value)
    if not path:
        raise UnknownSetting(f'"{key}" is not a key; write one such as relay.host')
    found = list(_list(path, value))
    yield from found or ((_join(path, part), "") for part in place)


def _list(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    inside = _open(value, with_unset=False)
    if not inside and not isinstance(value, ConfigTable):
        yield path, _write(path, value)
    for part, item in inside.items():
        yield from _list(_join(path, part), item)


def _open(value: Any, *, with_unset: bool = True) -> dict[str, Any]:
    """The settings in a table or a list of tables, by their keys; empty for a single setting.

    A setting that has no value by default, and none here, is "unset": there is nothing that the file could have for it.
    """
    if isinstance(value, Settings):
        tables = {name: getattr(value, name) for name in type(value).model_fields}
        queue = _open(value.default_queue)
        return {**tables, **{name: queue[name] for name in QUEUE_TABLES}}
    if isinstance(value, ConfigTable):
        fields = type(value).model_fields
        return {
            field.alias or name: getattr(value, name)
            for name, field in fields.items()
            if field.alias != QUEUE_NAME and (with_unset or (getattr(value, name), field.default) != (None, None))
        }
    if isinstance(value, Mapping):
        return {str(name): item for name, item in value.items()}
    if isinstance(value, tuple) and value and all(isinstance(item, ConfigTable) for item in value):
        return {str(place): item for place, item in enumerate(value)}
    return {}


def _join(path: str, part: str) -> str:
    return f"{path}[{part}]" if part.isdigit() and path else f"{path}.{part}".lstrip(".")


def _describe_unknown(key: str, part: str, path: str, place: dict[str, Any]) -> str:
    near = get_close_matches(part, place, n=1)
    if near:
        return f"there is no setting {key}; did you mean {_join(path, near[0])}?"
    if not place:
        return f"there is no setting {key}: {path} has no settings in it"
    return f"there is no setting {key}; there are {', '.join(place)}"


def _write(path: str, value: Any) -> Any:
    match value:
        case None:
            return ""
        case LanguageCode():
            return value.tag
        case SecretFile() | Logo():
            return str(value.path)
        case Path() | Listen() | ZoneInfo() | Duration() | IPv4Network() | IPv6Network():
            return str(value)
        case time():
            return f"{value:%H:%M}"
        case PutAwayAction(action="move"):
            return {"move": value.folder}
        case PutAwayAction():
            return value.action
        case Texts():
            return dict(value.pairs) if any(code for code, _ in value.pairs) else "".join(value.all)
        case frozenset():
            return sorted(value)
        case tuple() if path.endswith(".business_hours"):
            days = zip(DAY_NAMES, value, strict=True)
            return {name: [_write_interval(one) for one in day] for name, day in days if day}
        case tuple():
            return [_write(path, item) for item in value]
        case int() if path.endswith(".mode"):
            return f"{value:04o}"
    return value


def _write_interval(interval: Interval) -> str:
    closes = interval.closes if interval.closes <= 24 * 60 else interval.closes - 24 * 60
    return f"{interval.opens // 60:02}:{interval.opens % 60:02}-{closes // 60:02}:{closes % 60:02}"
