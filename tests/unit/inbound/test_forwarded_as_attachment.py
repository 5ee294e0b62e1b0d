"""A mail that an agent forwards as an attachment becomes a ticket of its author, with the commands of the agent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.desk import CONFIG, TestDesk

LEA = "lea@example.org"
PINNED = f'{CONFIG}\n[trust]\nauthserv_id = ["mx.example.com"]\n'


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
@pytest.mark.parametrize("requester", [f"#requester {LEA}", "#requester"])
def test_forwarded_as_an_attachment(tmp_path: Path, database_url: str, requester: str, gap: str) -> None:
    desk = TestDesk(tmp_path, database=database_url, config=PINNED)
    text = f"{requester}{gap}#priority high\n\n\nShe wrote to my own address.\n"
    mail = desk.mail("alice@example.com", text, subject="Fwd: account locked")
    mail.add_attachment(desk.mail(LEA, "My account is locked.", subject="account locked", to="alice@example.com"))
    mail["Authentication-Results"] = "mx.example.com; dmarc=pass header.from=example.com"
    desk.send(mail)
    ticket = desk.ticket()
    assert (ticket.requester, ticket.priority, ticket.subject) == (LEA, "high", "account locked")
    assert [one.notice for one in desk.delivered(LEA)] == ["receipt"]
    request = desk.last("level1@example.com", "request").text
    assert "She wrote to my own address." in request
    assert "My account is locked." in request
    assert "#priority" not in request
    desk.close()
