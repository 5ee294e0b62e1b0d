"""Hooks: what is called on what, one call at a time for each hook, again after failures, and never twice unknown."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select

from mailgate.daemon.desk import DryRun
from mailgate.daemon.workers.hooks import HookWorker
from mailgate.daemon.workers.monitoring import MonitoringWorker
from mailgate.notices.alarms import DISK_LOW, Alarm
from mailgate.store.hook_calls import HookCallRow
from mailgate.store.schema import hook_calls
from mailgate.store.sending import hold_sending, resume_sending
from mailgate.store.source_status import get_status
from mailgate.transport.relay import Deferred
from tests.support.desk import CONFIG, TestDesk
from tests.support.hook_receiver import KEY, OTHER_KEY, HookReceiver, write_keys

pytestmark = pytest.mark.postgresql

_ANNA, _ALICE, _LEVEL1 = "Anna <anna@example.org>", "alice@example.com", "level1@example.com"
Build = Callable[..., TestDesk]


@pytest.fixture
def receiver() -> Iterator[HookReceiver]:
    with HookReceiver() as found:
        yield found


@pytest.fixture
def build(tmp_path: Path, database_url: str) -> Iterator[Build]:
    """Builds a desk with these [[hooks]], in TOML."""
    desks: list[TestDesk] = []

    def make(hooks: str, more: str = "") -> TestDesk:
        desks.append(TestDesk(tmp_path, database=database_url, config=f"{CONFIG}\n{more}\n{hooks}"))
        return desks[-1]

    yield make
    for desk in desks:
        _worker(desk).close() if "hooks" in desk.workers else None
        desk.close()


def _worker(desk: TestDesk) -> HookWorker:
    worker = desk.workers["hooks"]
    assert isinstance(worker, HookWorker)
    return worker


def _calls(desk: TestDesk) -> list[HookCallRow]:
    with desk.desk.database.read() as connection:
        return [HookCallRow._make(row) for row in connection.execute(select(hook_calls).order_by(hook_calls.c.id))]


def _script(folder: Path, text: str) -> str:
    """Writes a program in Python, and returns its path as TOML."""
    path = folder / "hook.py"
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(0o755)
    return json.dumps(str(path))


def _open(desk: TestDesk, subject: str = "Printer") -> None:
    desk.send(desk.mail(_ANNA, "It prints stripes.", subject=subject))


def test_a_command_gets_the_event_as_json(build: Build, tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    program = _script(tmp_path, f"import os, sys\nopen({str(heard)!r}, 'a').write(sys.stdin.read())")
    desk = build(f'[[hooks]]\nname = "log"\nevents = ["opened", "escalated"]\ncommand = [{program}]')
    _open(desk)
    desk.send(desk.answer(_ALICE, "#escalate too hard", desk.last(_LEVEL1, "request")))
    opened, escalated = (json.loads(line) for line in heard.read_text().splitlines())
    assert opened == {
        "type": "ticket.opened",
        "timestamp": "2026-11-23T08:00:00Z",
        "data": {
            "reference": "SUP-1",
            "queue": "default",
            "event": "request",
            "from_state": None,
            "to_state": "level1",
            "level": "level1",
            "by": "anna@example.org",
            "assignee": None,
            "priority": "normal",
            "requester": "anna@example.org",
            "subject": "Printer",
            "due": "2026-11-23T13:00:00Z",
        },
    }
    assert escalated["type"] == "ticket.escalated"
    assert escalated["data"]["event"] == "escalate"
    assert (escalated["data"]["from_state"], escalated["data"]["to_state"]) == ("level1", "level2")
    assert escalated["data"]["by"] == _ALICE
    assert [(row.state, row.body, row.attempts) for row in _calls(desk)] == [("done", "", 1)] * 2


def test_the_words_of_a_mail_are_passed_on_only_where_that_is_configured(build: Build, receiver: HookReceiver) -> None:
    desk = build(
        f'[[hooks]]\nname = "bare"\nevents = ["opened"]\nurl = "{receiver.url}"\n'
        f'[[hooks]]\nname = "words"\nevents = ["opened"]\nurl = "{receiver.url}"\nwith_text = true'
    )
    _open(desk)
    assert sorted(json.dumps(call.json["data"].get("text")) for call in receiver.calls) == [
        '"It prints stripes."',
        "null",
    ]


def test_a_call_is_signed_as_standard_webhooks(build: Build, receiver: HookReceiver, tmp_path: Path) -> None:
    write_keys(tmp_path / "hook.secret", KEY, OTHER_KEY)
    desk = build(f'[[hooks]]\nname = "web"\nevents = ["*"]\nurl = "{receiver.url}"\nsecret_file = "hook.secret"')
    _open(desk)
    [call] = receiver.calls
    assert call.headers["webhook-timestamp"] == str(int(desk.clock.now().timestamp()))
    assert call.headers["webhook-id"] == _calls(desk)[0].uid
    assert call.headers["content-type"] == "application/json"
    signed = f"{call.headers['webhook-id']}.{call.headers['webhook-timestamp']}.".encode() + call.body
    for key, signature in zip((KEY, OTHER_KEY), call.headers["webhook-signature"].split(" "), strict=True):
        secret = base64.b64decode(key.removeprefix("whsec_"))
        assert signature == "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


def test_only_the_queues_that_are_named_are_told(build: Build, receiver: HookReceiver) -> None:
    queue = '[queues.network]\naddress = "network@example.com"\nlevels.level1.mailbox = "l1@network.example.com"'
    hook = f'[[hooks]]\nname = "web"\nevents = ["*"]\nqueues = ["network"]\nurl = "{receiver.url}"'
    desk = build(hook, queue)
    _open(desk)
    assert receiver.calls == []
    desk.send(desk.answer(_ALICE, "#route network", desk.last(_LEVEL1, "request")))
    assert [call.json["type"] for call in receiver.calls] == ["ticket.routed"]


def test_a_refused_command_is_told_to_nobody(build: Build, receiver: HookReceiver) -> None:
    desk = build(f'[[hooks]]\nname = "web"\nevents = ["*"]\nurl = "{receiver.url}"')
    _open(desk)
    desk.send(desk.answer(_ALICE, "#escalate", desk.last(_LEVEL1, "request")))
    before = len(receiver.calls)
    desk.send(desk.answer(_ALICE, "#escalate once more", desk.last(_LEVEL1, "request")))  # it is too late
    assert len(receiver.calls) == before


def test_a_failure_is_retried_with_the_same_id_and_in_order(build: Build, receiver: HookReceiver) -> None:
    receiver.answers = [500, 503]
    desk = build(f'[[hooks]]\nname = "web"\nevents = ["*"]\nurl = "{receiver.url}"')
    _open(desk)
    desk.send(desk.answer(_ALICE, "#escalate", desk.last(_LEVEL1, "request")))
    assert [row.state for row in _calls(desk)] == ["waiting", "waiting"]
    assert _calls(desk)[0].last_error == "HTTP status 500: as told"
    desk.pass_time("5 minutes")
    types = [call.json["type"] for call in receiver.calls]
    assert types == ["ticket.opened"] * 3 + ["ticket.escalated"]
    assert len({call.headers["webhook-id"] for call in receiver.calls}) == 2
    assert [row.state for row in _calls(desk)] == ["done", "done"]


@pytest.mark.parametrize(
    ("status", "state"),
    [(204, "done"), (301, "parked"), (400, "parked"), (404, "parked"), (410, "parked"),
     (408, "waiting"), (429, "waiting"), (500, "waiting")],
)  # fmt: skip
def test_what_an_answer_means(build: Build, receiver: HookReceiver, status: int, state: str) -> None:
    receiver.answers = [status]
    desk = build(f'[[hooks]]\nname = "web"\nevents = ["*"]\nurl = "{receiver.url}"')
    _open(desk)
    assert [row.state for row in _calls(desk)] == [state]
    assert len(receiver.calls) == 1  # a redirect is not followed


@pytest.mark.parametrize(
    ("program", "state", "said"),
    [
        ("print('done')", "done", ""),
        ("print('no such room'); raise SystemExit(75)", "waiting", "exit status 75: no such room"),
        ("raise SystemExit(1)", "waiting", "exit status 1"),
        ("print('never'); raise SystemExit(65)", "parked", "exit status 65: never"),
        ("import os; os.kill(os.getpid(), 9)", "waiting", "it was killed by signal 9"),
    ],
)
def test_what_an_exit_status_means(build: Build, tmp_path: Path, program: str, state: str, said: str) -> None:
    desk = build(f'[[hooks]]\nname = "log"\nevents = ["*"]\ncommand = [{_script(tmp_path, program)}]')
    _open(desk)
    assert [(row.state, row.last_error) for row in _calls(desk)] == [(state, said)]


def test_a_program_that_hangs_is_killed_with_its_children(build: Build, tmp_path: Path) -> None:
    program = "import os, time\nprint('begun', flush=True)\nos.fork()\ntime.sleep(600)"
    more = f'timeout = "1 second"\ncommand = [{_script(tmp_path, program)}]'
    desk = build(f'[[hooks]]\nname = "log"\nevents = ["*"]\n{more}')
    _open(desk)
    assert [row.last_error for row in _calls(desk)] == ["it was killed, because its time was over: begun"]


def test_a_program_that_is_missing_is_tried_again(build: Build) -> None:
    desk = build('[[hooks]]\nname = "log"\nevents = ["*"]\ncommand = ["/no/such/program"]')
    _open(desk)
    [row] = _calls(desk)
    assert (row.state, row.last_error) == ("waiting", "cannot run /no/such/program: no such file or directory")


def test_a_call_that_is_too_old_is_parked(build: Build, receiver: HookReceiver) -> None:
    receiver.always = 500
    desk = build(f'[[hooks]]\nname = "web"\nevents = ["opened"]\nurl = "{receiver.url}"')
    _open(desk)
    desk.pass_until(desk.clock.now() + timedelta(days=5, hours=2))
    assert [row.state for row in _calls(desk)] == ["parked"]
    receiver.always = 200
    assert len(receiver.calls) < 200


def test_the_end_of_an_outage_brings_all_calls_at_once(build: Build, receiver: HookReceiver) -> None:
    receiver.always = 500
    desk = build(f'[[hooks]]\nname = "web"\nevents = ["opened"]\nurl = "{receiver.url}"')
    for number in range(4):
        _open(desk, f"Printer {number}")
    desk.pass_time("3 hours")
    with desk.desk.database.read() as connection:
        status = get_status(connection, "hook web")
    assert status is not None
    assert status.failing_since == desk.clock.now() - timedelta(hours=3)
    receiver.always = 200
    desk.pass_time("61 minutes")  # the longest pause of one of them
    assert [row.state for row in _calls(desk)] == ["done"] * 4
    assert len({row.called_at for row in _calls(desk)}) == 1


def test_a_hook_that_hangs_keeps_neither_mail_nor_another_hook_back(
    build: Build, receiver: HookReceiver, tmp_path: Path
) -> None:
    is_heard = tmp_path / "heard"
    program = f"import os, time\nwhile not os.path.exists({str(is_heard)!r}): time.sleep(0.01)"
    desk = build(
        f'[[hooks]]\nname = "slow"\nevents = ["opened"]\ncommand = [{_script(tmp_path, program)}]\n'
        f'[[hooks]]\nname = "web"\nevents = ["opened"]\nurl = "{receiver.url}"'
    )
    receiver.heard = is_heard.touch  # until then the other hook does not end
    _open(desk)
    assert desk.last("anna@example.org", "receipt")
    assert [(row.hook, row.state) for row in _calls(desk)] == [("slow", "done"), ("web", "done")]


def test_while_sending_is_held_no_hook_is_called(build: Build, receiver: HookReceiver) -> None:
    desk = build(f'[[hooks]]\nname = "web"\nevents = ["opened"]\nurl = "{receiver.url}"')
    with desk.desk.database.write() as connection:
        hold_sending(connection, desk.clock.now(), "root", "a loop")
    _open(desk)
    desk.pass_time("6 days")
    assert receiver.calls == []
    with desk.desk.database.write() as connection:
        resume_sending(connection, desk.clock.now())
    desk.settle()
    assert [call.json["type"] for call in receiver.calls] == ["ticket.opened"]


def test_a_dry_run_calls_nothing(build: Build, receiver: HookReceiver) -> None:
    desk = build(f'[[hooks]]\nname = "web"\nevents = ["opened"]\nurl = "{receiver.url}"')
    desk.workers["hooks"] = HookWorker(replace(desk.desk, relay=DryRun()))
    _open(desk)
    assert receiver.calls == []
    assert [(row.state, row.last_error) for row in _calls(desk)] == [("dismissed", "not called: dry run")]


def test_an_undone_step_is_told(build: Build, receiver: HookReceiver) -> None:
    desk = build(f'[[hooks]]\nname = "web"\nevents = ["*"]\nurl = "{receiver.url}"')
    _open(desk)
    desk.send(desk.answer(_ALICE, "#priority high", desk.last(_LEVEL1, "request")))
    desk.send(desk.answer(_ALICE, "#undo", desk.last(_LEVEL1, "request")))
    assert [call.json["type"] for call in receiver.calls] == ["ticket.opened", "ticket.changed", "ticket.undone"]
    assert [call.json["data"]["priority"] for call in receiver.calls] == ["normal", "high", "normal"]


def test_without_hooks_no_statement_names_their_table(build: Build) -> None:
    desk = build("")
    said: list[str] = []
    event.listen(desk.desk.database.engine, "before_cursor_execute", lambda *words: said.append(str(words[2])))
    _open(desk)
    desk.pass_time("2 days")
    assert said
    assert not [words for words in said if "hook_calls" in words]


def test_alarms_leave_by_a_hook_also_while_the_relay_fails(build: Build, receiver: HookReceiver) -> None:
    desk = build(f'[[hooks]]\nname = "pager"\nevents = ["alarm"]\nurl = "{receiver.url}"')
    alarms = MonitoringWorker(desk.desk)
    desk.relay.down = Deferred("connection refused")
    _open(desk)
    assert receiver.calls == []  # it hears of no ticket
    desk.pass_time("16 minutes")
    alarms.step()
    desk.settle()
    [call] = receiver.calls
    assert call.json["type"] == "alarm"
    assert call.json["data"]["text"] == "relay has had no success since 2026-11-23 08:00 UTC: connection refused"
    desk.relay.down = None
    desk.pass_time("20 minutes")
    alarms.step()
    desk.settle()
    assert [one.json["type"] for one in receiver.calls] == ["alarm", "recovery"]
    assert receiver.calls[-1].json["data"]["text"] == "relay works again"


def test_an_alarm_for_the_operator_is_a_call_too(build: Build, receiver: HookReceiver) -> None:
    desk = build(f'[[hooks]]\nname = "pager"\nevents = ["alarm"]\nurl = "{receiver.url}"')
    with desk.desk.database.write() as connection:
        alarm = Alarm(DISK_LOW, ("/var/lib/mailgate", 12, 1))
        desk.desk.system_notices.alarm(connection, alarm, desk.clock.now())
    desk.settle()
    [call] = receiver.calls
    assert call.json["data"]["text"].startswith("the disk of /var/lib/mailgate is nearly full (12 MB free, 1%)")
    assert [mail.notice for mail in desk.relay.mails] == ["alarm"]


def test_a_hook_that_keeps_failing_is_an_alarm(build: Build, receiver: HookReceiver) -> None:
    receiver.always = 500
    desk = build(f'[[hooks]]\nname = "web"\nevents = ["opened"]\nurl = "{receiver.url}"')
    alarms = MonitoringWorker(desk.desk)
    _open(desk)
    desk.pass_time("16 minutes")
    alarms.step()
    desk.settle()
    [alarm] = [mail for mail in desk.relay.mails if mail.notice == "alarm"]
    assert "The hook web has been failing for some time: HTTP status 500" in " ".join(alarm.text.split())
