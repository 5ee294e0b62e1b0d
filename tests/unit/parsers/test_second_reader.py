"""Our reader beside mail-parser, another reader of whole mails: where both differ, a reason is known.

The mails of the corpus are odd on purpose, and _EXPLAINED has the reasons; sound mails made here are read alike in
every field. The text is compared where a mail has one plain text, the files by those that mail-parser has.
"""

from __future__ import annotations

import base64
import email.policy
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from email.headerregistry import Address
from email.message import EmailMessage
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import normalize

import mailparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.parsers import read_mail
from tests.support.paths import CORPUS

MAILS = sorted(CORPUS.rglob("*.eml"))

_EXPLAINED = (  # the beginnings of the names of mails, and why mail-parser reads them otherwise
    ("charset|filename-raw|header-raw|subject-8bit", "letters with a wrong charset or without one: mailgate finds it"),
    ("header-word|filename-2231|subject-broken", "encoded words against RFC 2047 and 2231 that can still be read"),
    ("header-(blank|bom|broken|names)", "a broken header block: mail-parser takes the headers below for text"),
    ("header-(from|to|no-from|empty-from|two)|bounce-courier", "addresses against RFC 5322, groups, repeated headers"),
    ("date-", "dates in other forms than that of RFC 5322"),
    ("nul-|header-(nul|folded)|subject-crlf|structure-control", "line breaks and control characters: removed"),
    ("structure-|multipart-without|html-with-empty|bounce-(remise|undeliv)", "a broken or unusual structure"),
    ("filename-", "names that would be a path, hidden or misleading: made safe"),
    ("tnef-|mutt-req-winmail|calendar-", "contents that mail-parser does not open: winmail.dat, invitations"),
    ("uuencode-", "files within the text"),
    ("smime-|mutt-req-pgp", "signed and encrypted mails: mailgate reads what was signed, without the signature"),
    ("attached-mail|human-about|bounce-enclosed|abuse-|(\\w+-)*forward", "an enclosed mail is a file, not text"),
    ("thunderbird-req-(notfixed-flowed|yes-vcard)|balsa-req|apple-reply", "format=flowed: mailgate joins the lines"),
)  # fmt: skip


class Read(NamedTuple):
    """The fields that both readers have; blanks do not count, and neither do the cases of addresses."""

    subject: str
    sender: str
    to: list[str]
    cc: list[str]
    date: float | None
    message_id: str
    text: str
    files: frozenset[tuple[str, str]]


@pytest.fixture(autouse=True)
def quiet() -> None:
    logging.getLogger("mailparser").setLevel(logging.CRITICAL + 1)


@cache
def find_differences(path: Path) -> tuple[str, ...]:
    """The names of the fields that mail-parser reads otherwise; of files, those that mailgate has not."""
    raw = path.read_bytes()
    ours = read_by_mailgate(raw)
    try:
        theirs = read_by_mail_parser(raw)
    except (AttributeError, ValueError) as error:  # of two subjects, of base64 without its end
        return (type(error).__name__,)
    plain = email.message_from_bytes(raw).get_content_type() in ("text/plain", "multipart/mixed")
    alike = [name for name in Read._fields if name != "files" and (name != "text" or plain)]
    different = [name for name in alike if getattr(ours, name) != getattr(theirs, name)]
    return (*different, *(["files"] if theirs.files - ours.files else []))


def read_by_mailgate(raw: bytes) -> Read:
    mail = read_mail(raw)
    return Read(
        subject=_squeeze(mail.subject),
        sender=mail.sender.address.lower() if mail.sender is not None else "",
        to=[one.address.lower() for one in mail.to],
        cc=[one.address.lower() for one in mail.cc],
        date=mail.date.timestamp() if mail.date is not None else None,
        message_id=mail.message_id,
        text=_squeeze(mail.text),
        files=frozenset((one.filename, one.sha256) for one in mail.attachments),
    )


