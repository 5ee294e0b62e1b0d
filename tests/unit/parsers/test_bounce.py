"""Delivery reports (RFC 3464) and what only looks like one."""

from __future__ import annotations

import time

import pytest

from mailgate.core.mail import Bounce, MessageKind
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
    assert mail.kind is MessageKind.BOUNCE


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
    assert mail.kind is MessageKind.BOUNCE
    assert [(bounce.recipient, bounce.permanent) for bounce in mail.bounces] == [("jo@c.example", True)]


def test_a_report_without_recipients_is_still_a_bounce() -> None:
    mail = read_mail(f"{HEAD}\n--x--\n".encode())
    assert mail.kind is MessageKind.BOUNCE
    assert mail.bounces == ()


DAEMON = "From: MAILER-DAEMON@mx.example\nTo: support@example.com\nReturn-Path: <>\nSubject: failure notice\n"


@pytest.mark.parametrize(
    ("text", "recipient", "status"),
    [
        ("<jo@c.example>: host mx said: 550 5.1.1 no", "jo@c.example", "5.1.1"),
        ("550 5.7.1 <jo@c.example>... Access denied", "jo@c.example", "5.7.1"),
        (">>> RCPT TO:<jo@c.example>\n<<< 550 no", "jo@c.example", "550"),
        ("Recipient: [SMTP:jo@c.example]\nReason: unknown", "jo@c.example", ""),
        ("rcpt=jo@c.example failed: 554 rejected", "jo@c.example", "554"),
        ("The mailbox of jo@c.example is full. Contact help@c.example.", "jo@c.example", ""),
        ("user unknown\n  jo@c.example\nWrite to postmaster@c.example", "jo@c.example", ""),
        ("<jo@c.example>: failed at mx 5.5.2653.13, 192.0.2.5, took 550 ms", "jo@c.example", "550"),
        ("<jo@c.example>: not known at 10.5.1.1", "jo@c.example", ""),
        ("failed:\n\n  an undisclosed address\n    (generated from jo@c.example)", "jo@c.example", ""),
        ("From: support@example.com\nTo: jo@c.example\nuser unknown", "jo@c.example", ""),
    ],
)
def test_recipients_by_the_shape_of_the_text(text: str, recipient: str, status: str) -> None:
    mail = read_mail(f"{DAEMON}\n{text}\n".encode())
    assert [(bounce.recipient, bounce.status) for bounce in mail.bounces] == [(recipient, status)]


def test_each_recipient_has_its_own_status() -> None:
    text = "a@c.example\n  550 5.1.1 unknown\n\nb@c.example\n  452 4.2.2 full\n\nc@c.example\n  gone\n"
    mail = read_mail(f"{DAEMON}\n{text}".encode())
    assert [(bounce.recipient, bounce.status, bounce.permanent) for bounce in mail.bounces] == [
        ("a@c.example", "5.1.1", True),
        ("b@c.example", "4.2.2", False),
        ("c@c.example", "", True),
    ]


@pytest.mark.parametrize(
    ("text", "action", "permanent"),
    [
        ("<jo@c.example>: not yet delivered, will be retried", "delayed", False),
        ("<jo@c.example>: will be retried, 451 4.3.0 later", "delayed", False),
        ("<jo@c.example>: was delayed, now given up: 451 4.3.0", "failed", False),
        ("<jo@c.example>: user unknown", "failed", True),
    ],
)
def test_a_late_mail_is_not_lost(text: str, action: str, permanent: bool) -> None:
    mail = read_mail(f"{DAEMON}\n{text}\n".encode())
    assert [(bounce.action, bounce.permanent) for bounce in mail.bounces] == [(action, permanent)]


@pytest.mark.parametrize(
    ("headers", "below"),
    [
        ("", "Received: from a\nMessage-ID: <n@d>\n"),
        ("", "> Received: from a\n> Message-Id:\n>  <n@d>\n"),
        ("X-Original-Message-ID: <n@d>\n", ""),
        ("In-Reply-To: <n@d>\n", ""),
        ("References: <m@d> <n@d>\n", ""),
    ],
)
def test_the_original_is_named(headers: str, below: str) -> None:
    mail = read_mail(f"{DAEMON}{headers}\n<jo@c.example>: unknown\n\n{below}".encode())
    assert [(bounce.recipient, bounce.original_message_id) for bounce in mail.bounces] == [("jo@c.example", "n@d")]


@pytest.mark.parametrize(
    "body",
    [
        b"!" * 590 + b"\n",
        b"a@" * 300 + b"\n",
        b"5.1." * 150 + b"\n",
        b"Received: x\n\n",
        b"Message-ID: <\n",
        b"Final-Recipient: rfc822; u@x.example\n",
    ],
)
def test_hostile_reports_take_little_time(body: bytes) -> None:
    raw = DAEMON.encode() + b"\n" + body * (2_000_000 // len(body))
    started = time.process_time()
    assert read_mail(raw).kind is MessageKind.BOUNCE
    assert time.process_time() - started < 5


@pytest.mark.parametrize("body", [b"\r\n", b"x\r\n", b"Final-Recipient: rfc822; u@x.example\r\n"])
def test_hostile_report_parts_take_little_time(body: bytes) -> None:
    raw = HEAD.encode() + body * (800_000 // len(body))
    started = time.process_time()
    assert read_mail(raw).kind is MessageKind.BOUNCE
    assert time.process_time() - started < 5


REPORT = "Your message could not be delivered to:\n\njo@c.example\n550 5.1.1 user unknown"


@pytest.mark.parametrize(
    ("text", "path", "kind"),
    [
        (REPORT, None, MessageKind.BOUNCE),
        (REPORT, "ann@c.example", MessageKind.HUMAN),
        (REPORT + "\n\nIt worked last week.", None, MessageKind.HUMAN),
        ("It worked last week.\n\n" + REPORT, None, MessageKind.HUMAN),
        (REPORT.replace("\n", " "), None, MessageKind.HUMAN),
    ],
)
def test_a_report_under_a_persons_name_is_one_to_its_end(text: str, path: str | None, kind: MessageKind) -> None:
    raw = f"From: Ann <ann@c.example>\nSubject: Undeliverable: Printer\n\n{text}\n".encode()
    assert read_mail(raw, path).kind is kind


def test_a_long_line_takes_little_time() -> None:
    raw = b"From: mailer-daemon@c.example\nSubject: Undelivered Mail\n\n" + b"," * 90_000
    started = time.process_time()
    assert read_mail(raw).kind is MessageKind.BOUNCE
    assert time.process_time() - started < 3
