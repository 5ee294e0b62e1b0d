"""Transcript and undo step of an agent's mail: which commands were carried out, who got mail, what can be undone.

Runs in the transaction of the mail. A transcript is sent where something happened that its author does not expect
(`surprises`); with `[agents] transcripts = "always"` for every mail with commands that no other notice answers. A step
that cannot be undone is stored with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mailgate.config import ConfirmationTable, Settings
from mailgate.config.people import People
from mailgate.core.frozen import replace
from mailgate.core.workflow.effects import Send, To
from mailgate.core.workflow.engine import Decision
from mailgate.core.workflow.events import Event, StepKind
from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.core.workflow.transitions import Action, Do
from mailgate.parsers.commands.arguments import WITH_FILES
from mailgate.store.tickets import Ticket, save_ticket
from mailgate.store.undo import UndoableState, keep_step
from mailgate.store.unit_of_work import UnitOfWork
from mailgate.tickets.events import TicketEvent
from mailgate.tickets.notifier import Notifier
from mailgate.tickets.surprises import find_surprises, tells_people
from mailgate.tickets.validation import ANSWERED_OTHERS, DECIDED, MERGED, TICKET_OPENED
from mailgate.tickets.values import NO_FURTHER, CommandResult, SentNotice

Steps = Sequence[tuple[TicketEvent, Decision]]
"""Events of one mail, in order, each with its decision."""

_FINAL = {StepKind.MERGES: MERGED, StepKind.OPENS: TICKET_OPENED, StepKind.DECIDES: DECIDED}
"""Reason why such a step cannot be undone."""


def is_of_agent(ticket_events: Sequence[TicketEvent]) -> bool:
    """Tells whether the events are a step of an agent, which the agent may undo."""
    by_agent = (ticket_event for ticket_event in ticket_events if ticket_event.author is not None)
    return any(ticket_event.event.info.step.is_step for ticket_event in by_agent)


def wants_transcript(ticket_events: Iterable[TicketEvent], others: Sequence[SentNotice]) -> bool:
    """Tells whether a transcript is needed: for commands that no notice answers, or for notices to others."""
    return bool(others) or any(
        ticket_event.command and not ticket_event.event.info.step.is_answered for ticket_event in ticket_events
    )


def list_results(steps: Iterable[tuple[TicketEvent, Decision]]) -> tuple[CommandResult, ...]:
    """Lists what was done, in order; words that went out beside commands are one result, too."""
    return tuple(
        CommandResult(
            ticket_event.command,
            _name(ticket_event, decision),
            ticket_event.argument or ticket_event.text,
            decision.state.value,
            due=ticket_event.new_due,
            quotes=ticket_event.quotes,
            files=ticket_event.enclosed if ticket_event.enclosing == WITH_FILES else None,
            until=ticket_event.until,
            paused=Do(Action.PAUSE_FOR_THIRD_PARTY) in decision.effects
            or (ticket_event.paused and Do(Action.PUT_OFF) in decision.effects),
            unsent=ticket_event.set_aside,
            has_more=ticket_event.has_more,
        )
        for ticket_event, decision in steps
        if not ticket_event.event.info.step.is_answered
    )


def _name(ticket_event: TicketEvent, decision: Decision) -> str:
    """Names a result; an escalation that finds no further level has a name of its own."""
    stays = any(isinstance(effect, Send) and effect.notice is Notice.LAST_LEVEL for effect in decision.effects)
    return f"{ticket_event.event.value}{NO_FURTHER}" if stays else ticket_event.event.value


def is_answered_already(steps: Sequence[tuple[TicketEvent, Decision]]) -> bool:
    """Tells whether the one command of a mail is answered by a notice of its own."""
    return len(steps) == 1 and _name(*steps[0]) != steps[0][0].event.value


def may_be_undone(events: Iterable[Event], sent: Iterable[SentNotice]) -> bool:
    """Tells whether the transcript offers `#undo`: only the author's own level has been notified."""
    return not any(event.info.step.offers_no_undo for event in events) and all(
        Notice(mail.notice).info.harmless for mail in sent
    )


