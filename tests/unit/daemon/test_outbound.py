"""The status of a notice: sent, refused and reported, or not sent yet; and what waits when the relay works again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from mailgate.store.outbox import OutboxRow, QueuedNotice, put_notices
from mailgate.store.schema import outbox, timers
from mailgate.store.work_queue import requeue
from mailgate.transport.relay import Deferred, Rejected, Skipped
from tests.support.desk import CONFIG, MONDAY, TestDesk

pytestmark = pytest.mark.postgresql

DOWN = Deferred("the relay cannot be reached: Connection refused")
ANNA = "anna@example.org"


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    found = TestDesk(tmp_path, database=database_url)
    yield found
    found.close()


def _rows(desk: TestDesk) -> list[OutboxRow]:
    with desk.desk.database.read() as connection:
        return [OutboxRow._make(row) for row in connection.execute(select(outbox).order_by(outbox.c.id))]


def test_a_sent_notice_tells_when_and_with_what_reply(desk: TestDesk) -> None:
    desk.relay.down = DOWN
    desk.send(desk.mail(ANNA, "Word does not start.", subject="Word"))
    first = _rows(desk)[0]
    assert (first.state, first.sent_at, first.relay_reply, first.last_error) == ("waiting", None, "", DOWN.words)
    desk.relay.down = Deferred("451 4.3.0 later")
    desk.pass_time("1 minute")
    assert _rows(desk)[0].relay_reply == "451 4.3.0 later"
    desk.relay.down = None
    desk.pass_time("5 minutes")
    first = _rows(desk)[0]
    assert (first.state, first.relay_reply, first.last_error) == ("done", "250 ok", "")
    assert first.created_at == MONDAY
    assert first.sent_at == desk.delivered(ANNA)[0].at > MONDAY


def test_a_refused_notice_of_which_a_person_is_told_is_failed(desk: TestDesk) -> None:
    desk.relay.refuse["nosuch@example.org"] = Rejected("550 5.1.1 User unknown")
    desk.send(desk.mail("nosuch@example.org", "Word does not start.", subject="Word"))
    receipt = _rows(desk)[0]
    assert (receipt.state, receipt.relay_reply) == ("failed", "550 5.1.1 User unknown")
    assert desk.last("level1@example.com", "failed")
    with desk.desk.database.write() as connection:
        assert requeue(connection, outbox, [receipt.id], desk.clock.now()) == [receipt.id]


def test_a_skipped_notice_stays_parked(desk: TestDesk) -> None:
    desk.relay.refuse[ANNA] = Skipped("dry run")
    desk.send(desk.mail(ANNA, "Word does not start.", subject="Word"))
    assert (_rows(desk)[0].state, _rows(desk)[0].last_error) == ("parked", "dry run")


def test_of_a_refused_notice_of_no_ticket_the_operator_is_told_unless_it_was_theirs(desk: TestDesk) -> None:
    for address, notice in (("boss@example.com", "report"), ("operator@example.com", "alarm")):
        desk.relay.refuse = {address: Rejected("550 5.1.1 User unknown")}
        row = QueuedNotice(notice, 0, "house", "default", address, "", f"{notice}@x", False, 9, b"Hello\r\n")
        with desk.desk.database.write() as connection:
            put_notices(connection, (row,), desk.clock.now())
        desk.settle()
    assert [(row.notice, row.state) for row in _rows(desk)] == [
        ("report", "failed"),
        ("alarm", "done"),
        ("alarm", "parked"),
    ]
    assert "boss@example.com failed: 550 5.1.1 User unknown" in desk.last("operator@example.com", "alarm").text


@pytest.mark.parametrize("restarted", [False, True])
def test_the_first_success_after_an_outage_wakes_what_waits_because_of_the_relay(
    desk: TestDesk, restarted: bool
) -> None:
    greylisted = "grey@example.org"
    desk.relay.refuse[greylisted] = Deferred("450 4.2.0 greylisted", of_recipient=True)
    desk.send(desk.mail(greylisted, "Paper jam.", subject="Printer"))
    desk.relay.down = DOWN
    desk.send(desk.mail(ANNA, "Word does not start.", subject="Word"))
    desk.pass_time("3 hours")
    desk.clock.advance(timedelta(minutes=1))
    if restarted:
        desk.restart(CONFIG)
    desk.relay.down = None
    del desk.relay.refuse[greylisted]
    with desk.desk.database.write() as connection:  # its recipient was full in the outage
        connection.execute(update(outbox).where(outbox.c.recipient == greylisted).values(of_recipient=True))
    before = desk.delivered(ANNA)
    desk.send(desk.mail("zoe@example.org", "My screen is black.", subject="Screen"))
    assert not before
    assert desk.last(ANNA, "receipt").at == desk.clock.now()
    assert not desk.delivered(greylisted)


def test_a_clock_that_was_set_back_does_not_keep_the_next_outage_waiting(desk: TestDesk) -> None:
    for turn, requester in enumerate((ANNA, "zoe@example.org")):
        desk.relay.down = DOWN
        desk.send(desk.mail(requester, "Word does not start.", subject="Word"))
        desk.pass_time("3 hours")
        desk.clock.advance(timedelta(minutes=1))
        desk.relay.down = None
        desk.send(desk.mail(f"other{turn}@example.org", "My screen is black.", subject="Screen"))
        assert desk.last(requester, "receipt").at == desk.clock.now()
        desk.clock.jump(-timedelta(days=3))


def test_what_was_put_back_keeps_its_time_and_its_age_begins_anew(desk: TestDesk) -> None:
    desk.relay.down = DOWN
    desk.send(desk.mail(ANNA, "Word does not start.", subject="Word"))
    desk.pass_time("6 days")
    receipt = _rows(desk)[0]
    assert receipt.state == "failed"
    with desk.desk.database.write() as connection:
        assert requeue(connection, outbox, [receipt.id], desk.clock.now()) == [receipt.id]
    desk.settle()
    again = _rows(desk)[0]
    assert (again.state, again.created_at) == ("waiting", MONDAY)
    assert again.requeued_at == desk.clock.now()


def test_a_timer_that_was_called_off_is_cancelled(desk: TestDesk) -> None:
    desk.send(desk.mail(ANNA, "Word does not start.", subject="Word"))
    desk.send(desk.answer("alice@example.com", "#resolve Please restart.", desk.last("level1@example.com", "request")))
    with desk.desk.database.read() as connection:
        states = dict(connection.execute(select(timers.c.name, timers.c.state)).all())
    assert states["escalation"] == "cancelled"


def test_a_damaged_notice_ends_as_failed_and_the_others_are_sent(desk: TestDesk) -> None:
    desk.relay.down = DOWN
    desk.send(desk.mail(ANNA, "Word does not start.", subject="Word"))
    with desk.desk.database.write() as connection:
        broken = connection.execute(text("SELECT body FROM outbox ORDER BY id LIMIT 1")).scalar_one()
        connection.execute(text("UPDATE outbox SET body = :body WHERE notice = 'receipt'"), {"body": broken[:-9]})
    desk.relay.down = None
    desk.pass_time("10 minutes")
    receipt, request = _rows(desk)[:2]
    assert (receipt.notice, receipt.state, receipt.relay_reply) == ("receipt", "failed", "")
    assert receipt.last_error == "the bytes of the notice are damaged in the database"
    assert request.state == "done"
    assert "damaged in the database" in desk.last("level1@example.com", "failed").text
