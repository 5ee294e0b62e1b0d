"""The command line itself: help, examples, wrong usage, which configuration is read, an output that is full."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mailgate.__main__ import main
from mailgate.cli import SECTIONS, context
from mailgate.store.hook_calls import QueuedCall, put_calls
from tests.support.desk import TestDesk

_COMMANDS = [name for section in SECTIONS.values() for name in section]
_LISTINGS = (
    "tickets", "tickets --json", "find printer", "show SUP-1", "explain SUP-1", "explain SUP-1 --sla", "journal --all",
    "outbox --json", "timers", "cat journal 1", "cat outbox 1 --raw", "report", "status", "process", "help", "--help",
    "--version", "preview confirm", "check",
)  # fmt: skip
_LOOKING = {
    "check", "tickets", "find", "show", "explain", "report", "journal", "outbox", "timers", "cat", "help", "preview",
    "process",
}  # fmt: skip

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TestDesk]:
    desk = TestDesk(tmp_path, database=f"sqlite:///{tmp_path}/desk.db")
    desk.send(desk.mail("Anna <anna@example.org>", "It is broken.", subject="Printer"))
    yield desk
    desk.close()


@pytest.fixture
def run(desk: TestDesk, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line as it was typed: (status, stdout, stderr)."""

    def call(*words: str) -> tuple[int, str, str]:
        status = main(words, desk.clock)
        said = capsys.readouterr()
        return status, said.out, said.err

    return call


def _config(desk: TestDesk) -> str:
    return str(desk.folder / "mailgate.toml")


# -- help ------------------------------------------------------------------------------------------------------------


def test_a_bare_command_prints_the_help(run: Run) -> None:
    status, told, said = run()
    assert (status, said) == (0, "")
    assert told == run("--help")[1] == run("help")[1]
    assert max(map(len, told.splitlines())) <= 80
    for title, section in SECTIONS.items():
        listed = told.partition(f"\n{title}:\n")[2].partition("\n\n")[0].splitlines()
        assert [line.split(maxsplit=1) for line in listed] == [[name, entry.words] for name, entry in section.items()]


@pytest.mark.parametrize("name", _COMMANDS)
def test_help_of_a_command_is_its_own_page_with_examples(run: Run, name: str) -> None:
    status, told, _ = run("help", name)
    assert (status, told) == (0, run(name, "--help")[1])
    _, found, examples = told.partition("\n  Examples:\n")
    assert found
    assert examples.strip()
    assert all(line.startswith((f"    mailgate {name}", f"    sudo mailgate {name}")) for line in examples.splitlines())
    assert max(map(len, told.splitlines())) <= 80
    options = [line.split()[0] for line in told.splitlines() if line.startswith("  -")]
    last = [name for name in ("--json", "--config", "-h,") if name in options]
    assert options[-len(last) :] == last


def test_the_examples_work(desk: TestDesk, run: Run) -> None:
    """Those that look, on a desk; the numbers in them are those of the desk's rows."""
    for number in range(2, 48):
        desk.send(desk.mail(f"user{number}@example.org", "My printer is broken.", subject=f"Printer {number}"))
    with desk.desk.database.write() as connection:
        put_calls(connection, [QueuedCall("chat", "ping", "{}")] * 5, desk.clock.now())
    for name, entry in ((name, entry) for section in SECTIONS.values() for name, entry in section.items()):
        if name not in _LOOKING:
            continue
        for example in entry.examples:
            words = shlex.split(example.partition(" > ")[0].replace("network", "default"))
            if "--connect" in words:  # it needs the services
                continue
            status, _, said = run("--config", _config(desk), *words[1:])
            assert (status, said) == (0, ""), (name, example)


# -- wrong usage -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("tikets", "mailgate: there is no command tikets: did you mean tickets?\n"),
        ("help outbx", "mailgate: there is no command outbx: did you mean outbox?\n"),
        ("xyzzy", "mailgate: there is no command xyzzy: `mailgate help` lists them all\n"),
    ],
)
def test_a_command_that_does_not_exist_is_one_line(run: Run, typed: str, said: str) -> None:
    assert run(*typed.split()) == (2, "", said)


def test_a_missing_argument_is_one_line_without_tabs(run: Run) -> None:
    status, _, said = run("requeue")
    assert (status, said.count("\n")) == (2, 1)
    assert "\t" not in said


