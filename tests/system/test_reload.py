"""SIGHUP: the desk takes a new configuration without refusing a connection, and keeps the old one where it is wrong."""

from __future__ import annotations

import json
import os
import queue
import signal
import smtplib
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.desk import CONFIG

MAIL = b"From: anna@example.org\r\nSubject: Printer\r\nMessage-ID: <%d@x.org>\r\n\r\nBroken.\r\n"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@dataclass
class Served:
    """A running `mailgate serve --dry-run`, with what it told systemd."""

    process: subprocess.Popen[str]
    config: Path
    port: int
    told_states: queue.Queue[list[str]]
    log: list[str] = field(default_factory=list)

    def read_until(self, words: str) -> str:
        """The next line of its log that has these words."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(line)
            if words in line:
                return line
        raise AssertionError(f"the log ended before {words!r}")

    def told(self) -> list[str]:
        """Returns the lines that it sent to systemd about the last reload, up to the one that ends it."""
        told: list[str] = []
        while True:
            states = self.told_states.get(timeout=20)
            told += [state for state in states if state != "WATCHDOG=1"]
            if "READY=1" in states and len(states) > 1:
                return told

    def children(self) -> set[int]:
        pid = self.process.pid
        return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}

    def change(self, before: str, after: str) -> None:
        words = self.config.read_text()
        assert before in words
        self.config.write_text(words.replace(before, after, 1))

    def reload(self) -> str:
        """Sends SIGHUP and returns the log line that ends the reload."""
        self.process.send_signal(signal.SIGHUP)
        self.read_until("action=reload result=begun")
        return self.read_until("action=reload")

    def ask(self, *words: str) -> list[dict[str, object]]:
        """Runs a command with --json beside it."""
        command = [sys.executable, "-m", "mailgate", *words, "--json", "--config", str(self.config)]
        found: list[dict[str, object]] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        return found


@contextmanager
def _serve(folder: Path, *, processes: int, roles: tuple[str, ...] = (), more: str = "") -> Iterator[Served]:
    (folder / "secret").write_text("a key that only the tests know\n")
    port, config = _free_port(), folder / "mailgate.toml"
    words = CONFIG.replace("127.0.0.1:0", f"127.0.0.1:{port}")
    config.write_text(f'{words}{more}[store]\ndatabase = "sqlite:///desk.db"\nprocesses = {processes}\n')
    command = [sys.executable, "-m", "mailgate", "serve", "--config", str(config), "--dry-run"]
    command += [word for role in roles for word in ("--role", role)]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(folder / "notify"))
        process = subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, env={**os.environ, "NOTIFY_SOCKET": str(folder / "notify")}
        )
        try:
            states: queue.Queue[list[str]] = queue.Queue()
            threading.Thread(target=_read_states, args=(channel, states), daemon=True).start()
            served = Served(process, config, port, states)
            served.read_until("action=ready")
            yield served
        finally:
            process.kill()
            process.communicate()
            channel.shutdown(socket.SHUT_RD)


def _read_states(channel: socket.socket, states: queue.Queue[list[str]]) -> None:
    """Reads what the desk tells systemd at once, as systemd does: it would have to wait otherwise."""
    while told := channel.recv(4096):
        states.put(told.decode().split("\n"))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with _serve(tmp_path, processes=3) as found:
        yield found


def _offer(port: int, number: int) -> None:
    with closing(smtplib.SMTP("127.0.0.1", port, timeout=30)) as smtp:  # without QUIT: behind 250 a 421 may stand
        smtp.sendmail("anna@example.org", ["support@example.com"], MAIL % number)


def test_no_mail_is_refused_and_none_is_lost_while_it_reloads(served: Served) -> None:
    before, failures = served.children(), list[Exception]()

    def offer(numbers: range) -> None:
        for number in numbers:
            try:
                _offer(served.port, number)
            except Exception as error:  # whatever it is, a mail was refused
                failures.append(error)

    peers = [threading.Thread(target=offer, args=(range(first, first + 50),)) for first in range(0, 200, 50)]
    for peer in peers:
        peer.start()
    while any(peer.is_alive() for peer in peers):
        assert "result=done processes=3" in served.reload()
    assert not failures
    assert not before & served.children()
    assert len({row["message_id"] for row in served.ask("journal", "--all")}) == 200


def test_the_new_configuration_holds_afterwards(served: Served) -> None:
    port = _free_port()
    served.change(f"127.0.0.1:{served.port}", f"127.0.0.1:{port}")
    assert "result=done" in served.reload()
    _offer(port, 1)
    with pytest.raises(ConnectionRefusedError):
        _offer(served.port, 2)
    told = served.told()
    assert told[told.index("RELOADING=1") + 1].startswith("MONOTONIC_USEC=")
    assert told[-2:] == ["READY=1", "STATUS=3 processes: intake, worker+clock, courier; dry run, nothing is sent"]


def test_the_log_and_systemd_hear_of_a_dry_run_and_of_a_hold(served: Served) -> None:
    assert any("action=start" in line and "dry_run=yes" in line and "level=warning" in line for line in served.log)
    command = [sys.executable, "-m", "mailgate", "--config", str(served.config)]
    held = "; dry run, nothing is sent; sending is held, `mailgate resume` ends the hold"
    for words, end in (("hold sending --reason loop", held), ("resume", "; dry run, nothing is sent")):
        subprocess.run([*command, *words.split()], capture_output=True, check=True)
        states: list[str] = []
        while not any(state.startswith("STATUS=") and state.endswith(end) for state in states):
            states = served.told_states.get(timeout=30)
        served.read_until("action=send result=")
    refused = subprocess.run([*command, "release", "--dry-run"], capture_output=True, text=True)
    assert (refused.returncode, "a dry run is running" in refused.stderr) == (1, True)
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(15) == 0
    subprocess.run([*command, "release", "--dry-run"], capture_output=True, check=True)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("[desk]", "[desk]\ntimezone = 'Europe/Pari'", "desk.timezone: there is no time zone"),
        ("desk.db", "other.db", "store.database: a reload cannot change it: run `systemctl restart mailgate`"),
        (
            "[intake.smtp]",
            "[intake.lmtp]\nlisten = 'unix:no/desk.sock'\n[intake.smtp]",
            "folder of the socket does not exist",
        ),
    ],
)
def test_a_wrong_configuration_is_refused_and_the_old_one_goes_on(
    served: Served, before: str, after: str, words: str
) -> None:
    children, good = served.children(), served.config.read_text()
    served.change(before, after)
    refused = served.reload()
    assert "result=refused" in refused
    assert words in refused
    assert served.children() == children
    _offer(served.port, 1)
    told = served.told()
    assert told[-2] == "READY=1"
    assert "reload refused" in told[-1]
    assert words in told[-1]
    served.config.write_text(good)
    [alarm] = [row for row in served.ask("outbox", "--all") if row["notice"] == "alarm"]
    assert alarm["to"] == "operator@example.com"
    assert "result=done" in served.reload()
    assert "refused" not in served.told()[-1]


def test_no_file_in_place_of_the_configuration_ends_or_stops_the_desk(served: Served) -> None:
    right = served.config.read_text()
    for put, words in (
        (lambda: os.mkfifo(served.config), "not a regular file"),
        (served.config.mkdir, "not a regular file"),
        (lambda: served.config.symlink_to("/dev/zero"), "not a regular file"),
        (lambda: served.config.symlink_to(served.config), "cannot read the configuration"),
        (lambda: served.config.write_text("a = " + "[" * 20_000), "not valid TOML"),
    ):
        served.config.unlink()
        put()
        line = served.reload()
        assert "result=refused" in line
        assert words in line
        served.config.rmdir() if served.config.is_dir() else served.config.unlink()
        served.config.write_text(right)
    assert "result=done" in served.reload()
    for _ in range(200):
        served.process.send_signal(signal.SIGHUP)
    assert "result=done" in served.reload()
    served.process.send_signal(signal.SIGHUP)
    served.process.send_signal(signal.SIGTERM)
    served.process.send_signal(signal.SIGHUP)
    assert served.process.stderr is not None
    rest = served.process.stderr.read()
    assert served.process.wait(30) == 0
    assert "Traceback" not in rest


def test_a_configuration_that_a_role_cannot_start_with_is_taken_back(served: Served, tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("no certificate")
    served.change("[intake.smtp]", "[intake.smtp]\ncertificate = 'cert.pem'\nkey = 'cert.pem'")
    refused = served.reload()
    while "action=reload" not in refused:
        refused = served.read_until("action=reload")
    assert "intake could not start with it" in refused
    _offer(served.port, 1)


@pytest.mark.parametrize("roles", [(), ("intake",)])
def test_one_process_reloads_as_well(tmp_path: Path, roles: tuple[str, ...]) -> None:
    with _serve(tmp_path, processes=1, roles=roles) as served:
        before = served.children()
        assert "result=done processes=1" in served.reload()
        assert (len(before), len(served.children()), before & served.children()) == (1, 1, set())
        _offer(served.port, 1)
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(15) == 0


def test_a_socket_file_stays_while_it_reloads_and_goes_at_the_end(tmp_path: Path) -> None:
    with _serve(tmp_path, processes=3, more='[intake.lmtp]\nlisten = "unix:desk.sock"\nmode = "0600"\n') as served:
        file = tmp_path / "desk.sock"
        inode, mode = file.stat().st_ino, file.stat().st_mode & 0o777
        served.change('mode = "0600"', 'mode = "0660"')
        assert "result=done" in served.reload()
        assert (file.stat().st_ino, mode, file.stat().st_mode & 0o777) == (inode, 0o600, 0o660)
        with smtplib.LMTP(str(file)) as lmtp:
            lmtp.sendmail("anna@example.org", ["support@example.com"], MAIL % 1)
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(15) == 0
        assert not file.exists()


def test_a_secret_that_signed_no_open_mail_is_warned_of(served: Served) -> None:
    _offer(served.port, 1)
    served.read_until("action=receive result=done")
    (served.config.parent / "secret").write_text("another key that only the tests know\n")
    served.process.send_signal(signal.SIGHUP)
    assert "level=warning" in served.read_until("signed none of")
    assert "result=done" in served.read_until("action=reload")


def test_ps_names_the_role_of_each_process(served: Served) -> None:
    titles = {Path(f"/proc/{pid}/cmdline").read_bytes().strip(b"\0") for pid in served.children()}
    assert titles == {b"mailgate: intake", b"mailgate: worker+clock", b"mailgate: courier"}
    assert b"serve" in Path(f"/proc/{served.process.pid}/cmdline").read_bytes()


def test_a_child_that_a_signal_killed_is_logged_in_words(served: Served) -> None:
    os.kill(min(served.children()), signal.SIGKILL)
    assert "reason='killed by signal 9'" in served.read_until("action=end")
