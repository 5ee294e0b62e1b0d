"""Maps the first row of a directory file to its columns: names in English or French, without case and accents. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from mailgate.config.directory.csv_rows import CsvRow, UnreadableFile

_PERSONS = {
    "address": "address", "mail": "address", "e mail": "address", "email": "address", "email address": "address",
    "e mail address": "address", "mail address": "address", "adresse": "address", "courriel": "address",
    "adresse mail": "address", "adresse e mail": "address", "adresse email": "address",
    "adresse electronique": "address", "adresse de courriel": "address", "adresse courriel": "address",
    "name": "name", "full name": "name", "display name": "name", "nom": "name", "nom complet": "name",
    "last name": "name", "surname": "name", "family name": "name", "nom de famille": "name",
    "nom affiche": "name", "first name": "first_name", "given name": "first_name", "prenom": "first_name",
    "nom et prenom": "name", "prenom et nom": "name",
    "department": "department", "departement": "department", "service": "department", "unite": "department",
    "direction": "department",
    "language": "language", "langue": "language",
    "timezone": "zone", "time zone": "zone", "fuseau horaire": "zone", "fuseau": "zone",
    "vip": "vip",
}  # fmt: skip
_EQUIPMENT = {
    **{name: role for name, role in _PERSONS.items() if role == "address"},
    "address or department": "owner", "owner": "owner", "user": "owner", "adresse ou departement": "owner",
    "adresse ou service": "owner", "proprietaire": "owner", "utilisateur": "owner",
    "department": "department", "departement": "department", "unite": "department", "direction": "department",
    "asset": "asset", "equipment": "asset", "device": "asset", "equipement": "asset", "materiel": "asset",
    "appareil": "asset", "poste": "asset", "actif": "asset",
    "service": "service",
    "last change": "last_change", "changed": "last_change", "dernier changement": "last_change",
    "derniere modification": "last_change", "dernier changement le": "last_change",
}  # fmt: skip


class Columns:
    """Columns of one file, known from its first row. Raises UnreadableFile where a needed one is missing."""

    def __init__(self, first: CsvRow, names: Mapping[str, str], needed: Sequence[tuple[str, ...]]) -> None:
        self._places: dict[str, int] = {}
        for place, name in enumerate(first.fields):
            role = names.get(_fold(name))
            if role is not None:
                self._places.setdefault(role, place)
        for roles in needed:
            if not any(role in self._places for role in roles):
                wanted = " or ".join(f'"{role.replace("_", " ")}"' for role in roles)
                raise UnreadableFile(
                    f"line {first.line}: no column is named {wanted}; the first row must name the columns"
                )

    def get(self, row: CsvRow, role: str) -> str:
        """The field of that column in one line, "" where there is none."""
        place = self._places.get(role, len(row.fields))
        return " ".join(row.fields[place].split()) if place < len(row.fields) else ""


def columns_of_people(first: CsvRow) -> Columns:
    return Columns(first, _PERSONS, [("address",)])


def columns_of_equipment(first: CsvRow) -> Columns:
    return Columns(first, _EQUIPMENT, [("address", "department", "owner"), ("asset",)])


def count_people_columns(names: Sequence[str]) -> int:
    """How many names of columns of people there are."""
    return sum(_fold(name) in _PERSONS for name in names)


def count_equipment_columns(names: Sequence[str]) -> int:
    """How many names of columns of equipment there are."""
    return sum(_fold(name) in _EQUIPMENT for name in names)


def _fold(name: str) -> str:
    """`Dernière_modification` → `derniere modification`."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", name) if not unicodedata.combining(one))
    return " ".join("".join(one if one.isalnum() else " " for one in plain.casefold()).split())
