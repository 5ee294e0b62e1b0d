"""Rows → people and equipment, and what could not be used, by line. Pure; linear in the text.

An invalid field of a person costs that field, not the person: `remarks` has it like the rows that are left
out. Of two rows for one address the first counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from mailgate.config.directory.columns import (
    Columns,
    columns_of_equipment,
    columns_of_people,
    count_equipment_columns,
    count_people_columns,
)
from mailgate.config.directory.csv_rows import CsvRow, UnreadableFile, decode, split_rows
from mailgate.config.directory.entries import Equipment, Person
from mailgate.core.domains import fold_address
from mailgate.core.text import ellipsis

Entry = TypeVar("Entry")

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,64}@[^\s@<>()\[\],;:\"\\]{1,255}|@[^\s@<>()\[\],;:\"\\]{1,255}")
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]{2,8})*", re.IGNORECASE)
_LANGUAGES = {
    "english": "en", "anglais": "en", "french": "fr", "francais": "fr", "français": "fr", "german": "de",
    "allemand": "de", "deutsch": "de", "spanish": "es", "espagnol": "es", "italian": "it", "italien": "it",
    "dutch": "nl", "neerlandais": "nl", "néerlandais": "nl", "portuguese": "pt", "portugais": "pt",
}  # fmt: skip
_YES = frozenset({"yes", "y", "oui", "o", "ja", "j", "si", "sí", "sì", "sim", "true", "vrai", "wahr", "1", "x", "vip"})
_NO = frozenset({"", "no", "n", "non", "nein", "false", "faux", "0", "-"})
_SHOWN = 60  # letters of a wrong field in a remark


class _Wrong(Exception):
    """Raised for a row that cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Entries(Generic[Entry]):
    """The content of a file: its entries, and a remark for each line that could not be used, or not whole."""

    entries: tuple[Entry, ...]
    remarks: tuple[str, ...]


def read_people(raw: bytes) -> Entries[Person]:
    """Reads the people of a CSV file. Raises UnreadableFile."""
    seen: dict[str, int] = {}
    zones: dict[str, ZoneInfo | None] = {}
    shared: dict[str, str] = {}  # departments stand in thousands of rows: each is kept once

    def read(row: CsvRow, columns: Columns, remark: Callable[[str], None]) -> Person:
        address = _address(columns.get(row, "address"))
        _note_once(seen, address, row)
        name = f"{columns.get(row, 'first_name')} {columns.get(row, 'name')}".strip()
        department = columns.get(row, "department")
        if address.startswith("@"):  # the name is that of the organization, not of a person
            name, department = "", department or name
        return Person(
            address, name, shared.setdefault(department, department), _language(columns.get(row, "language"), remark),
            _zone(columns.get(row, "zone"), zones, remark), _is_vip(columns.get(row, "vip"), remark),
        )  # fmt: skip

    return _read(raw, count_people_columns, columns_of_people, read)


def read_equipment(raw: bytes) -> Entries[Equipment]:
    """Reads the equipment of a CSV file. Raises UnreadableFile."""

    def read(row: CsvRow, columns: Columns, _remark: Callable[[str], None]) -> Equipment:
        owner = columns.get(row, "address") or columns.get(row, "owner")
        if columns.get(row, "address") or "@" in owner:
            owner = _address(owner)
        owner = owner or columns.get(row, "department")
        asset = columns.get(row, "asset")
        if not owner:
            raise _Wrong("it has neither an address nor a department")
        if not asset:
            raise _Wrong("it has no asset")
        return Equipment(owner, asset, columns.get(row, "service"), columns.get(row, "last_change"))

    return _read(raw, count_equipment_columns, columns_of_equipment, read)


def _read(
    raw: bytes,
    count_known: Callable[[Sequence[str]], int],
    name_columns: Callable[[CsvRow], Columns],
    read: Callable[[CsvRow, Columns, Callable[[str], None]], Entry],
) -> Entries[Entry]:
    rows = split_rows(decode(raw), count_known)
    first = next(rows, None)
    if first is None:
        raise UnreadableFile("it is empty; its first row must name the columns")
    columns = name_columns(first)
    entries: list[Entry] = []
    remarks: list[str] = []
    for row in rows:
        try:
            if row.broken:
                raise _Wrong(row.broken)
            said: list[str] = []
            entries.append(read(row, columns, said.append))
            remarks.extend(f"line {row.line}: {words}" for words in said)
        except _Wrong as wrong:
            remarks.append(f"line {row.line} is left out: {wrong}")
    if not entries:
        why = f"; {remarks[0]}" if remarks else ""
        raise UnreadableFile(f"none of its rows can be used{why}")
    return Entries(tuple(entries), tuple(remarks))


def _note_once(seen: dict[str, int], address: str, row: CsvRow) -> None:
    line = seen.setdefault(fold_address(address), row.line)
    if line != row.line:
        raise _Wrong(f"{address} is already in line {line}")


def _address(text: str) -> str:
    if not text:
        raise _Wrong("it has no address")
    if not _ADDRESS.fullmatch(text):
        raise _Wrong(
            f'"{ellipsis(text, _SHOWN)}" is not an address; write only the address, or @example.com for everyone there'
        )
    return text


def _language(text: str, remark: Callable[[str], None]) -> str:
    if not text:
        return ""
    if known := _LANGUAGES.get(text.casefold()):
        return known
    if found := _LANGUAGE.fullmatch(text):
        return found[1].lower()
    remark(f'"{ellipsis(text, _SHOWN)}" is not a language; write a code such as fr. The rest of the line is used')
    return ""


def _zone(text: str, zones: dict[str, ZoneInfo | None], remark: Callable[[str], None]) -> ZoneInfo | None:
    if not text:
        return None
    if text not in zones:
        zones[text] = _find_zone(text)
    if zones[text] is None:
        shown = ellipsis(text, _SHOWN)
        remark(f'there is no time zone "{shown}"; write one such as Europe/Paris. The rest of the line is used')
    return zones[text]


def _find_zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not there, no name of a zone, or a folder of zones
        return None


def _is_vip(text: str, remark: Callable[[str], None]) -> bool:
    word = text.casefold()
    if word not in _YES and word not in _NO:
        remark(f'vip is "{ellipsis(text, _SHOWN)}"; write yes or no. The rest of the line is used')
    return word in _YES
