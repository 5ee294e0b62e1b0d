"""What a mail means to the desk: kept out, or a ticket opened, or something that happened to one.

One mail goes straight down: is it ours or known already → whose thread → who speaks → what happened → `advance`.
Runs in the worker's transaction. What cannot be understood is an outcome with its reason, never an exception.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row

from mailgate.advance import Advance, Newcomer
from mailgate.config import Settings
from mailgate.failures import Failures
from mailgate.happening import Arrival, Happening
from mailgate.mail import Address, Kind, Mail
from mailgate.orders import read_orders
from mailgate.origin import Origins, fingerprint
from mailgate.parsers import read_answer, read_commands
from mailgate.parsers.answer import Verdict as Said
from mailgate.parsers.references import KeyKind
from mailgate.process.events import LEVELS, REQUESTER_EVENTS, Event, State
from mailgate.readers import REQUESTER
from mailgate.store.journal import awaits, is_duplicate, note_fingerprint
from mailgate.store.tickets import (
    Ticket,
    get_contact,
    has_event,
    list_participants,
    note_contact,
    note_seen,
)
from mailgate.threads import Thread, find_bounced, find_thread, is_ours
from mailgate.tokens import read_token
from mailgate.trust import Role, Scene, Speaker, Verdict, judge_speaker, read_verdict

NO_MESSAGE_ID = timedelta(hours=24)  # how long the same content without Message-ID counts as the same mail
_INSIDE = frozenset({Role.AGENT, Role.HELD, Role.MANAGER, Role.THIRD_PARTY})
_PUBLIC = frozenset({Event.ANSWERED, Event.COPIED, Event.RESOLVE, Event.WAITING})


class Fate(StrEnum):
    """What becomes of the journal's row."""

    DONE = "done"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    LATER = "later"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Received:
    """The outcome of one mail and why."""

    fate: Fate
    reason: str = ""
    ticket_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Letter:
    """A mail with its row of the journal and what was found out so far."""

    row: Row[Any]
    mail: Mail
    recipients: tuple[str, ...]
    verdict: Verdict
    sender: Address

    @property
    def verdict_on_sender(self) -> Verdict:
        """The verdict is on the From line: on whom a form, a list or the envelope named, nobody gave one.

        That counts as a fail, so that a right token alone makes no agent of him.
        """
        is_author = self.mail.sender is not None and self.mail.sender.key == self.sender.key
        return self.verdict if is_author else Verdict.FAIL


@dataclass(frozen=True, slots=True)
class _Voice:
    """A letter of a ticket, and as what its author speaks in it."""

    letter: _Letter
    thread: Thread
    speaker: Speaker

    def happening(self, event: Event, reason: str, text: str = "") -> Happening:
        letter, speaker, claim = self.letter, self.speaker, self.thread.claim
        return Happening(
            event=event,
            at=letter.row.received_at,
            by=letter.sender.address,
            reason=reason,
            author=letter.sender,
            acts_for=speaker.level,
            acts_queue=speaker.queue if speaker.level is not None else "",
            text=text,
            answers=claim.number if claim is not None and speaker.role is Role.AGENT else 0,
            journal_id=letter.row.id,
        )


