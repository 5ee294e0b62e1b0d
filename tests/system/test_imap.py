"""A mailbox on a real Dovecot: each mail is stored once, and only then put away; what is left stays as it is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mailgate.config import PutAwayAction
from mailgate.core.clock import HandClock
from mailgate.core.mail import Envelope
from mailgate.store.spool import Spool
from mailgate.transport.imap.session import open_session
from mailgate.transport.imap.watchdog import Wake
from tests.support.desk import TestDesk
from tests.support.dovecot import Dovecot
from tests.support.imap_source import MailboxReader, holds, make_mail, numbers, settings_for
from tests.support.postgres import Cluster
from tests.support.proxy import Fault, FaultyProxy


@pytest.fixture(scope="module")
def plain() -> Iterator[Dovecot]:
    """A server that knows none of what came after 1996."""
    with Dovecot(without=("IDLE", "MOVE", "UIDPLUS")) as server:
        yield server


def append(server: Dovecot, user: str, number: int, age: timedelta, flags: tuple[str, ...] = ()) -> None:
    """A mail that the server says to have received so long ago."""
    with server.client(user) as client:
        client.append("INBOX", make_mail(number), flags, datetime.now(UTC) - age)


# -- once, and only then put away ----------------------------------------------------------------------------------


def test_each_mail_is_stored_as_it_is_and_moved(dovecot: Dovecot, database_url: str, user: str) -> None:
    raw = b"Subject: \xe9\x80\xff\r\nMessage-ID: <odd@x>\r\n\r\n.\r\nbare\nline, 8 bit \xe8 and NUL \x01\r\n"
    with dovecot.client(user) as client:
        client.append("INBOX", raw)
    dovecot.deliver(make_mail(1), user)
    with MailboxReader(settings_for(dovecot, user), database_url) as reader:
        rows = reader.wait_for(2)
        reader.status.wait_for(successes=1)
        assert [row.message_id for row in rows] == ["odd@x", "1@client.example.org"]
        assert reader.raw(rows[0]) == raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        assert {row.source for row in rows} == {"imap"}
        assert rows[0].source_key.startswith(f"imap://{user}@127.0.0.1:{dovecot.imap}/INBOX;UIDVALIDITY=")
        assert (rows[0].sender, rows[0].recipients) == (None, [])
    assert (holds(dovecot, user), holds(dovecot, user, "Processed")) == (0, 2)


def test_what_comes_later_is_told_by_the_server(dovecot: Dovecot, database_url: str, user: str) -> None:
    with MailboxReader(settings_for(dovecot, user, idle_window=60.0), database_url) as reader:
        assert reader.status.wait_for(successes=1)
        for number in range(3):
            dovecot.deliver(make_mail(number), user)
            assert numbers(reader.wait_for(number + 1, 5)) == list(range(number + 1))


def test_a_mail_that_came_just_before_idle_is_told(dovecot: Dovecot, user: str) -> None:
    """The library reports it only when IDLE ends: 29 minutes later, if nobody knows."""
    with open_session(settings_for(dovecot, user, idle_window=60.0), Wake()) as session:
        assert session.find_after(0) == []
        dovecot.deliver(make_mail(1), user)
        session.wait(60.0)  # a test that hangs here has lost it
        assert len(session.find_after(0)) == 1


def test_a_server_without_idle_move_and_uidplus(plain: Dovecot, database_url: str, user: str) -> None:
    plain.deliver(make_mail(1), user)
    with MailboxReader(settings_for(plain, user), database_url) as reader:
        reader.wait_for(1)
        plain.deliver(make_mail(2), user)
        assert numbers(reader.wait_for(2)) == [1, 2]
        reader.status.wait_for(successes=3)
    assert holds(plain, user, "Processed") == 2
    with plain.client(user) as client:
        client.select_folder("INBOX")
        # A bare EXPUNGE would take what others have marked.
        assert len(client.search("DELETED")) == 2


def test_a_server_that_refuses_idle_is_asked(dovecot: Dovecot, database_url: str, user: str) -> None:
    with FaultyProxy(dovecot.imap) as proxy:
        proxy.break_at("IDLE", Fault.REFUSE)
        with MailboxReader(settings_for(dovecot, user, port=proxy.port, idle_window=600.0), database_url) as reader:
            assert reader.status.wait_for(successes=2)
            dovecot.deliver(make_mail(1), user)
            assert numbers(reader.wait_for(1)) == [1]
            assert proxy.connections == 1


def test_nothing_is_put_away_before_it_is_stored(dovecot: Dovecot, database_url: str, user: str) -> None:
    dovecot.deliver(make_mail(1), user)
    asked, go_on = threading.Event(), threading.Event()
    reader = MailboxReader(settings_for(dovecot, user, after=PutAwayAction("flag")), database_url)

    def accept(envelope: Envelope, raw: bytes | Spool) -> Future[Any]:
        asked.set()
        go_on.wait(20)
        return reader.intake.accept(envelope, raw)

    reader.accept = accept
    with reader:
        assert asked.wait(20)
        with dovecot.client(user) as client:
            client.select_folder("INBOX", readonly=True)
            assert not _flags(client)
        go_on.set()
        reader.wait_for(1)
        reader.status.wait_for(successes=1)
        with dovecot.client(user) as client:
            client.select_folder("INBOX", readonly=True)
            assert {b"\\Seen", b"Mailgate"} <= _flags(client)


def _flags(client: Any) -> set[bytes]:
    found = client.get_flags(client.search())
    return {flag for flags in found.values() for flag in flags if flag != b"\\Recent"}


def test_only_what_was_stored_is_deleted(dovecot: Dovecot, database_url: str, user: str) -> None:
    append(dovecot, user, 1, timedelta(0), ("\\Deleted",))  # another user's, who may take it back
    dovecot.deliver(make_mail(2), user)
    with MailboxReader(settings_for(dovecot, user, after=PutAwayAction("delete")), database_url) as reader:
        assert numbers(reader.wait_for(1)) == [2]
        reader.status.wait_for(successes=1)
    assert holds(dovecot, user) == 1


class Failing:
    """In place of the intake: what `fails` says of a mail is raised by its future."""

    def __init__(self, reader: MailboxReader, fails: Callable[[bytes], str]) -> None:
        self._reading = reader
        self._fails = fails
        reader.accept = self

    def __call__(self, envelope: Envelope, raw: bytes | Spool) -> Future[Any]:
        words = self._fails(raw if isinstance(raw, bytes) else raw.head)
        if not words:
            return self._reading.intake.accept(envelope, raw)
        failed: Future[Any] = Future()
        failed.set_exception(OSError(words))
        return failed


def test_a_journal_that_fails_leaves_the_mail_where_it_is(dovecot: Dovecot, database_url: str, user: str) -> None:
    dovecot.deliver(make_mail(1), user)
    reader = MailboxReader(settings_for(dovecot, user), database_url)
    failing = ["no space left", "no space left"]
    Failing(reader, lambda _: failing.pop() if failing else "")
    with reader:
        assert reader.status.wait_for(errors=1)
        assert reader.status.errors[0] == "emails could not be stored: no space left; check the database"
        assert numbers(reader.wait_for(1)) == [1]
        reader.status.wait_for(successes=1)
    assert holds(dovecot, user) == 0


def test_one_that_cannot_be_stored_waits_by_itself(dovecot: Dovecot, database_url: str, user: str) -> None:
    for number in range(1, 4):
        dovecot.deliver(make_mail(number), user)
    reader = MailboxReader(settings_for(dovecot, user, idle_window=0.1), database_url)
    bad = [b"number 1"]
    Failing(reader, lambda raw: "it is cursed\nand more" if any(one in raw for one in bad) else "")
    with reader:
        assert numbers(reader.wait_for(2)) == [2, 3]
        dovecot.deliver(make_mail(4), user)
        assert numbers(reader.wait_for(3)) == [2, 3, 4]
        assert reader.status.errors[-1] == "could not be stored: 1 email, left in the mailbox (it is cursed)"
        assert reader.status.figures["unstored"] == 1
        bad.clear()
        assert numbers(reader.wait_for(4)) == [2, 3, 4, 1]
        assert reader.status.wait_for(successes=1)
    assert holds(dovecot, user) == 0


def test_one_that_goes_while_it_is_fetched_is_not_cut_short(
    dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mail in pieces that is deleted meanwhile has no more pieces; that is not its end."""
    with dovecot.client(user) as client:
        client.append("INBOX", make_mail(1, 3_000_000))
    with open_session(settings_for(dovecot, user), Wake()) as session:
        [uid] = session.find_all()
        write = Spool.write

        def write_and_delete(spool: Spool, content: bytes) -> None:
            write(spool, content)
            with dovecot.client(user) as other:
                other.select_folder("INBOX")
                other.delete_messages([uid])
                other.expunge()

        monkeypatch.setattr(Spool, "write", write_and_delete)
        assert session.get_large_mail(uid, 3_000_000, 5_000_000) is None


