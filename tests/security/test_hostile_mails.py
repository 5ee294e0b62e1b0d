"""Mails that are too large, too many or full of what no mail may hold, all the way through the desk to its notices."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.support.attackers import ALICE, ANNA, TargetDesk
from tests.support.desk import TestDesk

SURROGATE = b"\xed\xa0\x80"
BAD = b"\x00\x0b\x1b\x7f\xff" + SURROGATE
INJECTED = "=?utf-8?q?Hi=0D=0ABcc:_victim=40evil.example=0D=0A=0D=0AX?="


def raw(text: bytes = b"Help.", **headers: bytes) -> bytes:
    lines = {
        b"From": b"Eve <eve@evil.example>", b"To": b"support@example.com", b"Subject": b"Hello",
        b"Message-ID": b"<1@evil.example>",
    }  # fmt: skip
    lines |= {name.replace("_", "-").encode(): value for name, value in headers.items()}
    head = b"".join(name + b": " + value + b"\r\n" for name, value in lines.items() if value)
    return head + b"\r\n" + text


MANY = [f"p{number}@many.example".encode() for number in range(5000)]
IDS = [f"<{number}@many.example>".encode() for number in range(10_000)]
TOKENS = [f"<SUP-{number}.1.abcdefghijklmnop@example.com>".encode() for number in range(10_000)]
ENCODED = INJECTED.encode()
FILE = (
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee.\r\n'
    b"--b\r\nContent-Type: text/x-log\r\nContent-Disposition: attachment; filename*=utf-8''a%0D%0ABcc:%20v%40e.x\r\n"
    b"\r\nlog\r\n--b--\r\n"
)

HOSTILE: dict[str, bytes] = {
    "5,000 recipients": raw(To=b"support@example.com, " + b",\r\n ".join(MANY)),
    "10,000 references": raw(References=b"\r\n ".join(IDS), In_Reply_To=IDS[0]),
    "10,000 false tokens": raw(References=b"\r\n ".join(TOKENS), Subject=b"[SUP-1 1.abcdefghijklmnop] " * 5000),
    "a subject of 2 MB": raw(Subject=b"A" * 2_000_000),
    "a header of 2 MB": raw(X_Long=b"A " * 1_000_000),
    "a name of 2 MB": raw(From=b'"' + b"A" * 2_000_000 + b'" <eve@evil.example>'),
    "an id of 60 kB": raw(Message_ID=b"A" * 60_000 + b"@evil.example"),
    "10,000 headers": b"X-A: b\r\n" * 10_000 + raw(),
    "NUL and surrogates": raw(
        BAD * 100, Subject=b"S" + BAD, From=b'"E' + BAD + b'" <eve@evil.example>', Cc=b'"C' + BAD + b'" <c@x.example>',
        References=b"<" + BAD + b"@x>", X_Bad=BAD,
    ),
    "NUL in an address": raw(From=b"Eve <e\x00ve@evil.example>", Cc=b"<\xed\xa0\x80@x.example>"),
    "a broken encoded word": raw(Subject=b"=?utf-8?b?////?= =?x?q?=00=ED=A0=80?= =?utf-16?b?2AA=?="),
    "line breaks in every name": raw(
        Subject=ENCODED, From=ENCODED + b" <eve@evil.example>", Cc=ENCODED + b" <c@x.example>"
    ),
    "line breaks in a file's name": raw(b"").rstrip(b"\r\n") + b"\r\nMIME-Version: 1.0\r\n" + FILE,
    "no header at all": b"\r\n\r\nHello",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mail_is_a_mail_like_any_other(tmp_path: Path, database_url: str, name: str) -> None:
    target = TargetDesk(tmp_path, database=database_url)
    began = time.process_time()
    row = target.receive(HOSTILE[name], "eve@evil.example")
    assert time.process_time() - began < 5
    target.assert_untouched()
    target.assert_silent()
    assert target.row(row).state == "done"
    target.send(target.answer(ALICE, "#escalate\n\nPlease wait.", target.of("level1@example.com", 5)))
    target.send(target.answer(ALICE, "#status", target.of("level1@example.com", 5)))
    sent = target.relay.mails[target.seen :]
    assert {mail.notice for mail in sent} >= {"receipt", "request", "escalation", "answer"}
    for mail in sent:
        assert_is_sound(mail.raw, mail.recipient)
    target.close()


def assert_is_sound(message: bytes, recipient: str) -> None:
    """One To, no Bcc, no line too long, nothing that a relay would refuse."""
    head, _, body = message.partition(b"\r\n\r\n")
    names = [line.partition(b":")[0].lower() for line in head.split(b"\r\n") if line[:1] not in b" \t"]
    assert len(names) == len(set(names))
    assert b"bcc" not in names
    assert recipient.encode("utf-8", "strict")
    assert b"\x00" not in message
    assert b"\n" not in message.replace(b"\r\n", b"")
    assert max(map(len, message.split(b"\r\n"))) <= 998
    assert body.isascii()


def test_a_name_with_line_breaks_stays_a_name_for_its_level(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url)
    desk.receive(HOSTILE["line breaks in every name"], "eve@evil.example")
    request = desk.last("level1@example.com", "request")
    assert "Bcc" not in request.message
    assert request.message["From"].addresses[0].addr_spec == "support@example.com"
    assert request.message["X-Original-From"] == "eve@evil.example"
    desk.close()


def test_a_known_requester_with_bad_letters_reads_a_sound_mail(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url)
    desk.receive(HOSTILE["NUL and surrogates"], "eve@evil.example")
    desk.send(desk.answer(ALICE, "#resolve Done.", desk.last("level1@example.com")))
    desk.send(desk.answer("Eve <eve@evil.example>", "resolved", desk.last("eve@evil.example")))
    assert desk.ticket().state == "finalizing"
    for mail in desk.relay.mails:
        assert_is_sound(mail.raw, mail.recipient)
    desk.close()


def test_copies_to_thousands_make_twenty_participants_and_as_many_mails(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url)
    desk.send(desk.mail(ANNA, "Help.", subject="All", cc=", ".join(word.decode() for word in MANY[:500])))
    desk.send(desk.answer(ALICE, "Hello.", desk.last("level1@example.com")))
    assert len([mail for mail in desk.relay.mails if mail.notice == "answer"]) == 20
    desk.close()
