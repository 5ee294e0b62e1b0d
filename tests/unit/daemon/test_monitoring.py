"""A way that brings nothing: the operator hears of it once, and once more when it works again."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mailgate.config import CLOCK, RELAY
from mailgate.daemon.relay_status import RelayStatus
from mailgate.daemon.workers.monitoring import MonitoringWorker
from mailgate.store.source_status import get_status, note_failure, note_success
from mailgate.transport.relay import Deferred, Rejected, Sent, Skipped
from mailgate.transport.status import SourceStatus
from tests.support.desk import CONFIG, MONDAY, Delivered, TestDesk

WAYS = """
[[intake.imap]]
host = "imap.example.com"
user = "support"
password_file = "password"
[[intake.maildir]]
path = "/var/mail/support"
"""
MAILBOX, MAILDIR = "imap support@imap.example.com INBOX", "maildir /var/mail/support"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    (tmp_path / "password").write_text("secret\n")
    (tmp_path / "password").chmod(0o600)
    found = TestDesk(tmp_path, database=database_url, config=CONFIG + WAYS)
    yield found
    found.close()


def _watch(desk: TestDesk) -> MonitoringWorker:
    return MonitoringWorker(desk.desk)


def _succeed(desk: TestDesk, *names: str) -> None:
    with desk.desk.database.write() as connection:
        for name in names:
            note_success(connection, name, desk.clock.now())


def _fail(desk: TestDesk, name: str, error: str) -> None:
    with desk.desk.database.write() as connection:
        note_failure(connection, name, desk.clock.now(), error)


def _told(desk: TestDesk) -> list[Delivered]:
    desk.settle()
    return desk.delivered("operator@example.com")


def test_a_way_that_stops_is_told_once_and_once_more_when_it_works(desk: TestDesk) -> None:
    alarms = _watch(desk)
    _succeed(desk, MAILBOX, MAILDIR)
    assert alarms.step() == 0
    desk.clock.advance(MINUTE * 5)
    _fail(desk, MAILBOX, "the server refuses the login")
    _succeed(desk, MAILDIR)
    desk.clock.advance(MINUTE * 9)
    assert alarms.step() == 0
    desk.clock.advance(MINUTE)
    assert alarms.step() == 1
    [alarm] = _told(desk)
    assert alarm.notice == "way_stopped"
    assert alarm.message["Subject"] == f"Alert: email may not come in by {MAILBOX}"
    assert "since Monday 23 November at 09:00 (Paris time)" in alarm.text
    assert "\n> the server refuses the login\n" in alarm.text
    assert "`mailgate check --connect`" in alarm.text
    assert "`mailgate status`" in alarm.text
    _succeed(desk, MAILDIR)
    desk.clock.advance(MINUTE * 2)
    assert alarms.step() == 0, "what was said is not said again"
    desk.clock.advance(MINUTE * 73)
    _succeed(desk, MAILBOX, MAILDIR)
    assert alarms.step() == 1
    well = _told(desk)[-1]
    assert well.notice == "way_works"
    assert well.message["Subject"] == f"Resolved: email comes in again by {MAILBOX}"
    assert "- Stopped: Monday 23 November at 09:00 (Paris time)\n- Down for: 1\xa0h\xa030\xa0min\n" in well.text
    assert alarms.step() == 0
    assert len(_told(desk)) == 2


def test_two_that_stop_together_are_two_mails(desk: TestDesk) -> None:
    alarms = _watch(desk)
    desk.clock.advance(MINUTE * 15)
    assert alarms.step() == 2
    told = _told(desk)
    assert [str(mail.message["Subject"]).rpartition(" by ")[2] for mail in told] == [MAILBOX, MAILDIR]
    assert told[0].message_id != told[1].message_id
    assert "The last error" not in told[0].text, "nothing ever reported: there is no error to show"


def test_a_restart_neither_repeats_an_alarm_nor_blames_the_night(desk: TestDesk) -> None:
    _succeed(desk, MAILBOX, MAILDIR)
    desk.clock.advance(timedelta(hours=10))  # nothing ran meanwhile
    alarms = _watch(desk)
    assert alarms.step() == 0
    desk.clock.advance(MINUTE * 15)
    assert alarms.step() == 2
    desk.clock.advance(MINUTE)
    again = _watch(desk)
    desk.clock.advance(MINUTE * 60)
    assert again.step() == 0
    _succeed(desk, MAILBOX)
    assert again.step() == 1
    assert "Down for: 11\xa0h\xa016" in _told(desk)[-1].text, "from the last success on, not from the start"


@pytest.mark.postgresql
def test_two_processes_say_it_once(desk: TestDesk) -> None:
    """Both have looked before one of them says it: what counts is what stands when one writes."""
    one, other = _watch(desk), _watch(desk)
    desk.clock.advance(MINUTE * 15)
    now = desk.clock.now()
    assert one.step() == 2
    with desk.desk.database.write() as connection:
        assert other._announce(connection, MAILBOX, now) is None
    assert len(_told(desk)) == 2


def test_a_success_that_came_just_before_takes_the_alarm_back(desk: TestDesk) -> None:
    alarms = _watch(desk)
    desk.clock.advance(MINUTE * 15)
    _succeed(desk, MAILBOX)
    with desk.desk.database.write() as connection:
        assert alarms._announce(connection, MAILBOX, desk.clock.now()) is None
    assert _told(desk) == []


def test_it_looks_when_something_may_be_overdue_and_each_minute(desk: TestDesk) -> None:
    alarms = _watch(desk)
    assert alarms.next_due() == MONDAY
    alarms.step()
    assert alarms.next_due() == MONDAY + MINUTE
    desk.clock.advance(MINUTE * 14.5)
    assert alarms.next_due() == MONDAY + MINUTE * 15
    desk.clock.advance(MINUTE)
    alarms.step()
    assert alarms.next_due() == desk.clock.now() + MINUTE


def test_a_desk_that_gets_its_mail_by_smtp_alone_is_never_alarmed(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url)
    alarms = _watch(desk)
    desk.clock.advance(timedelta(days=3))
    assert alarms.step() == 0
    assert alarms.next_due() > desk.clock.now()
    desk.close()


# -- the relay -------------------------------------------------------------------------------------------------------


def test_a_relay_that_puts_off_everything_is_told_by_the_log_alone(
    desk: TestDesk, caplog: pytest.LogCaptureFixture
) -> None:
    alarms = _watch(desk)
    desk.relay.down = Deferred("the relay cannot be reached: Connection refused")
    desk.send(desk.mail("anna@example.org", "It is broken.", subject="Printer"))
    for _ in range(16):
        _succeed(desk, MAILBOX, MAILDIR)
        desk.pass_time("1 minute")
        alarms.step()
    [line] = [record.getMessage() for record in caplog.records if record.name == "mailgate.alarms"]
    assert line.startswith("way='relay' action=watch result=stopped since=2026-11-23T08:00:00")
    assert "Connection refused" in line
    desk.relay.down = None
    caplog.set_level(logging.INFO, "mailgate.alarms")
    desk.pass_time("20 minutes")
    _succeed(desk, MAILBOX, MAILDIR)
    assert alarms.step() == 1
    assert "way='relay' action=watch result=works" in caplog.records[-1].getMessage()
    assert not [mail for mail in desk.relay.mails if mail.notice.startswith("way")]
    with desk.desk.database.read() as connection:
        row = get_status(connection, RELAY)
    assert row is not None
    assert (row.failing_since, row.alarmed_at, row.last_error) == (None, None, "")


def test_what_is_no_news_of_the_relay_is_not_written() -> None:
    way, second = RelayStatus(), timedelta(seconds=1)
    first = way.assess([Sent("250 ok")], MONDAY)
    assert first is not None
    way.keep(first)
    assert way.assess([Sent("250 ok")], MONDAY + 14 * second) is None
    assert way.assess([Sent("250 ok")], MONDAY + 15 * second) is not None
    failing = way.assess([Deferred("421 later")], MONDAY + second)
    assert failing is not None
    assert failing.error == "421 later"
    assert way.assess([Deferred("421 later")], MONDAY + second) is not None, "no commit holds it yet"
    way.keep(failing)
    assert way.assess([Deferred("451 later")], MONDAY + 2 * second) is None
    assert way.assess([Deferred("450 4.2.0 Greylisted", of_recipient=True)], MONDAY + 20 * second) is None
    assert way.assess([Deferred("451 later"), Sent("250 ok")], MONDAY + 2 * second) is not None
    assert way.assess([Skipped("dry run")], MONDAY + 60 * second) is None
    assert way.assess([Rejected("550 no"), Skipped("dry run")], MONDAY + 60 * second) is not None, "the relay answers"


def test_the_operator_reads_it_in_the_language_of_the_desk(tmp_path: Path, database_url: str) -> None:
    (tmp_path / "password").write_text("secret\n")
    config = CONFIG.replace('["en", "fr"]', '["fr", "en"]') + WAYS
    desk = TestDesk(tmp_path, database=database_url, config=config)
    alarms = _watch(desk)
    desk.clock.advance(MINUTE * 15)
    alarms.step()
    way = f"«\N{NO-BREAK SPACE}{MAILBOX}\N{NO-BREAK SPACE}»"
    words = f"{way} présente un dysfonctionnement depuis le lundi 23 novembre à 9\xa0h\xa000 (heure de Paris)."
    assert words in _told(desk)[0].text
    desk.clock.advance(MINUTE * 3)
    _succeed(desk, MAILBOX)
    alarms.step()
    assert "- Durée de l’interruption\xa0: 18\xa0min" in _told(desk)[-1].text
    desk.close()


def test_it_gives_a_sign_of_the_desk_once_a_minute(tmp_path: Path, database_url: str) -> None:
    """Each commit wakes every role: one that wrote at each step would wake itself for ever."""
    desk = TestDesk(tmp_path, database=database_url)
    alarms = _watch(desk)
    signs = []
    for _ in range(4):
        alarms.step()
        with desk.desk.database.read() as connection:
            row = get_status(connection, "desk")
        assert row is not None
        signs.append(row.succeeded_at)
        desk.clock.advance(timedelta(seconds=30))
    assert signs == [MONDAY, MONDAY, MONDAY + MINUTE, MONDAY + MINUTE]
    desk.close()


# -- the clock -------------------------------------------------------------------------------------------------------

DAYS = timedelta(days=3)


def _subjects(desk: TestDesk) -> list[str]:
    place = f" (Support, {socket.gethostname()})"
    return [str(mail.message["Subject"]).removesuffix(place) for mail in _told(desk)]


def test_a_clock_that_jumps_is_told_and_alarms_of_sources_neither_come_wrongly_nor_stay_away(desk: TestDesk) -> None:
    alarms = _watch(desk)
    _succeed(desk, MAILBOX, MAILDIR)
    alarms.step()
    desk.clock.jump(DAYS)
    assert alarms.step() == 0, "the mailbox is asked first"
    assert _subjects(desk) == ["Alert: The clock of this machine jumped forward by 3 days"]
    desk.clock.advance(MINUTE)
    _succeed(desk, MAILBOX, MAILDIR)
    desk.clock.advance(MINUTE)
    assert alarms.step() == 0
    desk.clock.jump(-DAYS)
    assert alarms.step() == 0
    assert _subjects(desk)[1] == "Alert: The clock of this machine jumped back by 3 days"
    desk.clock.advance(MINUTE * 15)
    _succeed(desk, MAILDIR)
    assert alarms.step() == 1, "the mailbox has really stopped"
    assert _subjects(desk)[2] == f"Alert: email may not come in by {MAILBOX}"
    desk.clock.advance(MINUTE)
    _succeed(desk, MAILBOX)
    assert alarms.step() == 1
    assert _subjects(desk)[3] == f"Resolved: email comes in again by {MAILBOX}"
    with desk.desk.database.read() as connection:
        row = get_status(connection, CLOCK)
    assert row is not None
    assert row.figures["jumped_seconds"] == -DAYS.total_seconds()


def test_a_jump_that_could_not_be_written_is_told_at_the_next_step(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    alarms = _watch(desk)
    _succeed(desk, MAILBOX, MAILDIR)
    alarms.step()
    desk.clock.jump(DAYS)

    def fail(*_: object) -> None:
        raise OSError("database or disk is full")

    with monkeypatch.context() as full:
        full.setattr("mailgate.daemon.workers.monitoring.settle_clock", fail)
        with pytest.raises(OSError, match="full"):
            alarms.step()
    alarms.step()
    assert _subjects(desk) == ["Alert: The clock of this machine jumped forward by 3 days"]
    alarms.step()
    assert len(_subjects(desk)) == 1


def test_a_clock_that_went_back_while_nothing_ran_is_noticed_at_the_start(desk: TestDesk) -> None:
    before = _watch(desk)
    desk.clock.jump(DAYS)
    desk.clock.advance(MINUTE * 16)
    before.step()
    assert before.step() == 0
    desk.clock.advance(MINUTE * 16)
    _succeed(desk, MAILDIR)
    assert before.step() == 1, "a source stopped while the clock was ahead"
    desk.clock.jump(-DAYS)
    after = _watch(desk)
    after.step()
    assert "jumped back by 3 days" in _subjects(desk)[-1]
    desk.clock.advance(MINUTE)
    _succeed(desk, MAILBOX)
    assert after.step() == 1, "a success takes the alarm back, whatever the times"
    assert _subjects(desk)[-1] == f"Resolved: email comes in again by {MAILBOX}"


@pytest.mark.postgresql
def test_what_a_clock_that_was_ahead_put_off_is_tried_when_it_is_back(desk: TestDesk) -> None:
    alarms = _watch(desk)
    desk.clock.jump(DAYS)
    alarms.step()
    desk.relay.down = Deferred("421 later")
    desk.send(desk.mail("anna@example.org", "It is broken.", subject="Printer"))
    desk.relay.down = None
    desk.clock.jump(-DAYS)
    desk.settle()
    assert desk.delivered("anna@example.org") == []
    alarms.step()
    desk.settle()
    assert [mail.notice for mail in desk.delivered("anna@example.org")] == ["receipt"]


def test_a_clock_that_is_kept_in_step_is_nothing(desk: TestDesk) -> None:
    alarms = _watch(desk)
    for seconds in (100, -250, 290):
        desk.clock.jump(timedelta(seconds=seconds))
        desk.clock.advance(MINUTE)
        _succeed(desk, MAILBOX, MAILDIR)
        assert alarms.step() == 0
    assert _told(desk) == []


def test_a_source_reports_again_after_the_clock_went_back(desk: TestDesk) -> None:
    status, relay = SourceStatus(desk.desk.database, desk.clock), RelayStatus()
    desk.clock.jump(DAYS)
    status.succeeded(MAILBOX)
    relay.keep(relay.assess([Sent("250 ok")], desk.clock.now()))
    desk.clock.jump(-DAYS)
    status.succeeded(MAILBOX)
    with desk.desk.database.read() as connection:
        row = get_status(connection, MAILBOX)
    assert row is not None
    assert row.succeeded_at == MONDAY
    assert relay.assess([Sent("250 ok")], desk.clock.now()) is not None


# -- the disk, and ways in that mail is brought to -------------------------------------------------------------------


def test_a_disk_that_is_nearly_full_is_told_once(tmp_path: Path, database_url: str) -> None:
    if not database_url.startswith("sqlite"):
        pytest.skip("the disk of PostgreSQL is not ours")
    desk = TestDesk(tmp_path, database=database_url, config=f"{CONFIG}\n[limits]\ndisk_free_percent = 100\n")
    alarms = _watch(desk)
    assert alarms.step() == 1
    [low] = _told(desk)
    assert f"The disk of {tmp_path} is nearly full" in str(low.message["Subject"])
    desk.clock.advance(timedelta(hours=3))
    assert alarms.step() == 0
    desk.restart(f"{CONFIG}\n[limits]\ndisk_free_percent = 0\n")
    again = _watch(desk)
    assert again.step() == 0
    with desk.desk.database.read() as connection:
        row = get_status(connection, f"disk {socket.gethostname()}:{tmp_path}")
    assert row is not None
    assert row.alarmed_at is None
    desk.close()


def test_a_listener_that_stores_nothing_for_long_is_told(desk: TestDesk) -> None:
    alarms = _watch(desk)
    _fail(desk, "smtp", "database or disk is full")
    for _ in range(15):
        desk.clock.advance(MINUTE)
        _succeed(desk, MAILBOX, MAILDIR)
        alarms.step()
    assert _subjects(desk) == ["Alert: email may not come in by smtp"]
    desk.clock.advance(MINUTE)
    _succeed(desk, "smtp")
    assert alarms.step() == 1
    assert _subjects(desk)[-1] == "Resolved: email comes in again by smtp"
