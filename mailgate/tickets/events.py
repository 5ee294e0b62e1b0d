"""What happened, as advance and dispatch are told: an event with its words, its author and what proves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mailgate.core.mail import Address, Mail
from mailgate.core.workflow.events import Event, State
from mailgate.parsers.forms import InvalidValue
from mailgate.tickets.values import CommandMistake, CommandResult, FileRef, SentNotice


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail that came in and belongs to a ticket: its row in the journal and the blob that holds it.

    `sender` is who counts as its author: the person behind a contact form where it came by one. `people` are those
    in To and Cc who become participants (rule 6).
    """

    mail: Mail
    sender: Address
    journal_id: int
    blob_id: int
    at: datetime
    internal: bool = False
    people: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """An event and everything that its notices may need.

    `reason` is the phrase or key that decided, verbatim; `by` an address, `timer NAME`, `operator` or `desk`.
    `answers` is the number of the notice that an agent's mail answers, 0 where there is none. `files_stay` says
    that the files of its mail are not for its notices: they are internal, or for somebody else. `strayed_to` are
    the recipients of a request that names no address of the desk, None for one that does. `unproven` says that a
    mail in a participant's name has brought nothing that shows it to be his. `order` is the command that an agent
    gave for it, by its English name, "" where there was none. `forwarded` is who wrote the mail that a request of
    the house passes on. `follows` is the reference of the ticket that this one is answered with, "" where it is
    answered by itself. `objection` is why nothing came of it, in parts; `done` and `sent` are what its author is
    told that came of his mail, and `undoable` whether he may take it back. `original` is a signed or encrypted mail
    as it came, for whoever has to see that; None where it may not go. `fields` are the values that it fills into
    the ticket's form, by their names, and `wrong` what it fills in and cannot be taken. `new_due` is when the level
    must be done, where that changed by it. `quiet` says that nobody outside is told of it by the desk itself.
    """

    event: Event
    at: datetime
    by: str
    reason: str = ""
    author: Address | None = None
    acts_for: State | None = None
    acts_queue: str = ""
    text: str = ""
    argument: str = ""
    files: tuple[FileRef, ...] = ()
    answers: int = 0
    mistakes: tuple[CommandMistake, ...] = ()
    outsider: bool = False
    unproven: bool = False
    encrypted: bool = False
    files_stay: bool = False
    strayed_to: tuple[str, ...] | None = None
    journal_id: int | None = None
    signed: bool = False
    original: FileRef | None = None
    order: str = ""
    follows: str = ""
    objection: tuple[str, ...] = ()
    done: tuple[CommandResult, ...] = ()
    sent: tuple[SentNotice, ...] = ()
    undoable: bool = False
    forwarded: Address | None = None
    fields: tuple[tuple[str, str], ...] = ()
    wrong: tuple[InvalidValue, ...] = ()
    new_due: datetime | None = None
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Oversized:
    """A mail larger than the desk takes: only its head is here. `size` in bytes; `place` says where the rest lies.

    `author` is who wrote it, `known` whether his address has shown that it is his (rule 13); `sent_at` is the date that
    the mail bears, `queue` the name of the one it is for, `language` what its author is written to in.
    """

    author: Address
    known: bool
    language: str
    queue: str
    subject: str
    message_id: str
    size: int
    place: str
    sent_at: datetime
    received_at: datetime
    journal_id: int
