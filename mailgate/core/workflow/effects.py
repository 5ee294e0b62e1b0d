"""Effects of the workflow's rows, as values: `tickets.service` carries them out in the order written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mailgate.core.workflow.notices import Notice


class Timer(StrEnum):
    """Deadline that a ticket can wait for. The values are the names that `mailgate timers` shows."""

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
    """Recipients of a notice, as the ticket stands after the move."""

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


class Action(StrEnum):
    """Change of the ticket itself. The values stand in the diagram."""

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
    """Stops every timer, and with them a pause: the ticket leaves its state."""


@dataclass(frozen=True, slots=True)
class Do:
    act: Action


Effect = Send | Start | Stop | StopAll | Do
