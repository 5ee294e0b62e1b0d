"""Orders in an agent's name that nothing proves: they wait until he says that they are his (rule 8).

One question at a time is open for one address, however many mails come in its name. A yes counts for the mails that the
question showed, and showed whole; what it had no room for, or came later in the same name, is asked about next. A no,
or none within the time allowed, gives the mails to the level that the author would have acted for, and so does a yes to
what is too long to be shown. What is neither yes nor no leaves the question open, and is answered once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.core.mail import Address, Mail
from mailgate.core.workflow.events import Event, State
from mailgate.inbound.holds.excerpt import LONGEST_IN_ALL, excerpt, length_of, show_whole
from mailgate.inbound.holds.replies import HoldReply
from mailgate.inbound.interpretation import InboundMessage
from mailgate.inbound.routing import Router
from mailgate.notices.alarms import FORGED, TOO_MANY_HELD, Alarm
from mailgate.notices.challenges import ChallengeComposer, read_held, refer
from mailgate.notices.rendering.content import HeldMessage
from mailgate.notices.system_notices import SystemNotices
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
from mailgate.store.journal import JournalRow
from mailgate.store.tickets import Ticket, get_ticket, lock_ticket
from mailgate.tickets.events import Arrival, TicketEvent
from mailgate.tickets.service import TicketService

PROOF = "proof"
# Why a mail is given to the level, as the notice says it.
DENIED, UNANSWERED, TOO_MANY, TOO_LONG = "denied", "unanswered", "too many", "too long"
_MOST_BYTES = 10_000_000  # of the mails that one question reads: a parser takes its time for more, and the turn waits


class Challenges:
    """Asks for proof, for one desk."""

    def __init__(
        self,
        settings: Settings,
        letters: ChallengeComposer,
        tickets: TicketService,
        system_notices: SystemNotices,
        origins: Router,
    ) -> None:
        self._settings = settings
        self._letters = letters
        self._tickets = tickets
        self._system_notices = system_notices
        self._origins = origins

    def hold(
        self, connection: Connection, letter: InboundMessage, agent: str, ticket_id: int | None, reason: str
    ) -> str:
        """Let a mail wait for the proof that its author wrote it; the outcome for its row of the journal."""
        subject, limits, now = agent.casefold(), self._settings.limits, letter.at
        ticket = get_ticket(connection, ticket_id) if ticket_id is not None else None
        hold = find_open_hold(connection, PROOF, subject)
        if hold is not None and len(list_held(connection, hold.id)) >= limits.held_mails:
            return self._turn_away(connection, letter, hold, ticket_id, reason)
        is_new = hold is None
        if hold is None:
            named = self._origins.choose_queue(letter.recipients, letter.mail).name
            queue = ticket.queue if ticket is not None else named
            due = now + limits.challenge_for.span
            hold = open_hold(connection, PROOF, subject, self._listed(subject), queue, now, due)
        hold_mail(connection, hold.id, letter.row.id, ticket_id)
        if is_new:
            reference = ticket.reference if ticket is not None else ""
            shown = show_whole(letter.mail, letter.sender, letter.row.received_at, reference)
            self._ask(connection, hold, (shown,), now, (letter.row.id,))
        outcome = f"{reason}; it waits for proof: {refer(hold.id)}"
        if ticket_id is not None:
            held = TicketEvent(Event.HELD, now, letter.sender.address, outcome, journal_id=letter.row.id)
            self._tickets.apply(connection, ticket_id, (held,))
        return outcome

    def describe(self, connection: Connection, journal_id: int) -> str:
        """Which challenge has proven a mail, in words."""
        number = hold_of(connection, journal_id, PROOF)
        return f"challenge {refer(number)}" if number is not None else ""

    def answer(self, connection: Connection, letter: InboundMessage, hold: HoldRow) -> HoldReply:
        """Somebody answers with the token of an open question: that is proof enough, whatever From says."""
        said = read_consent(letter.mail.new_text)
        mails = list_held(connection, hold.id)
        shown, later = [row for row in mails if row.shown], [row for row in mails if not row.shown]
        by, now = letter.sender.address, letter.row.received_at
        if said is YesNo.NONE:
            return HoldReply(self._say_again(connection, hold, shown, now), False)
        end_hold(connection, hold.id, REFUSED if said is YesNo.NO else ANSWERED, by)
        self._ask_next(connection, hold, later, now)
        if said is YesNo.NO:
            self._deny(connection, hold, shown, now)
            return HoldReply(f"{hold.subject} says that it is not his: {refer(hold.id)}")
        return HoldReply(
            f"{hold.subject} has proven {self._release(connection, hold, shown, now)} mails: {refer(hold.id)}"
        )

    def expire(self, connection: Connection, hold: HoldRow, now: datetime) -> None:
        """Nobody has answered in time: nothing is carried out, and nothing is lost."""
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
        self._letters.challenge(connection, hold, held, now)
        note_asking(connection, hold, now + self._settings.limits.challenge_for.span, shown)

    def _ask_next(self, connection: Connection, hold: HoldRow, later: Sequence[HeldRow], now: datetime) -> None:
        """A yes is no word on what the question did not show: somebody may have used that it was open."""
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

    def _say_again(self, connection: Connection, hold: HoldRow, shown: Sequence[HeldRow], now: datetime) -> str:
        """Neither yes nor no: he is told once how to answer, since it may be a machine that does not say so."""
        if hold.askings > 1:
            return f"neither yes nor no: {refer(hold.id)} stands"
        self._letters.challenge(connection, hold, [self._show(connection, row) for row in shown], now, unread=True)
        note_asking(connection, hold, hold.due_at, ())
        return f"neither yes nor no: {refer(hold.id)} was asked once more"

    def _release(self, connection: Connection, hold: HoldRow, shown: Sequence[HeldRow], now: datetime) -> int:
        """Put back what was shown whole; how many that are."""
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

    def _listed(self, subject: str) -> str:
        """The address as the configuration spells it: the question goes nowhere else."""
        settings = self._settings
        listed = (
            settings.desk.manager,
            *(one for queue in settings.queues.values() for level in queue.levels.values() for one in level.agents),
            *(level.mailbox for queue in settings.queues.values() for level in queue.levels.values()),
        )
        return next((one for one in listed if one.casefold() == subject), subject)

    # -- without proof ---------------------------------------------------------------------------------------------

    def _deny(self, connection: Connection, hold: HoldRow, shown: Sequence[HeldRow], now: datetime) -> None:
        for row in shown:
            self._give_to_level(connection, hold, row, read_held(connection, row), DENIED, now)
        self._system_notices.alarm(connection, Alarm(FORGED, (hold.asked, refer(hold.id))), now)

    def _turn_away(
        self, connection: Connection, letter: InboundMessage, hold: HoldRow, ticket_id: int | None, reason: str
    ) -> str:
        """More mails wait already than one question can show."""
        self._tell(connection, hold, letter.row, ticket_id, letter.mail, letter.sender, TOO_MANY, letter.at)
        most = self._settings.limits.held_mails
        self._system_notices.alarm(connection, Alarm(TOO_MANY_HELD, (most, hold.asked)), letter.at)
        return f"{reason}; {most} mails wait for proof already: {refer(hold.id)}"

    def _give_to_level(
        self, connection: Connection, hold: HoldRow, row: HeldRow, mail: Mail | None, outcome: str, now: datetime
    ) -> None:
        author = mail.sender if mail is not None and mail.sender is not None else Address("", hold.subject)
        self._tell(connection, hold, row, row.held_ticket, mail, author, outcome, now)
        note_outcome(connection, (row.id,), f"{refer(hold.id)}: {outcome}")

    def _tell(
        self,
        connection: Connection,
        hold: HoldRow,
        row: JournalRow | HeldRow,
        ticket_id: int | None,
        mail: Mail | None,
        author: Address,
        outcome: str,
        now: datetime,
    ) -> None:
        """The level reads it, and the ticket keeps it as what it is: a mail that proved nothing."""
        text = excerpt(mail.new_text) if mail is not None else ""
        if ticket_id is None:
            self._letters.tell_unproven(connection, hold, author, text, outcome, now, row.id)
            return
        ticket = lock_ticket(connection, ticket_id)
        level, queue = self._acts_for(ticket, hold.subject)
        ticket_event = TicketEvent(
            event=Event.UNPROVEN,
            at=now,
            by=hold.subject,
            reason=f"{refer(hold.id)}: {outcome}",
            author=author,
            acts_for=level,
            acts_queue=queue,
            text=text,
            argument=outcome,
            files_stay=True,
            journal_id=row.id,
        )
        arrival = None
        if mail is not None:
            arrival = Arrival(mail, author, row.id, row.blob_id, row.received_at, internal=True)
        self._tickets.apply_locked(connection, ticket, (ticket_event,), arrival)

    def _acts_for(self, ticket: Ticket, subject: str) -> tuple[State | None, str]:
        """The level of the ticket's queue that somebody would have acted for, first the one that has the ticket."""
        lanes = [lane for lane in self._origins.lanes.values() if subject in lane.people]
        lanes.sort(key=lambda lane: (lane.queue != ticket.queue, lane.level != ticket.level))
        return (State(lanes[0].level), lanes[0].queue) if lanes else (None, "")
