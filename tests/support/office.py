"""An office whose people have mail programs: a desk, the people who write to it, and the mailboxes that they read.

The office's mail server vouches for everybody who writes.
"""

from __future__ import annotations

import email
import email.policy
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import getaddresses

from mailgate.store.tickets import Ticket
from tests.support.clients import Client, Gmail
from tests.support.desk import Delivered, TestDesk
from tests.support.mutt import Mutt


class Office(TestDesk):
    """A desk behind the office's mail server."""

    __test__ = False

    def post(self, raw: bytes, sender: str, recipients: list[str]) -> None:
        """A mail comes through the office's mail server to the desk, if it is for the desk."""
        ours = [one for one in recipients if self.desk.receiver.people.is_system_address(one)]
        assert ours, f"this mail never reaches the desk: {recipients}"
        domain = sender.partition("@")[2]
        verdict = f"Authentication-Results: mx.example.com; dmarc=pass header.from={domain}\r\n"
        self.receive(verdict.encode() + raw, sender, ours)

    def state(self, number: int = 1) -> str:
        return self.get(number).state

    def get(self, number: int) -> Ticket:
        return next(ticket for ticket in self.tickets() if ticket.id == number)


class Person:
    """A person with a mail program and the mailboxes that they read: their own, and their level's."""

    def __init__(self, office: Office, program: Client | Mutt, *mailboxes: str) -> None:
        self.office, self.program = office, program
        self.address = program.address
        self.mailboxes = (self.address, *mailboxes)

    def using(self, program: Client | Mutt) -> Person:
        """This person at another device."""
        return Person(self.office, program, *self.mailboxes[1:])

    def newest(self, notice: str = "", ticket: int = 0) -> Delivered:
        """The newest mail in their mailboxes, of a kind or of a ticket where they are named."""
        found = [
            mail
            for mail in self.office.relay.mails
            if mail.recipient in self.mailboxes
            and notice in ("", mail.notice)
            and (not ticket or f"SUP-{ticket};" in str(mail.message["X-Mailgate"]))
        ]
        assert found, (
            f"{self.address} has no {notice or 'mail'}: {[(m.recipient, m.notice) for m in self.office.relay.mails]}"
        )
        return found[-1]

    def has(self, notice: str) -> int:
        """The number of mails of a kind that they got."""
        return sum(mail.notice == notice for mail in self.office.relay.mails if mail.recipient in self.mailboxes)

    def writes(self, text: str, subject: str, to: str = "support@example.com") -> None:
        if isinstance(self.program, Mutt):
            sent = self.program.write(text, to=to, subject=subject)
            self.office.post(sent.raw, sent.sender, list(sent.recipients))
        else:
            self._post(self.program.write(text, to=to, subject=subject, at=self.office.clock.now()))

    def answers(self, text: str, notice: str = "", ticket: int = 0, *, everybody: bool = False) -> None:
        """Opens the newest mail (of that kind) and replies."""
        mail = self.newest(notice, ticket)
        if isinstance(self.program, Mutt):
            sent = self.program.reply(text, mail.raw, everybody=everybody)
            self.office.post(sent.raw, sent.sender, list(sent.recipients))
        else:
            self._post(self.program.reply(text, mail.message, self.office.clock.now(), everybody=everybody))

    def answers_below(self, answers: Mapping[str, str], notice: str) -> None:
        """Writes below the quoted lines, as Gmail allows."""
        assert isinstance(self.program, Gmail)
        self._post(self.program.reply_inline(answers, self.newest(notice).message, self.office.clock.now()))

    def forwards(self, raw: bytes, text: str, to: str = "support@example.com") -> None:
        """Forwards a mail from their mailbox."""
        if isinstance(self.program, Mutt):
            sent = self.program.forward(text, raw, to)
            self.office.post(sent.raw, sent.sender, list(sent.recipients))
        else:
            self._post(self.program.forward(text, parse(raw), to=to, at=self.office.clock.now()))

    def _post(self, raw: bytes) -> None:
        message = parse(raw)
        people = getaddresses([str(message["To"]), str(message["Cc"] or "")])
        self.office.post(raw, self.address, [address for _, address in people])


def parse(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message
