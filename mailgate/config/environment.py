"""Settings from environment variables: MAILGATE_DESK__ADDRESS is `address` of [desk].

Two underscores stand between the parts of a key; a number is the place in a list of tables, as in
MAILGATE_INTAKE__IMAP__0__HOST. Keys are in small letters. A value is TOML where it is TOML, otherwise text. Pure.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from mailgate.config.errors import key_text, keys_of
from mailgate.config.inheritance import QUEUE_TABLES, Key, Tables
from mailgate.config.settings import Settings
from mailgate.config.tables import ConfigTable

SYSTEM_FILE = Path("/etc/mailgate/mailgate.toml")
"""The one configuration file that may be missing, where the environment has settings."""

_PREFIX, _BETWEEN = "MAILGATE_", "__"
_NUMBER = re.compile(r"\d{1,4}")
_SERVICE = re.compile(r"(?:tcp|udp|sctp)://")
_NAMED_TABLES = ("queues", "forms")  # tables whose keys are names that the operator gives
_TOP = (*keys_of(Settings), *QUEUE_TABLES)


def list_variables(environment: Mapping[str, str]) -> dict[str, Key]:
    """Returns the variables that are settings, each with its key, in the order in which they are applied.

    Variables without two underscores are settings only if they name a whole table, such as MAILGATE_RULES: others may
    belong to anything, such as MAILGATE_CONFIG or the MAILGATE_PORT that Kubernetes sets.
    """
    found = {}
    for name in environment:
        rest = name.removeprefix(_PREFIX)
        if rest != name and (_BETWEEN in rest or rest.lower() in _TOP):
            found[name] = tuple(_read_part(part) for part in rest.lower().split(_BETWEEN))
    return dict(sorted(found.items(), key=lambda one: [str(part).zfill(4) for part in one[1]]))


def lay_over(tables: Tables, environment: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Returns the tables with the settings of the environment laid over them, and the mistakes in their names."""
    mistakes = list(_find_misspelled(environment))
    for name, key in list_variables(environment).items():
        if key[0] not in _TOP:
            mistakes.append(f"{name}: {_meant(str(key[0]), key[1:])}")
            continue
        try:
            tables = _put(tables, key, _read_value(environment[name]), key[:1])
        except ValueError as error:
            mistakes.append(f"{name}: {error}")
    return dict(tables), mistakes


def name_origin(mistake: str, environment: Mapping[str, str]) -> str:
    """Returns a mistake, which begins with its key, with the variable that it comes from, if it comes from one."""
    place = mistake.partition(": ")[0]
    for name, key in list_variables(environment).items():
        text = key_text(key)
        if place == text or place.startswith((f"{text}.", f"{text}[")):
            return f"{mistake} (set by {name})"
    return mistake


def _read_part(part: str) -> str | int:
    return int(part) if _NUMBER.fullmatch(part) else part


def _read_value(text: str) -> Any:
    try:
        read = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    value = read["value"] if read.keys() == {"value"} else text
    # A hexadecimal number may have more digits than Python prints in an error.
    return text if isinstance(value, int) and value.bit_length() > 64 else value


def _put(inside: Any, key: Key, value: Any, path: Key) -> Any:
    """Returns a table or a list with a value at a key; `path` is the part of the key up to this step."""
    part, rest = key[0], key[1:]
    if isinstance(inside, list) or (inside is None and isinstance(part, int) and path[0] not in _NAMED_TABLES):
        items = list(inside or ())
        if not isinstance(part, int):
            raise ValueError(f"{key_text(path[:-1])} is a list; write the number of a table, from 0, before {part}")
        if part > len(items):
            raise ValueError(
                f"there is no {key_text((*path[:-1], len(items)))}; number the tables from 0, without gaps"
            )
        new = _put(items[part] if part < len(items) else None, rest, value, (*path, rest[0])) if rest else value
        return [*items[:part], new, *items[part + 1 :]]
    if inside is not None and not isinstance(inside, Mapping):
        raise ValueError(f"{key_text(path[:-1])} is not a table")
    table, name = dict(inside or {}), str(part)
    table[name] = _put(table.get(name), rest, value, (*path, rest[0])) if rest else value
    return table


def _meant(first: str, rest: Key) -> str:
    near = get_close_matches(first, _TOP, n=1)
    if not near:
        return f"there is no table {first}; the tables are {', '.join(_TOP)}"
    return f"there is no table {first}; did you mean {_name((near[0], *rest))}?"


def _name(key: Key) -> str:
    return _PREFIX + _BETWEEN.join(str(part).upper() for part in key)


def _find_misspelled(environment: Mapping[str, str]) -> Iterator[str]:
    """Finds variables with one underscore where two are meant: MAILGATE_DESK_ADDRESS.

    Kubernetes sets MAILGATE_RELAY_PORT to "tcp://10.0.0.1:25" beside a service "mailgate-relay".
    """
    for name, value in environment.items():
        rest = name.removeprefix(_PREFIX).lower()
        table, _, key = rest.partition("_")
        field = Settings.model_fields.get(table)
        if not name.startswith(_PREFIX) or _BETWEEN in rest or field is None or _SERVICE.match(value):
            continue
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, ConfigTable) and key in keys_of(kind):
            yield f"{name}: two underscores stand between a table and a key; did you mean {_name((table, key))}?"