class Reception:
    """Receives mails for one desk."""

    def __init__(self, settings: Settings, advance: Advance, failures: Failures) -> None:
        self._settings = settings
        self._advance = advance
        self._failures = failures
        self.origins = Origins(settings)
        self._keys = settings.desk.keys
        self._spam = tuple(_read_header(line) for line in settings.intake.spam_headers)

    def receive(self, connection: Connection, row: Row[Any], mail: Mail) -> Received:
        """Work one mail off."""
        kept_out = self._keep_out(connection, row, mail)
        if kept_out is not None:
            return kept_out
        recipients = tuple(row.recipients)
        if mail.kind is Kind.BOUNCE:
            return self._receive_bounce(connection, row, mail, recipients)
        verdict = read_verdict(mail, self._settings.trust.authserv_id)
        sender = self.origins.person_behind(mail, row.sender, row.peer, verdict)
        if sender is None:
            return Received(Fate.PARKED, "the mail names no sender: neither From nor the envelope")
        if self.origins.queue_of(sender.address) is not None:
            return Received(Fate.IGNORED, "the mail comes from the desk's own address")
        contact = get_contact(connection, sender.address)
        blocked = contact is not None and contact.blocked and not self.origins.is_of_the_house(sender)
        if blocked and not row.forced:  # spam in an agent's name must not shut the agent out
            return Received(Fate.IGNORED, f"{sender.address} is blocked as spam")
        letter = _Letter(row, mail, recipients, verdict, sender)
        thread = find_thread(connection, mail, recipients, self._keys)
        if self._is_automatic(letter):
            return self._receive_automatic(connection, letter, thread)
        return self._receive_human(connection, letter, thread)

    # -- what stays out --------------------------------------------------------------------------------------------

    def _keep_out(self, connection: Connection, row: Row[Any], mail: Mail) -> Received | None:
        spam = next((name for name, value in self._spam if _says(mail, name, value)), "")
        if spam and not row.forced:
            return Received(Fate.IGNORED, f"spam: {spam}")
        if mail.kind is Kind.OWN and is_ours(connection, read_token(mail.message_id.partition("@")[0]), self._keys):
            return Received(Fate.IGNORED, "a notice of this desk came back")
        looks = fingerprint(mail)
        since = None if mail.message_id else row.received_at - NO_MESSAGE_ID
        if is_duplicate(connection, row.id, looks, since):
            return Received(Fate.DUPLICATE, "this mail was received before")
        note_fingerprint(connection, row.id, looks)
        wait = self._settings.limits.reference_wait.span
        answered = [one for one in (mail.in_reply_to, *mail.references) if one]
        if awaits(connection, row.id, answered, wait, row.received_at):
            return Received(Fate.LATER, "the mail that this one answers is not worked off yet")
        return None

    def _is_automatic(self, letter: _Letter) -> bool:
        """Forms and the desk's own lists look automatic but carry a person's words; robots open tickets by leave."""
        mail, doors = letter.mail, self.origins.doors
        if mail.kind is Kind.HUMAN or letter.row.forced:
            return False
        if mail.kind is Kind.OWN:  # an imitation: a person's mail, unless it says otherwise itself (rule 23)
            return letter.row.sender == "" or _says_automatic(mail)
        if doors.is_form(mail, letter.row.peer, letter.verdict) or doors.is_robot(mail):
            return False
        return not (mail.kind is Kind.MAILING_LIST and self.origins.is_own_list(mail))

    # -- automatic mail and bounces --------------------------------------------------------------------------------

    def _receive_automatic(self, connection: Connection, letter: _Letter, thread: Thread | None) -> Received:
        if thread is None:
            return Received(Fate.IGNORED, f"automatic mail ({letter.mail.kind.value}) opens no ticket")
        voice = self._judge(connection, letter, thread)
        event = Event.AGENT_AUTOMATIC if voice.speaker.role is Role.AGENT else Event.AUTOMATIC
        day = letter.row.received_at - timedelta(days=1)
        if event is Event.AGENT_AUTOMATIC and has_event(
            connection, thread.ticket.id, event.value, letter.sender.address, day
        ):
            event = Event.AUTOMATIC  # the level was told once today; a responder answers that note too
        happening = voice.happening(event, f"{letter.mail.kind.value} by {thread.key}", letter.mail.new_text)
        return self._act(connection, voice, (happening,))

    def _receive_bounce(
        self, connection: Connection, row: Row[Any], mail: Mail, recipients: tuple[str, ...]
    ) -> Received:
        claim = find_bounced(connection, mail, recipients, self._keys)
        if claim is None:
            return Received(Fate.IGNORED, "a bounce of no notice of ours")
        words = "; ".join(f"{one.recipient} {one.action} {one.status}".strip() for one in mail.bounces) or mail.subject
        words = f"{words} ({claim.key})"
        if mail.bounces and all(one.permanent is False for one in mail.bounces):
            self._failures.note_delay(connection, claim, words, row.received_at, row.id)
        else:
            self._failures.note(connection, claim, words, row.received_at, row.id)
        return Received(Fate.DONE, f"bounce of notice {claim.number}", claim.ticket_id)

    # -- people ----------------------------------------------------------------------------------------------------

    def _receive_human(self, connection: Connection, letter: _Letter, thread: Thread | None) -> Received:
        if thread is None:
            return self._open(connection, letter, None, "a new request")
        voice = self._judge(connection, letter, thread)
        speaker = voice.speaker
        if thread.claim is None and speaker.role is Role.OUTSIDER:
            return self._open(connection, letter, thread.ticket.id, f"{thread.key}, but {speaker.reason}")
        if thread.claim is not None and thread.claim.recipient.casefold() == letter.sender.key:
            note_contact(connection, letter.sender.address, known=True)
        for alias in thread.aliases:
            note_seen(connection, thread.ticket.id, alias, letter.sender.address, letter.row.received_at)
        if speaker.role in (Role.AGENT, Role.HELD, Role.MANAGER):
            return self._act(connection, voice, _orders(voice))
        happening = _spoken(voice)
        if self._advance.opens_anew(connection, thread.ticket.id, happening):
            self._advance.act(connection, thread.ticket.id, (happening,))
            return self._open(connection, letter, thread.ticket.id, f"{thread.key}, {happening.reason}")
        happenings = [happening]
        if letter.mail.encrypted:
            happenings += self._ask_for_clear_words(connection, letter, thread.ticket, happening)
        return self._act(connection, voice, tuple(happenings))

    def _judge(self, connection: Connection, letter: _Letter, thread: Thread) -> _Voice:
        ticket = thread.ticket
        scene = Scene(
            claim=thread.claim,
            participants=frozenset(row.address for row in list_participants(connection, ticket.id)),
            lanes=self.origins.lanes,
            manager=self._settings.desk.manager,
            verdict=letter.verdict_on_sender,
            auth_user=letter.row.auth_user,
            agents_need_pass=self._settings.trust.agents_need == "pass",
            queue=ticket.queue,
            level=State(ticket.level),
            confirm_notice=ticket.confirm_notice,
        )
        return _Voice(letter, thread, judge_speaker(replace(letter.mail, sender=letter.sender), scene))

    def _ask_for_clear_words(
        self, connection: Connection, letter: _Letter, ticket: Ticket, happening: Happening
    ) -> list[Happening]:
        """Rule 21: the requester is asked once to write in clear."""
        asked_since = ticket.created_at - timedelta(seconds=1)  # the mail that opens the ticket may have been the one
        if has_event(connection, ticket.id, Event.ENCRYPTED.value, letter.sender.address, asked_since):
            return []
        return [replace(happening, event=Event.ENCRYPTED, reason="the mail cannot be read here", text="")]

    # -- doing it --------------------------------------------------------------------------------------------------

    def _open(self, connection: Connection, letter: _Letter, linked_to: int | None, reason: str) -> Received:
        mail, sender = letter.mail, letter.sender
        queue = self.origins.choose_queue(letter.recipients, mail)
        contact = get_contact(connection, sender.address)
        language = self._language(contact.language if contact is not None else "", mail, queue.languages)
        if mail.language in queue.languages:
            note_contact(connection, sender.address, language=language)
        subject = mail.subject or mail.new_text.strip().partition("\n")[0][:80]
        newcomer = Newcomer(sender, subject, queue.name, language, linked_to)
        happening = Happening(
            Event.REQUEST, letter.row.received_at, sender.address, reason, sender, text=mail.new_text,
            encrypted=mail.encrypted, journal_id=letter.row.id,
        )  # fmt: skip
        advanced = self._advance.open(connection, newcomer, self._arrival(letter), happening)
        if mail.encrypted:
            more = self._ask_for_clear_words(connection, letter, advanced.ticket, happening)
            self._advance.act(connection, advanced.ticket.id, more)
        return Received(Fate.DONE, reason, advanced.ticket.id)

    def _language(self, known: str, mail: Mail, languages: tuple[str, ...]) -> str:
        return next((one for one in (known, mail.language) if one in languages), languages[0])

    def _act(self, connection: Connection, voice: _Voice, happenings: tuple[Happening, ...]) -> Received:
        thread = voice.thread
        internal = voice.speaker.role in _INSIDE and not _is_public(happenings)
        brings_people = happenings[0].event in REQUESTER_EVENTS and _is_requester(voice)
        arrival = self._arrival(voice.letter, internal=internal, brings_people=brings_people)
        advanced = self._advance.act(connection, thread.ticket.id, happenings, arrival)
        return Received(Fate.DONE, thread.key, advanced.ticket.id)

    def _arrival(self, letter: _Letter, *, internal: bool = False, brings_people: bool = True) -> Arrival:
        row = letter.row
        people = self.origins.people_of(letter.mail, letter.sender) if brings_people else ()
        return Arrival(letter.mail, letter.sender, row.id, row.blob_id, row.received_at, internal, people)


