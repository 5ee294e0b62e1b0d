"""What a row of the table asks for. Effects are values: `tickets.service` carries them out in the order written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Timer(StrEnum):
    """The deadlines a ticket can wait for. The values are the names that `mailgate timers` shows."""

    ESCALATION = "escalation"
    WARNING = "warning"
    ANSWER_WARNING = "answer warning"
    UPDATE = "update"
    OVERDUE = "overdue"
    WAITING_REMINDER = "waiting reminder"
    WAITING_DECISION = "waiting decision"
    REMINDER = "reminder"
    DECISION = "decision"
    OBJECTION = "objection"
    REVIEW = "review"


class To(StrEnum):
    """Whom a notice is for, as the ticket stands after the move."""

    REQUESTER = "requester"
    PEOPLE = "requester and participants"
    LEVEL = "the level that has the ticket"
    OLD_LEVEL = "the level that had the ticket"
    LEVEL1 = "level 1"
    AUTHOR_LEVEL = "the level that wrote"
    AUTHOR = "the agent who wrote"
    MANAGER = "manager"
    ASKED = "the third party that was asked"
    ASSIGNEE = "the agent to whom it is assigned"


class Notice(StrEnum):
    """Every kind of mail that the desk sends; the values are the names of the templates."""

    # to the requester and the participants
    RECEIPT = "receipt"
    FORM = "form"
    ANSWER = "answer"
    QUESTION = "question"
    ESCALATED = "escalated"
    MOVED = "moved"
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
    DECISION = "decision"
    WAITING_DECISION = "waiting_decision"
    NOT_FIXED = "not_fixed"
    CLOSED = "closed"
    FAILED = "failed"
    COPY = "copy"
    RETURNED_AUTOMATIC = "returned_automatic"
    HELD = "held"
    THIRD_PARTY = "third_party"
    ASK = "ask"
    ASSIGNED = "assigned"

    # to one agent, about the mail he just wrote
    LATE_LEVEL = "late_level"
    MISTYPED = "mistyped"
    NOT_POSSIBLE = "not_possible"
    TRANSCRIPT = "transcript"
    OVERTAKEN = "overtaken"
    REASON_WANTED = "reason_wanted"
    LAST_LEVEL = "last_level"
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
    REPORT = "report"
    WAY_STOPPED = "way_stopped"
    WAY_WORKS = "way_works"
    OVERSIZED = "oversized"

    # about mails that wait for a word: to the agent in whose name they came, to Level 1, to a stranger
    CHALLENGE = "challenge"
    STRANGER = "stranger"
    REFUSED = "refused"

    # to the desk itself
    PROBE = "probe"


class Action(StrEnum):
    """A change of the ticket itself."""

    OPEN = "open the ticket"
    BEGIN = "begin a fresh promise of the level"
    PAUSE = "pause the clock"
    RESUME = "let the clock run again"
    REPLAN = "reckon the deadlines anew"
    KEEP_SOLUTION = "keep the solution and who gave it"
    COUNT_NOT_FIXED = "count the failed solution"
    COUNT_QUESTION = "count the question to the level"
    FORGET_QUESTIONS = "start counting questions anew"
    NOTE_CLARIFIED = "note that the requester was asked to clarify"
    RELAY = "send the agent's words to the requester and the participants"
    ASK = "send the agent's words to a third party"
    RECORD = "write it down"
    RECORD_FIELDS = "keep what was filled in"
    RATE = "note how satisfied the requester is"
    COUNT_FORM = "count that missing details were asked for"
    ASSIGN = "assign to an agent"
    ROUTE = "move to another queue"
    MERGE = "merge into another ticket"
    BLOCK_SENDER = "block the sender"
    FINISH = "note the time of closing"
    SPLIT = "open a ticket of its own for the requester's last message"
    LINK = "let answers and solutions go to other tickets too"
    ADD_PEOPLE = "take people in copy"
    CHANGE_REQUESTER = "make somebody else the requester"
    GIVE_ARTICLE = "note which article was given, or that the solution is not to be kept"
    UNDO = "take the last step back"
    OPEN_LINKED = "open a new ticket linked to this one"


@dataclass(frozen=True, slots=True)
class Send:
    notice: Notice
    to: To


@dataclass(frozen=True, slots=True)
class Start:
    timer: Timer


@dataclass(frozen=True, slots=True)
class Stop:
    timer: Timer


@dataclass(frozen=True, slots=True)
class StopAll:
    """Every timer ends, and with them a pause: the ticket leaves its state."""


@dataclass(frozen=True, slots=True)
class Do:
    act: Action


Effect = Send | Start | Stop | StopAll | Do
