"""Ratings of people who were not asked, too many of them, and words beside them that mean harm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from mailgate.cli import cli
from tests.support.desk import TestDesk

ANNA, BEN, ALICE, LEVEL1 = "anna@example.org", "ben@example.org", "alice@example.com", "level1@example.com"
EVIL = '=HYPERLINK("http://x") <script>alert(1)</script> \u202eevil\x1b[2J why?'


@pytest.fixture
def asked(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    """Anna has the final notice of her ticket, which asks her; Ben is in copy."""
    desk = TestDesk(tmp_path, database=database_url)
    desk.send(desk.mail(ANNA, "Word does not start.", subject="Word", cc=BEN))
    desk.send(desk.answer(ALICE, "#resolve I reinstalled Word.", desk.last(LEVEL1)))
    desk.send(desk.answer(ANNA, "resolved", desk.last(ANNA)))
    assert desk.last(ANNA).notice == "final"
    yield desk
    desk.close()


def _run(desk: TestDesk, *words: str) -> str:
    found = CliRunner().invoke(cli, [*words, "--config", str(desk.folder / "mailgate.toml")], obj=desk.clock)
    assert found.exit_code == 0, found.output
    return found.output


def test_a_colleague_does_not_rate_in_the_requesters_name(asked: TestDesk) -> None:
    """The attacker has a token of the ticket, their own, and writes From as they like."""
    for words in ("5/5", "Rating: 1 of 5"):
        asked.send(asked.answer(ANNA, words, asked.last(BEN)))
    ticket = asked.ticket()
    assert (ticket.rating, ticket.state) == (None, "finalizing")


@pytest.mark.parametrize("sender", [ALICE, LEVEL1, "zoe@example.net", "manager@example.com"])
def test_nor_does_anybody_who_got_hold_of_the_notice(asked: TestDesk, sender: str) -> None:
    asked.send(asked.answer(sender, "Rating: 5 of 5", asked.last(ANNA)))
    assert (asked.ticket().rating, asked.ticket().state) == (None, "finalizing")


def test_nor_does_a_program(asked: TestDesk) -> None:
    mail = asked.answer(ANNA, "Rating: 1 of 5\n\nI am away until Monday.", asked.last(ANNA))
    mail["Auto-Submitted"] = "auto-replied"
    asked.send(mail)
    assert (asked.ticket().rating, asked.ticket().state) == (None, "finalizing")


def test_a_rating_that_is_quoted_is_none(asked: TestDesk) -> None:
    mail = asked.answer(ANNA, "Thank you.\n\n> Rating: 1 of 5\n> 1/5", asked.last(ANNA))
    asked.send(mail)
    assert (asked.ticket().rating, asked.ticket().state) == (None, "finalizing")


def test_a_hundred_ratings_are_the_last_one_and_told_once(asked: TestDesk) -> None:
    final, before = asked.last(ANNA), len(asked.relay.mails)
    for number in range(100):
        asked.send(asked.answer(ANNA, f"Rating: {number % 5 + 1} of 5", final))
    assert (asked.ticket().rating, asked.ticket().state) == (5, "finalizing")
    told = [(mail.recipient, mail.notice) for mail in asked.relay.mails[before:]]
    assert told == [("manager@example.com", "poor_rating"), ("alice@example.com", "poor_rating")]


def test_a_closed_ticket_stays_closed(asked: TestDesk) -> None:
    final = asked.last(ANNA)
    asked.pass_time("60 business days")
    before = len(asked.relay.mails)
    for words in ("1/5", "Rating: 2 of 5\n\nThanks.", "★★☆☆☆"):
        asked.send(asked.answer(ANNA, words, final))
    assert (asked.ticket().rating, asked.ticket().state) == (2, "closed")
    assert {mail.notice for mail in asked.relay.mails[before:]} == {"poor_rating"}
    assert ANNA not in {mail.recipient for mail in asked.relay.mails[before:]}


def test_words_that_mean_harm_are_words(asked: TestDesk) -> None:
    asked.send(asked.answer(ANNA, f"Rating: 2 of 5\n\n{EVIL}", asked.last(ANNA)))
    assert asked.ticket().rating == 2
    since = ("--from", "2026-11-01", "--to", "2026-12-01")
    told = _run(asked, "show", "SUP-1"), _run(asked, "report", *since), _run(asked, "report", "--format", "csv", *since)
    page = _run(asked, "report", "--format", "html", *since)
    for words in (*told, page):
        assert "\x1b" not in words
        assert "\u202e" not in words
    assert "<script>" not in page
    assert not any(cell.lstrip('"').startswith("=") for line in told[2].splitlines() for cell in line.split(","))
