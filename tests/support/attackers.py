"""A desk with four tickets as the target of attacks.

SUP-1 of Anna waits for confirmation, SUP-2 of Zoé is with Level 1, SUP-3 is Mallory's own, and SUP-4 of Dan is with
Level 2.
"""

from __future__ import annotations

import email.policy
from dataclasses import astuple, dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select

from mailgate.store.events import list_events
from mailgate.store.holds import get_hold, hold_of
from mailgate.store.messages import list_messages
from mailgate.store.people import list_participants
from mailgate.store.schema import journal
from mailgate.store.tickets import Ticket, get_ticket
from tests.support.checkpoints import DeskSnapshot, bring_back, keep_desk
from tests.support.desk import CONFIG, Delivered, TestDesk

ANNA, ZOE, DAN = "Anna <anna@example.org>", "Zoé <zoe@example.net>", "Dan <dan@example.org>"
ALICE, BOB, CAROL = "Alice <alice@example.com>", "Bob <bob@example.com>", "Carol <carol@example.com>"
MALLORY = "Mallory <mallory@evil.example>"
INTERNAL = ("alice@", "bob@", "carol@", "nils@", "level1@", "level2@", "network-l1@", "manager@", "operator@")
SECRET = "xyzzy"  # stands in every forgery; nobody outside may read it

_MORE = """
[trust]
authserv_id = ["mx.example.com"]
forms = ["noreply@www.example.com"]
own_lists = ["help.lists.example.com"]
[queues.network]
address = "network@example.com"
levels.level1.mailbox = "network-l1@example.com"
levels.level1.agents = ["nils@example.com"]
"""

_OPENED: dict[tuple[str, str], DeskSnapshot] = {}
"""The four tickets of each configuration and engine, once one desk has opened them."""


@dataclass(frozen=True)
class TicketSnapshot:
    """The fields of a ticket that no forgery may change."""

    state: str
    level: str
    queue: str
    requester: str
    assignee: str
    type: str
    priority: str
    cause: str
    minutes_spent: int
    solution: str
    last_answer: str
    last_agent: str
    close_reason: str
    merged_into: int | None
    participants: tuple[str, ...]


class TargetDesk(TestDesk):
    """The desk with its four tickets."""

    __test__ = False

    def __init__(self, folder: Path, database: str, more: str = _MORE) -> None:
        super().__init__(folder, database=database, config=CONFIG + more)
        key = more, database.partition(":")[0]
        if key in _OPENED:
            bring_back(self, _OPENED[key])
        else:
            self._open()
            _OPENED[key] = keep_desk(self)
        self.before = self.snapshots()
        self.seen = len(self.relay.mails)

    def _open(self) -> None:
        for who, subject in ((ANNA, "Word"), (ZOE, "Printer"), (MALLORY, "Hello"), (DAN, "Network")):
            self.send(self.mail(who, f"{subject} does not work.", subject=subject))
        self.send(self.answer(ALICE, "#resolve I reinstalled Word.", self.of("level1@example.com", 1)))
        self.send(self.answer(ALICE, "#escalate no key", self.of("level1@example.com", 4)))

    def of(self, recipient: str, number: int, notice: str = "") -> Delivered:
        """The newest mail of a ticket to that address."""
        mails = [mail for mail in self.delivered(recipient) if f"SUP-{number};" in str(mail.message["X-Mailgate"])]
        return [mail for mail in mails if notice in ("", mail.notice)][-1]

    def ticket_of(self, number: int) -> Ticket:
        with self.desk.database.read() as connection:
            found = get_ticket(connection, number)
        assert found is not None
        return found

    def snapshots(self) -> list[TicketSnapshot]:
        """Snapshots of the four tickets."""
        names = [name for name in TicketSnapshot.__dataclass_fields__ if name != "participants"]
        found = []
        with self.desk.database.read() as connection:
            for number in (1, 2, 3, 4):
                people = tuple(row.address for row in list_participants(connection, number))
                ticket = self.ticket_of(number)
                values = {name: getattr(ticket, name) for name in names}
                found.append(TicketSnapshot(**values, participants=people))
        return found

    def news(self, *, outside: bool) -> list[Delivered]:
        """Mails sent since the four tickets were opened, to people outside or inside the desk."""
        new = self.relay.mails[self.seen :]
        return [mail for mail in new if mail.recipient.startswith(INTERNAL) is not outside]

    def row(self, journal_id: int) -> Row[Any]:
        with self.desk.database.read() as connection:
            return connection.execute(select(journal).where(journal.c.id == journal_id)).one()

    def is_recorded(self, journal_id: int) -> bool:
        """Tells whether a mail stands in its ticket."""
        ticket = self.row(journal_id).ticket_id
        with self.desk.database.read() as connection:
            return any(message.journal_id == journal_id for message in list_messages(connection, ticket))

    def waits(self, journal_id: int) -> bool:
        """Tells whether a mail waits for proof, with nothing of it in any ticket."""
        with self.desk.database.read() as connection:
            number = hold_of(connection, journal_id, "proof")
            hold = get_hold(connection, number) if number is not None else None
        return hold is not None and hold.state == "open" and not self.is_recorded(journal_id)

    def history(self, number: int) -> list[str]:
        with self.desk.database.read() as connection:
            return [f"{row.event}: {row.reason} ({row.by})" for row in list_events(connection, number)]

    def assert_untouched(self) -> None:
        after = self.snapshots()
        for before, now in zip(self.before, after, strict=True):
            assert astuple(now) == astuple(before)

    def assert_silent(self) -> None:
        """Nobody outside got a word of the forgery or an internal address."""
        for mail in self.news(outside=True):
            assert mail.notice in ("receipt", "clarify", "somebody_answered", "write_in_clear"), mail.notice
            assert_shows_nothing(mail)


def assert_shows_nothing(mail: Delivered) -> None:
    """No secret, no internal address and no header of another person's mail."""
    head = "\n".join(f"{name}: {value}" for name, value in mail.message.items())
    shown = f"{head}\n{mail.text}".casefold()
    found = [word for word in (SECRET, *INTERNAL) if word in shown]
    assert not found, f"the {mail.notice} shows {found}:\n{shown}"
    names = {name.casefold() for name in mail.message if name.casefold().startswith(("x-", "received", "sender"))}
    assert names <= {"x-mailgate", "x-auto-response-suppress"}, names


def raw(message: EmailMessage) -> bytes:
    return message.as_bytes(policy=email.policy.SMTP)


def change(message: EmailMessage, **changes: str) -> EmailMessage:
    """The mail with headers replaced, or left out where the value is empty."""
    for name, value in changes.items():
        header = name.replace("_", "-")
        del message[header]
        if value:
            message[header] = value
    return message
