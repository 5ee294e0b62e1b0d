"""Whatever the bytes, a Mail comes back, in clean text and in bounded time."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailgate.mail import Mail
from mailgate.parsers import read_mail

MAILS = [path.read_bytes() for path in sorted((Path(__file__).parent.parent / "corpus" / "mails").glob("*.eml"))]
BAD = re.compile("[\x00\ud800-\udfff]")
BREAKS = re.compile("[\r\n\x00-\x1f\u202a-\u202e\u2066-\u2069]")


def assert_clean(mail: Mail) -> None:
    for text in (mail.text, mail.new_text):
        assert not BAD.search(text)
        assert "\r" not in text
    one_line = [mail.subject, mail.message_id, mail.in_reply_to, *mail.references, *mail.defects]
    one_line += [value for header in mail.headers for value in header]
    one_line += [text for who in (*mail.to, *mail.cc, *mail.reply_to) for text in (who.name, who.address)]
    for value in one_line:
        assert not re.search("[\x00-\x1f\ud800-\udfff]", value)
    for attachment in mail.attachments:
        assert attachment.filename
        assert not BREAKS.search(attachment.filename)
        assert "/" not in attachment.filename


def mutate(raw: bytes, seed: int) -> bytes:
    dice = random.Random(seed)
    data = bytearray(raw)
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(len(data) + 1)
        length = dice.choice((1, 3, 20))
        piece = bytes(data[at : at + length])
        letter = bytes([dice.randrange(256)])
        noise = dice.choice((b"", letter, piece * 3, b"\r\n", b"=?utf-8?b?", b"\0", b'"', b"\x80"))
        data[at : at + dice.choice((0, length))] = noise
    return bytes(data)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(MAILS), st.integers(0, 2**32))
def test_mutations_never_raise(raw: bytes, seed: int) -> None:
    assert_clean(read_mail(mutate(raw, seed)))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_noise_never_raises(raw: bytes) -> None:
    assert_clean(read_mail(raw))


def test_the_same_bytes_give_the_same_mail() -> None:
    assert all(read_mail(raw) == read_mail(raw) for raw in MAILS)


MULTIPART = b"Content-Type: multipart/mixed; boundary=x\n\n"


@pytest.mark.parametrize(
    ("raw", "defect"),
    [
        (b"Subject: " + b"=?utf-8?q?" * 50_000 + b"\n\nx", "header is longer"),
        (b"".join(b"X-%d: a\n" % number for number in range(20_000)) + b"\nx", "too many headers"),
        (MULTIPART + b"--x\n\na\n" * 3_000, "more than 1000 parts"),
        (MULTIPART + b"--x\nContent-Type: text/plain" + b';a="' * 50_000 + b"\n\nx\n--x--", "header of a part"),
        (b"".join(b"Content-Type: multipart/mixed; boundary=x%d\n\n--x%d\n" % (n, n) for n in range(80)), "levels"),
        (b"Content-Type: message/rfc822\n\n" * 2_000, "cannot be read"),
        (b"In-Reply-To: <a@b>\n\n" + b"> a\nb\n" * 30_000, ""),
        (b"\n" + b"--\n" * 50_000, ""),
        (b"In-Reply-To: <a@b>\n\n" + b"On 1 \nFrom: a\n" * 15_000, ""),
        (b"From: " + b"(" * 60_000 + b"\nTo: " + b'"<' * 30_000 + b"\n\nx", ""),
        (b"Content-Type: text/html\n\n" + b"<!--<p>" * 50_000, ""),
    ],
)
def test_hostile_mails_take_bounded_time(raw: bytes, defect: str) -> None:
    start = time.process_time()
    mail = read_mail(raw)
    assert time.process_time() - start < 3
    assert not defect or any(defect in found for found in mail.defects)
