"""The content after DATA arrives as it was sent, within the allowed size."""

from __future__ import annotations

import time
from smtplib import SMTP, SMTPSenderRefused

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailgate.transport.smtp.server import SmtpSettings
from mailgate.transport.smtp.session import STORED, TOO_LARGE
from tests.support.examples import examples
from tests.support.listener import BODY, DESK, SENDER, Client, FakeJournal, ListenerThread, stuff

LIMIT = 4000
EXACT = b"x" * 998 + b"\r\n"


@pytest.mark.parametrize(
    ("body", "reply"),
    [
        (EXACT * 4, STORED),
        (b"." * 998 + b"\r\n" + EXACT * 3, STORED),
        (EXACT * 4 + b"\r\n", TOO_LARGE),
        (EXACT * 400, TOO_LARGE),
        (b"x\r\n" * 100_000, TOO_LARGE),
    ],
)
def test_size_is_held_while_reading(body: bytes, reply: str, journal: FakeJournal) -> None:
    with ListenerThread(journal, SmtpSettings(max_size=LIMIT)) as desk, Client(desk.port) as client:
        client.greet()
        client.begin()
        client.send(stuff(body))
        assert client.read_reply().startswith(reply)
        client.begin()
        client.send(stuff(BODY))
        assert client.read_reply().startswith(STORED)
    assert [raw for _, raw in journal.stored] == [body] * (reply == STORED) + [BODY]


def test_a_declared_size_is_refused_before_it_is_sent(journal: FakeJournal) -> None:
    with ListenerThread(journal, SmtpSettings(max_size=LIMIT)) as desk, SMTP("127.0.0.1", desk.port) as smtp:
        with pytest.raises(SMTPSenderRefused) as refused:
            smtp.sendmail(SENDER, DESK, b"x" * 5000)
        assert refused.value.smtp_code == 552


BODIES = {
    "empty": b"",
    "one empty line": b"\r\n",
    "dots": b".\r\n..\r\n...\r\n.x\r\nx.\r\n.\r\n",
    "a line of 300,000 bytes": b"x" * 300_000 + b"\r\nend\r\n",
    "dots beyond one piece": (b"y." * 40_000 + b"\r\n.\r\n") * 3,
    "lines that end with dots": b"Yes.\r\n" * 2000,
    "eight bits and NUL": bytes(range(256)).replace(b"\r", b"").replace(b"\n", b"") + b"\r\n",
    "bare line feeds around a dot": b"a\n.\nMAIL FROM:<evil@x.example>\n.\r\nb\r\n",
    "bare returns around a dot": b"a\r.\rb\r.\r\nc\r\n",
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_arrives_as_it_was_sent(name: str, client: Client, journal: FakeJournal) -> None:
    for _ in range(2):
        client.begin()
        client.send(stuff(BODIES[name]))
        assert client.read_reply().startswith(STORED)
    assert [raw for _, raw in journal.stored] == [BODIES[name]] * 2


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r.\r\n"])
def test_only_one_sequence_ends_a_mail(end: bytes, client: Client, journal: FakeJournal) -> None:
    smuggled = b"MAIL FROM:<evil@x.example>\r\nRCPT TO:<support@example.com>\r\nDATA\r\nevil\r\n"
    client.begin()
    client.send(b"one" + end + smuggled + b".\r\n")
    assert client.read_reply().startswith(STORED)
    assert client.say(b"NOOP").startswith("250 ")
    assert len(journal.stored) == 1


def test_commands_sent_ahead_are_all_answered(client: Client, journal: FakeJournal) -> None:
    begin = b"MAIL FROM:<a@b.example>\r\nRCPT TO:<support@example.com>\r\nDATA\r\n"
    client.send((begin + stuff(BODY)) * 3 + b"NOOP\r\nQUIT\r\n")
    replies = [client.read_reply()[:3] for _ in range(14)]
    assert replies == ["250", "250", "354", "250"] * 3 + ["250", "221"]
    assert [raw for _, raw in journal.stored] == [BODY] * 3


def test_very_short_lines_cost_no_more_than_long_ones(client: Client, journal: FakeJournal) -> None:
    body = b"y.\r\n" * 1_000_000
    client.begin()
    began = time.process_time()
    client.send(stuffed := body + b".\r\n")
    assert client.read_reply().startswith(STORED)
    assert time.process_time() - began < 2.0  # seconds for client and server; line by line it is five and more
    assert journal.stored[0][1] == stuffed.removesuffix(b".\r\n")


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.lists(st.sampled_from([b".", b"\r\n", b"\r", b"\n", b"..", b"x", b"\0\xff", b"y" * 70_000])).map(b"".join),
    cuts=st.lists(st.integers(0, 200), max_size=8),
)
def test_any_bytes_arrive_however_they_are_cut(
    text: bytes, cuts: list[int], client: Client, journal: FakeJournal
) -> None:
    body = text + b"\r\n" if text else b""
    wire = stuff(body)
    client.begin()
    start = 0
    for cut in sorted({min(cut, len(wire)) for cut in cuts} | {len(wire)}):
        client.send(wire[start:cut])
        start = cut
    assert client.read_reply().startswith(STORED)
    assert journal.stored.pop()[1] == body