def read_by_mail_parser(raw: bytes) -> Read:
    mail: Any = mailparser.parse_from_bytes(raw)
    return Read(
        subject=_squeeze(mail.subject),
        sender=mail.from_[0][1].lower() if mail.from_ else "",
        to=[address.lower() for _, address in mail.to],
        cc=[address.lower() for _, address in mail.cc],
        date=mail.date.replace(tzinfo=UTC).timestamp() if mail.date is not None else None,
        message_id=mail.message_id.strip("<> "),
        text=_squeeze("".join(mail.text_plain)),
        files=frozenset(_files(mail)),
    )


def _files(mail: Any) -> Iterator[tuple[str, str]]:
    for part in mail.attachments:
        payload = part["payload"]
        content = base64.b64decode(payload) if part["binary"] else payload.encode("utf-8", "surrogateescape")
        if part["content-disposition"]:  # for a part without one it makes up a name by chance
            yield part["filename"], sha256(content).hexdigest()


def _squeeze(text: str) -> str:
    return normalize("NFC", "".join(text.split()))  # mail-parser composes letters; mailgate leaves them as they are


def test_a_mail_that_is_read_otherwise_has_a_reason() -> None:
    unexplained = [path for path in MAILS if not any(re.match(names, path.stem) for names, _ in _EXPLAINED)]
    assert {path.stem: found for path in unexplained if (found := find_differences(path))} == {}
    assert len(unexplained) > len(MAILS) / 2


@pytest.mark.parametrize(("names", "reason"), _EXPLAINED)
def test_each_reason_explains_a_mail(names: str, reason: str) -> None:
    assert any(find_differences(path) for path in MAILS if re.match(names, path.stem)), reason


_UNFOLDED = email.policy.SMTP.clone(max_line_length=998)  # folding, the library breaks lists with encoded words
_WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=60)
_NAMES = st.text(st.sampled_from("abcdefgxyzéñßЖ二0123456789 -_"), min_size=1, max_size=20).map(str.strip)
_ADDRESSES = st.from_regex(r"[a-z][a-z0-9.]{0,8}[a-z0-9]@[a-z]{1,9}\.example", fullmatch=True).filter(
    lambda address: ".." not in address
)
_MAILBOXES = st.builds(lambda name, address: Address(name, addr_spec=address), _NAMES, _ADDRESSES)
_DATES = st.builds(
    lambda minutes, zone: (datetime(2026, 11, 23, tzinfo=UTC) + timedelta(minutes=minutes)).astimezone(
        timezone(timedelta(minutes=15 * zone))
    ),
    st.integers(0, 10**6),
    st.integers(-48, 56),
)
_FILES = st.lists(
    st.tuples(st.from_regex(r"[a-zA-Zéß二][a-z0-9é_]{0,10}\.(pdf|png|xyz)", fullmatch=True), st.binary(max_size=300)),
    max_size=3,
    unique_by=lambda file: file[0],
)


@given(
    subject=_WORDS, sender=_MAILBOXES, to=st.lists(_MAILBOXES, min_size=1, max_size=4),
    cc=st.lists(_MAILBOXES, max_size=3), date=_DATES, text=st.lists(_WORDS, max_size=6).map("\n".join), files=_FILES,
    policy=st.sampled_from((_UNFOLDED, _UNFOLDED.clone(linesep="\n"))),
)  # fmt: skip
def test_sound_mails_are_read_alike(
    subject: str, sender: Address, to: list[Address], cc: list[Address], date: datetime, text: str,
    files: list[tuple[str, bytes]], policy: Any,
) -> None:  # fmt: skip
    mail = EmailMessage(policy)
    mail["Subject"], mail["From"], mail["To"], mail["Date"] = subject, sender, to, date
    mail["Message-ID"] = "<a.1@customer.example>"
    if cc:
        mail["Cc"] = cc
    mail.set_content(text)
    for name, content in files:
        mail.add_attachment(content, "application", "octet-stream", filename=name)
    ours, theirs = read_by_mailgate(mail.as_bytes()), read_by_mail_parser(mail.as_bytes())
    assert ours == theirs
    assert ours.files == {(name, sha256(content).hexdigest()) for name, content in files}
