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
from mailgate.circulars import Circulars
from mailgate.config import Settings
from mailgate.failures import Failures
from mailgate.happening import Arrival, Happening, Oversized
from mailgate.mail import Kind, Mail
from mailgate.origin import Origins, fingerprint
from mailgate.oversized import Oversize, locate
from mailgate.process.events import Event, State
from mailgate.roundtrip import receive_probe
from mailgate.store.history import has_event
from mailgate.store.journal import EVER, awaits, is_duplicate, note_fingerprint
from mailgate.store.messages import Sight, note_seen
from mailgate.store.people import get_contact, list_participants, note_contact
from mailgate.store.tickets import Ticket
from mailgate.threads import Thread, find_bounced, find_thread, is_ours
from mailgate.tokens import read_token
from mailgate.trust import Role, Scene, judge_speaker, read_verdict
from mailgate.voices import Letter, Voice, brings_people, hear_words, is_internal, take_orders

_MOST_NAMED = 5  # recipients that are told of a mail that names no address of the desk
NO_MESSAGE_ID = timedelta(hours=24)  # how long the same content without Message-ID counts as the same mail


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


class Reception:
    """Receives mails for one desk."""

    def __init__(self, settings: Settings, advance: Advance, failures: Failures, circulars: Circulars) -> None:
        self._settings = settings
        self._advance = advance
        self._failures = failures
        self._oversize = Oversize(settings, circulars)
        self.origins = Origins(settings)
        self._keys = settings.desk.keys
        self._spam = tuple(_read_header(line) for line in settings.intake.spam_headers)

    def receive(self, connection: Connection, row: Row[Any], mail: Mail) -> Received:
        """Work one mail off."""
        kept_out = self._keep_out(connection, row, mail)
        if kept_out is not None:
            return kept_out
        recipients = self.origins.recipients_of(mail, row.recipients, row.source)
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
        letter = Letter(row, mail, recipients, verdict, sender, contact)
        if row.oversized:
            return self._turn_away(connection, letter)
        thread = find_thread(connection, mail, recipients, self._keys)
        if self._is_automatic(letter):
            return self._receive_automatic(connection, letter, thread)
        return self._receive_human(connection, letter, thread)

    # -- what stays out --------------------------------------------------------------------------------------------

    def _keep_out(self, connection: Connection, row: Row[Any], mail: Mail) -> Received | None:
        if probe := receive_probe(connection, mail, row.received_at, self._settings.default_queue.address):
            return Received(Fate.IGNORED, probe)
        spam = next((name for name, value in self._spam if _says(mail, name, value)), "")
        if spam and not row.forced:
            return Received(Fate.IGNORED, f"spam: {spam}")
        if mail.kind is Kind.OWN and is_ours(connection, read_token(mail.message_id.partition("@")[0]), self._keys):
            return Received(Fate.IGNORED, "a notice of this desk came back")
        looks = fingerprint(mail, whole=not row.oversized)
        since = EVER if mail.message_id else row.received_at - NO_MESSAGE_ID
        if is_duplicate(connection, row.id, looks, since):
            still = f"still {self._oversize.describe(row.size)}; " if row.oversized else ""
            return Received(Fate.DUPLICATE, f"{still}this mail was received before")
        note_fingerprint(connection, row.id, looks)
        wait = self._settings.limits.reference_wait.span
        answered = [one for one in (mail.in_reply_to, *mail.references) if one]
        if awaits(connection, row.id, answered, wait, row.received_at):
            return Received(Fate.LATER, "the mail that this one answers is not worked off yet")
        return None

    def _turn_away(self, connection: Connection, letter: Letter) -> Received:
        """Only the head of a mail is here, and no ticket can be made of it; put back by hand, it tells nobody again."""
        row, mail, contact = letter.row, letter.mail, letter.contact
        if not row.forced:
            queue = self.origins.choose_queue(letter.recipients, mail)
            language = self._language(contact.language if contact is not None else "", mail, queue.languages)
            found = Oversized(
                letter.sender, letter.is_known, language, queue.name, mail.subject, mail.message_id, row.size,
                locate(row), min(mail.date or row.received_at, row.received_at), row.received_at, row.id,
            )  # fmt: skip
            self._oversize.tell(connection, mail, found)
        return Received(Fate.IGNORED, self._oversize.describe(row.size))

    def _is_automatic(self, letter: Letter) -> bool:
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

    def _receive_automatic(self, connection: Connection, letter: Letter, thread: Thread | None) -> Received:
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
        if mail.bounces and all(one.permanent is False and one.action != "failed" for one in mail.bounces):
            self._failures.note_delay(connection, claim, words, row.received_at, row.id)
        else:
            self._failures.note(connection, claim, words, row.received_at, row.id)
        return Received(Fate.DONE, f"bounce of notice {claim.number}", claim.ticket_id)

    # -- people ----------------------------------------------------------------------------------------------------

    def _receive_human(self, connection: Connection, letter: Letter, thread: Thread | None) -> Received:
        if thread is None:
            return self._open(connection, letter, None, "a new request")
        voice = self._judge(connection, letter, thread)
        speaker = voice.speaker
        if thread.claim is None and speaker.role is Role.OUTSIDER:
            return self._open(connection, letter, thread.ticket.id, f"{thread.key}, but {speaker.reason}")
        proven = thread.claim is not None and thread.claim.recipient.casefold() == letter.sender.key
        if proven and not letter.is_known:
            note_contact(connection, letter.sender.address, known=True)
        sights = (Sight(alias, letter.sender.address, letter.row.received_at) for alias in thread.aliases)
        note_seen(connection, thread.ticket.id, sights)
        if speaker.role in (Role.AGENT, Role.HELD, Role.MANAGER):
            return self._act(connection, voice, take_orders(voice))
        happening = hear_words(voice)
        if self._advance.opens_anew(connection, thread.ticket, happening):
            self._advance.act_on(connection, thread.ticket, (happening,))
            return self._open(connection, letter, thread.ticket.id, f"{thread.key}, {happening.reason}")
        happenings = [happening]
        if letter.mail.encrypted:
            happenings += self._ask_for_clear_words(connection, letter, thread.ticket, happening)
        return self._act(connection, voice, tuple(happenings))

    def _judge(self, connection: Connection, letter: Letter, thread: Thread) -> Voice:
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
        return Voice(letter, thread, judge_speaker(replace(letter.mail, sender=letter.sender), scene))

    def _ask_for_clear_words(
        self, connection: Connection, letter: Letter, ticket: Ticket, happening: Happening
    ) -> list[Happening]:
        """Rule 21: the requester is asked once to write in clear."""
        asked_since = ticket.created_at - timedelta(seconds=1)  # the mail that opens the ticket may have been the one
        if has_event(connection, ticket.id, Event.ENCRYPTED.value, letter.sender.address, asked_since):
            return []
        return [replace(happening, event=Event.ENCRYPTED, reason="the mail cannot be read here", text="")]

    # -- doing it --------------------------------------------------------------------------------------------------

    def _open(self, connection: Connection, letter: Letter, linked_to: int | None, reason: str) -> Received:
        mail, sender = letter.mail, letter.sender
        queue = self.origins.choose_queue(letter.recipients, mail)
        before = letter.contact.language if letter.contact is not None else ""
        language = self._language(before, mail, queue.languages)
        if mail.language in queue.languages and language != before:
            note_contact(connection, sender.address, language=language)
        subject = mail.subject or mail.new_text.strip().partition("\n")[0][:80]
        strayed_to = None if letter.recipients else tuple(one.address for one in (*mail.to, *mail.cc)[:_MOST_NAMED])
        if strayed_to is not None:
            named = f": to {', '.join(strayed_to)}" if strayed_to else ""
            reason = f"{reason}; it names no address of the desk{named}"
        newcomer = Newcomer(sender, subject, queue.name, language, linked_to)
        happening = Happening(
            Event.REQUEST, letter.row.received_at, sender.address, reason, sender, text=mail.new_text,
            encrypted=mail.encrypted, strayed_to=strayed_to, journal_id=letter.row.id,
        )  # fmt: skip
        advanced = self._advance.open(connection, newcomer, self._arrival(letter), happening)
        if mail.encrypted:
            more = self._ask_for_clear_words(connection, letter, advanced.ticket, happening)
            if more:
                self._advance.act(connection, advanced.ticket.id, more)
        return Received(Fate.DONE, reason, advanced.ticket.id)

    def _language(self, known: str, mail: Mail, languages: tuple[str, ...]) -> str:
        return next((one for one in (known, mail.language) if one in languages), languages[0])

    def _act(self, connection: Connection, voice: Voice, happenings: tuple[Happening, ...]) -> Received:
        thread = voice.thread
        with_people = brings_people(voice, happenings[0])
        arrival = self._arrival(voice.letter, internal=is_internal(voice, happenings), with_people=with_people)
        advanced = self._advance.act_on(connection, thread.ticket, happenings, arrival)
        return Received(Fate.DONE, thread.key, advanced.ticket.id)

    def _arrival(self, letter: Letter, *, internal: bool = False, with_people: bool = True) -> Arrival:
        row = letter.row
        people = self.origins.people_of(letter.mail, letter.sender) if with_people else ()
        return Arrival(letter.mail, letter.sender, row.id, row.blob_id, row.received_at, internal, people)


def _read_header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip(), value.strip().casefold()


def _says_automatic(mail: Mail) -> bool:
    return mail.header("Auto-Submitted").partition(";")[0].strip().casefold() not in ("", "no")


def _says(mail: Mail, name: str, value: str) -> bool:
    return any(one.strip().casefold() == value for one in mail.header_all(name))
