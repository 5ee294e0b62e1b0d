"""Commands of one mail on several tickets: all or nothing on each, in the order of locks, and what never leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from mailgate.inbound import bulk_update
from mailgate.store.events import list_events
from mailgate.store.queries.listings import received_mails
from mailgate.store.tickets import Ticket, lock_ticket
from tests.support.desk import CONFIG, Delivered, TestDesk

ANNA, BEN, ALICE = "Anna Martin <anna@example.org>", "Ben <ben@example.org>", "Alice <alice@example.com>"
PROOF = "mx.example.com; dmarc=pass header.from=example.com"


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    desk = TestDesk(tmp_path, database=database_url, config=f'{CONFIG}\n[trust]\nauthserv_id = ["mx.example.com"]\n')
    for sender, subject in ((ANNA, "Word"), (BEN, "Printer"), (ANNA, "Excel")):
        desk.send(desk.mail(sender, f"{subject} does not work.", subject=subject))
    yield desk
    desk.close()


def order(desk: TestDesk, text: str, *, file: bool = False) -> str:
    """The answer to a mail of Alice's."""
    mail = desk.mail(ALICE, text, subject="Work")
    if file:
        mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="steps.pdf")
    mail["Authentication-Results"] = PROOF
    desk.send(mail)
    return desk.last("alice@example.com", "reply").text


def states(desk: TestDesk) -> list[str]:
    return [ticket.state for ticket in desk.tickets()]


def test_one_command_that_makes_another_impossible_undoes_both_on_that_ticket_alone(desk: TestDesk) -> None:
    answer = order(desk, "#escalate SUP-1 no access\n#close SUP-1 SUP-2 no answer")
    assert states(desk) == ["level1", "finalizing", "level1"]
    assert "- SUP-1 Word · not done: another command of the same email moves the ticket to another level" in answer
    assert desk.delivered("level2@example.com") == []
    assert [mail.notice for mail in desk.delivered("anna@example.org")] == ["receipt", "receipt"]


def test_a_text_for_several_tickets_carries_no_files(desk: TestDesk) -> None:
    answer = order(desk, "#resolve SUP-1 SUP-2\n\nAs in the file.", file=True)
    assert "Nothing was done or sent: a text for several tickets" in answer
    assert "> As in the file." in answer
    assert states(desk) == ["level1"] * 3
    order(desk, "#take SUP-1", file=True)
    assert desk.tickets()[0].assignee == "alice@example.com"


def test_an_internal_mail_of_the_desk_never_leaves_with_a_text_for_several_tickets(desk: TestDesk) -> None:
    answer = order(desk, "#resolve SUP-1 SUP-2\n\nSee below.\n\n2026-11-23 08:00 · Bob noted\nShe is rude.")
    assert "your email contains an internal email of the desk" in answer
    assert states(desk) == ["level1"] * 3


def test_tickets_are_locked_in_the_order_of_their_ids(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    locked: list[int] = []

    def note(connection: Connection, ticket_id: int) -> Ticket:
        locked.append(ticket_id)
        return lock_ticket(connection, ticket_id)

    monkeypatch.setattr(bulk_update, "lock_ticket", note)
    answer = order(desk, "#take SUP-3 SUP-1\n#take SUP-2")
    assert locked == [1, 2, 3]
    named = [line[2:7] for line in answer.splitlines() if line.startswith("- SUP-")]
    assert named == ["SUP-3", "SUP-1", "SUP-2"]


def test_the_history_of_each_ticket_names_the_mail_and_its_proof(desk: TestDesk) -> None:
    order(desk, "#resolve SUP-1 SUP-2\n\nRestarted.")
    with desk.desk.database.read() as connection:
        rows = [list_events(connection, number)[-1] for number in (1, 2)]
    assert [(row.event, row.by) for row in rows] == [("resolve", "alice@example.com")] * 2
    assert rows[0].journal_id == rows[1].journal_id is not None


def told(desk: TestDesk, number: int, text: str, address: str, notice: str) -> Delivered:
    """The mail that answers Alice's reply to the request of a ticket."""
    requests = [mail for mail in desk.delivered("level1@example.com") if mail.notice == "request"]
    desk.send(desk.answer(ALICE, text, requests[number - 1]))
    return desk.last(address, notice)


def test_the_text_stands_in_the_story_of_each_ticket_that_sent_it_and_names_no_other(desk: TestDesk) -> None:
    order(desk, "#waiting SUP-1 SUP-2\n#take SUP-3\n\nSince when?\n- today\n- longer")
    bundle = told(desk, 1, "#escalate no access", "level2@example.com", "escalation")
    assert "asked the requester and is waiting\n\n> Since when?\n> - today\n> - longer" in bundle.text
    mails = [part.get_content() for part in bundle.message.iter_attachments()]
    assert [mail["From"].addresses[0].addr_spec for mail in mails] == ["anna@example.org", "alice@example.com"]
    assert mails[1]["Subject"] == "Word"
    assert mails[1].get_content().replace("\r\n", "\n").strip() == "Since when?\n- today\n- longer"
    for other in ("SUP-2", "SUP-3", "#"):
        assert other not in mails[1].as_string(), other
    assert "Since when?" in told(desk, 2, "#status", "alice@example.com", "status").text
    assert "Since when?" not in told(desk, 3, "#status", "alice@example.com", "status").text
    with desk.desk.database.read() as connection:  # what is exported of a ticket
        assert all("#take" not in row.subject and row.ticket_id == 1 for row in received_mails(connection, 1))


def test_the_words_of_the_command_stand_there_too_and_nothing_where_the_ticket_refused(desk: TestDesk) -> None:
    told(desk, 2, "#escalate no access", "level2@example.com", "escalation")
    order(desk, "#resolve SUP-1 SUP-2 Restarted\n\nPlease try it.")
    story = told(desk, 1, "#status", "alice@example.com", "status").text
    assert "sent a solution\n\n> Restarted\n>\n> Please try it." in story
    assert "Please try it" not in told(desk, 2, "#status", "alice@example.com", "status").text


def test_an_answer_that_goes_to_linked_tickets_stands_in_their_stories(desk: TestDesk) -> None:
    told(desk, 1, "#link SUP-2", "level1@example.com", "request")
    told(desk, 1, "#time 5m\n\nThe server is being restarted.", "ben@example.org", "answer")
    story = told(desk, 2, "#status", "alice@example.com", "status").text
    assert "Alice · replied to the requester\n\n> The server is being restarted." in story
    told(desk, 2, "#ask dan@vendor.example\n\nDo you know it?", "dan@vendor.example", "ask")
    assert "restarted" not in desk.last("dan@vendor.example", "ask").text


def test_a_requests_likely_duplicate_costs_one_statement_and_only_where_there_may_be_one(desk: TestDesk) -> None:
    read: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        read.append(statement)

    for engine in {desk.desk.database.engine}:
        event.listen(engine, "before_cursor_execute", note)

    def cost(sender: str, subject: str) -> int:
        read.clear()
        desk.send(desk.mail(sender, f"{subject} is slow.", subject=subject))
        return sum("new_text" in one and "reference IN" in one for one in read)

    assert cost("Zoe <zoe@example.net>", "Mouse") == 0
    assert cost("Zoe <zoe@example.net>", "mouse") == 0
    assert cost("Zoe <zoe@example.net>", "Screen") == 1
