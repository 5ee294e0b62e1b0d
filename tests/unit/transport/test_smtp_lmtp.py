"""The LMTP way in, against the real listener: one reply for each recipient, one mail in the journal; and its socket."""

from __future__ import annotations

import errno
import grp
import os
import socket
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mailgate.transport.smtp.data import IN_MEMORY
from mailgate.transport.smtp.lmtp import LmtpSettings
from mailgate.transport.smtp.session import CLOSING, NOT_OURS, NOT_STORED, STORED, TOO_LARGE
from tests.support.listener import BODY, DESK, SENDER, Client, FakeJournal, ListenerThread, stuff

TAGGED = "support+SUP-7.1.abc@example.com"


@pytest.fixture
def path() -> Iterator[Path]:
    """Where a socket may stand; the path of one must be short, and a test's folder is not always."""
    folder = Path("/tmp") / f"lmtp-{os.getpid()}"
    folder.mkdir()
    try:
        yield folder / "desk.sock"
    finally:
        for left in folder.iterdir():
            left.unlink()
        folder.rmdir()


@pytest.fixture(params=["port", "socket"])
def lmtp(request: pytest.FixtureRequest, journal: FakeJournal, path: Path) -> Iterator[Client]:
    settings = LmtpSettings(path=path if request.param == "socket" else None)
    with ListenerThread(journal, settings) as desk, Client(desk.place) as client:
        client.greet(b"LHLO")
        yield client


def begin(client: Client, *recipients: str) -> list[str]:
    """MAIL, RCPT for each, DATA; the replies to RCPT."""
    assert client.say(f"MAIL FROM:<{SENDER}>".encode()).startswith("250 ")
    replies = [client.say(f"RCPT TO:<{one}>".encode()) for one in recipients]
    assert client.say(b"DATA").startswith("354 ")
    return replies


def test_each_recipient_gets_a_reply_and_the_mail_is_stored_once(lmtp: Client, journal: FakeJournal) -> None:
    replies = begin(lmtp, DESK, "x@elsewhere.example", TAGGED)
    assert [reply[:4] for reply in replies] == ["250 ", NOT_OURS[:4], "250 "]
    lmtp.send(stuff(BODY) + b"NOOP\r\n")
    assert [lmtp.read_reply() for _ in range(2)] == [f"{STORED} 1"] * 2
    assert lmtp.read_reply() == "250 OK"  # NOOP: there was no third
    assert lmtp.say(b"NOOP") == "250 OK"
    ((envelope, raw),) = journal.stored
    assert raw == BODY
    assert (envelope.sender, envelope.recipients, envelope.source) == (SENDER, (DESK, TAGGED), "lmtp")


def test_the_same_recipient_twice_gets_two_replies(lmtp: Client, journal: FakeJournal) -> None:
    begin(lmtp, DESK, DESK)
    lmtp.send(stuff(BODY))
    assert [lmtp.read_reply() for _ in range(2)] == [f"{STORED} 1"] * 2
    assert journal.stored[0][0].recipients == (DESK,)
    begin(lmtp, DESK)
    lmtp.send(stuff(BODY))
    assert lmtp.read_reply().startswith(STORED)
    assert lmtp.say(b"NOOP") == "250 OK"


def test_what_cannot_be_stored_is_451_for_each(lmtp: Client, journal: FakeJournal) -> None:
    for where in ("failure", "refusal"):
        setattr(journal, where, OSError("disk full"))
        begin(lmtp, DESK, TAGGED)
        lmtp.send(stuff(BODY))
        assert [lmtp.read_reply() for _ in range(2)] == [NOT_STORED, NOT_STORED]
        setattr(journal, where, None)
    begin(lmtp, DESK)
    lmtp.send(stuff(BODY))
    assert lmtp.read_reply().startswith(STORED)


