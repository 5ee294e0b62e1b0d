"""Long: a backup is made under load and restored by docs/operations.md; then everybody answers all that they hold.

The commands are those of the page, run as they stand but for folders and users. No requester may read a word that was
meant for another one, whatever was lost.
"""

from __future__ import annotations

import itertools
import os
import re
import signal
import smtplib
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from mailgate.store.database import Database
from mailgate.store.schema import journal, outbox, tickets
from tests.support.desk import CONFIG, Delivered
from tests.support.paths import ROOT
from tests.support.postgres import Cluster
from tests.support.relay import Receiver

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

BEFORE, AFTER = 30, 20  # requesters that write before and after the copy is made
NEW = 30  # that write after the restore
L1, ALICE, OPERATOR = "level1@example.com", "alice@example.com", "operator@example.com"
_FILLER = 100  # MB of older mails in a SQLite database: a copy takes long enough to meet commits
_DAY = re.compile(r"mailgate-\d{4}-\d\d-\d\d")
_MARKER = re.compile(r"zq(\d+)qz")
_LIMITS = "automatic_per_address_hour = 10000\nautomatic_per_ticket_day = 10000\nagent_mails_per_hour = 10000\n"
_MAILGATE = f'#!/bin/sh\nexec {sys.executable} -m mailgate "$@"\n'


def _blocks(words: str) -> list[list[str]]:
    """The commands of the blocks of docs/operations.md that back up or restore, line by line; `words` names them."""
    page = (ROOT / "docs/operations.md").read_text("utf-8")
    blocks = [found[1].strip().splitlines() for found in re.finditer(r"^```\n(.*?)^```$", page, re.M | re.S)]
    return [block for block in blocks if any(words in line for line in block)]


