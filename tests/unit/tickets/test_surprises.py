"""The table of what an agent does not expect of their own mail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mailgate.core.mail import Address
from mailgate.core.workflow.engine import Decision
from mailgate.core.workflow.events import Event, State
from mailgate.store.tickets import Ticket
from mailgate.tickets.events import TicketEvent
from mailgate.tickets.surprises import Surprise, find_surprises
from mailgate.tickets.values import SentNotice
from tests.support.desk import MONDAY, TestDesk

ALICE = Address("Alice", "alice@example.com")
COPY, CONFIRM = SentNotice("copy", "level1@example.com"), SentNotice("confirm", "anna@example.org")


@pytest.fixture
def ticket(tmp_path: Path, database_url: str) -> Iterator[Ticket]:
    desk = TestDesk(tmp_path, database=database_url)
    desk.send(desk.mail("anna@example.org", "The editor does not start.", subject="Editor"))
    yield desk.ticket()
    desk.close()


def step(event: Event, **more: object) -> tuple[TicketEvent, Decision]:
    command = event.info.command
    given = TicketEvent(event, MONDAY, ALICE.address, author=ALICE, command=command.name if command else "")
    return replace(given, **more), Decision("a row", State.LEVEL1, ())  # type: ignore[arg-type]


def found(
    ticket: Ticket,
    *steps: tuple[TicketEvent, Decision],
    sent: tuple[SentNotice, ...] = (),
    copied: bool = False,
    away: bool = False,
    lacks: bool = False,
    unasked: bool = False,
    assignee: str = "",
) -> list[Surprise]:
    was = replace(ticket, assignee=assignee)
    return list(find_surprises(steps, was, was, sent, copied=copied, away=away, lacks=lacks, unasked=unasked))


def test_an_order_that_did_what_it_said_is_none(ticket: Ticket) -> None:
    assert found(ticket, step(Event.TIME, argument="15m"), step(Event.TYPE, argument="incident")) == []
    assert found(ticket, step(Event.RESOLVE, text="Done."), sent=(CONFIRM, COPY), copied=True, away=True) == []
    assert found(ticket, step(Event.CC, argument="ben@example.org")) == []
    escalated = SentNotice("escalation", "level2@example.com"), SentNotice("escalated", "anna@example.org")
    assert found(ticket, step(Event.ESCALATE), sent=escalated) == []


def test_each_reason_of_the_table(ticket: Ticket) -> None:
    assert found(ticket, step(Event.UNDO)) == [Surprise.UNDONE]
    assert found(ticket, step(Event.PRIORITY, new_due=MONDAY + timedelta(hours=1))) == [Surprise.DEADLINE]
    assert found(ticket, step(Event.SPLIT)) == [Surprise.OPENED]
    other = SentNotice("answer", "ben@example.org", "SUP-2")
    assert found(ticket, step(Event.ANSWERED, text="Hi"), sent=(other,)) == [Surprise.OTHER_TICKETS]
    for event in (Event.ANSWERED, Event.RESOLVE, Event.CLOSE, Event.TAKE, Event.ASSIGN, Event.ESCALATE):
        assert found(ticket, step(event), assignee="bob@example.com") == [Surprise.COLLEAGUE]
    given = step(Event.ASSIGN, argument="bob@example.com")
    instead = SentNotice("assigned", "level1@example.com")
    assert found(ticket, given, sent=(instead,)) == [Surprise.ASSIGNEE_AWAY]
    assert found(ticket, given, sent=(SentNotice("assigned", "bob@example.com"),)) == []
    long = step(Event.NOTE, text="The lamp is at its end, and so the head of Purchasing had better not hear.")
    assert found(ticket, long, step(Event.ANSWERED, text="Hi")) == [Surprise.LONG_NOTE]
    assert found(ticket, long, step(Event.ANSWERED, text="Hi"), copied=True) == []
    assert found(ticket, long) == []
    final = SentNotice("final", "ben@example.org")
    assert found(ticket, step(Event.CLOSE), sent=(final,)) == [Surprise.PARTICIPANT]
    assert found(ticket, step(Event.CLOSE), sent=(final,), copied=True) == []
    assert found(ticket, step(Event.CLOSE), sent=(CONFIRM,), away=True) == [Surprise.REQUESTER_AWAY]
    due = replace(ticket, promise_due=MONDAY, hidden_until=MONDAY + timedelta(hours=1))
    assert found(due, step(Event.LATER)) == [Surprise.LATE_WHEN_BACK]
    assert found(replace(due, hidden_until=MONDAY), step(Event.LATER)) == []
    assert found(replace(due, waiting_since=MONDAY), step(Event.LATER)) == []
    assert found(ticket, step(Event.RESOLVE), unasked=True) == [Surprise.NOT_ASKED]
    more = step(Event.APPROVE_BY, argument="boss@example.com", has_more=True)
    assert found(ticket, more) == [Surprise.ONLY_APPROVER]
    assert found(ticket, more, copied=True) == []
    for state in ("finalizing", "closed"):
        assert found(replace(ticket, state=state), step(Event.TAKE)) == [Surprise.ENDED]


def test_notes_and_classification_of_a_colleagues_ticket_are_none(ticket: Ticket) -> None:
    for event in (Event.NOTE, Event.TIME, Event.TYPE, Event.PRIORITY, Event.CAUSE, Event.STATUS):
        assert found(ticket, step(event), assignee="bob@example.com") == []
    assert found(ticket, step(Event.ANSWERED), assignee=ALICE.address) == []
