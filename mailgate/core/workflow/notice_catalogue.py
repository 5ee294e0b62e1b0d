"""Catalogue of notices: every kind of mail that the desk writes, and in one row everything that is true of it.

The packages that write, carry and read notices ask the row (`notice.info`) and keep no lists of their own. It stands
beside the events, below the packages that use it, since the ticket service asks it, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from types import MappingProxyType


class Audience(StrEnum):
    """The people that a notice is written for; it decides how much they may see of a ticket."""

    REQUESTER = "requester"  # with the participants, or the author of a mail that opened no ticket
    LEVEL = "level"  # a level's mailbox, or the agent of that level who has the ticket
    AGENT = "agent"  # the one agent whose mail it answers
    MANAGER = "manager"
    OPERATOR = "operator"
    STAFF = "staff"  # agents, levels or people whom the operator names, about no single ticket
    THIRD_PARTY = "third party"  # the person whom an agent asks with #ask or #approve-by; they may be external
    DESK = "desk"  # the desk's own address


class Subject(Enum):
    """Where the subject line of a notice comes from (docs/rules.md#13)."""

    REPLY = auto()  # the ticket's, as a reply: the recipient began the thread
    THREAD = auto()  # the ticket's; the first notice to a recipient begins the thread
    OWN = auto()  # the template's: the mail is of no ticket's thread


class Automation(Enum):
    """Loop protection: headers of automatic mail (RFC 3834), and limits (docs/rules.md#24)."""

    HUMAN = auto()  # carries a person's words: no such headers, not counted, never stopped
    UNLIMITED = auto()  # has the headers, but is neither counted nor stopped
    LIMITED = auto()  # has the headers, is counted, and is not sent where a limit is exceeded


class TextRule(Enum):
    """Condition under which a notice may show the text it carries to a requester (docs/rules.md#13)."""

    ALWAYS = auto()  # an agent's words, or a notice to staff
    IF_KNOWN = auto()  # only to an address that is known to be the requester's
    NEVER = auto()  # a receipt does not repeat the request


class Basis(Enum):
    """Source of a notice's author, text, reason and time."""

    EVENT = auto()  # the event that causes it; the time since which the ticket is in its state
    REQUEST = auto()  # the event; the text is that of the request, as far as the requester wrote it
    LEVEL = auto()  # the event; the time since which the level has the ticket
    OPEN_QUESTION = auto()  # the question to which no reply has come, and when it was asked
    LAST_AGENT = auto()  # the agent who acted before, what they did, and when
    ORDER = auto()  # the event; when the command was given that it comes back to


class Due(Enum):
    """Deadline that a notice names."""

    NONE = auto()
    PROMISE = auto()  # the level's deadline for the solution, while its clock runs
    FIRST_ANSWER = auto()  # until when the requester gets an answer
    SILENCE = auto()  # the SLA account's: answer due, and since when the requester has had no news
    OBJECTION = auto()  # until when the requester may object to the closing
    REVIEW = auto()  # until when the manager may review the closing


class Asks(Enum):
    """Answer that a notice asks for in a form of its own."""

    NOTHING = auto()
    YES_OR_NO = auto()  # one of the two option words, or one of two links
    APPROVAL = auto()  # the same, with words of its own
    RATING = auto()  # the satisfaction survey's five links, if it is configured
    FORM = auto()  # a form to be filled in


class Files(Enum):
    """Files that a notice carries (docs/rules.md#16)."""

    NONE = auto()
    MAIL = auto()  # those of the mail whose words it carries
    MAIL_AND_ORIGINAL = auto()  # those, and the mail itself as it came where it is signed or encrypted
    AGENTS_MAIL = auto()  # those of an agent's mail; a requester's files do not go to the participants
    BUNDLE = auto()  # all of the ticket's, and its mails as they came: it is new to the recipient


class Background(Enum):
    """Facts of the requester and the ticket that a notice shows to staff."""

    NONE = auto()
    REQUESTER = auto()  # the requester's equipment and earlier tickets
    TIMELINE = auto()  # those, and the ticket's timeline


class Suggestions(Enum):
    """Known solutions that a notice suggests."""

    NONE = auto()
    INTERNAL = auto()  # all that may fit, for the level
    PUBLIC = auto()  # public articles, for the requester


class Tone(Enum):
    """Colour and sign of the banner on a notice's page; they say no more than its words."""

    NEUTRAL = auto()  # for information
    ACTION = auto()  # the reader is asked to do something
    LATE = auto()  # something is overdue, due soon or broken
    DONE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeInfo:
    """One row of the catalogue. No column has a default: each notice states everything."""

    audience: Audience
    subject: Subject
    automation: Automation
    daily: bool
    """Is kept for the one mail a day to its reader where a timer causes it (`[agents] decisions`)."""
    text: TextRule
    basis: Basis
    due: Due
    asks: Asks
    tone: Tone
    files: Files
    background: Background
    suggestions: Suggestions
    logo: bool
    """Shows the queue's logo; a mail to an unknown sender is kept small."""
    checklist: bool
    """Shows the level's checklist."""
    whole_level: bool
    """Goes to the whole level even where the ticket is assigned to one agent: the ticket is at risk."""
    refusal: bool
    """Says that the event is rejected: nothing of the agent's mail is carried out."""
    listed: bool
    """Is named in the transcript of the mail that caused it; the agent's own answers are not."""
    harmless: bool
    """Tells recipients what they know anyway: the step can be undone after it has left."""
    absences: bool
    """Tells what the ticket's people wrote and nobody got a mail about, an automatic reply or bare thanks: its reader
    waits for them or wrote to them."""

    @property
    def quotes(self) -> bool:
        """True if it brings an agent's words to people outside, and shows below them the mail that these answer.

        Not where a yes to it closes the ticket: no older word of the requester may stand below their reply to that. And
        not below a form: a reply quotes it, and the values of the form are read from there.
        """
        is_of_agent = self.audience is Audience.REQUESTER and self.automation is Automation.HUMAN
        return is_of_agent and self.asks not in (Asks.YES_OR_NO, Asks.FORM)

    @property
    def automatic(self) -> bool:
        """True if the headers say that no person wrote it."""
        return self.automation is not Automation.HUMAN

    @property
    def limited(self) -> bool:
        """True if loop protection counts it, and stops it where a limit is exceeded."""
        return self.automation is Automation.LIMITED


class Notice(StrEnum):
    """Kinds of mail that the desk sends; the values are the names of the templates."""

    # to the requester and the participants
    RECEIPT = "receipt"
    FORM = "form"
    ANSWER = "answer"
    QUESTION = "question"
    DETAILS = "details"
    ESCALATED = "escalated"
    TAKEN = "taken"
    MOVED = "moved"
    MERGED = "merged"
    CONFIRM = "confirm"
    CLARIFY = "clarify"
    REMINDER = "reminder"
    WAITING_REMINDER = "waiting_reminder"
    REOPENED = "reopened"
    FINAL = "final"
    TRANSFERRED = "transferred"
    SOMEBODY_ANSWERED = "somebody_answered"
    WRITE_IN_CLEAR = "write_in_clear"
    TOO_LARGE = "too_large"
    REQUESTER_STATUS = "requester_status"
    LEFT = "left"

    # to a level
    REQUEST = "request"
    MESSAGE = "message"
    ESCALATION = "escalation"
    TAKEN_OVER = "taken_over"
    HANDED_BACK = "handed_back"
    ROUTED = "routed"
    WARNING = "warning"
    ANSWER_WARNING = "answer_warning"
    UPDATE = "update"
    SOLUTION = "solution"
    UNCLEAR = "unclear"
    NEW_PROBLEM = "new_problem"
    WITHDRAWAL = "withdrawal"
    EARLY_YES = "early_yes"
    POOR_RATING = "poor_rating"
    DECISION = "decision"
    WAITING_DECISION = "waiting_decision"
    THIRD_PARTY_REMINDER = "third_party_reminder"
    BACK = "back"
    NOT_FIXED = "not_fixed"
    CLOSED = "closed"
    FAILED = "failed"
    COPY = "copy"
    RETURNED_AUTOMATIC = "returned_automatic"
    HELD = "held"
    THIRD_PARTY = "third_party"
    ASK = "ask"
    APPROVAL = "approval"
    APPROVAL_REMINDER = "approval_reminder"
    ASSIGNED = "assigned"

    # to one agent, about the mail that they just wrote
    LATE_LEVEL = "late_level"
    MISTYPED = "mistyped"
    NOTHING_READ = "nothing_read"
    NOT_POSSIBLE = "not_possible"
    TRANSCRIPT = "transcript"
    OVERTAKEN = "overtaken"
    REASON_WANTED = "reason_wanted"
    LAST_LEVEL = "last_level"
    FILES_LEFT_OUT = "files_left_out"
    STATUS = "status"
    HELP = "help"
    SHOWN = "shown"
    REPLY = "reply"

    # to the manager and the operator
    MANAGER = "manager"
    MANAGER_DECISION = "manager_decision"
    REVIEW = "review"
    ALARM = "alarm"
    GATHERED = "gathered"
    DIGEST = "digest"
    DECISIONS = "decisions"
    REPORT = "report"
    WAY_STOPPED = "way_stopped"
    WAY_WORKS = "way_works"
    OVERSIZED = "oversized"

    # about held mails: to the agent in whose name they came, to Level 1, to an unknown sender
    CHALLENGE = "challenge"
    STRANGER = "stranger"
    REFUSED = "refused"

    # to Level 1, about a mail that was parked
    UNPROCESSED = "unprocessed"

    # to the desk itself
    PROBE = "probe"

    @property
    def info(self) -> NoticeInfo:
        """The notice's row of the catalogue."""
        return NOTICES[self]


# fmt: off
_ROWS = {
    # to the requester and the participants
    Notice.RECEIPT: NoticeInfo(
        audience=Audience.REQUESTER, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.NEVER, basis=Basis.EVENT, due=Due.FIRST_ANSWER, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.PUBLIC,
        logo=True, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.FORM: NoticeInfo(
        audience=Audience.REQUESTER, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.IF_KNOWN, basis=Basis.EVENT, due=Due.FIRST_ANSWER, asks=Asks.FORM, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=True, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.ANSWER: NoticeInfo(
        audience=Audience.REQUESTER, subject=Subject.REPLY, automation=Automation.HUMAN, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.MAIL, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=True, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.QUESTION: NoticeInfo(
        audience=Audience.REQUESTER, subject=Subject.REPLY, automation=Automation.HUMAN, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.MAIL, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=True, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.DETAILS: NoticeInfo(
        audience=Audience.REQUESTER, subject=Subject.REPLY, automation=Automation.HUMAN, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.FORM, tone=Tone.ACTION,
        files=Files.MAIL, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=True, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.ESCALATED: NoticeInfo(
        audience=Audience.REQUESTER, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.IF_KNOWN, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=True, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.TAKEN: NoticeInfo(
        audience=Audience.REQUESTER, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.NEVER, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=True, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.MOVED: NoticeInfo(
        audience=Audience.REQUESTER, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.IF_KNOWN, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=True, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.MERGED: NoticeInfo(
        audience=Audience.REQUESTER, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.IF_KNOWN, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=True, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.CONFIRM: NoticeInfo(
        audience=Audience.REQUESTER, subject=Subject.REPLY, automation=Automation.HUMAN, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.YES_OR_NO, tone=Tone.ACTION,
        files=Files.MAIL, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=True, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.CLARIFY: NoticeInfo(
        audience=Audience.REQUESTER, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.IF_KNOWN, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.YES_OR_NO, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=True, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.REMINDER: NoticeInfo(
        audience=Audience.REQUESTER, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.IF_KNOWN, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.YES_OR_NO, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=True, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.WAITING_REMINDER: NoticeInfo(
        audience=Audience.REQUESTER, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.IF_KNOWN, basis=Basis.OPEN_QUESTION, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=True, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.REOPENED: NoticeInfo(
        audience=Audience.REQUESTER, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.IF_KNOWN, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=True, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.FINAL: NoticeInfo(
        audience=Audience.REQUESTER, subject=Subject.REPLY, automation=Automation.UNLIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.OBJECTION, asks=Asks.RATING, tone=Tone.DONE,
        files=Files.AGENTS_MAIL, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=True, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.TRANSFERRED: NoticeInfo(
        audience=Audience.REQUESTER, subject=Subject.REPLY, automation=Automation.UNLIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.MAIL, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=True, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.SOMEBODY_ANSWERED: NoticeInfo(
        audience=Audience.REQUESTER, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.IF_KNOWN, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.YES_OR_NO, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=True, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.WRITE_IN_CLEAR: NoticeInfo(
        audience=Audience.REQUESTER, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.IF_KNOWN, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=True, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.TOO_LARGE: NoticeInfo(
        audience=Audience.REQUESTER, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.IF_KNOWN, basis=Basis.EVENT, due=Due.NONE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.REQUESTER_STATUS: NoticeInfo(
        audience=Audience.REQUESTER, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.NEVER, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=True, checklist=False, whole_level=False, refusal=False, listed=True, harmless=True, absences=False,
    ),
    Notice.LEFT: NoticeInfo(
        audience=Audience.REQUESTER, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.NEVER, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=True, checklist=False, whole_level=False, refusal=False, listed=True, harmless=True, absences=False,
    ),

    # to a level
    Notice.REQUEST: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.HUMAN, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.MAIL_AND_ORIGINAL, background=Background.REQUESTER, suggestions=Suggestions.INTERNAL,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.MESSAGE: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.HUMAN, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.MAIL_AND_ORIGINAL, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.ESCALATION: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.HUMAN, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.BUNDLE, background=Background.TIMELINE, suggestions=Suggestions.INTERNAL,
        logo=False, checklist=True, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.TAKEN_OVER: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.LEVEL, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.HANDED_BACK: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.HUMAN, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.BUNDLE, background=Background.TIMELINE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.ROUTED: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.HUMAN, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.BUNDLE, background=Background.TIMELINE, suggestions=Suggestions.INTERNAL,
        logo=False, checklist=True, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.WARNING: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.REQUEST, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.LATE,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=True, refusal=False, listed=True, harmless=False, absences=True,
    ),
    Notice.ANSWER_WARNING: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.REQUEST, due=Due.SILENCE, asks=Asks.NOTHING, tone=Tone.LATE,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=True, refusal=False, listed=True, harmless=False, absences=True,
    ),
    Notice.UPDATE: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.REQUEST, due=Due.SILENCE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=True,
    ),
    Notice.SOLUTION: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.HUMAN, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.DONE,
        files=Files.MAIL, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.UNCLEAR: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.HUMAN, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.MAIL_AND_ORIGINAL, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=True,
    ),
    Notice.NEW_PROBLEM: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.HUMAN, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.MAIL_AND_ORIGINAL, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.WITHDRAWAL: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.HUMAN, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.MAIL_AND_ORIGINAL, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.EARLY_YES: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.HUMAN, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.OBJECTION, asks=Asks.NOTHING, tone=Tone.DONE,
        files=Files.MAIL_AND_ORIGINAL, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.POOR_RATING: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.HUMAN, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.DECISION: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.LIMITED, daily=True,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=True,
    ),
    Notice.WAITING_DECISION: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.LIMITED, daily=True,
        text=TextRule.ALWAYS, basis=Basis.OPEN_QUESTION, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=True, refusal=False, listed=True, harmless=False, absences=True,
    ),
    Notice.THIRD_PARTY_REMINDER: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.ORDER, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.BACK: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.ORDER, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.NOT_FIXED: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.HUMAN, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.MAIL_AND_ORIGINAL, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.CLOSED: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.DONE,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.FAILED: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=True, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.COPY: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.HUMAN, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.MAIL, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=True, absences=True,
    ),
    Notice.RETURNED_AUTOMATIC: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.HELD: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.THIRD_PARTY: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.HUMAN, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.MAIL_AND_ORIGINAL, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.ASK: NoticeInfo(
        audience=Audience.THIRD_PARTY, subject=Subject.OWN, automation=Automation.HUMAN, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.MAIL, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.APPROVAL: NoticeInfo(
        audience=Audience.THIRD_PARTY, subject=Subject.OWN, automation=Automation.HUMAN, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.APPROVAL, tone=Tone.ACTION,
        files=Files.MAIL, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.APPROVAL_REMINDER: NoticeInfo(
        audience=Audience.THIRD_PARTY, subject=Subject.OWN, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.APPROVAL, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.ASSIGNED: NoticeInfo(
        audience=Audience.LEVEL, subject=Subject.THREAD, automation=Automation.HUMAN, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.BUNDLE, background=Background.TIMELINE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),

    # to one agent, about the mail that they just wrote
    Notice.LATE_LEVEL: NoticeInfo(
        audience=Audience.AGENT, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.LEVEL, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.LATE,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=True, listed=True, harmless=False, absences=False,
    ),
    Notice.MISTYPED: NoticeInfo(
        audience=Audience.AGENT, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.NOTHING_READ: NoticeInfo(
        audience=Audience.AGENT, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.NOT_POSSIBLE: NoticeInfo(
        audience=Audience.AGENT, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=True, listed=True, harmless=False, absences=False,
    ),
    Notice.TRANSCRIPT: NoticeInfo(
        audience=Audience.AGENT, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.DONE,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=False, harmless=True, absences=True,
    ),
    Notice.OVERTAKEN: NoticeInfo(
        audience=Audience.AGENT, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.LAST_AGENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=True, listed=True, harmless=False, absences=False,
    ),
    Notice.REASON_WANTED: NoticeInfo(
        audience=Audience.AGENT, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=True, listed=True, harmless=False, absences=False,
    ),
    Notice.LAST_LEVEL: NoticeInfo(
        audience=Audience.AGENT, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=False, harmless=False, absences=False,
    ),
    Notice.FILES_LEFT_OUT: NoticeInfo(
        audience=Audience.AGENT, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.NONE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=False, harmless=True, absences=False,
    ),
    Notice.STATUS: NoticeInfo(
        audience=Audience.AGENT, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.NONE, background=Background.TIMELINE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=False, harmless=True, absences=False,
    ),
    Notice.HELP: NoticeInfo(
        audience=Audience.AGENT, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=False, harmless=True, absences=False,
    ),
    Notice.SHOWN: NoticeInfo(
        audience=Audience.AGENT, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.NONE, background=Background.TIMELINE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=False, harmless=True, absences=False,
    ),
    Notice.REPLY: NoticeInfo(
        audience=Audience.AGENT, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.NONE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),

    # to the manager and the operator
    Notice.MANAGER: NoticeInfo(
        audience=Audience.MANAGER, subject=Subject.THREAD, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.LATE,
        files=Files.BUNDLE, background=Background.TIMELINE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.MANAGER_DECISION: NoticeInfo(
        audience=Audience.MANAGER, subject=Subject.THREAD, automation=Automation.LIMITED, daily=True,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.PROMISE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=True,
    ),
    Notice.REVIEW: NoticeInfo(
        audience=Audience.MANAGER, subject=Subject.THREAD, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.REVIEW, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.ALARM: NoticeInfo(
        audience=Audience.OPERATOR, subject=Subject.OWN, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.NONE, asks=Asks.NOTHING, tone=Tone.LATE,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.GATHERED: NoticeInfo(
        audience=Audience.STAFF, subject=Subject.OWN, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.NONE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.DIGEST: NoticeInfo(
        audience=Audience.STAFF, subject=Subject.OWN, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.NONE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.DECISIONS: NoticeInfo(
        audience=Audience.STAFF, subject=Subject.OWN, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.NONE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.REPORT: NoticeInfo(
        audience=Audience.STAFF, subject=Subject.OWN, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.NONE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.WAY_STOPPED: NoticeInfo(
        audience=Audience.OPERATOR, subject=Subject.OWN, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.NONE, asks=Asks.NOTHING, tone=Tone.LATE,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.WAY_WORKS: NoticeInfo(
        audience=Audience.OPERATOR, subject=Subject.OWN, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.NONE, asks=Asks.NOTHING, tone=Tone.DONE,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.OVERSIZED: NoticeInfo(
        audience=Audience.OPERATOR, subject=Subject.OWN, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.NONE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),

    # about held mails: to the agent in whose name they came, to Level 1, to an unknown sender
    Notice.CHALLENGE: NoticeInfo(
        audience=Audience.STAFF, subject=Subject.OWN, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.NONE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.STRANGER: NoticeInfo(
        audience=Audience.STAFF, subject=Subject.OWN, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.NONE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
    Notice.REFUSED: NoticeInfo(
        audience=Audience.REQUESTER, subject=Subject.REPLY, automation=Automation.LIMITED, daily=False,
        text=TextRule.IF_KNOWN, basis=Basis.EVENT, due=Due.NONE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),

    # to Level 1, about a mail that was parked
    Notice.UNPROCESSED: NoticeInfo(
        audience=Audience.STAFF, subject=Subject.OWN, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.NONE, asks=Asks.NOTHING, tone=Tone.ACTION,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),

    # to the desk itself
    Notice.PROBE: NoticeInfo(
        audience=Audience.DESK, subject=Subject.OWN, automation=Automation.LIMITED, daily=False,
        text=TextRule.ALWAYS, basis=Basis.EVENT, due=Due.NONE, asks=Asks.NOTHING, tone=Tone.NEUTRAL,
        files=Files.NONE, background=Background.NONE, suggestions=Suggestions.NONE,
        logo=False, checklist=False, whole_level=False, refusal=False, listed=True, harmless=False, absences=False,
    ),
}
# fmt: on
NOTICES: Mapping[Notice, NoticeInfo] = MappingProxyType(_ROWS)
