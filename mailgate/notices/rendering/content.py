"""Content of a notice, and the notice rendered. Frozen values; nothing here can fail.

`without_requester_words` applies rule 13 to every template, the operator's included: while nothing shows that the
address is the requester's, none of their words reaches the template.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from mailgate.config import Logo
from mailgate.config.directory.entries import Equipment
from mailgate.core.formatting import FormattedText
from mailgate.core.frozen import replace
from mailgate.core.mail import Address
from mailgate.core.workflow.notice_catalogue import Audience, Notice, TextRule
from mailgate.notices.alarms import Alarm, HeldAlarm
from mailgate.notices.rendering.branding import DEFAULT_LOOK, Branding
from mailgate.notices.rendering.digest import Digest
from mailgate.notices.rendering.replies import QueryReply
from mailgate.notices.rendering.report import ReportContent
from mailgate.tickets.values import CommandMistake, CommandResult, SentNotice

_ENTRY = 400  # bytes of HTML that an entry of the timeline takes beside its words


@dataclass(frozen=True, slots=True)
class Earlier:
    """Earlier ticket of the requester."""

    reference: str
    subject: str
    state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """Ticket of the requester as it stands for them.

    `stands` is "working", "asked" (we wait for their answer), "confirming", "finalizing" or "closed".
    """

    reference: str
    subject: str  # "" where nothing shows that the address is theirs
    created_at: datetime
    stands: str
    since: datetime | None = None  # since when they are asked
    due: datetime | None = None  # until when a solution is promised, if that is still to come


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One entry of a ticket's timeline."""

    at: datetime
    who: str  # "" where the desk or a deadline did it
    what: str  # an event's value, "in" for a mail, or "refused" for a rejected one
    text: str
    internal: bool = False
    detail: str = ""  # a word or two for the entry's line
    html: str = ""  # the text as its author formatted it, "" where they did not
    away_until: date | None = None  # of an automatic reply: the day ahead that the requester named


@dataclass(frozen=True, slots=True)
class FormValue:
    """Field of a form with its value."""

    label: str
    value: str
    state: str = ""  # "", "missing", or "wrong" for a value that is not as `expected`
    expected: str = ""


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """Held mail as it is shown to the person who decides."""

    at: datetime
    author: Address
    subject: str
    text: str
    orders: tuple[str, ...] = ()  # its commands
    files: tuple[str, ...] = ()
    reference: str = ""  # the ticket that it is for
    more_orders: int = 0  # commands that are not shown
    more_files: int = 0  # files that are not named
    cut: bool = False  # the recipient does not see all that the mail would send and do


@dataclass(frozen=True, slots=True)
class LongestStop:
    """The two servers between which a probe spent the most time on its way, and for how long."""

    origin: str
    server: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Known solution that may fit a request."""

    number: int
    title: str
    gist: str
    kind: str  # "article" or "solution"
    words: tuple[str, ...] = ()  # words of the request that it shares; none in a mail to the requester
    confirmed: int = 0
    refuted: int = 0
    language: str = ""  # "" where it is the requester's


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """Image that the page shows where its name stands in brackets in the text; `source` is its address."""

    name: str
    source: str
    width: int = 0  # pixels; 0 for its own


@dataclass(frozen=True, slots=True)
class UndecidedTicket:
    """Ticket whose requester does not answer, for the level that decides."""

    reference: str
    subject: str
    requester: Address
    waiting: bool
    """The requester was asked a question, and the clock stands; else they were asked whether the solution works."""
    since: datetime | None
    """When they were asked."""
    words: str
    """The question or the solution, cut where it is long."""
    count: int
    """How often the level was asked."""
    assignee: str = ""
    assignee_name: str = ""
    """As the assignee's last mail has it; "" where another agent wrote since."""
    queue: str = ""
    """Its display name; "" where all tickets of the mail are of one queue."""
    thanks: TimelineEntry | None = None
    automatic_reply: TimelineEntry | None = None

    @property
    def away_until(self) -> date | None:
        """The day until which the requester said to be away."""
        return self.automatic_reply.away_until if self.automatic_reply is not None else None


