"""Long: the desk is killed at random while mails pour in, again and again; in the end the books are right."""

from __future__ import annotations

import random
import smtplib
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import select

from mailgate.store.database import Database
from mailgate.store.schema import journal, outbox, tickets, timers
from tests.support.desk import Delivered
from tests.support.relay import Receiver
from tests.system.test_kill_at_every_commit import CrashingDesk, configure

pytestmark = pytest.mark.postgresql

MAILS = 300
KILLS = 25


def _mail(number: int) -> bytes:
    return (
        f"From: u{number}@example.org\r\nTo: support@example.com\r\nSubject: help {number}\r\n"
        f"Message-ID: <{number}@client.example.org>\r\n\r\nIt is broken, number {number}.\r\n"
    ).encode()


def _offer(port: int, waiting: list[int], taken: set[int]) -> None:
    """An MTA: offers what got no 250 yet until the desk dies."""
    with suppress(OSError, smtplib.SMTPException), smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
        for number in waiting:
            smtp.sendmail(f"u{number}@example.org", ["support@example.com"], _mail(number))
            taken.add(number)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_killed_at_random_under_load(tmp_path: Path, database_url: str, seed: int) -> None:
    dice = random.Random(seed)
    taken: set[int] = set()
    with Receiver() as receiver:
        config = configure(tmp_path, database_url, receiver.port)
        for _ in range(KILLS):
            with CrashingDesk(config, "never", 0) as crashing:
                waiting = [number for number in range(MAILS) if number not in taken]
                client = threading.Thread(target=_offer, args=(crashing.port, waiting, taken))
                client.start()
                client.join(dice.uniform(0.02, 0.5))
                crashing.process.kill()
                client.join()
        with CrashingDesk(config, "never", 0) as healed:
            _offer(healed.port, [number for number in range(MAILS) if number not in taken], taken)
            assert len(taken) == MAILS
            assert receiver.wait_for(_is_complete, 60), _what_waits(database_url)
        _check(receiver.mails)
    _check_database(database_url)


def _what_waits(database_url: str) -> str:
    """The rows that are not done, for the message of a test that failed."""
    database = Database(database_url)
    with database.read() as connection:
        found = [
            f"{table.name} {row.id} {row.state} attempts={row.attempts} due={row.due_at} leased={row.leased_until}"
            f" {row.last_error}"
            for table in (journal, outbox)
            for row in connection.execute(select(table).where(table.c.state.not_in(("done", "duplicate"))))
        ]
    database.close()
    return "\n".join(found)


def _is_complete(mails: list[Delivered]) -> bool:
    return len({mail.message_id for mail in mails}) == 2 * MAILS


def _check(mails: list[Delivered]) -> None:
    by_id: dict[str, set[bytes]] = {}
    for mail in mails:
        by_id.setdefault(mail.message_id, set()).add(mail.raw)
    assert all(len(versions) == 1 for versions in by_id.values())
    assert len(mails) - len(by_id) <= KILLS, "one connection doubles at most one notice per kill"


def _check_database(database_url: str) -> None:
    database = Database(database_url)
    with database.read() as connection:
        requesters = connection.execute(select(tickets.c.requester)).scalars().all()
        assert sorted(requesters) == sorted(f"u{number}@example.org" for number in range(MAILS))
        states = Counter(connection.execute(select(journal.c.state)).scalars())
        assert states["done"] == MAILS
        # A mail that was offered twice may still wait out the pause of what was under way at several kills.
        assert set(states) <= {"done", "duplicate", "waiting"}
        running = Counter(connection.execute(select(timers.c.name).where(timers.c.state == "waiting")).scalars())
        assert running == {"escalation": MAILS, "warning": MAILS}
    database.close()
