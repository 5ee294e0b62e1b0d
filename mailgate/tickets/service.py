"""The only writer of tickets: decides an event by the table, writes the history, carries the effects out.

Everything happens in the caller's transaction. Mails, agents' commands, timers, failed notices and the operator's
command line all enter here, so that one table decides on all of them. The author of a refused command is notified, and
the other commands of the mail are not carried out.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from mailgate.config import Queue, Settings
from mailgate.config.directory.entries import Person
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.config.people import People, language_of
from mailgate.core.domains import fold_address
from mailgate.core.formatting import FormattedText
from mailgate.core.frozen import replace
from mailgate.core.log_fields import Fields
from mailgate.core.mail import Address, InboundMessage, Mail
from mailgate.core.workflow.effects import Send, Start, Stop, StopAll, Timer, To
from mailgate.core.workflow.engine import Decision, Facts, decide
from mailgate.core.workflow.events import LEVELS, Actor, Event, State
from mailgate.core.workflow.notice_catalogue import Audience, Notice
from mailgate.core.workflow.transitions import Action, Do, Effect
from mailgate.parsers.html.alignment import Formatter
from mailgate.parsers.quoting.pictures import names_in, place_pictures
from mailgate.store.after_commit import do_after_commit
from mailgate.store.approvals import add_approval, list_approvals, withdraw_approvals
from mailgate.store.events import NewEvent
from mailgate.store.messages import copy_message, last_of_participants
from mailgate.store.people import add_participants, list_participants, read_contact
from mailgate.store.tags import add_tags
from mailgate.store.tickets import (
    ANSWERED_WITH,
    Ticket,
    link_tickets,
    list_answered_with,
    lock_ticket,
    open_ticket,
    save_ticket,
)
from mailgate.store.undo import UndoableState, keep_undoable, read_undoable_state
from mailgate.store.unit_of_work import UnitOfWork
from mailgate.tickets.actions import ACTS, assign, change_tags, note_answer, resume, set_form
from mailgate.tickets.decisions import Decider, refuse_beside, refuses
from mailgate.tickets.events import PARTLY, TicketEvent
from mailgate.tickets.fallback_queue import locate_ticket
from mailgate.tickets.forms import wants_details
from mailgate.tickets.hooks import HookCaller
from mailgate.tickets.knowledge.learning import learn
from mailgate.tickets.messages import store_message, store_words
from mailgate.tickets.notifier import Notifier
from mailgate.tickets.sla.deadlines import DeadlinePlan, make_plan
from mailgate.tickets.sla.terms import count_reminders, read_time_ahead
from mailgate.tickets.sla.timers import SlaTimers, priority_of, say_change
from mailgate.tickets.transcript import Steps, TranscriptWriter, is_of_agent, list_results, mails_of
from mailgate.tickets.values import CommandResult, FileRef, LeftOut, SentNotice, as_file

log = logging.getLogger("mailgate.tickets")

_OF_ONE_LEVEL = tuple(timer for timer in Timer if timer is not Timer.APPROVAL)  # the next level waits for it as well
_COPY = Send(Notice.COPY, To.AUTHOR_LEVEL)
_TAKEN = Send(Notice.TAKEN, To.REQUESTER)


@dataclass(frozen=True, slots=True)
class NewTicket:
    """Request that opens a ticket: the requester and the queue it belongs to."""

    requester: Address
    subject: str
    queue: str
    language: str
    linked_to: int | None = None
    form: str = ""  # name of the form that it came by, "" for none
    type: str = ""
    priority: str = ""
    fields: tuple[tuple[str, str], ...] = ()  # values that it fills into the form
    channel: str = ""  # how the request came, "" for a mail or a form
    submitter: str = ""  # address of the agent who wrote it down for the requester
    agent_writes: bool = False  # the agent writes to the requester, who has asked for nothing
    assignee: str = ""
    tags: tuple[str, ...] = ()
    urgency: str = ""  # in the requester's words, as `desired_outcome`
    desired_outcome: str = ""


@dataclass(frozen=True, slots=True)
class Applied:
    """Result of applying events; `sent` has the notices that were queued, each with its recipient."""

    ticket: Ticket
    decisions: tuple[Decision, ...]
    sent: tuple[tuple[str, str], ...] = ()
    done: tuple[CommandResult, ...] = ()  # for a reply to many tickets at once; a refused event is among them
    opened: TicketEvent | None = None  # the event that opened the ticket, with its files and its format


@dataclass(frozen=True, slots=True)
class Rescheduled:
    """Ticket whose deadlines were compared with today's configuration, and their plan; None where it is closed."""

    ticket: Ticket
    plan: DeadlinePlan | None
    changed: bool = False


