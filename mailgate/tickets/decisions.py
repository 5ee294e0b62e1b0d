"""Decides an event of a ticket: by the transition table, then by what only the database knows.

The latter is that another agent was faster (rule 32), or that the argument of a command is not valid (`validation`).
Reads the store, changes nothing. A refusal is a decision like any other: it moves nothing and notifies the author.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.core.domains import fold_address
from mailgate.core.frozen import replace
from mailgate.core.sla.terms import is_overdue
from mailgate.core.workflow.effects import Send, To
from mailgate.core.workflow.engine import POOR_RATINGS, Decision, Facts, decide
from mailgate.core.workflow.events import Event, State
from mailgate.core.workflow.notice_catalogue import Audience, Notice
from mailgate.core.workflow.transitions import Condition
from mailgate.parsers.commands.arguments import CloseKind
from mailgate.store.events import list_events
from mailgate.store.tickets import Ticket, find_by_reference
from mailgate.store.undo import find_step
from mailgate.tickets.events import DECIDES_NOTHING, TicketEvent
from mailgate.tickets.forms import wants_details
from mailgate.tickets.sla.deadlines import account_for
from mailgate.tickets.sla.terms import has_more_reminders, window_open
from mailgate.tickets.validation import MOVED_BESIDE, Validator

_SAME_RATING = timedelta(days=1)  # within which nobody gets a mail about a poor rating again


class Decider:
    """Decides the events of one desk's tickets."""

    def __init__(self, settings: Settings, directory: DirectoryFiles) -> None:
        self._settings = settings
        self._validator = Validator(settings, directory)

    def decide(self, connection: Connection, ticket: Ticket, ticket_event: TicketEvent) -> Decision:
        """Returns the row that applies, or the refusal."""
        decision = decide(ticket_event.event, self._facts(connection, ticket, ticket_event))
        if refuses(decision):
            return decision
        if _is_overtaken(ticket, ticket_event):
            return _refuse(ticket, Notice.OVERTAKEN, "overtaken by another agent")
        if ticket_event.event is Event.RESOLVE and not (ticket_event.text or ticket.last_answer):
            return _refuse(ticket, Notice.REASON_WANTED, "no solution was given")
        if ticket_event.event is Event.WAITING and not (ticket_event.text or ticket.question or ticket.last_answer):
            return _refuse(ticket, Notice.REASON_WANTED, "no question was asked")
        rejection = self._validator.find(connection, ticket, ticket_event)
        if rejection:
            return _refuse(ticket, Notice.NOT_POSSIBLE, *rejection)
        return _go_back(connection, ticket, decision) if ticket_event.event is Event.UNDO else decision

    def complete(self, connection: Connection, ticket: Ticket, ticket_event: TicketEvent) -> TicketEvent:
        """Returns an event with what its command means: the agent, the cause or the values of a form; else itself."""
        return self._validator.complete(connection, ticket, ticket_event)

    def may_link(self, other: Ticket, ticket_event: TicketEvent) -> bool:
        """Tells whether the author of an answer may give it in another ticket, too."""
        return self._validator.may_link(other, ticket_event)

    def _answer_over(self, connection: Connection, ticket: Ticket, ticket_event: TicketEvent) -> bool:
        """Tells whether a warning about the first answer comes too late: it was given, or its time is over."""
        if ticket_event.event is not Event.ANSWER_WARNING_DUE:
            return False
        answer = account_for(connection, self._settings, ticket, ticket_event.at).answer
        return answer.answered is not None or is_overdue(answer.due, ticket_event.at)

    def _tells_taken(self, connection: Connection, ticket: Ticket, ticket_event: TicketEvent) -> bool:
        """Tells whether the requester is notified of who takes their request: once, and where nobody had it.

        Not beside the receipt of the mail by which an agent opened the ticket.
        """
        takes = ticket_event.event in (Event.TAKE, Event.ASSIGN) and not ticket.assignee
        if not takes or not self._settings.notices.tell_taken:
            return False
        mail, told = ticket_event.journal_id, f"· {Condition.TELLS_TAKEN.value}"
        earlier = [row for row in list_events(connection, ticket.id) if not row.undone]
        if mail is not None and any(row.event == Event.REQUEST and row.journal_id == mail for row in earlier):
            return False
        return not any(row.row.endswith(told) for row in earlier)

    def _tells_merged(self, connection: Connection, ticket_event: TicketEvent) -> bool:
        """Tells whether the requester of a ticket that is merged is notified: never of a merge with spam."""
        if ticket_event.event is not Event.MERGE or not self._settings.notices.tell_merged:
            return False
        kept = find_by_reference(connection, ticket_event.argument.partition(" ")[0].strip("[]"))
        return kept is not None and kept.close_reason != CloseKind.SPAM.value

    def _is_of_manager(self, ticket: Ticket, ticket_event: TicketEvent) -> bool:
        """Tells whether the manager wrote, who was not asked: the third party has still to answer."""
        manager = fold_address(self._settings.desk.manager)
        by_manager = ticket_event.author is not None and ticket_event.author.key == manager
        return by_manager and manager not in map(fold_address, ticket.waits_for.split(", "))

    def _facts(self, connection: Connection, ticket: Ticket, ticket_event: TicketEvent) -> Facts:
        queue = self._settings.queue_of(ticket.queue)
        policy = queue.confirmation
        return Facts(
            state=State(ticket.state),
            acts_for=ticket_event.acts_for,
            other_queue=bool(ticket_event.acts_queue) and ticket_event.acts_queue != ticket.queue,
            resolved_by=State(ticket.resolved_by) if ticket.resolved_by else None,
            not_fixed=ticket.not_fixed,
            questions=ticket.questions,
            requester_asked=ticket.asks_requester,
            pauses_for_third_parties=queue.waiting.pause_for_third_parties,
            awaited=bool(ticket.waits_for),
            awaited_wrote=bool(ticket.waits_for)
            and ticket_event.approval not in DECIDES_NOTHING
            and not self._is_of_manager(ticket, ticket_event),
            ask_failed=bool(ticket.waits_for) and _asks_third_party(ticket_event.failed),
            more_reminders=has_more_reminders(queue, ticket, ticket_event.at),
            more_than_thanks=ticket_event.with_files or ticket_event.stars in POOR_RATINGS,
            clarified=ticket.clarified or ticket_event.refused,  # a forgery makes the desk ask nobody
            early_yes=ticket_event.early_yes and policy.early_yes == "finalize",
            rated_poorly=_is_poor_rating(connection, ticket, ticket_event),
            words_told=ticket_event.words_told,
            review_wanted=not ticket.review_asked and bool({ticket.type, ticket.priority} & set(policy.review)),
            review_asked=ticket.review_asked,
            window_open=window_open(queue, ticket, ticket_event.at),
            promise_over=is_overdue(ticket.promise_due, ticket_event.at),
            answer_over=self._answer_over(connection, ticket, ticket_event),
            form_wanted=wants_details(
                self._settings, ticket.form, {**(ticket.fields or {}), **dict(ticket_event.fields)}, ticket.form_asked
            ),
            tells_taken=self._tells_taken(connection, ticket, ticket_event),
            tells_merged=self._tells_merged(connection, ticket_event),
            has_level3="level3" in queue.levels,
            back_to_same=policy.back_to == "same",
            close_on_silence=policy.on_silence == "close",
            escalate_after_not_fixed=policy.escalate_after_not_fixed,
        )


