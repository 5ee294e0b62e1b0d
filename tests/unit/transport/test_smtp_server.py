"""The SMTP way in, against the real listener: what is said, what is stored, and in which order."""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import suppress
from smtplib import SMTP, SMTPDataError

import pytest

from mailgate.core.clock import HandClock
from mailgate.core.networks import is_loopback
from mailgate.transport.smtp.server import SmtpIntake, SmtpSettings
from mailgate.transport.smtp.session import CLOSING, NOT_OURS, NOT_STORED, STORED, TOO_LARGE, TOO_MANY, TOO_SLOW
from mailgate.transport.smtp.sockets import OpenSocket, Port, open_port
from tests.support.listener import BODY, DESK, NOON, SENDER, Client, FakeJournal, ListenerThread, is_ours, stuff


def test_a_mail_is_stored_with_its_envelope(desk: ListenerThread, journal: FakeJournal) -> None:
    with SMTP("127.0.0.1", desk.port) as smtp:
        smtp.sendmail(SENDER, [DESK, "support+SUP-7.1.abc@example.com"], BODY)
    ((envelope, raw),) = journal.stored
    assert raw == BODY
    assert envelope.sender == SENDER
    assert envelope.recipients == (DESK, "support+SUP-7.1.abc@example.com")
    assert (envelope.source, envelope.received_at, envelope.peer) == ("smtp", NOON, "127.0.0.1")
    assert (envelope.source_key, envelope.auth_user) == (None, "")


DIALOGUES: dict[str, list[tuple[bytes, str]]] = {
    "the null sender": [
        (b"MAIL FROM:<>", "250 "),
        (b"RCPT TO:<support@example.com>", "250 "),
        (b"DATA", "354 "),
        (BODY + b".", STORED),
    ],
    "somebody else's address": [(b"MAIL FROM:<a@b.example>", "250 "), (b"RCPT TO:<x@elsewhere.example>", NOT_OURS)],
    "a percent hack is no relay either": [
        (b"MAIL FROM:<a@b.example>", "250 "),
        (b"RCPT TO:<x%elsewhere.example@other.example>", NOT_OURS),
    ],
    "SIZE beyond the limit": [(b"MAIL FROM:<a@b.example> SIZE=99999999", TOO_LARGE), (b"MAIL FROM:<a@b.example>", "2")],
    "parameters that relays send": [
        (b"MAIL FROM:<a@b.example> SIZE=10 BODY=8BITMIME AUTH=<> RET=HDRS ENVID=x1", "250 "),
        (b"RCPT TO:<support@example.com> NOTIFY=NEVER ORCPT=rfc822;support@example.com", "250 "),
    ],
    "a parameter nobody knows": [(b"MAIL FROM:<a@b.example> FOO=1", "555 "), (b"MAIL FROM:<a@b.example>", "250 ")],
    "a wrong BODY": [(b"MAIL FROM:<a@b.example> BODY=BINARYMIME", "501 ")],
    "an address beyond ASCII": [
        ("MAIL FROM:<jürgen@müller.example> SMTPUTF8".encode(), "250 "),
        ("RCPT TO:<dépannage@example.com>".encode(), "250 "),
    ],
    "an address beyond ASCII unannounced": [
        (b"MAIL FROM:<a@b.example>", "250 "),
        ("RCPT TO:<dépannage@example.com>".encode(), "553 "),
    ],
    "NUL in a recipient": [(b"MAIL FROM:<a@b.example>", "250 "), (b"RCPT TO:<supp\0ort@example.com>", "553 ")],
    "a control character in a recipient": [
        (b"MAIL FROM:<a@b.example>", "250 "),
        (b"RCPT TO:<support\x1b@example.com>", "553 "),
    ],
    "bytes that are no UTF-8": [
        (b"MAIL FROM:<a@b.example> SMTPUTF8", "250 "),
        (b"RCPT TO:<support\xff@example.com>", "553 "),
    ],
    "a control character in a sender": [(b"MAIL FROM:<a\x07@b.example>", "553 ")],
    "two dots in a recipient": [(b"MAIL FROM:<a@b.example>", "250 "), (b"RCPT TO:<a..b@example.com>", "553 ")],
    "two dots in a sender do exist": [(b"MAIL FROM:<a..b@c.example>", "250 ")],
    "the bare postmaster": [(b"MAIL FROM:<a@b.example>", "250 "), (b"RCPT TO:<Postmaster>", "250 ")],
    "a source route": [(b"MAIL FROM:<@x.example,@y.example:a@b.example>", "250 "), (b"MAIL FROM:<x@y>", "503 ")],
    "the wrong order": [
        (b"RCPT TO:<support@example.com>", "503 "),
        (b"DATA", "503 "),
        (b"MAIL FROM:<a@b.example>", "250 "),
        (b"DATA", "503 "),
        (b"MAIL FROM:<a@b.example>", "503 "),
        (b"RSET", "250 "),
        (b"MAIL FROM:<a@b.example>", "250 "),
    ],
    "nonsense": [(b"MAIL TO:<a@b.example>", "501 "), (b"MAIL", "501 "), (b"FROB", "500 "), (b"VRFY jo", "252 ")],
    "no login without encryption": [(b"AUTH PLAIN AGEAYg==", "502 ")],
}


