"""Interprets a follow-up: which ticket events its text and commands mean, given the role of its author.

Pure. Ambiguous text is read as the weakest event that it can mean.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mailgate.core.mail import Address, AuthResult, InboundMessage
from mailgate.core.workflow.events import LEVELS, UNPROVEN_COPY, Event, State
from mailgate.inbound.commands import Articles, interpret_commands
from mailgate.inbound.follow_up import FollowUp
from mailgate.inbound.roles import Author, Role
from mailgate.notices.mime.leak_guard import IsDesk, stop_leak
from mailgate.notices.recipients import REQUESTER
from mailgate.parsers import read_answer
from mailgate.parsers.commands import Commands
from mailgate.parsers.replies.answer import AnswerVerdict
from mailgate.parsers.thread_keys import KeyKind
from mailgate.store.tickets import Ticket
from mailgate.tickets.events import TicketEvent

_INSIDE = frozenset({Role.AGENT, Role.HELD, Role.MANAGER, Role.THIRD_PARTY})


@dataclass(frozen=True, slots=True)
class AuthenticatedMessage:
    """A follow-up together with its author and the author's role."""

    message: InboundMessage
    follow_up: FollowUp
    author: Author

    @property
    def person(self) -> Address:
        """The person who wrote: of an agent's mail by a shared mailbox, the agent."""
        return self.author.address if self.author.role is Role.AGENT else self.message.sender

    def ticket_event(self, event: Event, reason: str, text: str = "") -> TicketEvent:
        """Returns a ticket event by the author of this mail."""
        message, author, answered = self.message, self.author, self.follow_up.answered
        return TicketEvent(
            event=event,
            at=message.at,
            by=self.person.address,
            reason=reason,
            author=self.person,
            acts_for=author.level,
            acts_queue=author.queue if author.level is not None else "",
            text=text,
            answers=answered.number if answered is not None and author.role is Role.AGENT else 0,
            journal_id=message.journal_id,
        )


def is_internal(received: AuthenticatedMessage, ticket_events: tuple[TicketEvent, ...]) -> bool:
    """Tells whether a mail stays among staff: unless the requester got or saw its words, and it holds nothing else."""
    texts = {ticket_event.event.info.text for ticket_event in ticket_events}
    is_public = any(text.is_public for text in texts) and not any(text.is_internal for text in texts)
    return received.author.role in _INSIDE and not is_public


def brings_people(received: AuthenticatedMessage, ticket_event: TicketEvent) -> bool:
    """Tells whether the people in To and Cc become participants: only the requester adds people (docs/rules.md#6).

    From with a tag that anyone can guess does not prove the requester.
    """
    message, follow_up = received.message, received.follow_up
    if not ticket_event.event.info.by_participant or message.sender.key != follow_up.ticket.person.key:
        return False
    answers = follow_up.answered is not None and follow_up.answered.lane == REQUESTER
    by_id = follow_up.key.startswith(KeyKind.MESSAGE_ID.value)
    return answers or message.auth_of_sender is AuthResult.PASS or by_id


def read_requester_reply(received: AuthenticatedMessage) -> TicketEvent:
    """Reads a mail of a person outside: what it says about the solution, and whether they may (docs/rules.md#7)."""
    mail, author, follow_up = received.message.mail, received.author, received.follow_up
    if author.role is Role.THIRD_PARTY:
        return received.ticket_event(Event.THIRD_PARTY_WROTE, follow_up.key, mail.new_text)
    if author.role is Role.OUTSIDER:
        return replace(received.ticket_event(Event.OUTSIDER_WROTE, author.reason, mail.new_text), outsider=True)
    was_asked = State(follow_up.ticket.state) not in LEVELS  # the confirm notice asked; what came since may answer it
    answer = read_answer(mail.new_text, mail.subject, asked=was_asked, others=(follow_up.ticket.subject,))
    closed = follow_up.ticket.state == State.CLOSED.value  # nothing comes of a yes there
    if answer.verdict == AnswerVerdict.NOT_FIXED and (author.proven or not was_asked):
        event = Event.SAID_NO
    elif answer.verdict == AnswerVerdict.RESOLVED and (author.fresh or closed or _may_withdraw(follow_up.ticket)):
        event = Event.SAID_YES_AND_MORE if answer.new_problem else Event.SAID_YES
    else:
        event = Event.SAID_THANKS if answer.thanks_only else Event.WROTE
    if closed and event is Event.WROTE and not author.proven:
        event = Event.CLAIMED
    reason = f"{answer.phrase!r}, {author.reason}" if answer.phrase else author.reason
    said = received.ticket_event(event, reason, mail.new_text)
    return replace(said, encrypted=mail.encrypted, unproven=not author.proven)


def _may_withdraw(ticket: Ticket) -> bool:
    """Tells whether a yes withdraws the request: at a level, unless it answers a question of the level."""
    return State(ticket.state) in LEVELS and ticket.waiting_since is None


def read_agent_reply(
    received: AuthenticatedMessage, read: Commands, articles: Articles, *, is_desk: IsDesk, asks: bool = False
) -> tuple[TicketEvent, ...]:
    """Reads a mail of an agent or the manager: its commands, or why it is held (docs/rules.md#8, docs/rules.md#9).

    `read` are its commands without its queries; `asks` says that there are queries, and with nothing else nothing
    happens to the ticket. `is_desk` tells the desk's own addresses: their mails never leave with an answer.
    """
    mail, author, answered = received.message.mail, received.author, received.follow_up.answered
    has_commands = bool(read.commands or read.errors or asks)
    base = received.ticket_event(Event.ANSWERED, author.reason)
    if author.role is Role.HELD:
        is_requesters = answered is None or answered.lane == REQUESTER
        if has_commands or not is_requesters or not _went_to_requester(received):
            return (replace(base, event=Event.HELD, text=mail.new_text),)
        return (replace(base, event=Event.COPIED, reason=f"{UNPROVEN_COPY}; {base.reason}", text=mail.new_text),)
    if not has_commands and answered is None and _went_to_requester(received):
        return (replace(base, event=Event.COPIED, text=mail.new_text),)
    if author.role is Role.MANAGER and not has_commands:
        return (replace(base, event=Event.THIRD_PARTY_WROTE, text=mail.new_text),)
    return interpret_commands(stop_leak(read, mail, is_desk), base, mail.new_text, articles)


def _went_to_requester(received: AuthenticatedMessage) -> bool:
    """Tells whether the mail went to the requester already, by To or Cc (docs/rules.md#9)."""
    mail, requester = received.message.mail, received.follow_up.ticket.person.key
    return any(one.key == requester for one in (*mail.to, *mail.cc))
