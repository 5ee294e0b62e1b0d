"""Validates the argument of an agent's command: a queue, an address, a ticket, a step to undo.

Reads the store, changes nothing. An objection is a sentence and the values of its braces, so that its author reads it
in their language: every sentence has its line under [objections] in words.toml.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection

from mailgate.config import Level, Queue, Settings
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.config.people import People, find_agents
from mailgate.core.domains import fold_address
from mailgate.core.frozen import replace
from mailgate.core.stand_ins import is_stand_in
from mailgate.core.text import fold_case_accents
from mailgate.core.workflow.events import Event, State
from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.parsers.commands.arguments import read_requester
from mailgate.parsers.vocabulary import vocabulary
from mailgate.store.messages import find_copy, first_text_by, last_of_participants
from mailgate.store.people import list_participants
from mailgate.store.tickets import Ticket, find_by_reference, list_answered_with
from mailgate.store.undo import UndoStep, find_sent, find_step
from mailgate.tickets.actions import change_tags
from mailgate.tickets.events import TicketEvent
from mailgate.tickets.forms import fields_of, merge_values, read_fields

Rejection = tuple[str, ...]
"""A sentence, then the values of its braces {0} and {1}, then lines that the author may send instead; empty where the
argument is valid."""

_HARMLESS = tuple(notice.value for notice in Notice if notice.info.harmless)

_MOST_NAMED = 20  # people of a level that an objection names

NO_QUEUE = "there is no queue {0}; there are {1}"
NO_COLLEAGUE = "{0} works at no level of this queue"
ANOTHER_LEVEL = "{0} is not at the level that has the ticket; there are {1}"
NOBODY_CALLED = "no agent of the level is called {0}; there are {1}"
SEVERAL_CALLED = "{0} may be {1}; write the line that is meant"
NO_CAUSE = "{0} is none of the causes here; there are {1}"
NO_QUESTION = "the mail has no text to ask"
DESKS_OWN = "{0} is an address of the desk itself"
OWN_REQUEST = "{0} made the request and cannot approve it"
OF_THE_TICKET = "{0} is of this ticket: #waiting asks there"
NO_TICKET = "there is no ticket {0}"
SAME_TICKET = "{0} is this ticket itself"
OTHER_REQUESTER = "{0} is of another requester; to merge all the same: #merge {0} yes"
TICKET_CLOSED = "{0} is resolved or closed"
TOO_MANY_LINKS = "more than {0} tickets cannot be linked with one"
OF_THE_HOUSE = "{0} is an address of the house, and no requester"
TOO_MANY_TAGS = "more than {0} tags cannot be on a ticket; it has {1}"
TOO_MANY_PEOPLE = "more than {0} people cannot be in copy of a ticket"
NOBODY_NAMED = "nobody is named: write #requester and the address"
REQUESTER_ALREADY = "{0} is the requester already"
NOTHING_TO_SPLIT = "the requester wrote nothing that could be split off"
NO_STEP = "there is no step of yours that could be taken back"
STEP_OF_ANOTHER = "the last step is not yours, it is of {0}"
NOT_THE_LAST = "something has happened since your last step"
HAS_LEFT = "mail about it has left already, to {0}"
MERGED = "a merge cannot be taken back"
TICKET_OPENED = "a ticket was opened by it, and stays"
DECIDED = "a closing that was decided, or a ticket that was reopened, stays so"
SPLIT_ALREADY = "what the requester wrote last is in {0} already"
NO_FORM = "there is no form {0}; there are {1}"
NO_FORMS = "this desk has no forms"
NOTHING_MISSING = "all that the form {0} asks for is given already"
LIKE_A_FIELD = (
    "a line of your text begins like “{0}” in the form and would be read as the answer: say it in other words"
)
MOVED_BESIDE = "another command of the same mail moves the ticket to another level"
ANSWERED_OTHERS = "it went to other tickets as well"
NO_MOMENT = "{0} is no time ahead: write a day, a time or a length, such as Friday, Monday 9:00 or 2 business days"
NOBODY_AWAITED = "nobody else is named: #waiting HP until Friday waits for HP, and #later Friday puts the ticket off"
REJECTIONS = (
    NO_QUEUE, NO_COLLEAGUE, ANOTHER_LEVEL, NO_QUESTION, OF_THE_TICKET, NO_TICKET, SAME_TICKET, OTHER_REQUESTER,
    TICKET_CLOSED, TOO_MANY_LINKS, OF_THE_HOUSE, TOO_MANY_PEOPLE, NOBODY_NAMED, REQUESTER_ALREADY, NOTHING_TO_SPLIT,
    NO_STEP, STEP_OF_ANOTHER, NOT_THE_LAST, HAS_LEFT, MERGED, TICKET_OPENED, ANSWERED_OTHERS, DECIDED,
    SPLIT_ALREADY, DESKS_OWN, NOBODY_CALLED, SEVERAL_CALLED, MOVED_BESIDE, NO_MOMENT, NOBODY_AWAITED,
    TOO_MANY_TAGS, NO_CAUSE, OWN_REQUEST, NO_FORM, NO_FORMS, NOTHING_MISSING, LIKE_A_FIELD,
)  # fmt: skip
"""Every sentence, for the test that each language has it."""


class Validator:
    """Validates the arguments of commands for one desk."""

    def __init__(self, settings: Settings, directory: DirectoryFiles) -> None:
        self._settings = settings
        self._directory = directory
        self._people = People(settings)
        self._finders: Mapping[Event, Callable[[Connection, Ticket, TicketEvent], Rejection]] = {
            Event.ROUTE: self._of_route,
            Event.ASSIGN: self._of_assignment,
            Event.ASK: self._of_question,
            Event.APPROVE_BY: self._of_approver,
            Event.WAITING_FOR: _of_third_party,
            Event.LATER: _of_moment,
            Event.MERGE: self._of_merge,
            Event.CLOSE: self._of_duplicate,
            Event.LINK: self._of_link,
            Event.CC: self._of_copies,
            Event.TAG: self._of_tags,
            Event.CAUSE: self._of_cause,
            Event.FORM: self._of_form,
            Event.REQUESTER: self._of_requester,
            Event.SPLIT: _of_split,
            Event.UNDO: self._of_undo,
        }

    def find(self, connection: Connection, ticket: Ticket, ticket_event: TicketEvent) -> Rejection:
        """Returns the objection to an event's argument, empty where it is valid."""
        finder = self._finders.get(ticket_event.event)
        return finder(connection, ticket, ticket_event) if finder is not None else ()

    def complete(self, connection: Connection, ticket: Ticket, ticket_event: TicketEvent) -> TicketEvent:
        """Returns an event with the agent or the cause that its argument means; itself where none or several may be.

        That of a form gets the values of the ticket, with those that its first mail fills in, if its requester wrote it
        or the agent who wrote it down: the words of a former requester are not for the present one. A name is sought
        among the agents of the level that has the ticket; "me" is the author, if nobody is called so.
        """
        name = ticket_event.argument
        if ticket_event.event is Event.CAUSE:
            causes = self._causes(ticket, name)
            return replace(ticket_event, argument=causes[0]) if len(causes) == 1 else ticket_event
        if ticket_event.event is Event.FORM and name in self._settings.forms:
            said = first_text_by(connection, ticket.id, (ticket.requester, ticket.submitter))
            read = read_fields(self._settings, name, ticket.queue, ticket.language, ticket.created_at, said)
            values = merge_values(self._settings, name, ticket.form, ticket.fields or {}, dict(read.values))
            return replace(ticket_event, fields=tuple(values.items()))
        if ticket_event.event is not Event.ASSIGN or not name or "@" in name:
            return ticket_event
        found = find_agents(self._level_of(ticket), self._directory.current(), name)
        if not found and ticket_event.author is not None and _means_author(name):
            found = (ticket_event.author.address,)
        return replace(ticket_event, argument=found[0]) if len(found) == 1 else ticket_event

    def _of_route(self, _connection: Connection, _ticket: Ticket, ticket_event: TicketEvent) -> Rejection:
        queues = self._settings.queues
        return () if ticket_event.argument in queues else (NO_QUEUE, ticket_event.argument, ", ".join(queues))

    def _of_assignment(self, _connection: Connection, ticket: Ticket, ticket_event: TicketEvent) -> Rejection:
        """Objects to an agent who is not of the level that has the ticket: they could not act on it."""
        level, given = self._level_of(ticket), ticket_event.argument
        if "@" not in given:
            if found := find_agents(level, self._directory.current(), given):
                lines = (f"#assign {address}" for address in found[:_MOST_NAMED])
                return (SEVERAL_CALLED, given, ", ".join(self._name(address) for address in found), *lines)
        elif not _works_on(self._settings.queues[ticket.queue], given):
            return (NO_COLLEAGUE, given)
        elif fold_address(given) in level.addresses:
            return ()
        people = list(
            dict.fromkeys([level.mailbox, *level.agents] if "@" in given else level.agents or [level.mailbox])
        )
        named = [*map(self._name, people[:_MOST_NAMED]), *(["…"] if len(people) > _MOST_NAMED else [])]
        return (ANOTHER_LEVEL if "@" in given else NOBODY_CALLED, given, ", ".join(named))

    def _causes(self, ticket: Ticket, words: str) -> tuple[str, ...]:
        """Returns the causes of the queue that begin with these words; the one that is these words alone, if any."""
        causes, wanted = self._settings.queue_of(ticket.queue).confirmation.causes, _folded(words)
        same = tuple(one for one in causes if _folded(one) == wanted)
        return same[:1] or tuple(one for one in causes if wanted and _folded(one).startswith(wanted))

    def _of_cause(self, _connection: Connection, ticket: Ticket, ticket_event: TicketEvent) -> Rejection:
        causes = self._settings.queue_of(ticket.queue).confirmation.causes
        if not causes or ticket_event.argument in causes:
            return ()
        found = self._causes(ticket, ticket_event.argument)
        lines = (f"#cause {cause}" for cause in found or causes)
        return (SEVERAL_CALLED if found else NO_CAUSE, ticket_event.argument, ", ".join(found or causes), *lines)

    def _of_form(self, _connection: Connection, ticket: Ticket, ticket_event: TicketEvent) -> Rejection:
        """Objects to a form that does not exist or is filled in, and to words that a reply would fill into it."""
        forms, name = self._settings.forms, ticket_event.argument
        if name not in forms:
            return (NO_FORM, name, ", ".join(forms), *(f"#form {one}" for one in forms)) if forms else (NO_FORMS,)
        given = dict(ticket_event.fields)
        if all(form_field.name in given for form_field in fields_of(forms[name])):
            return (NOTHING_MISSING, name)
        read = read_fields(self._settings, name, ticket.queue, ticket.language, ticket_event.at, ticket_event.text)
        like = [one for one, _ in read.values] + [one.name for one in read.wrong]
        labels = {one.name: one.label.said(ticket.language) for one in fields_of(forms[name])}
        return (LIKE_A_FIELD, labels[like[0]]) if like else ()

    def _level_of(self, ticket: Ticket) -> Level:
        return self._settings.queues[ticket.queue].levels[ticket.level]

    def _name(self, address: str) -> str:
        name = self._directory.current().name_of(address)
        return f"{name} <{address}>" if name else address

    def _of_link(self, connection: Connection, ticket: Ticket, ticket_event: TicketEvent) -> Rejection:
        if ticket_event.argument == "no":
            return ()
        references = ticket_event.argument.split()
        most = self._settings.limits.linked_tickets
        if len(references) + len(list_answered_with(connection, ticket.id)) > most:
            return (TOO_MANY_LINKS, str(most))
        for reference in references:
            other = find_by_reference(connection, reference)
            if other is None or not self.may_link(other, ticket_event):
                return (NO_TICKET, reference)
            if other.id == ticket.id:
                return (SAME_TICKET, reference)
            if other.state in (State.FINALIZING, State.CLOSED):
                return (TICKET_CLOSED, reference)
        return ()

    def may_link(self, other: Ticket, ticket_event: TicketEvent) -> bool:
        """Tells whether the author may link another ticket, and learn that it exists: only its own staff may."""
        author = ticket_event.author
        if author is None or ticket_event.acts_for is None or author.key == fold_address(self._settings.desk.manager):
            return True  # the operator, the manager
        return _works_on(self._settings.queue_of(other.queue), author.address)

    def _of_merge(self, connection: Connection, ticket: Ticket, ticket_event: TicketEvent) -> Rejection:
        """Objects to a merge with a ticket that the author may not see; another requester's needs a "yes"."""
        reference, _, sure = ticket_event.argument.partition(" ")
        kept = find_by_reference(connection, reference.strip("[]"))
        # Nothing comes to a ticket whose person was erased.
        if kept is None or not self.may_link(kept, ticket_event) or is_stand_in(kept.requester):
            return (NO_TICKET, reference)
        if kept.id == ticket.id:
            return (SAME_TICKET, reference)
        same = fold_address(kept.requester) == fold_address(ticket.requester)
        return () if same or sure.strip().casefold() == "yes" else (OTHER_REQUESTER, kept.reference)

    def _of_duplicate(self, connection: Connection, ticket: Ticket, ticket_event: TicketEvent) -> Rejection:
        kind, _, reference = ticket_event.argument.partition(" ")
        if kind != "duplicate" or not reference:
            return ()
        other = find_by_reference(connection, reference)
        if other is None or not self.may_link(other, ticket_event):
            return (NO_TICKET, reference)
        return (SAME_TICKET, reference) if other.id == ticket.id else ()

    def _of_question(self, connection: Connection, ticket: Ticket, ticket_event: TicketEvent) -> Rejection:
        """Objects to `#ask` without words, of the desk, or of the ticket's people: the answer would stay internal."""
        if not ticket_event.text:
            return (NO_QUESTION,)
        if self._people.is_system_address(ticket_event.argument):
            return (DESKS_OWN, ticket_event.argument)
        if fold_address(ticket_event.argument) in {row.address for row in list_participants(connection, ticket.id)}:
            return (OF_THE_TICKET, ticket_event.argument)
        return ()

    def _of_approver(self, connection: Connection, ticket: Ticket, ticket_event: TicketEvent) -> Rejection:
        """Objects to `#approve-by` of the requester or the desk, and where there is nothing to approve."""
        if self._people.is_system_address(ticket_event.argument):
            return (DESKS_OWN, ticket_event.argument)
        if fold_address(ticket_event.argument) == fold_address(ticket.requester):
            return (OWN_REQUEST, ticket_event.argument)
        return () if ticket_event.text or last_of_participants(connection, ticket.id) is not None else (NO_QUESTION,)

    def _of_copies(self, connection: Connection, ticket: Ticket, ticket_event: TicketEvent) -> Rejection:
        addresses = ticket_event.argument.split()
        ours = next((one for one in addresses if self._is_internal(one)), "")
        if ours:
            return (OF_THE_HOUSE, ours)
        present = {row.address for row in list_participants(connection, ticket.id)}
        most = self._settings.limits.participants
        return (TOO_MANY_PEOPLE, str(most)) if len(present | {fold_address(one) for one in addresses}) > most else ()

    def _of_tags(self, _connection: Connection, ticket: Ticket, ticket_event: TicketEvent) -> Rejection:
        most, then = self._settings.limits.tags, change_tags(ticket.tags, ticket_event.argument)
        return () if len(then) <= max(most, len(ticket.tags)) else (TOO_MANY_TAGS, str(most), str(len(ticket.tags)))

    def _of_requester(self, _connection: Connection, ticket: Ticket, ticket_event: TicketEvent) -> Rejection:
        person, _ = read_requester(ticket_event.argument)
        if person is None:
            return (NOBODY_NAMED,)
        if self._is_internal(person.address):
            return (OF_THE_HOUSE, person.address)
        return (REQUESTER_ALREADY, person.address) if person.key == fold_address(ticket.requester) else ()

    def _of_undo(self, connection: Connection, ticket: Ticket, ticket_event: TicketEvent) -> Rejection:
        step = find_step(connection, ticket.id)
        if step is None:
            return (NO_STEP,)
        if step.by != fold_address(ticket_event.by):
            return (STEP_OF_ANOTHER, step.by)
        if step.version != ticket.version:
            return (NOT_THE_LAST,)
        return (step.final,) if step.final else self._of_mails(connection, ticket, step)

    def _of_mails(self, connection: Connection, ticket: Ticket, step: UndoStep) -> Rejection:
        """Objects to mails that have left the author's level: that to a colleague who was assigned there has not."""
        levels = self._settings.queue_of(ticket.queue).levels.values()
        near = {one for level in levels if step.by in level.addresses for one in level.addresses}
        sent = find_sent(connection, step, _HARMLESS)
        left = [to for notice, to in sent if notice != Notice.ASSIGNED or fold_address(to) not in near]
        return (HAS_LEFT, ", ".join(dict.fromkeys(left))) if left else ()

    def _is_internal(self, address: str) -> bool:
        return self._people.is_staff(address) or self._people.is_system_address(address)


