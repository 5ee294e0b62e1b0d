"""States and events of a ticket, and the catalogue of events: one row says everything that is true of an event.

Every way in (a mail, a command, a timer, a failed notice) becomes an `Event`. What the desk does on it in which state
stands in `transitions`; everything else that depends on the event alone stands in its row here, and callers ask
`event.info`, or `EVENTS` for the name of an event as the history has it.
"""

# ruff: noqa: E501  # the table of commands has one column more than fits

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum


class State(StrEnum):
    """State of a ticket in the support process."""

    LEVEL1 = "level1"
    LEVEL2 = "level2"
    LEVEL3 = "level3"
    CONFIRMING = "confirming"
    FINALIZING = "finalizing"
    CLOSED = "closed"


LEVELS = (State.LEVEL1, State.LEVEL2, State.LEVEL3)
LEVEL_NAMES = tuple(level.value for level in LEVELS)
"""The levels as the store, the configuration and the history name them."""
ENDED = (State.FINALIZING, State.CLOSED)
"""The states in which the final notice is out."""


class Event(StrEnum):
    """Kind of event of a ticket. The values stand in the ticket's history."""

    REQUEST = "request"

    # A person of the ticket, or one outside, wrote; the reader of answers has said what it means.
    SAID_YES = "yes"
    SAID_YES_AND_MORE = "yes, and a new problem"
    SAID_NO = "no"
    SAID_THANKS = "thanks"
    WROTE = "message"
    OUTSIDER_WROTE = "message of an outsider"
    CLAIMED = "message without proof"
    FORM_FILLED = "form filled in"
    RATED = "rating"
    ASKED_STATUS = "question about the status"
    LEFT = "left"
    AUTOMATIC = "automatic mail"
    ENCRYPTED = "encrypted mail"

    # An agent wrote, by mail or at the operator's command line.
    ANSWERED = "answer"
    COPIED = "answer seen in copy"
    RESOLVE = "resolve"
    ESCALATE = "escalate"
    HANDBACK = "handback"
    WAITING = "waiting"
    WAITING_FOR = "waiting for a third party"
    ROUTE = "route"
    CLOSE = "close"
    CLOSE_BARE = "close without a reason"
    CLOSE_SPAM = "close as spam"
    CLOSE_TRANSFERRED = "close as transferred"
    REOPEN = "reopen"
    MERGE = "merge"
    NOTE = "note"
    ASK = "ask"
    APPROVE_BY = "ask for approval"
    TIME = "time"
    TYPE = "type"
    PRIORITY = "priority"
    CAUSE = "cause"
    TAG = "tag"
    USED = "used"
    FORM = "form"
    ASSIGN = "assign"
    TAKE = "take"
    LATER = "later"
    STATUS = "status"
    SHOW = "show"
    HELP = "help"
    APPROVE = "approve"
    REJECT = "reject"
    SPLIT = "split"
    LINK = "link"
    UNDO = "undo"
    CC = "cc"
    REQUESTER = "requester"
    KB = "kb"
    REPLY = "reply"
    AGENT_AUTOMATIC = "automatic mail of an agent"
    THIRD_PARTY_WROTE = "answer of a third party"
    APPROVAL_DECIDED = "decision of an approver"
    MISTYPED = "mistyped command"
    NOTHING_READ = "nothing read"
    HELD = "held without proof"
    UNPROVEN = "proof never came"

    # Time passed.
    ESCALATION_DUE = "timer escalation"
    WARNING_DUE = "timer warning"
    ANSWER_WARNING_DUE = "timer answer warning"
    UPDATE_DUE = "timer update"
    OVERDUE = "timer overdue"
    WAITING_REMINDER_DUE = "timer waiting reminder"
    WAITING_DECISION_DUE = "timer waiting decision"
    THIRD_PARTY_DUE = "timer third party"
    APPROVAL_DUE = "timer approval"
    LATER_DUE = "timer later"
    REMINDER_DUE = "timer reminder"
    DECISION_DUE = "timer decision"
    OBJECTION_OVER = "timer objection"
    REVIEW_DUE = "timer review"

    # The configuration of a deadline has changed.
    REPLANNED = "replanned"

    # A mail of the ticket that was parked is read after all.
    READ_WHOLE = "mail read whole"

    # A notice came back.
    CONFIRM_FAILED = "confirm notice failed"
    NOTICE_FAILED = "notice failed"

    @property
    def info(self) -> EventInfo:
        """The event's row of the catalogue."""
        return EVENTS[self]


