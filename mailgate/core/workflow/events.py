"""What can happen to a ticket. Every way in (a mail, a command, a timer, a failed notice) becomes one of these."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a ticket stands (the states of the support process)."""

    LEVEL1 = "level1"
    LEVEL2 = "level2"
    LEVEL3 = "level3"
    CONFIRMING = "confirming"
    FINALIZING = "finalizing"
    CLOSED = "closed"


LEVELS = (State.LEVEL1, State.LEVEL2, State.LEVEL3)


class Event(StrEnum):
    """One thing that happened. The values stand in the ticket's history."""

    REQUEST = "request"

    # Someone of the ticket wrote; the reader of answers has said what it means.
    SAID_YES = "yes"
    SAID_YES_AND_MORE = "yes, and a new problem"
    SAID_NO = "no"
    SAID_THANKS = "thanks"
    WROTE = "message"
    OUTSIDER_WROTE = "message of an outsider"
    CLAIMED = "message without proof"
    FORM_FILLED = "form filled in"
    RATED = "rating"
    AUTOMATIC = "automatic mail"
    ENCRYPTED = "encrypted mail"

    # An agent wrote, by mail or at the operator's command line.
    ANSWERED = "answer"
    COPIED = "answer seen in copy"
    RESOLVE = "resolve"
    ESCALATE = "escalate"
    HANDBACK = "handback"
    WAITING = "waiting"
    ROUTE = "route"
    CLOSE = "close"
    CLOSE_BARE = "close without a reason"
    CLOSE_SPAM = "close as spam"
    CLOSE_TRANSFERRED = "close as transferred"
    REOPEN = "reopen"
    MERGE = "merge"
    NOTE = "note"
    ASK = "ask"
    TIME = "time"
    TYPE = "type"
    PRIORITY = "priority"
    CAUSE = "cause"
    ASSIGN = "assign"
    TAKE = "take"
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
    AGENT_AUTOMATIC = "automatic mail of an agent"
    THIRD_PARTY_WROTE = "answer of a third party"
    MISTYPED = "mistyped command"
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
    REMINDER_DUE = "timer reminder"
    DECISION_DUE = "timer decision"
    OBJECTION_OVER = "timer objection"
    REVIEW_DUE = "timer review"

    # The configuration of a deadline has changed.
    REPLANNED = "replanned"

    # A notice came back.
    CONFIRM_FAILED = "confirm notice failed"
    NOTICE_FAILED = "notice failed"


REQUESTER_EVENTS = (
    Event.SAID_YES,
    Event.SAID_YES_AND_MORE,
    Event.SAID_NO,
    Event.SAID_THANKS,
    Event.WROTE,
    Event.FORM_FILLED,
    Event.RATED,
)

# What an agent may do to a ticket that is with another level: nothing of these moves it or speaks to the requester.
QUIET_COMMANDS = (Event.NOTE, Event.TIME, Event.STATUS, Event.SHOW, Event.HELP, Event.UNDO)

# What a level may only do while the ticket is with it.
LEVEL_COMMANDS = (
    Event.ANSWERED,
    Event.RESOLVE,
    Event.ESCALATE,
    Event.HANDBACK,
    Event.WAITING,
    Event.ROUTE,
    Event.CLOSE,
    Event.CLOSE_BARE,
    Event.CLOSE_SPAM,
    Event.CLOSE_TRANSFERRED,
    Event.REOPEN,
    Event.MERGE,
    Event.ASK,
    Event.TYPE,
    Event.PRIORITY,
    Event.CAUSE,
    Event.ASSIGN,
    Event.TAKE,
    Event.SPLIT,
    Event.LINK,
    Event.CC,
    Event.REQUESTER,
    Event.KB,
)

AGENT_EVENTS = (*LEVEL_COMMANDS, *QUIET_COMMANDS, Event.APPROVE, Event.REJECT, Event.COPIED)

UNPROVEN_COPY = "without proof"
"""How the reason of a COPIED begins that only bears an agent's name: whoever reads of it is told so."""

TIMER_EVENTS = (
    Event.ESCALATION_DUE,
    Event.WARNING_DUE,
    Event.ANSWER_WARNING_DUE,
    Event.UPDATE_DUE,
    Event.OVERDUE,
    Event.WAITING_REMINDER_DUE,
    Event.WAITING_DECISION_DUE,
    Event.REMINDER_DUE,
    Event.DECISION_DUE,
    Event.OBJECTION_OVER,
    Event.REVIEW_DUE,
)
