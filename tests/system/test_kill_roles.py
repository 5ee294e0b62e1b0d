"""Roles as processes of their own: any of them is killed under load, again and again; in the end the books are right.

On SQLite one `serve` and its children; on PostgreSQL a `serve` for each role, two of everything but the intake, as on
several hosts. Each ticket's promise runs out within a minute, so that timers fire while the killing goes on.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import smtplib
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from mailgate.core.workflow.transitions import Condition
from mailgate.store.database import Database
from mailgate.store.schema import events, journal, outbox, tickets, timers
from tests.support.desk import CONFIG, Delivered
from tests.support.relay import Receiver

pytestmark = pytest.mark.postgresql

CONNECTIONS = 8
SEVERAL_HOSTS = (("intake",), ("worker",), ("worker",), ("courier",), ("courier",), ("clock",), ("clock",))
# What each ticket brings: its receipt and its request; then its promise runs out, which notifies level 1, level 2
# and the requester. A warning comes as well, unless the promise is over when the desk gets to it.
NOTICES = ("receipt", "request", "escalated", "escalation", "taken_over")


@dataclass
class RoleProcesses:
    """The processes of one desk; `kill` ends one that is drawn, and starts it again."""

    config: Path
    port: int
    groups: tuple[tuple[str, ...], ...]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __enter__(self) -> RoleProcesses:
        self._log = (self.config.parent / "serve.log").open("ab")
        self.running = [self._start(roles) for roles in self.groups]
        return self

    def _start(self, roles: tuple[str, ...]) -> subprocess.Popen[bytes]:
        words = [part for role in roles for part in ("--role", role)]
        command = [sys.executable, "-m", "mailgate", "serve", "--config", str(self.config), *words]
        return subprocess.Popen(command, stdout=self._log, stderr=self._log)

    def kill(self, dice: random.Random) -> None:
        """SIGKILL to one process: a parent is started again by us, as by systemd; a child by its parent."""
        self.keep_up()
        number = dice.randrange(len(self.running))
        parent = self.running[number]
        children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
        if children and dice.random() < 0.8:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(dice.choice(children)), signal.SIGKILL)
            return
        parent.kill()
        parent.wait()
        self.keep_up()

    def keep_up(self) -> None:
        """Starts each parent again that has ended, as systemd does: not with status 2, a wrong configuration."""
        for number, parent in enumerate(self.running):
            if (status := parent.poll()) is not None:
                assert status != 2
                self.running[number] = self._start(self.groups[number])

    def __exit__(self, *_: object) -> None:
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.wait(20)
        self._log.close()


def _mail(number: int) -> bytes:
    return (
        f"From: u{number}@example.org\r\nTo: support@example.com\r\nSubject: help {number}\r\n"
        f"Message-ID: <{number}@client.example.org>\r\n\r\nIt is broken, number {number}.\r\n"
    ).encode()


class Peer(threading.Thread):
    """An MTA: offers each mail until it gets its 250, whatever becomes of the desk meanwhile."""

    def __init__(self, port: int, mails: range, pause: float) -> None:
        super().__init__(daemon=True)
        self.port, self.waiting, self.pause = port, list(mails), pause
        self.given_up = False

    def run(self) -> None:
        end = time.monotonic() + 120
        while self.waiting and time.monotonic() < end:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._offer()
            time.sleep(0.05)  # an MTA's gap, not a wait for anything

    def _offer(self) -> None:
        with smtplib.SMTP("127.0.0.1", self.port, timeout=20) as smtp:
            while self.waiting:
                number = self.waiting[0]
                smtp.sendmail(f"u{number}@example.org", ["support@example.com"], _mail(number))
                self.waiting.pop(0)
                time.sleep(self.pause)


@pytest.fixture
def processes(tmp_path: Path, database_url: str) -> Iterator[tuple[RoleProcesses, Receiver]]:
    with Receiver() as receiver:
        port = _free_port()
        config = tmp_path / "mailgate.toml"
        (tmp_path / "secret").write_text("a key that only the tests know\n")
        words = CONFIG.replace("127.0.0.1:0", f"127.0.0.1:{port}").replace("4 business hours", "8 seconds")
        config.write_text(
            f'{words}[relay]\nhost = "127.0.0.1"\nport = {receiver.port}\ntls = "none"\nconnections = {CONNECTIONS}\n'
            f'[store]\ndatabase = "{database_url}"\nprocesses = 3\n[limits]\nlease = "2 seconds"\nmax_attempts = 50\n'
            "automatic_per_domain_hour = 0\nagent_mails_per_hour = 10000\n"
        )
        groups = ((),) if database_url.startswith("sqlite") else SEVERAL_HOSTS
        with RoleProcesses(config, port, groups) as running:
            yield running, receiver


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def test_a_few_kills(processes: tuple[RoleProcesses, Receiver], database_url: str) -> None:
    _play(processes, database_url, mails=30, kills=6, seed=1)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_many_kills(processes: tuple[RoleProcesses, Receiver], database_url: str, seed: int) -> None:
    _play(processes, database_url, mails=300, kills=40, seed=seed)


def _play(processes: tuple[RoleProcesses, Receiver], database_url: str, *, mails: int, kills: int, seed: int) -> None:
    running, receiver = processes
    dice = random.Random(seed)
    peer = Peer(running.port, range(mails), 0.05)
    peer.start()
    for _ in range(kills):
        # A moment that is drawn is what the test is about: some fall into the start, others leave it time to end.
        time.sleep(dice.uniform(0.3, 2.5))
        running.kill(dice)
    while peer.is_alive():
        running.keep_up()
        peer.join(0.5)
    assert not peer.waiting, _log_of(running)
    _wait_for(receiver, running, len(NOTICES) * mails, 90, lambda one: one.notice != "warning")
    database = Database(database_url)
    try:
        with database.read() as connection:
            queued = len(connection.execute(select(outbox.c.id)).all())
        _wait_for(receiver, running, queued, 30)
        _check_books(database, mails)
        _check_notices(database, receiver, mails, kills)
    finally:
        database.close()


def _wait_for(
    receiver: Receiver,
    running: RoleProcesses,
    number: int,
    seconds: float,
    counts: Callable[[Delivered], bool] = lambda _one: True,
) -> None:
    """Waits until so many different notices have arrived."""
    whole = receiver.wait_for(lambda came: len({one.message_id for one in came if counts(one)}) >= number, seconds)
    assert whole, (number, Counter(one.notice for one in receiver.mails), _log_of(running))


def _check_books(database: Database, mails: int) -> None:
    with database.read() as connection:
        requesters = connection.execute(select(tickets.c.requester)).scalars().all()
        assert sorted(requesters) == sorted(f"u{number}@example.org" for number in range(mails))
        assert set(connection.execute(select(tickets.c.state)).scalars()) == {"level2"}
        states = Counter(connection.execute(select(journal.c.state)).scalars())
        assert states["done"] == mails
        assert set(states) <= {"done", "duplicate", "waiting"}
        happened = Counter(connection.execute(select(events.c.event)).scalars())
        assert happened == {"request": mails, "timer warning": mails, "timer escalation": mails}, happened
        assert set(connection.execute(select(timers.c.state)).scalars()) <= {"done", "waiting"}


def _check_notices(database: Database, receiver: Receiver, mails: int, kills: int) -> None:
    first: dict[str, int] = {}
    bytes_: dict[str, set[bytes]] = {}
    for position, one in enumerate(receiver.mails):
        first.setdefault(one.message_id, position)
        bytes_.setdefault(one.message_id, set()).add(one.raw)
    assert all(len(versions) == 1 for versions in bytes_.values()), "a notice sent twice must be the same bytes"
    assert len(receiver.mails) - len(first) <= kills * CONNECTIONS
    with database.read() as connection:
        query = select(outbox.c.id, outbox.c.ticket_id, outbox.c.recipient, outbox.c.notice, outbox.c.message_id)
        rows = connection.execute(query.order_by(outbox.c.id)).all()
        fired = connection.execute(select(events.c.row).where(events.c.event == "timer warning")).scalars()
        in_time = sum(not row.endswith(Condition.PROMISE_OVER.value) for row in fired)
    counts = Counter(row.notice for row in rows)
    assert counts.pop("warning", 0) == in_time
    assert counts == dict.fromkeys(NOTICES, mails)
    arrived: dict[tuple[int, str], list[int]] = {}
    for row in rows:
        arrived.setdefault((row.ticket_id, row.recipient), []).append(first[f"<{row.message_id}>"])
    assert all(places == sorted(places) for places in arrived.values()), "order per ticket and addressee"


def _log_of(processes: RoleProcesses) -> str:
    return (processes.config.parent / "serve.log").read_text()[-3000:]
