"""Forged bounces: one counts for each notice, and none that anybody can make up stops a reminder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from mailgate.store.schema import timers
from tests.support.attackers import ALICE, TargetDesk
from tests.support.desk import CONFIG, Delivered, TestDesk
from tests.support.mails import bounce_of

L1, OF_ANNA = "level1@example.com", "anna@example.org"


@pytest.fixture
def target(tmp_path: Path, database_url: str) -> Iterator[TargetDesk]:
    target = TargetDesk(tmp_path, database=database_url)
    yield target
    target.close()


def list_timers(desk: TestDesk) -> list[str]:
    with desk.desk.database.read() as connection:
        waiting = select(timers.c.name).where(timers.c.ticket_id == 1, timers.c.state == "waiting")
        return sorted(connection.execute(waiting).scalars())


def again(report: bytes, number: int) -> bytes:
    """The report once more, under another Message-ID and with other words."""
    return report.replace(b"Message-ID: <bounce.", f"Message-ID: <{number}.bounce.".encode(), 1).replace(
        b"I'm sorry", f"{number} times sorry".encode()
    )


def refused(report: bytes) -> bytes:
    return b"Authentication-Results: mx.example.com; dmarc=fail header.from=mx.example.com\r\n" + report


def test_a_true_bounce_asks_level_1_once(target: TargetDesk) -> None:
    confirm = target.of(OF_ANNA, 1, "confirm")
    for number in range(3):
        target.receive(again(bounce_of(confirm), number), "", [confirm.return_path])
    assert [mail.notice for mail in target.relay.mails[target.seen :]] == ["decision"]
    assert list_timers(target) == ["decision"]


DOUBTFUL = ("the desk's address", "a sender", "a fail", "another ticket's bounce address", "the reply address")


def receive_doubtful(target: TargetDesk, name: str, report: bytes, confirm: Delivered) -> None:
    """Receives a report that anybody could have written who has seen the notice."""
    to = {"the desk's address": "support@example.com", "the reply address": confirm.reply_to}
    if name == "another ticket's bounce address":
        to[name] = confirm.return_path.replace("SUP-1", "SUP-2")
    sender = "mallory@evil.example" if name == "a sender" else ""
    target.receive(refused(report) if name == "a fail" else report, sender, [to.get(name, confirm.return_path)])


@pytest.mark.parametrize("name", DOUBTFUL)
def test_a_doubtful_bounce_stops_no_reminder(target: TargetDesk, name: str) -> None:
    confirm, before = target.of(OF_ANNA, 1, "confirm"), list_timers(target)
    for number in range(3):
        receive_doubtful(target, name, again(bounce_of(confirm), number), confirm)
    assert list_timers(target) == before
    target.assert_untouched()
    assert [(mail.recipient, mail.notice) for mail in target.relay.mails[target.seen :]] == [(L1, "failed")]
    target.pass_time("2 business days")
    assert target.last(OF_ANNA).notice == "reminder"


def test_a_doubtful_bounce_does_not_take_the_place_of_the_true_one(target: TargetDesk) -> None:
    confirm = target.of(OF_ANNA, 1, "confirm")
    receive_doubtful(target, "the desk's address", again(bounce_of(confirm), 1), confirm)
    target.receive(bounce_of(confirm), "", [confirm.return_path])
    assert list_timers(target) == ["decision"]


def test_a_bounce_of_an_earlier_question_stops_nothing(target: TargetDesk) -> None:
    old = target.of(OF_ANNA, 1, "confirm")
    target.send(target.answer(ALICE, "#resolve I reinstalled Word, and Excel.", target.of(L1, 1)))
    before = list_timers(target)
    target.receive(bounce_of(old), "", [old.return_path])
    assert list_timers(target) == before


@pytest.mark.parametrize("name", ["a changed letter", "no such notice", "neither"])
def test_a_bounce_that_names_no_notice_does_nothing(target: TargetDesk, name: str) -> None:
    confirm, before = target.of(OF_ANNA, 1, "confirm"), list_timers(target)
    local, _, domain = confirm.return_path.partition("@")
    report = bounce_of(confirm).replace(confirm.message_id.strip("<>").encode(), b"other@example.com")
    to = {
        "a changed letter": f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}",
        "no such notice": confirm.return_path.replace("SUP-1.", "SUP-77."),
        "neither": "support@example.com",
    }
    row = target.receive(report, "", [to[name]])
    assert target.row(row).state == "ignored"
    assert target.relay.mails[target.seen :] == []
    assert list_timers(target) == before
    target.assert_untouched()


@pytest.mark.parametrize("more", ['[relay]\nreturn_path = "support@example.com"\n', ""])
def test_a_desk_without_signed_bounce_addresses_believes_the_reported_id(
    tmp_path: Path, database_url: str, more: str
) -> None:
    config = CONFIG if more else CONFIG.replace("[desk]\n", '[desk]\nreply_address = "none"\n')
    target = TestDesk(tmp_path, database=database_url, config=config + more)
    target.send(target.mail("anna@example.org", "Word does not start.", subject="Word"))
    target.send(target.answer(ALICE, "#resolve I reinstalled it.", target.last(L1)))
    confirm = target.last(OF_ANNA, "confirm")
    target.receive(bounce_of(confirm), "", ["support@example.com"])
    assert list_timers(target) == ["decision"]
    target.close()
