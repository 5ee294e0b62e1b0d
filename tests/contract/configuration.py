"""The configuration: every key of mailgate.toml, its default, whether it is required, and what it takes.

Drawn by `read_config` alone. Keys and defaults are those of the settings that it returns; what a key takes is found by
trying samples of every kind on all keys at once, since reading tells all mistakes together.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from tests.contract.program import ConfigError, read_config

# Every table that a configuration may have, with the keys that it must have.
_OAUTH2 = {"token_url": "https://login.example.com/", "client_id": "mailgate", "client_secret_file": "file"}
_OAUTH2_OF_GOOGLE = {"service_account_file": "google.json", "scope": "mail", "subject": "desk@example.com"}
_TABLES: dict[str, Any] = {
    "desk": {"address": "support@example.com"},
    "intake": {
        "scan": {"command": ["/usr/bin/clamdscan", "-"]},
        "smtp": {},
        "lmtp": {},
        "imap": [{"host": "imap.example.com", "user": "support", "oauth2": _OAUTH2}],
        "maildir": [{"path": "folder"}],
    },
    "relay": {"user": "support", "oauth2": _OAUTH2, "tls": "implicit"},
    "levels": {f"level{number}": {"mailbox": f"level{number}@example.com"} for number in (1, 2, 3)},
    "promises": [{"inform_every": "1 day"}],
    "reports": [{"to": ["head@example.com"]}],
    "forms": {"example": {"title": "Form", "fields": [{"name": "where", "label": "Where"}]}},
    "rules": [{"name": "example"}],
    "hooks": [{"name": "example", "events": ["*"], "url": "https://example.org/"}],
    "queues": {"example": {"address": "other@example.com", "promises": [{"inform_every": "1 day"}]}},
}
# The required values written otherwise, and as few as possible: one of the three shows the default of each key.
_OTHERWISE: dict[str, Any] = {
    **_TABLES,
    "intake": {
        **_TABLES["intake"],
        "imap": [{"host": "imap.example.com", "user": "support", "oauth2": _OAUTH2_OF_GOOGLE}],
    },
    "relay": {"oauth2": _OAUTH2_OF_GOOGLE, "user": "support"},
    "promises": [{"warn_at": 0.5}],
    "hooks": [{"name": "example", "events": ["alarm"], "command": ["/usr/local/bin/hook"]}],
    "queues": {"example": {"address": "other@example.com", "promises": [{"warn_at": 0.5}]}},
}
LEAST: dict[str, Any] = {
    "desk": _TABLES["desk"],
    "levels": {name: _TABLES["levels"][name] for name in ("level1", "level2")},
}

# A kind of value for each label; the numbers lie around the bounds that keys have.
_SAMPLES: dict[str, Any] = {
    "any word": "nothing in particular",
    "empty text": "",
    "time on the clock": "10 minutes",
    "business time": "2 business hours",
    "size": "25 MiB",
    "time of day": "08:00",
    "day": "2026-12-24",
    "address": "anna@example.org",
    "domain": "@example.org",
    "language": "fr",
    "letters": "SUP",
    "zone": "Europe/Paris",
    "country": "DE",
    "URL": "https://example.org/",
    "network": "192.0.2.0/24",
    "header": "X-Spam: yes",
    "host and port": "127.0.0.1:2525",
    "socket": "unix:run/socket",
    "file mode": "0640",
    "colour": "#12ab3f",
    "SQLite": "sqlite:///other.db",
    "PostgreSQL": "postgresql+psycopg://user@host/name",
    "file": "file",
    "picture": "picture.png",
    "folder": "folder",
    "-1": -1,
    "0": 0,
    "1": 1,
    "10": 10,
    "11": 11,
    "65535": 65535,
    "65536": 65536,
    "0.5": 0.5,
    "true or false": True,
    "table of hours": {"mon-fri": ["09:00-17:00"]},
    "table with move": {"move": "Done"},
    "table of languages": {"en": "Where", "fr": "Où"},
}
_OF_THE_DEFAULT_QUEUE = ("levels", "promises", "waiting", "confirmation", "retain")  # the rest of it is [desk]
_TEXTS = frozenset(label for label, sample in _SAMPLES.items() if isinstance(sample, str))
_UNKNOWN = "(set)"
_CHOICE = "must be one of "
_PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


def draw_configuration(folder: Path) -> Iterator[str]:
    """Yields every key of the file: its default, or that it is required, and what it takes."""
    for name in ("secret", "file", "google.json"):
        (folder / name).write_text("0123456789abcdef\n")
    (folder / "picture.png").write_bytes(_PICTURE)
    (folder / "folder").mkdir()
    defaults = _read_defaults(folder)
    required = {key for key, words in _mistakes(folder, _hollow(_TABLES)) if words.startswith("missing")}
    tables = {key for key in defaults if any(other.startswith((f"{key}.", f"{key}[")) for other in defaults)}
    takes = _try_out(folder, defaults.keys() - tables, lambda sample: sample)
    lists = _try_out(folder, [key for key, found in takes.items() if not found], lambda sample: [sample])
    for key, default in sorted(defaults.items()):
        if key in tables:
            yield f"{key} = {default}  without its table"
        else:
            found = takes[key] or f"a list of {lists[key]}"
            yield f"{key} = {'(required)' if key in required else default}  takes {found}"
    for key, words in _mistakes(folder, {**_TABLES, "nonsense": 1}):
        yield f"{key}: {words.partition(';')[0]}"


def _try_out(folder: Path, keys: Iterable[str], put: Callable[[object], object]) -> dict[str, str]:
    """Returns what each key takes of the samples, in words; "" where it takes none."""
    taken: dict[str, list[str]] = {key: [] for key in keys}
    choices: dict[str, str] = {}
    for label, sample in _SAMPLES.items():
        wrong: dict[str, str] = {}
        for place, words in _mistakes(folder, _filled(_TABLES, taken, put(sample))):
            wrong |= {key: words for key in _upwards(place) if key in taken}
        for key, labels in taken.items():
            if key not in wrong:
                labels.append(label)
            elif wrong[key].startswith(_CHOICE):
                choices[key] = wrong[key].removeprefix(_CHOICE)
    return {key: choices.get(key) or ", ".join(_sum_up(labels)) for key, labels in taken.items()}


def _upwards(place: str) -> Iterator[str]:
    """Yields a place and all that it lies in: `a.b[].c`, `a.b[]`, `a.b`, `a`."""
    while place:
        yield place
        place = re.sub(r"(\[\]|\.?[^.\[\]]+)$", "", place)


def _sum_up(labels: list[str]) -> list[str]:
    """Returns the labels of what a key takes; "text" in place of those of all texts."""
    others = [label for label in labels if label not in _TEXTS]
    if set(labels) >= _TEXTS:
        return ["text", *others]
    return ["text that is not empty", *others] if set(labels) >= _TEXTS - {"empty text"} else labels


def _read_defaults(folder: Path) -> dict[str, str]:
    """Returns the keys with their defaults; a table that may be missing has one in LEAST."""
    found: dict[str, str] = {}
    for tables in (_TABLES, _OTHERWISE, LEAST):
        written = set(_keys_of(tables))
        for key, value in _flatten(_read(folder, tables)):
            if found.get(key, _UNKNOWN) == _UNKNOWN:
                found[key] = _UNKNOWN if key in written else _show(value, folder)
    return found


def _flatten(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Yields keys as the file names them, with their values."""
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            key = field.alias or name
            if not key.startswith("("):
                yield from _flatten(getattr(value, name), f"{path}.{key}".strip("."))
    elif isinstance(value, Mapping) and value and all(isinstance(one, BaseModel) for one in value.values()):
        for name, one in value.items():
            if (path, name) != ("queues", "default"):
                yield from _flatten(one, f"{path}.{name}")
            else:
                yield from ((key, inner) for key, inner in _flatten(one) if key.startswith(_OF_THE_DEFAULT_QUEUE))
    elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        yield from _flatten(value[0], f"{path}[]")
    else:
        yield path, value


