"""The five sources of mail from outside: how a mail is offered, and how its acceptance shows."""

from __future__ import annotations

import smtplib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from mailgate.daemon.roles import Daemon
from tests.support.dovecot import PASSWORD, Dovecot


class Source(Protocol):
    """A source of mail. `configuration` is its part of the file; nothing is offered before `connect`."""

    configuration: str

    def connect(self, daemon: Daemon, config: Path) -> None: ...

    def offer(self, raw: bytes, sender: str, recipient: str) -> None:
        """Hand a mail over, as a sender that keeps it until it is accepted."""

    def count_taken(self) -> int:
        """How many mails were acknowledged."""


class SmtpSource:
    """A relay in front of the desk."""

    configuration = '[intake.smtp]\nlisten = "127.0.0.1:0"\n'
    client: Callable[..., smtplib.SMTP] = smtplib.SMTP

    def __init__(self) -> None:
        self._place: tuple[str, int] = ("", 0)
        self._taken = 0
        self.replies: list[int] = []

    def connect(self, daemon: Daemon, config: Path) -> None:  # noqa: ARG002
        self._place = ("127.0.0.1", daemon.smtp_port)

    def offer(self, raw: bytes, sender: str, recipient: str) -> None:
        with type(self).client(*self._place, timeout=20) as smtp:
            try:
                smtp.sendmail(sender, [recipient], raw)
            except smtplib.SMTPResponseException as refused:
                self.replies.append(refused.smtp_code)
            else:
                self._taken += 1

    def count_taken(self) -> int:
        return self._taken


class LmtpSource(SmtpSource):
    """A delivery agent at a UNIX socket, whose path must be short."""

    client = smtplib.LMTP

    def __init__(self) -> None:
        super().__init__()
        self._folder = Path(tempfile.mkdtemp(prefix="lmtp-"))
        self.configuration = f'[intake.lmtp]\nlisten = "unix:{self._folder}/s"\n'

    def connect(self, daemon: Daemon, config: Path) -> None:  # noqa: ARG002
        self._place = (f"{self._folder}/s", 0)


class PipeSource:
    """An MTA that starts `mailgate pipe` for each mail."""

    configuration = ""

    def __init__(self) -> None:
        self._taken = 0
        self.replies: list[int] = []
        self._config = Path()

    def connect(self, daemon: Daemon, config: Path) -> None:  # noqa: ARG002
        self._config = config

    def offer(self, raw: bytes, sender: str, recipient: str) -> None:
        command = [sys.executable, "-m", "mailgate", "pipe", "--config", str(self._config)]
        envelope = ["--sender", sender, "--recipient", recipient]
        status = subprocess.run([*command, *envelope], input=raw, capture_output=True, check=False).returncode
        if status == 0:
            self._taken += 1
        else:
            self.replies.append(status)

    def count_taken(self) -> int:
        return self._taken


class ImapSource:
    """A mailbox that another server fills."""

    def __init__(self, server: Dovecot, user: str, folder: Path) -> None:
        self._server = server
        self._user = user
        (folder / "imap-password").write_text(f"{PASSWORD}\n")
        (folder / "imap-password").chmod(0o600)
        self.configuration = (
            f'[[intake.imap]]\nhost = "127.0.0.1"\nport = {server.imap}\ntls = "none"\nuser = "{user}"\n'
            'password_file = "imap-password"\nfirst_start = "all"\n'
        )

    def connect(self, daemon: Daemon, config: Path) -> None: ...

    def offer(self, raw: bytes, sender: str, recipient: str) -> None:  # noqa: ARG002
        self._server.deliver(raw, self._user, sender)

    def count_taken(self) -> int:
        return len(list(self._server.maildir(self._user).glob(".Processed/[cn][ue][rw]/*")))


class MaildirSource:
    """A folder that a delivery agent fills."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "Maildir"
        for name in ("new", "cur", "tmp"):
            (self._path / name).mkdir(parents=True)
        self.configuration = f'[[intake.maildir]]\npath = "{self._path}"\n'
        self._count = 0

    def connect(self, daemon: Daemon, config: Path) -> None: ...

    def offer(self, raw: bytes, sender: str, recipient: str) -> None:
        self._count += 1
        name = f"{time.time_ns()}.{self._count}.test"
        head = f"Return-Path: <{sender}>\r\nDelivered-To: {recipient}\r\n"
        (self._path / "tmp" / name).write_bytes(head.encode() + raw)
        (self._path / "tmp" / name).rename(self._path / "new" / name)

    def count_taken(self) -> int:
        return len(list((self._path / "cur").iterdir()))


def wait_until(met: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Poll until a condition holds; False when it does not within that time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(OSError):
            if met():
                return True
        time.sleep(0.02)
    return False
