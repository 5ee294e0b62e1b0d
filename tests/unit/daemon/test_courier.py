"""The courier: several notices a commit, what a crash sends twice, and which notices go to the relay first."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, update

from mailgate.daemon.desk import Desk, build_desk
from mailgate.daemon.workers.outbound import OutboundWorker
from mailgate.store.outbox import QueuedNotice, put_notices
from mailgate.store.schema import outbox
from mailgate.store.work_queue import DONE, WAITING, finish_all, free_leases
from mailgate.transport.relay import Outcome, Sent, Streamed
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
