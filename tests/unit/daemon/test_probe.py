"""The desk writes to itself: a probe that comes back is known, a missing one is reported, and nobody can forge one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mailgate.config import ROUND_TRIP
from mailgate.daemon.workers.monitoring import MonitoringWorker
from mailgate.daemon.workers.probe import ProbeWorker
from mailgate.store.schema import contacts, journal, outbox
from mailgate.store.source_status import get_status
from mailgate.store.work_queue import requeue
from mailgate.transport.relay import Deferred, Skipped
from tests.support.desk import CONFIG, Delivered, TestDesk

DESK = "support@example.com"
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    config = CONFIG.replace("[intake.smtp]", '[intake]\nprobe_every = "5 minutes"\n[intake.smtp]')
    found = TestDesk(tmp_path, database=database_url, config=config)
    yield found
    found.close()


@pytest.fixture
def probe(desk: TestDesk) -> ProbeWorker:
    return ProbeWorker(desk.desk)


def _send(desk: TestDesk, probe: ProbeWorker) -> Delivered:
    assert probe.step() == 1
    desk.settle()
    return desk.last(DESK, "probe")


def _outcome(desk: TestDesk, row_id: int) -> tuple[str, str]:
    with desk.desk.database.read() as connection:
        row = connection.execute(select(journal).where(journal.c.id == row_id)).one()
    return row.state, row.outcome


def _rows(desk: TestDesk) -> list[Any]:
    with desk.desk.database.read() as connection:
        return list(connection.execute(select(outbox).order_by(outbox.c.id)))


def _way(desk: TestDesk) -> Any:
    with desk.desk.database.read() as connection:
        return get_status(connection, ROUND_TRIP)


def _nothing_came_of_it(desk: TestDesk) -> bool:
    with desk.desk.database.read() as connection:
        known = connection.execute(select(contacts)).all()
    return not desk.tickets() and not known and {row.notice for row in _rows(desk)} <= {"probe", "way_stopped"}


def test_a_probe_goes_round(desk: TestDesk, probe: ProbeWorker) -> None:
    sent = _send(desk, probe)
    desk.clock.advance(2.3 * SECOND)
    row = desk.receive(sent.raw, "")
    assert _outcome(desk, row) == ("ignored", "the probe came back after 2.3 s")
    way = _way(desk)
    assert (way.succeeded_at, way.failing_since, way.figures) == (
        desk.clock.now(),
        None,
        {"seconds": 2.3, "stop": None},
    )
    assert _nothing_came_of_it(desk)


def test_a_person_who_finds_one_reads_what_it_is(desk: TestDesk, probe: ProbeWorker) -> None:
    sent = _send(desk, probe)
    assert sent.message.get_content_type() == "text/plain"
    assert sent.message["From"] == sent.message["To"] == f"Support <{DESK}>"
    assert sent.message["Auto-Submitted"] == "auto-replied"
    mark = re.escape(str(sent.message["X-Mailgate-Probe"]))
    assert re.fullmatch(rf"\[probe {mark}\] Automatic test message", str(sent.message["Subject"]))
    assert re.fullmatch(rf"<probe\.{mark}@example\.com>", sent.message_id)
    assert len(mark) == 26
    assert "(every 5\xa0minutes)" in sent.text


@pytest.mark.parametrize(
    "changes",
    [
        {"Message-ID": "<1@gateway.example.net>"},
        {"Message-ID": "<1@gateway.example.net>", "X-Mailgate-Probe": None, "Subject": "[EXTERNAL] {}"},
        {"X-Mailgate-Probe": None, "Subject": "changed"},
        {"X-Spam-Flag": "YES"},
        {"From": "postmaster@example.com"},
    ],
)
def test_a_probe_is_known_by_what_the_way_has_left_of_it(
    desk: TestDesk, probe: ProbeWorker, changes: dict[str, str | None]
) -> None:
    sent = _send(desk, probe)
    state, outcome = _outcome(desk, desk.receive(_changed(sent.message, changes), ""))
    assert (state, outcome) == ("ignored", "the probe came back after 0.0 s")
    assert _nothing_came_of_it(desk)


def _changed(message: EmailMessage, changes: dict[str, str | None]) -> bytes:
    for name, value in changes.items():
        before = str(message[name] or "")
        del message[name]
        if value is not None:
            message[name] = value.format(before)
    return message.as_bytes()


def test_one_that_comes_back_twice_counts_once(desk: TestDesk, probe: ProbeWorker) -> None:
    sent = _send(desk, probe)
    desk.receive(sent.raw, "")
    before = _way(desk)
    desk.clock.advance(MINUTE)
    row = desk.receive(_changed(sent.message, {"Message-ID": "<2@gateway.example.net>"}), "")
    assert _outcome(desk, row) == ("ignored", "the probe came back once more")
    assert _way(desk) == before
    assert _nothing_came_of_it(desk)


def test_one_that_is_back_before_the_relay_has_answered_counts(desk: TestDesk, probe: ProbeWorker) -> None:
    """The relay hands it over within its own dialogue; the 250 is committed afterwards."""
    send = desk.relay.send

    def at_once(sender: str, recipient: str, message: Any) -> Any:
        outcome = send(sender, recipient, message)
        desk.relay.send = send  # type: ignore[method-assign]
        return outcome

    desk.relay.send = at_once  # type: ignore[method-assign]
    assert probe.step() == 1
    body = _rows(desk)[0].body
    desk.receive(body, "")
    assert _way(desk).figures == {"seconds": 0.0, "stop": None}
    assert (_rows(desk)[0].state, _rows(desk)[0].lane) == ("done", "returned")


@pytest.mark.parametrize("header", ["X-Mailgate-Probe", "Subject", "Message-ID"])
def test_nobody_can_make_one(desk: TestDesk, probe: ProbeWorker, header: str) -> None:
    _send(desk, probe)
    guess = "a" * 26
    mail = desk.mail("anna@example.org", "It is broken.", subject="Printer")
    del mail[header]
    mail[header] = {"Subject": f"[probe {guess}] x", "Message-ID": f"<probe.{guess}@example.com>"}.get(header, guess)
    desk.send(mail)
    assert [ticket.requester for ticket in desk.tickets()] == ["anna@example.org"]
    assert _way(desk) is None


@pytest.mark.parametrize("subject", ["Undeliverable: {}", "Re: {}", "Automatic reply: {}", "***** SPAM {}"])
def test_what_speaks_of_a_probe_is_none(desk: TestDesk, probe: ProbeWorker, subject: str) -> None:
    """A report that it could not be delivered must not pass for the probe itself."""
    sent = _send(desk, probe)
    changes = {"Subject": subject, "X-Mailgate-Probe": None, "Message-ID": "<3@mx.example.net>"}
    desk.receive(_changed(sent.message, changes), "")
    assert _way(desk) is None


# -- when ------------------------------------------------------------------------------------------------------------


def test_there_is_one_for_each_interval_whatever_restarts(desk: TestDesk, probe: ProbeWorker) -> None:
    start = desk.clock.now()
    desk.receive(_send(desk, probe).raw, "")
    assert probe.next_due() == start + 5 * MINUTE
    again = ProbeWorker(desk.desk)
    desk.clock.advance(MINUTE)
    assert again.step() == 0
    assert again.next_due() == start + 5 * MINUTE
    desk.clock.advance(4 * MINUTE)
    _send(desk, probe)
    assert again.step() == 0
    assert len(_rows(desk)) == 2
    assert _way(desk).last_error == ""


def test_without_an_interval_there_is_none(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url)
    probe = ProbeWorker(desk.desk)
    assert (probe.step(), probe.next_due()) == (0, None)
    assert _rows(desk) == []
    desk.close()


def test_one_that_does_not_come_back_is_an_alarm(desk: TestDesk, probe: ProbeWorker) -> None:
    alarms = MonitoringWorker(desk.desk)
    for _ in range(3):
        _send(desk, probe)
        assert alarms.step() == 0
        desk.clock.advance(5 * MINUTE)
    assert alarms.step() == 1
    desk.settle()
    alarm = desk.last("operator@example.com", "way_stopped")
    assert alarm.message["Subject"] == "Alert: the desk’s test emails don’t come back"
    assert "the probe that was sent at 08:05 UTC has not come back" in alarm.text
    assert "since Monday 23 November at 09:00" in alarm.text
    desk.receive(_send(desk, probe).raw, "")
    assert alarms.step() == 0, "it worked in the very moment of the alarm: the next one must show it"
    desk.clock.advance(5 * MINUTE)
    desk.receive(_send(desk, probe).raw, "")
    assert alarms.step() == 1
    desk.settle()
    well = desk.last("operator@example.com", "way_works")
    assert well.message["Subject"] == "Resolved: the desk’s test emails come back again"


def test_a_late_one_names_where_it_was(desk: TestDesk, probe: ProbeWorker) -> None:
    alarms = MonitoringWorker(desk.desk)
    late = _send(desk, probe)
    desk.clock.advance(15 * MINUTE)
    assert alarms.step() == 1
    desk.clock.advance(5 * MINUTE)
    hops = (
        "from mx.example.com by imap.example.com with LMTP id 2; Mon, 23 Nov 2026 08:19:00 +0000",
        "from desk.example.com by mx.example.com with ESMTP id 1; Mon, 23 Nov 2026 09:00:01 +0100",
    )
    row = desk.receive("".join(f"Received: {hop}\r\n" for hop in hops).encode() + late.raw, "")
    where = "1139 s of it between mx.example.com and imap.example.com"
    assert _outcome(desk, row) == ("ignored", f"the probe came back after 1200.0 s, {where}")
    assert alarms.step() == 1
    desk.settle()
    text = " ".join(desk.last("operator@example.com", "way_works").text.split())
    assert "it spent 18 min between mx.example.com and imap.example.com. Look there first." in text


def test_a_parked_probe_is_not_repeated(desk: TestDesk, probe: ProbeWorker) -> None:
    """As under --dry-run, and where only_to does not name the desk."""
    desk.relay.refuse[DESK] = Skipped("dry run")
    assert probe.step() == 1
    desk.settle()
    for _ in range(60):
        desk.clock.advance(MINUTE)
        assert probe.step() == 0
    [row] = _rows(desk)
    assert row.state == "parked"
    words = f"the probe is parked (dry run): `mailgate requeue outbox {row.id}` sends it again"
    assert _way(desk).last_error == words
    del desk.relay.refuse[DESK]
    with desk.desk.database.write() as connection:
        requeue(connection, outbox, [row.id], desk.clock.now())
    desk.settle()
    desk.receive(desk.last(DESK, "probe").raw, "")
    assert _way(desk).figures == {"seconds": 0.0, "stop": None}
    desk.clock.advance(5 * MINUTE)
    assert probe.step() == 1


def test_a_waiting_probe_gives_way_when_it_is_too_old(desk: TestDesk, probe: ProbeWorker) -> None:
    desk.relay.down = Deferred("the relay cannot be reached: Connection refused")
    assert probe.step() == 1
    for _ in range(14):
        desk.pass_time("1 minute")
        assert probe.step() == 0
    assert _way(desk).last_error == "the probe is waiting to be sent: the relay cannot be reached: Connection refused"
    desk.pass_time("1 minute")
    desk.relay.down = None
    assert probe.step() == 1
    desk.settle()
    old, new = _rows(desk)
    assert (old.state, old.last_error) == ("cancelled", "not sent: a newer probe has replaced it")
    assert new.state == "done"
    assert len(desk.delivered(DESK)) == 1
