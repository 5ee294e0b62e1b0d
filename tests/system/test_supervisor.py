"""`serve` as a parent with its children: what dies comes back, what ends ends together, and nobody is left behind."""

from __future__ import annotations

import os
import select
import signal
import smtplib
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mailgate.cli.serve import share_out
from mailgate.daemon.supervisor import ChildLink, Supervisor
from tests.support.desk import CONFIG
from tests.support.relay import Receiver

MAIL = b"From: anna@example.org\r\nSubject: Printer\r\nMessage-ID: <1@x.org>\r\n\r\nBroken.\r\n"


@dataclass
class Served:
    """A running desk in several processes."""

    process: subprocess.Popen[str]
    port: int

    def read_until(self, words: str) -> str:
        """The next line of its log that has these words."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if words in line:
                return line
        raise AssertionError(f"the log ended before {words!r}")

    def children(self) -> list[int]:
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _configure(folder: Path, port: int, relay: int) -> Path:
    (folder / "secret").write_text("a key that only the tests know\n")
    config = folder / "mailgate.toml"
    words = CONFIG.replace("127.0.0.1:0", f"127.0.0.1:{port}")
    wire = f'[relay]\nhost = "127.0.0.1"\nport = {relay}\ntls = "none"\n'
    config.write_text(f'{words}{wire}[store]\ndatabase = "sqlite:///desk.db"\nprocesses = 3\n')
    return config


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as found:
        yield found


@pytest.fixture
def served(tmp_path: Path, receiver: Receiver) -> Iterator[Served]:
    port = _free_port()
    config = _configure(tmp_path, port, receiver.port)
    command = [sys.executable, "-m", "mailgate", "serve", "--config", str(config)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        desk = Served(process, port)
        # Not the children's own lines: until the parent has heard all, a death counts as a failed start.
        assert "processes=3" in desk.read_until("action=ready")
        yield desk
    finally:
        process.kill()
        process.communicate()


def _offer(port: int, number: int) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
        smtp.sendmail("anna@example.org", ["support@example.com"], MAIL.replace(b"1@x", b"%d@x" % number))


def test_a_dead_child_is_started_again(served: Served, receiver: Receiver) -> None:
    children = served.children()
    assert len(children) == 3
    for pid in children:
        os.kill(pid, signal.SIGKILL)
    started: set[str] = set()
    while len(started) < 3:
        started.add(served.read_until("action=start").split("roles=")[1].split()[0])
    assert started == {"intake", "clock,worker", "courier"}
    _offer(served.port, 1)
    assert receiver.wait_for(lambda mails: len(mails) == 2), [mail.notice for mail in receiver.mails]


def test_children_end_with_their_parent(served: Served) -> None:
    endings = [os.pidfd_open(pid) for pid in served.children()]
    served.process.kill()
    for ending in endings:
        _wait_for_end(ending)


def _wait_for_end(pidfd: int) -> None:
    assert select.select([pidfd], [], [], 10)[0], "a child outlived its parent"
    os.close(pidfd)


def test_a_signal_ends_all_in_order(served: Served) -> None:
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(15) == 0
    assert served.process.stderr is not None
    log = served.process.stderr.read()
    assert log.count("action=stop") == 3
    assert "level=error" not in log


def _run(*tasks: Callable[[ChildLink], int]) -> int:
    groups = tuple((str(number),) for number in range(len(tasks)))
    return Supervisor(groups, lambda roles, link: tasks[int(roles[0])](link)).serve()


def _wait_for_the_end(link: ChildLink) -> int:
    link.ready()
    signal.sigwait({signal.SIGTERM})
    return 0


def test_a_child_that_cannot_start_ends_the_desk_with_its_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailgate.daemon.supervisor.log.disabled", True)
    assert _run(_wait_for_the_end, lambda _link: 2) == 2


@pytest.mark.parametrize(
    ("processes", "sqlite", "groups"),
    [
        (1, True, [("intake", "worker", "courier", "clock")]),
        (2, True, [("intake",), ("worker", "clock", "courier")]),
        (3, True, [("intake",), ("worker", "clock"), ("courier",)]),
        (5, True, [("intake",), ("worker", "clock"), ("courier",)]),
        (5, False, [("intake",), ("worker", "clock"), ("courier",), ("worker",), ("worker",)]),
    ],
)
def test_the_roles_are_shared_out(processes: int, sqlite: bool, groups: list[tuple[str, ...]]) -> None:
    assert list(share_out(("intake", "worker", "courier", "clock"), processes, sqlite=sqlite)) == groups
