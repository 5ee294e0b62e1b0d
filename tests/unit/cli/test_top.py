"""`top`: on a terminal it draws anew and gives the terminal back; elsewhere it prints once."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from mailgate.__main__ import main
from mailgate.store.schema import outbox
from tests.support.desk import TestDesk

COLUMNS = 90
ALTERNATE, USUAL = b"\x1b[?1049h", b"\x1b[?1049l"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TestDesk]:
    found = TestDesk(tmp_path, database=f"sqlite:///{tmp_path}/desk.db")
    found.send(found.mail("anna@example.org", "It is broken.", subject="The printer \x1b[2J of the third floor"))
    yield found
    found.close()


def test_where_the_output_is_no_terminal_it_is_printed_once(desk: TestDesk, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["top", "--config", str(desk.folder / "mailgate.toml")], desk.clock) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "HEALTHY"
    place = next(at for at, line in enumerate(lines) if line.startswith("TIME"))
    steps = [line.split() for line in lines[place + 1 :]]
    assert sorted(step[1:5] for step in steps) == [
        ["in", "1", "done", "SUP-1"],
        ["out", "1", "done", "SUP-1"],
        ["out", "2", "done", "SUP-1"],
    ]
    assert steps[0][0] == "09:00:00"
    assert any(step[5:] == ["anna@example.org", "receipt"] for step in steps)
    assert "\x1b" not in "".join(lines)


def test_a_step_of_another_day_names_the_day(desk: TestDesk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.clock.advance(timedelta(hours=16))
    main(["top", "--config", str(desk.folder / "mailgate.toml")], desk.clock)
    assert "\nMon 09:00  in " in capsys.readouterr().out


class Terminal:
    """A terminal that `top` runs on."""

    def __init__(self, desk: TestDesk) -> None:
        self.keys, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
        self._inside = inside
        self.before = termios.tcgetattr(inside)
        words = ["-m", "mailgate", "top", "--every", "0.2", "--config", str(desk.folder / "mailgate.toml")]
        self.process = subprocess.Popen([sys.executable, *words], stdin=inside, stdout=inside, stderr=inside)
        self.shown = b""

    def wait_for(self, words: bytes) -> None:
        """Reads until these words are shown, once more than before."""
        start = len(self.shown)
        while words not in self.shown[start:]:
            assert select.select([self.keys], [], [], 60)[0], self.shown
            self.shown += os.read(self.keys, 65536)

    def end(self) -> int:
        self.wait_for(USUAL)
        status = self.process.wait(60)
        assert termios.tcgetattr(self._inside) == self.before, "the terminal is as it was"
        return status

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        for file in (self.keys, self._inside):
            os.close(file)


@pytest.fixture
def terminal(desk: TestDesk) -> Iterator[Terminal]:
    found = Terminal(desk)
    yield found
    found.close()


@pytest.mark.machine_clock
def test_it_draws_anew_until_q_is_typed(desk: TestDesk, terminal: Terminal) -> None:
    terminal.wait_for(b"\nTIME")
    assert terminal.shown.startswith(ALTERNATE)
    with desk.desk.database.write() as connection:
        connection.execute(update(outbox).values(state="parked"))
    terminal.wait_for(b"  2 notices are parked")
    terminal.wait_for(b"\x1b[J")
    page = terminal.shown.rpartition(b"\x1b[H")[2].replace(b"\x1b[K", b"").replace(b"\x1b[J", b"").decode()
    assert max(len(line) for line in page.split("\r\n")) <= COLUMNS
    os.write(terminal.keys, b"q")
    assert terminal.end() == 0


@pytest.mark.machine_clock
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_gives_the_terminal_back(terminal: Terminal, end: signal.Signals) -> None:
    terminal.wait_for(b"\nTIME")
    terminal.process.send_signal(end)
    assert terminal.end() == 0


@pytest.mark.machine_clock
def test_a_configuration_that_is_wrong_meanwhile_is_shown(desk: TestDesk, terminal: Terminal) -> None:
    terminal.wait_for(b"\nTIME")
    (desk.folder / "mailgate.toml").write_text("[desk]\n")
    terminal.wait_for(b"mailgate: desk.address")
    os.write(terminal.keys, b"q")
    assert terminal.end() == 0


def test_a_configuration_that_is_wrong_at_the_start_ends_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["top", "--config", str(tmp_path / "none.toml")]) == 2
    assert "cannot read the configuration" in capsys.readouterr().err