# -- which configuration ---------------------------------------------------------------------------------------------


def test_the_configuration_may_stand_before_the_command(desk: TestDesk, run: Run) -> None:
    assert run("--config", _config(desk), "tickets") == run("tickets", "--config", _config(desk))
    assert run("--config", "/nowhere", "tickets", "--config", _config(desk))[0] == 0
    assert run("--config", _config(desk), "process")[0] == 0


def test_pipe_keeps_its_exit_status_behind_the_configuration(run: Run) -> None:
    assert run("--config", "/nowhere", "pipe")[0] == run("--config=/nowhere", "pipe")[0] == 75


def test_the_variable_names_the_configuration(
    desk: TestDesk, run: Run, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path_factory.mktemp("here")
    (here / "mailgate.toml").write_text("[desk]\n")
    monkeypatch.chdir(here)
    monkeypatch.setenv("MAILGATE_CONFIG", _config(desk))
    assert "Printer" in run("tickets")[1]
    assert run("tickets", "--config", "mailgate.toml")[0] == 2


def test_a_folder_that_cannot_be_read_has_no_configuration(
    desk: TestDesk, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "SYSTEM", Path(_config(desk)))
    monkeypatch.setattr(context, "HERE", _Unreadable("mailgate.toml"))
    assert "Printer" in run("tickets")[1]
    monkeypatch.setattr(context, "SYSTEM", Path("/nowhere/mailgate.toml"))
    assert run("tickets")[2].startswith("mailgate: there is no mailgate.toml here and no /nowhere/mailgate.toml")


class _Unreadable(type(Path())):  # type: ignore[misc]
    """A file in a folder that its reader may not enter, which root always may."""

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:  # noqa: ARG002
        raise PermissionError(13, "Permission denied", str(self))


def test_root_does_not_read_the_file_of_another_user(
    desk: TestDesk, run: Run, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path_factory.mktemp("home")
    (home / "mailgate.toml").write_text("[desk]\n")
    monkeypatch.chdir(home)
    monkeypatch.setattr(context, "SYSTEM", Path(_config(desk)))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(context, "_owner", lambda file: 1000 if file == context.HERE else 0)
    status, told, said = run("tickets")
    assert (status, "Printer" in told) == (0, True)
    assert said.startswith("mailgate: mailgate.toml in this folder belongs to another user")
    monkeypatch.setattr(context, "_owner", lambda file: 1000 if file == context.HERE else None)
    assert run("tickets")[0] == 2
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert run("tickets")[2].startswith("mailgate: desk.address")  # it is read, and has mistakes


def test_who_only_looks_needs_no_secret(desk: TestDesk, run: Run) -> None:
    (desk.folder / "secret").unlink()
    for words in (("tickets",), ("show", "SUP-1"), ("explain", "SUP-1"), ("status",), ("outbox", "--all")):
        said = run(*words, "--config", _config(desk))[2]
        assert said == "", words
    status, _, said = run("note", "SUP-1", "A note.", "--config", _config(desk))
    assert (status, "cannot read the secret" in said) == (2, True)


# -- an output that fails --------------------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("typed", _LISTINGS)
def test_a_full_output_is_one_line(
    desk: TestDesk, typed: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        words = ["--config", _config(desk), *shlex.split(typed)]
        assert main(words, desk.clock) == 1
        monkeypatch.undo()
    assert capfd.readouterr().err == "mailgate: the output cannot be written: no space left on device\n"


@pytest.mark.system
@pytest.mark.machine_clock
def test_a_full_or_closed_output_leaves_no_traceback_at_the_end(desk: TestDesk) -> None:
    for typed in ("show SUP-1", "tickets --json", "help"):
        words = [sys.executable, "-m", "mailgate", "--config", _config(desk), *typed.split()]
        with open("/dev/full", "wb") as full:
            run = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        said = "mailgate: the output cannot be written: no space left on device\n"
        assert (run.returncode, run.stderr) == (1, said)
        closed = subprocess.run(["sh", "-c", '"$@" >&-', "sh", *words], stderr=subprocess.PIPE, text=True, check=False)
        assert (closed.returncode, closed.stderr) == (0, "")