class Play:
    """A desk as a process with what reaches its people, and the commands of the page in place of an operator."""

    def __init__(self, folder: Path, receiver: Receiver, database: str) -> None:
        self.folder, self.receiver, self.database = folder, receiver, database
        self.state, self.backups = folder / "state", folder / "backups"
        for one in (self.state, self.backups, folder / "bin"):
            one.mkdir()
        (folder / "bin/mailgate").write_text(_MAILGATE)
        (folder / "bin/mailgate").chmod(0o700)
        self.environment = os.environ | {
            "STATE_DIRECTORY": str(self.state),
            "MAILGATE_CONFIG": str(folder / "mailgate.toml"),
            "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
        }
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = int(probe.getsockname()[1])
        (folder / "secret").write_text("a key that only the tests know\n")
        self.config = folder / "mailgate.toml"
        self.config.write_text(
            f'{CONFIG.replace("127.0.0.1:0", f"127.0.0.1:{self.port}")}[relay]\nhost = "127.0.0.1"\n'
            f'port = {receiver.port}\ntls = "none"\n[store]\ndatabase = "{database}"\nprocesses = 3\n'
            f'[limits]\nlease = "2 seconds"\n{_LIMITS}'
        )
        self.process: subprocess.Popen[bytes] | None = None
        self.answered: set[str] = set()
        self.said = ""  # by the commands of the page
        self.clients = itertools.count(1)
        self.count = 0  # of requesters that wrote

    # -- the desk --------------------------------------------------------------------------------------------------

    def start(self) -> None:
        command = [sys.executable, "-m", "mailgate", "serve", "--config", str(self.config)]
        with (self.folder / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env=self.environment, start_new_session=True
            )
        self.until(self._listens, "the desk listens")

    def _listens(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 5) as probe:
            return probe.recv(3) == b"220"
        return False

    def stop(self, with_signal: signal.Signals = signal.SIGTERM) -> None:
        if self.process is None:
            return
        if with_signal is signal.SIGKILL:
            os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.send_signal(with_signal)
        self.process.wait(60)
        self.process = None

    def until(self, met: Callable[[], bool], what: str, seconds: float = 120.0) -> None:
        end = time.monotonic() + seconds
        while not met():
            assert time.monotonic() < end, f"{what}\n{(self.folder / 'serve.log').read_text()[-3000:]}"
            self.receiver.wait_for(lambda _mails: False, 0.2)

    def is_idle(self) -> bool:
        """Nothing is waiting to be decided or sent."""
        database = Database(self.database)
        try:
            with database.read() as connection:
                return not any(
                    connection.execute(select(func.count()).where(table.c.state == "waiting")).scalar_one()
                    for table in (journal, outbox)
                )
        finally:
            database.close()

    def requesters(self) -> set[str]:
        """Those whose tickets the database has."""
        database = Database(self.database)
        try:
            with database.read() as connection:
                return set(connection.execute(select(tickets.c.requester)).scalars())
        finally:
            database.close()

    def operate(self, commands: Iterable[str]) -> None:
        """Runs commands of the page; the copy of whatever day is that of today."""
        for command in commands:
            if command.startswith("systemctl"):
                {"stop": self.stop, "start": self.start}[command.split()[1]]()
                continue
            here = command.replace("/var/backups", str(self.backups))
            made = next((one.name.partition(".")[0] for one in self.backups.iterdir()), "")
            here = f"{_DAY.sub(made, here)}{' --yes' * here.startswith('mailgate restore')}"
            done = subprocess.run(
                ["bash", "-c", here],
                env=self.environment,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.returncode == 0, (here, done.stdout, done.stderr)
            self.said += done.stdout

    # -- its people ------------------------------------------------------------------------------------------------

    def send(self, sender: str, to: str, subject: str, text: str, answered: Delivered | None = None) -> None:
        """Offers a mail until the desk takes it, or is stopped."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, to, subject
        mail["Date"] = format_datetime(self.receiver.mails[-1].at) if self.receiver.mails else ""
        mail["Message-ID"] = f"<{next(self.clients)}.{sender}>"
        if answered is not None:
            mail["In-Reply-To"] = answered.message_id
            mail["References"] = f"{answered.message['References'] or ''} {answered.message_id}".strip()
            quoted = "\n".join(f"> {line}" for line in answered.text.splitlines())
            text = f"{text}\n\nOn Mon, 23 Nov 2026 at 10:00, Support <support@example.com> wrote:\n{quoted}"
        mail.set_content(f"{text}\n")
        with suppress(OSError, smtplib.SMTPException), smtplib.SMTP("127.0.0.1", self.port, timeout=30) as smtp:
            smtp.send_message(mail, sender, [parseaddr(to)[1]])

    def take_numbers(self, count: int) -> range:
        """Returns the numbers of new requesters."""
        self.count += count
        return range(self.count - count, self.count)

    def write(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self.send(_person(number), "support@example.com", f"help zq{number}qz", f"My zq{number}qz is broken.")

    def answer(self, mails: Iterable[Delivered], words: str) -> None:
        """Answers mails as their readers do; `{}` in the words becomes the marker of the mail."""
        for mail in mails:
            found = _MARKER.search(str(mail.message["Subject"]) + mail.text)
            if found is None:
                continue
            sender = ALICE if mail.recipient == L1 else mail.recipient
            self.send(sender, mail.reply_to, f"Re: {mail.message['Subject']}", words.format(found[0]), mail)

    def unanswered(self) -> list[Delivered]:
        """The requests that came to Level 1 since the last call; copies of its own answers are none."""
        requests = (one for one in self.receiver.mails if one.recipient == L1 and one.notice == "request")
        new = [one for one in requests if one.message_id not in self.answered]
        self.answered |= {one.message_id for one in new}
        return new

    def work(self, done: threading.Event) -> None:
        """Level 1 answers each request once, every second one with a solution."""
        for turn in itertools.count():
            self.answer(self.unanswered(), ("The answer for {}.", "#resolve The answer for {}.")[turn % 2])
            if done.is_set():
                return
            self.receiver.wait_for(lambda _mails: False, 0.2)


def _person(number: int) -> str:
    return f"r{number}@example.org"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.mark.parametrize(
    ("end", "is_old_kept"), [(signal.SIGTERM, True), (signal.SIGKILL, True), (signal.SIGTERM, False)]
)
def test_sqlite(tmp_path: Path, receiver: Receiver, end: signal.Signals, is_old_kept: bool) -> None:
    play = Play(tmp_path, receiver, f"sqlite:///{tmp_path}/state/mailgate.db")
    database = Database(play.database)
    database.create()
    database.close()
    with sqlite3.connect(tmp_path / "state/mailgate.db") as connection:
        connection.executemany("INSERT INTO blobs (content) VALUES (zeroblob(?))", [(1_000_000,)] * _FILLER)
    connection.close()

    def lose_all() -> None:
        for file in play.state.iterdir():
            file.unlink()

    _play(play, end, None if is_old_kept else lose_all)
    (backup,) = play.backups.iterdir()
    assert backup.stat().st_mode & 0o777 == 0o600
    assert (play.state / "mailgate.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("is_old_kept", [True, False])
def test_postgresql(tmp_path: Path, receiver: Receiver, cluster: Cluster, is_old_kept: bool) -> None:
    play = Play(tmp_path, receiver, cluster.create())
    database = Database(play.database)
    database.create()

    def lose_all() -> None:
        with database.write() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        for file in play.state.iterdir():
            file.unlink()

    _play(play, signal.SIGTERM, None if is_old_kept else lose_all)
    database.close()


def _play(play: Play, end: signal.Signals, lose_all: Callable[[], None] | None) -> None:
    """Plays it all; `lose_all` removes the database of before, and the number that is kept next to it."""
    (backup,) = _blocks("mailgate backup /var/backups/mailgate-$(date")
    (restore,) = _blocks("mailgate restore /var/backups")
    try:
        play.start()
        _load(play, backup, is_killed=end is signal.SIGKILL)
        play.stop(end)
        before = play.requesters()
        if lose_all is not None:
            lose_all()
        play.operate(line for line in restore[:-1] if not line.startswith("mailgate check"))
        lost = before - play.requesters()
        assert 5 < len(lost) < len(before), "the copy is of the middle of the load"
        named = set(re.findall(r"^  SUP-\d+  \S+  (\S+)", play.said, re.MULTILINE))
        assert (named < lost or named == lost) if lose_all is None else not named
        assert ("a safe distance was left out" in play.said) is (lose_all is not None)
        last = len(play.receiver.mails)
        play.operate(restore[-1:])
        _everybody_answers(play)
        _check(play, play.receiver.mails[last:], lost)
    finally:
        play.stop()


def _load(play: Play, backup: list[str], *, is_killed: bool) -> None:
    """Requesters write and agents answer before, during and after the copy; a desk that is to be killed is not waited
    for."""
    before, is_made, done = threading.Event(), threading.Event(), threading.Event()

    def write() -> None:
        play.write(play.take_numbers(BEFORE))
        before.set()
        while not is_made.is_set():
            play.write(play.take_numbers(1))
            play.receiver.wait_for(lambda _mails: False, 0.1)
        play.write(play.take_numbers(AFTER))

    threads = [threading.Thread(target=write), threading.Thread(target=play.work, args=(done,))]
    for thread in threads:
        thread.start()
    try:
        assert before.wait(120)
        try:
            play.operate(backup)
        finally:
            is_made.set()
        threads[0].join()
        if not is_killed:
            play.until(play.is_idle, "the desk works off the load")
    finally:
        done.set()
        threads[1].join()


def _everybody_answers(play: Play) -> None:
    """New requesters write first, so that their tickets take numbers; then all that was ever sent is answered."""
    held = list({one.message_id: one for one in play.receiver.mails}.values())
    play.write(play.take_numbers(NEW))
    play.until(play.is_idle, "the new requests are tickets")
    play.answer((one for one in held if one.recipient == L1), "Once more for {}.")
    play.answer((one for one in held if one.recipient.startswith("r")), "It is still broken, my {}.")
    play.until(play.is_idle, "the answers are worked off")
    since = {one.message_id for one in held}
    play.answer([one for one in play.receiver.mails if one.message_id not in since and one.recipient == L1], "And {}.")
    play.until(play.is_idle, "the last answers are worked off")


def _check(play: Play, mails: list[Delivered], lost: set[str]) -> None:
    for mail in play.receiver.mails:
        if mail.recipient.startswith("r"):
            pages = "".join(part.get_content() for part in mail.message.walk() if part.get_content_maintype() == "text")
            seen = {_person(int(number)) for number in _MARKER.findall(f"{mail.message['Subject']}{pages}")}
            assert seen <= {mail.recipient}, f"{mail.recipient} reads of {seen}: {mail.text}"
    named = {
        (found[0], mail.recipient)
        for mail in play.receiver.mails
        if mail.recipient.startswith("r") and (found := re.search(r"SUP-\d+", str(mail.message["Subject"])))
    }
    assert len({number for number, _ in named}) == len(named), "a number was given twice"
    told = [one for one in mails if one.recipient == ALICE and one.notice == "reply"]
    given_back = {_person(int(number)) for one in told for number in re.findall(r"Once more for zq(\d+)qz", one.text)}
    answered = {one.recipient for one in play.receiver.mails if one.recipient in lost}
    assert given_back >= answered, (given_back, answered)
    alarms = [one.text for one in mails if one.recipient == OPERATOR]
    assert any("isn’t in this database" in " ".join(words.split()) for words in alarms), alarms
    print(len(play.receiver.mails), "mails,", len(lost), "tickets lost,", len(told), "answers given back")
