"""A desk for tests: the real code on a real database, a clock moved by hand, and a relay that keeps what is sent.

Nothing sleeps: `settle` runs the workers' steps until nothing is due, `pass_time` moves the clock from deadline to
deadline.
"""

from __future__ import annotations

import email
import email.policy
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cached_property
from pathlib import Path

from mailgate.config import Settings, read_config
from mailgate.core.calendar.business_time import due, read_duration
from mailgate.core.clock import HandClock
from mailgate.core.mail import Envelope
from mailgate.daemon.desk import Desk, build_desk
from mailgate.daemon.workers.archive import ArchiveWorker
from mailgate.daemon.workers.knowledge import KnowledgeWorker
from mailgate.daemon.workers.monitoring import MonitoringWorker
from mailgate.daemon.workers.outbound import OutboundWorker
from mailgate.daemon.workers.probe import ProbeWorker
from mailgate.daemon.workers.registry import list_workers, run_until_idle
from mailgate.daemon.workers.retention import RetentionWorker
from mailgate.daemon.workers.worker_loop import Worker
from mailgate.store.journal import append
from mailgate.store.tickets import Ticket, list_tickets
from mailgate.transport.acceptance import make_entry
from mailgate.transport.relay import Outcome, Rejected, Sent, Streamed
from tests.support.flowed import read_text

_BY_HAND = (
    KnowledgeWorker,
    ArchiveWorker,
    MonitoringWorker,
    ProbeWorker,
    RetentionWorker,
)  # stepped by the tests of their own

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # nine o'clock in Paris, a working day

CONFIG = """
[desk]
address = "support@example.com"
languages = ["en", "fr"]
operator = "operator@example.com"
manager = "manager@example.com"

[intake.smtp]
listen = "127.0.0.1:0"

[digest]
at = ""

[levels.level1]
mailbox = "level1@example.com"
agents = ["alice@example.com", "bob@example.com"]
resolve_within = "4 business hours"
[levels.level2]
mailbox = "level2@example.com"
agents = ["carol@example.com"]
resolve_within = "2 business days"
"""


