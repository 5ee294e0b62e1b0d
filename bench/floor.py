"""The minimal desk on the same libraries: the time that aiosmtpd, mail-parser and SQLAlchemy Core need by themselves.

Each mail is parsed, finds its ticket by In-Reply-To or opens one, and is stored (SQLite, WAL, synchronous=FULL) with a
receipt that is only filled in, before the 250. Mails that wait at the same moment share a commit. No process, no
calendar, no authentication, no forward, no relay.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from pathlib import Path

import mailparser
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
    insert,
    select,
)
from sqlalchemy.engine.interfaces import DBAPIConnection

GROUP = 64  # mails that share one commit at most
ACKNOWLEDGEMENT = (
    "From: Support <support@example.com>\r\nTo: {to}\r\nSubject: [T-{number}] We have received your request\r\n"
    "Message-ID: <{number}@example.com>\r\nAuto-Submitted: auto-replied\r\n\r\nThank you, we will answer soon.\r\n"
)

metadata = MetaData()
tickets = Table(
    "tickets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("requester", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("state", Text, nullable=False),
)
messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ticket_id", Integer, nullable=False, index=True),
    Column("message_id", Text, nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("raw", LargeBinary, nullable=False),
)
outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("recipient", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
_TICKET = insert(tickets).returning(tickets.c.id)
_MESSAGE, _OUTBOX = insert(messages), insert(outbox)


class Floor:
    """aiosmtpd's handler; one thread parses and writes."""

    def __init__(self, file: Path) -> None:
        self._engine = create_engine(f"sqlite:///{file}")
        event.listen(self._engine, "connect", _prepare)
        metadata.create_all(self._engine)
        self._waiting: queue.SimpleQueue[tuple[bytes, asyncio.Future[None]]] = queue.SimpleQueue()
        threading.Thread(target=self._write, daemon=True).start()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        assert isinstance(envelope.original_content, bytes)
        self._waiting.put((envelope.original_content, stored))
        await stored
        return "250 OK"

    def _write(self) -> None:
        while True:
            group = [self._waiting.get()]
            while len(group) < GROUP and not self._waiting.empty():
                group.append(self._waiting.get())
            with self._engine.begin() as connection:
                for raw, _ in group:
                    _store(connection, raw)
            for _, stored in group:
                stored.get_loop().call_soon_threadsafe(stored.set_result, None)


def _prepare(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _store(connection: Connection, raw: bytes) -> None:
    mail = mailparser.parse_from_bytes(raw)
    sender, answers = mail.from_[0][1], mail.headers.get("In-Reply-To", "")
    found = select(messages.c.ticket_id).where(messages.c.message_id == answers)
    ticket = connection.execute(found).scalar() if answers else None
    if ticket is None:
        values = {"requester": sender, "subject": mail.subject, "state": "level1"}
        ticket = connection.execute(_TICKET, values).scalar_one()
        body = ACKNOWLEDGEMENT.format(to=sender, number=ticket).encode("utf-8")
        connection.execute(_OUTBOX, {"recipient": sender, "body": body})
    text = "\n".join(mail.text_plain or mail.text_html)
    values = {"ticket_id": ticket, "message_id": mail.message_id, "text": text, "raw": raw}
    connection.execute(_MESSAGE, values)
