"""Tokens as they come back: in other letters, too late, twice, as bounces, and in answers to what the desk answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.attackers import ALICE, ANNA, BOB, CAROL, SECRET, Town, change, raw
from tests.support.mails import bounce_of

L1, L2, OF_ANNA = "level1@example.com", "level2@example.com", "anna@example.org"


@pytest.fixture
def town(tmp_path: Path, database_url: str) -> Iterator[Town]:
    town = Town(tmp_path, database=database_url)
    yield town
    town.close()


def test_a_client_that_writes_the_token_in_capitals_answers_all_the_same(town: Town) -> None:
    notice = town.of(OF_ANNA, 1)
    local, _, domain = notice.reply_to.partition("@")
    message = change(
        town.answer("ANNA@Example.ORG", "Yes, it is resolved.", notice),
        To=f"{local.upper()}@{domain.upper()}",
        In_Reply_To="",
        References="",
    )
    town.send(message)
    assert town.ticket_of(1).state == "finalizing"


def test_yesterdays_yes_is_no_answer_to_todays_solution(town: Town) -> None:
    old = town.of(OF_ANNA, 1, "confirm")
    town.send(town.answer(ANNA, "It is not fixed.", old))
    town.send(town.answer(BOB, "#resolve I reinstalled it again.", town.of(L1, 1, "not_fixed")))
    assert town.ticket_of(1).state == "confirming"
    town.send(town.answer(ANNA, "Yes, it is resolved.", old))
    assert town.ticket_of(1).state == "confirming"
    town.send(town.answer(ANNA, "Yes, it is resolved.", town.of(OF_ANNA, 1, "confirm")))
    assert town.ticket_of(1).state == "finalizing"


def test_the_same_yes_replayed_is_the_same_mail(town: Town) -> None:
    yes = raw(town.answer(ANNA, "Yes, it is resolved.", town.of(OF_ANNA, 1)))
    town.receive(yes, OF_ANNA)
    town.send(town.answer(ANNA, "It is not fixed, sorry.", town.of(OF_ANNA, 1)))
    town.send(town.answer(BOB, "#resolve I reinstalled it again.", town.of(L1, 1, "not_fixed")))
    row = town.receive(b"Received: from replay.example by mx.example.com\r\n" + yes, OF_ANNA)
    assert (town.ticket_of(1).state, town.row(row).state) == ("confirming", "duplicate")


def bounce(town: Town, *, to: str, names: str) -> bytes:
    """A report of the confirm notice's failure, to that address and about that Message-ID."""
    notice = town.of(OF_ANNA, 1, "confirm")
    report = bounce_of(notice).replace(notice.return_path.encode(), to.encode())
    return report.replace(notice.message_id.encode(), names.encode())


@pytest.mark.parametrize("kind", ["a changed letter", "a reply token", "no token"])
def test_a_forged_bounce_tells_nobody_that_a_notice_failed(town: Town, kind: str) -> None:
    notice = town.of(OF_ANNA, 1, "confirm")
    local, _, domain = notice.return_path.partition("@")
    reply = notice.reply_to.partition("+")[2]
    to = {
        "a changed letter": f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}",
        "a reply token": f"support+b.{reply}",
        "no token": "support@example.com",
    }[kind]
    row = town.receive(bounce(town, to=to, names="<foreign@evil.example>"), "", (to,))
    town.assert_untouched()
    assert town.news(outside=False) == town.news(outside=True) == []
    assert town.row(row).last_error == "a bounce of no notice of ours"


def test_a_true_bounce_is_heard(town: Town) -> None:
    to = town.of(OF_ANNA, 1, "confirm").return_path
    town.receive(bounce(town, to=to, names="<foreign@evil.example>"), "", (to,))
    assert [mail.notice for mail in town.news(outside=False)] == ["decision"]


def test_spam_in_an_agents_name_does_not_shut_the_agent_out(town: Town) -> None:
    town.send(town.mail(ALICE, "Buy now!", subject="Offer"))
    town.send(town.answer(BOB, "#close spam", town.of(L1, 5)))
    assert town.ticket_of(5).state == "closed"
    town.send(town.answer(ALICE, "#resolve Toner changed.", town.of(L1, 2)))
    assert town.ticket_of(2).state == "confirming"


def test_the_manager_may_answer_what_the_desk_answered_him(town: Town) -> None:
    town.send(town.answer(CAROL, "#escalate beyond me", town.of(L2, 4)))
    town.send(town.answer("manager@example.com", f"#note {SECRET}\n#status", town.of("manager@example.com", 4)))
    town.send(town.answer("manager@example.com", "#close withdrawn", town.of("manager@example.com", 4, "status")))
    assert town.ticket_of(4).state == "finalizing"
