"""What a notice may show, and the notice in words. Frozen values; nothing here can fail.

`unspoken` holds rule 13 for every template, the operator's included: while the requester's address has not shown
that it is his, none of his words reaches the template at all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from mailgate.mail import Address
from mailgate.process.effects import Notice

REQUESTER_NOTICES = frozenset(
    {
        Notice.RECEIPT,
        Notice.ANSWER,
        Notice.QUESTION,
        Notice.ESCALATED,
        Notice.MOVED,
        Notice.CONFIRM,
        Notice.CLARIFY,
        Notice.REMINDER,
        Notice.WAITING_REMINDER,
        Notice.REOPENED,
        Notice.FINAL,
        Notice.TRANSFERRED,
        Notice.SOMEBODY_ANSWERED,
        Notice.WRITE_IN_CLEAR,
        Notice.TOO_LARGE,
    }
)
AGENT_NOTICES = frozenset(
    {
        Notice.LATE_LEVEL,
        Notice.MISTYPED,
        Notice.NOT_POSSIBLE,
        Notice.NOT_YET,
        Notice.OVERTAKEN,
        Notice.REASON_WANTED,
        Notice.LAST_LEVEL,
        Notice.STATUS,
        Notice.HELP,
    }
)
"""Private answers to the one agent who wrote."""

OWN_SUBJECT = frozenset(
    {
        Notice.ASK,
        Notice.ALARM,
        Notice.GATHERED,
        Notice.OVERSIZED,
        Notice.WAY_STOPPED,
        Notice.WAY_WORKS,
        Notice.PROBE,
    }
)
"""Neither the requester nor an agent reads these: a third party gets the agent's words only, the operator no ticket,
and the desk its own probe."""

LEVEL_NOTICES = frozenset(Notice) - REQUESTER_NOTICES - AGENT_NOTICES - OWN_SUBJECT
"""What a level's mailbox or the manager gets."""

_AGENTS_WORDS = frozenset({Notice.ANSWER, Notice.QUESTION, Notice.CONFIRM, Notice.FINAL, Notice.TRANSFERRED})


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier ticket of the requester."""

    reference: str
    subject: str
    state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a ticket's story: `what` is an event's value or "in"/"out" for a mail."""

    at: datetime
    who: str
    what: str
    text: str
    internal: bool = False


@dataclass(frozen=True, slots=True)
class Mistake:
    """A line of an agent's mail that could not be carried out: `reason` is the value of the reader's enum."""

    line: str
    nearest: str
    reason: str


@dataclass(frozen=True, slots=True)
class Content:
    """Everything a template may show. Times are aware; templates write them in the reader's language and zone.

    `known` is rule 13: while False no word of the requester (subject, text, name) may stand in the notice.
    `first` tells whether the addressee gets his first mail of this ticket. `language` is the reader's,
    `requester_language` what the requester writes; both are codes. `window` is a duration in the configuration's
    words, `minutes` the time spent. `old_queue` and `new_queue` are set where a ticket
    was moved from one queue to another. `queues` are the others that a request which names no address of the desk may
    belong to, `strayed_to` whom it names instead. Of a mail that is too large, `size` and what the desk takes at `most`
    are in bytes, `place` is where it lies, and `told` whether its author knows. `way` is the name of a way in, of which
    `minutes` says how long it was down.
    """

    notice: Notice
    language: str
    zone: ZoneInfo
    desk_name: str
    desk_address: str
    to: Address
    reference: str = ""
    subject: str = ""
    known: bool = True
    first: bool = False
    requester: Address | None = None
    department: str = ""
    author: Address | None = None
    text: str = ""
    solution: str = ""
    reason: str = ""
    state: str = ""
    level: str = ""
    old_level: str = ""
    since: datetime | None = None
    created_at: datetime | None = None
    due: datetime | None = None
    opens: datetime | None = None
    type: str = ""
    priority: str = ""
    cause: str = ""
    assignee: str = ""
    minutes: int = 0
    count: int = 0
    command: str = ""
    window: str = ""
    yes_link: str = ""
    no_link: str = ""
    mistakes: tuple[Mistake, ...] = ()
    earlier: tuple[Earlier, ...] = ()
    story: tuple[Entry, ...] = ()
    others: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    outsider: bool = False
    encrypted: bool = False
    requester_language: str = ""
    old_queue: str = ""
    new_queue: str = ""
    queues: tuple[str, ...] = ()
    strayed_to: tuple[str, ...] = ()
    size: int = 0
    most: int = 0
    place: str = ""
    told: bool = False
    journal_id: int = 0
    way: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A notice in words: `subject` without references or tags beyond what the template wrote.

    `language` is the one it is written in, which is not the one asked for where a translation is missing.
    """

    subject: str
    text: str
    html: str
    language: str = ""


def addressee(content: Content) -> Address:
    """Whom the To header names: the name is left out while it is only a claim (rule 13)."""
    hidden = content.notice in REQUESTER_NOTICES and not content.known
    return Address("", content.to.address) if hidden else content.to


def unspoken(content: Content) -> Content:
    """The content without the requester's words where rule 13 forbids them; a receipt never repeats the request."""
    if content.notice not in REQUESTER_NOTICES:
        return content
    text = content.text if content.notice in _AGENTS_WORDS or content.known else ""
    text = "" if content.notice is Notice.RECEIPT else text
    if content.known:
        return content if text == content.text else replace(content, text=text)
    return replace(
        content,
        to=addressee(content),
        text=text,
        subject="",
        requester=None,
        department="",
        earlier=(),
        story=(),
        files=content.files if content.notice in _AGENTS_WORDS else (),
    )
