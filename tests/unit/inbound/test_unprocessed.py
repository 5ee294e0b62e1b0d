"""A request that the desk fails on becomes a ticket of what could be read, and is put whole into it later."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mailgate.inbound.receiver import Receiver
from mailgate.notices import originals
from mailgate.notices.mime.forwarded import mail_shows_token
from mailgate.parsers import message as message_parser
from mailgate.store.messages import list_attachments, list_messages
from mailgate.store.schema import journal
from mailgate.store.work_queue import dismiss, requeue
from mailgate.tickets.service import TicketService
from tests.support.desk import TestDesk, refused

pytestmark = pytest.mark.postgresql

LEVEL1, OPERATOR, ANNA = "level1@example.com", "operator@example.com", "anna@example.org"


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    found = TestDesk(tmp_path, database=database_url)
    yield found
    found.close()


def _raising(*_: Any, **__: Any) -> Any:
    raise RuntimeError("a bug")


def _request(desk: TestDesk) -> EmailMessage:
    mail = desk.mail("Anna Martin <anna@example.org>", "Word does not start.\n\nPlease help.", subject="Wörd")
    mail.add_attachment(b"line 1\n", maintype="text", subtype="x-log", filename="word.log")
    return mail


def _states(desk: TestDesk) -> list[str]:
    with desk.desk.database.read() as connection:
        return list(connection.execute(select(journal.c.state).order_by(journal.c.id)).scalars())


def _requeue(desk: TestDesk, number: int = 1) -> None:
    with desk.desk.database.write() as connection:
        assert requeue(connection, journal, [number], desk.clock.now()) == [number]
    desk.settle()


@pytest.mark.parametrize("broken", ["read_date", "_read_body", "build_tree"], ids=["header", "body", "structure"])
def test_a_request_that_cannot_be_parsed_becomes_a_ticket(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    monkeypatch.setattr(message_parser, broken, _raising)
    desk.send(_request(desk))
    desk.pass_time("5 minutes")
    assert _states(desk) == ["parked"]
    [ticket] = desk.tickets()
    assert (ticket.requester, ticket.requester_name, ticket.subject) == (ANNA, "Anna Martin", "Wörd")
    told = desk.last(LEVEL1, "request")
    assert "We couldn’t read all of this email" in told.text
    assert "The original is attached." in told.text
    assert "> Word does not start." in told.text
    [attached] = told.message.iter_attachments()
    assert b"word.log" in attached.as_bytes()
    assert "Request received" in desk.last(ANNA, "receipt").text
    assert [mail.notice for mail in desk.delivered(LEVEL1)] == ["request"]
    alarms = desk.delivered(OPERATOR)
    assert len(alarms) == 1
    assert "Ticket SUP-1 was opened from its readable part" in " ".join(alarms[0].text.split())


def test_a_request_that_the_desk_fails_on_becomes_a_ticket(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Receiver, "receive", _raising)
    desk.send(_request(desk))
    desk.pass_time("5 minutes")
    assert (_states(desk), [ticket.subject for ticket in desk.tickets()]) == (["parked"], ["Wörd"])
    assert "We couldn’t read all of this email" in desk.last(LEVEL1, "request").text


def test_words_on_which_a_ticket_cannot_be_opened_are_read_more_simply(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    opens = TicketService.open

    def opening(self: TicketService, connection: Any, new: Any, message: Any, event: Any) -> Any:
        if message.mail.language:  # only the parsers find it
            raise RuntimeError("a bug")
        return opens(self, connection, new, message, event)

    monkeypatch.setattr(TicketService, "open", opening)
    desk.send(desk.mail(ANNA, "My laptop does not start, and I do not know what else to do.", subject="Laptop"))
    desk.pass_time("5 minutes")
    assert (_states(desk), [ticket.subject for ticket in desk.tickets()]) == (["parked"], ["Laptop"])


def test_a_mail_that_was_put_back_joins_its_ticket(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_parser, "_read_attachments", _raising)
    desk.send(_request(desk))
    desk.pass_time("5 minutes")
    _requeue(desk)
    desk.pass_time("5 minutes")
    assert (_states(desk), len(desk.tickets())) == (["parked"], 1), "it fails again: no second ticket"
    assert [mail.notice for mail in desk.delivered(LEVEL1)] == ["request"]
    monkeypatch.undo()
    desk.send(desk.answer("alice@example.com", "Which version is it?", desk.last(LEVEL1, "request")))
    _requeue(desk)
    assert (_states(desk), len(desk.tickets())) == (["done", "done"], 1)
    told = desk.last("alice@example.com", "message")  # she has it since her answer
    assert "This isn’t a new message" in told.text
    assert "> Word does not start." in told.text
    assert [part.get_filename() for part in told.message.iter_attachments()] == ["word.log"]
    assert len(desk.delivered(ANNA)) == 2, "the receipt and the answer"
    with desk.desk.database.read() as connection:
        rows = [row for row in list_messages(connection, 1) if row.sender == ANNA]
        assert [row.text.strip() for row in rows] == ["Word does not start.\n\nPlease help."]
        assert [(file.message_id, file.filename) for file in list_attachments(connection, 1)] == [
            (rows[0].id, "word.log")
        ]


def test_a_mail_that_was_put_back_joins_the_ticket_that_was_kept(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.send(desk.mail(ANNA, "Excel does not start.", subject="Excel"))
    with monkeypatch.context() as broken:
        broken.setattr(message_parser, "build_tree", _raising)
        desk.send(_request(desk))
        desk.pass_time("5 minutes")
    desk.send(desk.answer("alice@example.com", "#merge SUP-1", desk.last(LEVEL1, "request")))
    _requeue(desk, 2)
    told = [mail for mail in desk.relay.mails if mail.notice == "message"][-1]
    assert "This isn’t a new message" in told.text
    assert "SUP-1" in told.text
    with desk.desk.database.read() as connection:
        assert [file.filename for file in list_attachments(connection, 1)] == ["word.log"]


def test_a_mail_that_was_put_back_moves_nothing_once_it_is_solved(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(message_parser, "build_tree", _raising)
        desk.send(_request(desk))
        desk.pass_time("5 minutes")
    desk.send(desk.answer("alice@example.com", "#resolve Reinstalled.", desk.last(LEVEL1, "request")))
    before = len(desk.relay.mails)
    _requeue(desk)
    assert (desk.ticket().state, len(desk.relay.mails)) == ("confirming", before)


def test_what_was_dismissed_leaves_the_ticket(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(message_parser, "build_tree", _raising)
        desk.send(_request(desk))
        desk.pass_time("5 minutes")
    with desk.desk.database.write() as connection:
        assert dismiss(connection, journal, [1], desk.clock.now(), "read by hand") == [1]
    desk.settle()
    assert (_states(desk), desk.ticket().state) == (["dismissed"], "level1")


def test_a_copy_of_a_parked_mail_opens_no_second_ticket(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    mail = _request(desk)
    with monkeypatch.context() as broken:
        broken.setattr(message_parser, "_read_attachments", _raising)
        desk.send(mail)
        desk.send(mail)
        desk.pass_time("5 minutes")
        assert (_states(desk), len(desk.tickets())) == (["parked", "parked"], 1)
        assert [one.notice for one in desk.delivered(LEVEL1)] == ["request"]
    _requeue(desk)
    _requeue(desk, 2)
    assert (_states(desk), len(desk.tickets())) == (["done", "duplicate"], 1)


def test_an_escalation_names_a_mail_that_nothing_can_read(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(originals, "strip", _raising)
    desk.send(_request(desk))
    desk.send(desk.answer("alice@example.com", "#escalate", desk.last(LEVEL1, "request")))
    assert "anna@example.org.eml" in desk.last("level2@example.com", "escalation").text
    assert _states(desk) == ["done", "done"]


@pytest.mark.parametrize(
    ("sender", "header"),
    [
        ("alice@example.com", "X-A: a person"),
        ("support@example.com", "X-A: the desk"),
        ("anna@example.org", "Auto-Submitted: auto-replied"),
        ("anna@example.org", "In-Reply-To: {0}"),
    ],
    ids=["staff", "desk", "automatic", "reply"],
)
@pytest.mark.parametrize("broken", ["parser", "desk"])
def test_other_mails_go_to_level_1_as_they_are(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch, sender: str, header: str, broken: str
) -> None:
    desk.send(desk.mail(ANNA, "Excel does not start.", subject="Excel"))
    receipt = desk.last(ANNA, "receipt").message_id
    if broken == "desk":
        monkeypatch.setattr(Receiver, "receive", _raising)
    else:
        monkeypatch.setattr(message_parser, "build_tree", _raising)
    raw = f"From: {sender}\r\n{header.format(receipt)}\r\nSubject: More\r\nMessage-ID: <more@x>\r\n\r\nMore.\r\n"
    desk.receive(raw.encode(), sender)
    desk.pass_time("5 minutes")
    assert (_states(desk)[1], len(desk.tickets())) == ("parked", 1)
    told = desk.last(LEVEL1, "unprocessed")
    assert len(list(told.message.iter_attachments())) == 1
    assert "is in no ticket" in " ".join(desk.last(OPERATOR, "alarm").text.split())


def test_a_person_whose_address_was_set_aside_gets_the_receipt(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.relay.refuse[ANNA] = refused()
    desk.send(desk.mail(ANNA, "Excel does not start.", subject="Excel"))
    desk.relay.refuse.clear()
    monkeypatch.setattr(message_parser, "build_tree", _raising)
    desk.send(_request(desk))
    desk.pass_time("5 minutes")
    assert "SUP-2" in desk.last(ANNA, "receipt").text


@pytest.mark.parametrize("sender", ["spam@example.net", None], ids=["blocked", "null sender"])
def test_no_ticket_is_opened_for_what_the_desk_does_not_answer(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch, sender: str | None
) -> None:
    desk.send(desk.mail("spam@example.net", "Buy this.", subject="Offer"))
    if sender:
        desk.send(desk.answer("alice@example.com", "#spam", desk.last(LEVEL1, "request")))
    monkeypatch.setattr(Receiver, "receive", _raising)
    raw = b"From: spam@example.net\r\nSubject: Offer\r\nMessage-ID: <offer@x>\r\n\r\nBuy that.\r\n"
    desk.receive(raw, sender or "")
    desk.pass_time("5 minutes")
    assert desk.last(LEVEL1).notice == "unprocessed"
    assert [mail.notice for mail in desk.delivered("spam@example.net")] == ["receipt"]


def test_level_1_gets_no_token_with_the_original(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request may quote a notice; who had its token could answer in the requester's name."""
    desk.send(desk.mail(ANNA, "Excel does not start.", subject="Excel"))
    receipt = desk.last(ANNA, "receipt")
    monkeypatch.setattr(message_parser, "build_tree", _raising)
    desk.receive(f"From: zoe@example.org\nSubject: See\n\nI got {receipt.reply_to}\n".encode(), "zoe@example.org")
    desk.pass_time("5 minutes")
    told = desk.last(LEVEL1, "request")
    assert "zoe@example.org" in told.text
    whole = told.message.get_body(("plain",)).as_bytes() + b"".join(  # type: ignore[union-attr]
        part.as_bytes() for part in told.message.iter_attachments()
    )
    assert receipt.reply_to.encode() not in whole
    assert not mail_shows_token(b"\n" + whole)
