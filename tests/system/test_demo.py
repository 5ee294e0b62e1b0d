"""The demo as its reader meets it: what it prints, what it holds against the story, and that writable to."""

from __future__ import annotations

import io
import os
import re
import select
import signal
import smtplib
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from wcwidth import wcswidth

import mailgate.cli.demo
from mailgate.cli.demo.client import compose, quote, reply
from mailgate.cli.demo.output import WIDTH, DemoOutput, fold, name_command
from mailgate.cli.demo.player import Player
from mailgate.cli.demo.sandbox import Sandbox
from mailgate.cli.demo.script import (
    CAMILLE,
    CAROL,
    DESK,
    LEVEL1,
    SCENES,
    ScriptedNotice,
    ScriptedStep,
    monday_before,
    print_end,
)
from mailgate.cli.demo.sink import DeliveredMail, Mailboxes
from mailgate.cli.demo.summary import SummaryView
from mailgate.core.clock import HandClock
from mailgate.core.workflow.notice_catalogue import Notice

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def played() -> tuple[int, str, float]:
    """One performance with all its mails: exit status, output, seconds."""
    return _play(long=True)


@pytest.fixture(scope="module")
def summed_up() -> tuple[int, str, float]:
    """One performance in short."""
    return _play(long=False)


def _play(*, long: bool) -> tuple[int, str, float]:
    before, paper = sys.stdout, io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    sys.stdout, start = paper, time.monotonic()
    try:
        status = mailgate.cli.demo.run(keep=False, long=long)
    finally:
        sys.stdout = before
    paper.seek(0)
    return status, paper.read(), time.monotonic() - start


def test_it_ends_well_and_soon(played: tuple[int, str, float]) -> None:
    status, output, seconds = played
    assert status == 0
    assert "The ticket is closed, and all 14 notices arrived" in output
    assert seconds < 30


def test_every_scene_is_told_in_order(played: tuple[int, str, float]) -> None:
    titles = re.findall(r"^── (\d+)\. (.+?) ─", played[1], re.MULTILINE)
    assert titles == [(str(number), scene.title) for number, scene in enumerate(SCENES, 1)]


@pytest.mark.parametrize(
    "words",
    [
        "→ table: level1 · timer escalation → level2, because the timer escalation was due",
        '→ table: confirming · yes → finalizing, because camille.moreau@example.org: "C\'est réglé"',
        "journal de l'imprimante (étage 2).txt (768 bytes)",
        "Subject: [SUP-1] Nous avons bien reçu votre demande",
        "E-42 », puis s'éteint.",
        "with Level 1 5 h 00 4 h 00 in business hours",
    ],
)
def test_a_newcomer_reads(played: tuple[int, str, float], words: str) -> None:
    assert words in " ".join(played[1].split())


def test_the_output_fits_a_terminal_and_has_no_colours(played: tuple[int, str, float]) -> None:
    assert max(map(wcswidth, played[1].splitlines())) <= WIDTH == 80
    assert "\x1b" not in played[1]


def test_the_summary_fits_on_one_page(summed_up: tuple[int, str, float]) -> None:
    status, output, seconds = summed_up
    lines = output.splitlines()
    assert (status, len(lines) <= 40, seconds < 30) == (0, True, True)
    assert max(map(wcswidth, lines)) <= WIDTH
    assert "The ticket is closed, and all 14 notices arrived" in output


def test_the_summary_has_each_mail_and_each_state(summed_up: tuple[int, str, float]) -> None:
    titles = [line.partition(" ─")[0] for line in summed_up[1].splitlines() if " ──" in line]
    assert titles == [scene.title for scene in SCENES]
    arrows = [" ".join(found) for found in re.findall(r"^  (\w[\w ]*?) → (\w[\w ]*?)  ", summed_up[1], re.MULTILINE)]
    assert len(arrows) == sum(len(scene.arrives) + (scene.mail is not None) for scene in SCENES)
    assert arrows[:4] == ["Camille desk", "desk Camille", "desk Level 1", "desk Level 1"]
    assert "  Carol → desk      #resolve I restarted the drum unit. Please try again.\n" in summed_up[1]
    assert re.search(r"^Tuesday 09:10: “toujours pas” ─+ confirming → level2$", summed_up[1], re.MULTILINE)


