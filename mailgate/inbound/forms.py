"""What mails fill in of forms: the request that came by one, and the answers to what was asked.

Pure. Only who may speak for the ticket fills in its form; what anybody else writes reaches the level as his words.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from mailgate.config import Settings
from mailgate.core.mail import Mail
from mailgate.core.text import ellipsis
from mailgate.core.workflow.events import LEVELS, Event, State
from mailgate.core.workflow.notices import Notice
from mailgate.inbound.interpretation import AuthenticatedMessage
from mailgate.inbound.roles import Role
from mailgate.notices.recipients import REQUESTER
from mailgate.parsers.forms import FilledForm, read_form
from mailgate.tickets.events import TicketEvent
from mailgate.tickets.forms import blanks_of
from mailgate.tickets.service import NewTicket

_SAID = 60  # characters of a value in the history; the whole is in the ticket


def fill_request(
    settings: Settings, name: str, new_ticket: NewTicket, ticket_event: TicketEvent, mail: Mail
) -> tuple[NewTicket, TicketEvent]:
    """A request that came by a form: its type and priority, and what its mail gives already."""
    form = settings.forms.get(name)
    if form is None:
        return new_ticket, ticket_event
    filled = _read(settings, name, new_ticket.queue, new_ticket.language, mail, ticket_event.at, whole=False)
    new_ticket = replace(new_ticket, form=name, type=form.type, priority=form.priority, fields=filled.values)
    reason = f"{ticket_event.reason} by the form {name}"
    reason = f"{reason}: {_said(filled)}" if filled else reason
    return new_ticket, replace(ticket_event, reason=reason, wrong=filled.wrong)


def fill_form(settings: Settings, voice: AuthenticatedMessage, heard: TicketEvent) -> tuple[TicketEvent, ...]:
    """What happened by a mail of the ticket's people: what it fills in, then what it says.

    Words that fill in a form answer no other question: "Solved by: …" is no yes. Past the levels a mail fills in only
    what it was asked for, since there it more likely says whether the problem is solved.
    """
    ticket, claim = voice.thread.ticket, voice.thread.claim
    answers_form = claim is not None and claim.notice == Notice.FORM and claim.lane == REQUESTER
    is_of_use = answers_form or State(ticket.state) in LEVELS
    may_fill = voice.speaker.role is Role.PARTICIPANT and voice.speaker.proven and heard.event.info.by_participant
    if ticket.form not in settings.forms or not is_of_use or not may_fill:
        return (heard,)
    mail = voice.letter.mail
    filled = _read(settings, ticket.form, ticket.queue, ticket.language, mail, heard.at, whole=answers_form)
    if filled:
        reason = _said(filled)
        heard = replace(heard, event=Event.WROTE, reason=reason, wrong=filled.wrong)
    elif answers_form and heard.event in (Event.WROTE, Event.SAID_NO):
        reason = "nothing was filled in"
    else:
        return (heard,)
    form = replace(voice.ticket_event(Event.FORM_FILLED, reason), fields=filled.values, wrong=filled.wrong)
    return form, heard


def _read(
    settings: Settings, name: str, queue: str, language: str, mail: Mail, at: datetime, *, whole: bool
) -> FilledForm:
    today = at.astimezone(settings.queue_of(queue).zone).date()
    text = mail.text if whole else ""
    return read_form(blanks_of(settings.forms[name]), text, mail.new_text, language, today)


def _said(filled: FilledForm) -> str:
    given = [f"{name} = {ellipsis(value, _SAID)}" for name, value in filled.values]
    return "; ".join((*given, *(f"{one.name} cannot be {ellipsis(one.written, _SAID)}" for one in filled.wrong)))