UNPROVEN_COPY = "without proof"
"""Prefix of the reason of a COPIED event that only bears an agent's name; it is shown beside the mail."""


# -- the columns of the catalogue --------------------------------------------------------------------------------------


class Actor(Enum):
    """Who causes an event, and for an agent's command, which agents may give it."""

    PARTICIPANT = "a person of the ticket"
    SENDER = "another person who writes"
    RESPONDER = "a program that answers for a person outside"
    LEVEL = "the level that has the ticket"  # the others get it back as too late
    AGENT = "any agent"  # it neither moves the ticket nor speaks to the requester
    STAFF = "an agent or the manager, wherever the ticket is"
    UNAPPLIED = "an agent whose mail does nothing to the ticket"
    AGENT_RESPONDER = "a program that answers for an agent"
    TIMER = "a timer"
    DESK = "the desk itself"


class Reply(Enum):
    """Answer of a requester to the question whether the problem is solved."""

    NONE = "no answer"
    YES = "solved"
    NO = "not solved"
    THANKS = "thanks alone"
    UNCLEAR = "words that say neither"


class MailText(Enum):
    """Use of the public text of the mail that caused an event."""

    NONE = "none: beside a command the text goes out as an answer of its own"
    ANSWER = "sent to the requester"
    SEEN = "the requester has it already"
    SOLUTION = "sent to the requester, behind the words of the command"
    QUESTION = "sent to the requester, behind the words of the command, to be answered"
    FINAL = "goes with the closing"
    ASKED = "sent to the person who is asked, and to nobody else"
    INTERNAL = "stays with the staff"

    @property
    def speaks(self) -> bool:
        """Tells whether the requester gets the text as an agent's statement, which another agent's may contradict."""
        return self in (MailText.ANSWER, MailText.SOLUTION, MailText.QUESTION)

    @property
    def is_public(self) -> bool:
        """Tells whether the requester gets the text as an answer, or has it already."""
        return self.speaks or self is MailText.SEEN

    @property
    def is_internal(self) -> bool:
        """Tells whether the requester must not see the mail."""
        return self in (MailText.ASKED, MailText.INTERNAL)

    @property
    def follows_links(self) -> bool:
        """Tells whether the text goes to the people of the tickets that are answered with this one, too."""
        return self in (MailText.ANSWER, MailText.SOLUTION)

    @property
    def is_carried(self) -> bool:
        """Tells whether a command uses the public text of its mail."""
        return self in (MailText.SOLUTION, MailText.QUESTION, MailText.FINAL, MailText.ASKED)

    @property
    def is_needed(self) -> bool:
        """Tells whether a command is about the public text of its mail: a closing uses it, but needs none."""
        return self.is_carried and self is not MailText.FINAL

    @property
    def is_shown(self) -> bool:
        """Tells whether the timeline shows the text with the event."""
        return self.speaks or self in (MailText.SEEN, MailText.FINAL)


