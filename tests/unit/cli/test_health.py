"""`status` and `check` on the sources and the relay, for programs, for Prometheus and for people."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from mailgate import __version__
from mailgate.__main__ import main
from mailgate.config import CLOCK, DESK
from mailgate.daemon.health.measurement import NEVER_SERVED, measure_health
from mailgate.daemon.health.metrics import write_metrics
from mailgate.daemon.health.values import Health, LoadFigures, SourceHealth
from mailgate.store.schema import VERSION, outbox
from mailgate.store.source_status import (
    note_alarm,
    note_failure,
    note_figures,
    note_signs,
    note_success,
    withdraw_signs,
)
from tests.support.desk import CONFIG, MONDAY, TestDesk

MAILBOX, PROBE = "imap support@example.com on imap.example.com:143 Support mail", "round trip"
WAYS = """
[[intake.imap]]
host = "imap.example.com"
port = 143
tls = "starttls"
user = "support@example.com"
password_file = "password"
folder = "Support mail"
"""
Call = Callable[..., Any]


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    (tmp_path / "password").write_text("secret\n")
    (tmp_path / "password").chmod(0o600)
    config = CONFIG.replace("[intake.smtp]", '[intake]\nprobe_every = "5 minutes"\n[intake.smtp]')
    found = TestDesk(tmp_path, database=database_url, config=config + WAYS)
    yield found
    found.close()


@pytest.fixture
def call(desk: TestDesk, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command on the desk: its exit status, and what it said."""

    def run(*words: str) -> tuple[int, str]:
        status = main([*words, "--config", str(desk.folder / "mailgate.toml")], desk.clock)
        return status, capsys.readouterr().out

    return run


def _write(
    desk: TestDesk, minutes_ago: float, note: Callable[..., object], name: str, *more: str, **figures: Any
) -> None:
    with desk.desk.database.write() as connection:
        note(connection, name, desk.clock.now() - timedelta(minutes=minutes_ago), *more, **figures)


def test_a_way_that_never_worked_is_not_healthy(call: Call) -> None:
    status, said = call("status", "--json")
    health = json.loads(said)
    nothing: dict[str, Any] = {
        "healthy": False, "last_success_seconds": None, "failing_seconds": None, "error": "no success yet",
        "alarmed": False, "figures": {},
    }  # fmt: skip
    assert (status, health["healthy"]) == (1, False)
    assert health["ways"][:2] == [{"name": MAILBOX, **nothing}, {"name": PROBE, **nothing}]
    assert health["ways"][2:] == [{"name": "smtp", **nothing, "healthy": True, "error": ""}]
    assert health["relay"] == {"name": "relay", **nothing, "healthy": True, "error": ""}


def test_ways_that_work_are_healthy_and_show_their_figures(desk: TestDesk, call: Call) -> None:
    _write(desk, 14, note_success, MAILBOX, missing=0, held=12)
    _write(desk, 1, note_success, PROBE, seconds=2.3)
    _write(desk, 60, note_success, "relay")
    _write(desk, 600, note_failure, "maildir /gone", "it is not configured any more")
    status, said = call("status", "--json")
    health = json.loads(said)
    assert (status, health["healthy"]) == (0, True)
    mailbox, probe, _ = health["ways"]
    assert (mailbox["healthy"], mailbox["last_success_seconds"], mailbox["error"]) == (True, 840, "")
    assert mailbox["figures"] == {"missing": 0, "held": 12}
    assert probe["figures"] == {"seconds": 2.3}
    assert health["relay"]["last_success_seconds"] == 3600


def test_a_way_that_fails_is_told_with_its_error(desk: TestDesk, call: Call) -> None:
    _write(desk, 16, note_success, MAILBOX)
    _write(desk, 10, note_failure, MAILBOX, "the server refuses the login")
    _write(desk, 1, note_alarm, MAILBOX, down_since=None)
    _write(desk, 1, note_success, PROBE)
    status, said = call("status", "--json")
    mailbox, probe, _ = json.loads(said)["ways"]
    assert status == 1
    assert mailbox == {
        "name": MAILBOX, "healthy": False, "last_success_seconds": 960, "failing_seconds": 600,
        "error": "the server refuses the login", "alarmed": True, "figures": {},
    }  # fmt: skip
    assert probe["healthy"]


