"""Tokens as they come back: in other letters, too late, twice, as bounces, and in answers to what the desk answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.attackers import ALICE, ANNA, BOB, CAROL, SECRET, TargetDesk, change, raw
from tests.support.mails import bounce_of

L1, L2, OF_ANNA = "level1@example.com", "level2@example.com", "anna@example.org"


@pytest.fixture
def target(tmp_path: Path, database_url: str) -> Iterator[TargetDesk]:
    target = TargetDesk(tmp_path, database=database_url)
    yield target
    target.close()


def test_a_client_that_writes_the_token_in_capitals_answers_all_the_same(target: TargetDesk) -> None:
    notice = target.of(OF_ANNA, 1)
    local, _, domain = notice.reply_to.partition("@")
    message = change(
        target.answer("ANNA@Example.ORG", "Yes, it is resolved.", notice),
        To=f"{local.upper()}@{domain.upper()}",
        In_Reply_To="",
        References="",
    )
    target.send(message)
    assert target.ticket_of(1).state == "finalizing"


def test_yesterdays_yes_is_no_answer_to_todays_solution(target: TargetDesk) -> None:
    old = target.of(OF_ANNA, 1, "confirm")
    target.send(target.answer(ANNA, "It is not fixed.", old))
    target.send(target.answer(BOB, "#resolve I reinstalled it again.", target.of(L1, 1, "not_fixed")))
    assert target.ticket_of(1).state == "confirming"
    target.send(target.answer(ANNA, "Yes, it is resolved.", old))
    assert target.ticket_of(1).state == "confirming"
    target.send(target.answer(ANNA, "Yes, it is resolved.", target.of(OF_ANNA, 1, "confirm")))
    assert target.ticket_of(1).state == "finalizing"


def test_the_same_yes_replayed_is_the_same_mail(target: TargetDesk) -> None:
    yes = raw(target.answer(ANNA, "Yes, it is resolved.", target.of(OF_ANNA, 1)))
    target.receive(yes, OF_ANNA)
    target.send(target.answer(ANNA, "It is not fixed, sorry.", target.of(OF_ANNA, 1)))
    target.send(target.answer(BOB, "#resolve I reinstalled it again.", target.of(L1, 1, "not_fixed")))
    row = target.receive(b"Received: from replay.example by mx.example.com\r\n" + yes, OF_ANNA)
    assert (target.ticket_of(1).state, target.row(row).state) == ("confirming", "duplicate")


def bounce(target: TargetDesk, *, to: str, names: str) -> bytes:
    """A report of the confirm notice's failure, to that address and about that Message-ID."""
    notice = target.of(OF_ANNA, 1, "confirm")
    report = bounce_of(notice).replace(notice.return_path.encode(), to.encode())
    return report.replace(notice.message_id.encode(), names.encode())


@pytest.mark.parametrize("kind", ["a changed letter", "a reply token", "no token"])
def test_a_forged_bounce_tells_nobody_that_a_notice_failed(target: TargetDesk, kind: str) -> None:
    notice = target.of(OF_ANNA, 1, "confirm")
    local, _, domain = notice.return_path.partition("@")
    reply = notice.reply_to.partition("+")[2]
    to = {
        "a changed letter": f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}",
        "a reply token": f"support+b.{reply}",
        "no token": "support@example.com",
    }[kind]
    row = target.receive(bounce(target, to=to, names="<foreign@evil.example>"), "", (to,))
    target.assert_untouched()
    assert target.news(outside=False) == target.news(outside=True) == []
    assert target.row(row).last_error == "a bounce of no notice of ours"


def test_a_true_bounce_is_heard(target: TargetDesk) -> None:
    to = target.of(OF_ANNA, 1, "confirm").return_path
    target.receive(bounce(target, to=to, names="<foreign@evil.example>"), "", (to,))
    assert [mail.notice for mail in target.news(outside=False)] == ["decision"]


def test_spam_in_an_agents_name_does_not_shut_the_agent_out(target: TargetDesk) -> None:
    target.send(target.mail(ALICE, "Buy now!", subject="Offer"))
    target.send(target.answer(BOB, "#close spam", target.of(L1, 5)))
    assert target.ticket_of(5).state == "closed"
    target.send(target.answer(ALICE, "#resolve Toner changed.", target.of(L1, 2)))
    assert target.ticket_of(2).state == "confirming"


def test_the_manager_may_answer_what_the_desk_answered_him(target: TargetDesk) -> None:
    target.send(target.answer(CAROL, "#escalate beyond me", target.of(L2, 4)))
    target.send(target.answer("manager@example.com", f"#note {SECRET}\n#status", target.of("manager@example.com", 4)))
    target.send(target.answer("manager@example.com", "#close withdrawn", target.of("manager@example.com", 4, "status")))
    assert target.ticket_of(4).state == "finalizing"
