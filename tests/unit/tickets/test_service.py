"""The ticket service decides each event once, and computes an SLA account once for each state of the history."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgate.core.sla import replay as fold
from mailgate.store.events import NewEvent
from mailgate.store.people import list_participants
from mailgate.store.unit_of_work import UnitOfWork
from mailgate.tickets.decisions import Decider
from mailgate.tickets.sla.deadlines import account_in
from tests.support.desk import TestDesk

ANNA, ALICE = "Anna Martin <anna@example.org>", "Alice <alice@example.com>"


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    desk = TestDesk(tmp_path, database=database_url)
    desk.send(desk.mail(ANNA, "The editor does not start.", subject="Editor"))
    yield desk
    desk.close()


@pytest.fixture
def decided(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The events that are decided, in order."""
    events: list[str] = []
    decide = Decider.decide

    def note(self: Decider, connection, ticket, ticket_event):  # type: ignore[no-untyped-def]
        events.append(ticket_event.event.value)
        return decide(self, connection, ticket, ticket_event)

    monkeypatch.setattr(Decider, "decide", note)
    return events


def order(desk: TestDesk, text: str) -> None:
    desk.send(desk.answer(ALICE, text, desk.delivered("level1@example.com")[0]))


def participants(desk: TestDesk) -> set[str]:
    (ticket,) = desk.tickets()
    with desk.desk.database.read() as connection:
        return {row.address for row in list_participants(connection, ticket.id)}


def test_a_command_is_decided_once(desk: TestDesk, decided: list[str]) -> None:
    order(desk, "#take")
    assert decided == ["take"]


def test_a_command_is_decided_anew_after_one_that_changed_the_ticket(desk: TestDesk, decided: list[str]) -> None:
    order(desk, "#note It is the network.\n#type incident\n#cause network")
    assert decided == ["note", "type", "cause", "cause"], "a note changes nothing that decisions look at"


def test_a_command_that_another_one_makes_impossible_undoes_both(desk: TestDesk) -> None:
    order(desk, "#cc nora@example.net\n#ask nora@example.net\n\nDo you know it?")
    assert participants(desk) == {"anna@example.org"}
    assert "nora@example.net belongs to this ticket" in desk.delivered("alice@example.com")[-1].text
    assert desk.delivered("nora@example.net") == []


def test_an_account_is_computed_once_until_the_history_changes(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    (ticket,) = desk.tickets()
    folded: list[int] = []
    account = fold._Fold.account

    def note(self: fold._Fold):  # type: ignore[no-untyped-def]
        folded.append(1)
        return account(self)

    monkeypatch.setattr(fold._Fold, "account", note)
    now = desk.clock.now()
    with desk.desk.database.write() as connection:
        batch = UnitOfWork(connection, ticket.id, now)
        first = account_in(batch, desk.settings, ticket, now)
        assert account_in(batch, desk.settings, ticket, now) is first
        assert len(folded) == 1
        batch.add_event(NewEvent(now, "note", ticket.state, ticket.state, "#note", "alice@example.com"))
        assert len(account_in(batch, desk.settings, ticket, now).entries) == len(first.entries) + 1
        assert len(folded) == 2
