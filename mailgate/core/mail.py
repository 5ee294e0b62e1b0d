"""Values that every floor shares: addresses, attachments, a mail as read, the envelope it came in.

All are frozen and hold clean text only (no NUL, no lone surrogate, no line break in a header); the parsers see to
that. Nothing here can fail.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class MessageKind(StrEnum):
    """Kind of a mail, by its headers, its words and its envelope (rule 23)."""

    HUMAN = "human"
    AUTO_REPLY = "auto-reply"
    BOUNCE = "bounce"
    MAILING_LIST = "mailing-list"
    OWN = "own"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox and the name shown beside it."""

    name: str
    address: str

    @property
    def key(self) -> str:
        """The address as compared everywhere: without case."""
        return self.address.casefold()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a mail.

    `span` is the byte range of its base64 text inside the raw mail, where a notice can reuse it as it came;
    None where the file had another transfer encoding or lay inside a container. `content` is empty where there is a
    span and the file is large: there it is not held twice. `quoted` is an image that stands only in what the mail
    quotes or in its signature.
    """

    filename: str
    mime_type: str
    size: int
    sha256: str
    inline: bool
    content: bytes = field(repr=False)
    content_id: str = ""
    span: tuple[int, int] | None = None
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Bounce:
    """One recipient of a delivery report (RFC 3464): `permanent` is None where the report does not say."""

    recipient: str
    status: str
    action: str
    permanent: bool | None
    original_message_id: str


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as mailgate read it. Message-IDs are without angle brackets, `references` oldest first."""

    kind: MessageKind
    subject: str
    sender: Address | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    date: datetime | None
    text: str
    new_text: str
    language: str
    attachments: tuple[Attachment, ...]
    bounces: tuple[Bounce, ...]
    defects: tuple[str, ...]
    headers: tuple[tuple[str, str], ...] = ()
    encrypted: bool = False
    signed: bool = False

    def header(self, name: str) -> str:
        """The first (topmost) header of that name, "" where there is none."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")

    def header_all(self, name: str) -> tuple[str, ...]:
        """Every header of that name, topmost first."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key.lower() == wanted)


IMPORTED, IMPORTED_QUIETLY = "import", "quiet import"
"""The sources of mails that an operator has brought in by hand; to the second ones no requester gets a receipt."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """How a mail reached us. `sender` is "" for the null sender and None where the way in does not tell.

    `source_key` names the mail in its mailbox (such as IMAP account, folder, UIDVALIDITY, UID); None where it came with
    an envelope. `recipients` of a mail from a mailbox are the address of that mailbox, if it is known. `auth_user` is
    the agent who logged in by SMTP AUTH, "" for nobody. `peer` is the IP address. `whole_size` is that of a mail of
    which only the head was taken, in bytes, because it is larger than the desk takes; None where the mail is whole.
    """

    sender: str | None
    recipients: tuple[str, ...]
    source: str
    received_at: datetime
    source_key: str | None = None
    auth_user: str = ""
    peer: str = ""
    whole_size: int | None = None
