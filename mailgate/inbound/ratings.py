"""What a mail says of the help itself: a rating, and what the words beside it say of the problem.

Pure. A rating moves nothing, so that any token of its ticket is proof enough; but it is the requester's alone, for he
was asked. From everybody else, and in a mail that brings no proof, a rating is read like other words.
"""

from __future__ import annotations

from dataclasses import replace

from mailgate.core.workflow.events import LEVELS, Event, Reply, State
from mailgate.core.workflow.notices import Notice
from mailgate.inbound.interpretation import AuthenticatedMessage, read_requester_reply
from mailgate.inbound.roles import Role
from mailgate.parsers.quoting.signatures import names_of
from mailgate.parsers.ratings import Rating, read_rating
from mailgate.tickets.events import TicketEvent


def hear_rating(voice: AuthenticatedMessage, heard: TicketEvent) -> tuple[TicketEvent, ...]:
    """What happened by a mail of which `heard` is what its words say: the rating in it, then what the others say.

    A rating alone answers no question. It is all that happened, but while the desk asks whether the problem is solved
    the mail is also one that cannot be understood.
    """
    rating = _read(voice)
    if rating is None:
        return (heard,)
    no_answer = replace(heard, event=Event.WROTE) if heard.event.info.reply in (Reply.YES, Reply.NO) else heard
    if not _counts(voice):
        return (no_answer if rating.is_alone else heard,)
    reason = f"{rating.phrase!r}, {voice.speaker.reason}"
    rated = replace(voice.ticket_event(Event.RATED, reason, rating.words), argument=str(rating.stars))
    if not rating.is_alone:
        return rated, replace(_hear_beside(voice, rating.words), text=heard.text)
    return (rated, no_answer) if State(voice.thread.ticket.state) is State.CONFIRMING else (rated,)


def _read(voice: AuthenticatedMessage) -> Rating | None:
    """The rating in a mail of the ticket's people. While a level works only the answer to what was asked is one: there
    "4/5" may as well answer the level."""
    mail, ticket, claim = voice.letter.mail, voice.thread.ticket, voice.thread.claim
    asked = ticket.rating_asked and claim is not None and claim.notice == Notice.FINAL
    may_rate = voice.speaker.role is Role.PARTICIPANT and not mail.encrypted
    if not may_rate or (State(ticket.state) in LEVELS and not asked):
        return None
    names = names_of(mail.header("From") or voice.letter.sender.address)
    return read_rating(mail.new_text, mail.subject, asked=asked, names=names)


def _counts(voice: AuthenticatedMessage) -> bool:
    """Whether the requester wrote it: a token that another of the ticket's people got is no proof of that."""
    key, claim = voice.thread.ticket.person.key, voice.thread.claim
    is_his = claim is None or claim.recipient.casefold() == key
    return voice.speaker.proven and is_his and voice.letter.sender.key == key


def _hear_beside(voice: AuthenticatedMessage, words: str) -> TicketEvent:
    """What the words beside a rating say; the subject has none of them."""
    mail = replace(voice.letter.mail, new_text=words, subject="")
    return read_requester_reply(replace(voice, letter=replace(voice.letter, mail=mail)))
