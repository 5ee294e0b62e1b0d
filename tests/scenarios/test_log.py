"""One mail and its ticket through the log: each durable step is one line, found by its numbers and its Message-ID."""

from __future__ import annotations

import email.policy
import logging
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailgate.core.log_fields import Fields
from mailgate.core.mail import Envelope
from mailgate.transport.acceptance import Acceptor
from mailgate.transport.relay import Deferred
from tests.support.desk import TestDesk, refused

pytestmark = pytest.mark.postgresql

_STEPS = {"store", "receive", "step", "send", "fire"}


@pytest.fixture
def desk(tmp_path: Path, database_url: str, caplog: pytest.LogCaptureFixture) -> Iterator[TestDesk]:
    caplog.set_level(logging.INFO, "mailgate")
    desk = TestDesk(tmp_path, database=database_url)
    yield desk
    desk.close()


def _take(desk: TestDesk, mail: EmailMessage) -> int:
    """Takes a mail by SMTP and works it off; returns its row of the journal."""
    acceptor = Acceptor(desk.desk.database)
    sender, recipient = mail["From"].addresses[0].addr_spec, mail["To"].addresses[0].addr_spec
    envelope = Envelope(sender, (recipient,), "smtp", desk.clock.now(), peer="192.0.2.1")
    stored = acceptor.accept(envelope, mail.as_bytes(policy=email.policy.SMTP)).result(10)
    acceptor.close()
    desk.settle()
    return stored.journal_id


def _fields(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    found = [record.msg.values for record in caplog.records if isinstance(record.msg, Fields)]
    return [values for values in found if values.get("action") in _STEPS]


def test_a_ticket_is_followed_from_its_first_mail_to_its_end(desk: TestDesk, caplog: pytest.LogCaptureFixture) -> None:
    first = desk.mail("anna@example.org", "The printer is on fire.", subject="Printer")
    number = _take(desk, first)
    _take(desk, desk.answer("alice@example.com", "#resolve\nWe put it out.", desk.last("level1@example.com")))
    _take(desk, desk.answer("anna@example.org", "Yes, it is solved.", desk.last("anna@example.org")))
    desk.pass_time("30 business days")
    assert desk.ticket().state == "closed"

    lines = _fields(caplog)
    mine = [one for one in lines if one.get("message_id") == first["Message-ID"]]
    assert [(one["action"], one["result"], one["journal"]) for one in mine] == [
        ("store", "ok", number),
        ("receive", "done", number),
    ]
    assert mine[0]["source"] == "smtp"
    assert mine[1]["reference"] == "SUP-1"
    steps = [one for one in lines if one["action"] == "step"]
    assert {one["reference"] for one in steps} == {"SUP-1"}
    assert [(one["event"], one.get("from_state"), one["to_state"], one.get("journal")) for one in steps] == [
        ("request", None, "level1", 1),
        ("resolve", "level1", "confirming", 2),
        ("yes", "confirming", "finalizing", 3),
        ("timer objection", "finalizing", "closed", None),
    ]
    assert [one["by"] for one in steps[:3]] == ["anna@example.org", "alice@example.com", "anna@example.org"]
    sent = [one for one in lines if one["action"] == "send"]
    assert {one["reference"] for one in sent} == {"SUP-1"}
    assert [one["notice"] for one in sent if one["to"] == "anna@example.org"] == ["receipt", "confirm", "final"]
    assert all(one["result"] == "sent" and one["outbox"] and one["message_id"] for one in sent)
    assert "None" not in caplog.text
    assert "masked" in caplog.text  # the Message-IDs of notices are signed
    assert not [record for record in caplog.records if record.levelno > logging.INFO]


def test_a_deadline_that_passes_is_a_step(desk: TestDesk, caplog: pytest.LogCaptureFixture) -> None:
    _take(desk, desk.mail("anna@example.org", "The printer is on fire.", subject="Printer"))
    desk.pass_time("5 business hours")
    steps = [one for one in _fields(caplog) if one["action"] == "step" and str(one["event"]).startswith("timer ")]
    assert ("SUP-1", "level1", "level2") in [(one["reference"], one["from_state"], one["to_state"]) for one in steps]
    assert all("journal" not in one for one in steps)


def test_what_is_not_sent_is_a_warning_once_for_each_outage(desk: TestDesk, caplog: pytest.LogCaptureFixture) -> None:
    desk.relay.down = Deferred("421 4.3.2 try later")
    _take(desk, desk.mail("anna@example.org", "The printer is on fire.", subject="Printer"))
    desk.relay.down = None
    desk.relay.refuse["anna@example.org"] = refused()
    desk.pass_time("1 business hour")
    sends = [record for record in caplog.records if record.name == "mailgate.outbound"]
    told = [
        (record.levelname, record.msg.values["result"])
        for record in sends
        if isinstance(record.msg, Fields) and record.msg.values["action"] == "send"
    ]
    assert told.count(("WARNING", "deferred")) == 1
    assert ("WARNING", "rejected") in told
    assert {level for level, result in told if result == "sent"} == {"INFO"}


def test_a_refused_command_is_a_step_that_was_refused(desk: TestDesk, caplog: pytest.LogCaptureFixture) -> None:
    _take(desk, desk.mail("anna@example.org", "The printer is on fire.", subject="Printer"))
    _take(desk, desk.answer("alice@example.com", "#assign nobody@example.com", desk.last("level1@example.com")))
    steps = [one for one in _fields(caplog) if one["action"] == "step"]
    assert [one["result"] for one in steps] == ["ok", "refused"]
