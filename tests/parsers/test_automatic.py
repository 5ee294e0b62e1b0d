"""What sort of mail it is (rule 23), beyond what the corpus shows."""

from __future__ import annotations

import pytest

from mailgate.mail import Kind
from mailgate.parsers.message import read_mail


@pytest.mark.parametrize(
    ("headers", "text", "kind"),
    [
        ("Auto-Submitted: no", "hello", Kind.HUMAN),
        ("Auto-Submitted: auto-generated; x=y", "hello", Kind.AUTO_REPLY),
        ("Precedence: bulk", "hello", Kind.MAILING_LIST),
        ("Precedence: auto_reply", "hello", Kind.AUTO_REPLY),
        ("X-Autorespond: yes", "hello", Kind.AUTO_REPLY),
        ("List-Unsubscribe: <mailto:a@b>", "hello", Kind.MAILING_LIST),
        ("X-Loop: a@b", "hello", Kind.AUTO_REPLY),
        ("Subject: Out of Office: Jo", "back on Monday", Kind.AUTO_REPLY),
        ("Subject: Absence du bureau", "Je suis absent du bureau jusqu'au 3 décembre.", Kind.AUTO_REPLY),
        ("Subject: Absence du bureau", "Comment régler mon absence du bureau ?", Kind.HUMAN),
        ("Subject: Re: Automatic reply: x", "This is what I get.", Kind.HUMAN),
        ("X-Mailgate: receipt", "hello", Kind.HUMAN),
        ("Message-ID: <SUP-1.1.abcdefghijklmnop@x>", "hello", Kind.HUMAN),
        ("X-Mailgate: a\nMessage-ID: <b.SUP-1.1.abcdefghijklmnop@x>", "hello", Kind.HUMAN),
    ],
)
def test_kinds(headers: str, text: str, kind: Kind) -> None:
    mail = read_mail(f"From: jo@x.example\n{headers}\nContent-Type: text/plain; charset=utf-8\n\n{text}\n".encode())
    assert mail.kind is kind


def test_the_envelope_decides_last() -> None:
    raw = b"From: jo@x.example\nSubject: hello\n\nhello\n"
    assert read_mail(raw).kind is Kind.HUMAN
    assert read_mail(raw, "").kind is Kind.AUTO_REPLY
    assert read_mail(raw, "jo@x.example").kind is Kind.HUMAN


def test_an_enclosed_report_is_a_persons_mail() -> None:
    raw = (
        b"From: jo@x.example\nSubject: what is this?\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nhelp\n"
        b"--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\nFinal-Recipient: rfc822; b@c.d\n"
        b"Action: failed\nStatus: 5.1.1\n\n--x--\n"
    )
    mail = read_mail(raw)
    assert mail.kind is Kind.HUMAN
    assert mail.bounces == ()