def _read_header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip(), value.strip().casefold()


def _may_withdraw(ticket: Ticket) -> bool:
    """At a level a yes means that the request is no longer needed, unless it answers a question of the level."""
    return State(ticket.state) in LEVELS and ticket.waiting_since is None


def _is_public(happenings: tuple[Happening, ...]) -> bool:
    """Whether the requester got, or saw, the words of an agent's mail, and nothing else stood in it."""
    events = {happening.event for happening in happenings}
    return bool(events & _PUBLIC) and not events & {Event.NOTE, Event.ASK, Event.HELD}


def _says_automatic(mail: Mail) -> bool:
    return mail.header("Auto-Submitted").partition(";")[0].strip().casefold() not in ("", "no")


def _says(mail: Mail, name: str, value: str) -> bool:
    return any(one.strip().casefold() == value for one in mail.header_all(name))


def _is_requester(voice: _Voice) -> bool:
    """Rule 6: only the requester brings people, and From with a tag that anybody can guess does not prove him."""
    letter, thread = voice.letter, voice.thread
    if letter.sender.key != thread.ticket.person.key:
        return False
    answers = thread.claim is not None and thread.claim.lane == REQUESTER
    return answers or letter.verdict_on_sender is Verdict.PASS or thread.key.startswith(KeyKind.MESSAGE_ID.value)


