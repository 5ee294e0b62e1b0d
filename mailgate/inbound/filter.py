"""Filters received mail: what goes no further, whose sender is blocked, and which is automatic itself.

With the workflow table and `notices.loop_protection` it decides that a mail gets no automatic answer; the section
"Automatic answers" of docs/architecture.md lists all reasons in their order.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.config.people import People
from mailgate.core.addressing import read_message_id_token
from mailgate.core.mail import InboundMessage, Mail, MessageKind
from mailgate.inbound.duplicates import answered_by, fingerprint
from mailgate.inbound.follow_up import FollowUp, FollowUpFinder, HoldQuestion, LostTicket
from mailgate.inbound.outcome import Disposition, Outcome
from mailgate.inbound.oversized import OversizedMail
from mailgate.inbound.sender import TrustedSenders
from mailgate.notices.probe import receive_probe
from mailgate.parsers.commands import CloseKind
from mailgate.store.journal import EVER, JournalRow, awaits, is_duplicate, note_fingerprint

NO_MESSAGE_ID = timedelta(hours=24)  # how long the same content without Message-ID counts as the same mail


class MailFilter:
    """Filters the received mail of one desk."""

    def __init__(
        self,
        settings: Settings,
        people: People,
        trusted: TrustedSenders,
        follow_ups: FollowUpFinder,
        oversized: OversizedMail,
    ) -> None:
        self._limits = settings.limits
        self._probe_address = settings.default_queue.address
        self._people = people
        self._trusted = trusted
        self._follow_ups = follow_ups
        self._oversized = oversized
        self._spam = tuple(_read_header(line) for line in settings.intake.spam_headers)

    def keep_out(self, connection: Connection, row: JournalRow, mail: Mail) -> Outcome | None:
        """Returns the outcome of a mail that is not processed any further, None for one that is."""
        if probe := receive_probe(connection, mail, row.received_at, self._probe_address):
            return Outcome(Disposition.IGNORED, probe)
        spam = next((name for name, value in self._spam if _says(mail, name, value)), "")
        if spam and not row.forced:
            return Outcome(Disposition.IGNORED, f"spam: {spam}")
        token = read_message_id_token(mail.message_id) if mail.kind is MessageKind.OWN else None
        if token is not None and self._follow_ups.is_own_message(connection, token, mail):
            return Outcome(Disposition.IGNORED, "a notice of this desk came back")
        looks = fingerprint(mail, whole=not row.oversized)
        since = EVER if mail.message_id else row.received_at - NO_MESSAGE_ID
        if is_duplicate(connection, row.id, looks, since):
            still = f"still {self._oversized.describe(row.size)}; " if row.oversized else ""
            return Outcome(Disposition.DUPLICATE, f"{still}this mail was received before")
        note_fingerprint(connection, row.id, looks)
        wait = self._limits.reference_wait.span
        if awaits(connection, row.id, answered_by(mail), wait, row.received_at):
            return Outcome(Disposition.LATER, "the mail that this one answers is not worked off yet")
        return None

    def is_blocked(self, message: InboundMessage, found: FollowUp | HoldQuestion | LostTicket | None) -> bool:
        """Tells whether a mail is refused because its sender is blocked as spam.

        Staff are never blocked: spam in an agent's name must not shut the agent out. Nor is a mail with a valid
        token, unless that is of a ticket closed as spam: then the token is what the spammer got.
        """
        if not message.contact.blocked or message.forced or self._people.is_staff(message.sender.address):
            return False
        if isinstance(found, FollowUp):
            return found.answered is None or found.ticket.close_reason == CloseKind.SPAM.value
        return not isinstance(found, HoldQuestion)

    def is_automatic(self, message: InboundMessage) -> bool:
        """Tells whether a mail is automatic: from a program, a mailing list or an auto-responder.

        Forms and the desk's own lists look automatic but carry a person's words; listed robots may open tickets.
        """
        mail, envelope = message.mail, message.envelope
        if mail.kind is MessageKind.HUMAN or message.forced:
            return False
        if mail.kind is MessageKind.OWN:  # an imitation: a person's mail, unless it says otherwise (docs/rules.md#23)
            return envelope.sender == "" or _says_automatic(mail)
        if self._trusted.is_form(mail, envelope.peer, message.auth) or self._trusted.is_robot(mail):
            return False
        return not (mail.kind is MessageKind.MAILING_LIST and self._trusted.is_own_list(mail))


def _read_header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip(), value.strip().casefold()


def _says_automatic(mail: Mail) -> bool:
    return mail.header("Auto-Submitted").partition(";")[0].strip().casefold() not in ("", "no")


def _says(mail: Mail, name: str, value: str) -> bool:
    return any(one.strip().casefold() == value for one in mail.header_all(name))
