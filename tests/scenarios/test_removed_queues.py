"""A queue or a level that was taken out of the configuration while tickets, or mails that wait, still need it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from mailgate.cli import cli
from mailgate.store.schema import holds, journal, timers
from tests.support.desk import CONFIG, TestDesk

ALICE, ANNA, HANNA = "Alice <alice@example.com>", "Anna <anna@example.org>", "Hanna <hanna@example.com>"
TRUST = '\n[trust]\nauthserv_id = ["mx.example.com"]\n'
HOLD = '\n[directory]\nunknown = "hold"\n'
HR = """
[queues.hr]
address = "hr@example.com"
levels.level1.mailbox = "hr1@example.com"
levels.level1.agents = ["hanna@example.com"]
"""
THIRD = CONFIG.replace("[levels.level1]", '[levels.level3]\nmailbox = "level3@example.com"\n[levels.level1]')

Build = Callable[[str], TestDesk]


@pytest.fixture
def build(tmp_path: Path, database_url: str) -> Iterator[Build]:
    """A desk of another configuration on the same database, at the time at which the one before it stood."""
    built: list[TestDesk] = []

    def build_one(config: str) -> TestDesk:
        desk = TestDesk(tmp_path, database=database_url, config=config)
        if built:
            desk.clock.set(built[-1].clock.now())
        built.append(desk)
        return desk

    yield build_one
    for desk in built:
        desk.close()


def order(desk: TestDesk, who: str, words: str, mailbox: str) -> None:
    desk.send(desk.answer(who, words, desk.last(mailbox), quote=False))


def failures(desk: TestDesk) -> list[str]:
    with desk.desk.database.read() as connection:
        errors = [
            *connection.execute(select(journal.c.last_error)).scalars(),
            *connection.execute(select(timers.c.last_error)).scalars(),
        ]
    return [one for one in errors if one]


def run(desk: TestDesk, *words: str) -> tuple[int, str]:
    words = (*words, "--config", str(desk.folder / "mailgate.toml"))
    done = CliRunner().invoke(cli, words, obj=desk.clock, standalone_mode=False)
    error = done.exception
    return getattr(error, "exit_code", done.return_value or 0), f"{done.output}{error or ''}"


def test_serve_does_not_start_without_a_queue_that_has_tickets(build: Build) -> None:
    desk = build(CONFIG + HR)
    for number in range(7):
        desk.send(desk.mail(ANNA, "My pay.", subject=f"Pay {number}", to="hr@example.com"))
    order(desk, HANNA, "#close spam", "hr1@example.com")
    status, words = run(build(CONFIG), "serve")
    assert status == 2
    assert "queue hr has 6 open tickets (SUP-1, SUP-2, SUP-3, SUP-4, SUP-5 …)" in words
    assert "keep [queues.hr] until they are closed, or move them with #route first" in words
    status, words = run(desk, "check", "--connect")
    assert status == 1
    assert "queue hr has 6 open tickets" in words


def test_serve_does_not_start_without_a_level_that_has_tickets(build: Build) -> None:
    desk = build(THIRD)
    desk.send(desk.mail(ANNA, "Help.", subject="Help"))
    order(desk, ALICE, "#escalate", "level1@example.com")
    order(desk, "Carol <carol@example.com>", "#escalate", "level2@example.com")
    assert desk.ticket().state == "level3"
    status, words = run(build(CONFIG), "serve")
    assert status == 2
    assert "queue default has 1 open ticket (SUP-1) at level3; keep [levels.level3]" in words


def test_serve_does_not_start_without_a_queue_that_is_asked_about_mail(build: Build) -> None:
    desk = build(CONFIG + HOLD + HR)
    desk.send(desk.mail(ANNA, "My pay.", subject="Pay", to="hr@example.com"))
    status, words = run(build(CONFIG + HOLD), "serve")
    assert status == 2
    assert "queue hr has 1 open question about email that is waiting for an answer" in words


def test_nothing_is_said_of_what_is_closed(build: Build) -> None:
    desk = build(CONFIG + HR)
    desk.send(desk.mail(ANNA, "My pay.", subject="Pay", to="hr@example.com"))
    order(desk, HANNA, "#close withdrawn", "hr1@example.com")
    desk.pass_time("5 business days")
    assert desk.ticket().state == "closed"
    _status, words = run(build(CONFIG), "check", "--connect")
    assert "open ticket" not in words


def test_a_closed_ticket_of_a_queue_that_is_gone_is_shown(build: Build) -> None:
    desk = build(CONFIG + TRUST + HR)
    desk.send(desk.mail(ANNA, "My pay.", subject="Pay", to="hr@example.com"))
    order(desk, HANNA, "#close withdrawn", "hr1@example.com")
    desk.pass_time("5 business days")
    assert desk.ticket().state == "closed"
    desk = build(CONFIG + TRUST)
    mail = desk.mail(ALICE, "#show SUP-1", subject="Which?")
    mail["Authentication-Results"] = "mx.example.com; dmarc=pass header.from=example.com"
    desk.send(mail)
    assert failures(desk) == []
    assert "Pay" in desk.last("alice@example.com", "shown").text
    assert run(desk, "tickets", "--queue", "hr")[0] == run(desk, "show", "SUP-1")[0] == 0


def test_a_closed_ticket_of_a_queue_that_is_gone_comes_back_to_the_default_queue(build: Build) -> None:
    desk = build(CONFIG + HR)
    desk.send(desk.mail(ANNA, "My pay.", subject="Pay", to="hr@example.com"))
    receipt = desk.last("anna@example.org", "receipt")
    order(desk, HANNA, "#close withdrawn", "hr1@example.com")
    desk.pass_time("5 business days")
    assert desk.ticket().state == "closed"
    desk = build(CONFIG)
    desk.send(desk.answer(ANNA, "It is still wrong.", receipt))
    desk.pass_time("10 hours")
    assert failures(desk) == []
    assert (desk.ticket().state, desk.ticket().queue) != ("closed", "hr")
    assert any("still wrong" in mail.text for mail in desk.delivered("level1@example.com"))


def test_what_a_queue_that_is_gone_was_asked_the_default_queue_is_asked(build: Build) -> None:
    desk = build(CONFIG + HOLD + HR)
    desk.send(desk.mail(ANNA, "My pay.", subject="Pay", to="hr@example.com"))
    assert desk.last("hr1@example.com", "stranger")
    desk = build(CONFIG + HOLD)
    desk.send(desk.mail(ANNA, "The printer.", subject="Printer"))
    desk.pass_time("4 days")
    questions = [mail for mail in desk.delivered("level1@example.com") if mail.notice == "stranger"]
    for subject in ("My pay.", "The printer."):
        asked = [mail for mail in questions if subject in mail.text]
        assert asked
        desk.send(desk.answer(ALICE, "#approve", asked[-1], quote=False))
    assert sorted(ticket.subject for ticket in desk.tickets()) == ["Pay", "Printer"]
    with desk.desk.database.read() as connection:
        assert set(connection.execute(select(holds.c.state)).scalars()) == {"answered"}


def test_a_saved_reply_in_a_ticket_of_a_queue_that_is_gone_speaks_for_the_default_queue(
    build: Build, tmp_path: Path
) -> None:
    replies = '\n[knowledge]\nreplies = "replies"\n'
    desk = build(CONFIG + TRUST + replies + HR)
    (tmp_path / "replies" / "bye.md").write_text("Goodbye from {desk}.")
    desk.send(desk.mail(ANNA, "My pay.", subject="Pay", to="hr@example.com"))
    order(desk, HANNA, "#close withdrawn", "hr1@example.com")
    desk.pass_time("5 business days")
    desk = build(CONFIG + TRUST + replies)
    show = desk.mail(ALICE, "#show SUP-1", subject="Which?")
    show["Authentication-Results"] = "mx.example.com; dmarc=pass header.from=example.com"
    desk.send(show)
    order(desk, ALICE, "#reply bye", "alice@example.com")
    assert failures(desk) == []
    assert "Goodbye from Support." in desk.last("anna@example.org", "answer").text