def test_a_fault_of_ours_after_354_is_451_for_each(lmtp: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("mailgate.transport.smtp.data.Spool", full)
    begin(lmtp, DESK, TAGGED)
    lmtp.send(stuff(b"x" * (2 * IN_MEMORY) + b"\r\n"))
    assert [lmtp.read_reply() for _ in range(2)] == [NOT_STORED, NOT_STORED]
    assert lmtp.say(b"NOOP") == "250 OK"


def test_too_large_is_552_for_each(journal: FakeJournal) -> None:
    with ListenerThread(journal, LmtpSettings(max_size=10)) as desk, Client(desk.place) as client:
        client.greet(b"LHLO")
        begin(client, DESK, TAGGED)
        client.send(stuff(BODY))
        assert [client.read_reply() for _ in range(2)] == [TOO_LARGE, TOO_LARGE]
        assert client.say(b"NOOP") == "250 OK"
    assert journal.stored == []


def test_no_recipient_no_data(lmtp: Client) -> None:
    assert lmtp.say(b"MAIL FROM:<>").startswith("250 ")
    assert lmtp.say(b"RCPT TO:<x@elsewhere.example>") == NOT_OURS
    assert lmtp.say(b"DATA").startswith("503 ")
    assert lmtp.say(b"NOOP") == "250 OK"


def test_commands_may_be_sent_ahead(lmtp: Client, journal: FakeJournal) -> None:
    ahead = f"MAIL FROM:<>\r\nRCPT TO:<{DESK}>\r\nRCPT TO:<{TAGGED}>\r\nDATA\r\n".encode()
    lmtp.send(ahead + stuff(BODY) + ahead + stuff(BODY) + b"QUIT\r\n")
    replies = [lmtp.read_reply()[:3] for _ in range(13)]
    assert replies == [*["250", "250", "250", "354", "250", "250"] * 2, "221"]
    assert [envelope.sender for envelope, _ in journal.stored] == ["", ""]


@pytest.mark.parametrize("greeting", [b"HELO x", b"EHLO x"])
def test_it_is_not_smtp(greeting: bytes, lmtp: Client, journal: FakeJournal) -> None:
    assert lmtp.say(greeting).startswith("500 ")
    with ListenerThread(journal) as desk, Client(desk.place) as smtp:
        smtp.read_reply()
        assert smtp.say(b"LHLO x").startswith("500 ")


def test_mail_needs_lhlo(journal: FakeJournal) -> None:
    with ListenerThread(journal, LmtpSettings()) as desk, Client(desk.place) as client:
        assert client.read_reply() == "220 localhost LMTP"
        assert client.say(b"MAIL FROM:<>") == "503 Error: send LHLO first"
        assert client.say(b"LHLO").startswith("501 ")
        assert client.say(b"AUTH PLAIN AGEAYg==").startswith("50")


def test_what_is_offered(journal: FakeJournal) -> None:
    with ListenerThread(journal, LmtpSettings()) as desk, Client(desk.place) as client:
        client.read_reply()
        client.send(b"LHLO x\r\n")
        offers = client.socket.recv(1000).decode().splitlines()
    names = {line[4:].split()[0] for line in offers[1:]}
    assert names == {"SIZE", "8BITMIME", "SMTPUTF8", "PIPELINING", "XFORWARD"}


def test_a_stop_lets_the_mail_under_way_end(journal: FakeJournal, path: Path) -> None:
    with ListenerThread(journal, LmtpSettings(path=path)) as desk, Client(desk.place) as client:
        client.greet(b"LHLO")
        begin(client, DESK, TAGGED)
        stopping = desk.stop(10)
        assert not path.exists()
        client.send(stuff(BODY))
        assert [client.read_reply() for _ in range(4)] == [f"{STORED} 1", f"{STORED} 1", CLOSING, ""]
        stopping.result(5)


# -- the socket -------------------------------------------------------------------------------------------------------


def test_the_socket_has_its_mode_and_group_and_goes_at_the_end(journal: FakeJournal, path: Path) -> None:
    group = grp.getgrgid(os.getgid()).gr_name
    with ListenerThread(journal, LmtpSettings(path=path, mode=0o620, group=group)):
        found = path.stat()
        assert stat.S_IMODE(found.st_mode) == 0o620
        assert found.st_gid == os.getgid()
    assert not path.exists()


def test_what_a_dead_process_left_is_removed(journal: FakeJournal, path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with ListenerThread(journal, LmtpSettings(path=path)) as desk, Client(desk.place) as client:
        client.greet(b"LHLO")


def test_a_socket_in_use_is_left_alone(journal: FakeJournal, path: Path) -> None:
    settings = LmtpSettings(path=path)
    with ListenerThread(journal, settings) as desk:
        with (
            pytest.raises(OSError, match="another process is listening there") as refused,
            ListenerThread(FakeJournal(), settings),
        ):
            pass
        assert (refused.value.errno, refused.value.filename) == (errno.EADDRINUSE, str(path))
        with Client(desk.place) as client:
            client.greet(b"LHLO")


def test_anothers_socket_is_not_removed_at_the_end(journal: FakeJournal, path: Path) -> None:
    with ListenerThread(journal, LmtpSettings(path=path)):
        path.rename(path.with_name("old"))  # lest its inode be used again
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(path))
    assert path.exists()


def test_a_socket_that_cannot_be_says_why(path: Path) -> None:
    good = LmtpSettings(path=path)
    (path.parent / "file").touch()
    for settings, words in (
        (replace(good, group="no-such-group"), "there is no group 'no-such-group'"),
        (replace(good, path=path.parent / "lost" / "desk.sock"), f"the folder .* does not exist.*{path.parent}/lost"),
        (replace(good, path=path.parent / "file"), "the path exists but is not a socket"),
        (replace(good, path=path.parent / ("x" * 120)), "too long for a UNIX socket"),
    ):
        with pytest.raises(OSError, match=words), ListenerThread(FakeJournal(), settings):
            pass
    assert (path.parent / "file").exists()


def test_a_group_that_is_not_ours_to_give_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("mailgate.transport.smtp.sockets.os.chown", refuse)
    settings = LmtpSettings(path=path, group=grp.getgrgid(os.getgid()).gr_name)
    with pytest.raises(OSError, match="only a member can give the socket"), ListenerThread(FakeJournal(), settings):
        pass
    assert not path.exists()


def test_only_the_owner_gets_in_before_the_end(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modes: list[int] = []
    monkeypatch.setattr(
        "mailgate.transport.smtp.sockets.os.chown", lambda *_: modes.append(stat.S_IMODE(path.stat().st_mode) & 0o077)
    )
    with ListenerThread(FakeJournal(), LmtpSettings(path=path, mode=0o666, group=grp.getgrgid(os.getgid()).gr_name)):
        assert modes == [0]
        assert stat.S_IMODE(path.stat().st_mode) == 0o666
