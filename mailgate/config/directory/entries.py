"""The directory: people and equipment, by address; each lookup is one dictionary access."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from mailgate.core.domains import fold_address


@dataclass(frozen=True, slots=True)
class Person:
    """A person who may write. `address` is as the file has it, or `@example.com` for a whole domain, without a name."""

    address: str
    name: str = ""
    department: str = ""
    language: str = ""
    zone: ZoneInfo | None = None
    vip: bool = False


@dataclass(frozen=True, slots=True)
class Equipment:
    """Equipment of a person, a domain or a department: `owner` is an address, `@example.com`, or the name
    of the department. `last_change` is in the words of the file."""

    owner: str
    asset: str
    service: str = ""
    last_change: str = ""


class Directory:
    """People and equipment as they were read at one time; nothing of it changes.

    `people_known` says whether there is a list of people that can be relied on: where there is none, `knows` answers no
    to everybody, and nobody should be turned away for it.
    """

    def __init__(
        self, people: Iterable[Person] = (), equipment: Iterable[Equipment] = (), *, people_known: bool = False
    ) -> None:
        self.people_known = people_known
        self._people = {fold_address(person.address): person for person in people}
        self._equipment: defaultdict[str, list[Equipment]] = defaultdict(list)
        for piece in equipment:
            self._equipment[fold_owner(piece.owner)].append(piece)

    def person(self, address: str) -> Person | None:
        """Returns the person with this address, else the entry of its domain; None for neither."""
        key = fold_address(address)
        return self._people.get(key) or self._people.get(_domain_of(key))

    def knows(self, address: str) -> bool:
        """Tells whether the directory has this address or its domain."""
        return self.person(address) is not None

    def name_of(self, address: str) -> str:
        """Returns the name of the person with this address; "" where there is none."""
        person = self._people.get(fold_address(address))
        return person.name if person is not None else ""

    def equipment_of(self, address: str, department: str) -> tuple[Equipment, ...]:
        """Returns the equipment of a person: their own first, then that of their domain and of their department."""
        if not self._equipment:
            return ()
        key = fold_address(address)
        owners = (key, _domain_of(key), fold_owner(department))
        return tuple(piece for owner in owners if owner for piece in self._equipment.get(owner, ()))

    def zone_of(self, address: str, default: ZoneInfo) -> ZoneInfo:
        """Returns the time zone in which a person reads times."""
        person = self.person(address)
        return default if person is None or person.zone is None else person.zone


def _domain_of(key: str) -> str:
    """Returns the entry of an address's whole domain: `@example.org`."""
    _, mark, domain = key.rpartition("@")
    return mark + domain


def fold_owner(owner: str) -> str:
    """An address or a department as it is compared: without case, and with single spaces."""
    return " ".join((fold_address(owner) if "@" in owner else owner.casefold()).split())
