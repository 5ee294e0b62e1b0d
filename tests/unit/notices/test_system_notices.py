"""Alarms come at most once an hour; what a breaker keeps from an agent comes in one mail when the hour is over."""

from __future__ import annotations

import json
import socket
from datetime import timedelta
from pathlib import Path

import pytest

from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.daemon.workers.monitoring import MonitoringWorker
from mailgate.notices.alarms import NOT_SENT, TIMER_PARKED, TOO_MANY_TO_ADDRESS, Alarm, HeldAlarm
from tests.support.desk import CONFIG, MONDAY, Delivered, TestDesk


def _desk(folder: Path, database: str, limits: str) -> TestDesk:
    return TestDesk(folder, database=database, config=f"{CONFIG}\n[limits]\n{limits}\n")


def test_what_an_agent_is_spared_comes_gathered(tmp_path: Path, database_url: str) -> None:
    desk = _desk(tmp_path, database_url, "agent_mails_per_hour = 2")
    desk.send(desk.mail("anna@example.org", "It is broken.", subject="Printer"))
    request = desk.last("level1@example.com")
    for _ in range(5):
        desk.send(desk.answer("alice@example.com", "#status", request))
    notices = [mail.notice for mail in desk.delivered("alice@example.com")]
    assert notices == ["status", "status"]
    desk.pass_time("1 hour")
    (gathered,) = [mail for mail in desk.delivered("alice@example.com") if mail.notice == "gathered"]
    assert gathered.text.count("SUP-1") == 3
    assert str(gathered.message["Auto-Submitted"]) == "auto-replied"
    desk.close()


def test_the_operator_is_told_once_an_hour(tmp_path: Path, database_url: str) -> None:
    desk = _desk(tmp_path, database_url, "agent_mails_per_hour = 1")
    desk.send(desk.mail("anna@example.org", "It is broken.", subject="Printer"))
    request = desk.last("level1@example.com")
    for _ in range(4):
        desk.send(desk.answer("alice@example.com", "#status", request))
    assert [mail.notice for mail in desk.delivered("operator@example.com")] == ["alarm"]
    desk.close()


def test_words_of_a_person_are_never_held_back(tmp_path: Path, database_url: str) -> None:
    desk = _desk(tmp_path, database_url, "agent_mails_per_hour = 1\nautomatic_per_address_hour = 1")
    for number in range(4):
        desk.send(desk.mail("anna@example.org", f"It is broken, number {number}.", subject=f"Printer {number}"))
    assert [mail.notice for mail in desk.delivered("level1@example.com")] == ["request"] * 4
    assert [mail.notice for mail in desk.delivered("anna@example.org")] == ["receipt"]
    for request in desk.delivered("level1@example.com"):
        desk.send(desk.answer("alice@example.com", "#resolve Done.", request))
    assert [mail.notice for mail in desk.delivered("anna@example.org")] == ["receipt", *["confirm"] * 4]
    desk.close()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_questions_beyond_the_hours_mails_are_named_in_the_gathered_one(
    tmp_path: Path, database_url: str, language: str
) -> None:
    desk = TestDesk(tmp_path, database=database_url, config=_questions(language))
    for number, text in enumerate(("#list", "#away 2026-12-01", "#requester anna@example.org\n\nShe phoned.", "#lsit")):
        mail = desk.mail("alice@example.com", text, subject=f"Question {number}")
        mail["Authentication-Results"] = "mx.example.com; dmarc=pass header.from=example.com"
        desk.send(mail)
    assert [mail.notice for mail in desk.delivered("alice@example.com")] == ["reply"]
    assert [mail.notice for mail in desk.delivered("operator@example.com")] == ["alarm"]
    desk.pass_time("1 hour")
    (gathered,) = [mail for mail in desk.delivered("alice@example.com") if mail.notice == "gathered"]
    lines = [line.partition(" · ")[2] for line in gathered.text.splitlines() if line.startswith("- ")]
    assert lines == _LINES[language]
    assert _ASK_AGAIN[language] in gathered.text
    desk.close()


