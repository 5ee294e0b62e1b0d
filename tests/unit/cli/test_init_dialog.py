"""`mailgate init` at a terminal: every question once, wrong answers, and answers that fail when they are tried."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mailgate.config import read_config
from tests.support.paths import ROOT
from tests.support.relay import SmtpSink
from tests.support.terminal import Terminal

Start = Callable[..., Terminal]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    def run(*words: str) -> Terminal:
        command = [sys.executable, "-m", "mailgate", "init", "desk", *words]
        environment = {
            "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LANG": "pt_BR.UTF-8", "TZ": "America/Sao_Paulo",
            "TERM": "dumb", "HOME": str(tmp_path),
        }  # fmt: skip
        return Terminal(command, tmp_path, environment)

    return run


def test_every_question_is_asked_once(start: Start, tmp_path: Path) -> None:
    with SmtpSink() as relay, start() as terminal:
        terminal.wait_for("1/8")
        terminal.answer("Address of the desk", "support@acme.test")
        terminal.wait_for("2/8")
        terminal.answer("Way in", "smtp")
        terminal.answer("where the desk listens [127.0.0.1:8025]", "127.0.0.1:0")
        terminal.wait_for("is free")
        terminal.wait_for("3/8")
        terminal.answer("Relay, as HOST or HOST:PORT [127.0.0.1:25]", f"127.0.0.1:{relay.port}")
        terminal.wait_for("answers; it offers")
        terminal.wait_for("4/8")
        terminal.answer("Mailbox of Level 1", "level1@acme.test")
        terminal.answer("Agents of Level 1", "alice@acme.test, bob@acme.test")
        terminal.answer("Mailbox of Level 2", "level2@acme.test")
        terminal.answer("Agents of Level 2", "")
        terminal.answer("Operator, who gets technical alarms [postmaster@acme.test]", "")
        terminal.answer("Manager, who gets what no level can take [postmaster@acme.test]", "head@acme.test")
        terminal.wait_for("5/8")
        terminal.answer("[pt-br]", "pt-BR, en")
        terminal.wait_for("6/8")
        terminal.answer("Time zone [America/Sao_Paulo]", "")
        terminal.answer("[BR]", "BR-SP")
        terminal.wait_for("7/8")
        terminal.answer("Name in Authentication-Results", "mx.acme.test")
        terminal.wait_for("8/8")
        terminal.answer("Database [sqlite:///mailgate.db]", "")
        terminal.wait_for(f"Written: {tmp_path}/desk/mailgate.toml")
        assert terminal.finish() == 0
    found = read_config(tmp_path / "desk" / "mailgate.toml")
    queue = found.default_queue
    assert (found.desk.address, found.desk.operator) == ("support@acme.test", "postmaster@acme.test")
    assert (found.desk.manager, found.relay.port) == ("head@acme.test", relay.port)
    assert (queue.levels["level1"].agents, queue.levels["level2"].agents) == (
        ("alice@acme.test", "bob@acme.test"), (),
    )  # fmt: skip
    assert [code.tag for code in queue.languages] == ["pt-br", "en"]
    assert (str(queue.timezone), queue.holidays) == ("America/Sao_Paulo", "BR-SP")
    assert (found.trust.authserv_id, found.relay.only_to) == (("mx.acme.test",), ("@acme.test",))


def test_a_wrong_answer_is_asked_again_and_options_are_not_asked(start: Start, tmp_path: Path) -> None:
    people = (
        "--level1",
        "level1@acme.test",
        "--level1-agents",
        "",
        "--level2-agents",
        "",
        "--operator",
        "op@acme.test",
    )
    times = ("--languages", "en", "--timezone", "Nowhere/At_all", "--holidays", "none", "--authserv-id", "none")
    with start(*people, *times, "--manager", "op@acme.test", "--no-connect", "--relay", "mx.acme.test") as terminal:
        terminal.answer("Address of the desk", "nobody")
        terminal.wait_for('Error: "nobody" is not an address')
        terminal.answer("Address of the desk", "support@acme.test")
        terminal.answer("Way in", "fax")
        terminal.wait_for('Error: "fax" is none of smtp, lmtp, imap, maildir, pipe')
        terminal.answer("Way in", "lmtp")
        terminal.answer("[127.0.0.1:8024]", "here")
        terminal.wait_for('Error: "here" is not an address to listen on')
        terminal.answer("Host and port where the desk listens [127.0.0.1:8024]", "")
        terminal.answer("Encryption", "")
        terminal.answer("User (Enter for none)", "desk")
        terminal.answer("Password at the relay", "secret word")
        terminal.answer("Mailbox of Level 2", "support@acme.test")
        terminal.wait_for("Error: support@acme.test is the desk's own address")
        terminal.answer("Mailbox of Level 2", "level2@acme.test")
        terminal.wait_for('--timezone: there is no time zone "Nowhere/At_all"')
        terminal.answer("Time zone [America/Sao_Paulo]", "Asia/Tokyo")
        terminal.answer("Database", "mysql://x")
        terminal.wait_for('Error: must be "sqlite:///FILE" or')
        terminal.answer("Database [sqlite:///mailgate.db]", "postgresql+psycopg://desk@db.acme.test/desk")
        assert terminal.finish() == 0
        assert "secret word" not in terminal.printed
    password = tmp_path / "desk" / "relay-password"
    assert password.read_text() == "secret word\n"
    assert stat.S_IMODE(password.stat().st_mode) == 0o600
    found = read_config(tmp_path / "desk" / "mailgate.toml")
    assert (found.relay.user, found.relay.password, found.intake.has_sources) == ("desk", "secret word", True)
    assert str(found.desk.timezone) == "Asia/Tokyo"


def test_a_failed_try_says_why_and_asks_whether_to_keep_the_answer(start: Start, tmp_path: Path) -> None:
    people = ("--level1", "l1@acme.test", "--level1-agents", "", "--level2", "l2@acme.test", "--level2-agents", "")
    more = ("--operator", "op@acme.test", "--manager", "op@acme.test", "--languages", "en", "--timezone", "UTC")
    desk = ("--address", "support@acme.test", "--intake", "pipe", "--holidays", "none", "--authserv-id", "none")
    with SmtpSink() as relay:
        closed = relay.port
    with SmtpSink() as relay, start(*people, *more, *desk, "--database", "sqlite:///a.db") as terminal:
        terminal.answer("Relay", f"127.0.0.1:{closed}")
        terminal.wait_for(f"127.0.0.1:{closed} does not answer: connection refused")
        terminal.answer("Keep these answers anyway? [y/N]", "n")
        terminal.answer(f"Relay, as HOST or HOST:PORT [127.0.0.1:{closed}]", f"127.0.0.1:{closed}")
        terminal.answer("Keep these answers anyway? [y/N]", "n")
        terminal.answer("Relay", f"127.0.0.1:{relay.port}")
        terminal.wait_for("answers; it offers")
        assert terminal.finish() == 0
    assert read_config(tmp_path / "desk" / "mailgate.toml").relay.port == relay.port


def test_an_interrupted_dialog_writes_nothing(start: Start, tmp_path: Path) -> None:
    with start("--no-connect") as terminal:
        terminal.answer("Address of the desk", "support@acme.test")
        terminal.wait_for("Way in")
        terminal.interrupt()
        assert terminal.finish() == 130
    assert not (tmp_path / "desk").exists()
