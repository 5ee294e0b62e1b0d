"""Holding all that is sent, making a dry run the real start, and what `status` says of both."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mailgate.__main__ import main
from mailgate.cli.serve import _continue, _wake_notices
from mailgate.config import DESK
from mailgate.store.outbox import count_notices_due
from mailgate.store.schema import outbox
from mailgate.store.sending import note_dry_run
from mailgate.store.source_status import note_signs, note_success
from mailgate.transport.relay import DRY_RUN, NOT_IN_ONLY_TO, Deferred, Skipped
from tests.support.desk import TestDesk

pytestmark = pytest.mark.postgresql

ANNA, ZOE, LEVEL1 = "anna@example.org", "zoe@example.net", "level1@example.com"
Call = Callable[..., Any]


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    found = TestDesk(tmp_path, database=database_url)
    yield found
    found.close()


@pytest.fixture
def call(desk: TestDesk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run a command on the desk: (status, stdout, stderr)."""
    monkeypatch.setenv("SUDO_USER", "ben")

    def run(*words: str) -> tuple[int, str, str]:
        status = main([*words, "--config", str(desk.folder / "mailgate.toml")], desk.clock)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def _reasons(call: Call) -> list[str]:
    """Why the desk is not well, beside that no `serve` has worked on it."""
    reasons = json.loads(call("status", "--json")[1])["reasons"]
    return [reason for reason in reasons if not reason.startswith("no `mailgate serve` has run here yet")]


def _states(desk: TestDesk) -> list[tuple[str, str]]:
    with desk.desk.database.read() as connection:
        rows = connection.execute(select(outbox.c.recipient, outbox.c.state).order_by(outbox.c.id))
        return [(recipient, state) for recipient, state in rows]


def _sign(desk: TestDesk) -> None:
    """The courier of a dry run gives a sign, as it does each minute."""
    now = desk.clock.now()
    with desk.desk.database.write() as connection:
        note_success(connection, DESK, now)
        note_dry_run(connection, now)
        note_signs(connection, ("intake", "worker", "courier", "clock"), "one.example.com", 71, now, now)


# -- hold and resume ---------------------------------------------------------------------------------------------------


def test_while_sending_is_held_mail_is_taken_and_nothing_leaves(desk: TestDesk, call: Call) -> None:
    told = "sending is held; `mailgate resume` sends the waiting notices.\n"
    assert call("hold", "sending", "--reason", "two machines write to each other") == (0, told, "")
    desk.send(desk.mail(ANNA, "Word does not start.", subject="Word"))
    assert desk.ticket().reference == "SUP-1"
    assert not desk.relay.mails
    desk.pass_time("2 hours")
    assert _reasons(call) == [
        "sending has been held for 2 h by ben: two machines write to each other → `mailgate resume` sends the "
        "waiting notices"
    ]
    assert "sending    HELD\n" in call("status")[1]
    assert "mailgate_sending_held 1\n" in call("status", "--metrics")[1]
    assert call("resume") == (0, "sending is resumed: 2 notices are waiting; `mailgate serve` is not running.\n", "")
    desk.settle()
    assert [mail.recipient for mail in desk.relay.mails] == [ANNA, LEVEL1]
    assert _reasons(call) == []
    assert "\nsending" not in call("status")[1]


def test_what_was_held_for_longer_than_retry_for_is_tried_as_if_it_were_new(desk: TestDesk, call: Call) -> None:
    desk.relay.down = Deferred("connection refused")
    desk.send(desk.mail(ANNA, "Word does not start.", subject="Word"))
    call("hold", "sending", "--reason", "a loop")
    desk.pass_time("6 days")
    call("resume", "sending")
    desk.settle()
    assert {state for _, state in _states(desk)} == {"waiting"}
    desk.relay.down = None
    desk.pass_time("1 hour")
    assert desk.last(ANNA, "receipt")


def test_a_relay_that_was_changed_gets_what_waits_at_once(desk: TestDesk) -> None:
    desk.relay.down = Deferred("connection refused")
    desk.send(desk.mail(ANNA, "Word does not start.", subject="Word"))
    desk.pass_time("3 hours")
    desk.relay.down = None
    desk.settle()
    assert {state for _, state in _states(desk)} == {"waiting"}
    assert _wake_notices(desk.settings, desk.clock) == ()
    desk.settle()
    assert {state for _, state in _states(desk)} == {"done"}


def test_a_second_hold_is_refused_and_changes_nothing(desk: TestDesk, call: Call) -> None:
    assert call("hold", "sending", "--reason", "the\nloop of SUP-7")[0] == 0
    desk.clock.advance(timedelta(hours=3))
    words = "mailgate: sending is already held by ben since 09:00: the loop of SUP-7; `mailgate resume` ends the hold\n"
    assert call("hold", "sending", "--reason", "another") == (1, "", words)
    sending = json.loads(call("status", "--json")[1])["sending"]
    assert (sending["held_seconds"], sending["held_by"], sending["held_reason"]) == (10800, "ben", "the loop of SUP-7")
    assert call("resume")[1] == "sending is resumed: 0 notices are waiting; `mailgate serve` is not running.\n"
    assert call("resume") == (1, "", "mailgate: sending is not held\n")
    assert call("hold", "sending", "--reason", " ")[0] == call("hold", "sending")[0] == 2