@pytest.mark.parametrize(("minutes", "healthy"), [(14, True), (16, False)])
def test_a_relay_that_puts_everything_off_is_not_healthy_for_long(
    desk: TestDesk, call: Call, minutes: int, healthy: bool
) -> None:
    _write(desk, 0, note_success, MAILBOX)
    _write(desk, 0, note_success, PROBE)
    _write(desk, minutes, note_failure, "relay", "Connection refused")
    status, said = call("status", "--json")
    assert json.loads(said)["relay"]["healthy"] is healthy
    assert status == (0 if healthy else 1)


# -- Prometheus ------------------------------------------------------------------------------------------------------


def test_metrics_are_the_same_health(desk: TestDesk, call: Call) -> None:
    desk.send(desk.mail("anna@example.org", "It is broken.", subject="Printer"))
    _write(desk, 2, note_success, MAILBOX, missing=3, server="no number")
    status, said = call("status", "--metrics")
    assert status == 1
    lines = said.splitlines()
    assert f'mailgate_info{{version="{__version__}",database="{VERSION}"}} 1' in lines
    assert "mailgate_healthy 0" in lines
    assert 'mailgate_queue_waiting{queue="timers"} 2' in lines
    assert 'mailgate_queue_parked{queue="outbox"} 0' in lines
    assert 'mailgate_tickets{state="level1"} 1' in lines
    assert f'mailgate_way_up{{way="{MAILBOX}"}} 1' in lines
    assert f'mailgate_way_up{{way="{PROBE}"}} 0' in lines
    assert f'mailgate_way_last_success_seconds{{way="{MAILBOX}"}} 120' in lines
    assert f'mailgate_way_figure{{way="{MAILBOX}",figure="missing"}} 3' in lines
    assert "no number" not in said
    assert 'queue_oldest_waiting_seconds{queue="journal"}' not in said, "nothing waits there"


def test_the_page_is_sound() -> None:
    """Each name has its HELP and TYPE once and above its samples; label values are escaped."""
    odd = SourceHealth('imap a"b\\c@host new\nline', True, 5, None, "", False, {"seconds": 0.1, "left": True})
    loads = {name: LoadFigures(1, 0, 2) for name in ("journal", "outbox", "timers")}
    page = write_metrics(
        Health(
            at=MONDAY,
            version="0004",
            size=10**12,
            queues=loads,
            tickets={"closed": 10**6},
            ways=(odd,),
            relay=odd,
            desk=odd,
        )
    )
    assert page.endswith("\n")
    described: list[str] = []
    for line in page.splitlines():
        if line.startswith("#"):
            kind, name, words = re.fullmatch(r"# (HELP|TYPE) (mailgate_\w+) (.+)", line).groups()  # type: ignore[union-attr]
            if kind == "HELP":
                described.append(name)
            else:
                assert (described[-1], words) == (name, "gauge")
        else:
            label = r'\w+="(?:[^"\\\n]|\\[\\"n])*"'
            found = re.fullmatch(rf"(mailgate_\w+)(?:\{{{label}(?:,{label})*\}})? ([\d.]+)", line)
            assert found is not None, line
            assert found[1] == described[-1]
    assert len(described) == len(set(described))
    assert 'way="imap a\\"b\\\\c@host new\\nline"' in page
    assert "mailgate_database_bytes 1000000000000\n" in page


# -- check -----------------------------------------------------------------------------------------------------------


def _check(folder: Path, intake: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    (folder / "secret").write_text("a key that only the tests know\n")
    (folder / "secret").chmod(0o600)
    (folder / "password").write_text("secret\n")
    (folder / "password").chmod(0o600)
    config = CONFIG.replace('[intake.smtp]\nlisten = "127.0.0.1:0"\n', intake)
    (folder / "mailgate.toml").write_text(config)
    status = main(["check", "--config", str(folder / "mailgate.toml")])
    return status, " ".join(capsys.readouterr().out.split())


def test_check_names_every_way_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("new", "cur"):
        (tmp_path / "box" / name).mkdir(parents=True)
    lmtp = '[intake.lmtp]\nlisten = "127.0.0.1:2525"\n'
    status, said = _check(tmp_path, f'{lmtp}{WAYS}after = "flag"\n[[intake.maildir]]\npath = "box"\n', capsys)
    assert status == 0
    assert "ok intake LMTP on 127.0.0.1:2525, emails up to 25.0 MiB" in said
    assert "ok intake IMAP support@example.com on imap.example.com:143 Support mail, then flagged" in said
    assert "ok intake Maildir /" in said
    assert "/box ok templates" in said
    assert "not built" not in said


@pytest.mark.parametrize(("laid", "words"), [("", "does not exist: create it"), ("s", "exists but is not a socket")])
def test_check_looks_where_the_socket_will_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], laid: str, words: str
) -> None:
    if laid:
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / laid).touch()
    status, said = _check(tmp_path, '[intake.lmtp]\nlisten = "unix:run/s"\n', capsys)
    assert status == 1
    assert "FAILED intake intake.lmtp.listen: " in said
    assert words in said