class Ending(Enum):
    """Way in which an event by itself ends the work on a ticket, or takes it up again."""

    NONE = "none"
    REASON = "closed with a reason or without"
    PASSED_ON = "closed as transferred"
    SPAM = "closed as spam"
    MERGED = "merged into another ticket"
    SILENCE = "the requester did not answer"
    REOPENED = "reopened"

    @property
    def is_closing(self) -> bool:
        """Tells whether an agent closes the ticket with it, and gives the reason."""
        return self in (Ending.REASON, Ending.PASSED_ON, Ending.SPAM)

    @property
    def serves_requester(self) -> bool:
        """Tells whether the requester is notified of the closing, so that it counts as work and as an answer."""
        return self in (Ending.REASON, Ending.PASSED_ON)

    @property
    def needs_no_work(self) -> bool:
        """Tells whether the ticket needed no work: it was spam, or was merged."""
        return self in (Ending.SPAM, Ending.MERGED)


class StepKind(Enum):
    """Place of an event in the agent's transcript, and whether `#undo` takes it back."""

    NONE = "no step of an agent"
    QUERY = "a question to the desk, which its own notice answers"
    MISTAKE = "cannot be read, which its own notice answers"
    HELD = "waits for proof"
    UNDOABLE = "can be taken back"
    UNDO = "takes back"
    MERGES = "a merge stays"
    OPENS = "a ticket that was opened stays"
    DECIDES = "a decision stays"

    @property
    def is_answered(self) -> bool:
        """Tells whether a notice of its own answers the agent, so that the transcript leaves it out."""
        return self in (StepKind.QUERY, StepKind.MISTAKE)

    @property
    def changes_nothing(self) -> bool:
        """Tells whether the event leaves the ticket as it was before."""
        return self in (StepKind.QUERY, StepKind.HELD)

    @property
    def is_step(self) -> bool:
        """Tells whether the event is kept as the agent's last step."""
        return self not in (StepKind.NONE, StepKind.QUERY, StepKind.MISTAKE, StepKind.HELD)

    @property
    def offers_no_undo(self) -> bool:
        """Tells whether the transcript of its mail does not offer `#undo`."""
        return self in (StepKind.UNDO, StepKind.MERGES, StepKind.OPENS)


class TimelineStyle(Enum):
    """Form of an event in a ticket's timeline."""

    PLAIN = "the mail or the event alone"
    NAMED = "the mail, under the name of the event"
    DETAIL = "with what was ordered"
    ROUTE = "with the queue and the reason"
    REASON = "with the reason"
    NOTE = "with its words, internal"
    ASKED = "with its words and the person who is asked"
    HELD = "with the whole mail, internal"
    HIDDEN = "not at all: nothing happened to the ticket"


class Topic(StrEnum):
    """Result of an event in one word, by which hooks ask for it.

    The row of an event has the topic of an event that moves the ticket nowhere; `topics.find_topic` knows the moves.
    """

    NONE = ""
    OPENED = "opened"
    REPLIED = "replied"
    ANSWERED = "answered"
    ASSIGNED = "assigned"
    NOTED = "noted"
    ASKED = "asked"
    PAUSED = "paused"
    CHANGED = "changed"
    ROUTED = "routed"
    ESCALATED = "escalated"
    HANDED_BACK = "handed_back"
    RESOLVED = "resolved"
    UNRESOLVED = "unresolved"
    CLOSED = "closed"
    FINALIZED = "finalized"
    REOPENED = "reopened"
    RATED = "rated"
    UNDONE = "undone"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    REMINDED = "reminded"
    FAILED = "failed"

    @property
    def holds_for_moves(self) -> bool:
        """Tells whether an event has this topic wherever it moves the ticket."""
        return self in (Topic.NONE, Topic.ROUTED, Topic.UNDONE)


class OnNewTicket(Enum):
    """Effect of a command in the mail by which an agent opens a ticket for a requester."""

    ALWAYS = "is done, whatever the agent's level: it classifies the request"
    AS_LEVEL = "is done as the agent's level"
    NEVER = "means nothing there"


@dataclass(frozen=True, slots=True)
class CommandInfo:
    """Command by which an agent causes an event."""

    name: str  # in English, as `parsers.vocabulary.COMMANDS` has it
    place: int  # in the order in which the commands of a mail are done: -1 first, 0 as written, from 1 on at the end
    on_new_ticket: OnNewTicket


