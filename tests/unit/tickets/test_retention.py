"""Parts of closed tickets go when their time is over; a legal hold keeps them; a person gets what the desk has."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from mailgate.config import RETENTION, ConfigError, read_config
from mailgate.daemon.workers.archive import ArchiveWorker
from mailgate.daemon.workers.retention import RetentionWorker
from mailgate.store.source_status import note_success
from mailgate.tickets.retention import Retention
from tests.support.desk import CONFIG, TestDesk
from tests.unit.tickets.test_erasure import figures, read_all, run

RETAIN = """
[retain]
raw_mails = "30 days"
attachments = "60 days"
texts = "90 days"
tickets = "365 days"
mails = "10 days"
[queues.network]
address = "network@example.com"
retain.texts = "forever"
retain.tickets = "forever"
"""
BERT = "Bert Brown <bert@example.org>"
FILE = b"a plan of the office\n" * 300


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    desk = TestDesk(tmp_path, database=database_url, config=f"{CONFIG}{RETAIN}")
    mail = desk.mail(BERT, "The lamp flickers since noon.", subject="Lamp of the hall")
    mail.add_attachment(FILE, "text", "plain", filename="plan.txt")
    desk.send(mail)
    network = desk.mail("Carla <carla@example.org>", "No network in the hall.", subject="Net", to="network@example.com")
    desk.send(network)
    desk.send(desk.mail("dora@example.org", "A chair is broken.", subject="Chair"))  # stays open
    ignored = desk.mail("robot@example.net", "I am away for ever.", subject="Away")
    ignored["Auto-Submitted"] = "auto-replied"
    desk.send(ignored)
    for reference in ("SUP-1", "SUP-2"):
        assert run(desk, "close", reference, "withdrawn").exit_code == 0
    desk.pass_time("5 days")
    yield desk
    desk.close()


def look(desk: TestDesk, words: str = "") -> str:
    """Reads all of the database, after the worker has done what is due."""
    if words:
        desk.pass_time(words)
    note_look(desk)
    step(desk)
    return read(desk)


def note_look(desk: TestDesk) -> None:
    """Notes a look at this time, since the worker looks every hour and these tests do not."""
    with desk.desk.database.write() as connection:
        note_success(connection, RETENTION, desk.clock.now(), waits_until=None)


def step(desk: TestDesk, worker: RetentionWorker | None = None) -> None:
    worker = worker or RetentionWorker(desk.desk)
    while worker.step():
        pass


def read(desk: TestDesk) -> str:
    return b"\n".join(read_all(desk.desk.database).values()).decode("utf-8", "replace")


def test_each_part_goes_at_its_time_and_the_figures_stay(desk: TestDesk) -> None:
    counted = figures(desk, "2026-11-27")
    assert "I am away for ever." in look(desk)
    assert "I am away for ever." not in look(desk, "10 days")
    assert "Subject: Lamp of the hall" in look(desk)
    now = look(desk, "20 days")
    assert "Subject: Lamp of the hall" not in now
    assert "The lamp flickers since noon." in now
    assert FILE.decode() in now
    now = look(desk, "30 days")
    assert FILE.decode() not in now
    assert "The lamp flickers since noon." in now
    now = look(desk, "30 days")
    assert "The lamp flickers since noon." not in now
    assert "bert@example.org" in now
    now = look(desk, "300 days")
    assert "bert@example.org" not in now
    assert "Brown" not in now
    assert "No network in the hall." in now
    assert "carla@example.org" in now
    assert "A chair is broken." in now
    assert "dora@example.org" in now
    assert figures(desk, "2026-11-27") == counted


def test_a_dry_run_lists_and_the_command_removes(desk: TestDesk) -> None:
    desk.pass_time("95 days")
    before = read_all(desk.desk.database)
    shown = run(desk, "retain", "--dry-run")
    assert "texts of 1 ticket: SUP-1" in shown.stdout
    assert "emails as they came in of 2 tickets: SUP-2, SUP-1" in shown.stdout
    assert read_all(desk.desk.database) == before
    done = run(desk, "retain", "--compact")
    assert "texts removed: 1 ticket" in done.output or not desk.desk.database.sqlite
    assert run(desk, "retain", "--dry-run").stdout.strip() == "Nothing is due."


def test_a_legal_hold_keeps_a_ticket_from_both(desk: TestDesk) -> None:
    assert run(desk, "legal-hold", "SUP-1").exit_code == 2
    assert run(desk, "legal-hold", "SUP-1", "--reason", "case 7").exit_code == 0
    assert "SUP-1" in run(desk, "legal-hold").stdout
    assert json.loads(run(desk, "legal-hold", "--json").stdout)[0]["reason"] == "case 7"
    assert "The lamp flickers since noon." in look(desk, "400 days")
    assert "Under a legal hold, not touched: SUP-1 (case 7)" in run(desk, "erase", "bert@example.org", "--yes").output
    assert "The lamp flickers since noon." in look(desk)
    assert run(desk, "legal-hold", "SUP-1", "--lift").exit_code == 0
    assert run(desk, "legal-hold", "SUP-1", "--lift").exit_code == 1
    assert "The lamp flickers since noon." not in look(desk, "1 day")
    with desk.desk.database.read() as connection:
        found = connection.execute(text("SELECT event FROM events WHERE ticket_id = 1 ORDER BY id")).scalars().all()
    assert [one for one in found if "hold" in one] == ["legal hold", "legal hold lifted"]


def test_a_legal_hold_on_a_person_keeps_all_of_them(desk: TestDesk) -> None:
    assert "1 ticket so far" in run(desk, "legal-hold", "Bert@example.org", "--reason", "case 7").stdout
    refused = run(desk, "erase", "bert@example.org", "--yes")
    assert refused.exit_code == 1
    assert "legal hold: case 7" in refused.output
    assert "The lamp flickers since noon." in look(desk, "400 days")


def test_a_legal_hold_on_a_person_keeps_nobody_else(desk: TestDesk) -> None:
    run(desk, "legal-hold", "dora@example.org", "--reason", "case 7")
    assert "The lamp flickers since noon." not in look(desk, "400 days")
    assert "not touched" not in run(desk, "erase", "carla@example.org", "--yes").output
    kept = look(desk)
    assert "No network in the hall." not in kept
    assert "A chair is broken." in kept


def test_a_ticket_that_is_reopened_and_closed_again_starts_anew(desk: TestDesk) -> None:
    assert "The lamp flickers since noon." not in look(desk, "95 days")
    assert run(desk, "reopen", "SUP-1").exit_code == 0
    desk.settle()
    desk.send(desk.answer("alice@example.com", "#note the lamp is back", desk.last("level1@example.com")))
    run(desk, "close", "SUP-1", "withdrawn")
    assert "the lamp is back" in look(desk, "10 days")
    assert "the lamp is back" not in look(desk, "100 days")


def test_a_ticket_without_its_people_takes_nothing_by_mail(desk: TestDesk) -> None:
    # Level 1 has SUP-1, and Level 2 the open one.
    look(desk, "400 days")
    desk.send(desk.answer("alice@example.com", "#list all", desk.delivered("level1@example.com")[-1]))
    for words in ("#note SUP-1\nHer name was Quetzal.", "#reopen SUP-1", "#take SUP-1", "#tag quetzal SUP-1"):
        desk.send(desk.answer("alice@example.com", words, desk.last("alice@example.com", "reply")))
        assert "SUP-1 … · not done: the ticket is closed" in desk.last("alice@example.com", "reply").text
    desk.send(desk.answer("carol@example.com", "#merge SUP-1 yes", desk.last("level2@example.com")))
    assert "SUP-1" in desk.last("carol@example.com", "not_possible").text
    emptied, chair = desk.tickets()[0], desk.tickets()[2]
    assert (emptied.state, emptied.tags, chair.merged_into) == ("closed", (), None)
    with desk.desk.database.read() as connection:
        rows = connection.execute(text("SELECT text FROM events WHERE ticket_id = 1")).scalars().all()
    assert not [one for one in rows if "quetzal" in one.lower()]


def test_a_clock_that_is_set_years_ahead_removes_nothing(desk: TestDesk) -> None:
    worker, years = RetentionWorker(desk.desk), timedelta(days=4000)
    step(desk, worker)
    desk.clock.jump(years)
    step(desk, worker)
    desk.clock.advance(timedelta(hours=23))
    step(desk, worker)
    step(desk)  # another process
    assert "The lamp flickers since noon." in read(desk)
    desk.clock.jump(-years)
    step(desk, worker)
    assert "Subject: Lamp of the hall" in read(desk)
    for _hour in range(31 * 24):  # by the right clock each part goes at its time
        desk.clock.advance(timedelta(hours=1))
        step(desk, worker)
    assert "Subject: Lamp of the hall" not in read(desk)
    assert "The lamp flickers since noon." in read(desk)


def test_a_desk_that_was_stopped_for_long_removes_a_day_later(desk: TestDesk) -> None:
    step(desk)
    desk.clock.advance(timedelta(days=400))
    worker = RetentionWorker(desk.desk)
    step(desk, worker)
    assert "The lamp flickers since noon." in read(desk)
    for _hour in range(24):
        due = worker.next_due()
        assert due is not None
        assert due > desk.clock.now()
        desk.clock.advance(timedelta(hours=1))
        step(desk, worker)
    assert "The lamp flickers since noon." not in read(desk)


def test_a_ticket_that_was_closed_again_since_it_was_listed_stays(desk: TestDesk) -> None:
    desk.pass_time("95 days")
    retention, now = Retention(desk.desk.database, desk.settings), desk.clock.now()
    assert retention.find_due(now).tickets["texts"] == {1: "SUP-1"}
    assert run(desk, "reopen", "SUP-1").exit_code == 0
    assert not retention.remove_part(1, "texts", now)
    assert run(desk, "close", "SUP-1", "withdrawn").exit_code == 0
    desk.pass_time("5 days")
    assert desk.tickets()[0].state == "closed"
    assert not retention.remove_part(1, "texts", desk.clock.now())
    assert "The lamp flickers since noon." in read(desk)


def test_bundle_first_waits_for_the_archive(tmp_path: Path, database_url: str) -> None:
    (tmp_path / "archive").mkdir()
    config = f'{CONFIG}\n[archive]\nfolder = "archive"\n[retain]\ntickets = "30 days"\nbundle_first = true\n'
    desk = TestDesk(tmp_path, database=database_url, config=config)
    desk.send(desk.mail(BERT, "The lamp flickers since noon.", subject="Lamp"))
    run(desk, "close", "SUP-1", "withdrawn")
    assert "The lamp flickers since noon." in look(desk, "60 days")
    archive = ArchiveWorker(desk.desk)
    while archive.step():
        pass
    assert "The lamp flickers since noon." not in look(desk, "1 day")
    (bundle,) = (tmp_path / "archive").rglob("*.zip")
    with zipfile.ZipFile(bundle) as file:
        assert b"The lamp flickers since noon." in file.read("ticket.json")
    desk.close()


def test_bundle_first_waits_for_the_bundles_of_merged_tickets(tmp_path: Path, database_url: str) -> None:
    (tmp_path / "archive").mkdir()
    desk = TestDesk(tmp_path, database=database_url)
    desk.send(desk.mail(BERT, "The lamp flickers since noon.", subject="Lamp"))
    desk.send(desk.mail(BERT, "The lamp hums, too.", subject="Lamp, again"))
    desk.send(desk.answer("alice@example.com", "#merge SUP-2", desk.delivered("level1@example.com")[0]))
    kept = next(one for one in desk.tickets() if one.merged_into is None)
    run(desk, "close", kept.reference, "withdrawn")
    desk.restart(f'{CONFIG}\n[archive]\nfolder = "archive"\n[retain]\ntickets = "30 days"\nbundle_first = true\n')
    assert "The lamp hums, too." in look(desk, "60 days")
    archive = ArchiveWorker(desk.desk)
    assert [archive.step() for _ in range(3)] == [1, 1, 0]
    now = look(desk, "1 day")
    assert "The lamp hums, too." not in now
    assert "The lamp flickers since noon." not in now
    assert len(list((tmp_path / "archive").rglob("*.zip"))) == 2
    desk.close()


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("[retain]\nbundle_first = true", "retain.bundle_first: there is no archive"),
        ('[queues.net]\naddress = "n@example.com"\nretain.mails = "2 days"', "queues.net.retain.mails: these emails"),
        ('[retain]\ntexts = "2 business days"', "retain.texts: must be clock time"),
        ('[retain]\ntexts = "never"', 'retain.texts: "never" is not a duration'),
    ],
)
def test_mistakes_in_the_configuration_are_named(tmp_path: Path, table: str, words: str) -> None:
    (tmp_path / "secret").write_text("a key that only the tests know\n")
    path = tmp_path / "mailgate.toml"
    path.write_text(f"{CONFIG}\n{table}\n")
    with pytest.raises(ConfigError) as error:
        read_config(path)
    assert words in str(error.value)


def test_a_person_gets_all_that_the_desk_has(desk: TestDesk, tmp_path: Path) -> None:
    desk.send(desk.mail("eve@example.org", "The door squeaks.", subject="Door", cc=BERT))
    desk.send(desk.answer("alice@example.com", "Dear both, which door?", desk.last("level1@example.com", "request")))
    target = tmp_path / "bert.zip"
    assert run(desk, "export").exit_code == 2
    done = run(desk, "export", "--person", "bert@example.org", "--output", str(target))
    assert done.exit_code == 0, done.output
    assert target.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(target) as file:
        record = json.loads(file.read("person.json"))
        names = set(file.namelist())
        with file.open("tickets/SUP-1.zip") as inner, zipfile.ZipFile(inner) as bundle:
            assert b"The lamp flickers since noon." in bundle.read("ticket.json")
        shared = b"".join(file.read(one) for one in sorted(names) if one.startswith("shared/"))
    assert record["tickets"] == [{"reference": "SUP-1", "file": "tickets/SUP-1.zip"}]
    assert {one["reference"] for one in record["emails_in_tickets_of_others"]} == {"SUP-4"}
    assert {"from", "to", "text", "at", "file"} <= record["emails_in_tickets_of_others"][0].keys()
    assert b"The door squeaks." in shared
    assert b"A chair is broken." not in shared
    assert run(desk, "export", "--person", "bert@example.org", "--output", str(target)).exit_code == 1
    assert run(desk, "export", "--person", "nobody@example.org").exit_code == 1