@dataclass(frozen=True, slots=True)
class Decisions:
    """The decisions of one mail, oldest question first; `manages` where the reader does not decide, but the level."""

    tickets: tuple[UndecidedTicket, ...]
    manages: bool = False


@dataclass(frozen=True, slots=True)
class QuotedMail:
    """Earlier mail of the ticket, quoted below the notice."""

    at: datetime
    author: Address | None  # None for the desk; an address of "" is not shown
    text: str
    written_down: bool = False  # by the desk, for the author


@dataclass(frozen=True, slots=True)
class NoticeContent:
    """Everything that a template may show.

    Times are aware; templates write them in the recipient's language and time zone. The names of the fields are the
    variables of the templates, the operator's included: they are a contract.
    """

    # the notice and its recipient
    notice: Notice
    language: str  # the recipient's, a code
    zone: ZoneInfo  # the recipient's time zone
    desk_name: str  # the queue's display name
    desk_address: str
    to: Address
    known: bool = True  # False: no word of the requester may stand in the notice (rule 13)
    first: bool = False  # it is the recipient's first mail of this ticket
    informed: bool = False  # the recipient has no part in the ticket, and gets the closing for information
    look: Branding = DEFAULT_LOOK

    # the ticket
    reference: str = ""  # of the ticket, or of the hold; "" for neither
    subject: str = ""
    state: str = ""
    level: str = ""
    old_level: str = ""  # the level before the event
    type: str = ""
    priority: str = ""
    cause: str = ""
    tags: tuple[str, ...] = ()
    assignee: str = ""
    holder: Address | None = None  # to the manager: the assignee, else the mailbox of the level, without a name
    taken: bool = False  # the author has the ticket since this mail
    asked: str = ""  # in a copy of a question to a third party, the address that it went to
    colleague: Address | None = None  # the agent who has or had the ticket, where another one acted
    minutes: int = 0  # time spent; of a source that works again, how long it did not
    created_at: datetime | None = None
    since: datetime | None = None  # since when the ticket is in its state, or as the notice says
    due: datetime | None = None  # the deadline that the notice names
    approval: str = ""  # of an answer to an approval: approved, rejected, or why it decides nothing
    written_at: datetime | None = None  # when the notice of a ticket is written; others have `created_at` for it
    begins: bool = False  # the ticket begins with this mail: its reader has asked for nothing
    waits_for: str = ""  # the third party that the desk waits for; to a requester where the answer says so
    clock_stands: bool = False  # for that third party or for the requester, so that no deadline runs
    until: datetime | None = None  # until when, if a time was named
    reminds_at: datetime | None = None  # when a requester who was asked is reminded, without an answer until then
    closes_at: datetime | None = None  # when the desk closes their ticket; None where that is an agent's decision
    hidden_until: datetime | None = None  # until when the lists leave the ticket out
    opens: datetime | None = None  # when the queue opens next; None while it is open
    count: int = 0  # questions to the level, solutions that failed, attempts of a hold, or lines of a gathered mail
    window: str = ""  # a duration in the configuration's words, such as the time in which a ticket can be reopened
    solution: str = ""
    said: str = ""  # words of the requester that are taken for a yes, in the final notice
    linked: tuple[str, ...] = ()  # references of the tickets linked with it
    old_queue: str = ""  # set with `new_queue` where the ticket was moved
    new_queue: str = ""
    rating: int | None = None  # what the requester said of the help, from 1 to 5; in the mail itself, or last
    rating_words: str = ""

    # the requester
    requester: Address | None = None
    department: str = ""
    vip: bool = False
    equipment: tuple[Equipment, ...] = ()
    more_equipment: int = 0  # pieces that are not shown
    requester_language: str = ""  # that in which they write, a code
    answer_language: str = ""  # that in which the desk answers them, a code
    urgency: str = ""
    wanted: str = ""  # the outcome that the requester hopes for
    channel: str = ""  # how the request came, for staff: phone, form or chat; "" for a mail
    earlier: tuple[Earlier, ...] = ()
    requests: tuple[OpenRequest, ...] = ()  # where they stand, for a requester who asks; `count` more are not shown

    # the event, and the mail that caused it
    author: Address | None = None
    agent: str = ""  # name of the agent who answers or has the ticket, to a requester who may know it; never an address
    text: str = ""
    formatted: tuple[FormattedText, ...] = ()  # words that the HTML shows as their author formatted them
    reason: str = ""
    command: str = ""  # the event's value
    set_aside: bool = False  # the address to which a notice failed gets no more of them
    unsent: tuple[str, ...] = ()  # addresses to which the words of a copy did not go, since they are set aside
    others: tuple[str, ...] = ()  # further recipients, or the address to which a notice failed
    in_copy: str = ""  # the participant whose words the requester is asked about
    outsider: bool = False  # the author is not of the ticket
    unproven: bool = False  # nothing proves that the mail in a participant's name is theirs
    refused: bool = False  # the pinned server says that it is not theirs
    newcomers: tuple[str, ...] = ()  # addresses in its copy that were not taken into the ticket
    encrypted: bool = False
    reading: str = ""  # of a mail that was parked: how it is read, "partly" or "whole"
    signed: bool = False
    forwarded: Address | None = None  # author of the mail that an agent passed on
    submitter: str = ""  # the agent who wrote the request down for the requester
    on_behalf: bool = False  # as `submitter`, as far as a requester may know it
    queues: tuple[str, ...] = ()  # those to which a request that names no address of the desk may belong
    strayed_to: tuple[str, ...] = ()  # the addresses that it names
    lost: str = ""  # the ticket that a request answers, where it is not in this database
    likely_duplicate: Earlier | None = None  # the open ticket that a request repeats
    kept: str = ""  # the ticket into which this one was merged

    history: tuple[QuotedMail, ...] = ()  # earlier mails that stand below the notice, newest first

    # files
    files: tuple[str, ...] = ()  # names
    pictures: tuple[ShownPicture, ...] = ()  # between the lines of the words
    left_out: tuple[str, ...] = ()  # those that have no room, with their sizes, and names of those that may not be sent
    too_large: tuple[str, ...] = ()  # of these, those that have no room
    originals: tuple[str, ...] = ()  # names of the messages that are attached as they came
    original: bool = False  # the mail is attached as it came: a signed or encrypted one, or one that was parked

    # what it asks for
    yes_link: str = ""
    no_link: str = ""
    rating_links: tuple[str, ...] = ()  # five, the worst rating first
    form: str = ""  # the form to be filled in, as text
    form_title: str = ""
    form_asked: int = 0  # how often it was sent
    fields: tuple[FormValue, ...] = ()  # what was filled in

    # for staff
    automatic_reply: TimelineEntry | None = None  # of a person of the ticket who has not written since
    thanks: TimelineEntry | None = None  # for a solution, without a word on whether it works
    story: tuple[TimelineEntry, ...] = ()  # the timeline
    story_left_out: int = 0  # entries that are not shown
    suggestions: tuple[Suggestion, ...] = ()
    checklist: str = ""  # the level's, filled in

    missing: tuple[str, ...] = ()  # what the queue wants on record: "type", "cause"
    causes: tuple[str, ...] = ()  # those that the queue has a list of

    # for an agent, about their own mail
    mistakes: tuple[CommandMistake, ...] = ()
    objection: tuple[str, ...] = ()  # a sentence, and what is put into its braces
    done: tuple[CommandResult, ...] = ()
    sent: tuple[SentNotice, ...] = ()
    undoable: bool = False
    replies: tuple[QueryReply, ...] = ()  # to queries

    # mails of no ticket
    trouble: Alarm | None = None  # the name that templates know the alarm by
    host: str = ""  # the machine that sends the alarm
    held_alarms: tuple[HeldAlarm, ...] = ()  # of the same sentence, held back before; more_held are not shown
    held: tuple[HeldMessage, ...] = ()  # mails that wait for the recipient's decision
    more_held: int = 0  # those that are not shown
    size: int = 0  # bytes of an oversized mail
    most: int = 0  # bytes that the desk accepts; where files had no room, those that a mail may have, 0 if unknown
    place: str = ""  # where the oversized mail is
    told: bool = False  # the author of the oversized mail got a mail
    journal_id: int = 0
    way: str = ""  # the name of a source
    stop: LongestStop | None = None  # of a probe that came back late
    morning: Digest | None = None  # the digest
    decisions: Decisions | None = None  # the gathered decisions
    bulletin: ReportContent | None = None  # the report


