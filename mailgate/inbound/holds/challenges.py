"""Challenges: mails with commands in an agent's name, held until the agent says that they are theirs.

One challenge at a time is open for one address, however many mails come in its name. A yes counts for the mails that
the question showed, and showed whole; what it had no room for, or came later in the same name, is asked about next. A
no, or no answer within the time allowed, gives the mails to the level that the author would have acted for, and so
does a yes to a mail too long to be shown. What is neither yes nor no leaves the question open, and is answered once
(docs/rules.md#8).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.config.people import People
from mailgate.core.domains import fold_address
from mailgate.core.frozen import replace
from mailgate.core.mail import Address, Envelope, InboundMessage, Mail
from mailgate.core.text import counted
from mailgate.core.tokens import hold_reference
from mailgate.core.workflow.events import Event, State
from mailgate.inbound.holds.excerpt import LONGEST_IN_ALL, excerpt, length_of, show_whole
from mailgate.inbound.outcome import Disposition, Outcome
from mailgate.inbound.routing import Router
from mailgate.notices.alarms import FORGED, TOO_MANY_HELD, Alarm
from mailgate.notices.challenges import ChallengeComposer, read_held
from mailgate.notices.rendering.content import HeldMessage
from mailgate.notices.system_notices import SystemNotices
from mailgate.parsers.quoting.signatures import names_of
from mailgate.parsers.yes_no import YesNo, read_consent
from mailgate.store.holds import (
    ANSWERED,
    EXPIRED,
    REFUSED,
    HeldRow,
    HoldRow,
    end_hold,
    find_open_hold,
    hold_mail,
    hold_of,
    list_held,
    move_held,
    note_asking,
    note_outcome,
    open_hold,
    release_mails,
)
from mailgate.store.tickets import Ticket, get_ticket, lock_ticket
from mailgate.tickets.events import TicketEvent
from mailgate.tickets.service import TicketService

PROOF = "proof"  # the kind of these holds
# The reasons for giving a mail to the level, as the notice has them.
DENIED, UNANSWERED, TOO_MANY, TOO_LONG = "denied", "unanswered", "too many", "too long"
_MOST_BYTES = 10_000_000  # of the mails that one question reads: more would keep the transaction open too long


class Challenges:
    """Holds mails for a challenge and receives the answers, for one desk."""

    def __init__(
        self,
        settings: Settings,
        people: People,
        router: Router,
        composer: ChallengeComposer,
        tickets: TicketService,
        system_notices: SystemNotices,
    ) -> None:
        self._settings = settings
        self._people = people
        self._router = router
        self._composer = composer
        self._tickets = tickets
        self._system_notices = system_notices

    def hold(
        self, connection: Connection, message: InboundMessage, agent: str, ticket_id: int | None, reason: str
    ) -> str:
        """Holds a mail until `agent` says that they wrote it; returns the outcome for its row of the journal."""
        subject, limits, now = fold_address(agent), self._settings.limits, message.at
        ticket = get_ticket(connection, ticket_id) if ticket_id is not None else None
        hold = find_open_hold(connection, PROOF, subject)
        if hold is not None and len(list_held(connection, hold.id)) >= limits.held_mails:
            return self._turn_away(connection, message, hold, ticket_id, reason)
        is_new = hold is None
        if hold is None:
            named = self._router.choose_queue(message.recipients, message.mail).name
            queue = ticket.queue if ticket is not None else named
            due = now + limits.challenge_for.span
            hold = open_hold(connection, PROOF, subject, self._people.spell(subject), queue, now, due)
        hold_mail(connection, hold.id, message.journal_id, ticket_id)
        if is_new:
            reference = ticket.reference if ticket is not None else ""
            shown = show_whole(message.mail, message.sender, message.received_at, reference)
            self._ask(connection, hold, (shown,), now, (message.journal_id,))
        outcome = f"{reason}; it waits until the sender is verified: {hold_reference(hold.id)}"
        if ticket_id is not None:
            held = TicketEvent(Event.HELD, now, message.sender.address, outcome, journal_id=message.journal_id)
            self._tickets.apply(connection, ticket_id, (held,))
        return outcome

    def describe(self, connection: Connection, journal_id: int) -> str:
        """Names the challenge that has proven a mail; "" where there was none."""
        number = hold_of(connection, journal_id, PROOF)
        return f"challenge {hold_reference(number)}" if number is not None else ""

    def answer(self, connection: Connection, message: InboundMessage, hold: HoldRow) -> Outcome:
        """Receives the answer to an open challenge: its token is proof enough, whatever From says."""
        names = names_of(f"{message.sender.name} <{message.sender.address}>") | names_of(hold.asked)
        said = read_consent(message.mail.new_text, names)
        mails = list_held(connection, hold.id)
        shown, later = [row for row in mails if row.shown], [row for row in mails if not row.shown]
        by, now = message.sender.address, message.received_at
        if said is YesNo.NONE:
            return Outcome(Disposition.IGNORED, self._repeat(connection, hold, shown, now))
        end_hold(connection, hold.id, REFUSED if said is YesNo.NO else ANSWERED, by)
        self._ask_next(connection, hold, later, now)
        if said is YesNo.NO:
            self._deny(connection, hold, shown, now)
            return Outcome(Disposition.DONE, f"{hold.subject} says they did not send it: {hold_reference(hold.id)}")
        count = self._release(connection, hold, shown, now)
        return Outcome(
            Disposition.DONE, f"{hold.subject} confirmed {counted(count, 'email')}: {hold_reference(hold.id)}"
        )

    def expire(self, connection: Connection, hold: HoldRow, now: datetime) -> None:
        """Ends a challenge without an answer: no command is carried out, and the mails go to the level."""
        end_hold(connection, hold.id, EXPIRED)
        for row in list_held(connection, hold.id):
            self._give_to_level(connection, hold, row, read_held(connection, row), UNANSWERED, now)

    # -- asking ----------------------------------------------------------------------------------------------------

    def _ask(
        self,
        connection: Connection,
        hold: HoldRow,
        held: Sequence[HeldMessage],
        now: datetime,
        shown: Sequence[int],
    ) -> None:
        self._composer.challenge(connection, hold, held, now)
        note_asking(connection, hold, now + self._settings.limits.challenge_for.span, shown)

    def _ask_next(self, connection: Connection, hold: HoldRow, later: Sequence[HeldRow], now: datetime) -> None:
        """Asks about the mails that the answered question did not show: its yes does not count for them."""
        if not later:
            return
        due = now + self._settings.limits.challenge_for.span
        following = open_hold(connection, PROOF, hold.subject, hold.asked, hold.queue, now, due)
        move_held(connection, [row.id for row in later], hold.id, following.id)
        held: list[HeldMessage] = []
        left, unread = LONGEST_IN_ALL, _MOST_BYTES
        for row in later:
            unread -= row.size
            one = self._show(connection, row) if unread >= 0 or not held else None
            if one is None or (length_of(one) > left and held):
                break
            left -= length_of(one)
            held.append(one)
        self._ask(connection, following, held, now, [row.id for row in later[: len(held)]])

    def _repeat(self, connection: Connection, hold: HoldRow, shown: Sequence[HeldRow], now: datetime) -> str:
        """Repeats the question once after an answer that is neither yes nor no: it may come from a machine."""
        if hold.askings > 1:
            return f"neither yes nor no: {hold_reference(hold.id)} stands"
        self._composer.challenge(connection, hold, [self._show(connection, row) for row in shown], now, unread=True)
        note_asking(connection, hold, hold.due_at, ())
        return f"neither yes nor no: {hold_reference(hold.id)} was asked once more"

    def _release(self, connection: Connection, hold: HoldRow, shown: Sequence[HeldRow], now: datetime) -> int:
        """Puts the mails that were shown whole back into the journal; returns their number."""
        cut = {row.id for row in shown if self._show(connection, row).cut}
        for row in shown:
            if row.id in cut:
                self._give_to_level(connection, hold, row, read_held(connection, row), TOO_LONG, now)
        proven = [row.id for row in shown if row.id not in cut]
        release_mails(connection, proven, now, proven=hold.subject)
        return len(proven)

    def _show(self, connection: Connection, row: HeldRow) -> HeldMessage:
        mail = read_held(connection, row)
        ticket = get_ticket(connection, row.held_ticket) if row.held_ticket is not None else None
        reference = ticket.reference if ticket is not None else ""
        if mail is None:
            return HeldMessage(row.received_at, Address("", row.sender or ""), "", "", reference=reference, cut=True)
        return show_whole(mail, mail.sender or Address("", row.sender or ""), row.received_at, reference)

    # -- without proof ---------------------------------------------------------------------------------------------

    def _deny(self, connection: Connection, hold: HoldRow, shown: Sequence[HeldRow], now: datetime) -> None:
        for row in shown:
            self._give_to_level(connection, hold, row, read_held(connection, row), DENIED, now)
        self._system_notices.alarm(connection, Alarm(FORGED, (hold.asked, hold_reference(hold.id))), now)

    def _turn_away(
        self, connection: Connection, message: InboundMessage, hold: HoldRow, ticket_id: int | None, reason: str
    ) -> str:
        """Gives a mail to the level at once: more mails are held already than one question can show."""
        self._give(
            connection,
            hold,
            message,
            journal_id=message.journal_id,
            ticket_id=ticket_id,
            author=message.sender,
            outcome=TOO_MANY,
            now=message.at,
        )
        most = self._settings.limits.held_mails
        self._system_notices.alarm(connection, Alarm(TOO_MANY_HELD, (most, hold.asked)), message.at)
        return f"{reason}; {most} emails of unverified senders wait already: {hold_reference(hold.id)}"

    def _give_to_level(
        self, connection: Connection, hold: HoldRow, row: HeldRow, mail: Mail | None, outcome: str, now: datetime
    ) -> None:
        author = mail.sender if mail is not None and mail.sender is not None else Address("", hold.subject)
        message = None
        if mail is not None:
            message = InboundMessage(
                mail=mail,
                envelope=Envelope(row.sender, (), "", row.received_at),
                sender=author,
                journal_id=row.id,
                blob_id=row.blob_id,
                at=row.received_at,
            )
        self._give(
            connection,
            hold,
            message,
            journal_id=row.id,
            ticket_id=row.held_ticket,
            author=author,
            outcome=outcome,
            now=now,
        )
        note_outcome(connection, (row.id,), f"{hold_reference(hold.id)}: {outcome}")

    def _give(
        self,
        connection: Connection,
        hold: HoldRow,
        message: InboundMessage | None,
        *,
        journal_id: int,
        ticket_id: int | None,
        author: Address,
        outcome: str,
        now: datetime,
    ) -> None:
        """Gives a mail to the level to read, and to its ticket as an unproven mail; None for one that is unreadable."""
        text = excerpt(message.mail.new_text) if message is not None else ""
        if ticket_id is None:
            self._composer.pass_on_unproven(connection, hold, author, text, outcome, now, journal_id)
            return
        ticket = lock_ticket(connection, ticket_id)
        level, queue = self._acts_for(ticket, hold.subject)
        ticket_event = TicketEvent(
            event=Event.UNPROVEN,
            at=now,
            by=hold.subject,
            reason=f"{hold_reference(hold.id)}: {outcome}",
            author=author,
            acts_for=level,
            acts_queue=queue,
            text=text,
            argument=outcome,
            files_stay=True,
            journal_id=journal_id,
        )
        stored = None
        if message is not None:
            stored = replace(message, at=message.received_at, internal=True)
        self._tickets.apply_locked(connection, ticket, (ticket_event,), stored)

    def _acts_for(self, ticket: Ticket, subject: str) -> tuple[State | None, str]:
        """Returns the level and queue that an agent would have acted for, first those that have the ticket."""
        levels = [level for level in self._people.levels.values() if subject in level.people]
        levels.sort(key=lambda level: (level.queue != ticket.queue, level.level != ticket.level))
        return (State(levels[0].level), levels[0].queue) if levels else (None, "")
