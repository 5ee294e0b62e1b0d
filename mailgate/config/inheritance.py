"""Inheritance: each queue has the values of the desk, with those of its [queues.NAME] laid over them.

Pure. Works on the tables as TOML gives them, before anything is validated, so it takes whatever it finds: what is no
table stays as it is, for the validation to name. `Inheritance.key` leads a mistake back to the key that was written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mailgate.config.settings import DEFAULT_QUEUE, QUEUE_NAME, ContactTable, Settings

Tables = Mapping[str, Any]
Key = tuple[str | int, ...]

QUEUE_TABLES = ("levels", "promises", "waiting", "confirmation", "retain")  # tables of the file that only queues have
_OF_DESK = ("name", *ContactTable.model_fields)
_WHOLE = "business_hours"  # a queue's week replaces the desk's: the two would overlap
_RESOLVE_WITHIN = {"level1": "4 business hours", "level2": "2 business days", "level3": "2 business days"}
_STAND_INS = {
    "desk": {"address": "desk@localhost"},
    "levels": {"level1": {"mailbox": "level1@localhost"}, "level2": {"mailbox": "level2@localhost"}},
}
_QUEUE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True)
class Inheritance:
    """`data` is what `Settings` validates; `base` what the desk says, `overlays` what each queue says else."""

    data: dict[str, Any]
    base: Tables
    overlays: Tables

    def key(self, location: Key, kind: str) -> Key | None:
        """The key in the file that a mistake at `location` of the data comes from; None where another one tells it."""
        if location[0] != "queues" or len(location) < 3:
            return location
        name, rest = str(location[1]), location[2:]
        home = rest if rest[0] in QUEUE_TABLES else ("desk", *rest)
        overlay = self.overlays[name]
        missing = kind == "missing"
        own_table = missing and _is_written(overlay, rest[:-1]) and not _is_written(self.base, rest[:-1])
        if own_table or (not missing and _is_written(overlay, rest)):
            return location
        return home if missing or _is_written(self.base, rest) else None


def inherit_queues(tables: Tables) -> Inheritance:
    """Builds the tables to validate: every table present, every queue with the desk's values."""
    desk = _table(tables.get("desk"))
    base = {key: desk[key] for key in _OF_DESK if key in desk}
    base |= {key: tables[key] for key in QUEUE_TABLES if key in tables}
    data = {key: value for key, value in tables.items() if key not in QUEUE_TABLES}
    for name, field in Settings.model_fields.items():
        if field.is_required():
            data.setdefault(name, {})
    if isinstance(data["desk"], dict):
        data["desk"] = _with_people(desk)
    overlays: dict[str, Any] = {DEFAULT_QUEUE: {}}
    if isinstance(data["queues"], dict):
        overlays = {**data["queues"], DEFAULT_QUEUE: {}}
        data["queues"] = {name: _queue(name, base, overlay) for name, overlay in overlays.items()}
    return Inheritance(data, base, overlays)


def fill_in_required(tables: Tables) -> Tables:
    """Lays the tables over stand-ins for the keys without a default; nothing is sent by them."""
    return _merge(_STAND_INS, tables)


def without_key(tables: Tables, key: Key) -> dict[str, Any]:
    """Returns the tables without a key, or without the table or item that lacks it. Its first part must be written."""
    first, rest = str(key[0]), key[1:]
    if not rest or not _is_written(tables[first], rest[:1]):
        return {name: value for name, value in tables.items() if name != first}
    return {**tables, first: _without(tables[first], rest)}


def _without(value: Any, key: Key) -> Any:
    first, rest = key[0], key[1:]
    if rest and _is_written(value[first], rest[:1]):
        kept = _without(value[first], rest)
        if isinstance(value, tuple):
            return tuple(kept if place == first else item for place, item in enumerate(value))
        return {**value, first: kept}
    if isinstance(value, tuple):
        return tuple(item for place, item in enumerate(value) if place != first)
    return {name: item for name, item in value.items() if name != first}


def check_names(tables: Tables) -> list[str]:
    """The mistakes in the names of queues, as lines with their keys."""
    mistakes = []
    for name in _table(tables.get("queues")):
        if name == DEFAULT_QUEUE:
            mistakes.append("queues.default: this queue is the desk itself; write its keys in [desk]")
        elif not _QUEUE_NAME.fullmatch(name):
            mistakes.append(
                f"queues.{name}: a queue's name must be at most 32 letters, digits, hyphens and underscores"
            )
    return mistakes


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _with_people(desk: Tables) -> dict[str, Any]:
    """Fills in a missing operator (the domain's postmaster, RFC 5321 §4.5.1) and a missing manager (the operator)."""
    address = desk.get("address")
    domain = address.rpartition("@")[2] if isinstance(address, str) else ""
    operator = desk.get("operator", f"postmaster@{domain or 'localhost'}")
    return {**desk, "operator": operator, "manager": desk.get("manager", operator)}


def _queue(name: str, base: Tables, overlay: Any) -> Any:
    if not isinstance(overlay, dict):
        return overlay
    merged = _merge(base, overlay)
    levels = merged.get("levels", {})
    if isinstance(levels, dict):
        levels = {level: _with_promises(level, table) for level, table in levels.items()}
    return {"waiting": {}, "confirmation": {}, **merged, "levels": levels, QUEUE_NAME: name}


def _with_promises(name: str, level: Any) -> Any:
    if not isinstance(level, dict) or name not in _RESOLVE_WITHIN:
        return level
    resolve_within = level.get("resolve_within", _RESOLVE_WITHIN[name])
    return {"answer_within": resolve_within, "resolve_within": resolve_within, **level}


def _merge(base: Tables, overlay: Tables) -> dict[str, Any]:
    merged = dict(base)
    for key, value in overlay.items():
        known = base.get(key)
        both = isinstance(known, dict) and isinstance(value, dict) and key != _WHOLE
        merged[key] = _merge(known, value) if both and known else value
    return merged


def _is_written(tables: Any, key: Key) -> bool:
    """Tells whether that key is written in the tables."""
    for part in key:
        inside = isinstance(tables, dict) and part in tables
        if not inside and not (isinstance(tables, tuple) and isinstance(part, int) and part < len(tables)):
            return False
        tables = tables[part]
    return True