@dataclass(frozen=True)
class Delivered:
    """A mail as the relay received it."""

    return_path: str
    recipient: str
    raw: bytes
    at: datetime

    @cached_property
    def message(self) -> EmailMessage:
        parsed = email.message_from_bytes(self.raw, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def notice(self) -> str:
        return str(self.message["X-Mailgate"] or "").rpartition("notice=")[2]

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        assert part is not None
        assert isinstance(part, EmailMessage)
        return read_text(part)

    @cached_property
    def message_id(self) -> str:
        return str(self.message["Message-ID"]).strip()

    @property
    def reply_to(self) -> str:
        return str(self.message["Reply-To"] or self.message["From"])


@dataclass
class FakeRelay:
    """A relay that keeps what arrives; `refuse` and `down` say what it does not take."""

    clock: HandClock
    mails: list[Delivered] = field(default_factory=list)
    refuse: dict[str, Outcome] = field(default_factory=dict)
    down: Outcome | None = None
    takes: int = 0  # bytes of a message; 0 for any
    announces: bool = True  # it says so at EHLO, and not only when it refuses a message
    size_limit: int | None = None

    def send(self, sender: str, recipient: str, message: bytes | Streamed) -> Outcome:
        if self.down is not None:
            return self.down
        self.size_limit = self.takes if self.announces else 0
        if recipient in self.refuse:
            return self.refuse[recipient]
        raw = message if isinstance(message, bytes) else b"".join(message.pieces())
        if 0 < self.takes < len(raw):
            return Rejected("552 5.3.4 message too large", too_large=True, most=self.size_limit)
        self.mails.append(Delivered(sender, recipient, raw, self.clock.now()))
        return Sent("250 ok")

    def close(self) -> None: ...


class TestDesk:
    """One desk under test."""

    __test__ = False

    def __init__(self, folder: Path, *, database: str, config: str = CONFIG) -> None:
        self.folder = folder
        (folder / "secret").write_text("a key that only the tests know\n")
        (folder / "articles").mkdir(exist_ok=True)
        (folder / "replies").mkdir(exist_ok=True)
        self.clock = HandClock(MONDAY)
        self.relay = FakeRelay(self.clock)
        self.read: defaultdict[str, int] = defaultdict(int)
        self.received = 0
        self._database = database
        self._build(config)

    def _build(self, config: str) -> None:
        path = self.folder / "mailgate.toml"
        path.write_text(f'{config}\n[store]\ndatabase = "{self._database}"\n')
        settings = read_config(path)
        one_connection = settings.relay.model_copy(update={"connections": 1})
        self.settings: Settings = settings.model_copy(update={"relay": one_connection})
        self.desk: Desk = build_desk(self.settings, self.clock, self.relay)
        self.desk.database.create()
        rows = [row for row in list_workers(self.settings) if row.worker not in _BY_HAND]
        self.workers: dict[str, Worker] = {row.worker.name: row.worker(self.desk) for row in rows}
        self.shelf = KnowledgeWorker(self.desk)

    def restart(self, config: str) -> None:
        """The desk ends and starts again with another configuration, on the same database."""
        self.close()
        self._build(config)
        self.settle()

    @property
    def inbound(self) -> Worker:
        return self.workers["worker"]

    @property
    def outbound(self) -> OutboundWorker:
        worker = self.workers["courier"]
        assert isinstance(worker, OutboundWorker)
        return worker

    def close(self) -> None:
        self.outbound.close()
        self.desk.database.close()

    # -- time ------------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Let the workers do what is due now. Nobody waits for the next look at the articles."""
        self.shelf.step()
        run_until_idle(self.workers.values())

    def pass_time(self, words: str) -> None:
        """Move the clock by a duration in words, stopping at every deadline on the way."""
        queue = self.settings.default_queue
        self.pass_until(due(self.clock.now(), read_duration(words), queue.hours))

    def sleep(self, words: str) -> None:
        """The machine is suspended for so long: nothing is done until it wakes."""
        self.settle()
        self.clock.set(due(self.clock.now(), read_duration(words), self.settings.default_queue.hours))
        self.settle()

    def pass_until(self, end: datetime) -> None:
        self.settle()
        while True:
            dues = [worker.next_due() for worker in self.workers.values()]
            soonest = min((one for one in dues if one is not None), default=None)
            if soonest is None or max(soonest, self.clock.now()) >= end:
                break
            self.clock.set(soonest)
            self.settle()
        self.clock.set(end)
        self.settle()

    # -- mails -----------------------------------------------------------------------------------------------------

    def receive(
        self,
        raw: bytes,
        sender: str | None,
        recipients: Iterable[str] = ("support@example.com",),
        *,
        source: str = "test",
        whole_size: int | None = None,
        **more: str,
    ) -> int:
        """A mail arrives at the desk and is worked off; its row of the journal."""
        envelope = Envelope(sender, tuple(recipients), source, self.clock.now(), whole_size=whole_size, **more)
        with self.desk.database.write() as connection:
            row = append(connection, make_entry(envelope, raw))
        self.settle()
        return row

    def mail(
        self, sender: str, text: str, *, subject: str = "", to: str = "support@example.com", cc: str = ""
    ) -> EmailMessage:
        """A mail as a client would write it."""
        self.received += 1
        message = EmailMessage()
        message["From"] = sender
        message["To"] = to
        if cc:
            message["Cc"] = cc
        message["Subject"] = subject
        message["Date"] = format_datetime(self.clock.now())
        message["Message-ID"] = f"<{self.received}.{self.clock.now():%H%M%S}@client.example.org>"
        message.set_content(text)
        return message

    def answer(self, sender: str, text: str, to: Delivered, *, quote: bool = True) -> EmailMessage:
        """A reply to a delivered mail, quoting it as mail clients do."""
        subject = str(to.message["Subject"])
        subject = subject if subject.startswith("Re:") else f"Re: {subject}"
        quoted = "\n".join(f"> {line}" for line in to.text.splitlines())
        body = (
            f"{text}\n\nOn Mon, 23 Nov 2026 at 10:00, Support <support@example.com> wrote:\n{quoted}\n"
            if quote
            else text
        )
        message = self.mail(sender, body, subject=subject, to=to.reply_to)
        message["In-Reply-To"] = to.message_id
        references = " ".join(str(to.message["References"] or "").split())
        message["References"] = f"{references} {to.message_id}".strip()
        return message

    def send(self, message: EmailMessage, sender: str | None = None) -> int:
        """Hand a client's mail to the desk, by its To header."""
        recipients = [
            one.addr_spec
            for one in message["To"].addresses
            if self.desk.receiver.people.is_system_address(one.addr_spec)
        ]
        address = message["From"].addresses[0].addr_spec if sender is None else sender
        policy = email.policy.SMTP
        return self.receive(message.as_bytes(policy=policy), address, recipients or ["support@example.com"])

    def delivered(self, recipient: str) -> list[Delivered]:
        """The mails that an address has received, oldest first."""
        return [mail for mail in self.relay.mails if mail.recipient == recipient]

    def last(self, recipient: str, notice: str = "") -> Delivered:
        """The newest mail to that address, or the newest of that notice."""
        found = [mail for mail in self.delivered(recipient) if notice in ("", mail.notice)]
        assert found, (
            f"{recipient} has received no {notice or 'mail'}; there are {[m.notice for m in self.delivered(recipient)]}"
        )
        return found[-1]

    # -- looking ---------------------------------------------------------------------------------------------------

    def tickets(self) -> list[Ticket]:
        with self.desk.database.read() as connection:
            return list(list_tickets(connection))

    def ticket(self) -> Ticket:
        """The newest ticket."""
        return self.tickets()[-1]


def refused(words: str = "550 5.1.1 no such user", *, too_large: bool = False) -> Outcome:
    """The outcome of a relay that refuses a notice for good."""
    return Rejected(words, too_large=too_large)
