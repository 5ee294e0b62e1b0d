"""Large mails from the door to the relay: in pieces all the way, and what arrives is what was sent."""

from __future__ import annotations

import email
import email.policy
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import func, select

from mailgate.core.mail import Envelope
from mailgate.daemon.workers import inbound, outbound
from mailgate.daemon.workers.outbound import OutboundWorker
from mailgate.store.blobs import get_blob
from mailgate.store.journal import JournalEntry, append
from mailgate.store.schema import blob_parts, journal, outbox
from mailgate.store.spool import PIECE, Spool
from mailgate.transport.acceptance import Acceptor
from mailgate.transport.relay import Relay, RelaySettings
from tests.support.desk import TestDesk
from tests.support.relay import SmtpSink

LEVEL1 = "level1@example.com"
FILE = random.Random(1).randbytes(3 * PIECE)


def large_mail(encoding: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "anna@example.org", "support@example.com", "The log"
    message["Message-ID"] = "<large@example.org>"
    message.set_content("It is attached.")
    if encoding == "base64":
        message.add_attachment(FILE, "application", "octet-stream", filename="log.bin")
    else:
        message.add_attachment(FILE.hex(" ", 32), filename="log.txt", cte=encoding)
    return message.as_bytes(policy=email.policy.SMTP)


def accept(desk: TestDesk, raw: bytes) -> None:
    """Store a mail as it comes from an intake that had it in a file."""
    spool = Spool()
    for at in range(0, len(raw), 100_000):
        spool.write(raw[at : at + 100_000])
    envelope = Envelope("anna@example.org", ("support@example.com",), "test", desk.clock.now())
    intake = Acceptor(desk.desk.database)
    try:
        intake.accept(envelope, spool).result(30)
    finally:
        intake.close()
    with pytest.raises(ValueError, match="closed"):
        next(spool.pieces())


@contextmanager
def relaying(desk: TestDesk) -> Iterator[SmtpSink]:
    """The desk's notices go to a real sink."""
    with SmtpSink(data_size_limit=2**26) as sink:
        relay = Relay(RelaySettings(port=sink.port, timeout=10))
        two = desk.settings.model_copy(update={"relay": desk.settings.relay.model_copy(update={"connections": 2})})
        desk.workers["courier"] = OutboundWorker(replace(desk.desk, settings=two, relay=relay))
        yield sink
        desk.outbound.close()


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    made = TestDesk(tmp_path, database=database_url)
    yield made
    made.close()


@pytest.mark.parametrize("encoding", ["base64", "7bit"])
def test_a_large_mail_is_forwarded_with_its_file(desk: TestDesk, encoding: str) -> None:
    raw = large_mail(encoding)
    accept(desk, raw)
    with desk.desk.database.read() as connection:
        row = connection.execute(select(journal)).one()
        assert (row.size, row.message_id) == (len(raw), "large@example.org")
        assert get_blob(connection, row.blob_id) == raw
        assert connection.execute(select(func.count()).select_from(blob_parts)).scalar_one() == (len(raw) - 1) // PIECE
    with relaying(desk) as sink:
        desk.settle()
    (forward,) = (taken for taken in sink.received if taken.recipients == (LEVEL1,))
    assert len(forward.content) > PIECE
    (file,) = email.message_from_bytes(forward.content, policy=email.policy.default).iter_attachments()
    content = FILE if encoding == "base64" else (FILE.hex(" ", 32) + "\n").replace("\n", "\r\n").encode()
    assert file.get_payload(decode=True) == content
    with desk.desk.database.read() as connection:
        sizes = connection.execute(select(outbox.c.size).where(outbox.c.recipient == LEVEL1)).scalars().all()
    assert sizes == [len(forward.content)]


def test_a_notice_that_cannot_be_read_while_it_is_sent_waits(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Iterator[bytes]:
        yield b"A" * 76
        raise OSError("the database is gone")

    accept(desk, large_mail("base64"))
    monkeypatch.setattr(outbound, "read_blob", fail)
    with relaying(desk) as sink:
        desk.settle()
    assert [taken.recipients for taken in sink.received] == [("anna@example.org",)]
    with desk.desk.database.read() as connection:
        (row,) = connection.execute(select(outbox).where(outbox.c.state == "waiting")).all()
    assert (row.recipient, row.leased_until) == (LEVEL1, None)
    assert row.attempts in (1, 2)  # twice where the receipt went out after it: a success wakes what waits
    assert "the database is gone" in row.last_error


def test_mails_that_are_large_together_are_worked_one_after_the_other(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbound, "BATCH_BYTES", 2000)
    envelope = Envelope("anna@example.org", ("support@example.com",), "test", desk.clock.now())
    for number, size in enumerate([100, 5000, 5000, 900, 900, 900]):
        head = f"From: anna@example.org\r\nSubject: x\r\nMessage-ID: <{number}@x>\r\n\r\n".encode()
        with desk.desk.database.write() as connection:
            append(connection, JournalEntry(envelope, head + b"x" * (size - len(head)), f"{number}@x"))
    assert [desk.inbound.step() for _ in range(5)] == [1, 1, 1, 2, 1]
    assert desk.inbound.step() == 0
    with desk.desk.database.read() as connection:
        assert connection.execute(select(journal.c.state, journal.c.attempts)).all() == [("done", 1)] * 6