def test_what_cannot_be_put_away_is_told(dovecot: Dovecot, database_url: str, user: str) -> None:
    dovecot.deliver(make_mail(1), user)
    with MailboxReader(settings_for(dovecot, user, after=PutAwayAction("move", "a//b")), database_url) as reader:
        reader.wait_for(1)
        assert reader.status.wait_for(errors=1)
        assert reader.status.errors[0].startswith("emails are stored, but stay in INBOX: ")
        dovecot.deliver(make_mail(2), user)
        assert numbers(reader.wait_for(2)) == [1, 2]


def test_a_server_that_fails_at_putting_away_still_gives_what_is_new(
    dovecot: Dovecot, database_url: str, user: str
) -> None:
    dovecot.deliver(make_mail(1), user)
    with FaultyProxy(dovecot.imap) as proxy:
        proxy.break_at("MOVE", Fault.CUT, times=100)
        with MailboxReader(settings_for(dovecot, user, port=proxy.port), database_url) as reader:
            for number in range(2, 8):
                reader.wait_for(number - 1)
                dovecot.deliver(make_mail(number), user)
            assert numbers(reader.wait_for(7)) == [1, 2, 3, 4, 5, 6, 7]


def test_a_dry_run_touches_nothing(dovecot: Dovecot, database_url: str, user: str) -> None:
    dovecot.deliver(make_mail(1), user)
    for _ in range(2):
        with MailboxReader(settings_for(dovecot, user, untouched=True), database_url) as reader:
            reader.status.wait_for(successes=1)
            assert numbers(reader.rows()) == [1]
    with dovecot.client(user) as client:
        client.select_folder("INBOX", readonly=True)
        assert (len(client.search()), _flags(client)) == (1, set())
    with MailboxReader(settings_for(dovecot, user), database_url) as reader:  # the real start puts it away
        reader.status.wait_for(successes=1)
        assert numbers(reader.rows()) == [1]
    assert holds(dovecot, user) == 0