def test_held_notices_do_not_keep_mailboxes_from_being_read(desk: TestDesk, call: Call) -> None:
    call("hold", "sending", "--reason", "a loop")
    desk.send(desk.mail(ANNA, "Word does not start.", subject="Word"))
    with desk.desk.database.read() as connection:
        assert count_notices_due(connection, desk.clock.now(), 10) == 0
    call("resume")
    with desk.desk.database.read() as connection:
        assert count_notices_due(connection, desk.clock.now(), 10) == 2


# -- the dry run -------------------------------------------------------------------------------------------------------


def test_a_dry_run_says_so_and_becomes_the_real_start(desk: TestDesk, call: Call) -> None:
    desk.relay.down = Skipped(DRY_RUN)
    for sender in (ANNA, ZOE, ANNA):
        desk.send(desk.mail(sender, "It is broken.", subject="Printer"))
        desk.clock.advance(timedelta(minutes=1))
    _sign(desk)
    desk.clock.advance(timedelta(minutes=2))
    assert _reasons(call) == [
        'a dry run has been running for 2 min and sends nothing: 6 notices are parked as "dry run" → stop it, '
        "send them with `mailgate release --dry-run`, then start the desk"
    ]
    assert "sending    dry run\n" in call("status")[1]
    status, _, error = call("release", "--dry-run")
    assert (status, error.startswith("mailgate: a dry run is running and would park them again")) == (1, True)
    with desk.desk.database.write() as connection:
        note_dry_run(connection, None)  # it has ended
    parked = '6 notices are parked as "dry run" → `mailgate release --dry-run` sends them'
    assert _reasons(call) == [parked]
    assert _continue(desk.settings, desk.clock) == [parked]
    assert parked in " ".join(call("check", "--connect")[1].split())
    desk.relay.down = None
    status, said, _ = call("release", "--dry-run", "--to", "@example.net")
    assert (status, said) == (0, "1 notice to 1 address will be sent, the oldest from Mon 2026-11-23 09:01.\n")
    assert call("release", "--dry-run")[1] == (
        "5 notices to 2 addresses will be sent, the oldest from Mon 2026-11-23 09:00.\n"
    )
    desk.settle()
    assert {state for _, state in _states(desk)} == {"done"}
    subjects = [mail.message["Subject"] for mail in desk.delivered(LEVEL1)]
    assert [subject.partition("[")[2][:5] for subject in subjects] == ["SUP-1", "SUP-2", "SUP-3"]
    assert call("release", "--dry-run")[1] == "No notice is parked by a dry run.\n"
    assert _reasons(call) == []


def test_a_dry_run_that_was_killed_is_over_when_its_signs_are_old(desk: TestDesk, call: Call) -> None:
    _sign(desk)
    desk.clock.advance(timedelta(minutes=4))
    assert call("release", "--dry-run")[0] == 0


def test_release_asks_at_a_terminal(desk: TestDesk, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.relay.down = Skipped(DRY_RUN)
    desk.send(desk.mail(ANNA, "It is broken.", subject="Printer"))
    desk.relay.down = None

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    status, said, _ = call("release", "--dry-run")
    assert (status, said.startswith("Send 2 notices now? [y/N]: ")) == (130, True)
    assert {state for _, state in _states(desk)} == {"parked"}
    assert call("release", "--dry-run", "--yes")[0] == 0
    assert {state for _, state in _states(desk)} == {"waiting"}


def test_release_says_what_it_is_for(call: Call) -> None:
    status, _, error = call("release")
    assert status == 2
    assert error.startswith("mailgate: release sends what a dry run has parked: run `mailgate release --dry-run`")


def test_what_is_released_while_sending_is_held_waits(desk: TestDesk, call: Call) -> None:
    desk.relay.down = Skipped(DRY_RUN)
    desk.send(desk.mail(ANNA, "It is broken.", subject="Printer"))
    desk.relay.down = None
    call("hold", "sending", "--reason", "not yet")
    assert call("release", "--dry-run")[1].endswith("\nSending is held: `mailgate resume` sends them.\n")
    desk.settle()
    assert not desk.relay.mails


# -- only_to -----------------------------------------------------------------------------------------------------------


def test_status_tells_what_only_to_keeps_back(tmp_path: Path, desk: TestDesk, call: Call) -> None:
    (tmp_path / "mailgate.toml").write_text(
        (tmp_path / "mailgate.toml").read_text() + '\n[relay]\nonly_to = ["@example.com", "ben@example.org"]\n'
    )
    assert "sending    only_to limits sending to 2 patterns\n" in call("status")[1]
    assert _reasons(call) == []
    desk.relay.refuse = {ANNA: Skipped(f"{ANNA}{NOT_IN_ONLY_TO}"), LEVEL1: Skipped("of another reason")}
    desk.send(desk.mail(ANNA, "It is broken.", subject="Printer"))
    assert _reasons(call) == [
        "only_to limits sending to 2 patterns: 1 notice is parked → `mailgate requeue outbox --reason only_to` "
        "sends what it allows now",
        "1 notice is parked → `mailgate outbox`, then `mailgate requeue outbox ID` or `mailgate dismiss outbox ID`",
    ]
