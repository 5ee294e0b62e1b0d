"""The desk is killed while it empties a mailbox: each mail becomes one ticket, none twice, none put away before it is
stored."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from mailgate.store.database import Database
from mailgate.store.schema import journal, tickets
from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.imap_source import make_mail
from tests.support.relay import Receiver
from tests.system.test_kill_at_every_commit import CrashingDesk, configure

pytestmark = pytest.mark.postgresql


def _configure(folder: Path, database_url: str, relay: int, server: Dovecot, user: str, after: str) -> Path:
    (folder / "imap-password").write_text(f"{PASSWORD}\n")
    config = configure(folder, database_url, relay)
    database = Database(database_url)
    database.create()
    database.close()
    mailbox = (
        f'[[intake.imap]]\nhost = "127.0.0.1"\nport = {server.imap}\ntls = "none"\nuser = "{user}"\n'
        f'password_file = "imap-password"\nfirst_start = "all"\nafter = {after}\n'
    )
    config.write_text(config.read_text() + mailbox)
    return config


def _fill(server: Dovecot, user: str, count: int) -> None:
    with server.client(user) as client:
        for start in range(0, count, 100):
            client.multiappend("INBOX", [make_mail(number) for number in range(start, min(start + 100, count))])


def _check_put_away(server: Dovecot, user: str, database_url: str) -> None:
    """Mails with a mark, or no longer in INBOX, are in the journal."""
    database = Database(database_url)
    with database.read() as connection:
        stored = set(connection.execute(select(journal.c.message_id)).scalars())
    database.close()
    with server.client(user) as client:
        client.select_folder("INBOX", readonly=True)
        marked = client.search(["OR", "SEEN", "KEYWORD", "Mailgate"])
        heads = client.fetch(marked, ["BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"]) if marked else {}
        if client.folder_exists("Processed"):
            client.select_folder("Processed", readonly=True)
            moved = client.search()
            found = client.fetch(moved, ["BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"]) if moved else {}
            heads |= {-uid: data for uid, data in found.items()}
    for data in heads.values():
        [name] = [value for key, value in data.items() if key.startswith(b"BODY")]
        assert name.partition(b"<")[2].partition(b">")[0].decode() in stored


def _check_tickets(database_url: str, count: int) -> None:
    database = Database(database_url)
    with database.read() as connection:
        requesters = connection.execute(select(tickets.c.requester)).scalars().all()
        keys = connection.execute(select(journal.c.source_key)).scalars().all()
    database.close()
    assert sorted(requesters) == sorted(f"u{number}@example.org" for number in range(count))
    assert len(keys) == len(set(keys)) == count


def _count_tickets(database_url: str) -> int:
    database = Database(database_url)
    with database.read() as connection:
        found = len(connection.execute(select(tickets.c.id)).all())
    database.close()
    return found


def _await_tickets(database_url: str, count: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while _count_tickets(database_url) < count:
        assert time.monotonic() < deadline, f"{_count_tickets(database_url)} of {count} tickets"
        time.sleep(0.1)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(1, 13))
def test_killed_at_a_commit(tmp_path: Path, dovecot: Dovecot, when: str, number: int) -> None:
    url, user = f"sqlite:///{tmp_path}/desk.db", f"user{300 + number + (50 if when == 'after' else 0)}"
    _fill(dovecot, user, 5)
    with Receiver() as receiver:
        config = _configure(tmp_path, url, receiver.port, dovecot, user, '{ move = "Processed" }')
        with CrashingDesk(config, when, number) as crashing:
            assert crashing.process.wait(20) == -signal.SIGKILL, "it makes more commits than that"
        _check_put_away(dovecot, user, url)
        with CrashingDesk(config, "never", 0):
            _await_tickets(url, 5, 20)
    _check_tickets(url, 5)


@pytest.mark.long
@pytest.mark.parametrize("after", ['{ move = "Processed" }', '"flag"', '"delete"'])
def test_killed_at_random_with_a_thousand_mails(tmp_path: Path, database_url: str, after: str) -> None:
    dice = random.Random(after)
    with Dovecot() as server, Receiver() as receiver:
        _fill(server, "support", 1000)
        config = _configure(tmp_path, database_url, receiver.port, server, "support", after)
        for _ in range(20):
            with CrashingDesk(config, "never", 0) as crashing:
                time.sleep(dice.uniform(0.05, 1.2))
                crashing.process.kill()
            _check_put_away(server, "support", database_url)
        with CrashingDesk(config, "never", 0):
            _await_tickets(database_url, 1000, 120)
        _check_put_away(server, "support", database_url)
    _check_tickets(database_url, 1000)