@pytest.mark.parametrize("name", DIALOGUES)
def test_dialogue(name: str, client: Client) -> None:
    for command, reply in DIALOGUES[name]:
        said = client.say(command)
        assert said.startswith(reply), (command, said)


def test_mail_needs_a_greeting(desk: ListenerThread) -> None:
    with Client(desk.port) as talking:
        talking.read_reply()
        assert talking.say(b"MAIL FROM:<a@b.example>").startswith("503 ")


def test_the_null_sender_is_empty(client: Client, journal: FakeJournal) -> None:
    for command, _ in DIALOGUES["the null sender"]:
        client.say(command)
    assert journal.stored[0][0].sender == ""


def test_size_is_advertised(desk: ListenerThread) -> None:
    with SMTP("127.0.0.1", desk.port) as smtp:
        smtp.ehlo()
        assert smtp.esmtp_features["size"] == str(25 * 2**20)
        assert smtp.has_extn("smtputf8")
        assert not smtp.has_extn("auth")
        assert not smtp.has_extn("starttls")


def test_too_many_recipients(client: Client) -> None:
    client.say(b"MAIL FROM:<a@b.example>")
    replies = [client.say(b"RCPT TO:<support+%d@example.com>" % number) for number in range(101)]
    assert all(reply.startswith("250 ") for reply in replies[:100])
    assert replies[100].startswith("452 ")


@pytest.mark.parametrize("where", ["failure", "refusal"])
def test_what_cannot_be_stored_is_451_and_says_nothing_about_us(
    where: str, desk: ListenerThread, journal: FakeJournal, caplog: pytest.LogCaptureFixture
) -> None:
    setattr(journal, where, ConnectionResetError("password=hunter2"))
    with SMTP("127.0.0.1", desk.port) as smtp:
        with pytest.raises(SMTPDataError) as refused:
            smtp.sendmail(SENDER, DESK, BODY)
        assert f"{refused.value.smtp_code} {refused.value.smtp_error.decode()}" == NOT_STORED  # type: ignore[union-attr]
        setattr(journal, where, None)
        smtp.sendmail(SENDER, DESK, BODY)
    assert len(journal.stored) == 1
    assert "hunter2" not in caplog.text or where == "refusal"


def test_nothing_is_acknowledged_before_it_is_durable(client: Client, journal: FakeJournal) -> None:
    journal.open.clear()
    client.begin()
    client.send(stuff(BODY))
    assert journal.began.wait(10)
    client.socket.settimeout(0.1)
    with pytest.raises(TimeoutError):
        client.socket.recv(1)
    journal.open.set()
    client.socket.settimeout(20)
    assert client.socket.recv(100).decode().startswith("250 ")


def test_a_client_that_hangs_up_does_not_stop_the_storing(client: Client, journal: FakeJournal) -> None:
    journal.open.clear()
    client.begin()
    client.send(stuff(BODY))
    assert journal.began.wait(10)
    client.socket.shutdown(socket.SHUT_RDWR)
    journal.open.set()
    journal.threads.shutdown()
    assert [raw for _, raw in journal.stored] == [BODY]


def test_half_a_mail_is_no_mail(desk: ListenerThread, client: Client, journal: FakeJournal) -> None:
    client.begin()
    client.send(b"Subject: half\r\n\r\nThe rest is miss")
    client.socket.shutdown(socket.SHUT_WR)
    assert client.read_reply() == ""
    with SMTP("127.0.0.1", desk.port) as smtp:
        smtp.sendmail(SENDER, DESK, BODY)
    assert [raw for _, raw in journal.stored] == [BODY]


def test_a_long_command_line_is_refused_and_the_session_goes_on(client: Client) -> None:
    for length in (3000, 400_000):
        assert client.say(b"NOOP " + b"x" * length).startswith("500 ")
    assert client.say(b"NOOP").startswith("250 ")


def test_connections_beyond_the_cap_are_told_so(journal: FakeJournal) -> None:
    capped = ListenerThread(journal, SmtpSettings(max_connections=2))
    with capped as desk, Client(desk.port) as one, Client(desk.port) as two:
        one.greet()
        two.greet()
        with Client(desk.port) as three:
            assert three.read_reply().startswith("421 ")
            assert three.read_reply() == ""
        assert one.say(b"QUIT").startswith("221 ")
        assert one.read_reply() == ""
        with Client(desk.port) as four:
            four.greet()


def test_one_address_cannot_take_all_connections(journal: FakeJournal) -> None:
    bounded = ListenerThread(journal, SmtpSettings(per_address=2), is_free=lambda _: False)
    with bounded as desk, Client(desk.port) as one:
        one.greet()
        with Client(desk.port) as two:
            two.greet()
            for _ in range(3):
                with Client(desk.port) as more:
                    assert more.read_reply() == TOO_MANY
                    assert more.read_reply() == ""
            assert two.say(b"QUIT").startswith("221 ")
            assert two.read_reply() == ""
        with Client(desk.port) as three:
            three.greet()