def test_a_desk_that_gives_no_sign_is_not_well(desk: TestDesk) -> None:
    def measure() -> SourceHealth:
        with desk.desk.database.read() as connection:
            return measure_health(connection, desk.settings, desk.clock).desk

    assert (measure().healthy, measure().error) == (True, NEVER_SERVED)
    for ago, healthy in ((timedelta(minutes=1), True), (timedelta(minutes=4), False)):
        with desk.desk.database.write() as connection:
            note_success(connection, DESK, desk.clock.now() - ago)
        assert measure().healthy is healthy


def test_check_says_that_nothing_comes_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = _check(tmp_path, "", capsys)
    assert status == 0
    assert "warning intake no source is configured: email arrives only through `mailgate pipe`" in said


def test_check_fails_for_a_folder_that_is_no_maildir(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "box" / "new").mkdir(parents=True)
    status, said = _check(tmp_path, '[[intake.maildir]]\npath = "box"\n', capsys)
    assert status == 1
    assert "FAILED intake intake.maildir: /" in said
    assert "/box is not a Maildir: it has no folder cur that the desk can read" in said


@pytest.mark.parametrize(
    ("intake", "words"),
    [
        ('probe_every = "5 minutes"', "ok probe every 5 minutes from support@example.com to itself"),
        ('probe_every = "15 minutes"', "warning probe intake.probe_every (15 minutes) is not shorter than"),
        (
            'probe_every = "5 minutes"\n[relay]\nonly_to = ["@example.org"]',
            "warning probe relay.only_to does not name support@example.com: probes would be parked",
        ),
    ],
)
def test_check_looks_at_the_probe(tmp_path: Path, capsys: pytest.CaptureFixture[str], intake: str, words: str) -> None:
    status, said = _check(tmp_path, f"[intake]\n{intake}\n", capsys)
    assert status == 0
    assert words in said


def test_one_mailbox_is_not_read_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "password").write_text("secret\n")
    (tmp_path / "secret").write_text("a key that only the tests know\n")
    (tmp_path / "mailgate.toml").write_text(CONFIG + WAYS + WAYS)
    assert main(["check", "--config", str(tmp_path / "mailgate.toml")]) == 2
    assert f"intake.imap[1]: intake.imap[0] already reads {MAILBOX}" in capsys.readouterr().err


def test_figures_without_a_word_on_health_leave_it_as_it_was(desk: TestDesk, call: Call) -> None:
    with desk.desk.database.write() as connection:
        note_figures(connection, MAILBOX, held=4)
    mailbox = json.loads(call("status", "--json")[1])["ways"][0]
    assert (mailbox["healthy"], mailbox["error"], mailbox["figures"]) == (False, "no success yet", {"held": 4})


# -- the words ---------------------------------------------------------------------------------------------------------


def _well(desk: TestDesk) -> None:
    _sign(desk, 1, "intake", "worker", "courier", "clock")
    _write(desk, 1, note_success, MAILBOX)
    _write(desk, 1, note_success, PROBE, seconds=2.3)


def _sign(desk: TestDesk, minutes_ago: float, *roles: str) -> None:
    at = desk.clock.now() - timedelta(minutes=minutes_ago)
    with desk.desk.database.write() as connection:
        note_success(connection, DESK, at)
        note_signs(connection, roles, "one.example.com", 71, at - timedelta(hours=5), at)


def _reasons(call: Call) -> list[str]:
    status, said = call("status", "--json")
    reasons = json.loads(said)["reasons"]
    assert status == (1 if reasons else 0)
    lines = call("status")[1].splitlines()
    assert lines[: len(reasons) + 1] == (
        ["NOT HEALTHY", *(f"  {reason}" for reason in reasons)] if reasons else ["HEALTHY"]
    )
    assert lines[len(reasons) + 1].startswith("mailgate ")
    return list(reasons)


