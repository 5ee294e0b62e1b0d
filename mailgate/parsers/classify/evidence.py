"""The facts by which a mail is classified, and the kind of sender by envelope and From.

Signs that need no words: the null return path, the names of mail systems, machines under their own name, and mail
programs that only people use. Pure, never fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from mailgate.core.mail import Address
from mailgate.parsers.phrases import load_phrases
from mailgate.parsers.quoting.quote_lines import is_forward_subject, is_reply_subject

# How the local part of a mail system begins, and what its display name holds.
_SENDERS = load_phrases("automatic/senders")
_CLIENT_HEADERS = (
    "thread-index",
    "x-ms-has-attach",
    "x-apple-mail-remote-attachments",
    "x-universally-unique-identifier",
)
_CLIENT_IDS = ("@mail.gmail.com", ".prod.outlook.com", "@email.android.com", "@mail.yahoo.com", "@phx.gbl")


class SenderKind(IntEnum):
    """The kind of sender, the surest machine first."""

    DAEMON = 0  # a mail system by its name
    NULL = 1  # any sender with the null return path
    POSTMASTER = 2  # a machine as a rule, a person now and then
    MACHINE = 3  # a name that no person answers under, or a header that says so
    OFFICE = 4  # a name that machines and people share
    PERSON = 5


@dataclass(frozen=True)
class Evidence:
    """The facts by which a mail is classified.

    `headers` maps lower-case names to the topmost value; `types` are the MIME types of all parts that were walked;
    `text` is the whole text, `new_text` the newly written part; `answers_invitation` if a part is a calendar's REPLY
    (RFC 5546); `envelope_from` is None if unknown, "" for the null sender.
    """

    headers: Mapping[str, str]
    subject: str
    sender: Address | None
    message_id: str
    text: str
    new_text: str
    mime_type: str
    types: frozenset[str]
    is_answer: bool
    answers_invitation: bool
    envelope_from: str | None

    def has(self, *names: str) -> bool:
        """Tells whether one of these headers has a value."""
        return any(self.headers.get(name) for name in names)

    def word(self, name: str) -> str:
        """The first word of a header, in lower case, without parameters and comments."""
        return self.headers.get(name, "").partition(";")[0].partition("(")[0].strip().casefold()

    @cached_property
    def sender_kind(self) -> SenderKind:
        """The kind of sender. It is asked for several times."""
        return find_sender_kind(self)

    @property
    def is_continued(self) -> bool:
        """True if the subject is that of a reply or a forward."""
        return is_reply_subject(self.subject) or is_forward_subject(self.subject)


def find_sender_kind(seen: Evidence) -> SenderKind:
    """Determines the kind of sender."""
    address = seen.sender.address.casefold().removeprefix("@") if seen.sender else ""
    shown = seen.headers.get("from", "")[:200].casefold()
    if address.startswith(_SENDERS["daemons"]):
        return SenderKind.DAEMON
    if any(name in shown for name in _SENDERS["daemon_names"]) and not has_mail_program(seen):
        return SenderKind.DAEMON
    if return_path(seen).strip("<> ").casefold().startswith(_SENDERS["daemons"]):
        return SenderKind.DAEMON
    if is_null_sender(seen):
        return SenderKind.NULL
    if address.startswith(_SENDERS["postmasters"]) or any(name in shown for name in _SENDERS["postmaster_names"]):
        return SenderKind.POSTMASTER
    submitted = seen.word("auto-submitted")
    if not address or submitted not in ("", "no") or address.startswith(_SENDERS["machines"] + _SENDERS["silent"]):
        return SenderKind.MACHINE
    if address.partition("@")[0].endswith(("-bounce", "-bounces", "-noreply", "-no-reply")):
        return SenderKind.MACHINE
    return SenderKind.OFFICE if address.startswith(_SENDERS["offices"]) else SenderKind.PERSON


def is_no_reply_sender(seen: Evidence) -> bool:
    """Tells whether the sender's address takes no replies, by its name."""
    return seen.sender is not None and seen.sender.address.casefold().startswith(_SENDERS["silent"])


def is_null_sender(seen: Evidence) -> bool:
    """Tells whether the return path is null: by the envelope, else by the Return-Path header."""
    path = return_path(seen).strip()
    return path in ("<>", "<#@[]>", "#@[]") or (path == "" and seen.envelope_from is not None)


def return_path(seen: Evidence) -> str:
    """The return path as far as it is known: the envelope's, else the header's."""
    return seen.headers.get("return-path", "") if seen.envelope_from is None else seen.envelope_from


def has_mail_program(seen: Evidence) -> bool:
    """Tells whether a mail program that people use wrote the mail.

    Known by its name, by the headers that Outlook and Exchange put on every mail, or by the Message-ID.
    """
    program = (seen.headers.get("user-agent", "") + " " + seen.headers.get("x-mailer", ""))[:200].casefold()
    if program != " " and any(name in program for name in _SENDERS["programs"]):
        return "autorespon" not in program and "vacation" not in program
    return any(name in seen.headers for name in _CLIENT_HEADERS) or seen.message_id.endswith(_CLIENT_IDS)
