"""A real Postfix hands mail to the desk, by LMTP and through a command in an alias: what it keeps, and what returns."""

from __future__ import annotations

import json
import shutil
import smtplib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mailgate.transport.smtp.lmtp import LmtpSettings
from mailgate.transport.smtp.server import SmtpSettings
from tests.support.desk import CONFIG
from tests.support.listener import BODY, DESK, FakeJournal, ListenerThread
from tests.support.postfix import Postfix, find_postfix, python_of_nobody
from tests.support.relay import SmtpSink

JO = "jo@customer.example"
pytestmark = pytest.mark.timeout(300)  # the package may have to be installed first


@dataclass
class Behind:
    """A desk behind a Postfix, and the sink for what leaves it: bounces."""

    postfix: Postfix
    sink: SmtpSink
    journal: FakeJournal

    def send(self, *recipients: str, sender: str = JO) -> None:
        with smtplib.SMTP("127.0.0.1", self.postfix.port, timeout=30) as smtp:
            assert smtp.sendmail(sender, list(recipients), BODY) == {}


@pytest.fixture
def journal() -> FakeJournal:
    return FakeJournal()


@pytest.fixture
def needs_postfix() -> None:
    if missing := find_postfix():
        pytest.skip(missing)


@pytest.fixture(params=["inet", "unix"])
def behind(request: pytest.FixtureRequest, journal: FakeJournal, needs_postfix: None) -> Iterator[Behind]:  # noqa: ARG001
    folder = Path(tempfile.mkdtemp(prefix="lmtp-"))  # Postfix's own user must get there, by a short path
    folder.chmod(0o755)
    path = folder / "desk.sock" if request.param == "unix" else None
    settings = LmtpSettings(path=path, mode=0o660, group="postfix" if path else "")
    try:
        with ListenerThread(journal, settings) as desk:
            goal = f"lmtp:unix:{path}" if path else f"lmtp:inet:127.0.0.1:{desk.port}"
            with SmtpSink() as sink, Postfix(sink.port, transports={"example.com": goal}) as postfix:
                yield Behind(postfix, sink, journal)
    finally:
        shutil.rmtree(folder)


def test_lmtp_from_a_real_postfix(behind: Behind) -> None:
    """Two are ours and one is not: one mail in the journal, one bounce, for that one."""
    tagged = "support+SUP-7.1.abc@example.com"
    behind.send(DESK, "nobody@example.com", tagged)
    assert behind.sink.arrived.acquire(timeout=30)
    behind.postfix.wait_for(": removed", 2)  # the mail and the bounce
    (bounce,) = behind.sink.received
    assert (bounce.sender, bounce.recipients) == ("", (JO,))
    assert b"550 5.1.1 No such address here" in bounce.content
    assert b"Final-Recipient: rfc822; nobody@example.com" in bounce.content
    assert bounce.content.count(b"Final-Recipient:") == 1
    ((envelope, raw),) = behind.journal.stored
    assert (envelope.sender, set(envelope.recipients), envelope.source) == (JO, {DESK, tagged}, "lmtp")
    assert raw.endswith(BODY.partition(b"\r\n\r\n")[2])
    assert envelope.peer == "127.0.0.1"  # by XFORWARD: whom Postfix had it from
    assert behind.postfix.count_queue() == 0


@pytest.mark.parametrize("behind", ["unix"], indirect=True)
def test_postfix_keeps_what_is_not_stored(behind: Behind) -> None:
    behind.journal.failure = OSError("disk full")
    behind.send(DESK, "support+a@example.com", sender="")
    behind.postfix.wait_for("status=deferred", 2)
    behind.postfix.wait_for("451 4.3.0 The mail could not be stored", 2)
    assert behind.postfix.count_queue() == 1
    behind.journal.failure = None
    behind.postfix.flush()
    behind.postfix.wait_for("status=sent (250 2.0.0 Stored as journal ", 2)
    behind.postfix.wait_for(": removed")
    ((envelope, _),) = behind.journal.stored
    assert (envelope.sender, len(envelope.recipients)) == ("", 2)
    assert behind.postfix.count_queue() == 0
    assert behind.sink.received == []


# -- a command in an alias ---------------------------------------------------------------------------------------------


