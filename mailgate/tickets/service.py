"""The only place a ticket changes: lock it, decide by the table, write the history, carry the effects out.

Everything happens in the caller's transaction. Mails, agents' commands, timers, failed notices and the operator's
command line all enter here, so that one table rules them all. A command that the table refuses is told to its
author and stops what else his mail wanted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from mailgate.config import Queue, Settings
from mailgate.config.directory.entries import Person
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.core.mail import Address
from mailgate.core.sla.account import SlaAccount
from mailgate.core.workflow.effects import Action, Do, Effect, Notice, Send, Start, Stop, StopAll, Timer, To
from mailgate.core.workflow.engine import Decision, Facts, decide
from mailgate.core.workflow.events import AGENT_EVENTS, LEVELS, QUIET_COMMANDS, Event, State
from mailgate.store.events import EventRow, add_event
from mailgate.store.messages import copy_message, last_of_participants
from mailgate.store.people import add_participants, get_contact, list_participants
from mailgate.store.tickets import (
    Ticket,
    link_tickets,
    list_answered_with,
    lock_ticket,
    open_ticket,
    save_ticket,
)
from mailgate.store.undo import UndoableState, keep_undoable, note_standing
from mailgate.store.unit_of_work import UnitOfWork
from mailgate.tickets.actions import ACTS, note_answer, resume
from mailgate.tickets.decide import SPEAKS_PUBLICLY, Decider, refuses
from mailgate.tickets.events import Arrival, TicketEvent
from mailgate.tickets.fallback_queue import at_home
from mailgate.tickets.forms import wants_details
from mailgate.tickets.knowledge.learning import learn
from mailgate.tickets.messages import keep_mail
from mailgate.tickets.notifier import Notifier
from mailgate.tickets.sla.deadlines import DeadlinePlan, make_plan
from mailgate.tickets.sla.terms import count_reminders
from mailgate.tickets.sla.timers import SlaTimers, priority_of, say_change
from mailgate.tickets.transcript import Steps, TranscriptWriter, account_of, is_of_agent, mails_of
from mailgate.tickets.values import FileRef, SentNotice, as_file

_COUNTS_AS_AGENT_WORK = SPEAKS_PUBLICLY | {Event.CLOSE, Event.CLOSE_BARE, Event.CLOSE_TRANSFERRED}
_CLOSINGS = frozenset({Event.CLOSE, Event.CLOSE_BARE, Event.CLOSE_SPAM, Event.CLOSE_TRANSFERRED})
_ONLY_ASKS = frozenset({Event.STATUS, Event.HELP, Event.SHOW, Event.HELD})
_SAID_TO_OTHERS = frozenset({Event.ANSWERED, Event.RESOLVE})
_REMINDERS = frozenset({Event.REMINDER_DUE, Event.WAITING_REMINDER_DUE})


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A request that opens a ticket: the requester and where it belongs.

    `form` is the name of the form that it came by, "" for none, and `fields` what it fills in of it. `submitter` is the
    address of the agent who wrote it down for the requester.
    """

    requester: Address
    subject: str
    queue: str
    language: str
    linked_to: int | None = None
    form: str = ""
    type: str = ""
    priority: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    submitter: str = ""


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of it; `sent` names each notice that was put, and to whom."""

    ticket: Ticket
    decisions: tuple[Decision, ...]
    sent: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Rescheduled:
    """A ticket whose deadlines were held against today's configuration, and how they are planned; None where closed."""

    ticket: Ticket
    plan: DeadlinePlan | None
    changed: bool = False