def test_a_mail_server_may_have_any_number_of_connections(journal: FakeJournal) -> None:
    bounded = ListenerThread(journal, SmtpSettings(per_address=1), is_free=is_loopback)
    with bounded as desk, Client(desk.port) as one, Client(desk.port) as two:
        one.greet()
        two.greet()


def test_a_stop_lets_the_mail_under_way_end(journal: FakeJournal) -> None:
    with ListenerThread(journal) as desk, Client(desk.port) as client:
        client.greet()
        client.begin()
        stopping = desk.stop(10)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", desk.port), timeout=5)
        ahead = b"MAIL FROM:<a@b.example>\r\nRCPT TO:<support@example.com>\r\nDATA\r\n" + stuff(BODY)
        client.send(stuff(BODY) + ahead)
        assert client.read_reply().startswith(STORED)
        assert client.read_reply() == CLOSING
        assert client.read_reply() == ""
        stopping.result(5)
    assert [raw for _, raw in journal.stored] == [BODY]


@pytest.mark.parametrize("turns", range(8))
def test_a_stop_serves_who_has_just_connected(journal: FakeJournal, turns: int) -> None:
    """However far asyncio is with a connection, the listener that stops serves it, or the next one does."""
    place = open_port(Port("127.0.0.1", 0))

    def listen() -> tuple[SmtpIntake, OpenSocket]:
        shared = tuple(one.dup() for one in place.sockets)  # as two processes have it
        return SmtpIntake(SmtpSettings(), journal.accept, is_ours, HandClock(NOON)), OpenSocket(place.place, shared)

    async def send() -> bytes:
        (first, its_sockets), (second, other_sockets) = listen(), listen()
        await first.start(its_sockets)
        peer = socket.create_connection(place.sockets[0].getsockname())
        for _ in range(turns):
            await asyncio.sleep(0)
        stopping = asyncio.ensure_future(first.stop(20))
        await asyncio.sleep(0)
        await second.start(other_sockets)
        reader, writer = await asyncio.open_connection(sock=peer)
        writer.write(b"EHLO a.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<support@example.com>\r\nDATA\r\n")
        writer.write(stuff(BODY) + b"QUIT\r\n")
        heard = await reader.read()
        writer.close()
        await asyncio.gather(stopping, second.stop(20))
        return heard

    try:
        heard = asyncio.run(send()).decode()
    finally:
        place.release()
    assert heard.startswith("220 ")
    assert STORED in heard


def test_a_stop_closes_who_does_not_end(journal: FakeJournal) -> None:
    with ListenerThread(journal) as desk, Client(desk.port) as client:
        client.greet()
        client.begin()
        began = time.monotonic()
        desk.stop(0.1).result(5)
        assert client.read_reply() == CLOSING
        assert time.monotonic() - began < 3
    assert journal.stored == []


def test_a_mail_that_comes_in_byte_by_byte_is_ended(journal: FakeJournal) -> None:
    with ListenerThread(journal, SmtpSettings(idle_timeout=0.5)) as desk, Client(desk.port) as client:
        client.greet()
        client.begin()
        replies = b""
        with suppress(OSError):  # the connection is cut under our hands
            for _ in range(1_000):
                client.send(b"x")
                client.socket.settimeout(0.02)
                with suppress(TimeoutError):
                    replies += client.socket.recv(1_000)
                if TOO_SLOW.encode() in replies:
                    break
        assert TOO_SLOW.encode() in replies
    assert journal.stored == []


def test_a_command_that_comes_in_byte_by_byte_is_ended(journal: FakeJournal) -> None:
    with ListenerThread(journal, SmtpSettings(idle_timeout=0.5)) as desk, Client(desk.port) as client:
        client.greet()
        replies = b""
        with suppress(OSError):
            for _ in range(1_000):
                client.send(b"N")
                client.socket.settimeout(0.02)
                with suppress(TimeoutError):
                    replies += client.socket.recv(1_000)
                if TOO_SLOW.encode() in replies:
                    break
        assert TOO_SLOW.encode() in replies


def test_an_idle_client_is_closed_but_not_one_that_sends(journal: FakeJournal) -> None:
    with ListenerThread(journal, SmtpSettings(idle_timeout=1.0)) as desk, Client(desk.port) as client:
        client.greet()
        client.begin()
        began = time.monotonic()
        while time.monotonic() - began < 1.5:
            client.send(b"Still here. " * 50 + b"\r\n")
            with pytest.raises(TimeoutError):
                _peek(client.socket)
        client.send(b".\r\n")
        assert client.read_reply().startswith(STORED)
        assert client.read_reply() == TOO_SLOW
        assert client.read_reply() == ""


def _peek(connection: socket.socket) -> None:
    connection.settimeout(0.05)
    try:
        connection.recv(1, socket.MSG_PEEK)
    finally:
        connection.settimeout(20)
