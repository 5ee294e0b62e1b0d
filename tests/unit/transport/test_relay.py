"""The relay: what is said to it, and what its answers mean for a notice."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.backoff import next_gap
from mailgate.transport.relay import Deferred, Outcome, Rejected, Relay, RelaySettings, Sent, Skipped, Streamed, Tls
from mailgate.transport.relay.message import stuff
from tests.support.certificates import make_certificate
from tests.support.postfix import Postfix, find_postfix
from tests.support.relay import HANG_UP, PacketRelay, Script, ScriptedRelay, SmtpSink

DESK = "support+b.sup-1.1.abc@example.com"
JO = "jo@customer.example"
NOTICE = b"Subject: [SUP-1] We have received your request\r\n\r\n.\r\nHello.\r\n..\r\n"


@contextmanager
def relaying(port: int, **options: Any) -> Iterator[Relay]:
    relay = Relay(RelaySettings(port=port, timeout=5.0, **options))
    try:
        yield relay
    finally:
        relay.close()


def outcome(script: Script, recipient: str = JO, message: bytes = NOTICE, sender: str = DESK) -> Outcome:
    with ScriptedRelay(script) as scripted, relaying(scripted.port) as relay:
        return relay.send(sender, recipient, message)


def test_a_notice_arrives_as_it_is() -> None:
    with SmtpSink() as sink, relaying(sink.port) as relay:
        assert relay.send(DESK, JO, NOTICE) == Sent("250 2.0.0 ReceivedMail")
    assert [(taken.sender, taken.recipients, taken.content) for taken in sink.received] == [(DESK, (JO,), NOTICE)]


def test_the_null_sender() -> None:
    script = Script()
    assert isinstance(outcome(script, sender=""), Sent)
    assert "MAIL FROM:<>" in script.heard


def test_one_connection_for_many_notices() -> None:
    with SmtpSink() as sink, relaying(sink.port) as relay:
        for _ in range(5):
            assert isinstance(relay.send(DESK, JO, NOTICE), Sent)
        assert sink.connections == 1


def test_threads_have_connections_of_their_own() -> None:
    with SmtpSink() as sink, relaying(sink.port) as relay:
        threads = [threading.Thread(target=relay.send, args=(DESK, JO, NOTICE)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert (sink.connections, len(sink.received)) == (3, 3)


MEANINGS: list[tuple[dict[str, list[str]], Outcome]] = [
    ({"RCPT": ["550 5.1.1 No such user"]}, Rejected("550 5.1.1 No such user")),
    ({"RCPT": ["450 4.2.0 Greylisted"]}, Deferred("450 4.2.0 Greylisted", of_recipient=True)),
    ({"RCPT": ["452-4.5.3 One\r\n452 4.5.3 Two"]}, Deferred("452 4.5.3 One 4.5.3 Two", of_recipient=True)),
    ({"RCPT": ["552 Mailbox full"]}, Rejected("552 Mailbox full")),
    ({"RCPT": ["552 5.3.4 Too big"]}, Rejected("552 5.3.4 Too big", too_large=True)),
    ({"RCPT": ["530 5.7.0 Log in first"]}, Deferred("530 5.7.0 Log in first")),
    ({"MAIL": ["530 5.7.0 Log in first"]}, Deferred("530 5.7.0 Log in first")),
    ({"MAIL": ["553 5.7.1 Not your address"]}, Deferred("553 5.7.1 Not your address")),
    ({"MAIL": ["552 5.3.4 Too big"]}, Rejected("552 5.3.4 Too big", too_large=True)),
    ({"MAIL": ["550 5.6.7 No SMTPUTF8"]}, Rejected("550 5.6.7 No SMTPUTF8")),
    ({"MAIL": ["451 4.3.0 Later"]}, Deferred("451 4.3.0 Later")),
    ({"DATA": ["554 5.5.1 No"]}, Rejected("554 5.5.1 No")),
    ({"DATA": ["451 4.3.0 Later"]}, Deferred("451 4.3.0 Later")),
    ({"DATA": ["250 What"]}, Deferred("250 What")),
    ({".": ["554 5.7.1 Spam"]}, Rejected("554 5.7.1 Spam")),
    ({".": ["552 Too much mail data"]}, Rejected("552 Too much mail data", too_large=True)),
    ({".": ["552 5.2.2 Mailbox full"]}, Rejected("552 5.2.2 Mailbox full")),
    ({".": ["451 4.3.0 Disk"]}, Deferred("451 4.3.0 Disk")),
    ({".": ["421 4.3.2 Going down"]}, Deferred("421 4.3.2 Going down")),
    ({"MAIL": ["421 4.3.2 Going down"]}, Deferred("421 4.3.2 Going down")),
    ({"EHLO": ["550 Not you"], "HELO": ["550 5.7.1 Nor so"]}, Deferred("550 5.7.1 Nor so")),
]


@pytest.mark.parametrize("extensions", [(), ("PIPELINING",)], ids=["one by one", "at once"])
@pytest.mark.parametrize(("replies", "meaning"), MEANINGS, ids=lambda case: str(case)[:40])
def test_what_a_reply_means(replies: dict[str, list[str]], meaning: Outcome, extensions: tuple[str, ...]) -> None:
    copied = {verb: list(said) for verb, said in replies.items()}
    assert outcome(Script(replies=copied, extensions=extensions)) == meaning


@pytest.mark.parametrize("greeting", ["554 5.7.1 You are blocked", "421 4.3.2 Busy"])
def test_a_greeting_that_refuses_is_about_us(greeting: str) -> None:
    assert outcome(Script(greeting=[greeting])) == Deferred(greeting)


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with relaying(port) as relay:
        assert isinstance(relay.send(DESK, JO, NOTICE), Deferred)


def test_a_relay_that_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        relay = Relay(RelaySettings(port=silent.getsockname()[1], timeout=0.1))
        assert isinstance(relay.send(DESK, JO, NOTICE), Deferred)


def test_a_refused_notice_leaves_the_connection_usable() -> None:
    script = Script(replies={"RCPT": ["550 5.1.1 No", "250 Yes"]})
    with ScriptedRelay(script) as scripted, relaying(scripted.port) as relay:
        assert isinstance(relay.send(DESK, JO, NOTICE), Rejected)
        assert isinstance(relay.send(DESK, JO, NOTICE), Sent)
        assert scripted.connections == 1
    assert script.heard.count("rset") == 1


@pytest.mark.parametrize("extensions", [(), ("PIPELINING",)], ids=["one by one", "at once"])
@pytest.mark.parametrize("reply", [HANG_UP, "421 4.4.2 Idle too long"])
@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
def test_a_connection_lost_while_idle_is_made_anew_once(verb: str, reply: str, extensions: tuple[str, ...]) -> None:
    fine = "354 go on" if verb == "DATA" else "250 fine"
    script = Script(replies={verb: [fine, reply, fine]}, extensions=extensions)
    with ScriptedRelay(script) as scripted, relaying(scripted.port) as relay:
        assert isinstance(relay.send(DESK, JO, NOTICE), Sent)
        assert isinstance(relay.send(DESK, JO, NOTICE), Sent)
        assert scripted.connections == 2


def test_a_relay_that_always_hangs_up_is_not_called_for_ever() -> None:
    script = Script(replies={"MAIL": ["250 fine", HANG_UP]})
    with ScriptedRelay(script) as scripted, relaying(scripted.port) as relay:
        assert isinstance(relay.send(DESK, JO, NOTICE), Sent)
        assert isinstance(relay.send(DESK, JO, NOTICE), Deferred)
        assert scripted.connections == 2


def test_a_packet_that_breaks_each_time_is_not_sent_for_ever() -> None:
    script = Script(replies={"RCPT": [HANG_UP]}, extensions=("PIPELINING",))
    with ScriptedRelay(script) as scripted, relaying(scripted.port) as relay:
        assert isinstance(relay.send(DESK, JO, NOTICE), Deferred)
        assert scripted.connections == 2


def test_a_fresh_connection_that_is_lost_is_not_made_anew_at_once() -> None:
    script = Script(replies={"MAIL": [HANG_UP, "250 fine"]})
    with ScriptedRelay(script) as scripted, relaying(scripted.port) as relay:
        assert isinstance(relay.send(DESK, JO, NOTICE), Deferred)
        assert scripted.connections == 1


def test_a_connection_lost_after_the_message_is_deferred_and_not_sent_again() -> None:
    script = Script(replies={".": ["250 fine", HANG_UP, "250 fine"]})
    with ScriptedRelay(script) as scripted, relaying(scripted.port) as relay:
        assert isinstance(relay.send(DESK, JO, NOTICE), Sent)
        assert isinstance(relay.send(DESK, JO, NOTICE), Deferred)
        assert scripted.connections == 1
        assert isinstance(relay.send(DESK, JO, NOTICE), Sent)


def test_an_outcome_stands_even_when_the_relay_hangs_up_behind_it() -> None:
    script = Script(replies={"RCPT": ["250 fine", "550 5.1.1 No"], "RSET": [HANG_UP]})
    with ScriptedRelay(script) as scripted, relaying(scripted.port) as relay:
        assert isinstance(relay.send(DESK, JO, NOTICE), Sent)
        assert relay.send(DESK, JO, NOTICE) == Rejected("550 5.1.1 No")


ONE_PACKET = f"MAIL FROM:<{DESK}>\r\nRCPT TO:<{JO}>\r\nDATA\r\n".encode()


def test_the_commands_go_in_one_packet_and_the_message_with_its_end_in_another() -> None:
    with PacketRelay("250 a\n250 b\n354 c\n", "250 2.0.0 taken\n") as packets, relaying(packets.port) as relay:
        assert relay.send(DESK, JO, NOTICE) == Sent("250 2.0.0 taken")
    assert packets.packets[1:3] == [ONE_PACKET, b"".join(stuff(NOTICE))]


def test_the_message_waits_for_the_reply_to_data() -> None:
    with PacketRelay("250 a\n250 b\n451 4.3.0 Later\n") as packets, relaying(packets.port) as relay:
        assert relay.send(DESK, JO, NOTICE) == Deferred("451 4.3.0 Later")
    assert packets.packets[1:3] == [ONE_PACKET, b"rset\r\n"]


@pytest.mark.parametrize(
    ("replies", "meaning"),
    [
        ("552 5.3.4 Too big\n503 Need MAIL\n503 Need RCPT\n", Rejected("552 5.3.4 Too big", too_large=True)),
        ("451 4.3.0 Later\n503 Need MAIL\n554 No\n", Deferred("451 4.3.0 Later")),
        ("250 a\n550 5.1.1 No such user\n554 5.5.1 No valid recipients\n", Rejected("550 5.1.1 No such user")),
        ("250 a\n450 4.2.0 Greylisted\n503 5.5.1 None\n", Deferred("450 4.2.0 Greylisted", of_recipient=True)),
        ("250 a\n550-5.1.1 No\n550 5.1.1 user\n421 4.3.2 Going down\n", Rejected("550 5.1.1 No 5.1.1 user")),
        ("250 a\n250 b\n554 5.7.1 No\n", Rejected("554 5.7.1 No")),
        (f"250 a\n550 5.1.1 No such user\n{HANG_UP}", Rejected("550 5.1.1 No such user")),
        (f"553 5.7.1 Not your address\n{HANG_UP}", Deferred("553 5.7.1 Not your address")),
    ],
)
def test_the_first_refusal_in_a_packet_decides(replies: str, meaning: Outcome) -> None:
    """Also where the relay hangs up behind it."""
    with PacketRelay(replies) as packets, relaying(packets.port) as relay:
        assert relay.send(DESK, JO, NOTICE) == meaning


def test_a_data_accepted_for_no_recipient_is_ended_with_an_empty_message() -> None:
    replies = ("250 a\n550 5.1.1 No\n354 go on\n", "554 5.5.1 No valid recipients\n")
    with PacketRelay(*replies, "250 a\n250 b\n354 c\n", "250 taken\n") as packets, relaying(packets.port) as relay:
        assert relay.send(DESK, JO, NOTICE) == Rejected("550 5.1.1 No")
        assert relay.send(DESK, JO, NOTICE) == Sent("250 taken")
    assert packets.packets[1:5] == [ONE_PACKET, b".\r\n", b"rset\r\n", ONE_PACKET]


def test_a_data_accepted_after_a_refused_sender_is_never_ended() -> None:
    """The relay may have kept the recipient: an empty message would reach them."""
    with PacketRelay("451 4.3.0 Later\n250 b\n354 go on\n") as packets, relaying(packets.port) as relay:
        assert relay.send(DESK, JO, NOTICE) == Deferred("451 4.3.0 Later")
    assert packets.packets[1:] == [ONE_PACKET]


def test_after_a_packet_that_broke_the_commands_go_one_by_one() -> None:
    """A relay that hangs up on MAIL with words can lose them with the commands that it did not read."""
    answers = (f"250 a\n{HANG_UP}", "250 a\n", "550 5.1.1 No\n")
    with PacketRelay(*answers) as packets, relaying(packets.port) as relay:
        assert relay.send(DESK, JO, NOTICE) == Rejected("550 5.1.1 No")
    assert [packet for packet in packets.packets if not packet.startswith((b"ehlo", b"rset", b"quit"))] == [
        ONE_PACKET,
        *(line + b"\r\n" for line in ONE_PACKET.split(b"\r\n")[:2]),
    ]


def test_what_the_relay_offers_is_used_in_a_packet() -> None:
    script = Script(extensions=("PIPELINING", "SIZE 100000", "8BITMIME", "SMTPUTF8"))
    found = outcome(script, recipient="jürgen@customer.example", message="Subject: x\r\n\r\né\r\n".encode())
    assert isinstance(found, Sent)
    assert script.heard[1:3] == [
        f"MAIL FROM:<{DESK}> SIZE=18 BODY=8BITMIME SMTPUTF8",
        "RCPT TO:<jürgen@customer.example>",
    ]


def test_an_idle_connection_is_closed() -> None:
    now = [0.0]
    script = Script()
    with ScriptedRelay(script) as scripted:
        relay = Relay(RelaySettings(port=scripted.port), monotonic=lambda: now[0])
        relay.send(DESK, JO, NOTICE)
        now[0] = 29.0
        relay.send(DESK, JO, NOTICE)
        assert scripted.connections == 1
        now[0] = 60.0
        relay.send(DESK, JO, NOTICE)
        assert scripted.connections == 2
        now[0] = 91.0
        relay.close_idle()
        relay.close()
    assert script.heard.count("quit") == 2


def test_closing_cuts_a_dialogue_under_way() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        relay = Relay(RelaySettings(port=silent.getsockname()[1], timeout=20))
        outcomes: list[Outcome] = []
        thread = threading.Thread(target=lambda: outcomes.append(relay.send(DESK, JO, NOTICE)))
        thread.start()
        connection, _ = silent.accept()
        with connection, connection.makefile("rb") as file:
            connection.sendall(b"220 hello\r\n")
            file.readline()
            connection.sendall(b"250 hello\r\n")
            assert file.readline().startswith(b"MAIL")
            relay.close()
            thread.join(10)
        assert isinstance(outcomes[0], Deferred)


def test_words_are_one_clean_line() -> None:
    found = outcome(Script(replies={"RCPT": ["550 5.1.1 \x1b[31mNo\x00\u2028  such\tuser " + "x" * 900]}))
    assert isinstance(found, Rejected)
    assert found.words.startswith("550 5.1.1 [31mNo such user xxx")
    assert len(found.words) == 500


def test_what_the_relay_offers_is_used() -> None:
    script = Script(extensions=("SIZE 1000", "8BITMIME"))
    assert isinstance(outcome(script, message="Subject: x\r\n\r\né\r\n".encode()), Sent)
    assert f"MAIL FROM:<{DESK}> SIZE=18 BODY=8BITMIME" in script.heard


def test_a_message_beyond_the_size_offered_is_not_even_tried() -> None:
    script = Script(extensions=("SIZE 70000",))
    found = outcome(script, message=b"x" * 70_001)
    assert isinstance(found, Rejected)
    assert found.too_large
    assert not any(line.startswith("MAIL") for line in script.heard)


@pytest.mark.parametrize("size", ["1", "16"])
def test_a_size_that_no_mail_server_may_have_loses_no_notice(size: str) -> None:
    script = Script(extensions=(f"SIZE {size}",))
    found = outcome(script, message=b"Subject: x\r\n\r\nyes")
    assert isinstance(found, Deferred)
    assert f"the relay accepts {size} bytes" in found.words
    assert not found.of_recipient


@pytest.mark.parametrize("size", ["-5", "1e3", "9" * 400, "\u0664\u0662", "0x10", "10 20"])
def test_a_size_that_is_no_number_is_none(size: str) -> None:
    script = Script(extensions=(f"SIZE {size}",))
    assert isinstance(outcome(script, message=b"Subject: x\r\n\r\nyes"), Sent)


@pytest.mark.parametrize(
    ("recipient", "extensions", "said"),
    [
        ("jo@müller.example", (), "RCPT TO:<jo@xn--mller-kva.example>"),
        ("jo@müller.example", ("SMTPUTF8",), "RCPT TO:<jo@xn--mller-kva.example>"),
        ("jürgen@müller.example", ("SMTPUTF8",), "RCPT TO:<jürgen@xn--mller-kva.example>"),
        ("jürgen@müller.example", (), None),
        ("jo@" + "ü" * 80 + ".example", (), None),
        ("jo@x..y\u00fc", (), None),
        ("jo@customer.example>\r\nRSET", (), None),
        ("jo smith@customer.example", (), None),
        ('"jo smith"@customer.example', (), 'RCPT TO:<"jo smith"@customer.example>'),
    ],
)
def test_addresses(recipient: str, extensions: tuple[str, ...], said: str | None) -> None:
    script = Script(extensions=extensions)
    found = outcome(script, recipient=recipient)
    if said is None:
        assert isinstance(found, Rejected)
        assert not any(line.startswith("MAIL") for line in script.heard)
    else:
        assert isinstance(found, Sent)
        assert said in script.heard
        assert any(line.endswith(" SMTPUTF8") for line in script.heard) == ("jürgen" in said)


def test_an_address_beyond_ascii_after_a_refusal() -> None:
    script = Script(replies={"RCPT": ["550 5.1.1 No", "250 Yes"]}, extensions=("SMTPUTF8",))
    with ScriptedRelay(script) as scripted, relaying(scripted.port) as relay:
        assert isinstance(relay.send(DESK, JO, NOTICE), Rejected)
        assert isinstance(relay.send(DESK, "jürgen@customer.example", NOTICE), Sent)


def test_quiet_start() -> None:
    with SmtpSink() as sink, relaying(sink.port, only_to=("@Example.com", "boss@home.example")) as relay:
        assert isinstance(relay.send(DESK, "alice@example.COM", NOTICE), Sent)
        assert isinstance(relay.send(DESK, "Boss@home.example", NOTICE), Sent)
        for outside in (JO, "alice@sub.example.com", "other@home.example", "alice@notexample.com"):
            assert isinstance(relay.send(DESK, outside, NOTICE), Skipped)
        assert len(sink.received) == 2


@pytest.mark.parametrize(
    ("message", "wire"),
    [
        (b"", b".\r\n"),
        (b"a\r\n", b"a\r\n.\r\n"),
        (b"a", b"a\r\n.\r\n"),
        (b".\r\n.a\r\n", b"..\r\n..a\r\n.\r\n"),
        (b"a\n.\nMAIL FROM:<evil@x.example>\r\n", b"a\r\n..\r\nMAIL FROM:<evil@x.example>\r\n.\r\n"),
        (b"a\r.\rb\r\n", b"a\r\n..\r\nb\r\n.\r\n"),
    ],
)
def test_nobody_ends_our_message_but_us(message: bytes, wire: bytes) -> None:
    assert b"".join(stuff(message)) == wire


@given(
    message=st.lists(st.sampled_from([b"\r\n", b".", b"\r", b"\n", b"a", b"\r\n."]), max_size=12).map(b"".join),
    cuts=st.lists(st.integers(0, 20), max_size=6),
)
def test_a_message_in_pieces_is_the_message(message: bytes, cuts: list[int]) -> None:
    bounds = [0, *sorted(min(cut, len(message)) for cut in cuts), len(message)]
    pieces = [message[start:end] for start, end in pairwise(bounds)]
    streamed = Streamed(len(message), True, lambda: iter(pieces))
    whole = b"".join(stuff(message))
    assert b"".join(stuff(streamed)) == whole
    lines = re.sub(rb"\r(?!\n)|(?<!\r)\n", b"\r\n", message).split(b"\r\n")
    stuffed = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)
    assert whole == stuffed + (b"\r\n" if lines[-1] else b"") + b".\r\n"


def test_a_notice_in_pieces_arrives_as_it_is() -> None:
    message = NOTICE + b"a line of words\r\n" * 200_000
    streamed = Streamed(len(message), True, lambda: (message[at : at + 10**6] for at in range(0, len(message), 10**6)))
    with SmtpSink(data_size_limit=10**7) as sink, relaying(sink.port) as relay:
        assert isinstance(relay.send(DESK, JO, streamed), Sent)
        assert isinstance(relay.send(DESK, JO, NOTICE), Sent)
    assert [taken.content for taken in sink.received] == [message, NOTICE]
    assert f"SIZE={len(message)}" in sink.received[0].options


def test_a_notice_in_pieces_is_read_anew_on_another_connection() -> None:
    read: list[int] = []

    def pieces() -> Iterator[bytes]:
        read.append(1)
        yield NOTICE

    with SmtpSink() as sink, relaying(sink.port) as relay:
        for _ in range(2):
            assert isinstance(relay.send(DESK, JO, Streamed(len(NOTICE), True, pieces)), Sent)
    assert len(read) == 2


def test_a_notice_that_cannot_be_read_to_its_end_is_no_notice() -> None:
    def pieces() -> Iterator[bytes]:
        yield NOTICE
        raise KeyError("blob 7")

    with SmtpSink() as sink, relaying(sink.port) as relay:
        with pytest.raises(KeyError):
            relay.send(DESK, JO, Streamed(10**6, True, pieces))
        assert isinstance(relay.send(DESK, JO, NOTICE), Sent)
        assert sink.connections == 2
    assert [taken.content for taken in sink.received] == [NOTICE]


def test_a_streamed_notice_beyond_the_relays_size_is_not_begun() -> None:
    def pieces() -> Iterator[bytes]:
        raise AssertionError("nobody asked for it")
        yield b""

    with SmtpSink(data_size_limit=70_000) as sink, relaying(sink.port) as relay:
        assert relay.send(DESK, JO, Streamed(70_001, True, pieces)) == Rejected(
            "the relay accepts 70000 bytes, but the message has 70001", too_large=True, most=70_000
        )


def test_retry_gaps() -> None:
    gaps = [next_gap(attempt) for attempt in range(1, 11)]
    assert gaps[0] == timedelta(seconds=20)
    assert [gap // timedelta(minutes=1) for gap in gaps[1:]] == [1, 2, 5, 10, 20, 40, 60, 60, 60]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    key, file = folder / "key.pem", folder / "certificate.pem"
    make_certificate(file, key)
    return file, key


@pytest.fixture
def secure(certificate: tuple[Path, Path]) -> Iterator[SmtpSink]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)

    def know(_server: object, _session: object, _envelope: object, _mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password == b"right", handled=False)

    with SmtpSink(tls_context=context, require_starttls=True, auth_required=True, authenticator=know) as sink:
        yield sink


def test_a_login_over_starttls(secure: SmtpSink, certificate: tuple[Path, Path]) -> None:
    options = {"tls": Tls.STARTTLS, "ca_file": certificate[0], "user": "desk", "password": "right"}
    with relaying(secure.port, **options) as relay:
        assert isinstance(relay.send(DESK, JO, NOTICE), Sent)


def test_opportunistic_asks_for_no_certificate(secure: SmtpSink) -> None:
    with relaying(secure.port, user="desk", password="right") as relay:
        assert isinstance(relay.send(DESK, JO, NOTICE), Sent)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tls": Tls.STARTTLS, "user": "desk", "password": "right"}, "certificate verify failed"),
        ({"user": "desk", "password": "wrong"}, "535"),
        ({"user": "desk", "password": "faľsch"}, "cannot be used"),
        ({}, "530 5.7.0"),
        ({"tls": Tls.NONE}, "530 "),
    ],
)
def test_what_is_wrong_with_us_is_deferred(secure: SmtpSink, options: dict[str, Any], words: str) -> None:
    with relaying(secure.port, **options) as relay:
        found = relay.send(DESK, JO, NOTICE)
    assert isinstance(found, Deferred)
    assert re.search(words, found.words)
    assert secure.received == []


def test_starttls_is_not_done_without() -> None:
    with SmtpSink() as sink, relaying(sink.port, tls=Tls.STARTTLS) as relay:
        assert isinstance(relay.send(DESK, JO, NOTICE), Deferred)
        assert sink.received == []


@pytest.fixture(scope="session")
def postfix() -> Iterator[tuple[Postfix, SmtpSink]]:
    missing = find_postfix()
    if missing:
        pytest.skip(missing)
    with SmtpSink(enable_SMTPUTF8=True) as sink, Postfix(sink.port) as running:
        yield running, sink


@pytest.mark.timeout(300)  # the package may have to be installed first
@pytest.mark.system
def test_a_real_postfix_relays_a_notice(postfix: tuple[Postfix, SmtpSink]) -> None:
    running, sink = postfix
    with relaying(running.port) as relay:
        first = relay.send(DESK, JO, NOTICE)
        assert isinstance(first, Sent), first
        assert re.search("250 2.0.0 Ok: queued as", first.words)
        unknown = relay.send(DESK, "nobody@relay.test", NOTICE)
        assert isinstance(unknown, Rejected)
        assert unknown.words.startswith("550 5.1.1 <nobody@relay.test>: Recipient address rejected")
        assert isinstance(relay.send("", "jürgen@müller.example", NOTICE), Sent)
        found = relay.send(DESK, JO, b"x" * 70 + b"\r\n" + b"y" * 300_000)
        assert isinstance(found, Rejected)
        assert found.too_large
    for _ in range(2):
        assert sink.arrived.acquire(timeout=20)
    contents = {taken.recipients[0]: taken for taken in sink.received}
    assert set(contents) == {JO, "jürgen@xn--mller-kva.example"}
    assert contents[JO].sender == DESK
    assert contents[JO].content.endswith(NOTICE.partition(b"\r\n\r\n")[2])


@pytest.mark.parametrize(
    ("extensions", "known"),
    [(("SIZE 10240000",), 10_240_000), (("SIZE",), 0), (("SIZE 0",), 0), (("SIZE 10",), 0), ((), 0)],
)
def test_the_relays_size_is_known_from_its_first_greeting(extensions: tuple[str, ...], known: int) -> None:
    with ScriptedRelay(Script(extensions=extensions)) as server, relaying(server.port) as relay:
        assert relay.size_limit is None
        relay.send(DESK, JO, NOTICE)
        assert relay.size_limit == known
