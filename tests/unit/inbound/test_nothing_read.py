"""A mail of staff in which nothing is read comes back to its author: nobody believes that they have answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.desk import TestDesk

LEVEL1 = "level1@example.com"


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> TestDesk:
    found = TestDesk(tmp_path, database=database_url)
    found.send(found.mail("anna@example.org", "The printer is broken.", subject="Printer"))
    return found


def test_a_file_without_a_word_comes_back(desk: TestDesk) -> None:
    mail = desk.answer("alice@example.com", "", desk.last(LEVEL1), quote=False)
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="manual.pdf")
    desk.send(mail)
    assert "Files without any text aren’t sent" in desk.last("alice@example.com", "nothing_read").text
    assert [one.notice for one in desk.delivered("anna@example.org")] == ["receipt"]
    desk.close()


def test_an_empty_mail_of_the_manager_comes_back(desk: TestDesk) -> None:
    desk.send(desk.answer("alice@example.com", "#escalate", desk.last(LEVEL1)))
    desk.send(desk.answer("carol@example.com", "#escalate no key", desk.last("level2@example.com", "escalation")))
    desk.send(desk.answer("manager@example.com", "", desk.last("manager@example.com", "manager")))
    assert desk.last("manager@example.com").notice == "nothing_read"
    desk.close()


def test_an_empty_mail_in_an_agents_name_without_proof_waits_for_it(desk: TestDesk) -> None:
    desk.send(desk.answer("alice@example.com", "", desk.last("anna@example.org", "receipt")))
    assert "nothing_read" not in [one.notice for one in desk.delivered("alice@example.com")]
    desk.close()


def test_a_hundred_empty_mails_are_not_a_hundred_answers(desk: TestDesk) -> None:
    for _ in range(70):
        desk.send(desk.answer("alice@example.com", "", desk.last(LEVEL1), quote=False))
    returned = [one for one in desk.delivered("alice@example.com") if one.notice == "nothing_read"]
    assert len(returned) <= 60
    desk.close()


@pytest.mark.parametrize(
    ("text", "subtype", "part"),
    [
        ("👍\n\nAlice Moreau reacted via Gmail", "vnd.google.email-reaction+json", '{"emoji": "👍", "version": 1}'),
        ("", "calendar", "BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nSUMMARY:Visit\nEND:VEVENT\nEND:VCALENDAR\n"),
    ],
    ids=["emoji", "invitation accepted"],
)
def test_a_click_of_an_agent_is_no_answer(desk: TestDesk, text: str, subtype: str, part: str) -> None:
    mail = desk.answer("Alice Moreau <alice@example.com>", text, desk.last(LEVEL1), quote=False)
    mail.add_alternative(part, subtype=subtype)
    desk.send(mail)
    assert [one.notice for one in desk.delivered("anna@example.org")] == ["receipt"]
    assert desk.last(LEVEL1).notice == "returned_automatic"
    assert [one.state for one in desk.tickets()] == ["level1"]
    desk.close()
