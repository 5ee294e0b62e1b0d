"""Effects of the workflow's rows but for actions, as values: notices to send, timers to start and stop."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mailgate.core.workflow.notice_catalogue import Notice


class Timer(StrEnum):
    """Deadline that a ticket can wait for. The values are the names that `mailgate timers` shows."""

    ESCALATION = "escalation"
    WARNING = "warning"
    ANSWER_WARNING = "answer warning"
    UPDATE = "update"
    OVERDUE = "overdue"
    WAITING_REMINDER = "waiting reminder"
    WAITING_DECISION = "waiting decision"
    THIRD_PARTY = "third party"
    APPROVAL = "approval"
    LATER = "later"
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
    PARTICIPANT = "the person in copy who wrote"
    MANAGER = "manager"
    ASKED = "the third party that was asked"
    ASSIGNEE = "the agent to whom it is assigned"


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
    """Stops every timer, and with them a pause: the ticket leaves its state.

    A level's question to an approver goes on at the next level, and so does its timer. So does a wait for a third party
    until a time ahead, which the requester may have been promised.
    """
