"""A whole ticket among real servers: Postfix carries, Dovecot keeps, and the desk is a mail client among others.

Requester, level and desk each have a mailbox; nobody but the servers moves a mail. The probe goes the same way.
"""

from __future__ import annotations

import email
import email.policy
import smtplib
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from mailgate.config import read_config
from mailgate.daemon.desk import build_desk
from mailgate.daemon.roles import Daemon
from mailgate.store.database import Database
from mailgate.store.schema import tickets
from mailgate.store.source_status import get_status
from tests.support.desk import CONFIG
from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.postfix import Postfix, find_postfix
from tests.support.sources import wait_until

pytestmark = pytest.mark.timeout(300)  # a package may have to be installed first
PEOPLE = ("support", "anna", "level1", "alice", "level2", "carol", "operator", "manager")


class Post:
    """The servers, and what a person does in a mail client."""

    def __init__(self, dovecot: Dovecot, postfix: Postfix) -> None:
        self.dovecot = dovecot
        self.postfix = postfix

    def send(self, message: EmailMessage) -> None:
        with smtplib.SMTP("127.0.0.1", self.postfix.port, timeout=30) as smtp:
            smtp.send_message(message)

    def write(self, sender: str, to: str, subject: str, text: str) -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = f"{sender}@example.com", to, subject
        message["Message-ID"] = f"<{time.time_ns()}@client.example.com>"
        message.set_content(text)
        self.send(message)

    def reply(self, sender: str, to: EmailMessage, text: str) -> None:
        """As a client does: to Reply-To, with the ids, quoting."""
        message = EmailMessage()
        message["From"], message["To"] = f"{sender}@example.com", str(to["Reply-To"] or to["From"])
        message["Subject"] = f"Re: {to['Subject']}"
        message["Message-ID"] = f"<{time.time_ns()}@client.example.com>"
        message["In-Reply-To"] = message["References"] = str(to["Message-ID"])
        body = to.get_body(("plain",))
        quoted = "\n".join(f"> {line}" for line in (body.get_content() if body else "").splitlines())
        message.set_content(f"{text}\n\nOn Monday, Support <support@example.com> wrote:\n{quoted}\n")
        self.send(message)

    def wait_for(self, user: str, notice: str) -> EmailMessage:
        """The newest mail of that kind in a person's mailbox, once it is there."""
        found: list[EmailMessage] = []

        def arrived() -> bool:
            found[:] = [mail for mail in self._mails(user) if str(mail["X-Mailgate"]).endswith(f"notice={notice}")]
            return bool(found)

        assert wait_until(arrived, 30), f"{user} got {[str(mail['X-Mailgate']) for mail in self._mails(user)]}"
        return found[-1]

    def _mails(self, user: str) -> list[EmailMessage]:
        with self.dovecot.client(user) as client:
            client.select_folder("INBOX", readonly=True)
            raws = client.fetch(client.search(), ["BODY.PEEK[]"]) if client.search() else {}
        parsed = [email.message_from_bytes(raws[uid][b"BODY[]"], policy=email.policy.default) for uid in sorted(raws)]
        return [mail for mail in parsed if isinstance(mail, EmailMessage)]


@pytest.fixture
def post() -> Iterator[Post]:
    if missing := find_postfix():
        pytest.skip(missing)
    with Dovecot(addresses=True) as dovecot:
        dovecot.set_password(PASSWORD, *PEOPLE)
        with Postfix(9, transports={"example.com": f"lmtp:inet:127.0.0.1:{dovecot.lmtp}"}) as postfix:
            yield Post(dovecot, postfix)


def configure(folder: Path, post: Post, relay: int, database: str) -> Path:
    (folder / "secret").write_text("a key that only the tests know\n")
    (folder / "imap-password").write_text(f"{PASSWORD}\n")
    mailbox = (
        '[intake]\nprobe_every = "10 minutes"\n[[intake.imap]]\nhost = "localhost"\n'
        f'port = {post.dovecot.imaps}\nca_file = "{post.dovecot.certificate}"\nuser = "support"\n'
        'password_file = "imap-password"\n'
    )
    base = CONFIG.replace('[intake.smtp]\nlisten = "127.0.0.1:0"\n', mailbox)
    path = folder / "mailgate.toml"
    path.write_text(f'{base}\n[relay]\nport = {relay}\ntls = "none"\n[store]\ndatabase = "{database}"\n')
    return path


def test_a_whole_ticket(post: Post, tmp_path: Path, database_url: str) -> None:
    daemon = Daemon(build_desk(read_config(configure(tmp_path, post, post.postfix.port, database_url))))
    daemon.start()
    try:
        post.write("anna", "support@example.com", "The scanner", "It pulls two sheets at once since this morning.")
        receipt = post.wait_for("anna", "receipt")
        assert str(receipt["Reply-To"]).startswith("support+SUP-1.")
        request = post.wait_for("level1", "request")
        post.reply("alice", request, "#resolve I cleaned the rollers; please try ten pages.")
        confirm = post.wait_for("anna", "confirm")
        post.reply("anna", confirm, "Ten pages, one by one. It works, thank you!")
        post.wait_for("anna", "final")
        database = Database(database_url)
        assert wait_until(lambda: _states(database) == ["finalizing"])
        assert wait_until(lambda: _seconds(database) is not None)
        database.close()
    finally:
        daemon.stop()
    with post.dovecot.client("support") as client:
        assert client.select_folder("INBOX", readonly=True)[b"EXISTS"] == 0
        assert client.select_folder("Processed", readonly=True)[b"EXISTS"] == 4  # three letters and the probe


def _states(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(select(tickets.c.state)).scalars())


def _seconds(database: Database) -> float | None:
    """The duration of the last probe."""
    with database.read() as connection:
        row = get_status(connection, "round trip")
    return None if row is None else row.figures.get("seconds")
