"""Alarms come at most once an hour; what a breaker keeps from an agent comes in one mail when the hour is over."""

from __future__ import annotations

from pathlib import Path

from tests.desk import CONFIG, TestDesk


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