def _show(value: object, folder: Path) -> str:
    """Spells a value without class names."""
    if isinstance(value, Enum):
        return _show(value.value, folder)
    if value is None or isinstance(value, str | bool | int | float):
        return json.dumps(value, ensure_ascii=False).replace(f"{folder}/", "")
    if isinstance(value, tuple | list):
        return f"[{', '.join(_show(one, folder) for one in value)}]"
    if isinstance(value, frozenset):
        return f"[{', '.join(sorted(_show(one, folder) for one in value))}]"
    if type(value).__str__ is object.__str__ and dataclasses.is_dataclass(value):
        return _show([getattr(value, field.name) for field in dataclasses.fields(value) if field.repr], folder)
    return json.dumps(str(value), ensure_ascii=False).replace(f"{folder}/", "")


def _keys_of(value: object, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _keys_of(one, f"{path}.{key}".strip("."))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from _keys_of(value[0], f"{path}[]")
    else:
        yield path


def _hollow(value: Any) -> Any:
    """Returns the tables without their keys."""
    if isinstance(value, dict):
        inside = {key: _hollow(one) for key, one in value.items()}
        return {key: one for key, one in inside.items() if one is not None}
    tables = isinstance(value, list) and isinstance(value[0], dict)
    return [_hollow(one) for one in value] if tables else None


def _filled(tables: Any, keys: Iterable[str], value: object) -> Any:
    """Returns the tables with the same value for every key."""
    filled = _hollow(tables)
    for key in keys:
        at = filled
        *path, last = key.split(".")
        for part in path:
            name, several, _ = part.partition("[]")
            at = at.setdefault(name, [{}])[0] if several else at.setdefault(name, {})
        at[last] = value
    return filled


def _read(folder: Path, tables: Mapping[str, Any]) -> BaseModel:
    return read_config(write(folder, tables))


def write(folder: Path, tables: Mapping[str, Any]) -> Path:
    path = folder / "mailgate.toml"
    path.write_text("\n".join(f"{key} = {_toml(value)}" for key, value in tables.items()), "utf-8")
    return path


def _mistakes(folder: Path, tables: Mapping[str, Any]) -> list[tuple[str, str]]:
    try:
        _read(folder, tables)
    except ConfigError as error:
        said = (line.partition(": ") for line in error.mistakes)
        return [(key.replace("[0]", "[]"), words.replace(f"{folder}/", "")) for key, _, words in said]
    return []


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{json.dumps(key)} = {_toml(one)}' for key, one in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)