def test_status_says_to_people_how_the_desk_is_in_few_lines(desk: TestDesk, call: Call) -> None:
    _well(desk)
    desk.send(desk.mail("anna@example.org", "It is broken.", subject="Printer"))
    _sign(desk, 1, "intake", "worker", "courier", "clock")
    status, said = call("status")
    assert status == 0
    lines = said.splitlines()
    assert lines[0] == "HEALTHY"
    assert len(lines) <= 11
    words = dict(line.split(maxsplit=1) for line in lines[1:] if not line.startswith(("sources", "last hour")))
    assert words["mailgate"].endswith("Mon 2026-11-23 09:00 (Europe/Paris)")
    assert words["roles"] == "intake, worker, courier, clock on one.example.com for 5 h (process 71)"
    assert words["tickets"] == "1 level1"
    assert words["queues"] == "journal 0 waiting; outbox 0 waiting; timers 2 waiting"
    assert f"sources    {MAILBOX} ok, 1 min ago; round trip 2.3 s, ok, 1 min ago; smtp no failure so far" in lines
    assert "last hour  1 in, 2 out" in lines


def test_a_role_that_gives_no_sign_is_named_with_what_does_not_happen(desk: TestDesk, call: Call) -> None:
    _well(desk)
    assert _reasons(call) == []
    _sign(desk, 4, "courier")
    _sign(desk, 1, "intake", "worker", "clock")
    assert _reasons(call) == ["no courier is running: nothing is sent → `systemctl start mailgate`"]
    courier = next(one for one in json.loads(call("status", "--json")[1])["roles"] if one["role"] == "courier")
    assert courier == {
        "role": "courier", "healthy": False, "host": "", "pid": None, "up_seconds": None, "last_sign_seconds": 240,
    }  # fmt: skip
    assert 'mailgate_role_up{role="courier",host=""} 0' in call("status", "--metrics")[1]
    assert 'mailgate_role_up{role="worker",host="one.example.com"} 1' in call("status", "--metrics")[1]


def test_a_desk_without_any_sign_is_one_reason(desk: TestDesk, call: Call) -> None:
    _well(desk)
    _sign(desk, 4, "intake", "worker", "courier", "clock")
    [reason] = _reasons(call)
    assert reason == (
        "`mailgate serve` is not running, the last report was 4 min ago → `systemctl start mailgate`, or see its log"
    )


def test_a_desk_that_ended_in_order_is_not_well_at_once(desk: TestDesk, call: Call) -> None:
    _well(desk)
    with desk.desk.database.write() as connection:
        withdraw_signs(connection, ("worker", "courier"), "another.example.com")
    assert _reasons(call) == [], "that is another host"
    with desk.desk.database.write() as connection:
        withdraw_signs(connection, ("intake", "worker", "courier", "clock"), "one.example.com")
    [reason] = _reasons(call)
    assert reason.startswith(
        "`mailgate serve` is not running, the last report was 1 min ago → `systemctl start mailgate`"
    )
    said = call("status")[1]
    assert "\nroles      missing: intake, worker, courier, clock\n" in said
    assert "smtp not listening" in said


def test_a_desk_that_was_never_served_says_so_before_what_follows(call: Call) -> None:
    first, mailbox, *_ = _reasons(call)
    assert first == "no `mailgate serve` has run here yet → `systemctl start mailgate`"
    assert mailbox == f"{MAILBOX} has had no success yet → `mailgate check --connect`"


def test_a_parked_mail_names_what_ends_it_and_a_failed_notice_is_only_counted(desk: TestDesk, call: Call) -> None:
    _well(desk)
    desk.send(desk.mail("anna@example.org", "It is broken.", subject="Printer"))
    with desk.desk.database.write() as connection:
        to_anna = outbox.c.recipient == "anna@example.org"
        connection.execute(update(outbox).where(to_anna).values(state="failed"))
    assert _reasons(call) == []
    assert "outbox 0 waiting, 1 failed; timers" in call("status")[1]
    with desk.desk.database.write() as connection:
        connection.execute(update(outbox).where(to_anna).values(state="parked"))
    assert _reasons(call) == [
        "1 notice is parked → `mailgate outbox`, then `mailgate requeue outbox ID` or `mailgate dismiss outbox ID`"
    ]


