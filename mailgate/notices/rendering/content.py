"""Content of a notice, and the notice rendered. Frozen values; nothing here can fail.

`unspoken` applies rule 13 to every template, the operator's included: while nothing shows that the address is the
requester's, none of their words reaches the template.
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
    """Earlier ticket of the requester."""

    reference: str
    subject: str
    state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One entry of a ticket's timeline."""

    at: datetime
    who: str
    what: str
    text: str
    internal: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class FormValue:
    """Field of a form with its value."""

    label: str
    value: str
    state: str = ""
    expected: str = ""


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """Held mail as it is shown to the person who decides."""

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
    """Known solution that may fit a request."""

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
    """Everything that a template may show.

    Times are aware; templates write them in the recipient's language and time zone. The names of the fields are the
    variables of the templates, the operator's included: they are a contract.
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
    """Rendered notice: `subject` is without references or tags beyond what the template wrote.

    `language` is the one it is written in, which is not the one asked for where a translation is missing; `logo` is the
    image that the page shows.
    """

    subject: str
    text: str
    html: str
    language: str = ""
    logo: Logo | None = None


def addressee(content: NoticeContent) -> Address:
    """Returns the address of the To header: without the name while that is unproven (rule 13)."""
    hidden = content.notice.info.audience is Audience.REQUESTER and not content.known
    return Address("", content.to.address) if hidden else content.to


def unspoken(content: NoticeContent) -> NoticeContent:
    """Returns the content without the requester's words where rule 13 forbids them; a receipt never has them."""
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
