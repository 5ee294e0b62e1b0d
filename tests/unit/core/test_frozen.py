"""Copies of frozen dataclasses with changed fields are those of `dataclasses.replace`."""

from __future__ import annotations

import dataclasses
from dataclasses import FrozenInstanceError, dataclass, field
from datetime import UTC, datetime

import pytest

from mailgate.core.frozen import replace
from mailgate.core.mail import Address
from mailgate.core.workflow.events import Event
from mailgate.store.tickets import Ticket
from mailgate.tickets.events import TicketEvent

_AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_TICKET = Ticket(1, "support", "level1", "level1", "Printer", "anna@a.example", "Anna", "en", _AT, _AT, tags=("vpn",))


@dataclass(frozen=True, slots=True)
class _Checked:
    number: int
    double: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "double", self.number * 2)


@dataclass(frozen=True)
class _WithoutSlots:
    number: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Longer(_Checked):
    name: str = ""


@pytest.mark.parametrize(
    ("value", "changes"),
    [
        (_TICKET, {}),
        (_TICKET, {"state": "closed", "closed_at": _AT, "tags": ()}),
        (TicketEvent(Event.REQUEST, _AT, "desk"), {"text": "It works.", "author": Address("Anna", "anna@a.example")}),
        (Address("Anna", "anna@a.example"), {"name": ""}),
        (_Checked(2), {"number": 3}),
        (_Longer(2), {"name": "two"}),
        (_WithoutSlots(1, "one"), {"number": 2}),
    ],
)
def test_a_copy_is_that_of_the_standard_library(value: object, changes: dict[str, object]) -> None:
    copy = replace(value, **changes)  # type: ignore[type-var]
    assert copy == dataclasses.replace(value, **changes)  # type: ignore[type-var]
    assert copy is not value
    assert type(copy) is type(value)


def test_the_value_itself_stays_and_the_copy_is_frozen() -> None:
    copy = replace(_TICKET, notices=1)
    assert (_TICKET.notices, copy.notices) == (0, 1)
    with pytest.raises(FrozenInstanceError):
        copy.notices = 2  # type: ignore[misc]


@pytest.mark.parametrize("value", [_TICKET, _WithoutSlots(1)])
@pytest.mark.parametrize("name", ["nothing", "due"])
def test_a_name_that_is_no_field_is_an_error(value: object, name: str) -> None:
    with pytest.raises((AttributeError, TypeError)):
        replace(value, **{name: 1})  # type: ignore[type-var]