class TicketService:
    """Moves tickets by the table of the process."""

    def __init__(self, settings: Settings, notifier: Notifier, directory: DirectoryFiles) -> None:
        self._settings = settings
        self._directory = directory
        self._notifier = notifier
        self._judgement = Decider(settings)
        self._transcripts = TranscriptWriter(notifier)
        self._planning = SlaTimers(settings, directory)

    def open(self, connection: Connection, newcomer: NewTicket, arrival: Arrival, happening: TicketEvent) -> Applied:
        """S2: record a request as a new ticket and let the table begin it."""
        ticket, decision = self._register(connection, newcomer, happening.at)
        batch = UnitOfWork(connection, ticket.id, happening.at)
        files = keep_mail(batch, ticket, arrival, self._settings.limits)
        happening = self._with_original(connection, happening, arrival)
        return self._begin(batch, ticket, decision, replace(happening, files=files))

    def _with_original(self, connection: Connection, happening: TicketEvent, arrival: Arrival) -> TicketEvent:
        """Adds the mail itself to a requester's event where it is signed or encrypted (rule 21)."""
        mail = arrival.mail
        if happening.event in AGENT_EVENTS or not (mail.signed or mail.encrypted):
            return happening
        return replace(happening, signed=mail.signed, original=self._notifier.seal_original(connection, arrival))

    def _register(self, connection: Connection, newcomer: NewTicket, at: datetime) -> tuple[Ticket, Decision]:
        """The ticket's row and its people; nothing has happened to it yet."""
        fields = dict(newcomer.fields)
        decision = decide(
            Event.REQUEST, Facts(None, form_wanted=wants_details(self._settings, newcomer.form, fields, asked=0))
        )
        person = self._directory.current().person(newcomer.requester.address) or Person(newcomer.requester.address)
        requester = replace(newcomer.requester, name=newcomer.requester.name or person.name)
        values: dict[str, object] = {
            "queue": newcomer.queue,
            "state": decision.state.value,
            "level": decision.state.value,
            "subject": newcomer.subject,
            "requester": requester.address,
            "requester_name": requester.name,
            "department": person.department,
            "type": newcomer.type,
            "priority": newcomer.priority or ("high" if person.vip else "normal"),  # rule 33
            "form": newcomer.form,
            "submitter": newcomer.submitter,
            "fields": fields,
            "language": newcomer.language,
            "created_at": at,
            "level_since": at,
        }
        ticket = open_ticket(connection, values, self._settings.desk.reference)
        add_participants(connection, ticket.id, (requester,), self._settings.limits.participants)
        if newcomer.linked_to is not None:
            link_tickets(connection, ticket.id, newcomer.linked_to, "linked")
        return ticket, decision

    def _begin(self, batch: UnitOfWork, ticket: Ticket, decision: Decision, happening: TicketEvent) -> Applied:
        self._write_history(batch.connection, ticket, None, decision, happening)
        after = self._carry_out(batch, ticket, ticket, decision.effects, happening)
        batch.write()
        save_ticket(batch.connection, replace(ticket, reference=""), after)
        return Applied(after, (decision,), tuple(batch.sent))

    def act(
        self, connection: Connection, ticket_id: int, happenings: Sequence[TicketEvent], arrival: Arrival | None = None
    ) -> Applied:
        """Let one or more things happen to a ticket, in order; `arrival` is the mail that brought them.

        When the table refuses one of them to its author, only notes, times and questions of the same mail are done.
        """
        return self.act_on(connection, lock_ticket(connection, ticket_id), happenings, arrival)

    def act_on(
        self, connection: Connection, ticket: Ticket, happenings: Sequence[TicketEvent], arrival: Arrival | None = None
    ) -> Applied:
        """The same for a ticket that this transaction has locked."""
        ticket = self._bring_home(connection, ticket, happenings)
        batch = UnitOfWork(connection, ticket.id, arrival.at if arrival is not None else happenings[0].at)
        files = keep_mail(batch, ticket, arrival, self._settings.limits) if arrival is not None else ()
        if arrival is not None:
            # The first that somebody is told of: a rating is read by nobody.
            at = next((at for at, one in enumerate(happenings) if one.event is not Event.RATED), 0)
            heard = self._with_original(connection, happenings[at], arrival)
            happenings = [*happenings[:at], heard, *happenings[at + 1 :]]
        if happenings[0].event is Event.UNDO and len(happenings) > 1:
            return self._act_after_undo(batch, ticket, happenings, files)
        return self._act(batch, ticket, happenings, files)

    def _bring_home(self, connection: Connection, ticket: Ticket, happenings: Sequence[TicketEvent]) -> Ticket:
        """A ticket whose queue or level is configured no more is where such tickets go; a mere look moves none."""
        home = at_home(self._settings, ticket)
        if home is ticket or all(happening.event in _ONLY_ASKS for happening in happenings):
            return home
        save_ticket(connection, ticket, home)
        return replace(home, version=ticket.version + 1)

    def _act_after_undo(
        self, batch: UnitOfWork, ticket: Ticket, happenings: Sequence[TicketEvent], files: tuple[FileRef, ...]
    ) -> Applied:
        """What is ordered beside an undo is for the ticket that this leaves; where it cannot be, it comes back."""
        rest = "\n\n".join(one.text for one in happenings[1:] if one.text)
        undone = self._act(batch, ticket, (replace(happenings[0], text=rest),), ())
        if refuses(undone.decisions[0]):
            return undone
        return self._act(batch, undone.ticket, happenings[1:], files)

    def _act(
        self, batch: UnitOfWork, ticket: Ticket, happenings: Sequence[TicketEvent], files: tuple[FileRef, ...]
    ) -> Applied:
        """All of a mail's happenings, or, where one of them is refused, that refusal and what is only written down."""
        judged = ((one, self._judgement.decide(batch.connection, ticket, one)) for one in happenings)
        refused = next(((one, decision) for one, decision in judged if refuses(decision)), None)
        is_step = refused is None and is_of_agent(happenings)
        standing = note_standing(batch.connection, ticket) if is_step else None
        if refused is None and len(happenings) > 1:
            batch.write()
            savepoint = batch.connection.begin_nested()
            steps, after = self._perform(batch, ticket, happenings, files, None)
            if not refuses(steps[-1][1]):
                savepoint.commit()
                return self._settle(batch, ticket, after, steps, standing)
            batch.forget()
            savepoint.rollback()  # one order made another impossible: nothing is half done
            refused, standing = (happenings[len(steps) - 1], steps[-1][1]), None
        if refused is not None:
            # The refusal comes last: it tells what was done all the same.
            quiet = (one for one in happenings if one is not refused[0] and one.event in QUIET_COMMANDS)
            happenings = [*quiet, refused[0]]
        steps, after = self._perform(batch, ticket, happenings, files, refused)
        return self._settle(batch, ticket, after, steps, standing if not refuses(steps[-1][1]) else None)

    def _perform(
        self,
        batch: UnitOfWork,
        ticket: Ticket,
        happenings: Sequence[TicketEvent],
        files: tuple[FileRef, ...],
        refused: tuple[TicketEvent, Decision] | None,
    ) -> tuple[list[tuple[TicketEvent, Decision]], Ticket]:
        """Step by step; ends early at a step that is refused although nobody expected it."""
        steps: list[tuple[TicketEvent, Decision]] = []
        for happening in happenings:
            kept = () if happening.files_stay else happening.files or files
            decided = refused[1] if refused is not None and happening is refused[0] else None
            happening = replace(happening, files=kept, done=account_of(steps))
            was_due = ticket.promise_due
            ticket, decision = self._step(batch, ticket, happening, decided)
            moved = Do(Action.REPLAN) in decision.effects and ticket.promise_due != was_due
            due = ticket.promise_due if moved else None
            steps.append((replace(happening, argument=batch.named or happening.argument, new_due=due), decision))
            batch.named = ""
            if refuses(decision) and refused is None:
                break
        return steps, ticket

    def _settle(
        self, batch: UnitOfWork, was: Ticket, ticket: Ticket, steps: Steps, standing: UndoableState | None
    ) -> Applied:
        """What follows from it: other tickets, the transcript, and a step that may be taken back."""
        if all(happening.event in _ONLY_ASKS for happening, _ in steps):
            keep_undoable(batch.connection, was, ticket)
        others = self._answer_others(batch.connection, ticket, steps)
        if standing is not None:
            ticket = self._transcripts.settle(batch, was, ticket, steps, standing, others)
        batch.write()
        return Applied(ticket, tuple(decision for _, decision in steps), tuple(batch.sent))

    def _answer_others(self, connection: Connection, ticket: Ticket, steps: Steps) -> tuple[SentNotice, ...]:
        """What was said here is said in every ticket that is answered with this one, to its own people."""
        told: list[SentNotice] = []
        for happening, decision in steps:
            if happening.event not in _SAID_TO_OTHERS or refuses(decision) or happening.follows:
                continue
            for other_id in list_answered_with(connection, ticket.id):
                other = lock_ticket(connection, other_id)
                # Merged meanwhile, nobody linked the ticket that was kept; and the words are the author's own.
                if other.id != other_id or not self._judgement.may_link(other, happening):
                    continue
                same = replace(
                    happening, acts_for=None, acts_queue="", answers=0, order="", done=(), follows=ticket.reference,
                    reason=f"answered with {ticket.reference}", text=happening.text or ticket.solution,
                )  # fmt: skip
                if not refuses(self._judgement.decide(connection, at_home(self._settings, other), same)):
                    told.extend(mails_of(self.act_on(connection, other, (same,)).sent, other.reference))
        return tuple(told)

    def _split(self, batch: UnitOfWork, ticket: Ticket, happening: TicketEvent) -> None:
        """The requester's last message becomes a ticket of its own."""
        connection = batch.connection
        message = last_of_participants(connection, ticket.id)
        assert message is not None  # `objections` has seen to it
        subject = happening.argument or message.subject or ticket.subject
        people = (Address(row.name, row.address) for row in list_participants(connection, ticket.id))
        author = next(one for one in (ticket.person, *people) if one.key == message.sender.casefold())
        newcomer = NewTicket(author, subject, ticket.queue, ticket.language)
        new, decision = self._register(connection, newcomer, happening.at)
        link_tickets(connection, new.id, ticket.id, "split")
        files = tuple(as_file(row) for row in copy_message(connection, message, new.id))
        request = TicketEvent(
            Event.REQUEST, happening.at, happening.by, f"split from {ticket.reference}", author,
            text=message.new_text or message.text, files=files,
        )  # fmt: skip
        begun = self._begin(UnitOfWork(connection, new.id, happening.at), new, decision, request)
        batch.named = new.reference
        batch.elsewhere.extend((notice, recipient, new.reference) for notice, recipient in begun.sent)

    def opens_anew(self, connection: Connection, ticket: Ticket, happening: TicketEvent) -> bool:
        """Whether the table wants a new, linked ticket for this mail instead of a change of this locked one."""
        home = at_home(self._settings, ticket)
        return Do(Action.OPEN_LINKED) in self._judgement.decide(connection, home, happening).effects

    # -- one step --------------------------------------------------------------------------------------------------

    def _step(
        self, batch: UnitOfWork, ticket: Ticket, happening: TicketEvent, decided: Decision | None = None
    ) -> tuple[Ticket, Decision]:
        decision = decided or self._judgement.decide(batch.connection, ticket, happening)
        if decision.meaningless:
            happening = replace(happening, reason=decision.meaningless, objection=decision.objection)
        after = ticket
        if happening.event in _CLOSINGS and not refuses(decision):
            after = replace(after, close_reason=happening.argument)
        if happening.event in _REMINDERS and not decision.meaningless:
            queue = self._settings.queue_of(ticket.queue)
            after = replace(after, reminders=count_reminders(queue, ticket, happening.at))
        if decision.state.value != ticket.state:
            after = replace(after, state=decision.state.value)
            if decision.state in LEVELS:
                after = replace(after, level=decision.state.value)
        self._write_history(batch.connection, ticket, ticket.state, decision, happening)
        notices_before = after.notices
        after = self._carry_out(batch, after, ticket, decision.effects, happening)
        if happening.author is not None and happening.event in _COUNTS_AS_AGENT_WORK and not refuses(decision):
            after = replace(
                after,
                last_agent=happening.author.address,
                last_agent_name=happening.author.name,
                last_agent_notice=notices_before,
                last_agent_at=happening.at,
                last_agent_did=happening.event.value,
            )
        learn(batch.connection, self._settings, ticket, after, happening)
        save_ticket(batch.connection, ticket, after)
        return replace(after, version=ticket.version + 1), decision

    def _write_history(
        self, connection: Connection, ticket: Ticket, state: str | None, decision: Decision, happening: TicketEvent
    ) -> None:
        reason = happening.reason or happening.argument
        if decision.meaningless:
            reason = f"{decision.meaningless}; {reason}" if reason else decision.meaningless
        row = EventRow(
            at=happening.at,
            event=happening.event.value,
            from_state=state,
            to_state=decision.state.value,
            reason=reason,
            by=happening.by,
            row=decision.row,
            text=happening.text if happening.event in (Event.NOTE, Event.ASK) else happening.argument,
            journal_id=happening.journal_id,
            facts=self._planning.facts(ticket, decision, happening),
        )
        add_event(connection, ticket.id, row)

    # -- effects ---------------------------------------------------------------------------------------------------

    def _carry_out(
        self, batch: UnitOfWork, ticket: Ticket, was: Ticket, effects: Sequence[Effect], happening: TicketEvent
    ) -> Ticket:
        account: SlaAccount | None = None
        for effect in effects:
            match effect:
                case Send():
                    ticket = self._notifier.send(batch, ticket, was, effect, happening)
                    ticket = _note_sent(ticket, effect.notice)
                case Start():
                    account = self._planning.start(batch, effect.timer, ticket, happening, account)
                case Stop():
                    batch.stop_timer(effect.timer.value)
                case StopAll():
                    batch.stop_all_timers()
                    ticket = replace(ticket, waiting_since=None)
                case Do(act=Action.BEGIN):
                    ticket = self._do(batch, effect.act, ticket, happening)
                    ticket, account = self._planning.begin(batch, ticket, happening)
                case Do():
                    ticket = self._do(batch, effect.act, ticket, happening)
        return ticket

    # -- deadlines -------------------------------------------------------------------------------------------------

    def replan(self, connection: Connection, ticket: Ticket, now: datetime) -> Rescheduled:
        """Hold the deadlines of a ticket that this transaction has locked against the configuration of today."""
        ticket = at_home(self._settings, ticket)
        if State(ticket.state) is State.CLOSED:
            return Rescheduled(ticket, None)
        plan = make_plan(connection, self._settings, ticket, now)
        if not plan.changes:
            return Rescheduled(ticket, plan)
        happening = TicketEvent(Event.REPLANNED, now, "desk", say_change(plan, self._settings.queue_of(ticket.queue)))
        return Rescheduled(self.act_on(connection, ticket, (happening,)).ticket, plan, changed=True)

    def put_off(self, connection: Connection, ticket: Ticket, timer: Timer, now: datetime) -> bool:
        """Whether a timer came due by a configuration that holds no more: then it is planned anew, and not fired."""
        home = at_home(self._settings, ticket)
        if State(home.state) is State.CLOSED or self._planning.is_planned(connection, home.queue):
            return False
        if not make_plan(connection, self._settings, home, now).is_early(timer):
            return False
        return self.replan(connection, ticket, now).changed

    # -- acts ------------------------------------------------------------------------------------------------------

    def _do(self, batch: UnitOfWork, act: Action, ticket: Ticket, happening: TicketEvent) -> Ticket:
        queue = self._settings.queues[ticket.queue]
        match act:
            case Action.RESUME if ticket.waiting_since is not None:
                return self._planning.set_promise(batch, resume(ticket), happening)
            case Action.REPLAN:
                return self._planning.replan(batch, ticket, happening)
            case Action.FINISH:
                archived = self._settings.archive.folder is not None
                return replace(ACTS[act](batch, queue, ticket, happening), unarchived=archived)
            case Action.RELAY if happening.text:
                ticket = note_answer(batch, ticket, happening)
                return self._notifier.send(batch, ticket, ticket, Send(Notice.ANSWER, To.PEOPLE), happening)
            case Action.SPLIT:
                self._split(batch, ticket, happening)
            case Action.ASK:
                return self._notifier.send(batch, ticket, ticket, Send(Notice.ASK, To.ASKED), happening)
            case Action.CHANGE_REQUESTER:
                return self._introduce(batch.connection, queue, ACTS[act](batch, queue, ticket, happening))
            case _ if act in ACTS:
                return ACTS[act](batch, queue, ticket, happening)
        return ticket

    def _introduce(self, connection: Connection, queue: Queue, ticket: Ticket) -> Ticket:
        """What the directory knows of somebody who becomes the requester; his language where he has shown none."""
        person = self._directory.current().person(ticket.requester) or Person(ticket.requester)
        contact = get_contact(connection, ticket.requester)
        shown = contact is not None and contact.language in queue.languages
        return replace(
            ticket,
            requester_name=ticket.requester_name or person.name,
            department=person.department,
            language=person.language if person.language in queue.languages and not shown else ticket.language,
            priority=priority_of(ticket, person),
        )


def _note_sent(ticket: Ticket, notice: Notice) -> Ticket:
    """What the sending of a notice means for the ticket."""
    if notice is Notice.REVIEW:
        return replace(ticket, review_asked=True)
    return ticket
