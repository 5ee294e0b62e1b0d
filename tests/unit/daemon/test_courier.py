"""The courier: several notices a commit, what a crash sends twice, and which notices go to the relay first."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, update

from mailgate.daemon.desk import Desk, build_desk
from mailgate.daemon.workers.outbound import OutboundWorker
from mailgate.store.outbox import QueuedNotice, put_notices
from mailgate.store.schema import outbox
from mailgate.store.sending import hold_sending, resume_sending
from mailgate.store.work_queue import DONE, WAITING, finish_all, free_leases
from mailgate.transport.relay import Deferred, Outcome, Sent, Streamed
from tests.support.desk import TestDesk

pytestmark = pytest.mark.postgresql

CONNECTIONS = 4


class HangingRelay:
    """A relay that keeps what arrives; the notices to `hangs` wait until `go_on` is set."""

    size_limit = None

    def __init__(self, hangs: str = "") -> None:
        self.arrived: list[tuple[str, bytes]] = []
        self.hangs = hangs
        self.go_on = threading.Event()

    def send(self, _sender: str, recipient: str, message: bytes | Streamed) -> Outcome:
        if recipient == self.hangs:
            assert self.go_on.wait(20)
        assert isinstance(message, bytes)
        self.arrived.append((recipient, message))
        return Sent(f"250 taken for {recipient}")

    def close(self) -> None: ...


@pytest.fixture
def base(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    found = TestDesk(tmp_path, database=database_url)
    yield found
    found.close()


def _with_connections(base: TestDesk, relay: HangingRelay) -> Desk:
    more = base.settings.relay.model_copy(update={"connections": CONNECTIONS})
    return build_desk(base.settings.model_copy(update={"relay": more}), base.clock, relay)


def _notice(number: int, **more: Any) -> QueuedNotice:
    values: dict[str, Any] = {"notice": "receipt", "recipient": f"reader{number}@example.org", "human": False} | more
    return QueuedNotice(
        number=number, lane="requester", queue="default", return_path="", message_id=f"{number}@x", size=7,
        body=b"Hello\r\n", **values,
    )  # fmt: skip


def _put(desk: Desk, *notices: QueuedNotice) -> None:
    with desk.database.write() as connection:
        put_notices(connection, notices, desk.clock.now())


def _rows(desk: Desk, *names: str) -> list[Any]:
    with desk.database.read() as connection:
        return list(connection.execute(select(*(outbox.c[name] for name in names)).order_by(outbox.c.id)).all())


def test_a_killed_courier_sends_again_at_most_one_notice_for_each_connection(
    base: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies after the relay's 250 and before the commit that would hold it, in the middle of many notices."""
    relay = HangingRelay()
    desk = _with_connections(base, relay)
    _put(desk, *map(_notice, range(20)))
    courier = OutboundWorker(desk)
    courier.step()
    with monkeypatch.context() as patched:
        patched.setattr(type(desk.database), "write", lambda _self: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            courier.step()
    courier._pool.shutdown()  # what is in progress is at the relay, too, and nobody settles it
    with desk.database.write() as connection:
        free_leases(connection, outbox, desk.clock.now())
    again = OutboundWorker(desk)
    while again.step():
        pass
    again.close()
    counts = Counter(recipient for recipient, _ in relay.arrived)
    assert len(counts) == 20
    assert sum(counts.values()) - 20 <= CONNECTIONS
    assert len(set(relay.arrived)) == 20, "a notice sent twice is the same bytes"
    assert {row.state for row in _rows(desk, "state")} == {DONE}
    desk.database.close()


def test_a_dialogue_that_hangs_keeps_no_notice_from_the_other_connections(base: TestDesk) -> None:
    relay = HangingRelay(hangs="reader1@example.org")
    desk = _with_connections(base, relay)
    courier = OutboundWorker(desk)
    _put(desk, _notice(1))
    assert courier.step() == 1
    _put(desk, _notice(2))
    while not relay.arrived:
        assert courier.step() == 1
    assert [recipient for recipient, _ in relay.arrived] == ["reader2@example.org"]
    relay.go_on.set()
    while courier.step():
        pass
    courier.close()
    assert [row.relay_reply for row in _rows(desk, "relay_reply")] == [
        f"250 taken for reader{number}@example.org" for number in (1, 2)
    ]
    desk.database.close()


def test_what_was_sent_is_marked_in_one_statement_unless_another_has_taken_it(base: TestDesk) -> None:
    desk = base.desk
    _put(desk, *map(_notice, range(3)))
    with desk.database.write() as connection:
        connection.execute(update(outbox).values(attempts=1))
        rows = connection.execute(select(outbox).order_by(outbox.c.id)).all()
        connection.execute(update(outbox).where(outbox.c.id == rows[1].id).values(attempts=2))  # its lease ran out
    statements: list[str] = []
    event.listen(desk.database.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    with desk.database.write() as connection:
        statements.clear()
        finish_all(connection, outbox, [(row, {"relay_reply": f"250 {row.number}"}) for row in rows])
        finish_all(connection, outbox, [])
        assert len(statements) == 1
    assert [tuple(row) for row in _rows(desk, "state", "relay_reply")] == [
        (DONE, "250 0"),
        (WAITING, ""),
        (DONE, "250 2"),
    ]


class TestUrgency:
    """One connection, so that the order in which notices are taken is the order in which the relay gets them."""

    def _send(self, base: TestDesk) -> list[str]:
        base.settle()
        return [mail.recipient for mail in base.relay.mails]

    def test_words_then_answers_then_what_timers_made_and_each_fourth_time_the_oldest(self, base: TestDesk) -> None:
        mass = [_notice(number, scheduled=True, human=number % 2 == 0) for number in range(6)]
        _put(base.desk, *mass)
        base.clock.advance(timedelta(minutes=1))
        receipts = [_notice(number, recipient=f"receipt{number}") for number in (10, 11)]
        words = [_notice(number, recipient=f"words{number}", human=True) for number in (20, 21)]
        _put(base.desk, *receipts)
        _put(base.desk, *words)
        assert self._send(base) == [
            "words20", "words21", "receipt10", "reader0@example.org",
            "receipt11", *(f"reader{number}@example.org" for number in (1, 2, 3, 4, 5)),
        ]  # fmt: skip

    def test_a_mass_flows_while_people_write_without_end(self, base: TestDesk) -> None:
        _put(base.desk, *(_notice(number, scheduled=True) for number in range(3)))
        base.clock.advance(timedelta(minutes=1))
        for number in range(12):
            _put(base.desk, *(_notice(100 + 2 * number + one, recipient="boss", human=True) for one in range(2)))
            base.outbound.step()
        sent = [mail.recipient for mail in base.relay.mails]
        assert [place for place, recipient in enumerate(sent) if recipient != "boss"] == [3, 7, 11]

    def test_an_earlier_notice_goes_with_the_urgency_of_the_one_that_waits_for_it(self, base: TestDesk) -> None:
        base.send(base.mail("anna@example.org", "Word does not start.", subject="Word"))
        base.relay.mails.clear()
        of_ticket = {"ticket_id": 1, "recipient": "anna@example.org"}
        _put(base.desk, *(_notice(number, scheduled=True) for number in range(9)))
        _put(base.desk, _notice(20, scheduled=True, **of_ticket))
        _put(base.desk, _notice(21, human=True, **of_ticket))
        for _ in range(3):  # the second of them is a fourth time
            base.outbound.step()
        assert [mail.recipient for mail in base.relay.mails] == [
            "anna@example.org",
            "reader0@example.org",
            "anna@example.org",
        ]

    def test_one_that_waits_for_a_deferred_notice_keeps_nothing_else_waiting(self, base: TestDesk) -> None:
        base.send(base.mail("anna@example.org", "Word does not start.", subject="Word"))
        base.relay.mails.clear()
        base.relay.refuse["anna@example.org"] = Deferred("450 4.2.0 greylisted", of_recipient=True)
        of_ticket = {"ticket_id": 1, "recipient": "anna@example.org", "human": True}
        _put(base.desk, *(_notice(number, **of_ticket) for number in range(20, 30)))
        _put(base.desk, _notice(1), _notice(2, scheduled=True))
        assert self._send(base) == ["reader1@example.org", "reader2@example.org"]
        left = [tuple(row) for row in _rows(base.desk, "number", "attempts", "state") if row.state == WAITING]
        assert left == [(20, 1, WAITING), *((number, 0, WAITING) for number in range(21, 30))]

    def test_a_receipt_leaves_before_escalations_that_came_due_before_it(self, base: TestDesk) -> None:
        for number in range(12):
            base.send(base.mail(f"user{number}@example.org", "It is broken.", subject=f"Printer {number}"))
        with base.desk.database.write() as connection:
            hold_sending(connection, base.clock.now(), "root", "the relay moves")
        base.pass_time("5 hours")
        base.relay.mails.clear()
        base.send(base.mail("anna@example.org", "Word does not start.", subject="Word"))
        with base.desk.database.write() as connection:
            waiting = resume_sending(connection, base.clock.now())
        assert waiting is not None
        assert waiting > 24
        base.settle()
        notices = [mail.notice for mail in base.relay.mails]
        assert len(notices) == waiting
        assert notices[:2] == ["receipt", "request"]
        assert {"escalated", "escalation"} <= set(notices[2:])