@dataclass(frozen=True, slots=True)
class EventInfo:
    """Row of the catalogue of events. Every field is decided for every event."""

    event: Event
    actor: Actor
    command: CommandInfo | None  # None for what no command causes
    reply: Reply
    text: MailText
    ending: Ending
    step: StepKind
    timeline: TimelineStyle
    is_reminder: bool  # counts as a reminder to the requester
    is_reported: bool  # changes what a report counts
    topic: Topic  # by which it calls hooks, NONE where it calls none

    @property
    def by_participant(self) -> bool:
        """Tells whether a person of the ticket caused it."""
        return self.actor is Actor.PARTICIPANT

    @property
    def by_timer(self) -> bool:
        """Tells whether a timer caused it."""
        return self.actor is Actor.TIMER

    @property
    def by_agent(self) -> bool:
        """Tells whether an agent, or the manager, does something to the ticket by it."""
        return self.actor in (Actor.LEVEL, Actor.AGENT, Actor.STAFF)

    @property
    def from_agent(self) -> bool:
        """Tells whether it comes from an agent's mail, also where that does nothing."""
        return self.by_agent or self.actor in (Actor.UNAPPLIED, Actor.AGENT_RESPONDER)

    @property
    def is_automatic(self) -> bool:
        """Tells whether a program wrote the mail."""
        return self.actor in (Actor.RESPONDER, Actor.AGENT_RESPONDER)

    @property
    def brings_back(self) -> bool:
        """Tells whether it ends `#later`: something came in, came due or failed, or another agent has the ticket."""
        if self.event in (Event.TAKE, Event.ASSIGN, Event.NOTICE_FAILED, Event.CONFIRM_FAILED):
            return True
        if self.event in (Event.ASKED_STATUS, Event.LEFT):  # it brings nothing that is new to the level
            return False
        return self.actor in (Actor.PARTICIPANT, Actor.SENDER) or (self.by_timer and not self.is_reminder)

    @property
    def is_agent_work(self) -> bool:
        """Tells whether the author of the event counts as the agent who last dealt with the ticket."""
        return self.text.speaks or self.ending.serves_requester

    @property
    def asks_third_party(self) -> bool:
        """Tells whether the text of its mail goes to the person who is asked, and to nobody else."""
        return self.text is MailText.ASKED

    @property
    def keeps_words(self) -> bool:
        """Tells whether the history keeps the words of the mail, in place of the command's argument."""
        return self.timeline in (TimelineStyle.NOTE, TimelineStyle.ASKED)

    @property
    def refutes_solution(self) -> bool:
        """Tells whether a return to a level by it says that the solution did not help."""
        return self.reply in (Reply.NO, Reply.UNCLEAR) or self.ending is Ending.REOPENED


# -- the rows ----------------------------------------------------------------------------------------------------------


def _mail(
    event: Event,
    actor: Actor,
    reply: Reply,
    text: MailText,
    step: StepKind,
    timeline: TimelineStyle,
    reported: bool,
    topic: Topic,
) -> EventInfo:
    """Row of an event that a mail causes without a command."""
    return EventInfo(
        event=event,
        actor=actor,
        command=None,
        reply=reply,
        text=text,
        ending=Ending.NONE,
        step=step,
        timeline=timeline,
        is_reminder=False,
        is_reported=reported,
        topic=topic,
    )


def _order(
    event: Event,
    name: str,
    place: int,
    actor: Actor,
    on_new_ticket: OnNewTicket,
    text: MailText,
    ending: Ending,
    step: StepKind,
    timeline: TimelineStyle,
    reported: bool,
    topic: Topic,
) -> EventInfo:
    """Row of an event that a command of an agent causes."""
    return EventInfo(
        event=event,
        actor=actor,
        command=CommandInfo(name, place, on_new_ticket),
        reply=Reply.NONE,
        text=text,
        ending=ending,
        step=step,
        timeline=timeline,
        is_reminder=False,
        is_reported=reported,
        topic=topic,
    )


