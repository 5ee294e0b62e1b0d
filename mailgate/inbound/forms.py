"""Forms filled in by mail: the request that came by a form, and the answers to the details that were asked for.

Pure. Only people who may speak for the ticket fill in its form; what others write reaches the level as plain words.
"""

from __future__ import annotations

from datetime import datetime

from mailgate.config import Settings
from mailgate.core.frozen import replace
from mailgate.core.mail import Mail
from mailgate.core.text import ellipsis
from mailgate.core.workflow.events import LEVELS, Event, State
from mailgate.core.workflow.notice_catalogue import Asks, Notice
from mailgate.inbound.interpretation import AuthenticatedMessage
from mailgate.inbound.roles import Role
from mailgate.notices.recipients import REQUESTER
from mailgate.parsers.forms import FilledForm
from mailgate.tickets.events import TicketEvent
from mailgate.tickets.forms import read_fields
from mailgate.tickets.service import NewTicket

_ASKING = frozenset(notice.value for notice in Notice if notice.info.asks is Asks.FORM)
_LONGEST_VALUE = 60  # characters of a value in the history; the whole is in the ticket


def fill_request(
    settings: Settings, name: str, new_ticket: NewTicket, ticket_event: TicketEvent, mail: Mail
) -> tuple[NewTicket, TicketEvent]:
    """Adds the type and priority of a request's form, and the fields that its mail fills in already."""
    form = settings.forms.get(name)
    if form is None:
        return new_ticket, ticket_event
    filled = _read(settings, name, new_ticket.queue, new_ticket.language, mail, ticket_event.at, whole=False)
    new_ticket = replace(new_ticket, form=name, type=form.type, priority=form.priority, fields=filled.values)
    reason = f"{ticket_event.reason} by the form {name}"
    reason = f"{reason}: {_list_values(filled)}" if filled else reason
    return new_ticket, replace(ticket_event, reason=reason, wrong=filled.wrong)


def fill_form(settings: Settings, received: AuthenticatedMessage, said: TicketEvent) -> tuple[TicketEvent, ...]:
    """Returns the events of a participant's mail: the fields that it fills in, then what its words mean (`said`).

    Words that fill in a form answer no other question: "Solved by: …" is no yes. Past the levels a mail fills in only
    what it was asked for, since there it more likely says whether the problem is solved.
    """
    ticket, answered = received.follow_up.ticket, received.follow_up.answered
    answers_form = answered is not None and answered.notice in _ASKING and answered.lane == REQUESTER
    is_of_use, author = answers_form or State(ticket.state) in LEVELS, received.author
    may_fill = author.role is Role.PARTICIPANT and author.proven and said.event.info.by_participant
    if ticket.form not in settings.forms or not is_of_use or not may_fill:
        return (said,)
    mail = received.message.mail
    filled = _read(settings, ticket.form, ticket.queue, ticket.language, mail, said.at, whole=answers_form)
    if filled:
        reason = _list_values(filled)
        said = replace(said, event=Event.WROTE, reason=reason, wrong=filled.wrong)
    elif answers_form and said.event in (Event.WROTE, Event.SAID_NO):
        reason = "nothing was filled in"
    else:
        return (said,)
    form = replace(received.ticket_event(Event.FORM_FILLED, reason), fields=filled.values, wrong=filled.wrong)
    return form, said


def _read(
    settings: Settings, name: str, queue: str, language: str, mail: Mail, at: datetime, *, whole: bool
) -> FilledForm:
    return read_fields(settings, name, queue, language, at, mail.new_text, mail.text if whole else "")


def _list_values(filled: FilledForm) -> str:
    given = [f"{name} = {ellipsis(value, _LONGEST_VALUE)}" for name, value in filled.values]
    return "; ".join(
        (*given, *(f"{one.name} cannot be {ellipsis(one.written, _LONGEST_VALUE)}" for one in filled.wrong))
    )
