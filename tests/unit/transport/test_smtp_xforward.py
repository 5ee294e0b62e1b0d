"""XFORWARD: for whom a mail server of this machine hands mail on, and that nobody else may say so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgate.transport.smtp.envelope_paths import PathRejection
from mailgate.transport.smtp.lmtp import LmtpSettings
from mailgate.transport.smtp.server import SmtpSettings
from mailgate.transport.smtp.session import STORED, SmtpSession
from mailgate.transport.smtp.xforward import read_forward
from tests.support.listener import BODY, Client, FakeJournal, ListenerThread, stuff


@pytest.fixture(params=["smtp", "lmtp", "socket"])
def local(request: pytest.FixtureRequest, journal: FakeJournal, tmp_path: Path) -> Iterator[Client]:
    path = tmp_path / "s" if request.param == "socket" else None
    settings = SmtpSettings() if request.param == "smtp" else LmtpSettings(path=path)
    with ListenerThread(journal, settings) as desk, Client(desk.place) as client:
        client.greet(b"EHLO" if request.param == "smtp" else b"LHLO")
        yield client


def send(client: Client) -> None:
    client.begin()
    client.send(stuff(BODY))
    assert client.read_reply().startswith(STORED)


def test_the_address_is_the_mails_peer(local: Client, journal: FakeJournal) -> None:
    assert local.say(b"XFORWARD NAME=web.example.com ADDR=192.0.2.7 SOURCE=REMOTE").startswith("250 ")
    assert local.say(b"XFORWARD PROTO=ESMTP HELO=web+2Eexample").startswith("250 ")
    send(local)
    assert journal.stored[0][0].peer == "192.0.2.7"


def test_it_says_nothing_of_the_next_mail(local: Client, journal: FakeJournal) -> None:
    """A session is used for many mails, and of one that began on its own machine Postfix tells nothing."""
    assert local.say(b"XFORWARD ADDR=192.0.2.7").startswith("250 ")
    send(local)
    send(local)
    assert local.say(b"XFORWARD ADDR=192.0.2.7").startswith("250 ")
    assert local.say(b"RSET").startswith("250 ")
    send(local)
    peers = [envelope.peer for envelope, _ in journal.stored]
    assert peers[0] == "192.0.2.7"
    assert set(peers[1:]) <= {"127.0.0.1", ""}


def test_not_within_a_mail(local: Client) -> None:
    assert local.say(b"MAIL FROM:<>").startswith("250 ")
    assert local.say(b"XFORWARD ADDR=192.0.2.7").startswith("503 ")


def test_what_is_wrong_changes_nothing(local: Client, journal: FakeJournal) -> None:
    assert local.say(b"XFORWARD ADDR=192.0.2.7").startswith("250 ")
    assert local.say(b"XFORWARD ADDR=nonsense").startswith("501 ")
    assert local.say(b"XFORWARD").startswith("501 ")
    send(local)
    assert journal.stored[0][0].peer == "192.0.2.7"


@pytest.mark.parametrize("peer", ["192.0.2.1", "2001:db8::1", "::ffff:127.0.0.1", "fe80::1%eth0"])
def test_a_peer_elsewhere_is_not_believed(peer: str, journal: FakeJournal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SmtpSession, "_peer", lambda _: peer)
    with ListenerThread(journal) as desk, Client(desk.port) as client:
        client.read_reply()
        client.send(b"EHLO x\r\n")
        assert b"XFORWARD" not in client.socket.recv(1000)
        assert client.say(b"XFORWARD ADDR=10.0.0.1").startswith("550 ")
        send(client)
    assert journal.stored[0][0].peer == peer


def test_a_greeting_comes_first(journal: FakeJournal) -> None:
    with ListenerThread(journal) as desk, Client(desk.port) as client:
        client.read_reply()
        assert client.say(b"XFORWARD ADDR=10.0.0.1").startswith("503 ")


@pytest.mark.parametrize(
    ("argument", "address"),
    [
        ("ADDR=192.0.2.7", "192.0.2.7"),
        ("addr=192.0.2.7", "192.0.2.7"),
        ("NAME=[UNAVAILABLE] ADDR=[UNAVAILABLE]", ""),
        ("ADDR=[unavailable]", ""),
        ("ADDR=IPV6:2001:db8::1", "2001:db8::1"),
        ("ADDR=ipv6:2001:DB8:0::1", "2001:db8::1"),
        ("ADDR=2001:db8::1", "2001:db8::1"),
        ("ADDR=192+2E0.2.7", "192.0.2.7"),
        ("NAME=x HELO=y", None),
        ("PORT=25 IDENT=ABC", None),
        ("SOURCE=LOCAL", None),
    ],
)
def test_what_is_read(argument: str, address: str | None) -> None:
    assert read_forward(argument) == address


@pytest.mark.parametrize(
    "argument",
    [
        None, "", "ADDR", "ADDR=", "ADDR=1.2.3", "ADDR=192.0.2.7 FOO=1", "ADDR=192.0.2.7+0", "ADDR=+zz", "ADDR=a=b",
        "ADDR=fe80::1%eth0", "ADDR=fe80::1%+00", "ADDR=192.0.2.7+0A", "ADDR=192.0.2.7\x00", "ADDR=\udcff",
    ],
)  # fmt: skip
def test_what_is_refused(argument: str | None) -> None:
    assert isinstance(read_forward(argument), PathRejection)
