"""A mail of a ticket, as what its author speaks in it, and what happened by it.

Pure: the mail, the thread and the speaker are found already. What is not clear counts for the least
that it can mean.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from mailgate.core.mail import Address, Mail
from mailgate.core.workflow.events import LEVELS, UNPROVEN_COPY, Event, State
from mailgate.inbound.commands import Articles, interpret_commands
from mailgate.inbound.follow_up import FollowUp
from mailgate.inbound.roles import Author, AuthResult, Role
from mailgate.notices.mime.leak_guard import IsDesk, stop_leak
from mailgate.notices.recipients import REQUESTER
from mailgate.parsers import read_answer
from mailgate.parsers.commands import Commands
from mailgate.parsers.replies.answer import AnswerVerdict as Said
from mailgate.parsers.thread_keys import KeyKind
from mailgate.store.journal import JournalRow
from mailgate.store.people import ContactRow
from mailgate.store.tickets import Ticket
from mailgate.tickets.events import TicketEvent

_INSIDE = frozenset({Role.AGENT, Role.HELD, Role.MANAGER, Role.THIRD_PARTY})


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A mail with its row of the journal and what was found out so far.

    `recipients` are the addresses of the desk that it is for, none where it names none.
    """

    row: JournalRow
    mail: Mail
    recipients: tuple[str, ...]
    verdict: AuthResult
    sender: Address
    contact: ContactRow | None

    @property
    def is_known(self) -> bool:
        """Whether it is on record that mail to its author comes to the author."""
        return self.contact is not None and bool(self.contact.known)

    @property
    def at(self) -> datetime:
        """When the mail counts: what waited for proof counts from when that came."""
        moment: datetime = self.row.created_at if self.row.proven else self.row.received_at
        return moment

    @property
    def verdict_on_sender(self) -> AuthResult:
        """The verdict is on the From line: on whom a form, a list or the envelope named, nobody gave one.

        That counts as a fail, so that a right token alone makes no agent of him.
        """
        is_author = self.mail.sender is not None and self.mail.sender.key == self.sender.key
        return self.verdict if is_author else AuthResult.FAIL


@dataclass(frozen=True, slots=True)
class AuthenticatedMessage:
    """A letter of a ticket, and as what its author speaks in it."""

    letter: InboundMessage
    thread: FollowUp
    speaker: Author

    @property
    def author(self) -> Address:
        """Who wrote: of an agent's mail by a shared mailbox, the agent."""
        return self.speaker.address if self.speaker.role is Role.AGENT else self.letter.sender

    def ticket_event(self, event: Event, reason: str, text: str = "") -> TicketEvent:
        letter, speaker, claim = self.letter, self.speaker, self.thread.claim
        return TicketEvent(
            event=event,
            at=letter.at,
            by=self.author.address,
            reason=reason,
            author=self.author,
            acts_for=speaker.level,
            acts_queue=speaker.queue if speaker.level is not None else "",
            text=text,
            answers=claim.number if claim is not None and speaker.role is Role.AGENT else 0,
            journal_id=letter.row.id,
        )


def _may_withdraw(ticket: Ticket) -> bool:
    """At a level a yes means that the request is no longer needed, unless it answers a question of the level."""
    return State(ticket.state) in LEVELS and ticket.waiting_since is None


def is_internal(voice: AuthenticatedMessage, ticket_events: tuple[TicketEvent, ...]) -> bool:
    """Whether a mail stays in the house: not one whose words the requester got, or saw, with nothing else in it."""
    texts = {ticket_event.event.info.text for ticket_event in ticket_events}
    is_public = any(text.is_public for text in texts) and not any(text.is_internal for text in texts)
    return voice.speaker.role in _INSIDE and not is_public


def brings_people(voice: AuthenticatedMessage, ticket_event: TicketEvent) -> bool:
    """Rule 6: only the requester brings people, and From with a tag that anybody can guess does not prove him."""
    letter, thread = voice.letter, voice.thread
    if not ticket_event.event.info.by_participant or letter.sender.key != thread.ticket.person.key:
        return False
    answers = thread.claim is not None and thread.claim.lane == REQUESTER
    return answers or letter.verdict_on_sender is AuthResult.PASS or thread.key.startswith(KeyKind.MESSAGE_ID.value)


def read_requester_reply(voice: AuthenticatedMessage) -> TicketEvent:
    """A mail of somebody outside: what it says about the solution, and whether it may say so (rule 7)."""
    mail, speaker, thread = voice.letter.mail, voice.speaker, voice.thread
    if speaker.role is Role.THIRD_PARTY:
        return voice.ticket_event(Event.THIRD_PARTY_WROTE, thread.key, mail.new_text)
    if speaker.role is Role.OUTSIDER:
        return replace(voice.ticket_event(Event.OUTSIDER_WROTE, speaker.reason, mail.new_text), outsider=True)
    was_asked = State(thread.ticket.state) not in LEVELS  # the confirm notice asked; what came since may answer it
    answer = read_answer(mail.new_text, mail.subject, asked=was_asked)
    closed = thread.ticket.state == State.CLOSED.value  # nothing comes of a yes there, whoever says it
    if answer.verdict == Said.NOT_FIXED and (speaker.proven or not was_asked):
        event = Event.SAID_NO
    elif answer.verdict == Said.RESOLVED and (speaker.fresh or closed or _may_withdraw(thread.ticket)):
        event = Event.SAID_YES_AND_MORE if answer.new_problem else Event.SAID_YES
    else:
        event = Event.SAID_THANKS if answer.thanks_only else Event.WROTE
    if closed and event is Event.WROTE and not speaker.proven:
        event = Event.CLAIMED
    reason = f"{answer.phrase!r}, {speaker.reason}" if answer.phrase else speaker.reason
    heard = voice.ticket_event(event, reason, mail.new_text)
    return replace(heard, encrypted=mail.encrypted, unproven=not speaker.proven)


def read_agent_reply(
    voice: AuthenticatedMessage, read: Commands, articles: Articles, *, is_desk: IsDesk, asks: bool = False
) -> tuple[TicketEvent, ...]:
    """A mail of an agent or of the manager: what it orders, or why it must wait for proof (rules 8 and 9).

    `read` is what it orders, without what it `asks` the desk; with a question and nothing else nothing happens. A mail
    of the desk itself never leaves with it, of which `is_desk` tells the addresses.
    """
    mail, speaker, claim = voice.letter.mail, voice.speaker, voice.thread.claim
    ordered = bool(read.commands or read.errors or asks)
    base = voice.ticket_event(Event.ANSWERED, speaker.reason)
    if speaker.role is Role.HELD:
        copied = not ordered and (claim is None or claim.lane == REQUESTER) and _went_to_requester(voice)
        if not copied:
            return (replace(base, event=Event.HELD, text=mail.new_text),)
        return (replace(base, event=Event.COPIED, reason=f"{UNPROVEN_COPY}; {base.reason}", text=mail.new_text),)
    if not ordered and claim is None and _went_to_requester(voice):
        return (replace(base, event=Event.COPIED, text=mail.new_text),)
    if speaker.role is Role.MANAGER and not ordered:
        return (replace(base, event=Event.THIRD_PARTY_WROTE, text=mail.new_text),)
    return interpret_commands(stop_leak(read, mail, is_desk), base, mail.new_text, articles)


def _went_to_requester(voice: AuthenticatedMessage) -> bool:
    """Rule 9: an agent who answers all has told the requester already."""
    mail, requester = voice.letter.mail, voice.thread.ticket.person.key
    return any(one.key == requester for one in (*mail.to, *mail.cc))