@dataclass(frozen=True, slots=True)
class Rendered:
    """Rendered notice: `subject` is without references or tags beyond what the template wrote.

    `language` is the one it is written in, which is not the one asked for where a translation is missing; `logo` is the
    image that the page shows. `history` is quoted below `text`; the page has it already.
    """

    subject: str
    text: str
    html: str
    language: str = ""
    logo: Logo | None = None
    history: str = ""

    @property
    def whole_text(self) -> str:
        """The text part: the text, and the history below it."""
        return f"{self.text}\n{self.history}" if self.history else self.text


def recipient_of(content: NoticeContent) -> Address:
    """Returns the address of the To header: without the name while that is unproven (rule 13)."""
    hidden = content.notice.info.audience is Audience.REQUESTER and not content.known
    return Address("", content.to.address) if hidden else content.to


def shorten_timeline(content: NoticeContent, room: int) -> NoticeContent:
    """Returns the content with as much of its timeline as has room: its first and its newest entries.

    `room` are the bytes of HTML that they may take, about. The words of one entry take at most a quarter of them; those
    that are cut lose their formatting.
    """
    first = [_cut(entry, room // 4) for entry in content.story[:1]]
    left = room - sum(_size(entry, room) for entry in first)
    newest: list[TimelineEntry] = []
    for entry in reversed(content.story[1:]):
        cut = _cut(entry, room // 4)
        left -= _size(cut, room)
        if left < 0:
            break
        newest.append(cut)
    left_out = max(len(content.story) - 1 - len(newest), 0)
    shown = (*first, *reversed(newest))
    shown_html = {entry.html for entry in shown if len(entry.html) <= room // 4}
    hidden = {entry.html for entry in content.story} - shown_html
    return replace(
        content, story=shown, story_left_out=content.story_left_out + left_out,
        formatted=tuple(one for one in content.formatted if one.html not in hidden),
    )  # fmt: skip


def _cut(entry: TimelineEntry, most: int) -> TimelineEntry:
    return entry if len(entry.text) <= most else replace(entry, text=f"{entry.text[: most - 1].rstrip()}…")


def _size(entry: TimelineEntry, room: int) -> int:
    """Returns how many bytes an entry takes in a page, about."""
    html = entry.html if len(entry.html) <= room // 4 else ""
    return _ENTRY + max(len(entry.text.encode()), len(html.encode())) + len(entry.detail.encode())


def without_requester_words(content: NoticeContent) -> NoticeContent:
    """Returns the content without the requester's words where rule 13 forbids them; a receipt never has them."""
    hidden = hide_requester_words(content)
    return replace(content, **hidden) if hidden else content


def hide_requester_words(content: NoticeContent) -> dict[str, Any]:
    """Returns the fields that `without_requester_words` changes, by name, with what they are instead."""
    info = content.notice.info
    if info.audience is not Audience.REQUESTER:
        return {}
    always = info.text is TextRule.ALWAYS
    text = content.text if always or (info.text is TextRule.IF_KNOWN and content.known) else ""
    if content.known:
        return {} if text == content.text else {"text": text}
    return {
        "to": recipient_of(content),
        "text": text,
        "subject": "",
        "said": "",
        "requester": None,
        "department": "",
        "fields": (),
        "vip": False,
        "urgency": "",
        "wanted": "",
        "originals": (),
        "equipment": (),
        "more_equipment": 0,
        "earlier": (),
        "requests": tuple(replace(one, subject="") for one in content.requests),
        "story": (),
        "story_left_out": 0,
        "history": (),
        "files": content.files if always else (),
    }