def list_missing(confirmation: ConfirmationTable, was: Ticket, ticket: Ticket) -> tuple[str, ...]:
    """Lists what the queue wants on record ("type", "cause") and the ticket lacks, at its first solution; else nothing.

    `was` is the ticket before the event, or before the mail.
    """
    is_first = ticket.confirm_notice > 0 and was.confirm_notice == 0
    return tuple(name for name in confirmation.wants if not getattr(ticket, name)) if is_first else ()


def mails_of(sent: Iterable[tuple[str, str]], reference: str = "") -> tuple[SentNotice, ...]:
    """Lists the notices that were sent, once each; `reference` is that of another ticket than the agent's."""
    mails = (SentNotice(notice, recipient, reference) for notice, recipient in sent if Notice(notice).info.listed)
    return tuple(dict.fromkeys(mails))


class TranscriptWriter:
    """Sends agents their transcripts and stores undo steps, for one desk."""

    def __init__(self, settings: Settings, notifier: Notifier) -> None:
        self._settings = settings
        self._policy = settings.agents.transcripts
        self._people = People(settings)
        self._notifier = notifier

    def settle(
        self,
        batch: UnitOfWork,
        was: Ticket,
        ticket: Ticket,
        steps: Steps,
        standing: UndoableState,
        others: tuple[SentNotice, ...],
    ) -> Ticket:
        """Sends the transcript and stores the step from `was`; `others` are the notices to people of other tickets."""
        ticket = self._tell(batch, was, ticket, steps, others)
        batch.write()
        events = [ticket_event.event for ticket_event, _ in steps]
        if Event.UNDO not in events:  # an undo is no step
            final = (
                ANSWERED_OTHERS
                if others
                else next((_FINAL[one.info.step] for one in events if one.info.step in _FINAL), "")
            )
            ticket_event, happened = steps[-1][0], [event.value for event in events]
            keep_step(
                connection=batch.connection,
                was=was,
                now=ticket,
                standing=standing,
                at=ticket_event.at,
                by=ticket_event.by,
                happened=happened,
                final=final,
            )
        return ticket

    def _tell(
        self, batch: UnitOfWork, was: Ticket, ticket: Ticket, steps: Steps, others: tuple[SentNotice, ...]
    ) -> Ticket:
        if is_answered_already(steps):
            return ticket
        opened = tuple(SentNotice(*mail) for mail in batch.elsewhere)
        sent = mails_of(batch.sent) + opened + others
        if not self._is_wanted(batch, was, ticket, steps, sent):
            return ticket
        undoable = may_be_undone((ticket_event.event for ticket_event, _ in steps), sent)
        told = replace(steps[-1][0], done=list_results(steps), sent=sent, undoable=undoable, text="", files=())
        after = self._notifier.send(batch, ticket, was, Send(Notice.TRANSCRIPT, To.AUTHOR), told)
        if after is ticket:
            return ticket
        save_ticket(batch.connection, ticket, after)
        return replace(after, version=ticket.version + 1)

    def _is_wanted(
        self, batch: UnitOfWork, was: Ticket, ticket: Ticket, steps: Steps, sent: tuple[SentNotice, ...]
    ) -> bool:
        author = steps[-1][0].author
        if self._policy == "never" or author is None:
            return False
        others = tuple(mail for mail in sent if mail.reference)
        ordered = wants_transcript((ticket_event for ticket_event, _ in steps), others)
        if self._policy == "always" and ordered:
            return True
        copies = [mail.to for mail in sent if mail.notice == Notice.COPY and not mail.reference]
        copied = any(self._people.reads(author.address, to) for to in copies)
        lacks = not copies and bool(list_missing(self._settings.queue_of(ticket.queue).confirmation, was, ticket))
        unasked = any(one.set_aside and one.event is Event.RESOLVE for one, _ in steps) and not any(
            mail.notice == Notice.DECISION and self._people.reads(author.address, mail.to) for mail in sent
        )
        away = not copied and tells_people(sent) and self._notifier.is_away(batch.connection, ticket)
        return bool(find_surprises(steps, was, ticket, sent, copied=copied, away=away, lacks=lacks, unasked=unasked))
