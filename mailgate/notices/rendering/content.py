"""What a notice may show, and the notice in words. Frozen values; nothing here can fail.

`unspoken` holds rule 13 for every template, the operator's included: while the requester's address has not shown
that it is his, none of his words reaches the template at all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from mailgate.config import Logo
from mailgate.config.directory.entries import Equipment
from mailgate.core.mail import Address
from mailgate.core.workflow.notices import Audience, Notice, Text
from mailgate.notices.alarms import Alarm
from mailgate.notices.rendering.branding import DEFAULT_LOOK, Branding
from mailgate.notices.rendering.digest import Digest
from mailgate.notices.rendering.replies import QueryReply
from mailgate.notices.rendering.report import ReportContent
from mailgate.tickets.values import CommandMistake, CommandResult, SentNotice


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier ticket of the requester."""

    reference: str
    subject: str
    state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing in a ticket's story: `what` is an event's value, "in" for a mail or "refused" for one in vain; `detail`
    is a word or two that belong to it, `who` is "" where it was the desk itself or a deadline."""

    at: datetime
    who: str
    what: str
    text: str
    internal: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class FormValue:
    """One field of a form: `state` is "", "missing", or "wrong" for a value that is not as `expected`."""

    label: str
    value: str
    state: str = ""
    expected: str = ""


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """A mail that waits for somebody's word: `orders` are its commands, `reference` the ticket that it is for.

    `more_orders` and `more_files` are how many of them are not named; of one that is `cut`, the reader does not see all
    that it would send and do.
    """

    at: datetime
    author: Address
    subject: str
    text: str
    orders: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    reference: str = ""
    more_orders: int = 0
    more_files: int = 0
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A known solution that may fit. `words` are those of the request that it shares, none in a mail to the requester;
    `kind` is "article" or "solution", `language` its language where that is not the requester's."""

    number: int
    title: str
    gist: str
    kind: str
    words: tuple[str, ...] = ()
    confirmed: int = 0
    refuted: int = 0
    language: str = ""


@dataclass(frozen=True, slots=True)
class NoticeContent:
    """Everything a template may show. Times are aware; templates write them in the reader's language and zone.

    `known` is rule 13: while False no word of the requester (subject, text, name) may stand in the notice. `first`
    tells whether the addressee gets his first mail of this ticket. `language` is the reader's, `requester_language`
    what the requester writes; both are codes. `window` is a duration in the configuration's words, `minutes` the time
    spent. `old_queue` and `new_queue` are set where a ticket was moved from one queue to another. `queues` are the
    others that a request which names no address of the desk may belong to, `strayed_to` whom it names instead. Of a
    mail that is too large, `size` and what the desk takes at `most` are in bytes, `place` is where it lies, and `told`
    whether its author knows. `way` is the name of a way in, of which `minutes` says how long it was down. `forwarded`
    is who wrote the mail that an agent passed on, and `submitter` the address of the agent who wrote a request down for
    the requester (a requester learns `on_behalf` only). `linked` are the references of the tickets beside this one,
    `replies` the answers to what an agent asked the desk. `form` is a form to be filled in, `form_asked` how often it
    was sent, and `fields` what was filled in of the form called `form_title`. Of the requester's `equipment`,
    `more_equipment` pieces are not shown; `morning` is what a digest tells, `bulletin` a report. `unproven` says that
    nothing shows a mail in a participant's name to be his; `held` are the mails that wait for the reader's word,
    `more_held` of them not
    shown. `requester_language` is answered in `answer_language`, `wanted` is what he hopes for. `originals` are the
    names of the messages that are attached as they came; of a mail that is `signed` or encrypted, `original` tells
    whether it is. `checklist` is the level's, filled in; `informed` that the reader has nothing to do with the ticket
    and is only told. `rating_links` are five, the worst first, where the reader is asked how content he is; `rating` is
    what the requester said of that, with his `rating_words`. `look` is how the queue's notices look.
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
    vip: bool = False
    equipment: tuple[Equipment, ...] = ()
    more_equipment: int = 0
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
    rating_links: tuple[str, ...] = ()
    mistakes: tuple[CommandMistake, ...] = ()
    objection: tuple[str, ...] = ()
    trouble: Alarm | None = None  # the name that templates know it by
    done: tuple[CommandResult, ...] = ()
    sent: tuple[SentNotice, ...] = ()
    undoable: bool = False
    earlier: tuple[Earlier, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    story: tuple[TimelineEntry, ...] = ()
    story_left_out: int = 0
    others: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    outsider: bool = False
    unproven: bool = False
    held: tuple[HeldMessage, ...] = ()
    more_held: int = 0
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
    morning: Digest | None = None
    bulletin: ReportContent | None = None
    forwarded: Address | None = None
    submitter: str = ""
    on_behalf: bool = False
    linked: tuple[str, ...] = ()
    replies: tuple[QueryReply, ...] = ()
    form: str = ""
    form_title: str = ""
    form_asked: int = 0
    fields: tuple[FormValue, ...] = ()
    urgency: str = ""
    wanted: str = ""
    answer_language: str = ""
    originals: tuple[str, ...] = ()
    original: bool = False
    signed: bool = False
    checklist: str = ""
    informed: bool = False
    rating: int | None = None
    rating_words: str = ""
    look: Branding = DEFAULT_LOOK


@dataclass(frozen=True, slots=True)
class Rendered:
    """A notice in words: `subject` without references or tags beyond what the template wrote.

    `language` is the one it is written in, which is not the one asked for where a translation is missing; `logo` is
    the image that the page shows.
    """

    subject: str
    text: str
    html: str
    language: str = ""
    logo: Logo | None = None


def addressee(content: NoticeContent) -> Address:
    """Whom the To header names: the name is left out while it is only a claim (rule 13)."""
    hidden = content.notice.info.audience is Audience.REQUESTER and not content.known
    return Address("", content.to.address) if hidden else content.to


def unspoken(content: NoticeContent) -> NoticeContent:
    """The content without the requester's words where rule 13 forbids them; a receipt never repeats the request."""
    info = content.notice.info
    if info.audience is not Audience.REQUESTER:
        return content
    always = info.text is Text.ALWAYS
    text = content.text if always or (info.text is Text.IF_KNOWN and content.known) else ""
    if content.known:
        return content if text == content.text else replace(content, text=text)
    return replace(
        content,
        to=addressee(content),
        text=text,
        subject="",
        requester=None,
        department="",
        fields=(),
        vip=False,
        urgency="",
        wanted="",
        originals=(),
        equipment=(),
        more_equipment=0,
        earlier=(),
        story=(),
        story_left_out=0,
        files=content.files if always else (),
    )
