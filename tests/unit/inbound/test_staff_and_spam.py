"""Staff cannot be blocked as spam, and a block is checked after the token of a mail is known."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mailgate.store.people import note_contact, read_contact
from mailgate.store.schema import journal
from mailgate.store.work_queue import list_rows
from tests.support.desk import CONFIG, TestDesk

MALLORY = "mallory@evil.example"


def outcome(desk: TestDesk) -> tuple[str, str]:
    """The state and the words of the newest row of the journal."""
    with desk.desk.database.read() as connection:
        row = list_rows(connection, journal, "state", "outcome")[-1]
    return row.state, row.outcome


def block(desk: TestDesk, address: str) -> None:
    with desk.desk.database.write() as connection:
        note_contact(connection, address, blocked=True)


@pytest.mark.parametrize("command", ["#spam", "#close spam"])
@pytest.mark.parametrize("staff", ["manager@example.com", "operator@example.com", "carol@example.com"])
def test_staff_are_not_blocked_as_spam(tmp_path: Path, database_url: str, staff: str, command: str) -> None:
    desk = TestDesk(tmp_path, database=database_url)
    desk.send(desk.mail(staff, "Cheap watches!", subject="Offer"))
    desk.send(desk.answer("alice@example.com", command, desk.last("level1@example.com")))
    assert desk.ticket().state == "closed"
    with desk.desk.database.read() as connection:
        assert not read_contact(connection, staff).blocked
    desk.send(desk.mail(staff, "The printer is broken.", subject="Printer"))
    assert len(desk.tickets()) == 2
    desk.close()


def test_the_manager_decides_after_spam_in_their_name(tmp_path: Path, database_url: str) -> None:
    config = f'{CONFIG}\n[confirmation]\nreview = ["normal"]\n'
    desk = TestDesk(tmp_path, database=database_url, config=config)
    desk.send(desk.mail("manager@example.com", "Cheap watches!", subject="Offer"))
    desk.send(desk.answer("alice@example.com", "#spam", desk.last("level1@example.com")))
    desk.send(desk.mail("anna@example.org", "It is broken.", subject="Printer"))
    desk.send(desk.answer("alice@example.com", "#resolve Repaired.", desk.last("level1@example.com")))
    desk.send(desk.answer("anna@example.org", "Yes, it works.", desk.last("anna@example.org", "confirm")))
    desk.pass_time("3 business days")
    desk.send(desk.answer("manager@example.com", "#approve", desk.last("manager@example.com", "review")))
    assert outcome(desk)[0] == "done"
    desk.close()


@pytest.mark.parametrize("staff", ["manager@example.com", "operator@example.com", "carol@example.com"])
def test_staff_who_were_blocked_before_are_heard(tmp_path: Path, database_url: str, staff: str) -> None:
    desk = TestDesk(tmp_path, database=database_url)
    block(desk, staff)
    desk.send(desk.mail(staff, "The printer is broken.", subject="Printer"))
    assert len(desk.tickets()) == 1
    desk.close()


def test_a_blocked_sender_with_a_valid_token_is_heard(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url)
    desk.send(desk.mail(MALLORY, "The printer is broken.", subject="Printer"))
    block(desk, MALLORY)
    receipt = desk.last(MALLORY, "receipt")
    desk.send(desk.answer(MALLORY, "It is on floor 2.", receipt))
    assert desk.last("level1@example.com").notice == "message"
    forged = desk.answer(MALLORY, "Forged.", receipt)
    del forged["To"]
    forged["To"] = "support@example.com"
    forged.replace_header("Subject", "Re: [SUP-1] Printer")
    del forged["In-Reply-To"], forged["References"]
    desk.send(forged)
    assert "blocked as spam" in outcome(desk)[1]
    desk.close()


def test_the_token_of_a_ticket_closed_as_spam_lifts_no_block(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url)
    desk.send(desk.mail(MALLORY, "Cheap watches!", subject="Offer"))
    desk.send(desk.answer("alice@example.com", "#spam", desk.last("level1@example.com")))
    desk.send(desk.answer(MALLORY, "Cheaper watches!", desk.last(MALLORY, "receipt")))
    assert outcome(desk) == ("ignored", f"{MALLORY} is blocked as spam")
    assert desk.ticket().state == "closed"
    desk.close()


@pytest.mark.parametrize("style", ["plus", "minus", "catch-all"])
def test_a_question_to_a_signed_address_of_the_desk_is_refused(tmp_path: Path, database_url: str, style: str) -> None:
    config = CONFIG.replace("[desk]", f'[desk]\nreply_address = "{style}"')
    desk = TestDesk(tmp_path, database=database_url, config=config)
    desk.send(desk.mail("anna@example.org", "It is broken.", subject="Printer"))
    own = desk.last("anna@example.org", "receipt").reply_to
    desk.send(desk.answer("alice@example.com", f"#ask {own}\nDo you know?", desk.last("level1@example.com")))
    refusal = desk.last("alice@example.com")
    assert refusal.notice == "not_possible"
    masked = re.sub(r"1\.[a-z2-7]{20}@", "1.masked@", own)  # a requester's token is not for staff
    assert f"{masked} is an address of the desk" in " ".join(refusal.text.split())
    desk.close()


FRENCH_QUEUE = """
[directory]
people = "people.csv"

[queues.paris]
address = "paris@example.com"
languages = ["fr"]
levels.level1.mailbox = "paris1@example.com"
levels.level1.agents = ["pierre@example.com"]
"""


def test_an_answer_to_a_query_is_in_a_language_of_the_queue(tmp_path: Path, database_url: str) -> None:
    """An agent whom the directory lists with a language that their queue does not have reads the queue's first."""
    (tmp_path / "people.csv").write_text("address,name,language\npierre@example.com,Pierre,pl\n")
    desk = TestDesk(tmp_path, database=database_url, config=CONFIG + FRENCH_QUEUE)
    mail = desk.mail("pierre@example.com", "#list", subject="Travail", to="paris@example.com")
    desk.receive(mail.as_bytes(), "pierre@example.com", ("paris@example.com",), auth_user="pierre@example.com")
    assert desk.last("pierre@example.com", "reply").message["Content-Language"] == "fr"
    desk.close()