@dataclass
class Piped:
    """A Postfix whose alias `support` runs `mailgate pipe` as nobody."""

    postfix: Postfix
    folder: Path

    def send(self, sender: str, recipient: str) -> None:
        with smtplib.SMTP("127.0.0.1", self.postfix.port, timeout=30) as smtp:
            smtp.sendmail(sender, [recipient], BODY)

    def journal(self) -> list[tuple[str | None, list[str], str]]:
        words = [sys.executable, "-m", "mailgate", "journal", "--json", "--config", str(self.folder / "mailgate.toml")]
        rows = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
        return [(row["sender"], row["recipients"], row["source"]) for row in rows]


@pytest.fixture
def piped(needs_postfix: None) -> Iterator[Piped]:  # noqa: ARG001
    python = python_of_nobody()
    if not python:
        pytest.skip("user nobody cannot run this Python and its packages")
    folder = Path(tempfile.mkdtemp(prefix="pipe-"))
    try:
        (folder / "desk").mkdir()
        (folder / "secret").write_text("a key that only the tests know\n")
        config = f'{CONFIG}\n[store]\ndatabase = "sqlite:///{folder}/desk/desk.db"\n'
        (folder / "mailgate.toml").write_text(config)
        command = folder / "command"
        command.write_text(f"#!/bin/sh\nexec {python} pipe --config {folder}/mailgate.toml\n")
        command.chmod(0o755)
        folder.chmod(0o755)
        shutil.chown(folder / "desk", "nobody")
        with SmtpSink() as sink, Postfix(sink.port, aliases={"support": f"|{command}", "help": "support"}) as postfix:
            yield Piped(postfix, folder)
        assert sink.received == []  # nothing returns
    finally:
        shutil.rmtree(folder)


def test_a_command_in_an_alias_stores_the_envelope(piped: Piped) -> None:
    tagged, neil = "support+SUP-7.1.abc@relay.test", "o'neil@customer.example"
    for sender, recipient in ((JO, tagged), ("", "support@relay.test"), (neil, "help@relay.test")):
        piped.send(sender, recipient)
    piped.postfix.wait_for("delivered to command", 3)
    assert sorted(piped.journal(), key=str) == sorted(
        [
            (JO, [tagged], "pipe"),
            ("", ["support@relay.test"], "pipe"),
            (neil, ["help@relay.test", "support@relay.test"], "pipe"),
        ],
        key=str,
    )


def test_postfix_keeps_what_the_command_cannot_store(piped: Piped) -> None:
    away = piped.folder / "away"
    (piped.folder / "desk").rename(away)
    piped.send(JO, "support@relay.test")
    piped.postfix.wait_for("status=deferred (temporary failure. Command output: mailgate: store.database: the folder")
    assert piped.postfix.count_queue() == 1
    away.rename(piped.folder / "desk")
    piped.postfix.flush()
    piped.postfix.wait_for("delivered to command")
    piped.postfix.wait_for(": removed")
    assert piped.journal() == [(JO, ["support@relay.test"], "pipe")]


# -- by SMTP -----------------------------------------------------------------------------------------------------------


def test_smtp_with_xforward_from_a_real_postfix(journal: FakeJournal, needs_postfix: None) -> None:  # noqa: ARG001
    """Postfix tells for each mail of a session; of one that began on its own machine it tells nothing."""
    with ListenerThread(journal, SmtpSettings()) as desk:
        goal = {"example.com": f"smtp:[127.0.0.1]:{desk.port}"}
        with SmtpSink() as sink, Postfix(sink.port, transports=goal) as postfix:
            with smtplib.SMTP("127.0.0.1", postfix.port, timeout=30) as smtp:
                smtp.ehlo("web.example")
                assert smtp.docmd("XFORWARD", "NAME=web.example ADDR=192.0.2.7 PROTO=ESMTP HELO=web.example")[0] == 250
                smtp.sendmail(JO, [DESK], BODY)
                smtp.sendmail("second@customer.example", [DESK], BODY)
            postfix.wait_for(": removed", 2)
    peers = {envelope.sender: envelope.peer for envelope, _ in journal.stored}
    assert peers == {JO: "192.0.2.7", "second@customer.example": "127.0.0.1"}