def _system(
    event: Event,
    actor: Actor,
    ending: Ending,
    timeline: TimelineStyle,
    reminder: bool,
    reported: bool,
    topic: Topic,
) -> EventInfo:
    """Row of an event that nobody writes: a timer, or the desk."""
    return EventInfo(
        event=event,
        actor=actor,
        command=None,
        reply=Reply.NONE,
        text=MailText.NONE,
        ending=ending,
        step=StepKind.NONE,
        timeline=timeline,
        is_reminder=reminder,
        is_reported=reported,
        topic=topic,
    )


def _rows() -> Iterator[EventInfo]:
    e, a, r, x, n, s, t, h = Event, Actor, Reply, MailText, Ending, StepKind, TimelineStyle, Topic
    always, level, never = OnNewTicket.ALWAYS, OnNewTicket.AS_LEVEL, OnNewTicket.NEVER
    # fmt: off
    # A mail without a command:
    #            event               actor              reply      text        step       timeline  reported  topic
    yield _mail(e.REQUEST,           a.SENDER,          r.NONE,    x.NONE,     s.NONE,    t.NAMED,  True,  h.OPENED)
    yield _mail(e.SAID_YES,          a.PARTICIPANT,     r.YES,     x.NONE,     s.NONE,    t.PLAIN,  True,  h.REPLIED)
    yield _mail(e.SAID_YES_AND_MORE, a.PARTICIPANT,     r.YES,     x.NONE,     s.NONE,    t.PLAIN,  True,  h.REPLIED)
    yield _mail(e.SAID_NO,           a.PARTICIPANT,     r.NO,      x.NONE,     s.NONE,    t.PLAIN,  True,  h.REPLIED)
    yield _mail(e.SAID_THANKS,       a.PARTICIPANT,     r.THANKS,  x.NONE,     s.NONE,    t.PLAIN,  True,  h.REPLIED)
    yield _mail(e.WROTE,             a.PARTICIPANT,     r.UNCLEAR, x.NONE,     s.NONE,    t.PLAIN,  True,  h.REPLIED)
    yield _mail(e.FORM_FILLED,       a.PARTICIPANT,     r.NONE,    x.NONE,     s.NONE,    t.PLAIN,  True,  h.REPLIED)
    yield _mail(e.RATED,             a.PARTICIPANT,     r.NONE,    x.NONE,     s.NONE,    t.NAMED,  True,  h.RATED)
    yield _mail(e.ASKED_STATUS,      a.PARTICIPANT,     r.NONE,    x.NONE,     s.NONE,    t.NAMED,  False, h.NONE)
    yield _mail(e.LEFT,              a.PARTICIPANT,     r.NONE,    x.NONE,     s.NONE,    t.NAMED,  False, h.CHANGED)
    yield _mail(e.OUTSIDER_WROTE,    a.SENDER,          r.NONE,    x.NONE,     s.NONE,    t.NAMED,  True,  h.REPLIED)
    yield _mail(e.CLAIMED,           a.SENDER,          r.NONE,    x.NONE,     s.NONE,    t.PLAIN,  True,  h.REPLIED)
    yield _mail(e.THIRD_PARTY_WROTE, a.SENDER,          r.NONE,    x.NONE,     s.NONE,    t.NAMED,  True,  h.REPLIED)
    yield _mail(e.APPROVAL_DECIDED,  a.SENDER,          r.NONE,    x.NONE,     s.NONE,    t.NAMED,  True,  h.REPLIED)
    yield _mail(e.ENCRYPTED,         a.SENDER,          r.NONE,    x.NONE,     s.NONE,    t.NAMED,  True,  h.REPLIED)
    yield _mail(e.AUTOMATIC,         a.RESPONDER,       r.NONE,    x.NONE,     s.NONE,    t.NAMED,  False, h.NONE)
    yield _mail(e.ANSWERED,          a.LEVEL,           r.NONE,    x.ANSWER,   s.UNDOABLE, t.PLAIN, True,  h.ANSWERED)
    yield _mail(e.COPIED,            a.STAFF,           r.NONE,    x.SEEN,     s.NONE,    t.PLAIN,  False, h.ANSWERED)
    yield _mail(e.MISTYPED,          a.UNAPPLIED,       r.NONE,    x.NONE,     s.MISTAKE, t.HIDDEN, False, h.NONE)
    yield _mail(e.NOTHING_READ,      a.UNAPPLIED,       r.NONE,    x.NONE,     s.MISTAKE, t.HIDDEN, False, h.NONE)
    yield _mail(e.HELD,              a.UNAPPLIED,       r.NONE,    x.INTERNAL, s.HELD,    t.HELD,   True,  h.NONE)
    yield _mail(e.AGENT_AUTOMATIC,   a.AGENT_RESPONDER, r.NONE,    x.NONE,     s.NONE,    t.HELD,   False, h.NONE)
    # A command of an agent, by mail or at the operator's command line. #close causes three events, by its reason.
    #    event                name         #   who      new     text        ending       step        timeline  reported  topic
    for row in (
        (e.UNDO,              "undo",      -1, a.AGENT, never,  x.NONE,     n.NONE,      s.UNDO,     t.HIDDEN, False, h.UNDONE),
        (e.NOTE,              "note",      0,  a.AGENT, always, x.INTERNAL, n.NONE,      s.UNDOABLE, t.NOTE,   False, h.NOTED),
        (e.TIME,              "time",      0,  a.AGENT, always, x.NONE,     n.NONE,      s.UNDOABLE, t.DETAIL, True,  h.CHANGED),
        (e.TYPE,              "type",      0,  a.LEVEL, always, x.NONE,     n.NONE,      s.UNDOABLE, t.DETAIL, True,  h.CHANGED),
        (e.PRIORITY,          "priority",  0,  a.LEVEL, always, x.NONE,     n.NONE,      s.UNDOABLE, t.DETAIL, True,  h.CHANGED),
        (e.CAUSE,             "cause",     0,  a.LEVEL, always, x.NONE,     n.NONE,      s.UNDOABLE, t.DETAIL, False, h.CHANGED),
        (e.TAG,               "tag",       0,  a.AGENT, always, x.NONE,     n.NONE,      s.UNDOABLE, t.DETAIL, False, h.CHANGED),
        (e.USED,              "used",      0,  a.LEVEL, always, x.NONE,     n.NONE,      s.UNDOABLE, t.DETAIL, False, h.CHANGED),
        (e.ASSIGN,            "assign",    0,  a.LEVEL, level,  x.NONE,     n.NONE,      s.UNDOABLE, t.DETAIL, False, h.ASSIGNED),
        (e.TAKE,              "take",      0,  a.LEVEL, level,  x.NONE,     n.NONE,      s.UNDOABLE, t.PLAIN,  True,  h.ASSIGNED),
        (e.ASK,               "ask",       0,  a.LEVEL, never,  x.ASKED,    n.NONE,      s.UNDOABLE, t.ASKED,  True,  h.ASKED),
        (e.APPROVE_BY,        "approve-by", 0, a.LEVEL, never, x.ASKED,    n.NONE,      s.UNDOABLE, t.ASKED,  True,  h.ASKED),
        (e.FORM,              "form",      0,  a.LEVEL, always, x.QUESTION, n.NONE,      s.UNDOABLE, t.DETAIL, True,  h.ANSWERED),
        (e.CC,                "cc",        0,  a.LEVEL, level,  x.NONE,     n.NONE,      s.UNDOABLE, t.DETAIL, False, h.CHANGED),
        (e.REQUESTER,         "requester", 0,  a.LEVEL, level,  x.NONE,     n.NONE,      s.UNDOABLE, t.DETAIL, True,  h.CHANGED),
        (e.KB,                "kb",        0,  a.LEVEL, never,  x.NONE,     n.NONE,      s.UNDOABLE, t.DETAIL, False, h.CHANGED),
        (e.REPLY,             "reply",     0,  a.LEVEL, never,  x.NONE,     n.NONE,      s.UNDOABLE, t.DETAIL, False, h.ANSWERED),
        (e.LINK,              "link",      0,  a.LEVEL, level,  x.NONE,     n.NONE,      s.UNDOABLE, t.DETAIL, False, h.CHANGED),
        (e.SPLIT,             "split",     0,  a.LEVEL, never,  x.NONE,     n.NONE,      s.OPENS,    t.DETAIL, False, h.CHANGED),
        (e.ESCALATE,          "escalate",  1,  a.LEVEL, level,  x.NONE,     n.NONE,      s.UNDOABLE, t.DETAIL, True,  h.ESCALATED),
        (e.HANDBACK,          "handback",  2,  a.LEVEL, never,  x.NONE,     n.NONE,      s.UNDOABLE, t.DETAIL, True,  h.HANDED_BACK),
        (e.ROUTE,             "route",     3,  a.LEVEL, level,  x.NONE,     n.NONE,      s.UNDOABLE, t.ROUTE,  True,  h.ROUTED),
        (e.RESOLVE,           "resolve",   4,  a.LEVEL, level,  x.SOLUTION, n.NONE,      s.UNDOABLE, t.PLAIN,  True,  h.RESOLVED),
        (e.WAITING,           "waiting",   5,  a.LEVEL, level,  x.QUESTION, n.NONE,      s.UNDOABLE, t.PLAIN,  True,  h.PAUSED),
        (e.WAITING_FOR,       "waiting",   14, a.LEVEL, level,  x.NONE,     n.NONE,      s.UNDOABLE, t.DETAIL, True,  h.PAUSED),
        (e.LATER,             "later",     15, a.LEVEL, level,  x.NONE,     n.NONE,      s.UNDOABLE, t.DETAIL, False, h.CHANGED),
        (e.REOPEN,            "reopen",    6,  a.LEVEL, never,  x.NONE,     n.REOPENED,  s.DECIDES,  t.DETAIL, True,  h.REOPENED),
        (e.APPROVE,           "approve",   7,  a.STAFF, never,  x.NONE,     n.NONE,      s.DECIDES,  t.DETAIL, True,  h.CHANGED),
        (e.REJECT,            "reject",    8,  a.STAFF, never,  x.NONE,     n.NONE,      s.DECIDES,  t.DETAIL, True,  h.CHANGED),
        (e.CLOSE,             "close",     9,  a.LEVEL, level,  x.FINAL,    n.REASON,    s.UNDOABLE, t.DETAIL, True,  h.CLOSED),
        (e.CLOSE_BARE,        "close",     10, a.LEVEL, level,  x.FINAL,    n.REASON,    s.UNDOABLE, t.PLAIN,  True,  h.CLOSED),
        (e.CLOSE_SPAM,        "spam",      11, a.LEVEL, level,  x.FINAL,    n.SPAM,      s.UNDOABLE, t.PLAIN,  True,  h.CLOSED),
        (e.CLOSE_TRANSFERRED, "close",     12, a.LEVEL, level,  x.FINAL,    n.PASSED_ON, s.UNDOABLE, t.DETAIL, True,  h.CLOSED),
        (e.MERGE,             "merge",     13, a.LEVEL, level,  x.NONE,     n.MERGED,    s.MERGES,   t.DETAIL, True,  h.CLOSED),
        (e.STATUS,            "status",    16, a.AGENT, level,  x.NONE,     n.NONE,      s.QUERY,    t.HIDDEN, False, h.NONE),
        (e.HELP,              "help",      17, a.AGENT, level,  x.NONE,     n.NONE,      s.QUERY,    t.HIDDEN, False, h.NONE),
        (e.SHOW,              "show",      0,  a.AGENT, level,  x.NONE,     n.NONE,      s.QUERY,    t.HIDDEN, False, h.NONE),
    ):
        yield _order(*row)
    # What nobody writes:
    #              event                   actor    ending       timeline  reminder reported  topic
    yield _system(e.ESCALATION_DUE,        a.TIMER, n.NONE,    t.PLAIN,  False,   True,  h.OVERDUE)
    yield _system(e.WARNING_DUE,           a.TIMER, n.NONE,    t.PLAIN,  False,   True,  h.DUE_SOON)
    yield _system(e.ANSWER_WARNING_DUE,    a.TIMER, n.NONE,    t.PLAIN,  False,   True,  h.DUE_SOON)
    yield _system(e.UPDATE_DUE,            a.TIMER, n.NONE,    t.PLAIN,  False,   True,  h.DUE_SOON)
    yield _system(e.OVERDUE,               a.TIMER, n.NONE,    t.PLAIN,  False,   True,  h.OVERDUE)
    yield _system(e.WAITING_REMINDER_DUE,  a.TIMER, n.NONE,    t.PLAIN,  True,    False, h.REMINDED)
    yield _system(e.WAITING_DECISION_DUE,  a.TIMER, n.NONE,    t.PLAIN,  False,   True,  h.REMINDED)
    yield _system(e.THIRD_PARTY_DUE,       a.TIMER, n.NONE,    t.PLAIN,  False,   False, h.REMINDED)
    yield _system(e.APPROVAL_DUE,          a.TIMER, n.NONE,    t.PLAIN,  False,   False, h.REMINDED)
    yield _system(e.LATER_DUE,             a.TIMER, n.NONE,    t.PLAIN,  False,   False, h.REMINDED)
    yield _system(e.REMINDER_DUE,          a.TIMER, n.NONE,    t.PLAIN,  True,    False, h.REMINDED)
    yield _system(e.DECISION_DUE,          a.TIMER, n.SILENCE, t.PLAIN,  False,   True,  h.REMINDED)
    yield _system(e.OBJECTION_OVER,        a.TIMER, n.NONE,    t.PLAIN,  False,   True,  h.FINALIZED)
    yield _system(e.REVIEW_DUE,            a.TIMER, n.NONE,    t.PLAIN,  False,   True,  h.REMINDED)
    yield _system(e.REPLANNED,             a.DESK,  n.NONE,    t.PLAIN,  False,   True,  h.CHANGED)
    yield _system(e.READ_WHOLE,            a.DESK,  n.NONE,    t.PLAIN,  False,   False, h.REPLIED)
    yield _system(e.UNPROVEN,              a.DESK,  n.NONE,    t.PLAIN,  False,   True,  h.NONE)
    yield _system(e.CONFIRM_FAILED,        a.DESK,  n.NONE,    t.REASON, False,   True,  h.FAILED)
    yield _system(e.NOTICE_FAILED,         a.DESK,  n.NONE,    t.REASON, False,   True,  h.FAILED)
    # fmt: on


EVENTS: Mapping[str, EventInfo] = {info.event: info for info in _rows()}
"""The catalogue, by event or by the event's name in the history. A history may name events of another version."""


ASKING_COMMANDS = frozenset(one.command.name for one in EVENTS.values() if one.command and one.asks_third_party)
"""The commands beside which the text of a mail goes to a third party: nothing else may carry it."""


def events_that(holds: Callable[[EventInfo], bool]) -> tuple[Event, ...]:
    """Events for whose row `holds` is true, in the order of `Event`: for queries, and for loops over many events."""
    return tuple(event for event in Event if holds(event.info))