def _spoken(voice: _Voice) -> Happening:
    """A mail of somebody outside: what it says about the solution, and whether it may say so (rule 7)."""
    mail, speaker, thread = voice.letter.mail, voice.speaker, voice.thread
    if speaker.role is Role.THIRD_PARTY:
        return voice.happening(Event.THIRD_PARTY_WROTE, thread.key, mail.new_text)
    if speaker.role is Role.OUTSIDER:
        return replace(voice.happening(Event.OUTSIDER_WROTE, speaker.reason, mail.new_text), outsider=True)
    answer = read_answer(mail.new_text, mail.subject)
    if answer.verdict == Said.NOT_FIXED:
        event = Event.SAID_NO
    elif answer.verdict == Said.RESOLVED and (speaker.fresh or _may_withdraw(thread.ticket)):
        event = Event.SAID_YES_AND_MORE if answer.new_problem else Event.SAID_YES
    else:
        event = Event.SAID_THANKS if answer.thanks_only else Event.WROTE
    reason = f"{answer.phrase!r}, {speaker.reason}" if answer.phrase else speaker.reason
    return replace(voice.happening(event, reason, mail.new_text), encrypted=mail.encrypted)


def _orders(voice: _Voice) -> tuple[Happening, ...]:
    """A mail of an agent or of the manager: what it orders, or why it must wait for proof (rules 8 and 9)."""
    mail, speaker, claim = voice.letter.mail, voice.speaker, voice.thread.claim
    read = read_commands(mail.new_text)
    ordered = bool(read.commands or read.errors)
    base = voice.happening(Event.ANSWERED, speaker.reason)
    if speaker.role is Role.HELD:
        copied = not ordered and (claim is None or claim.lane == REQUESTER)
        event = Event.COPIED if copied else Event.HELD
        return (replace(base, event=event, text=mail.new_text),)
    if not ordered and claim is None and _went_to_requester(voice):
        return (replace(base, event=Event.COPIED, text=mail.new_text),)
    if speaker.role is Role.MANAGER and not ordered:
        return (replace(base, event=Event.THIRD_PARTY_WROTE, text=mail.new_text),)
    return read_orders(read, base, mail.new_text)


def _went_to_requester(voice: _Voice) -> bool:
    """Rule 9: an agent who answers all has told the requester already."""
    mail, requester = voice.letter.mail, voice.thread.ticket.person.key
    return any(one.key == requester for one in (*mail.to, *mail.cc))
