"""Reads a rating of the help out of a mail, and what the words beside it say of the problem.

Pure. A rating moves nothing, so that an old token of the requester is proof enough; but only the requester was asked,
and only the requester rates. From others, and in a mail without proof, a rating is read like other words. Of any
writer: beside a rating of 1 or 2 there is no yes.
"""

from __future__ import annotations

from mailgate.core.frozen import replace
from mailgate.core.workflow.engine import POOR_RATINGS
from mailgate.core.workflow.events import LEVELS, Event, Reply, State
from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.inbound.interpretation import AuthenticatedMessage, own_words, read_requester_reply
from mailgate.inbound.roles import Role
from mailgate.parsers.quoting.signatures import names_of
from mailgate.parsers.ratings import Rating, find_doubtful_mark, read_rating
from mailgate.store.tickets import Ticket
from mailgate.tickets.events import TicketEvent


def add_rating(received: AuthenticatedMessage, said: TicketEvent) -> tuple[TicketEvent, ...]:
    """Returns the events of a mail whose words mean `said`: its rating, then what the words beside it mean.

    A rating alone answers no question. It is all that happened, but while the desk asks whether the problem is solved
    the mail is also one that cannot be understood.
    """
    state = State(received.follow_up.ticket.state)
    is_unasked = state in LEVELS and not _is_asked(received)
    says_yes = said.event.info.reply is Reply.YES
    rating = None if is_unasked and not says_yes else _read(received)
    if rating is None:
        mark = find_doubtful_mark(own_words(received.message.mail).new_text) if says_yes else None
        return (said if mark is None else _without_yes(said, mark, state),)
    if is_unasked:
        return (_without_yes(said, rating, state),)
    no_answer = replace(said, event=Event.WROTE) if said.event.info.reply in (Reply.YES, Reply.NO) else said
    if not _counts(received):
        return (no_answer if rating.is_alone else _without_yes(said, rating, state),)
    reason = f"{rating.phrase!r}, {received.author.reason}"
    rated = received.ticket_event(Event.RATED, reason, rating.words)
    rated = replace(rated, argument=str(rating.stars), stars=rating.stars)
    if not rating.is_alone:
        beside = replace(_read_beside(received, rating.words), text=said.text, stars=rating.stars)
        beside = _without_yes(beside, rating, state)
        told = _is_told(received.follow_up.ticket, beside)
        by_rating = state is State.FINALIZING and rating.stars in POOR_RATINGS and not told
        whole = not beside.with_files and not received.message.mail.signed  # the mail of the rating has words alone
        return replace(rated, words_told=told), replace(beside, words_told=by_rating and whole)
    return (rated, replace(no_answer, stars=rating.stars)) if state is State.CONFIRMING else (rated,)


def _without_yes(said: TicketEvent, rating: Rating, state: State) -> TicketEvent:
    """Returns the event without a yes beside a poor rating; on a closed ticket nothing comes of a yes."""
    is_yes = said.event.info.reply is Reply.YES and state is not State.CLOSED
    doubted = is_yes and rating.stars in POOR_RATINGS
    return replace(said, event=Event.WROTE, early_yes=False, stars=rating.stars) if doubted else said


def _is_told(ticket: Ticket, beside: TicketEvent) -> bool:
    """Tells whether the words beside a rating go to the level that has the ticket; unclear ones go to Level 1."""
    reply = beside.event.info.reply
    unclear_told = State(ticket.state) is State.CLOSED or ticket.level == State.LEVEL1
    return reply is Reply.NO or (reply is Reply.UNCLEAR and unclear_told)


def _read(received: AuthenticatedMessage) -> Rating | None:
    """Reads the rating in a mail of a participant."""
    message, mail = received.message, received.message.mail
    if received.author.role is not Role.PARTICIPANT or mail.encrypted:
        return None
    names = names_of(mail.header("From") or message.sender.address)
    own = own_words(mail)
    return read_rating(own.new_text, own.subject, asked=_is_asked(received), names=names)


def _is_asked(received: AuthenticatedMessage) -> bool:
    """Tells whether the mail answers the survey. While a level works no other does: "4/5" may as well answer it."""
    ticket, answered = received.follow_up.ticket, received.follow_up.answered
    return ticket.rating_asked and answered is not None and answered.notice == Notice.FINAL


def _counts(received: AuthenticatedMessage) -> bool:
    """Tells whether the requester wrote it, with proof."""
    return received.author.proven and received.message.sender.key == received.follow_up.ticket.person.key


def _read_beside(received: AuthenticatedMessage, words: str) -> TicketEvent:
    """Reads the words beside a rating; the subject has none of them."""
    mail = replace(received.message.mail, new_text=words, subject="")
    return read_requester_reply(replace(received, message=replace(received.message, mail=mail)))
