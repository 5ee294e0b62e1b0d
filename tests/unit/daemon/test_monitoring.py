"""A way that brings nothing: the operator hears of it once, and once more when it works again."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mailgate.config import RELAY
from mailgate.daemon.relay_status import RelayStatus
from mailgate.daemon.workers.monitoring import MonitoringWorker
from mailgate.store.source_status import get_status, note_failure, note_success
from mailgate.transport.relay import Deferred, Rejected, Sent, Skipped
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
    assert alarm.message["Subject"] == f"Mail may not come in by {MAILBOX}"
    assert "since Monday 23 November at 09:00 (Europe/Paris)" in alarm.text
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
    assert well.message["Subject"] == f"Mail comes in again by {MAILBOX}"
    assert "stopped on Monday 23 November at 09:00 (Europe/Paris), and was down for 1 h 30 min." in well.text
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
    assert "down for 11 h 16" in _told(desk)[-1].text, "from the last success on, not from the start"


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
    words = f"{way} ne fonctionne pas comme il faut depuis le lundi 23 novembre à 09:00 (Europe/Paris)."
    assert words in _told(desk)[0].text
    desk.clock.advance(MINUTE * 3)
    _succeed(desk, MAILBOX)
    alarms.step()
    assert "a commencé le lundi 23 novembre à 09:00 (Europe/Paris) et a duré 18 min." in _told(desk)[-1].text
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
