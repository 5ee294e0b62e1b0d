"""Values that every package shares: addresses, attachments, a parsed mail, its envelope, a received message.

All are frozen and hold clean text only (no NUL, no lone surrogate, no line break in a header); the parsers see to
that. Nothing here can fail.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mailgate.core.domains import fold_address
from mailgate.core.formatting import TextRun


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
        """The address in the form in which addresses are compared: without case, its domain in U-labels."""
        return fold_address(self.address)


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
class Picture:
    """An image between the lines of what a person wrote now, and its place there.

    `before` and `after` are the letters and figures next to it, folded as by `core.text.fold_alnum`; `words` are what
    a program may write in its place, folded in the same way. `alone` is true where it has a line of its own.
    """

    name: str  # no other picture of the mail has it
    content_id: str
    before: str
    after: str
    words: tuple[str, ...] = ()
    alone: bool = False
    width: int = 0  # pixels, as its author sees it; 0 where the mail does not say


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
    """A parsed mail. Message-IDs are without angle brackets, `references` oldest first.

    `ambiguous_sender` says that From names no one author: it is missing or stands there twice, or it holds several
    mailboxes, a group, or an address that only a reader of encoded words can see.
    """

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
    ambiguous_sender: bool = False
    pictures: tuple[Picture, ...] = ()
    """Images between the lines of `new_text`, in their order; `parsers.quoting.pictures` puts their names there."""
    formatting: tuple[TextRun, ...] = field(default=(), repr=False)
    """The HTML form of the body, quotes and signature included; () where it has none or shows nothing formatted."""

    @property
    def has_own_files(self) -> bool:
        """Tells whether it has files or pasted pictures of its own, beside those of quotes and signatures."""
        return bool(self.pictures) or any(not (file.inline or file.quoted) for file in self.attachments)

    def header(self, name: str) -> str:
        """The first (topmost) header of that name, "" where there is none."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")

    def header_all(self, name: str) -> tuple[str, ...]:
        """Every header of that name, topmost first."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key.lower() == wanted)


IMPORTED, IMPORTED_QUIETLY = "import", "quiet import"
"""The sources of mails that an operator has imported; for the second one no requester gets a receipt."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """How a mail reached the desk. `sender` is "" for the null sender and None where the source does not say.

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


class AuthResult(StrEnum):
    """The verdict of a pinned server on the From address (Authentication-Results, RFC 8601).

    FOREIGN is a pass, but for another domain. AMBIGUOUS is the desk's own: From names no one author, so
    that nobody knows of whom the server spoke.
    """

    PASS = "pass"
    FAIL = "fail"
    NONE = "none"
    FOREIGN = "a pass for another domain"
    AMBIGUOUS = "worth nothing, since From names no one author"

    @property
    def is_doubt(self) -> bool:
        """True where even a right token does not make the author of a mail an agent (docs/rules.md#8)."""
        return self in (AuthResult.FAIL, AuthResult.FOREIGN, AuthResult.AMBIGUOUS)


@dataclass(frozen=True, slots=True)
class Contact:
    """The record of an address: the language of its mails, and how far it is known.

    `known` says that mail to it reaches its owner (docs/rules.md#13), `accepted` that an agent approved it as a
    sender, `blocked` that its mail is refused as spam, `set_aside` that it gets no notices, since its server says that
    it does not exist; `refusals` counts how often it said so.
    """

    language: str = ""
    known: bool = False
    accepted: bool = False
    blocked: bool = False
    set_aside: bool = False
    refusals: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """A received mail with its sender, its journal row, and what is known of both.

    `sender` is the person behind the mail, who may differ from its From (a form, a list). `at` is when the mail
    counts. `recipients` are the addresses of the desk that it is for, () where it names none. `proven` is the
    address, folded, that a challenge has proven to have written it, "" for none; `forced` says that the operator
    put the mail back. `internal` and `people` say how its ticket stores it: for staff only, and with those of To and
    Cc who become participants (docs/rules.md#6). `again` says that its ticket may hold what could be read of it before.
    `words` are what an agent's mail says with the saved replies that it names, "" where its own text says all.
    """

    mail: Mail
    envelope: Envelope
    sender: Address
    journal_id: int
    blob_id: int
    at: datetime
    recipients: tuple[str, ...] = ()
    auth: AuthResult = AuthResult.NONE
    contact: Contact = Contact()
    proven: str = ""
    forced: bool = False
    internal: bool = False
    people: tuple[Address, ...] = ()
    again: bool = False
    words: str = ""

    @property
    def received_at(self) -> datetime:
        """When the mail arrived, whatever it waited for since then."""
        return self.envelope.received_at

    @property
    def auth_of_sender(self) -> AuthResult:
        """The verdict on `sender`: a fail where that is not the From, of whom alone the server spoke.

        A right token alone then makes no agent of a person whom a form, a list or the envelope named.
        """
        is_author = self.mail.sender is not None and self.mail.sender.key == self.sender.key
        return self.auth if is_author else AuthResult.FAIL
