"""What the table decides on an event of a ticket, and what no table can know: whether its argument can be meant.

Reads the store, changes nothing. A refusal is a decision like any other: it moves nothing and tells the author.
"""

from __future__ import annotations

from sqlalchemy import Connection

from mailgate.config import Queue, Settings
from mailgate.happening import Happening
from mailgate.process.effects import Notice, Send, To
from mailgate.process.engine import Decision, Facts, decide
from mailgate.process.events import Event, State
from mailgate.promises import has_more_reminders, window_open
from mailgate.store.people import list_participants
from mailgate.store.tickets import Ticket, find_by_reference

# Refusals: the agent is told, and nothing of his mail goes on.
_REFUSALS = frozenset({Notice.LATE_LEVEL, Notice.NOT_POSSIBLE, Notice.REASON_WANTED, Notice.OVERTAKEN})
SPEAKS_PUBLICLY = frozenset({Event.ANSWERED, Event.RESOLVE, Event.WAITING})


class Judgement:
    """Decides for one desk."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def decide(self, connection: Connection, ticket: Ticket, happening: Happening) -> Decision:
        """The row that holds, or why the event is refused."""
        decision = decide(happening.event, self._facts(ticket, happening))
        if refuses(decision):
            return decision
        if _is_overtaken(ticket, happening):
            return _refuse(ticket, Notice.OVERTAKEN, "overtaken by another agent")
        if happening.event is Event.RESOLVE and not (happening.text or ticket.last_answer):
            return _refuse(ticket, Notice.REASON_WANTED, "no solution was given")
        objection = self._object(connection, ticket, happening)
        return _refuse(ticket, Notice.NOT_POSSIBLE, objection) if objection else decision

    def _object(self, connection: Connection, ticket: Ticket, happening: Happening) -> str:
        """Why an argument cannot be meant, "" where it can."""
        if happening.event is Event.ROUTE and happening.argument not in self._settings.queues:
            return f"there is no queue {happening.argument!r}; there are {', '.join(self._settings.queues)}"
        if happening.event is Event.ASSIGN and not _works_on(self._settings.queues[ticket.queue], happening.argument):
            return f"{happening.argument} works at no level of this queue"
        if happening.event is Event.ASK:
            return _object_to_question(connection, ticket, happening)
        if happening.event is Event.MERGE:
            reference, _, sure = happening.argument.partition(" ")
            kept = find_by_reference(connection, reference.strip("[]"))
            if kept is None or kept.id == ticket.id:
                return f"there is no other ticket {reference}"
            if kept.requester.casefold() != ticket.requester.casefold() and sure.strip().casefold() not in (
                "yes",
                "oui",
            ):
                return f"{kept.reference} is of another requester; to merge all the same: #merge {kept.reference} yes"
        return ""

    def _facts(self, ticket: Ticket, happening: Happening) -> Facts:
        queue = self._settings.queues[ticket.queue]
        policy = queue.confirmation
        return Facts(
            state=State(ticket.state),
            acts_for=happening.acts_for,
            other_queue=bool(happening.acts_queue) and happening.acts_queue != ticket.queue,
            resolved_by=State(ticket.resolved_by) if ticket.resolved_by else None,
            not_fixed=ticket.not_fixed,
            questions=ticket.questions,
            more_reminders=has_more_reminders(queue, ticket),
            clarified=ticket.clarified,
            review_wanted=not ticket.review_asked and bool({ticket.type, ticket.priority} & set(policy.review)),
            review_asked=ticket.review_asked,
            window_open=window_open(queue, ticket, happening.at),
            has_level3="level3" in queue.levels,
            back_to_same=policy.back_to == "same",
            close_on_silence=policy.on_silence == "close",
            escalate_after_not_fixed=policy.escalate_after_not_fixed,
        )


def refuses(decision: Decision) -> bool:
    """Whether a decision tells its author that nothing was done."""
    return any(isinstance(effect, Send) and effect.notice in _REFUSALS for effect in decision.effects)


def _refuse(ticket: Ticket, notice: Notice, reason: str) -> Decision:
    return Decision(reason, State(ticket.state), (Send(notice, To.AUTHOR),), meaningless=reason)


def _works_on(queue: Queue, address: str) -> bool:
    return any(address.casefold() in level.addresses for level in queue.levels.values())


def _object_to_question(connection: Connection, ticket: Ticket, happening: Happening) -> str:
    """Whoever is asked answers inside the house: what the requester's people say must not vanish there."""
    if not happening.text:
        return "the mail has no text to ask"
    if happening.argument.casefold() in {row.address for row in list_participants(connection, ticket.id)}:
        return f"{happening.argument} is of this ticket: #waiting asks there"
    return ""


def _is_overtaken(ticket: Ticket, happening: Happening) -> bool:
    """Rule 32: this agent answers a copy older than what another agent said or did since."""
    return (
        happening.event in SPEAKS_PUBLICLY
        and happening.author is not None
        and 0 < happening.answers <= ticket.last_agent_notice
        and happening.author.key != ticket.last_agent.casefold()
    )
