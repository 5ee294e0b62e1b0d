"""Mails that wait for somebody's word: an agent's orders for his proof (rule 8), a stranger's mail for an agent's yes.

    proofs.py     orders in an agent's name that nothing proves
    strangers.py  mail of somebody whom neither the directory nor the desk knows
    questions.py  which question of ours a mail answers
    letters.py    the mails that ask
    showing.py    what such a mail shows

A held mail stays in the journal, done and with the outcome that it waits; its hold is a question to one person, with a
token of its own. The answer, in the same transaction, puts the mails back into the journal, or says what is to be done
with them; after that the token is worth nothing. For whoever brings a mail of the house that orders something and
proves nothing:

    Holds.hold(connection, letter, agent, ticket_id=None, reason="") -> str

`agent` is the listed address whose owner is asked; what comes back is the outcome for the journal's row, which is then
to be finished as done, with nothing of the mail kept or carried out. Once proven, the mail comes again with
`letter.row.proven` set to that address, casefolded: `Scene.proven` takes it, and `decide_role` then finds an agent.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from mailgate.config import Queue, Settings
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.core.mail import Mail, MessageKind
from mailgate.core.tokens import Token
from mailgate.core.workflow.events import State
from mailgate.inbound.holds.challenges import PROOF, Challenges
from mailgate.inbound.holds.replies import HoldQuestion, HoldReply, find_question, is_question
from mailgate.inbound.holds.unknown_senders import UnknownSenders
from mailgate.inbound.interpretation import InboundMessage
from mailgate.inbound.roles import AnsweredNotice, Role, RoleContext, decide_role
from mailgate.inbound.routing import Router
from mailgate.notices.challenges import ChallengeComposer, refer
from mailgate.notices.recipients import MANAGER
from mailgate.notices.rendering.templates import Templates
from mailgate.notices.system_notices import SystemNotices
from mailgate.store.holds import OPEN, HoldRow, lock_hold, move_hold
from mailgate.tickets.service import TicketService

__all__ = ["HoldQuestion", "HoldReply", "HoldService"]


class HoldService:
    """Keeps what waits for a word, for one desk."""

    def __init__(
        self,
        settings: Settings,
        templates: Templates,
        tickets: TicketService,
        system_notices: SystemNotices,
        directory: DirectoryFiles,
    ) -> None:
        self._settings = settings
        self._keys = settings.desk.keys
        self._manager = settings.desk.manager
        self._origins = Router(settings)
        letters = ChallengeComposer(settings, templates, directory)
        self._proofs = Challenges(settings, letters, tickets, system_notices, self._origins)
        self._strangers = UnknownSenders(settings, letters, self._origins, directory)

    # -- holding ---------------------------------------------------------------------------------------------------

    def hold(
        self, connection: Connection, letter: InboundMessage, agent: str, ticket_id: int | None = None, reason: str = ""
    ) -> str:
        """Let a mail wait for the proof that `agent` wrote it; the outcome for its row of the journal."""
        return self._proofs.hold(connection, letter, agent, ticket_id, reason or "no proof of who wrote it")

    def describe_proof(self, connection: Connection, journal_id: int) -> str:
        """Which challenge has proven a mail, in words."""
        return self._proofs.describe(connection, journal_id)

    def is_stranger(self, letter: InboundMessage) -> bool:
        """Whether a mail that would open a ticket is of somebody whom nobody knows, and the desk minds."""
        return self._strangers.is_stranger(letter)

    def receive_stranger(
        self, connection: Connection, letter: InboundMessage, queue: Queue, language: str
    ) -> tuple[str, bool]:
        """Hold or refuse a stranger's mail; the outcome, and whether it waits."""
        return self._strangers.receive(connection, letter, queue, language)

    # -- answers ---------------------------------------------------------------------------------------------------

    def is_question(self, connection: Connection, token: Token | None) -> bool:
        """Whether that token is of a question of ours: it came back to us."""
        return is_question(connection, token, self._keys, self._manager)

    def find_question(self, connection: Connection, mail: Mail, recipients: tuple[str, ...]) -> HoldQuestion | None:
        """The question that a mail answers."""
        return find_question(connection, mail, recipients, self._keys, self._manager)

    def answer(self, connection: Connection, letter: InboundMessage, question: HoldQuestion) -> HoldReply:
        """Hear an answer. A machine's is none, and none counts twice."""
        name = refer(question.hold)
        if letter.mail.kind is not MessageKind.HUMAN:
            return HoldReply(f"automatic mail ({letter.mail.kind.value}) is no answer to {name}", False)
        hold = self._lock(connection, question.hold)
        if hold is None or hold.state != OPEN:
            stands = hold.state if hold is not None else "gone"
            return HoldReply(f"{name} is {stands}: another answer changes nothing", False)
        if hold.kind == PROOF:
            return self._proofs.answer(connection, letter, hold)
        speaker = decide_role(letter.mail, self._scene(connection, letter, question, hold.queue))
        if speaker.role is Role.HELD:
            return HoldReply(self.hold(connection, letter, speaker.address.address, None, speaker.reason))
        if speaker.role not in (Role.AGENT, Role.MANAGER):
            return HoldReply(f"{speaker.reason}: no word on {name}", False)
        return HoldReply(self._strangers.answer(connection, letter, hold))

    def _lock(self, connection: Connection, number: int) -> HoldRow | None:
        """The hold, locked; one of a queue that is configured no more is from now on the default queue's."""
        hold = lock_hold(connection, number)
        if hold is None or hold.state != OPEN or hold.queue in self._settings.queues:
            return hold
        queue = self._settings.default_queue
        asked = hold.asked if hold.kind == PROOF else queue.levels[State.LEVEL1.value].mailbox
        return move_hold(connection, number, queue.name, asked)

    def _scene(self, connection: Connection, letter: InboundMessage, question: HoldQuestion, queue: str) -> RoleContext:
        """As what the author of an answer speaks: as whom the question was sent to (rule 8)."""
        lane = MANAGER if question.asked == self._manager else State.LEVEL1.value
        row = letter.row
        return RoleContext(
            claim=AnsweredNotice(0, question.asking, question.kind, lane, queue, question.asked, question.key),
            participants=frozenset(),
            lanes=self._origins.lanes,
            manager=self._manager,
            verdict=letter.verdict_on_sender,
            auth_user=row.auth_user,
            agents_need_pass=self._settings.trust.agents_need == "pass",
            queue=queue,
            level=State.LEVEL1,
            confirm_notice=0,
            proven=row.proven,
            proof=self._proofs.describe(connection, row.id) if row.proven else "",
        )

    # -- time ------------------------------------------------------------------------------------------------------

    def run_out(self, connection: Connection, number: int, now: datetime) -> bool:
        """A hold was not answered in time; False where it was meanwhile."""
        hold = self._lock(connection, number)
        if hold is None or hold.state != OPEN or hold.due_at > now:
            return False
        if hold.kind == PROOF:
            self._proofs.expire(connection, hold, now)
        else:
            self._strangers.ask_again(connection, hold, now)
        return True