def test_what_was_stored_and_not_moved_is_moved_and_not_stored_again(
    dovecot: Dovecot, database_url: str, user: str
) -> None:
    """A kill between the commit and the move."""
    dovecot.deliver(make_mail(1), user)
    with MailboxReader(settings_for(dovecot, user, untouched=True), database_url) as reader:
        reader.wait_for(1)
    with MailboxReader(settings_for(dovecot, user), database_url) as reader:
        reader.status.wait_for(successes=1)
        assert len(reader.rows()) == 1
    assert holds(dovecot, user) == 0


# -- the first contact ---------------------------------------------------------------------------------------------


def test_an_old_mailbox_is_not_answered(dovecot: Dovecot, database_url: str, user: str) -> None:
    for number, days in enumerate((400, 8, 6, 3, 1)):
        append(dovecot, user, number, timedelta(days=days))
    recent = settings_for(dovecot, user, first_start="recent", first_mails=2)
    with MailboxReader(recent, database_url) as reader:
        assert numbers(reader.wait_for(2)) == [3, 4]
        reader.status.wait_for(successes=1)
        assert reader.status.figures["left"] == 3
    append(dovecot, user, 9, timedelta(days=300))  # moved here by a person: it came after the first contact
    with MailboxReader(recent, database_url) as reader:
        assert numbers(reader.wait_for(3)) == [3, 4, 9]
        reader.status.wait_for(successes=1)
    assert holds(dovecot, user) == 3


def test_of_an_old_mailbox_nothing_is_taken(dovecot: Dovecot, database_url: str, user: str) -> None:
    dovecot.deliver(make_mail(1), user)
    with MailboxReader(settings_for(dovecot, user, first_start="new"), database_url) as reader:
        assert reader.status.wait_for(successes=1)
        dovecot.deliver(make_mail(2), user)
        assert numbers(reader.wait_for(1)) == [2]
    assert holds(dovecot, user) == 1