def _folded(text: str) -> str:
    return " ".join(fold_case_accents(text).split()).rstrip(" .!;,")


def _means_author(name: str) -> bool:
    return " ".join(fold_case_accents(name).replace("'", " ").split()) in vocabulary().values["assignee"]


def _works_on(queue: Queue, address: str) -> bool:
    return any(fold_address(address) in level.addresses for level in queue.levels.values())


def _of_third_party(connection: Connection, ticket: Ticket, ticket_event: TicketEvent) -> Rejection:
    name = ticket_event.argument
    if not name:
        return (NOBODY_AWAITED,)
    if fold_address(name) in {row.address for row in list_participants(connection, ticket.id)}:
        return (OF_THE_TICKET, name)
    return _of_moment(connection, ticket, ticket_event)


def _of_moment(_connection: Connection, _ticket: Ticket, ticket_event: TicketEvent) -> Rejection:
    return (NO_MOMENT, ticket_event.moment) if ticket_event.moment and ticket_event.until is None else ()


def _of_split(connection: Connection, ticket: Ticket, _ticket_event: TicketEvent) -> Rejection:
    message = last_of_participants(connection, ticket.id)
    if message is None:
        return (NOTHING_TO_SPLIT,)
    copied = find_copy(connection, message)
    return (SPLIT_ALREADY, copied) if copied else ()
