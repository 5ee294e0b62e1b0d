"""A real clamd sees every email: the EICAR test file is quarantined, and without the daemon all email waits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgate.daemon.workers.scanner import ScanWorker
from mailgate.store.queries.listings import ListedMail, list_queue
from tests.support.clamav import EICAR, ClamAV, find_clamav
from tests.support.desk import CONFIG, TestDesk


@pytest.fixture
def clamav() -> Iterator[ClamAV]:
    if not find_clamav():
        pytest.skip("ClamAV is not installed: make packages")
    with ClamAV() as found:
        yield found


@pytest.fixture
def desk(tmp_path: Path, clamav: ClamAV) -> Iterator[TestDesk]:
    config = f"{CONFIG}\n[intake.scan]\ncommand = {json.dumps(clamav.command)}\n"
    found = TestDesk(tmp_path, database=f"sqlite:///{tmp_path}/desk.db", config=config)
    yield found
    worker = found.workers["scanner"]
    assert isinstance(worker, ScanWorker)
    worker.close()
    found.close()


def _states(desk: TestDesk) -> list[tuple[str, str]]:
    with desk.desk.database.read() as connection:
        return [(row.state, row.last_error) for row in list_queue(connection, ListedMail)]


def test_the_test_file_is_found_in_an_attachment(desk: TestDesk) -> None:
    mail = desk.mail("Anna <anna@example.org>", "See the bill.", subject="A bill")
    mail.add_attachment(EICAR, maintype="application", subtype="zip", filename="bill.zip")
    desk.send(mail)
    desk.send(desk.mail("Ben <ben@example.org>", "It prints stripes.", subject="Printer"))
    (infected, words), clean = _states(desk)
    assert infected == "quarantined"
    assert "Eicar-Test-Signature" in words
    assert clean == ("done", "")
    assert [ticket.requester for ticket in desk.tickets()] == ["ben@example.org"]


def test_without_the_daemon_email_waits_and_is_scanned_later(desk: TestDesk, clamav: ClamAV) -> None:
    clamav.stop()
    desk.send(desk.mail("Ben <ben@example.org>", "It prints stripes.", subject="Printer"))
    desk.pass_time("10 minutes")
    [(state, words)] = _states(desk)
    assert state == "waiting"
    assert words.startswith("exit status 2: ERROR: Could not connect to clamd")
    clamav.start()
    desk.pass_time("2 minutes")
    assert _states(desk) == [("done", "")]
