"""The daemon as a whole: it ends in time whatever the relay does, and notices work that others put in."""

from __future__ import annotations

import os
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailgate.config import SENDING, read_config
from mailgate.core.clock import HandClock
from mailgate.core.mail import Envelope
from mailgate.daemon.desk import DryRun, build_desk
from mailgate.daemon.roles import Daemon
from mailgate.daemon.workers.registry import ROLES, WORKERS, list_workers
from mailgate.daemon.workers.singleton import Singleton
from mailgate.store.database import Database
from mailgate.store.journal import JournalEntry, append
from mailgate.store.schema import outbox
from mailgate.store.sending import hold_sending, note_dry_run, resume_sending
from mailgate.store.source_status import RoleSign, get_status, list_statuses, read_signs
from mailgate.store.work_queue import count_due
from mailgate.transport.relay import Deferred, Outcome, Streamed
from tests.support.desk import CONFIG
from tests.support.postgres import Cluster
from tests.support.relay import Receiver

pytestmark = [pytest.mark.postgresql, pytest.mark.machine_clock]

RAW = b"From: anna@example.org\r\nTo: support@example.com\r\nSubject: x\r\nMessage-ID: <1@x>\r\n\r\nIt is broken.\r\n"


class HangingRelay:
    """A relay that says nothing until the connection is cut."""

    size_limit = None

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
    """Acts as `mailgate pipe` in another process: commits through a connection of its own."""
    other = Database(database)
    envelope = Envelope("anna@example.org", ("support@example.com",), "pipe", datetime.now(UTC))
    with other.write() as connection:
        append(connection, JournalEntry(envelope, RAW.replace(b"1@x", message_id.encode()), message_id))
    other.close()


def test_a_hanging_relay_does_not_keep_the_daemon(tmp_path: Path, database_url: str) -> None:
    relay = HangingRelay()
    daemon = Daemon(build_desk(read_config(_configure(tmp_path, database_url)), relay=relay))
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


def test_roles_on_different_hosts_wake_each_other(tmp_path: Path, database_url: str) -> None:
    """There is no pipe between them: what one commits another notices by the database."""
    with Receiver() as receiver:
        settings = read_config(_configure(tmp_path, database_url, receiver.port))
        daemons = [Daemon(build_desk(settings), roles) for roles in (("worker", "clock"), ("courier",))]
        for daemon in daemons:
            daemon.start()
        _put_in(database_url)
        noticed = receiver.wait_for(lambda mails: len(mails) == 2, 20)
        for daemon in daemons:
            daemon.stop()
    assert noticed, "the roles sleep up to a minute when they do not notice"


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


def test_each_role_gives_a_sign_of_life(tmp_path: Path, database_url: str) -> None:
    """At the start and at once after the clock was set; also a process that has some of the roles only."""
    clock = HandClock(datetime(2026, 11, 23, 8, tzinfo=UTC))
    daemon = Daemon(build_desk(read_config(_configure(tmp_path, database_url)), clock), ("worker", "courier"))
    daemon.start()
    database = Database(database_url)

    def signs() -> list[RoleSign]:
        with database.read() as connection:
            return [sign for row in list_statuses(connection) for sign in read_signs(row)]

    try:
        first = signs()
        clock.jump(timedelta(days=-1))
        deadline = time.monotonic() + 10
        while signs()[0].at == first[0].at and time.monotonic() < deadline:
            time.sleep(0.05)
        assert [(one.role, one.host, one.pid) for one in first] == [
            ("courier", socket.gethostname(), os.getpid()),
            ("worker", socket.gethostname(), os.getpid()),
        ]
        assert {one.at for one in signs()} == {clock.now()}
    finally:
        daemon.stop()
        database.close()


def test_what_is_held_leaves_soon_after_resume(tmp_path: Path, database_url: str) -> None:
    """The courier would sleep up to a minute if it did not notice."""
    told: list[bool] = []
    with Receiver() as receiver:
        settings = read_config(_configure(tmp_path, database_url, receiver.port))
        clock = HandClock(datetime.now(UTC))
        daemon = Daemon(build_desk(settings, clock), beat=told.append)
        daemon.start()
        other = Database(database_url)
        try:
            with other.write() as connection:
                hold_sending(connection, clock.now(), "ben", "a loop")
            _put_in(database_url)
            clock.jump(timedelta(minutes=1))  # it beats now
            deadline, waiting = time.monotonic() + 10, 0
            while (waiting < 2 or True not in told) and time.monotonic() < deadline:
                time.sleep(0.05)
                with other.read() as connection:
                    waiting = count_due(connection, outbox, clock.now(), 10)
            assert not receiver.mails
            with other.write() as connection:
                assert resume_sending(connection, clock.now()) == 2
            assert receiver.wait_for(lambda mails: len(mails) == 2, 10)
        finally:
            daemon.stop()
            other.close()
    assert told[-1:] == [True]


