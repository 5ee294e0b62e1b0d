"""The virus scanner: every mail passes it before it is processed, and none is processed while it does not work."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from mailgate.daemon.workers.monitoring import MonitoringWorker
from mailgate.daemon.workers.scanner import ScanWorker
from mailgate.store.queries.listings import ListedMail, list_queue
from mailgate.store.source_status import get_status
from tests.support.desk import CONFIG, TestDesk

pytestmark = pytest.mark.postgresql

_ANNA = "Anna <anna@example.org>"
# Like clamdscan: 1 for a virus, with its name, and 2 where it cannot say.
_SCANNER = """#!{python}
import sys
mail = sys.stdin.buffer.read()
if b"out of order" in open({notes!r}, "rb").read():
    print("ERROR: Could not connect to clamd")
    raise SystemExit(2)
if b"TOO LARGE" in mail:
    print("INSTREAM size limit exceeded. ERROR")
    raise SystemExit(2)
if b"CRASH" in mail:
    import os
    os.kill(os.getpid(), 11)
open({notes!r}, "ab").write(b"%d " % len(mail))
if b"VIRUS" in mail:
    print("stdin: Test.Virus FOUND")
    raise SystemExit(1)
"""
Build = Callable[..., TestDesk]


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """The file in which the scanner notes each mail; it works unless the file says that it is out of order."""
    path = tmp_path / "notes"
    path.write_bytes(b"")
    return path


@pytest.fixture
def config(tmp_path: Path, notes: Path) -> str:
    program = tmp_path / "scanner.py"
    program.write_text(_SCANNER.format(python=sys.executable, notes=str(notes)))
    program.chmod(0o755)
    return f"{CONFIG}\n[intake.scan]\ncommand = [{json.dumps(str(program))}]\n"


@pytest.fixture
def desk(tmp_path: Path, database_url: str, config: str) -> Iterator[TestDesk]:
    found = TestDesk(tmp_path, database=database_url, config=config)
    yield found
    worker = found.workers.get("scanner")
    if isinstance(worker, ScanWorker):
        worker.close()
    found.close()


def _journal(desk: TestDesk) -> list[ListedMail]:
    with desk.desk.database.read() as connection:
        return list_queue(connection, ListedMail)


def _send(desk: TestDesk, text: str, subject: str = "Printer") -> None:
    desk.send(desk.mail(_ANNA, text, subject=subject))


def test_a_clean_mail_is_processed_once_it_was_scanned(desk: TestDesk, notes: Path) -> None:
    _send(desk, "It prints stripes.")
    assert desk.ticket().reference == "SUP-1"
    [row] = _journal(desk)
    assert (row.state, row.attempts) == ("done", 1)
    assert notes.read_bytes().split() == [str(row.size).encode()]


def test_an_infected_mail_is_quarantined_and_only_the_operator_hears_of_it(desk: TestDesk) -> None:
    _send(desk, "VIRUS", "A bill")
    assert desk.tickets() == []
    [row] = _journal(desk)
    assert (row.state, row.last_error) == ("quarantined", "stdin: Test.Virus FOUND")
    [alarm] = desk.relay.mails
    assert alarm.recipient == "operator@example.com"
    assert "mail 1 from anna@example.org (“A bill”) was quarantined" in " ".join(alarm.text.split())
    assert "VIRUS" not in alarm.text


def test_many_infected_mails_are_one_alarm_an_hour(desk: TestDesk) -> None:
    for number in range(3):
        _send(desk, "VIRUS", f"Bill {number}")
    assert len(desk.relay.mails) == 1
    desk.pass_time("61 minutes")
    MonitoringWorker(desk.desk).step()
    desk.settle()
    assert len(desk.relay.mails) == 2
    assert "Bill 1" in desk.relay.mails[-1].text
    assert "Bill 2" in desk.relay.mails[-1].text


def test_while_the_scanner_does_not_work_mail_waits(desk: TestDesk, notes: Path) -> None:
    notes.write_bytes(b"out of order")
    _send(desk, "It prints stripes.")
    _send(desk, "It smells.", "Smoke")
    desk.pass_time("2 hours")
    assert desk.tickets() == []
    assert {(row.state, row.last_error) for row in _journal(desk)} <= {
        ("waiting", "exit status 2: ERROR: Could not connect to clamd"),
        ("waiting", ""),
    }
    with desk.desk.database.read() as connection:
        status = get_status(connection, "virus scanner")
    assert status is not None
    assert "Could not connect" in status.last_error
    notes.write_bytes(b"")
    desk.pass_time("2 minutes")
    assert len(desk.tickets()) == 2
    assert [row.attempts for row in _journal(desk)] == [1, 1]


def test_the_operator_hears_of_a_scanner_that_does_not_work(desk: TestDesk, notes: Path) -> None:
    alarms = MonitoringWorker(desk.desk)
    notes.write_bytes(b"out of order")
    _send(desk, "It prints stripes.")
    desk.pass_time("16 minutes")
    alarms.step()
    desk.settle()
    [alarm] = [mail for mail in desk.relay.mails if mail.notice == "alarm"]
    assert "The virus scanner isn’t working: exit status 2" in " ".join(alarm.text.split())


@pytest.mark.parametrize(
    ("text", "words"),
    [("TOO LARGE", "exit status 2: INSTREAM size limit exceeded. ERROR"), ("CRASH", "it was killed by signal 11")],
)
def test_a_mail_that_cannot_be_scanned_is_quarantined_once_others_were(desk: TestDesk, text: str, words: str) -> None:
    _send(desk, text, "A film")
    desk.pass_time("1 hour")
    assert [row.state for row in _journal(desk)] == ["waiting"]  # it may be the scanner
    for number in range(4):
        _send(desk, "It prints stripes.", f"Printer {number}")
        desk.pass_time("3 minutes")
        assert [row.state for row in _journal(desk)] == ["waiting", *["done"] * (number + 1)] or number == 3
    assert _journal(desk)[0].state == "quarantined"
    assert _journal(desk)[0].last_error == f"cannot be scanned: {words}"
    alarm = desk.last("operator@example.com")
    assert "(“A film”) was quarantined by the virus scanner: cannot be scanned" in " ".join(alarm.text.split())


def test_a_scanner_that_fails_now_and_then_quarantines_nothing(desk: TestDesk, notes: Path) -> None:
    for number in range(8):
        notes.write_bytes(b"out of order")
        _send(desk, "It prints stripes.", f"Printer {number}")
        desk.pass_time("10 minutes")
        notes.write_bytes(b"")
        desk.pass_time("10 minutes")
    assert {row.state for row in _journal(desk)} == {"done"}


def test_a_scanner_that_is_taken_out_lets_all_in(desk: TestDesk, notes: Path) -> None:
    notes.write_bytes(b"out of order")
    _send(desk, "It prints stripes.")
    desk.pass_time("3 hours")
    scanner = desk.workers["scanner"]
    assert isinstance(scanner, ScanWorker)
    scanner.close()
    desk.restart(CONFIG)
    desk.pass_time("1 minute")
    assert [row.state for row in _journal(desk)] == ["done"]
    assert len(desk.tickets()) == 1


def test_a_mail_that_waits_is_scanned_once_a_scanner_is_there(tmp_path: Path, database_url: str, config: str) -> None:
    desk = TestDesk(tmp_path, database=database_url, config=CONFIG)
    said: list[str] = []
    event.listen(desk.desk.database.engine, "before_cursor_execute", lambda *words: said.append(str(words[2])))
    _send(desk, "It prints stripes.")
    assert not [words for words in said if "scanned_at IS" in words]  # no word of it without a scanner
    desk.workers["worker"].step = lambda: 0  # type: ignore[method-assign]  # the desk stops in between
    _send(desk, "VIRUS", "A bill")
    desk.restart(config)
    assert [row.state for row in _journal(desk)] == ["done", "quarantined"]
    scanner = desk.workers["scanner"]
    assert isinstance(scanner, ScanWorker)
    scanner.close()
    desk.close()
