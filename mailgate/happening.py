"""What happened, as advance and dispatch are told: an event with its words, its author and what proves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mailgate.mail import Address, Mail
from mailgate.notices import File, Mistake
from mailgate.process.events import Event, State


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
class Happening:
    """An event and everything that its notices may need.

    `reason` is the phrase or key that decided, verbatim; `by` an address, `timer NAME`, `operator` or `desk`.
    `answers` is the number of the notice that an agent's mail answers, 0 where there is none. `files_stay` says that
    the files of its mail are not for its notices: they are internal, or for somebody else.
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
    files: tuple[File, ...] = ()
    answers: int = 0
    mistakes: tuple[Mistake, ...] = ()
    outsider: bool = False
    encrypted: bool = False
    files_stay: bool = False
    journal_id: int | None = None
