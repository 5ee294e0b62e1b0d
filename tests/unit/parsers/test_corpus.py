"""Every mail of the corpus is read as its TOML neighbour says."""

from __future__ import annotations

import tomllib
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from mailgate.core.mail import Attachment, Mail
from mailgate.parsers import read_mail
from tests.support.paths import CORPUS

MAILS = sorted((CORPUS / "mails").glob("*.eml"))
PLAIN = ("kind", "subject", "message_id", "in_reply_to", "text", "new_text", "language", "encrypted")


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_mail_is_read_as_written(path: Path) -> None:
    raw = path.read_bytes()
    wanted: dict[str, Any] = tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))
    mail = read_mail(raw, wanted.pop("envelope_from", None))
    assert wanted.pop("note")
    for name, value in wanted.items():
        check(mail, raw, name, value)


def check(mail: Mail, raw: bytes, name: str, value: Any) -> None:
    if name in PLAIN:
        assert getattr(mail, name) == value
    elif name == "attachments":
        assert len(mail.attachments) == len(value)
        for attachment, expected in zip(mail.attachments, value, strict=True):
            check_attachment(attachment, raw, expected)
    else:
        assert CHECKS[name](mail) == value if name in CHECKS else check_other(mail, name, value)


def check_other(mail: Mail, name: str, value: Any) -> bool:
    if name == "contains":
        return value in mail.new_text
    if name == "has_defects":
        return bool(mail.defects) is value
    if name == "no_headers":
        return not any(mail.header(header) for header in value)
    if name == "header_count":
        return all(len(mail.header_all(header)) == count for header, count in value.items())
    raise AssertionError(f"unknown expectation: {name}")


def check_attachment(attachment: Attachment, raw: bytes, expected: dict[str, Any]) -> None:
    assert attachment.size == len(attachment.content)
    assert attachment.sha256 == sha256(attachment.content).hexdigest()
    for name, value in expected.items():
        if name == "content":
            assert attachment.content == value.encode()
        elif name == "span":
            assert attachment.span is not None
            start, end = attachment.span
            assert raw[start - 2 : start] == b"\r\n"
            assert raw[end : end + 2] == b"\r\n"
        else:
            assert getattr(attachment, name) == value


CHECKS: dict[str, Any] = {
    "sender": lambda mail: [mail.sender.name, mail.sender.address],
    "to": lambda mail: [address.address for address in mail.to],
    "cc": lambda mail: [address.address for address in mail.cc],
    "date": lambda mail: mail.date.isoformat() if mail.date else "",
    "references": lambda mail: list(mail.references),
    "defects": lambda mail: list(mail.defects),
    "bounces": lambda mail: [
        [bounce.recipient, bounce.status, bounce.action, bounce.permanent, bounce.original_message_id]
        for bounce in mail.bounces
    ],
}