_LINES = {
    "en": ["#away", "SUP-1 · #requester", "an email with a command we couldn’t read"],
    "fr": ["#absent", "SUP-1 · #demandeur", "un e-mail avec une commande non reconnue"],
}
_ASK_AGAIN = {
    "en": "Only our answer wasn’t sent. If you still need it, ask again.",
    "fr": "mais la réponse n’a pas été envoyée. Si vous en avez encore besoin, redemandez-la.",
}


def _questions(language: str) -> str:
    spoken = CONFIG.replace('["en", "fr"]', f'["{language}"]')
    answered = '[agents]\ntranscripts = "always"\n'
    return f'{spoken}\n{answered}[limits]\nagent_mails_per_hour = 1\n[trust]\nauthserv_id = ["mx.example.com"]\n'


# -- alarms of several kinds -----------------------------------------------------------------------------------------

PARKED = Alarm(TIMER_PARKED, ("escalation", 7, "KeyError"))
MANY = Alarm(NOT_SENT, (Notice.RECEIPT, "anna@example.org", Alarm(TOO_MANY_TO_ADDRESS, ("anna@example.org", 10))))


def _alarm(desk: TestDesk, alarm: Alarm) -> None:
    with desk.desk.database.write() as connection:
        desk.desk.system_notices.alarm(connection, alarm, desk.clock.now())


def _alarms(desk: TestDesk) -> list[Delivered]:
    desk.settle()
    return [mail for mail in desk.delivered("operator@example.com") if mail.notice == "alarm"]


def test_one_kind_of_alarm_silences_no_other(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url)
    for alarm in (PARKED, MANY, PARKED, MANY):
        _alarm(desk, alarm)
    parked, many = _alarms(desk)
    host = socket.gethostname()
    assert (
        parked.message["Subject"]
        == f"Alert: Timer escalation of ticket 7 failed and is parked: KeyError (Support, {host})"
    )
    assert str(many.message["Subject"]).startswith("Alert: The receipt to anna@example.org wasn’t sent")
    assert parked.text.partition("\n\n")[2].startswith(
        "Timer escalation of ticket 7 failed and is parked: KeyError; see `mailgate timers`."
    )
    assert parked.message_id != many.message_id
    desk.close()


@pytest.mark.postgresql
def test_what_was_held_back_comes_when_the_hour_is_over(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url)
    monitoring = MonitoringWorker(desk.desk)
    _alarm(desk, PARKED)
    desk.clock.advance(timedelta(minutes=20))
    for number in range(23):
        _alarm(desk, Alarm(TIMER_PARKED, ("warning", number, "OSError")))
    assert len(_alarms(desk)) == 1
    monitoring.step()
    assert len(_alarms(desk)) == 1
    desk.clock.advance(timedelta(minutes=40))
    monitoring.step()
    _, held = _alarms(desk)
    assert (
        "- 23/11/2026 09:20 · Timer warning of ticket 0 failed and is parked: OSError; see `mailgate timers`"
        in held.text
    )
    assert held.text.count("- 23/11/2026 09:20 · Timer warning") == 20
    assert "- And 3 more. The log has them all." in held.text
    desk.clock.advance(timedelta(hours=2))
    monitoring.step()
    assert len(_alarms(desk)) == 2, "it is reported once"
    desk.close()


def test_what_was_held_back_comes_with_the_next_of_its_kind(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url)
    _alarm(desk, MANY)
    _alarm(desk, MANY)
    desk.clock.advance(timedelta(minutes=61))
    _alarm(desk, Alarm(NOT_SENT, (Notice.ANSWER, "zoe@example.net", "x")))
    _, following = _alarms(desk)
    assert "zoe@example.net" in str(following.message["Subject"])
    assert "- 23/11/2026 09:00 · The receipt to anna@example.org wasn’t sent" in following.text
    desk.close()


def test_a_held_alarm_is_kept_whole() -> None:
    held = HeldAlarm(MONDAY, Alarm("{0} {1} {2} {3}", (MANY, 5, timedelta(days=3), "x")), "SUP-1")
    assert HeldAlarm.read(json.loads(json.dumps(held.as_json()))) == held