def test_a_dry_run_notes_that_it_works_until_it_ends(tmp_path: Path, database_url: str) -> None:
    daemon = Daemon(build_desk(read_config(_configure(tmp_path, database_url)), relay=DryRun()), ("courier",))
    database = Database(database_url)

    def since() -> object:
        with database.read() as connection:
            row = get_status(connection, SENDING)
        return row.figures["dry_run_since"] if row is not None else None

    daemon.start()
    assert since() is not None
    daemon.stop()
    assert since() is None
    with database.write() as connection:
        note_dry_run(connection, datetime.now(UTC))  # one that was killed
    daemon = Daemon(build_desk(read_config(_configure(tmp_path, database_url))), ("courier",))
    daemon.start()
    try:
        assert since() is None, "the real start ends it"
    finally:
        daemon.stop()
        database.close()


@pytest.mark.system
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
    lease = settings.limits.lease.span
    now = HandClock(datetime(2026, 11, 23, 8, 0, tzinfo=UTC))
    one, two = build_desk(settings, now), build_desk(settings, now)
    one.database.create()
    work = Counted()
    first = Singleton(work, one, "first")
    second = Singleton(work, two, "second")
    assert (first.step(), second.step(), work.steps) == (1, 0, 1)
    now.set(now.now() + lease / 2)
    assert (first.step(), second.step(), work.steps) == (1, 0, 2)
    now.set(now.now() + lease)  # the first is not heard of any more
    assert (second.step(), first.step(), work.steps) == (1, 0, 3)
    second.close()
    assert (first.step(), work.steps) == (0, 3)  # a wake-up is no reason to ask: that would be a commit
    again = first.next_due()
    assert again is not None
    assert again <= now.now() + lease / 3
    now.set(again)
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


@pytest.mark.parametrize("name", ["intake", *(row.worker.name for row in WORKERS)])
def test_a_worker_that_has_worked_wakes_the_next_roles(name: str, tmp_path: Path) -> None:
    """A loop that raises after each of its commits would do everything again and again."""
    desk = build_desk(read_config(_configure(tmp_path, f"sqlite:///{tmp_path}/desk.db")))
    Daemon(desk).spread(name)


def test_each_worker_has_a_name_of_its_own_and_a_role() -> None:
    names = [row.worker.name for row in WORKERS]
    assert len(names) == len(set(names))
    assert {role for row in WORKERS for role in (row.role, *row.wakes)} <= set(ROLES)


_HOOK = (
    '[[hooks]]\nname = "chat"\nevents = ["*"]\ncommand = ["/usr/local/bin/hook"]\n'
    '[intake.scan]\ncommand = ["/usr/local/bin/scan"]\n'
)


def test_a_worker_is_built_where_the_settings_enable_it(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "archives").mkdir()
    path = _configure(tmp_path, f"sqlite:///{tmp_path}/desk.db")
    few = read_config(path)
    least = ["worker", "plans", "clock", "decisions", "holds", "courier", "alarms"]
    assert [row.worker.name for row in list_workers(few)] == least
    assert [row.worker.name for row in list_workers(few, ("worker", "courier"))] == ["worker", "courier"]
    more = '[archive]\nfolder = "archives"\n[knowledge]\narticles = "articles"\n'
    text = (
        path.read_text()
        .replace('[digest]\nat = ""\n', more)
        .replace("[intake.smtp]", "[intake]\nprobe_every = '15 minutes'\n[intake.smtp]")
    )
    reports = '[[reports]]\nevery = "week"\nto = ["operator@example.com"]\n'
    path.write_text(f'{text}\n{reports}[retain]\ntexts = "90 days"\n{_HOOK}')
    all_ = read_config(path)
    assert [row.worker(build_desk(all_)).name for row in list_workers(all_)] == [row.worker.name for row in WORKERS]
