"""`mailgate serve` as a process of its own, as systemd runs it, and `pipe` as an MTA does."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mailgate.cli.serve import ROLES
from mailgate.daemon.workers.registry import ROLES as KNOWN_ROLES
from tests.support.desk import CONFIG
from tests.support.paths import ROOT

UNIT = ROOT / "systemd" / "mailgate.service"
MAIL = b"From: anna@example.org\r\nSubject: Printer\r\nMessage-ID: <1@x.org>\r\n\r\nBroken.\r\n"


@dataclass
class Served:
    """A running `mailgate serve`."""

    process: subprocess.Popen[str]
    config: Path
    port: int
    seconds: float
    told: list[str]


def _run(*words: str, stdin: bytes = b"", **exported: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "mailgate", *words]
    return subprocess.run(command, input=stdin, capture_output=True, check=False, env={**os.environ, **exported})


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("a key that only the tests know\n")
    path = tmp_path / "mailgate.toml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def served(config: Path) -> Iterator[Served]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(config.parent / "notify"))
        channel.settimeout(20)
        environment = {**os.environ, "NOTIFY_SOCKET": str(config.parent / "notify")}
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "mailgate", "serve", "--config", str(config), "--dry-run"],
            stderr=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip
        try:
            told = [channel.recv(100).decode()]
            seconds = time.monotonic() - began
            yield Served(process, config, _read_port(process), seconds, told)
        finally:
            process.kill()
            process.communicate()


def _read_port(process: subprocess.Popen[str]) -> int:
    assert process.stderr is not None
    for line in process.stderr:
        found = re.search(r"action=listen protocol=smtp host=\S+ port=(\d+)", line)
        if found:
            return int(found[1])
    raise AssertionError("serve never said where it listens")


def test_serve_takes_mail_and_ends_in_order(served: Served) -> None:
    assert served.told == ["READY=1"]
    assert served.seconds < 10
    with smtplib.SMTP("127.0.0.1", served.port, timeout=10) as smtp:
        smtp.sendmail("anna@example.org", ["support@example.com"], MAIL)
    rows = json.loads(_run("journal", "--json", "--config", str(served.config)).stdout)
    assert [(row["sender"], row["message_id"]) for row in rows] == [("anna@example.org", "1@x.org")]
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(15) == 0


def test_a_second_serve_is_refused_with_the_reason(served: Served) -> None:
    second = _run("serve", "--config", str(served.config))
    assert second.returncode == 1
    last = second.stderr.decode().splitlines()[-1]
    assert last.startswith("mailgate: ")
    assert f"is served by process {served.process.pid}" in last


def test_a_port_in_use_is_one_clear_line(config: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        config.write_text(CONFIG.replace("127.0.0.1:0", f"127.0.0.1:{port}"))
        run = _run("serve", "--config", str(config))
    assert run.returncode == 1
    assert f"mailgate: cannot listen on 127.0.0.1:{port}: address already in use" in run.stderr.decode().lower()
    assert b"Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('listen = "127.0.0.1:0"', 'listen = "unix:desk.sock"', b"a UNIX socket is not supported here yet"),
        (
            "[desk]",
            '[store]\ndatabase = "sqlite:///no/desk.db"\n[desk]',
            b"/no does not exist: create it, or name another",
        ),
        (
            "[desk]",
            '[store]\ndatabase = "postgresql+psycopg://u@127.0.0.1:1/d"\n[desk]',
            b"the database cannot be opened",
        ),
        ("[desk]", '[store]\ndatabase = "postgresql+psycopg2://u@h/d"\n[desk]', b"the driver is psycopg"),
    ],
)
def test_serve_refuses_what_cannot_work(config: Path, before: str, after: str, words: bytes) -> None:
    assert before in CONFIG
    config.write_text(CONFIG.replace(before, after, 1))
    done = _run("serve", "--config", str(config))
    assert done.returncode in (1, 2)
    assert words in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_pipe_stores_a_mail_with_its_envelope(config: Path) -> None:
    words = ("--config", str(config))
    run = _run("pipe", *words, "--sender", "", "--recipient", "support@example.com", stdin=MAIL)
    assert (run.returncode, run.stderr) == (0, b"")
    [row] = json.loads(_run("journal", "--json", *words).stdout)
    assert (row["sender"], row["recipients"], row["source"]) == ("", ["support@example.com"], "pipe")


def test_pipe_takes_the_envelope_that_the_mta_exports(config: Path) -> None:
    words = ("--config", str(config))
    run = _run("pipe", *words, stdin=MAIL, SENDER="", ORIGINAL_RECIPIENT="help@example.com", RECIPIENT="b@example.com")
    assert (run.returncode, run.stderr) == (0, b"")
    [row] = json.loads(_run("journal", "--json", *words).stdout)
    assert (row["sender"], row["recipients"]) == ("", ["help@example.com", "b@example.com"])


def test_pipe_without_a_mail_is_one_line_and_tried_again(config: Path) -> None:
    run = _run("pipe", "--config", str(config))
    assert run.returncode == 75
    assert run.stderr == b"mailgate: not stored: no email on standard input; check how the MTA calls this command\n"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["--config", "nowhere.toml"], 75),
        (["--recipients", "a@b"], 75),
        (["--config", "small.toml"], 69),
        (["--config", "lost.toml"], 75),
    ],
)
def test_pipe_never_makes_an_mta_return_a_mail(config: Path, words: list[str], status: int) -> None:
    small = CONFIG.replace("[intake.smtp]", '[intake]\nmax_size = "10 B"\n[intake.smtp]')
    (config.parent / "small.toml").write_text(small)
    (config.parent / "lost.toml").write_text(f'{CONFIG}\n[store]\ndatabase = "sqlite:///no/such/folder.db"\n')
    words = [str(config.parent / word) if word.endswith(".toml") else word for word in words]
    run = _run("pipe", *words, stdin=MAIL)
    assert run.returncode == status
    assert len(run.stderr.decode().splitlines()) == 1


def test_a_broken_template_ends_serve_as_a_wrong_configuration_does(config: Path) -> None:
    folder = config.parent / "own" / "en"
    folder.mkdir(parents=True)
    (folder / "alarm.txt").write_text("Hello {{ nobody.knows.this }}")
    config.write_text(CONFIG.replace("[desk]", "[desk]\ntemplates = 'own'"))
    done = _run("serve", "--config", str(config))
    assert done.returncode == 2
    assert b"alarm.txt" in done.stderr
    assert b"Traceback" not in done.stderr


def test_what_a_command_creates_is_its_users_alone(config: Path) -> None:
    before = os.umask(0)
    try:
        assert _run("pipe", "--config", str(config), stdin=MAIL).returncode == 0
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in config.parent.glob("*.db*")}
    assert set(modes.values()) == {0o600}, modes


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is refused")
def test_root_does_not_serve_another_users_database(config: Path) -> None:
    assert _run("pipe", "--config", str(config), stdin=MAIL).returncode == 0
    files = [*config.parent.glob("*.db*")]
    for path in files:
        os.chown(path, 65534, 65534)
    done = _run("serve", "--config", str(config))
    assert done.returncode == 2
    assert b"belongs to nobody" in done.stderr
    assert b"runuser -u nobody -- mailgate serve" in done.stderr
    (config.parent / "mailgate.db.turn").unlink()
    assert _run("pipe", "--config", str(config), stdin=MAIL.replace(b"<1@", b"<2@")).returncode == 0
    assert {path.stat().st_uid for path in config.parent.glob("*.db*")} == {65534}


def test_a_port_of_systemd_is_taken(config: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as passed:
        port = passed.getsockname()[1]
        config.write_text(CONFIG.replace("127.0.0.1:0", f"127.0.0.1:{port}"))
        shell = f'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@" 3<&{passed.fileno()}'
        command = [sys.executable, "-m", "mailgate", "serve", "--dry-run", "--config", str(config)]
        process = subprocess.Popen(
            ["bash", "-c", shell, *command], stderr=subprocess.PIPE, text=True, pass_fds=[passed.fileno()]
        )
        try:
            assert _read_port(process) == port
            with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
                smtp.sendmail("anna@example.org", ["support@example.com"], MAIL)
        finally:
            process.kill()
            process.communicate()


def test_the_roles_are_those_of_the_daemon() -> None:
    assert ROLES == KNOWN_ROLES


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not on this machine")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "mailgate.service"
    unit.write_text(UNIT.read_text().replace("/usr/bin/mailgate", sys.executable))
    run = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=13", str(unit)]
    rated = subprocess.run(command, capture_output=True, text=True, check=False)
    assert rated.returncode == 0, rated.stdout


@pytest.mark.parametrize("name", ["mailgate.service", "mailgate@.service"])
def test_a_wrong_configuration_ends_the_unit_at_once(name: str) -> None:
    lines = (UNIT.parent / name).read_text().splitlines()
    assert "RestartPreventExitStatus=2" in lines
    assert not [line for line in lines if line.startswith("ExecStartPre=")], "its status 2 would be tried again"
    types = [line for line in lines if line.startswith("Type=")]
    assert types == ["Type=notify", "Type=notify-reload"], "systemd before 253 keeps the first"
