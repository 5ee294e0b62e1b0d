"""Interprets a follow-up: which ticket events its text and commands mean, given the role of its author.

Pure. Ambiguous text is read as the weakest event that it can mean.
"""

from __future__ import annotations

from dataclasses import dataclass

from mailgate.core.frozen import replace
from mailgate.core.mail import Address, InboundMessage, Mail
from mailgate.core.workflow.events import LEVELS, UNPROVEN_COPY, Event, MailText, State, events_that
from mailgate.core.workflow.notice_catalogue import Asks, Notice
from mailgate.inbound.commands import GIVEN_BACK, interpret_commands
from mailgate.inbound.follow_up import FollowUp
from mailgate.inbound.roles import Author, Role
from mailgate.inbound.saved_replies import NamedTexts
from mailgate.notices.mime.leak_guard import IsDesk, stop_leak
from mailgate.notices.recipients import REQUESTER
from mailgate.parsers import read_answer
from mailgate.parsers.classify.absence_notes import is_absence_note
from mailgate.parsers.commands import Commands, is_only_signed
from mailgate.parsers.forwards import part_forward
from mailgate.parsers.questions import asks_something, plans_something
from mailgate.parsers.quoting.quote_lines import is_forward_subject
from mailgate.parsers.quoting.signatures import names_of
from mailgate.parsers.replies.agreement import agrees, asks_to_close, is_bare_yes
from mailgate.parsers.replies.answer import Answer, AnswerVerdict, find_written
from mailgate.parsers.single_words import SingleWord, is_unsubscription, read_single_word, read_subject_word
from mailgate.store.tickets import Ticket
from mailgate.tickets.events import TicketEvent

_INSIDE = frozenset({Role.AGENT, Role.HELD, Role.MANAGER, Role.THIRD_PARTY})
_QUESTIONS = frozenset(event.value for event in events_that(lambda info: info.text is MailText.QUESTION))
# The notices to which a yes says that the problem is solved: those that ask it, and the final one, which says it.
_ASKING = frozenset(notice.value for notice in Notice if notice.info.asks is Asks.YES_OR_NO) | {Notice.FINAL.value}


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
    """Tells whether the people in To and Cc become participants: only the proven requester adds people
    (docs/rules.md#6).
    """
    return may_bring_people(received, ticket_event) and received.author.proven


def may_bring_people(received: AuthenticatedMessage, ticket_event: TicketEvent) -> bool:
    """Tells whether a mail is the requester's by its From: whom it copies, the level learns at least."""
    is_requesters = received.message.sender.key == received.follow_up.ticket.person.key
    return ticket_event.event.info.by_participant and is_requesters


def read_requester_reply(received: AuthenticatedMessage) -> TicketEvent:
    """Reads a mail of a person outside: what it says about the solution, and whether they may (docs/rules.md#7)."""
    mail, author, follow_up = received.message.mail, received.author, received.follow_up
    if author.role is Role.THIRD_PARTY:
        return received.ticket_event(Event.THIRD_PARTY_WROTE, follow_up.key, mail.new_text)
    if author.role is Role.OUTSIDER:
        wrote = received.ticket_event(Event.OUTSIDER_WROTE, author.reason, mail.new_text)
        return replace(wrote, outsider=not author.refused, unproven=author.refused, refused=author.refused)
    leaves = is_unsubscription(mail.subject) or read_single_word(mail.new_text, _find_names(mail)) is SingleWord.LEAVE
    is_requesters = received.message.sender.key == follow_up.ticket.person.key
    if leaves and author.proven and not (is_requesters or mail.has_own_files):
        return received.ticket_event(Event.LEFT, author.reason, mail.new_text)
    # "Any news?" below an answer is for the agent who gave it.
    if is_requesters and asks_status(mail, literally=True):
        return received.ticket_event(Event.ASKED_STATUS, author.reason, mail.new_text)
    was_asked = State(follow_up.ticket.state) not in LEVELS  # the confirm notice asked; what came since may answer it
    own = own_words(mail)
    subjects, names = (follow_up.ticket.subject,), _find_names(own)
    answer = read_answer(own.new_text, own.subject, asked=was_asked, others=subjects, names=names)
    closed = follow_up.ticket.state == State.CLOSED.value
    if answer.verdict == AnswerVerdict.NOT_FIXED and (author.proven or not was_asked):
        event = Event.SAID_NO
    elif answer.verdict == AnswerVerdict.RESOLVED and _is_yes(received, own, answer):
        # A question beside the yes is for a person to read, whatever it asks.
        more = answer.new_problem or (was_asked and asks_something(find_written(own.new_text)[1]))
        event = Event.SAID_YES_AND_MORE if more else Event.SAID_YES
    else:
        event = Event.SAID_THANKS if answer.thanks_only else Event.WROTE
    if closed and event is Event.WROTE and not author.proven:
        event = Event.CLAIMED
    reason = f"{answer.phrase!r}, {author.reason}" if answer.phrase else author.reason
    said = received.ticket_event(event, reason, mail.new_text)
    early = not was_asked and answer.explicit and author.fresh and _was_answered(follow_up.ticket)
    return replace(
        said, encrypted=mail.encrypted, unproven=not author.proven, early_yes=early, with_files=mail.has_own_files
    )


def asks_status(mail: Mail, *, in_subject: bool = False, literally: bool = False) -> bool:
    """Tells whether a mail only asks where the request stands: `in_subject` also by its subject above no text,
    `literally` by the bare word alone.
    """
    if mail.encrypted or mail.has_own_files:
        return False
    names = _find_names(mail)
    found = read_single_word(mail.new_text, names, literally=literally)
    if found is None and in_subject:
        found = read_subject_word(mail.subject, mail.new_text, names)
    return found is SingleWord.STATUS


