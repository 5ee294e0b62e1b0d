"""Taking a step back: what waits never leaves, what is known stays as it was, and nobody sends meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from mailgate.core.mail import Envelope
from mailgate.store.events import list_events
from mailgate.store.journal import JournalEntry, append
from mailgate.store.messages import list_messages, list_seen
from mailgate.store.people import is_known
from mailgate.store.schema import outbox
from mailgate.store.undo import find_sent, find_step
from mailgate.store.work_queue import take
from tests.support.attackers import ALICE, ANNA, raw
from tests.support.desk import TestDesk

pytestmark = pytest.mark.postgresql


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    desk = TestDesk(tmp_path, database=database_url)
    desk.send(desk.mail(ANNA, "Word does not start.", subject="Secret"))
    yield desk
    desk.close()


def decide(desk: TestDesk, *mails: EmailMessage) -> None:
    """Let the worker work these mails off while no courier is there."""
    with desk.desk.database.write() as connection:
        for mail in mails:
            envelope = Envelope("alice@example.com", (str(mail["To"]),), "test", desk.clock.now())
            append(connection, JournalEntry(envelope, raw(mail), str(mail["Message-ID"]).strip("<>")))
    while desk.inbound.step():
        pass


def answer(desk: TestDesk, text: str) -> EmailMessage:
    return desk.answer(ALICE, text, desk.last("level1@example.com", "request"))


def test_a_plain_answer_that_waits_never_leaves(desk: TestDesk) -> None:
    decide(desk, answer(desk, "Your password is hunter2."), answer(desk, "#undo"))
    desk.settle()
    assert [mail.notice for mail in desk.delivered("anna@example.org")] == ["receipt"]
    with desk.desk.database.read() as connection:
        assert "answer" not in [row.notice for row in list_messages(connection, 1)]
        assert [row.event for row in list_events(connection, 1) if row.undone] == ["answer"]


def test_what_was_not_sent_makes_nobody_known_and_no_id_seen(desk: TestDesk) -> None:
    """Rules 4 and 13: nothing left, so the next notice names neither the subject nor the mail that stayed."""
    decide(desk, answer(desk, "#resolve I reinstalled it."), answer(desk, "#undo"))
    with desk.desk.database.read() as connection:
        assert not is_known(connection, "anna@example.org")
        ids = set(connection.execute(select(outbox.c.message_id).where(outbox.c.last_error == "taken back")).scalars())
        assert ids
        assert not ids & {sight.message_id for sight in list_seen(connection, 1)}
    desk.settle()
    assert desk.ticket().state == "level1"
    decide(desk, answer(desk, "#escalate It is beyond me."))
    desk.settle()
    assert "Secret" not in str(desk.last("anna@example.org", "escalated").message["Subject"])


def test_nobody_takes_a_notice_while_it_is_decided_whether_it_comes_back(desk: TestDesk) -> None:
    if desk.desk.database.sqlite:
        pytest.skip("SQLite has one writer: nobody takes anything meanwhile")
    decide(desk, answer(desk, "#resolve I reinstalled it."))
    with desk.desk.database.write() as connection:
        step = find_step(connection, 1)
        assert step is not None
        assert find_sent(connection, step, ()) == []
        with desk.desk.database.write() as courier:
            assert take(courier, outbox, desk.clock.now(), 10, desk.desk.settings.limits.lease.span) == []


def test_what_others_wait_for_is_not_withdrawn(desk: TestDesk) -> None:
    status = desk.answer("Bob <bob@example.com>", "#status", desk.last("level1@example.com", "request"))
    decide(desk, answer(desk, "#priority high"), status, answer(desk, "#undo"))
    desk.settle()
    assert [mail.notice for mail in desk.delivered("bob@example.com")] == ["status"]
    assert desk.ticket().priority == "normal"
