"""Gathered decisions: nothing is lost or told twice by a restart, a failure, or a second process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailgate.daemon.workers.decisions import DecisionWorker
from mailgate.store.messages import list_messages
from mailgate.store.schema import timers
from mailgate.store.work_queue import next_due
from tests.support.desk import Delivered, TestDesk

ALICE, LEVEL1 = "Alice <alice@example.com>", "level1@example.com"
FIRED = datetime(2026, 12, 2, 8, 0, tzinfo=UTC)  # seven business days after Monday, nine o'clock in Paris
OPENS = FIRED + timedelta(days=1)


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    made = TestDesk(tmp_path, database=database_url)
    for number, name in enumerate(("anna", "ben")):
        made.send(made.mail(f"{name}@example.org", "It is broken.", subject=f"Word {number}"))
        made.send(made.answer(ALICE, "#resolve Restarted.", made.last(LEVEL1, "request")))
    yield made
    made.close()


def asked(desk: TestDesk) -> list[Delivered]:
    return [mail for mail in desk.delivered(LEVEL1) if mail.notice in ("decisions", "decision")]


def restart(desk: TestDesk) -> DecisionWorker:
    """Another process, which remembers nothing."""
    desk.workers["decisions"] = worker = DecisionWorker(desk.desk)
    return worker


def test_a_restart_loses_nothing_and_tells_nothing_twice(desk: TestDesk) -> None:
    desk.pass_until(FIRED)
    restart(desk)
    desk.pass_until(OPENS - timedelta(minutes=1))
    assert asked(desk) == []
    restart(desk)
    desk.pass_until(OPENS)
    (mail,) = asked(desk)
    assert (mail.notice, mail.at) == ("decisions", OPENS)
    restart(desk)
    desk.pass_until(OPENS + timedelta(days=1))
    assert len(asked(desk)) == 1


def test_what_was_due_while_the_desk_was_off_comes_at_the_start(desk: TestDesk) -> None:
    desk.pass_until(FIRED)
    desk.clock.set(OPENS + timedelta(hours=9))
    restart(desk)
    desk.settle()
    assert len(asked(desk)) == 1


def test_two_processes_tell_it_once(desk: TestDesk) -> None:
    desk.pass_until(FIRED)
    desk.clock.set(OPENS)
    first, second = DecisionWorker(desk.desk), DecisionWorker(desk.desk)
    assert (first.step(), second.step()) == (1, 0)


def test_a_mail_that_fails_is_tried_again(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.pass_until(FIRED)

    def fail(*_: object) -> None:
        raise RuntimeError("a bug")

    with monkeypatch.context() as broken:
        broken.setattr(desk.desk.system_notices, "send_decisions", fail)
        desk.pass_until(OPENS + timedelta(minutes=1))
    assert asked(desk) == []
    desk.pass_until(OPENS + timedelta(minutes=6))
    assert len(asked(desk)) == 1


def test_a_ticket_that_was_answered_meanwhile_is_left_out(desk: TestDesk) -> None:
    desk.pass_until(FIRED)
    desk.send(desk.answer("anna@example.org", "It works again.", desk.last("anna@example.org", "confirm")))
    desk.pass_until(OPENS)
    (mail,) = asked(desk)
    assert mail.notice == "decision", "of one ticket comes its own notice, whose reply is proven"
    assert "SUP-2" in mail.text
    desk.send(desk.answer(ALICE, "#close no answer", mail))
    assert [ticket.state for ticket in desk.tickets()] == ["finalizing", "finalizing"]


def test_the_history_of_each_ticket_has_it_and_a_reply_lands_in_none(desk: TestDesk) -> None:
    desk.pass_until(OPENS)
    (mail,) = asked(desk)
    with desk.desk.database.read() as connection:
        for ticket in (1, 2):
            told = [row for row in list_messages(connection, ticket) if row.notice == "decision"]
            assert [(row.recipients, row.at, row.message_id) for row in told] == [([LEVEL1], OPENS, "")]
        assert next_due(connection, timers, desk.clock.now()) == FIRED + timedelta(days=2), "asked again as ever"
    assert str(mail.message["Reply-To"]).startswith("support+DESK-")
    assert mail.message["Auto-Submitted"] == "auto-replied"
