"""Opens holds, receives the answers to their questions, and ends those that run out of time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from mailgate.config import Queue, Settings
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.config.people import People
from mailgate.core.mail import InboundMessage, MessageKind
from mailgate.core.tokens import hold_reference
from mailgate.core.workflow.events import State
from mailgate.inbound.follow_up import AnsweredNotice, HoldQuestion
from mailgate.inbound.holds.challenges import PROOF, Challenges
from mailgate.inbound.holds.unknown_senders import UnknownSenders
from mailgate.inbound.outcome import Disposition, Outcome
from mailgate.inbound.roles import Author, Role, RoleContext, decide_role
from mailgate.inbound.routing import Router
from mailgate.notices.challenges import ChallengeComposer
from mailgate.notices.recipients import MANAGER
from mailgate.notices.rendering.templates import Templates
from mailgate.notices.system_notices import SystemNotices
from mailgate.parsers.classify.auto_replies import NoteSubject, read_note_subject
from mailgate.store.holds import OPEN, HoldRow, lock_hold, move_hold
from mailgate.tickets.service import TicketService


class HoldService:
    """Holds mails for a challenge or a decision, for one desk."""

    def __init__(
        self,
        settings: Settings,
        templates: Templates,
        tickets: TicketService,
        system_notices: SystemNotices,
        directory: DirectoryFiles,
    ) -> None:
        self._settings = settings
        self._manager = settings.desk.manager
        self._people = people = People(settings)
        composer = ChallengeComposer(settings, templates, directory)
        router = Router(settings, people)
        self._challenges = Challenges(settings, people, router, composer, tickets, system_notices)
        self._unknown_senders = UnknownSenders(settings, people, composer, directory)

    # -- holding ---------------------------------------------------------------------------------------------------

    def hold(
        self, connection: Connection, message: InboundMessage, agent: str, ticket_id: int | None, reason: str
    ) -> str:
        """Holds a mail until `agent`, a listed address, says that they wrote it.

        Returns the outcome for its row of the journal, which the caller ends as done; nothing of the mail is stored in
        a ticket or carried out.
        """
        return self._challenges.hold(connection, message, agent, ticket_id, reason)

    def describe_proof(self, connection: Connection, message: InboundMessage) -> str:
        """Names the challenge that has proven a mail; "" where none did."""
        return self._challenges.describe(connection, message.journal_id) if message.proven else ""

    def is_unknown_sender(self, message: InboundMessage) -> bool:
        """Tells whether a mail that would open a ticket is of an unknown sender that the desk does not accept."""
        return self._unknown_senders.is_unknown(message)

    def receive_unknown(self, connection: Connection, message: InboundMessage, queue: Queue, language: str) -> Outcome:
        """Holds or refuses the mail of an unknown sender."""
        return self._unknown_senders.receive(connection, message, queue, language)

    # -- answers ---------------------------------------------------------------------------------------------------

    def answer(self, connection: Connection, message: InboundMessage, question: HoldQuestion) -> Outcome:
        """Receives an answer to a question. An automatic mail is none, and only the first answer counts."""
        name = hold_reference(question.hold)
        if kind := _name_automatic(message):
            return Outcome(Disposition.IGNORED, f"automatic mail ({kind}) is no answer to {name}")
        hold = self._lock(connection, question.hold)
        if hold is None or hold.state != OPEN:
            state = hold.state if hold is not None else "gone"
            return Outcome(Disposition.IGNORED, f"{name} is {state}: another answer changes nothing")
        if hold.kind == PROOF:
            return self._challenges.answer(connection, message, hold)
        author = self._decide_author(connection, message, question, hold.queue)
        if author.role is Role.HELD:
            held = self.hold(connection, message, author.address.address, None, author.reason)
            return Outcome(Disposition.DONE, held)
        if author.role not in (Role.AGENT, Role.MANAGER):
            return Outcome(Disposition.IGNORED, f"{author.reason}: no word on {name}")
        return Outcome(Disposition.DONE, self._unknown_senders.answer(connection, message, hold))

    def _lock(self, connection: Connection, number: int) -> HoldRow | None:
        """Locks a hold, and moves one whose queue is no longer configured to the default queue; None for a lost one."""
        hold = lock_hold(connection, number)
        if hold is None or hold.state != OPEN or hold.queue in self._settings.queues:
            return hold
        queue = self._settings.default_queue
        asked = hold.asked if hold.kind == PROOF else queue.levels[State.LEVEL1.value].mailbox
        return move_hold(connection, number, queue.name, asked)

    def _decide_author(
        self, connection: Connection, message: InboundMessage, question: HoldQuestion, queue: str
    ) -> Author:
        """Decides the author of an answer: Level 1 or the manager, to whom the question went (docs/rules.md#8)."""
        lane = MANAGER if question.asked == self._manager else State.LEVEL1.value
        context = RoleContext(
            answered=AnsweredNotice(0, question.asking, question.kind, lane, queue, question.asked, question.key),
            participants=frozenset(),
            levels=self._people.levels,
            manager=self._manager,
            agents_need_pass=self._settings.trust.agents_need == "pass",
            queue=queue,
            level=State.LEVEL1,
            proof=self.describe_proof(connection, message),
        )
        return decide_role(message, context)

    # -- time ------------------------------------------------------------------------------------------------------

    def run_out(self, connection: Connection, number: int, now: datetime) -> bool:
        """Ends or repeats a hold that had no answer in time; returns False where it was answered meanwhile."""
        hold = self._lock(connection, number)
        if hold is None or hold.state != OPEN or hold.due_at > now:
            return False
        if hold.kind == PROOF:
            self._challenges.expire(connection, hold, now)
        else:
            self._unknown_senders.ask_again(connection, hold, now)
        return True


def _name_automatic(message: InboundMessage) -> str:
    """Says what shows that no person wrote an answer, also where no header does; "" where nothing shows it."""
    if message.mail.kind is not MessageKind.HUMAN:
        return message.mail.kind.value
    if message.envelope.sender == "":
        return "null sender"
    return "" if read_note_subject(message.mail.subject) is NoteSubject.NONE else "subject of an auto-reply"