def test_a_first_contact_that_was_interrupted_is_completed(dovecot: Dovecot, database_url: str, user: str) -> None:
    """Mails that were planned then are taken, and none of those left, however few of the planned are there still."""
    for number, days in enumerate((6, 5, 4, 3)):
        append(dovecot, user, number, timedelta(days=days))
    with FaultyProxy(dovecot.imap) as proxy:
        proxy.break_at(r"BODY\.PEEK", Fault.CUT)
        settings = settings_for(dovecot, user, port=proxy.port, first_start="recent", first_mails=2, longest_pause=60.0)
        with MailboxReader(
            settings_for(dovecot, user, port=proxy.port, first_start="recent", first_mails=2), database_url
        ):
            assert proxy.wait_for(r"BODY\.PEEK")
        with MailboxReader(settings, database_url) as reader:
            assert numbers(reader.wait_for(2)) == [2, 3]
            reader.status.wait_for(successes=1)
        with MailboxReader(settings, database_url) as reader:
            reader.status.wait_for(successes=1)
            assert len(reader.rows()) == 2


@pytest.mark.parametrize(("first_start", "again"), [("all", [1, 2, 3]), ("recent", [2, 3]), ("new", [3])])
def test_numbered_anew_what_was_left_stays_left(
    tmp_path: Path, database_url: str, user: str, first_start: str, again: list[int]
) -> None:
    with Dovecot() as server:
        append(server, user, 1, timedelta(days=30))
        append(server, user, 2, timedelta(days=2))
        settings = settings_for(server, user, first_start=first_start, after=PutAwayAction("flag"))
        with MailboxReader(settings, database_url) as reader:
            assert reader.status.wait_for(successes=1)
            server.deliver(make_mail(3), user)
            before = {"all": 3, "recent": 2, "new": 1}[first_start]
            assert numbers(reader.wait_for(before)) == again
            reader.status.wait_for(successes=2)
        server.stop()
        server.renumber(user)
        server.start()
        with MailboxReader(settings, database_url) as reader:
            rows = reader.wait_for(2 * before)  # the journal gets them again; the worker recognises them
            assert sorted(numbers(rows)[before:]) == again
            server.deliver(make_mail(4), user)
            assert numbers(reader.wait_for(2 * before + 1))[-1] == 4
    desk = TestDesk(tmp_path, database=database_url)
    desk.clock.set(datetime.now(UTC))
    desk.settle()
    opened = len(desk.tickets())
    desk.desk.database.close()
    assert opened == before + 1, "what was taken before is recognised"


# -- large and bad mails -------------------------------------------------------------------------------------------


def test_large_mails_come_in_pieces_and_of_too_large_ones_the_head(
    dovecot: Dovecot, database_url: str, user: str
) -> None:
    large, too_large = make_mail(1, 3_000_000), make_mail(2, 5_500_000)
    for raw in (large, too_large, make_mail(3)):
        with dovecot.client(user) as client:
            client.append("INBOX", raw)
    with MailboxReader(settings_for(dovecot, user, max_size=5_000_000), database_url) as reader:
        rows = reader.wait_for(3)
        reader.status.wait_for(successes=1)
        assert sorted((row.size, row.oversized) for row in rows) == [
            (len(make_mail(3)), False), (len(large), False), (len(too_large), True),
        ]  # fmt: skip
        by_number = {int(row.message_id.partition("@")[0]): row for row in rows}
        assert reader.raw(by_number[1]) == large
        assert reader.raw(by_number[2]) == too_large.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert holds(dovecot, user) == 1
    with MailboxReader(settings_for(dovecot, user, max_size=5_000_000), database_url) as reader:
        reader.status.wait_for(successes=1)
        assert len(reader.rows()) == 3
    with dovecot.client(user) as client:
        client.select_folder("INBOX", readonly=True)
        assert b"\\Flagged" in _flags(client)


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.REFUSE, Fault.HANG])
def test_one_bad_mail_never_blocks_the_mailbox(dovecot: Dovecot, database_url: str, user: str, fault: Fault) -> None:
    for number in range(1, 6):
        dovecot.deliver(make_mail(number), user)
    with FaultyProxy(dovecot.imap) as proxy:
        proxy.break_at(r"FETCH 1,2,3,4,5 .BODY", fault)
        proxy.break_at(r"FETCH 3 .BODY", fault, times=2 if fault is not Fault.REFUSE else 1)
        with MailboxReader(settings_for(dovecot, user, port=proxy.port, timeout=0.5), database_url) as reader:
            rows = reader.wait_for(4)
            reader.status.wait_for(successes=1)
            dovecot.deliver(make_mail(6), user)
            assert sorted(numbers(reader.wait_for(5))) == [1, 2, 4, 5, 6]
            assert len(rows) >= 4
        assert proxy.broken
        assert holds(dovecot, user) == 1
        with MailboxReader(
            settings_for(dovecot, user, port=proxy.port), database_url
        ) as reader:  # it is asked for again
            assert sorted(numbers(reader.wait_for(6))) == [1, 2, 3, 4, 5, 6]
            assert reader.status.figures["missing"] == 1