def own_words(mail: Mail) -> Mail:
    """Returns a mail with its author's own words alone: what they forward is another person's answer, or an old one."""
    own, _ = part_forward(mail.new_text, mail.subject)
    return replace(mail, new_text=own, subject="" if is_forward_subject(mail.subject) else mail.subject)


def _find_names(mail: Mail) -> frozenset[str]:
    """The names that the author of a mail may sign with."""
    return names_of(mail.header("From"), mail.header("Sender"))


def _is_yes(received: AuthenticatedMessage, own: Mail, answer: Answer) -> bool:
    """Tells whether words that read like a yes say it of the problem, in answer to what was asked last.

    `own` is the mail as `own_words` leaves it.
    """
    ticket = received.follow_up.ticket
    match State(ticket.state):
        case State.CLOSED:
            return True  # nothing comes of it there
        case State.CONFIRMING | State.FINALIZING:
            return received.author.fresh and _answers_desk(received, own, answer)
        case _:
            return _speaks_unasked(received.follow_up.ticket, own.new_text, answer)


def _answers_desk(received: AuthenticatedMessage, own: Mail, answer: Answer) -> bool:
    """Tells whether a yes answers the desk's question whether the problem is solved: a yes to anything else is none.

    A statement that it is solved needs no question, but an agent's own question may have been about another thing. The
    requester whose outsider answered may agree with what that person said.
    """
    ticket, answered = received.follow_up.ticket, received.follow_up.answered
    notice = answered.notice if answered is not None else ""
    if notice == Notice.ANSWER and asks_something(ticket.last_answer):
        return False
    may_agree = notice == Notice.SOMEBODY_ANSWERED or (not notice and ticket.clarified)
    if answer.explicit or (may_agree and is_bare_yes(own.new_text, _find_names(own))):
        return True
    asked = notice in _ASKING if notice else ticket.last_agent_did != Event.ANSWERED
    return asked and not may_agree


def _speaks_unasked(ticket: Ticket, text: str, answer: Answer) -> bool:
    """Tells whether a yes at a level says by itself that it works, or withdraws the request; else it is an answer.

    While the clock stands, and after a question of the agent, what the requester writes answers that. "That works" may
    agree to what the agent has planned.
    """
    if ticket.asks_requester:
        return False
    to_plan = plans_something(ticket.last_answer) and agrees(text)
    return asks_to_close(text) or (answer.explicit and not (_was_asked(ticket) or to_plan))


def _was_asked(ticket: Ticket) -> bool:
    """Tells whether the last that an agent wrote to the requester asks something."""
    did = ticket.last_agent_did
    return did in _QUESTIONS or (did == Event.ANSWERED and asks_something(ticket.last_answer))


def _was_answered(ticket: Ticket) -> bool:
    """Tells whether the last that an agent wrote to the requester is an answer that asks nothing."""
    return ticket.last_agent_did == Event.ANSWERED and bool(ticket.last_answer) and not _was_asked(ticket)


def read_agent_reply(
    received: AuthenticatedMessage, named: NamedTexts, *, is_desk: IsDesk, asks: bool = False
) -> tuple[TicketEvent, ...]:
    """Reads a mail of an agent or the manager: its commands, or why it is held (docs/rules.md#8, docs/rules.md#9).

    `named` are its commands without its queries; `asks` says that there are queries, and with nothing else nothing
    happens to the ticket. `is_desk` tells the desk's own addresses: their mails never leave with an answer. A mail in
    which nothing is read, encrypted or all cut, goes back to its author.
    """
    mail, author, answered = received.message.mail, received.author, received.follow_up.answered
    read = named.read
    has_commands = bool(read.commands or read.errors or asks)
    base = received.ticket_event(Event.ANSWERED, author.reason)
    if author.role is Role.HELD:
        is_requesters = answered is None or answered.lane == REQUESTER
        if has_commands or not is_requesters or not _went_to_requester(received):
            return (replace(base, event=Event.HELD, text=mail.new_text),)
        return (replace(base, event=Event.COPIED, reason=f"{UNPROVEN_COPY}; {base.reason}", text=mail.new_text),)
    if not has_commands and _is_copied(received):
        return (replace(base, event=Event.COPIED, text=mail.new_text),)
    if not has_commands and (mail.encrypted or is_only_signed(read.public_text, _find_names(mail))):
        base = replace(base, event=Event.NOTHING_READ, encrypted=mail.encrypted)
        return (replace(base, text="" if mail.encrypted else mail.text[:GIVEN_BACK]),)
    if author.role is Role.MANAGER and not has_commands:
        return (replace(base, event=Event.THIRD_PARTY_WROTE, text=mail.new_text),)
    base = replace(base, prepended=named.prepended)
    return interpret_commands(stop_leak(read, mail, is_desk), base, mail.new_text, named.articles)


def is_absence(received: AuthenticatedMessage, read: Commands) -> bool:
    """Tells whether an agent's mail says only that they are away (docs/rules.md#23).

    Beside a command it is an answer.
    """
    if received.author.role is not Role.AGENT or read.commands or read.errors or _is_copied(received):
        return False
    return is_absence_note(read.public_text, _find_names(received.message.mail))


def _is_copied(received: AuthenticatedMessage) -> bool:
    """Tells whether an agent answered all by another mail of the ticket, so that the requester has the mail."""
    return received.follow_up.answered is None and _went_to_requester(received)


def _went_to_requester(received: AuthenticatedMessage) -> bool:
    """Tells whether the mail went to the requester already, by To or Cc (docs/rules.md#9)."""
    mail, requester = received.message.mail, received.follow_up.ticket.person.key
    return any(one.key == requester for one in (*mail.to, *mail.cc))