class TicketService:
    """Applies events to the tickets of one desk."""

    def __init__(self, settings: Settings, notifier: Notifier, directory: DirectoryFiles) -> None:
        self._settings = settings
        self._directory = directory
        self._notifier = notifier
        self._decider = Decider(settings, directory)
        self._people = People(settings)
        self._transcripts = TranscriptWriter(settings, notifier)
        self._planning = SlaTimers(settings, directory)
        self._hooks = HookCaller(settings)

    def open(
        self,
        connection: Connection,
        new_ticket: NewTicket,
        message: InboundMessage,
        ticket_event: TicketEvent,
        beside: Sequence[TicketEvent] = (),
    ) -> Applied:
        """Opens a ticket for a request (S2).

        `beside` are the events of the mail's commands, which the caller applies next: the level reads in the request
        who has the ticket then, and its tags.
        """
        ticket, decision = self._register(connection, new_ticket, ticket_event.at)
        batch = UnitOfWork(connection, ticket.id, ticket_event.at)
        formatter = self._formatter_of(message.mail)
        files = store_message(batch, ticket, message, self._settings.limits, formatter)
        ticket_event = _lay_out(self._with_original(connection, ticket_event, message), message.mail, formatter)
        ticket_event = replace(ticket_event, files=files)
        if beside:
            foreseen = self._foresee(batch, ticket, beside)
            ticket_event = replace(ticket_event, assignee=foreseen.assignee, tags=foreseen.tags)
        return replace(self._begin(batch, ticket, decision, ticket_event), opened=ticket_event)

    def _foresee(self, batch: UnitOfWork, ticket: Ticket, beside: Sequence[TicketEvent]) -> Ticket:
        """Returns a new ticket with the agent and the tags that the commands of its mail give it; itself where they
        are refused, or move it on.
        """
        events = [self._decider.complete(batch.connection, ticket, one) for one in beside]
        plan, refused = self._decide(batch.connection, ticket, events)
        if refused is not None or any(one.state.value != ticket.state for _, one in plan if one is not None):
            return ticket
        for one in events:
            if one.event in (Event.TAKE, Event.ASSIGN):
                ticket = assign(batch, self._settings.queues[ticket.queue], ticket, one)
            elif one.event is Event.TAG:
                ticket = replace(ticket, tags=change_tags(ticket.tags, one.argument))
        return ticket

    def _formatter_of(self, mail: Mail) -> Formatter:
        return Formatter(mail.formatting if self._settings.notices.formatting else (), mail.pictures)

    def _with_original(self, connection: Connection, ticket_event: TicketEvent, message: InboundMessage) -> TicketEvent:
        """Adds the mail itself to a requester's event where it is signed or encrypted (rule 21)."""
        mail = message.mail
        if ticket_event.event.info.by_agent or ticket_event.reading == PARTLY or not (mail.signed or mail.encrypted):
            return ticket_event
        return replace(ticket_event, signed=mail.signed, original=self._notifier.seal_original(connection, message))

    def _register(self, connection: Connection, new_ticket: NewTicket, at: datetime) -> tuple[Ticket, Decision]:
        """Stores a new ticket and its people; its history is still empty."""
        fields = dict(new_ticket.fields)
        form_wanted = wants_details(self._settings, new_ticket.form, fields, asked=0)
        decision = decide(Event.REQUEST, Facts(None, form_wanted=form_wanted, agent_writes=new_ticket.agent_writes))
        person = self._directory.current().person(new_ticket.requester.address) or Person(new_ticket.requester.address)
        requester = replace(new_ticket.requester, name=new_ticket.requester.name or person.name)
        values: dict[str, object] = {
            "queue": new_ticket.queue,
            "state": decision.state.value,
            "level": decision.state.value,
            "subject": new_ticket.subject,
            "requester": requester.address,
            "requester_name": requester.name,
            "department": person.department,
            "type": new_ticket.type,
            "priority": new_ticket.priority or ("high" if person.vip else "normal"),  # rule 33
            "form": new_ticket.form,
            "channel": new_ticket.channel or ("form" if new_ticket.form and not new_ticket.submitter else "mail"),
            "submitter": new_ticket.submitter,
            "urgency": new_ticket.urgency,
            "desired_outcome": new_ticket.desired_outcome,
            "assignee": new_ticket.assignee,
            "fields": fields,
            "language": new_ticket.language,
            "created_at": at,
            "level_since": at,
        }
        ticket = open_ticket(connection, values, self._settings.desk.reference)
        add_participants(connection, ticket.id, (requester,), self._settings.limits.participants)
        ticket = replace(ticket, tags=change_tags((), " ".join(new_ticket.tags).casefold()))
        add_tags(connection, ticket.id, ticket.tags)
        if new_ticket.linked_to is not None:
            link_tickets(connection, ticket.id, new_ticket.linked_to, "linked")
        return ticket, decision

    def _begin(self, batch: UnitOfWork, ticket: Ticket, decision: Decision, ticket_event: TicketEvent) -> Applied:
        self._write_history(batch, ticket, None, decision, ticket_event)
        after = self._carry_out(batch, ticket, ticket, decision.effects, ticket_event)
        self._hooks.call(batch.connection, ticket, after, None, ticket_event)
        batch.write()
        save_ticket(batch.connection, replace(ticket, reference=""), after)
        return Applied(after, (decision,), tuple(batch.sent))

    def apply(
        self,
        connection: Connection,
        ticket_id: int,
        ticket_events: Sequence[TicketEvent],
        message: InboundMessage | None = None,
    ) -> Applied:
        """Locks a ticket and applies events to it, in order; `message` is the mail that caused them.

        When one of them is refused, only notes, times and queries of the same mail are carried out.
        """
        return self.apply_locked(connection, lock_ticket(connection, ticket_id), ticket_events, message)

    def apply_locked(
        self,
        connection: Connection,
        ticket: Ticket,
        ticket_events: Sequence[TicketEvent],
        message: InboundMessage | None = None,
    ) -> Applied:
        """Applies events to a ticket that this transaction has locked; see `apply`."""
        ticket = self._bring_home(connection, ticket, ticket_events)
        ticket = _learn_name(connection, ticket, ticket_events[0])
        ticket_events = [self.read_time(ticket, one) for one in ticket_events]
        if hidden := [one.until for one in ticket_events if one.event is Event.LATER]:
            ticket_events = [replace(one, put_off_until=hidden[-1]) for one in ticket_events]
        batch = UnitOfWork(connection, ticket.id, message.at if message is not None else ticket_events[0].at)
        files: tuple[FileRef, ...] = ()
        if message is not None:
            formatter = self._formatter_of(message.mail)
            files = store_message(batch, ticket, message, self._settings.limits, formatter)
            # The first event whose notices carry files: that of a rating has none.
            at = next((at for at, one in enumerate(ticket_events) if one.event is not Event.RATED), 0)
            heard = self._with_original(connection, ticket_events[at], message)
            ticket_events = [*ticket_events[:at], heard, *ticket_events[at + 1 :]]
            ticket_events = [_lay_out(one, message.mail, formatter) for one in ticket_events]
        if ticket_events[0].event is Event.UNDO and len(ticket_events) > 1:
            return self._act_after_undo(batch, ticket, ticket_events, files)
        applied = self._act(batch, ticket, ticket_events, files)
        if message is None and not refuses(applied.decisions[-1]):
            store_words(batch, ticket, ticket_events)
        return applied

    def read_time(self, ticket: Ticket, ticket_event: TicketEvent) -> TicketEvent:
        """Adds the time that an agent named, in the agent's own time zone, to an event; most name none."""
        if not ticket_event.moment:
            return ticket_event
        queue = self._settings.queue_of(ticket.queue)
        zone = self._directory.current().zone_of(ticket_event.by, queue.zone)
        return replace(ticket_event, until=read_time_ahead(ticket_event.moment, queue, zone, ticket_event.at))

    def _bring_home(self, connection: Connection, ticket: Ticket, ticket_events: Sequence[TicketEvent]) -> Ticket:
        """Moves a ticket whose queue or level is no longer configured; events that change nothing do not move it."""
        home = locate_ticket(self._settings, ticket)
        if home is ticket or all(ticket_event.event.info.step.changes_nothing for ticket_event in ticket_events):
            return home
        save_ticket(connection, ticket, home)
        return replace(home, version=ticket.version + 1)

    def _act_after_undo(
        self, batch: UnitOfWork, ticket: Ticket, ticket_events: Sequence[TicketEvent], files: tuple[FileRef, ...]
    ) -> Applied:
        """Undoes a step, then applies the other events of the mail; a refused undo returns their text."""
        rest = "\n\n".join(one.text for one in ticket_events[1:] if one.text)
        undone = self._act(batch, ticket, (replace(ticket_events[0], text=rest),), ())
        if refuses(undone.decisions[0]):
            return undone
        return self._act(batch, undone.ticket, ticket_events[1:], files)

    def _act(
        self, batch: UnitOfWork, ticket: Ticket, ticket_events: Sequence[TicketEvent], files: tuple[FileRef, ...]
    ) -> Applied:
        """Applies all events of a mail; where one of them is refused, the refusal and the events that move nothing."""
        ticket_events = [self._decider.complete(batch.connection, ticket, one) for one in ticket_events]
        plan, refused = self._decide(batch.connection, ticket, ticket_events)
        is_step = refused is None and is_of_agent(ticket_events)
        standing = read_undoable_state(batch.connection, ticket) if is_step else None
        if refused is None and len(ticket_events) > 1:
            batch.write()
            savepoint = batch.connection.begin_nested()
            steps, after = self._perform(batch, ticket, plan, files)
            if not refuses(steps[-1][1]):
                savepoint.commit()
                return self._settle(batch, ticket, after, steps, standing)
            batch.forget()
            savepoint.rollback()  # one command made another impossible: nothing is half done
            refused, standing = (plan[len(steps) - 1][0], refuse_beside(ticket, steps[-1][1])), None
        if refused is not None:
            # The refusal comes last: its notice lists what was done all the same.
            others = (one for one in ticket_events if one is not refused[0] and not one.gathered)
            quiet = [one for one in others if one.event.info.actor is Actor.AGENT]
            known = {id(one): decision for one, decision in plan}
            plan = [*((one, known.get(id(one))) for one in quiet), refused]
        steps, after = self._perform(batch, ticket, plan, files, refused)
        return self._settle(batch, ticket, after, steps, standing if not refuses(steps[-1][1]) else None)

    def _decide(
        self, connection: Connection, ticket: Ticket, ticket_events: Sequence[TicketEvent]
    ) -> tuple[list[tuple[TicketEvent, Decision | None]], tuple[TicketEvent, Decision] | None]:
        """Decides events for the ticket as it is, up to the first that is refused; returns that one apart, too."""
        plan: list[tuple[TicketEvent, Decision | None]] = []
        for ticket_event in ticket_events:
            decision = self._decider.decide(connection, ticket, ticket_event)
            plan.append((ticket_event, decision))
            if refuses(decision):
                return plan, (ticket_event, decision)
        return plan, None

    def _perform(
        self,
        batch: UnitOfWork,
        ticket: Ticket,
        plan: Sequence[tuple[TicketEvent, Decision | None]],
        files: tuple[FileRef, ...],
        refused: tuple[TicketEvent, Decision] | None = None,
    ) -> tuple[list[tuple[TicketEvent, Decision]], Ticket]:
        """Carries events out, each with what was decided for the ticket as it was, or decided anew after a change.

        Ends early at a step that is refused unexpectedly.
        """
        steps: list[tuple[TicketEvent, Decision]] = []
        changed, was = False, ticket
        for ticket_event, decided in plan:
            if changed and (refused is None or ticket_event is not refused[0]):
                decided = None
            kept = () if ticket_event.files_stay else ticket_event.files or files
            ticket_event = replace(ticket_event, files=kept, done=list_results(steps))
            after, decision = self._step(batch, ticket, ticket_event, decided)
            changed = changed or _may_change_decisions(ticket, after, decision)
            moved = Do(Action.REPLAN) in decision.effects and after.promise_due != ticket.promise_due
            told = replace(
                ticket_event,
                argument=batch.named or ticket_event.argument,
                new_due=after.due if moved else None,
                paused=after.waiting_since is not None and after.hidden_until is not None,
            )
            if fold_address(ticket.requester) in batch.unsent and ticket_event.event.info.text.speaks:
                told = replace(told, set_aside=True)
            if ticket_event.event.info.asks_third_party:
                told = replace(told, enclosed=batch.enclosed, quotes=batch.quotes)
            steps.append((told, decision))
            batch.named = ""
            if len(steps) == len(plan):
                after = self._send_copy(batch, was, after, steps)
                after = self._tell_taken(batch, was, after, steps)
            save_ticket(batch.connection, ticket, after)
            ticket = replace(after, version=ticket.version + 1)
            if refuses(decision) and refused is None:
                break
        return steps, self._note_unasked(batch, ticket)

    def _note_unasked(self, batch: UnitOfWork, ticket: Ticket) -> Ticket:
        """Asks the level at once where a question was not put to a requester whose address is set aside (rule 18)."""
        if batch.unasked is None:
            return ticket
        (address, why), batch.unasked = batch.unasked, None
        failed = TicketEvent(
            Event.CONFIRM_FAILED, batch.now, "desk", f"not sent to {address}: the address is set aside",
            argument=address, server_words=why, set_aside=True,
        )  # fmt: skip
        after, _ = self._step(batch, ticket, failed)
        save_ticket(batch.connection, ticket, after)
        return replace(after, version=ticket.version + 1)

    def _send_copy(self, batch: UnitOfWork, was: Ticket, ticket: Ticket, steps: Steps) -> Ticket:
        """Sends one copy of an agent's words at the end of their mail, so that it says all that the mail did."""
        copied = [one for one, decision in steps if _COPY in decision.effects]
        if not copied:
            return ticket
        # Words to a third party are copied only where there are no others.
        copied = [one for one in copied if not one.event.info.asks_third_party] or copied
        carries = next((one for one in copied if one.text), copied[0])
        return self._notifier.send(batch, ticket, was, _COPY, replace(carries, done=list_results(steps)))

    def _tell_taken(self, batch: UnitOfWork, was: Ticket, ticket: Ticket, steps: Steps) -> Ticket:
        """Tells the requester at the end of an agent's mail who has the ticket now, unless the mail told them more."""
        taken = [one for one, decision in steps if _TAKEN in decision.effects]
        is_told = any(Notice(notice).info.audience is Audience.REQUESTER for notice, _ in batch.sent)
        if not taken or is_told or not ticket.assignee or State(ticket.state) not in LEVELS:
            return ticket
        return self._notifier.send(batch, ticket, was, _TAKEN, taken[-1])

    def _settle(
        self, batch: UnitOfWork, was: Ticket, ticket: Ticket, steps: Steps, standing: UndoableState | None
    ) -> Applied:
        """Answers linked tickets, sends the transcript, and stores a step that can be undone."""
        if all(ticket_event.event.info.step.changes_nothing for ticket_event, _ in steps):
            keep_undoable(batch.connection, was, ticket)
        others = self._answer_others(batch.connection, ticket, steps) if _may_follow(steps, standing) else ()
        if standing is not None:
            ticket = self._transcripts.settle(batch, was, ticket, steps, standing, others)
        batch.write()
        gathered = steps if steps[-1][0].gathered else ()
        return Applied(ticket, tuple(decision for _, decision in steps), tuple(batch.sent), list_results(gathered))

    def _answer_others(self, connection: Connection, ticket: Ticket, steps: Steps) -> tuple[SentNotice, ...]:
        """Gives an answer also in every ticket that is answered with this one, to its own people."""
        told: list[SentNotice] = []
        for ticket_event, decision in steps:
            if not ticket_event.event.info.text.follows_links or refuses(decision) or ticket_event.follows:
                continue
            for other_id in list_answered_with(connection, ticket.id):
                other = lock_ticket(connection, other_id)
                # A merge may have put an unlinked ticket in its place; and its own staff alone may answer in it.
                if other.id != other_id or not self._decider.may_link(other, ticket_event):
                    continue
                same = replace(
                    ticket_event, acts_for=None, acts_queue="", answers=0, command="", done=(),
                    follows=ticket.reference, reason=f"answered with {ticket.reference}",
                    text=ticket_event.text or ticket.solution,
                )  # fmt: skip
                if not refuses(self._decider.decide(connection, locate_ticket(self._settings, other), same)):
                    told.extend(mails_of(self.apply_locked(connection, other, (same,)).sent, other.reference))
        return tuple(told)

    def _split(self, batch: UnitOfWork, ticket: Ticket, ticket_event: TicketEvent) -> None:
        """Opens a ticket of its own for the requester's last message."""
        connection = batch.connection
        message = last_of_participants(connection, ticket.id)
        assert message is not None  # `validation` has checked it
        subject = ticket_event.argument or message.subject or ticket.subject
        people = (Address(row.name, row.address) for row in list_participants(connection, ticket.id))
        author = next(one for one in (ticket.person, *people) if one.key == fold_address(message.sender))
        new_ticket = NewTicket(author, subject, ticket.queue, ticket.language)
        new, decision = self._register(connection, new_ticket, ticket_event.at)
        link_tickets(connection, new.id, ticket.id, "split")
        files = tuple(as_file(row) for row in copy_message(connection, message, new.id))
        request = TicketEvent(
            Event.REQUEST, ticket_event.at, ticket_event.by, f"split from {ticket.reference}", author,
            text=message.new_text or message.text, files=files,
            formatted=FormattedText(message.new_text, message.new_html) if message.new_html else None,
        )  # fmt: skip
        begun = self._begin(UnitOfWork(connection, new.id, ticket_event.at), new, decision, request)
        batch.named = new.reference
        batch.elsewhere.extend((notice, recipient, new.reference) for notice, recipient in begun.sent)

    def opens_anew(self, connection: Connection, ticket: Ticket, ticket_event: TicketEvent) -> bool:
        """Tells whether this mail opens a new, linked ticket instead of changing this locked one."""
        home = locate_ticket(self._settings, ticket)
        return Do(Action.OPEN_LINKED) in self._decider.decide(connection, home, ticket_event).effects

    # -- one step --------------------------------------------------------------------------------------------------

    def _step(
        self, batch: UnitOfWork, ticket: Ticket, ticket_event: TicketEvent, decided: Decision | None = None
    ) -> tuple[Ticket, Decision]:
        """Decides an event and carries it out; the caller saves the ticket."""
        decision = decided or self._decider.decide(batch.connection, ticket, ticket_event)
        if decision.rejection_reason:
            ticket_event = replace(ticket_event, reason=decision.rejection_reason, rejection=decision.rejection)
        after = ticket
        if ticket_event.event.info.ending.is_closing and not refuses(decision):
            after = replace(after, close_reason=ticket_event.argument)
        if ticket_event.event.info.is_reminder and not decision.rejection_reason:
            queue = self._settings.queue_of(ticket.queue)
            after = replace(after, reminders=count_reminders(queue, ticket, ticket_event.at))
        if ticket.hidden_until is not None and ticket_event.event.info.brings_back and not refuses(decision):
            after = replace(after, hidden_until=None)
            batch.stop_timer(Timer.LATER.value)
        if decision.state.value != ticket.state:
            after = replace(after, state=decision.state.value)
            if decision.state in LEVELS and decision.state.value != ticket.level:
                after = replace(after, level=decision.state.value, assignee="")  # they are of another level
        self._write_history(batch, ticket, ticket.state, decision, ticket_event)
        notices_before = after.notices
        after = self._carry_out(batch, after, ticket, decision.effects, ticket_event)
        if ticket_event.author is not None and ticket_event.event.info.is_agent_work and not refuses(decision):
            after = replace(
                after,
                last_agent=ticket_event.author.address,
                last_agent_name=ticket_event.author.name,
                last_agent_notice=notices_before,
                last_agent_at=ticket_event.at,
                last_agent_did=ticket_event.event.value,
            )
        learn(batch.connection, self._settings, ticket, after, ticket_event)
        if not refuses(decision):
            self._hooks.call(batch.connection, ticket, after, ticket.state, ticket_event)
        return after, decision

    def _write_history(
        self, batch: UnitOfWork, ticket: Ticket, state: str | None, decision: Decision, ticket_event: TicketEvent
    ) -> None:
        reason = ticket_event.reason or ticket_event.argument
        if decision.rejection_reason not in ("", reason):
            reason = f"{decision.rejection_reason}; {reason}" if reason else decision.rejection_reason
        row = NewEvent(
            at=ticket_event.at,
            event=ticket_event.event.value,
            from_state=state,
            to_state=decision.state.value,
            reason=reason,
            by=ticket_event.by,
            row=decision.row,
            text=ticket_event.text if ticket_event.event.info.keeps_words else ticket_event.argument,
            journal_id=ticket_event.journal_id,
            facts=self._planning.facts(ticket, decision, ticket_event),
        )
        batch.add_event(row)
        line = Fields(
            action="step", result="refused" if refuses(decision) else "ok", reference=ticket.reference,
            event=row.event, from_state=row.from_state, to_state=row.to_state, by=row.by, journal=row.journal_id,
        )  # fmt: skip
        do_after_commit(batch.connection, partial(log.info, line))

    def note_left_out(self, connection: Connection, ticket_id: int, left_out: LeftOut, at: datetime) -> None:
        """Records that a notice of a ticket is sent without files, and writes to its level; moves nothing (rule 17)."""
        ticket = lock_ticket(connection, ticket_id)
        home = locate_ticket(self._settings, ticket)
        batch = UnitOfWork(connection, ticket.id, at)
        ticket_event, since = TicketEvent(Event.NOTICE_FAILED, at, "desk"), ticket.last_agent_at or ticket.created_at
        after = self._notifier.note_left_out(batch, home, home, left_out, ticket_event, since)
        batch.write()
        if after.notices != ticket.notices:
            save_ticket(connection, ticket, replace(ticket, notices=after.notices))

    def send_kept(self, connection: Connection, ticket_id: int, send: Send, ticket_event: TicketEvent) -> None:
        """Sends a notice that was kept for the mail of the day, to the event's one recipient; moves nothing."""
        ticket = lock_ticket(connection, ticket_id)
        home = locate_ticket(self._settings, ticket)
        batch = UnitOfWork(connection, ticket.id, ticket_event.at)
        after = self._notifier.send(batch, home, home, send, ticket_event)
        batch.write()
        if after.notices != ticket.notices:
            save_ticket(connection, ticket, replace(ticket, notices=after.notices))

    # -- effects ---------------------------------------------------------------------------------------------------

    def _carry_out(
        self, batch: UnitOfWork, ticket: Ticket, was: Ticket, effects: Sequence[Effect], ticket_event: TicketEvent
    ) -> Ticket:
        for effect in effects:
            match effect:
                case Send(notice=Notice.COPY | Notice.TAKEN):
                    pass  # `_send_copy` and `_tell_taken` send it
                case Send():
                    ticket = self._notifier.send(batch, ticket, was, effect, ticket_event)
                    ticket = _note_sent(ticket, effect.notice)
                case Start():
                    self._planning.start(batch, effect.timer, ticket, ticket_event)
                case Stop():
                    batch.stop_timer(effect.timer.value)
                case StopAll():
                    ticket = _stop_all(batch, ticket, ticket_event.at)
                case Do(act=Action.BEGIN):
                    ticket = self._do(batch, effect.act, ticket, ticket_event)
                    ticket = self._planning.begin(batch, ticket, ticket_event)
                case Do():
                    ticket = self._do(batch, effect.act, ticket, ticket_event)
        return ticket

    # -- deadlines -------------------------------------------------------------------------------------------------

    def replan(self, connection: Connection, ticket: Ticket, now: datetime) -> Rescheduled:
        """Sets deadlines anew where the configuration of today gives others; the caller holds the ticket's lock."""
        ticket = locate_ticket(self._settings, ticket)
        if State(ticket.state) is State.CLOSED:
            return Rescheduled(ticket, None)
        return self._reschedule(connection, ticket, make_plan(connection, self._settings, ticket, now))

    def _reschedule(self, connection: Connection, ticket: Ticket, plan: DeadlinePlan) -> Rescheduled:
        if not plan.changes:
            return Rescheduled(ticket, plan)
        reason = say_change(plan, self._settings.queue_of(ticket.queue))
        ticket_event = TicketEvent(Event.REPLANNED, plan.now, "desk", reason)
        return Rescheduled(self.apply_locked(connection, ticket, (ticket_event,)).ticket, plan, changed=True)

    def reschedule_if_early(self, connection: Connection, ticket: Ticket, timer: Timer, now: datetime) -> bool:
        """Reschedules a timer that came due by a configuration that no longer holds; False where it is to fire."""
        home = locate_ticket(self._settings, ticket)
        if State(home.state) is State.CLOSED or self._planning.is_planned(connection, home.queue):
            return False
        plan = make_plan(connection, self._settings, home, now)
        return plan.is_early(timer) and self._reschedule(connection, home, plan).changed

    # -- acts ------------------------------------------------------------------------------------------------------

    def _do(self, batch: UnitOfWork, act: Action, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
        queue = self._settings.queues[ticket.queue]
        match act:
            case Action.RESUME if ticket.waiting_since is not None:
                return self._planning.set_promise(batch, resume(ticket), ticket_event)
            case Action.PAUSE | Action.PAUSE_FOR_THIRD_PARTY if ticket.waiting_since is not None:
                # The clock stands already, perhaps for another person: that pause ends, and moves the deadline.
                return self._planning.set_promise(batch, ACTS[act](batch, queue, ticket, ticket_event), ticket_event)
            case Action.RESUME:
                return resume(ticket) if ticket.waits_for else ticket
            case Action.REPLAN:
                return self._planning.replan(batch, ticket, ticket_event)
            case Action.FINISH:
                archived = self._settings.archive.folder is not None
                return replace(ACTS[act](batch, queue, ticket, ticket_event), unarchived=archived)
            case Action.ASSIGN_AUTHOR if not self._settings.agents.take_on_answer:
                pass
            case Action.RELAY if ticket_event.text:
                ticket = note_answer(batch, ticket, ticket_event)
                return self._notifier.send(batch, ticket, ticket, Send(Notice.ANSWER, To.PEOPLE), ticket_event)
            case Action.BLOCK_SENDER if self._people.is_staff(ticket.requester):
                pass  # a forged mail in the name of staff must not shut them out
            case Action.SPLIT:
                self._split(batch, ticket, ticket_event)
            case Action.ASK:
                return self._notifier.send(batch, ticket, ticket, Send(Notice.ASK, To.ASKED), ticket_event)
            case Action.ASK_APPROVAL:
                asked = ticket_event.argument
                withdraw_approvals(batch.connection, ticket.id, ticket_event.at, of=asked)
                number = ticket.notices + 1
                ticket = self._notifier.send(batch, ticket, ticket, Send(Notice.APPROVAL, To.ASKED), ticket_event)
                add_approval(
                    batch.connection, ticket.id, number, asked, ticket_event.text, ticket_event.by, ticket_event.at
                )
            case Action.SET_FORM:
                form = self._settings.forms[ticket_event.argument]  # `validation` has checked it
                return set_form(batch, ticket, ticket_event, form.type)
            case Action.REMIND_APPROVERS:
                return self._remind_approvers(batch, ticket, ticket_event)
            case Action.CHANGE_REQUESTER:
                return self._introduce(batch.connection, queue, ACTS[act](batch, queue, ticket, ticket_event))
            case _ if act in ACTS:
                return ACTS[act](batch, queue, ticket, ticket_event)
        return ticket

    def _remind_approvers(self, batch: UnitOfWork, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
        """Reminds those who have not decided, each once: no reminder of the ticket came since they were asked."""
        before = [one.at for one in batch.history() if one.event == Event.APPROVAL_DUE][:-1]
        for row in list_approvals(batch.connection, ticket.id):
            if not row.decision and not any(at >= row.asked_at for at in before):
                asked = replace(ticket_event, argument=row.address, text=row.question)
                ticket = self._notifier.send(batch, ticket, ticket, Send(Notice.APPROVAL_REMINDER, To.ASKED), asked)
        return ticket

    def _introduce(self, connection: Connection, queue: Queue, ticket: Ticket) -> Ticket:
        """Adds what the directory knows of a new requester; a language that they have shown goes before it."""
        person = self._directory.current().person(ticket.requester) or Person(ticket.requester)
        written = read_contact(connection, ticket.requester).language
        return replace(
            ticket,
            requester_name=ticket.requester_name or person.name,
            department=person.department,
            language=language_of(queue.languages, written=written, person=person, guessed=ticket.language),
            priority=priority_of(ticket, person),
        )


def _learn_name(connection: Connection, ticket: Ticket, ticket_event: TicketEvent) -> Ticket:
    """Keeps the name with which a requester writes of whom the ticket has the address alone."""
    author = ticket_event.author
    if ticket.requester_name or author is None or not author.name or author.key != fold_address(ticket.requester):
        return ticket
    if ticket_event.unproven or ticket_event.refused or not ticket_event.event.info.by_participant:
        return ticket
    named = replace(ticket, requester_name=author.name)
    save_ticket(connection, ticket, named)
    return replace(named, version=ticket.version + 1)


def _lay_out(ticket_event: TicketEvent, mail: Mail, formatter: Formatter) -> TicketEvent:
    """Gives the words of an event their format, and the names of the mail's pictures where these stood."""
    if mail.pictures and not (ticket_event.event.info.by_agent and not ticket_event.text.strip()):
        text = place_pictures(ticket_event.text, mail.pictures)
        ticket_event = replace(ticket_event, text=text, pictures=names_in(text, mail.pictures))
    own = ticket_event.text
    if ticket_event.prepended:  # no words of the mail
        own = own.partition(ticket_event.prepended)[2] or own
    found = formatter.format(own)
    if found is None:
        return ticket_event
    formatted, plain = found
    parts = (ticket_event.text.removesuffix(own).rstrip(), formatted.text, plain.strip())
    return replace(ticket_event, text="\n\n".join(filter(None, parts)), formatted=formatted)


def _may_change_decisions(before: Ticket, after: Ticket, decision: Decision) -> bool:
    """Tells whether what was decided for `before` may not hold for `after`, or after what the step wrote elsewhere."""
    only_told = all(isinstance(effect, Send) or effect == Do(Action.RECORD) for effect in decision.effects)
    return not only_told or replace(after, version=before.version, notices=before.notices) != before


def _may_follow(steps: Steps, standing: UndoableState | None) -> bool:
    """Tells whether other tickets may be answered with this one: by its links before the mail, or by what that did."""
    if standing is None or any(kind == ANSWERED_WITH for _, kind in standing.links):
        return True
    return any(Do(act) in decision.effects for _, decision in steps for act in (Action.LINK, Action.UNDO))


def _stop_all(batch: UnitOfWork, ticket: Ticket, at: datetime) -> Ticket:
    """Stops the timers of a state that the ticket has left, and what it waited for; see `StopAll` for what goes on."""
    ticket = replace(ticket, waiting_since=None, hidden_until=None)
    if State(ticket.state) not in LEVELS:
        batch.stop_all_timers()
        return replace(ticket, waits_for="", waits_until=None)
    goes_on = bool(ticket.waits_for) and ticket.waits_until is not None and ticket.waits_until > at
    for timer in _OF_ONE_LEVEL:
        if timer is not Timer.THIRD_PARTY or not goes_on:
            batch.stop_timer(timer.value)
    return ticket if goes_on else replace(ticket, waits_for="", waits_until=None)


def _note_sent(ticket: Ticket, notice: Notice) -> Ticket:
    """Records on the ticket that a notice was sent."""
    if notice is Notice.REVIEW:
        return replace(ticket, review_asked=True)
    return ticket