def test_the_last_hour_counts_what_left_in_it(desk: TestDesk, call: Call) -> None:
    desk.send(desk.mail("anna@example.org", "It is broken.", subject="Printer"))
    desk.clock.advance(timedelta(hours=27))
    with desk.desk.database.write() as connection:
        left = desk.clock.now() - timedelta(minutes=5)
        connection.execute(update(outbox).where(outbox.c.recipient == "anna@example.org").values(sent_at=left))
    assert json.loads(call("status", "--json")[1])["last_hour"] == {"received": 0, "sent": 1}


def test_a_sign_of_a_clock_that_was_ahead_is_none(desk: TestDesk, call: Call) -> None:
    _well(desk)
    _sign(desk, 1, "intake", "worker", "clock")
    _sign(desk, -4000, "courier")
    assert "no courier is running: nothing is sent → `systemctl start mailgate`" in _reasons(call)


def test_a_notice_that_is_due_and_not_tried_is_a_reason_and_what_waits_behind_it_is_none(
    desk: TestDesk, call: Call
) -> None:
    desk.send(desk.mail("anna@example.org", "It is broken.", subject="Printer"))
    with desk.desk.database.write() as connection:
        changed = update(outbox).values(state="waiting", due_at=desk.clock.now() - timedelta(minutes=8))
        connection.execute(changed.where(outbox.c.recipient == "anna@example.org"))
    _well(desk)
    assert _reasons(call) == ["1 notice is due but not tried, the first for 8 min → `mailgate outbox`"]
    with desk.desk.database.write() as connection:
        values = {column.name: column for column in outbox.c if column.name != "id"}
        copied = insert(outbox).from_select(list(values), select(*values.values()).where(outbox.c.state == "waiting"))
        connection.execute(copied)
    assert len(_reasons(call)) == 1
    assert _reasons(call)[0].startswith("1 notice is due"), "the second waits for the first"
    with desk.desk.database.write() as connection:
        connection.execute(update(outbox).values(leased_until=desk.clock.now() + timedelta(seconds=20)))
    assert _reasons(call) == [], "a courier is at it"


@pytest.mark.parametrize(
    ("name", "note", "more", "reason"),
    [
        (MAILBOX, note_failure, ("the server refuses the login",),
         f"{MAILBOX} has had no success for 20 min: the server refuses the login → `mailgate check --connect`"),
        ("smtp", note_failure, ("database or disk is full",),
         "smtp cannot store emails: database or disk is full → see the log of `mailgate serve`"),
        ("relay", note_failure, ("Connection refused",),
         "the relay has deferred everything for 20 min: Connection refused → `mailgate check --connect`"),
    ],
)  # fmt: skip
def test_what_fails_is_a_reason(
    desk: TestDesk, call: Call, name: str, note: Callable[..., None], more: tuple[str, ...], reason: str
) -> None:
    _well(desk)
    if name == MAILBOX:
        _write(desk, 20, note_success, MAILBOX)
    _write(desk, 20, note, name, *more)
    assert _reasons(call) == [reason]


def test_a_clock_that_jumped_is_shown_for_a_day(desk: TestDesk, call: Call) -> None:
    _well(desk)
    with desk.desk.database.write() as connection:
        note_figures(connection, CLOCK, jumped_at=desk.clock.now().isoformat(), jumped_seconds=-259_200)
    reason = "the clock went back by 3 days within the last day → check it with `timedatectl`"
    assert _reasons(call) == [reason]
    desk.clock.advance(timedelta(hours=24))
    _well(desk)
    assert reason not in _reasons(call)


def test_a_disk_without_space_is_a_reason(desk: TestDesk, call: Call) -> None:
    if not desk.desk.database.sqlite:
        pytest.skip("the disk of PostgreSQL is not ours")
    config = desk.folder / "mailgate.toml"
    _well(desk)
    _sign(desk, 4, "intake", "worker", "courier", "clock")
    config.write_text(config.read_text() + "\n[limits]\ndisk_free_percent = 100\n")
    disk, serve = _reasons(call)
    assert re.fullmatch(
        rf"the disk of {desk.folder} is (nearly )?full \([\d.]+ [GMK]iB free, \d+ %\): without space no email is "
        rf"accepted → free some",
        disk,
    )
    assert serve.startswith("`mailgate serve` has stopped reporting: it cannot write while the disk is full")
    health = json.loads(call("status", "--json")[1])
    assert health["disk"][0]["folder"] == str(desk.folder)
    assert f'mailgate_disk_free_bytes{{folder="{desk.folder}"}}' in call("status", "--metrics")[1]