def test_the_lines_of_the_summary_fit_their_column() -> None:
    says = [one.says for scene in SCENES for one in scene.arrives] + [scene.mail.says for scene in SCENES if scene.mail]
    assert [line for line in says if wcswidth(line) > WIDTH - 20] == []


def test_the_times_of_the_summary_stand_in_the_emails(played: tuple[int, str, float]) -> None:
    days = {"Wednesday": "Wednesday|mercredi", "Thursday": "Thursday|jeudi", "Friday": "Friday|vendredi"}
    sections = re.split(r"^── \d+\. .+$", played[1], flags=re.MULTILINE)[1:]
    found = 0
    for scene, section in zip(SCENES, sections, strict=True):
        emails = " ".join(section.split()).replace(" ".join(scene.tells.split()), "")
        for time_or_day in re.findall(r"\d\d:\d\d|\w+day\b", " ".join(one.says for one in scene.arrives)):
            assert re.search(days.get(time_or_day, time_or_day), emails), (scene.title, time_or_day)
            found += 1
    assert found > 5


def test_what_to_try_next_can_be_copied(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    command = tmp_path / ".venv" / "bin" / "mailgate"
    command.parent.mkdir(parents=True)
    command.touch(mode=0o755)
    monkeypatch.setattr(sys, "argv", [str(command)])
    monkeypatch.setenv("PATH", os.defpath)
    assert name_command() == str(command)
    monkeypatch.chdir(tmp_path)
    assert name_command() == ".venv/bin/mailgate"
    monkeypatch.setenv("PATH", str(command.parent))
    assert name_command() == "mailgate"
    page = DemoOutput(io.StringIO())
    print_end(page, 14, command=".venv/bin/mailgate", long=False, keep=False)
    assert "  .venv/bin/mailgate demo --long  every email" in page._stream.getvalue()  # type: ignore[attr-defined]


@pytest.mark.machine_clock
def test_it_leaves_nothing_behind_and_reads_no_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("MAILGATE_RELAY__PORT", "1")  # the demo writes to no real relay
    assert mailgate.cli.demo.run(keep=False) == 0
    assert list(tmp_path.iterdir()) == []


# -- holding it against the story --------------------------------------------------------------------------------------


def perform(folder: Path, scenes: tuple[ScriptedStep, ...]) -> list[str]:
    clock = HandClock(MONDAY)
    page = DemoOutput(io.StringIO())
    with Mailboxes(folder / "mail") as mailboxes, Sandbox(folder, mailboxes.port, clock) as stage:
        return Player(stage, clock, mailboxes, SummaryView(page)).perform(scenes)


def test_a_notice_that_does_not_come_is_said(tmp_path: Path) -> None:
    scene = SCENES[0]
    wrong = replace(scene, arrives=(*scene.arrives, ScriptedNotice(LEVEL1, Notice.CLOSED, "Closed.")))
    assert perform(tmp_path, (wrong,)) == ["scene 1: level1@example.com has not received “closed”"]


def test_a_notice_too_many_is_said(tmp_path: Path) -> None:
    wrong = replace(SCENES[0], arrives=SCENES[0].arrives[:1])
    assert perform(tmp_path, (wrong,)) == ["scene 1: level1@example.com received “request”, which should not have come"]


def test_a_wrong_state_is_said_and_ends_the_play(tmp_path: Path) -> None:
    wrong = replace(SCENES[0], state=SCENES[2].state)
    assert perform(tmp_path, (wrong, SCENES[1])) == ["scene 1: the ticket should be level2, it is level1"]


@pytest.mark.machine_clock
def test_a_problem_makes_the_demo_fail(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(mailgate.cli.demo, "SCENES", SCENES[1:])
    assert mailgate.cli.demo.run(keep=True) == 1
    assert "mailgate demo: scene 1: level1@example.com has not received “warning”" in capsys.readouterr().err


# -- parts -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("now", [datetime(2026, 11, day, 3, tzinfo=UTC) for day in range(22, 30)])
def test_the_story_lies_in_a_week_that_is_over(now: datetime) -> None:
    start = monday_before(now)
    assert (start.weekday(), start.hour, start.tzinfo) == (0, 9, ZoneInfo("Europe/Paris"))
    assert 6 < (now - start).total_seconds() / 86400 < 14


def test_a_reply_goes_to_reply_to_and_quotes_in_the_authors_time() -> None:
    mail = compose(CAMILLE, DESK, "Étage 2", "Bonjour", MONDAY)
    mail["Reply-To"] = "support+SUP-1.1.mac@example.com"
    mail["References"] = "<first@example.com>"
    delivered = DeliveredMail(CAMILLE.address, mail)
    at = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Europe/Paris"))
    answer = reply(CAROL, delivered, "#help", at)
    assert answer["To"] == "support+SUP-1.1.mac@example.com"
    assert answer["Subject"] == "Re: Étage 2"
    assert answer["References"] == f"<first@example.com> {mail['Message-ID']}"
    assert quote(CAROL, delivered, at).splitlines()[0].startswith("On 23/11/2026 09:00, Camille Moreau")
    assert answer.as_bytes().count(b"\nReferences:") == 1


def test_long_lines_keep_their_quote_marks() -> None:
    assert fold("> one two three\n\n- four five six", 10) == ["> one two", "> three", "", "- four", "  five six"]


def test_wide_letters_count_twice() -> None:
    assert fold("> 日本 語文 あい", 8) == ["> 日本", "> 語文", "> あい"]


class _Terminal(io.StringIO):
    encoding = "ascii"

    def isatty(self) -> bool:
        return True


def test_colours_on_a_terminal_only_without_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    DemoOutput(coloured := _Terminal()).success("done ✓")
    monkeypatch.setenv("NO_COLOR", "1")
    DemoOutput(plain := _Terminal()).success("done ✓")
    assert coloured.getvalue() == "\x1b[32mdone ?\x1b[0m\n"
    assert plain.getvalue() == "done ?\n"


# -- keeping the desk open ---------------------------------------------------------------------------------------------


def _read_until(process: subprocess.Popen[str], pattern: str, seconds: float = 30) -> str:
    """The output up to the line with the pattern; fails if it does not come."""
    assert process.stdout is not None
    seen, end = "", time.monotonic() + seconds
    while time.monotonic() < end:
        ready, _, _ = select.select([process.stdout], [], [], end - time.monotonic())
        if not ready:
            break
        piece = os.read(process.stdout.fileno(), 65536).decode("utf-8", "replace")
        if not piece:
            break
        seen += piece
        if re.search(pattern, seen, re.DOTALL):
            return seen
    raise AssertionError(f"{pattern!r} did not come within {seconds} s:\n{seen[-3000:]}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_the_desk_stays_open_until_it_is_told(number: signal.Signals) -> None:
    code = "import sys; from mailgate.cli.demo import run; sys.exit(run(keep=True))"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        told = _read_until(process, r"until you press Ctrl-C")
        port, folder = (
            re.search(r"curl .* smtp://127\.0\.0\.1:(\d+)", told),
            re.search(r"kept in (\S+)\nuntil", told),
        )
        assert port is not None
        assert folder is not None
        mail = compose(replace(CAROL, name="Jo", address="jo@example.org"), DESK, "Dark screen", "It is dark.", MONDAY)
        with smtplib.SMTP("127.0.0.1", int(port[1]), timeout=10) as session:
            session.sendmail("jo@example.org", DESK, mail.as_bytes())
        shown = _read_until(
            process, r"arrives for level1@example\.com.*--mail-rcpt support\+SUP-2\.\d+\.\w+@\S+ -T -\n$"
        )
        assert "→ table SUP-2: new · request → level1" in shown
        if "arrives for jo@example.org" not in shown:  # the relay's connections are not in step
            _read_until(process, r"arrives for jo@example\.org")
        assert len(list((Path(folder[1]) / "jo@example.org" / "new").iterdir())) == 1
        process.send_signal(number)
        assert process.wait(15) == 0
        assert not Path(folder[1]).exists()
    finally:
        process.kill()
        process.communicate()