# -- who reads -----------------------------------------------------------------------------------------------------


def test_of_two_processes_one_reads(dovecot: Dovecot, cluster: Cluster, user: str) -> None:
    url = cluster.lend()
    settings = settings_for(dovecot, user)
    with FaultyProxy(dovecot.imap) as proxy:
        with MailboxReader(settings, url, holder="one") as one:
            assert one.status.wait_for(successes=1)
            with MailboxReader(settings_for(dovecot, user, port=proxy.port), url, holder="two"):
                dovecot.deliver(make_mail(1), user)
                one.wait_for(1)
            assert proxy.connections == 0
        with MailboxReader(
            settings_for(dovecot, user, port=proxy.port), url, holder="two"
        ) as two:  # the lease was given back
            assert two.status.wait_for(successes=1)
            assert len(two.rows()) == 1
    cluster.take_back(url)


def test_the_folder_is_held_against_the_journal(dovecot: Dovecot, database_url: str, user: str) -> None:
    """A mail that was overlooked, whatever the reason, is fetched when the folder is reconciled."""
    clock = HandClock(datetime.now(UTC))
    for number in (1, 2):
        dovecot.deliver(make_mail(number), user)
    settings = settings_for(dovecot, user, after=PutAwayAction("flag"))
    with MailboxReader(settings, database_url, clock) as reader:
        reader.wait_for(2)
        reader.status.wait_for(successes=1)
        reader.forget(reader.rows()[0])
    with dovecot.client(user) as client:
        client.select_folder("INBOX")
        client.remove_flags([1], ["\\Seen", "Mailgate"])
    with MailboxReader(settings, database_url, clock) as reader:
        assert numbers(reader.wait_for(2)) == [2, 1]
        assert reader.status.figures["missing"] == 1
    with MailboxReader(settings, database_url, clock) as reader:
        reader.status.wait_for(successes=1)
        assert reader.status.figures["missing"] == 0


def test_a_mark_of_ours_alone_makes_no_mail_known(dovecot: Dovecot, database_url: str, user: str) -> None:
    """A person moves a mail here that another desk has marked, while this one is away."""
    settings = settings_for(dovecot, user, after=PutAwayAction("flag"))
    with MailboxReader(settings, database_url) as reader:
        reader.status.wait_for(successes=1)
    append(dovecot, user, 1, timedelta(0), ("Mailgate", "\\Seen"))
    with MailboxReader(settings, database_url) as reader:
        assert numbers(reader.wait_for(1)) == [1]


def test_it_is_reconciled_again_and_again(dovecot: Dovecot, database_url: str, user: str) -> None:
    with FaultyProxy(dovecot.imap) as proxy:
        settings = settings_for(dovecot, user, port=proxy.port, reconcile_every=0.0, idle_window=0.05)
        with MailboxReader(settings, database_url) as reader:
            assert reader.status.wait_for(successes=3)
            assert proxy.wait_for('SELECT "INBOX"', 3)
            assert proxy.connections == 1


def test_the_end_does_not_wait_for_idle(dovecot: Dovecot, database_url: str, user: str) -> None:
    with FaultyProxy(dovecot.imap) as proxy:
        with MailboxReader(settings_for(dovecot, user, port=proxy.port, idle_window=600.0), database_url) as reader:
            assert proxy.wait_for("IDLE")
            reader.status.wait_for(successes=1)
        assert proxy.wait_for("LOGOUT")


def test_a_backlog_does_not_run_ahead_of_the_worker(dovecot: Dovecot, database_url: str, user: str) -> None:
    """At most some hundred mails wait to be worked off, and who writes meanwhile does not wait for the others."""
    with dovecot.client(user) as client:
        client.multiappend("INBOX", [make_mail(number) for number in range(500)])
    with MailboxReader(settings_for(dovecot, user), database_url) as reader:
        assert len(reader.wait_for(128)) <= 128 + 64
        waiting = len(reader.rows())
        dovecot.deliver(make_mail(999), user)
        rows = reader.wait_for(waiting + 1)
        assert 999 in numbers(rows)
        assert len(rows) < 400
        while len(reader.rows()) < 501:
            reader.work_off()
        assert len(set(numbers(reader.rows()))) == 501
