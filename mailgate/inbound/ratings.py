"""Reads a rating of the help out of a mail, and what the words beside it say of the problem.

Pure. A rating moves nothing, so that any token of its ticket is proof enough; but only the requester was asked, and
only the requester rates. From others, and in a mail without proof, a rating is read like other words.
"""

from __future__ import annotations

from dataclasses import replace

from mailgate.core.domains import fold_address
from mailgate.core.workflow.events import LEVELS, Event, Reply, State
from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.inbound.interpretation import AuthenticatedMessage, read_requester_reply
from mailgate.inbound.roles import Role
from mailgate.parsers.quoting.signatures import names_of
from mailgate.parsers.ratings import Rating, read_rating
from mailgate.tickets.events import TicketEvent


def add_rating(received: AuthenticatedMessage, said: TicketEvent) -> tuple[TicketEvent, ...]:
    """Returns the events of a mail whose words mean `said`: its rating, then what the words beside it mean.

    A rating alone answers no question. It is all that happened, but while the desk asks whether the problem is solved
    the mail is also one that cannot be understood.
    """
    rating = _read(received)
    if rating is None:
        return (said,)
    no_answer = replace(said, event=Event.WROTE) if said.event.info.reply in (Reply.YES, Reply.NO) else said
    if not _counts(received):
        return (no_answer if rating.is_alone else said,)
    reason = f"{rating.phrase!r}, {received.author.reason}"
    rated = replace(received.ticket_event(Event.RATED, reason, rating.words), argument=str(rating.stars))
    if not rating.is_alone:
        return rated, replace(_read_beside(received, rating.words), text=said.text)
    return (rated, no_answer) if State(received.follow_up.ticket.state) is State.CONFIRMING else (rated,)


def _read(received: AuthenticatedMessage) -> Rating | None:
    """Reads the rating in a mail of a participant.

    While a level works only the answer to the survey is one: there "4/5" may as well answer the level.
    """
    message, ticket, answered = received.message, received.follow_up.ticket, received.follow_up.answered
    mail = message.mail
    asked = ticket.rating_asked and answered is not None and answered.notice == Notice.FINAL
    may_rate = received.author.role is Role.PARTICIPANT and not mail.encrypted
    if not may_rate or (State(ticket.state) in LEVELS and not asked):
        return None
    names = names_of(mail.header("From") or message.sender.address)
    return read_rating(mail.new_text, mail.subject, asked=asked, names=names)


def _counts(received: AuthenticatedMessage) -> bool:
    """Tells whether the requester wrote it: a token that another participant got is no proof of that."""
    key, answered = received.follow_up.ticket.person.key, received.follow_up.answered
    own_token = answered is None or fold_address(answered.recipient) == key
    return received.author.proven and own_token and received.message.sender.key == key


def _read_beside(received: AuthenticatedMessage, words: str) -> TicketEvent:
    """Reads the words beside a rating; the subject has none of them."""
    mail = replace(received.message.mail, new_text=words, subject="")
    return read_requester_reply(replace(received, message=replace(received.message, mail=mail)))
