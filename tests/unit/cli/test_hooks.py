"""`mailgate hooks` and what an operator does with calls; `release` of a quarantined mail."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mailgate.__main__ import main
from mailgate.daemon.workers.hooks import HookWorker
from mailgate.daemon.workers.scanner import ScanWorker
from tests.support.desk import CONFIG, TestDesk
from tests.support.hook_receiver import HookReceiver

Run = Callable[..., tuple[int, str, str]]
_NOT_RUN = "; `mailgate serve` is not running"


@pytest.fixture
def receiver() -> Iterator[HookReceiver]:
    with HookReceiver() as found:
        yield found


@pytest.fixture
def desk(tmp_path: Path, receiver: HookReceiver) -> Iterator[TestDesk]:
    scanner = tmp_path / "scanner.py"
    scanner.write_text(
        f"#!{sys.executable}\nimport sys\nif b'VIRUS' in sys.stdin.buffer.read():\n"
        "    print('stdin: Test.Virus FOUND')\n    raise SystemExit(1)\n"
    )
    scanner.chmod(0o755)
    config = (
        f"{CONFIG}\n[intake.scan]\ncommand = [{json.dumps(str(scanner))}]\n"
        f'[[hooks]]\nname = "web"\nevents = ["opened"]\nurl = "{receiver.url}"\n'
    )
    found = TestDesk(tmp_path, database=f"sqlite:///{tmp_path}/desk.db", config=config)
    yield found
    for worker in found.workers.values():
        if isinstance(worker, HookWorker | ScanWorker):
            worker.close()
    found.close()


@pytest.fixture
def run(desk: TestDesk, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main([*words, "--config", str(desk.folder / "mailgate.toml")], desk.clock)
        return status, *capsys.readouterr()

    return call


def _open(desk: TestDesk, text: str = "It prints stripes.") -> None:
    desk.send(desk.mail("Anna <anna@example.org>", text, subject="Printer"))


def test_calls_are_listed_read_and_made_again(desk: TestDesk, run: Run, receiver: HookReceiver) -> None:
    receiver.answers = [404]
    _open(desk)
    status, out, _ = run("hooks")
    assert status == 0
    assert "parked" in out
    assert "    HTTP status 404: as told" in out
    assert "ticket.opened" in out
    said = run("cat", "hooks", "1")[1]
    assert '"reference": "SUP-1"' in said
    assert json.loads(run("cat", "hooks", "1", "--raw")[1])["data"]["subject"] == "Printer"
    assert run("cat", "hooks", "2") == (1, "", "mailgate: there is no call 2 of a hook: see `mailgate hooks --all`\n")
    assert "1 call is parked → `mailgate hooks`, then `mailgate requeue hooks ID`" in run("status")[1]
    assert run("requeue", "hooks", "1") == (0, f"hooks 1 is waiting again{_NOT_RUN}.\n", "")
    desk.pass_time("2 minutes")
    assert run("hooks")[1] == "Nothing here. Not shown: 1 done (--all).\n"
    [row] = json.loads(run("hooks", "--json", "--to", "web")[1])
    assert (row["state"], row["hook"], row["reply"]) == ("done", "web", "HTTP status 200: as told")
    assert "What it said is not kept once a call is done." in run("cat", "hooks", "1")[1]


def test_calls_are_given_up_by_the_name_of_their_hook(desk: TestDesk, run: Run, receiver: HookReceiver) -> None:
    receiver.always = 500
    _open(desk)
    assert run("flush", "hooks")[1] == f"1 call is due now{_NOT_RUN}.\n"
    given_up = run("dismiss", "hooks", "--to", "web", "--state", "waiting", "--reason", "the room is gone")
    assert given_up == (0, "1 call is dismissed.\n", "")
    assert "the room is gone" in run("hooks", "--all")[1]


def test_a_hook_is_tried_by_hand(desk: TestDesk, run: Run, receiver: HookReceiver) -> None:
    receiver.always = 500
    _open(desk)
    assert run("hooks", "--test", "web") == (
        1, "", "mailgate: the hook web failed, and a call would be retried: HTTP status 500: as told\n"
    )  # fmt: skip
    desk.clock.advance(desk.settings.intake.alarm_after.span)
    assert "the hook web has failed for 15 min: HTTP status 500" in run("status")[1]
    receiver.always = 200
    assert run("hooks", "--test", "web") == (0, "The hook web works: HTTP status 200: as told\n", "")
    assert receiver.calls[-1].json["type"] == "ping"
    assert "the hook web has failed" not in run("status")[1]
    desk.settle()
    assert json.loads(run("hooks", "--json")[1])[0]["state"] == "done"
    assert run("hooks", "--test", "wob")[2] == 'mailgate: there is no hook "wob"; the hooks are: web\n'


def test_check_names_a_program_that_cannot_be_run(desk: TestDesk, run: Run) -> None:
    config = desk.folder / "mailgate.toml"
    missing = '[[hooks]]\nname = "gone"\nevents = ["alarm"]\ncommand = ["/no/such/hook"]\n'
    config.write_text(config.read_text() + missing)
    status, out, _ = run("check")
    said = " ".join(out.split())
    assert status == 1
    assert "FAILED programs the hook gone: /no" in said
    assert "hook web: calls have no signature without secret_file" in said


def test_a_quarantined_mail_is_read_and_released(desk: TestDesk, run: Run) -> None:
    _open(desk, "VIRUS: it prints stripes.")
    out = run("journal")[1]
    assert "quarantined" in out
    assert "    stdin: Test.Virus FOUND" in out
    said = run("cat", "journal", "1")[1]
    assert "The virus scanner found something in this email: do not follow its links." in said
    assert "it prints stripes" in said
    assert "1 email is quarantined by the virus scanner → `mailgate journal`" in run("status")[1]
    assert run("requeue", "journal", "1")[2] == (
        "mailgate: journal 1 is quarantined: `mailgate release journal 1` processes it anyway\n"
    )
    assert run("requeue", "journal", "--state", "quarantined")[0] == 2
    assert run("release", "journal")[0] == run("release", "journal", "1", "--dry-run")[0] == 2
    assert run("release", "journal", "7")[2] == "mailgate: the journal has no email 7\n"
    assert run("release", "journal", "1") == (0, f"journal 1 is released and will be processed{_NOT_RUN}.\n", "")
    desk.settle()
    assert desk.ticket().reference == "SUP-1"
    assert run("release", "journal", "1")[2] == "mailgate: journal 1 is done, not quarantined\n"


def test_a_quarantined_mail_is_given_up(desk: TestDesk, run: Run) -> None:
    _open(desk, "VIRUS")
    assert run("dismiss", "journal", "1", "--reason", "a virus") == (0, "journal 1 is dismissed.\n", "")
    assert "quarantined by" not in run("status")[1]