def _asks_third_party(notice: str) -> bool:
    return bool(notice) and Notice(notice).info.audience is Audience.THIRD_PARTY


def refuses(decision: Decision) -> bool:
    """Tells whether a decision notifies the author that nothing was done."""
    return any(isinstance(effect, Send) and effect.notice.info.refusal for effect in decision.effects)


def refuse_beside(ticket: Ticket, decision: Decision) -> Decision:
    """Returns the refusal of a command that another one of its mail has made impossible, for the ticket as it was."""
    if any(isinstance(effect, Send) and effect.notice is Notice.LATE_LEVEL for effect in decision.effects):
        return _refuse(ticket, Notice.NOT_POSSIBLE, MOVED_BESIDE)
    return replace(decision, state=State(ticket.state))


def _refuse(ticket: Ticket, notice: Notice, *rejection: str) -> Decision:
    pattern, *parts = rejection
    reason = pattern.format(*parts)
    state, told = State(ticket.state), (Send(notice, To.AUTHOR),)
    return Decision(reason, state, told, rejection_reason=reason, rejection=tuple(rejection))


def _go_back(connection: Connection, ticket: Ticket, decision: Decision) -> Decision:
    """Decides for the state in which the step that is taken back began."""
    step = find_step(connection, ticket.id)
    assert step is not None  # `validation` has checked it
    return replace(decision, state=State(step.before.get("state", ticket.state)))


def _is_poor_rating(connection: Connection, ticket: Ticket, ticket_event: TicketEvent) -> bool:
    """Tells whether a rating is so poor that the level and the manager hear of it.

    Without words they hear of it once a day: links may be pressed again and again.
    """
    if ticket_event.event is not Event.RATED or ticket_event.stars not in POOR_RATINGS:
        return False
    since, poor = ticket_event.at - _SAME_RATING, tuple(map(str, POOR_RATINGS))
    told = (row for row in list_events(connection, ticket.id) if row.event == Event.RATED and row.text in poor)
    return bool(ticket_event.text) or all(row.at < since for row in told)


def _is_overtaken(ticket: Ticket, ticket_event: TicketEvent) -> bool:
    """Tells whether the agent answers a notice that is older than what another agent did since (rule 32)."""
    return (
        ticket_event.event.info.text.speaks
        and ticket_event.author is not None
        and 0 < ticket_event.answers <= ticket.last_agent_notice
        and ticket_event.author.key != fold_address(ticket.last_agent)
    )
