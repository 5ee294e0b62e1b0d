"""SIGKILL at every commit, just before and just after it: nothing is lost, nothing is doubled but a notice's bytes.

Each mail that got its 250 becomes exactly one ticket once; each notice arrives at least once, and a second time only
with the same Message-ID and the same bytes. A mail without its 250 is offered again, as an MTA does.
"""

from __future__ import annotations

import smtplib
import subprocess
import sys
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import select

from mailgate.store.database import Database
from mailgate.store.schema import journal, outbox, tickets, timers
from tests.support.desk import CONFIG, Delivered
from tests.support.relay import Receiver

pytestmark = pytest.mark.postgresql

SENDERS = ("anna", "ben")
LAST_COMMIT = 26  # a desk that works two mails off makes fewer; the test of that stands below
_SPLIT = 8  # commits more on a busy machine


def _mail(sender: str) -> bytes:
    return (
        f"From: {sender}@example.org\r\nTo: support@example.com\r\nSubject: help {sender}\r\n"
        f"Message-ID: <{sender}@client.example.org>\r\n\r\nThe printer of {sender} is broken.\r\n"
    ).encode()


class CrashingDesk:
    """One run of the desk as a process of its own."""

    def __init__(self, config: Path, when: str, number: int) -> None:
        command = [sys.executable, "-m", "tests.support.crashing_desk", str(config), when, str(number)]
        self._log = (config.parent / "desk.log").open("a")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self._log, text=True)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline() or 0)  # 0: killed before it could listen

    def offer(self, senders: list[str]) -> set[str]:
        """Send a mail of each; who got the 250."""
        taken: set[str] = set()
        for sender in senders if self.port else []:
            with suppress(OSError, smtplib.SMTPException), smtplib.SMTP("127.0.0.1", self.port, timeout=10) as smtp:
                smtp.sendmail(f"{sender}@example.org", ["support@example.com"], _mail(sender))
                taken.add(sender)
        return taken

    def __enter__(self) -> CrashingDesk:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._log.close()
        self.process.wait(20)


def _watch(crashing: CrashingDesk, dead: threading.Event, receiver: Receiver) -> None:
    crashing.process.wait()
    dead.set()
    receiver.poke()


def _all_arrived(arrived: list[Delivered]) -> bool:
    got = Counter(one.recipient for one in {one.message_id: one for one in arrived}.values())
    return got["level1@example.com"] == len(SENDERS) and all(got[f"{sender}@example.org"] for sender in SENDERS)


# Killed before a commit, a database holds what it held after the one before. On PostgreSQL, where each kill takes
# longest, those are for the long run.
KILLS = [
    pytest.param(engine, when, number, marks=[pytest.mark.long] if (engine, when) == ("postgresql", "before") else [])
    for engine in ("sqlite", "postgresql")
    for when in ("before", "after")
    for number in range(1, LAST_COMMIT + 1)
]


@pytest.mark.parametrize(("engine", "when", "number"), KILLS, indirect=["engine"])
def test_killed_at_a_commit(tmp_path: Path, database_url: str, when: str, number: int) -> None:
    with Receiver() as receiver:
        config = configure(tmp_path, database_url, receiver.port)
        with CrashingDesk(config, when, number) as crashing:
            dead = threading.Event()
            threading.Thread(target=_watch, args=(crashing, dead, receiver), daemon=True).start()
            taken = crashing.offer(list(SENDERS))
            receiver.wait_for(lambda arrived: _all_arrived(arrived) or dead.is_set(), 10)
            crashing.process.kill()
        with CrashingDesk(config, "never", 0) as healed:
            missing = [sender for sender in SENDERS if sender not in taken]
            assert healed.offer(missing) == set(missing), _log_of(tmp_path)
            assert receiver.wait_for(_all_arrived), _log_of(tmp_path)
        _check_notices(receiver.mails)
    _check_database(database_url)


def _check_notices(arrived: list[Delivered]) -> None:
    by_id: dict[str, set[bytes]] = {}
    for one in arrived:
        by_id.setdefault(one.message_id, set()).add(one.raw)
    assert all(len(bytes_) == 1 for bytes_ in by_id.values()), "a notice sent twice must be the same bytes"
    kinds = Counter((one.recipient, one.notice) for one in {o.message_id: o for o in arrived}.values())
    assert kinds == Counter(
        {("level1@example.com", "request"): len(SENDERS)}
        | {(f"{sender}@example.org", "receipt"): 1 for sender in SENDERS}
    )


def _check_database(database_url: str) -> None:
    database = Database(database_url)
    with database.read() as connection:
        requesters = connection.execute(select(tickets.c.requester)).scalars().all()
        assert sorted(requesters) == [f"{sender}@example.org" for sender in sorted(SENDERS)]
        assert set(connection.execute(select(journal.c.state)).scalars()) <= {"done", "duplicate"}
        assert set(connection.execute(select(outbox.c.state)).scalars()) <= {"done", "waiting"}
        running = connection.execute(select(timers.c.name).where(timers.c.state == "waiting")).scalars().all()
        assert sorted(running) == ["escalation"] * len(SENDERS) + ["warning"] * len(SENDERS)
    database.close()


def test_the_last_commit_is_covered(tmp_path: Path, database_url: str) -> None:
    """A whole run makes no more commits than are killed above: a desk that would be killed beyond them survives.

    A busy machine splits the batches of the workers, which repeats some of these commits.
    """
    with (
        Receiver() as receiver,
        CrashingDesk(configure(tmp_path, database_url, receiver.port), "before", LAST_COMMIT + 1 + _SPLIT) as crashing,
    ):
        assert crashing.offer(list(SENDERS)) == set(SENDERS)
        assert receiver.wait_for(_all_arrived), _log_of(tmp_path)
        assert crashing.process.poll() is None


def _log_of(folder: Path) -> str:
    return (folder / "desk.log").read_text()[-2000:]


def configure(folder: Path, database_url: str, port: int) -> Path:
    (folder / "secret").write_text("a key that only the tests know\n")
    path = folder / "mailgate.toml"
    relay = f'[relay]\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\nconnections = 1\n'
    # On PostgreSQL nobody knows that the holder of a lease is dead before it runs out.
    limits = '[limits]\nlease = "1 second"\n'
    path.write_text(f'{CONFIG}\n{relay}[store]\ndatabase = "{database_url}"\n{limits}')
    return path


def test_a_signal_at_any_moment_ends_it(tmp_path: Path, database_url: str) -> None:
    """SIGTERM the instant the desk says that it listens: ten times, since a race is what is looked for."""
    for _ in range(10):
        with CrashingDesk(configure(tmp_path, database_url, 25), "never", 0) as crashing:
            assert crashing.port
