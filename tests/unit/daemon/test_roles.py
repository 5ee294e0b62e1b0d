"""The daemon as a whole: it ends in time whatever the relay does, and notices work that others put in."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailgate.config import read_config
from mailgate.core.clock import HandClock
from mailgate.core.mail import Envelope
from mailgate.daemon.desk import build_desk
from mailgate.daemon.roles import Daemon
from mailgate.daemon.workers.archive import ArchiveWorker
from mailgate.daemon.workers.digest import DigestWorker
from mailgate.daemon.workers.holds import HoldWorker
from mailgate.daemon.workers.inbound import InboundWorker
from mailgate.daemon.workers.knowledge import KnowledgeWorker
from mailgate.daemon.workers.loop import Worker
from mailgate.daemon.workers.monitoring import MonitoringWorker
from mailgate.daemon.workers.outbound import OutboundWorker
from mailgate.daemon.workers.probe import ProbeWorker
from mailgate.daemon.workers.replanning import ReplanningWorker
from mailgate.daemon.workers.singleton import Singleton
from mailgate.daemon.workers.timers import TimerWorker
from mailgate.store.database import Database
from mailgate.store.journal import JournalEntry, append
from mailgate.transport.relay import Deferred, Outcome, Streamed
from tests.support.desk import CONFIG
from tests.support.postgres import Cluster
from tests.support.relay import Receiver

RAW = b"From: anna@example.org\r\nTo: support@example.com\r\nSubject: x\r\nMessage-ID: <1@x>\r\n\r\nIt is broken.\r\n"


class HangingRelay:
    """A relay that says nothing until the connection is cut."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self._cut = threading.Event()

    def send(self, _sender: str, _recipient: str, _message: bytes | Streamed) -> Outcome:
        self.asked.set()
        self._cut.wait(60)
        return Deferred("cut")

    def close(self) -> None:
        self._cut.set()


def _configure(folder: Path, database: str, relay: int = 25) -> Path:
    (folder / "secret").write_text("a key that only the tests know\n")
    path = folder / "mailgate.toml"
    wire = f'[relay]\nhost = "127.0.0.1"\nport = {relay}\ntls = "none"\n'
    path.write_text(f'{CONFIG}\n{wire}[store]\ndatabase = "{database}"\n')
    return path


def _put_in(database: str, message_id: str = "1@x") -> None:
    """What `mailgate pipe` does in another process: it commits through a connection of its own."""
    other = Database(database)
    envelope = Envelope("anna@example.org", ("support@example.com",), "pipe", datetime.now(UTC))
    with other.write() as connection:
        append(connection, JournalEntry(envelope, RAW.replace(b"1@x", message_id.encode()), message_id))
    other.close()


def test_a_hanging_relay_does_not_keep_the_daemon(tmp_path: Path, database_url: str) -> None:
    relay = HangingRelay()
    daemon = Daemon(build_desk(read_config(_configure(tmp_path, database_url))), relay=relay)
    daemon.start()
    _put_in(database_url)
    assert relay.asked.wait(10)
    began = time.monotonic()
    daemon.stop(grace=0.2)
    assert time.monotonic() - began < 10


def test_work_of_another_process_is_noticed(tmp_path: Path, database_url: str) -> None:
    with Receiver() as receiver:
        daemon = Daemon(build_desk(read_config(_configure(tmp_path, database_url, receiver.port))))
        daemon.start()
        _put_in(database_url)
        noticed = receiver.wait_for(lambda mails: len(mails) == 2, 10)
        daemon.stop()
    assert noticed, "the daemon sleeps up to a minute when it does not notice"


def test_a_machine_that_slept_fires_at_once_on_waking(tmp_path: Path, database_url: str) -> None:
    """The loops wait by a clock that stands while the machine is suspended: they would wait up to a minute more."""
    clock = HandClock(datetime.now(UTC) + timedelta(minutes=1))  # the mail has come
    with Receiver() as receiver:
        daemon = Daemon(build_desk(read_config(_configure(tmp_path, database_url, receiver.port)), clock))
        daemon.start()
        try:
            _put_in(database_url)
            assert receiver.wait_for(lambda mails: len(mails) == 2, 20)
            clock.advance(timedelta(days=7))
            began = time.monotonic()
            assert receiver.wait_for(lambda mails: len(mails) >= 5, 20), "the request was forgotten"
            assert time.monotonic() - began < 15
        finally:
            daemon.stop()


def test_a_restart_of_the_server_is_survived(tmp_path: Path) -> None:
    """PostgreSQL goes away and comes back: nothing that was accepted is lost, and the desk goes on by itself."""
    server = Cluster()
    url = server.lend()
    try:
        with Receiver() as receiver:
            daemon = Daemon(build_desk(read_config(_configure(tmp_path, url, receiver.port))))
            daemon.start()
            try:
                _put_in(url)
                assert receiver.wait_for(lambda mails: len(mails) == 2, 20)
                server.stop()
                server.start()
                _put_in(url, "2@x")
                assert receiver.wait_for(lambda mails: len(mails) == 4, 40)
            finally:
                daemon.stop()
    finally:
        server.close()


def test_of_two_clocks_one_works(tmp_path: Path, cluster: Cluster) -> None:
    url = cluster.lend()
    settings = read_config(_configure(tmp_path, url))
    limits = settings.limits
    one, two = build_desk(settings), build_desk(settings)
    one.database.create()
    now = HandClock(datetime(2026, 11, 23, 8, 0, tzinfo=UTC))
    work = Counted()
    first = Singleton(work, one.database, now, "first", limits)
    second = Singleton(work, two.database, now, "second", limits)
    assert (first.step(), second.step(), work.steps) == (1, 0, 1)
    now.set(now.now() + limits.lease.span / 2)
    assert (first.step(), second.step(), work.steps) == (1, 0, 2)
    now.set(now.now() + limits.lease.span)  # the first is not heard of any more
    assert (second.step(), first.step(), work.steps) == (1, 0, 3)
    second.close()
    assert first.next_due() is not None
    assert (first.step(), second.step(), work.steps) == (1, 0, 4)
    first.close()
    one.database.close()
    two.database.close()
    cluster.take_back(url)


class Counted:
    """A worker that always has something to do."""

    name = "clock"

    def __init__(self) -> None:
        self.steps = 0

    def step(self) -> int:
        self.steps += 1
        return 1

    def next_due(self) -> datetime | None:
        return None


@pytest.mark.parametrize(
    "worker",
    [
        MonitoringWorker,
        ArchiveWorker,
        TimerWorker,
        DigestWorker,
        InboundWorker,
        OutboundWorker,
        ReplanningWorker,
        ProbeWorker,
        KnowledgeWorker,
        HoldWorker,
    ],
)
def test_whoever_has_worked_can_say_so(worker: type[Worker], tmp_path: Path) -> None:
    """A loop that raises after each of its commits would do everything again and again."""
    desk = build_desk(read_config(_configure(tmp_path, f"sqlite:///{tmp_path}/desk.db")))
    Daemon(desk).spread(worker.name)
