"""Delivery reports (RFC 3464) and what only looks like one."""

from __future__ import annotations

import pytest

from mailgate.mail import Bounce, Kind
from mailgate.parsers.message import read_mail

HEAD = (
    "From: MAILER-DAEMON@mx.example\nReturn-Path: <>\nSubject: Undelivered Mail\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nSorry.\n"
    "--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n"
)


@pytest.mark.parametrize(
    ("action", "status", "permanent"),
    [("failed", "5.1.1", True), ("failed", "4.4.7", False), ("delayed", "5.0.0", False), ("delivered", "2.0.0", False),
     ("", "5.2.2", True), ("", "4.2.2", False), ("", "", None)],
)  # fmt: skip
def test_permanent_by_action_and_status(action: str, status: str, permanent: bool | None) -> None:
    raw = f"{HEAD}\nFinal-Recipient: rfc822; jo@c.example\nAction: {action}\nStatus: {status} (text)\n--x--\n"
    mail = read_mail(raw.encode())
    assert mail.bounces == (Bounce("jo@c.example", status, action, permanent, ""),)
    assert mail.kind is Kind.BOUNCE


def test_every_recipient_once() -> None:
    blocks = "".join(f"\nFinal-Recipient: rfc822; {who}@c.example\nAction: failed\nStatus: 5.1.1\n" for who in "abA")
    mail = read_mail(f"{HEAD}{blocks}\n--x\nContent-Type: text/rfc822-headers\n\nMessage-ID: <n@d>\n--x--\n".encode())
    assert [(bounce.recipient, bounce.original_message_id) for bounce in mail.bounces] == [
        ("a@c.example", "n@d"),
        ("b@c.example", "n@d"),
    ]


def test_exim_reports_by_a_header() -> None:
    raw = (
        b"From: Mail Delivery System <Mailer-Daemon@mx.example>\nSubject: Mail delivery failed: returning message\n"
        b"X-Failed-Recipients: jo@c.example\nAuto-Submitted: auto-replied\n\n"
        b"This message was created automatically by mail delivery software.\n\n"
        b"A message that you sent could not be delivered to one or more of its\nrecipients. "
        b"This is a permanent error. The following address(es) failed:\n\n  jo@c.example\n    Unrouteable address\n"
    )
    mail = read_mail(raw)
    assert mail.kind is Kind.BOUNCE
    assert [(bounce.recipient, bounce.permanent) for bounce in mail.bounces] == [("jo@c.example", True)]


def test_a_report_without_recipients_is_still_a_bounce() -> None:
    mail = read_mail(f"{HEAD}\n--x--\n".encode())
    assert mail.kind is Kind.BOUNCE
    assert mail.bounces == ()
