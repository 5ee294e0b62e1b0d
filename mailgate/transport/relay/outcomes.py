"""Outcomes of sending a notice, and how the replies of the relay are read.

The meaning of a 5xx depends on its subject. At RCPT and DATA it is about the notice: Rejected. Before them, at the
greeting, EHLO, STARTTLS, AUTH and MAIL, it is about us: a missing login, a blocked address, a sender that the relay
does not let us use. Every notice would meet it, and it ends when the operator mends it: Deferred. So it is with 530,
535 and 538 at RCPT and DATA, since many relays ask for the login only there. At MAIL, too, the size (552, 5.2.3,
5.3.4) and the form (5.6.x) of a message are the notice's own: Rejected.

Pure. A reply outside the protocol is Deferred, never an exception.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

DRY_RUN = "dry run"
"""Words of what a dry run has skipped."""

NOT_IN_ONLY_TO = " is not in only_to"
"""End of the words of what `only_to` has skipped, behind the address."""

_WORDS_LIMIT = 500
_ABOUT_LOGIN = frozenset({530, 535, 538})  # RFC 4954 section 6
_STATUS = re.compile(r"[245]\d\d ([245]\.\d{1,3}\.\d{1,3})\b")
_REPLY = re.compile(r"[245]\d\d[ -]")
_NO_WORDS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Sent:
    """Outcome: the relay has taken the notice."""

    words: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Outcome: try again; the relay may even have the notice. `of_recipient`: it concerns this recipient only."""

    words: str
    of_recipient: bool = False

    @property
    def reply(self) -> str:
        """The relay's reply, "" where the words are the desk's own."""
        return _find_reply(self.words)


@dataclass(frozen=True, slots=True)
class Rejected:
    """Outcome: refused for good. `too_large`: the notice may be taken without its largest files (rule 17).

    `most` is how many bytes the relay takes, 0 where it has not said so.
    """

    words: str
    too_large: bool = False
    most: int = 0

    @property
    def reply(self) -> str:
        """The relay's reply, "" where the words are the desk's own."""
        return _find_reply(self.words)


@dataclass(frozen=True, slots=True)
class Skipped:
    """Outcome: not sent, since the desk does not write to that address yet (rule 31)."""

    words: str


Outcome = Sent | Deferred | Rejected | Skipped


@dataclass(frozen=True, slots=True)
class SmtpReply:
    """One reply of the relay; `words` begin with the code."""

    code: int
    words: str

    @classmethod
    def read(cls, code: int, text: bytes | str) -> SmtpReply:
        """Makes a reply from what smtplib returns."""
        decoded = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        return cls(code, clean(f"{code} {decoded}"))

    @property
    def status(self) -> str:
        """The enhanced status code (RFC 3463), "" where there is none."""
        found = _STATUS.match(self.words)
        return found[1] if found else ""

    @property
    def is_good(self) -> bool:
        return 200 <= self.code < 300


def _find_reply(words: str) -> str:
    return words if _REPLY.match(words) else ""


def clean(words: str) -> str:
    """Words of a server as they may be stored and shown: one line, no controls, at most 500 characters."""
    return _NO_WORDS.sub(" ", words.encode("utf-8", "replace").decode("utf-8")).strip()[:_WORDS_LIMIT]


def read_mail_reply(reply: SmtpReply) -> Deferred | Rejected:
    """Reads a negative reply to MAIL."""
    if reply.code >= 500 and (_is_about_size(reply) or reply.status.startswith("5.6.")):
        return Rejected(reply.words, too_large=_is_about_size(reply))
    return Deferred(reply.words)


def read_rcpt_reply(reply: SmtpReply) -> Deferred | Rejected:
    """Reads a negative reply to RCPT. A bare 552 is the recipient's full mailbox here, not the message's size."""
    if _is_final(reply):
        return Rejected(reply.words, too_large=bool(reply.status) and _is_about_size(reply))
    return Deferred(reply.words, of_recipient=400 <= reply.code < 500)


def read_data_reply(reply: SmtpReply) -> Deferred | Rejected:
    """Reads a negative reply to DATA, or to the message that follows it."""
    if _is_final(reply):
        return Rejected(reply.words, too_large=_is_about_size(reply))
    return Deferred(reply.words)


def _is_final(reply: SmtpReply) -> bool:
    return 500 <= reply.code < 600 and reply.code not in _ABOUT_LOGIN


def _is_about_size(reply: SmtpReply) -> bool:
    """Tells whether a reply is about size: by its enhanced code, else by a bare 552 (552 5.2.2 is a full mailbox)."""
    return reply.status in ("5.2.3", "5.3.4") or (reply.code == 552 and not reply.status)
