"""An office whose people have mail programs: a desk, the people who write to it, and the mailboxes that they read.

The office's mail server vouches for everybody who writes.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path

from mailgate.store.tickets import Ticket
from tests.support.clients import PARIS, AppleMail, Body, Client, Gmail, IPhone, Outlook
from tests.support.desk import CONFIG, Delivered, TestDesk
from tests.support.flowed import read_text
from tests.support.mails import find_links
from tests.support.mutt import Mutt

TRUST = """
[trust]
authserv_id = ["mx.example.com"]
"""
LEVEL1, LEVEL2 = "level1@example.com", "level2@example.com"
INSIDE = ("alice@example.com", "bob@example.com", "carol@example.com", LEVEL1, LEVEL2, "manager@example.com")
ALICE_CARD = "Kind regards,\n\nAlice Moreau\nIT Support Engineer | Building B\nInternal ext. 4711\nalice@example.com"
BOB_CARD = "Bob Keller\nServer team, room B-214\nPager 0815-77\n"
CAROL_CARD = "Carol Weiss\nSecond line, on call +44 20 7946 0331\n"
CARDS = ("4711", "Building B", "B-214", "0815-77", "7946 0331", "Second line")
_TOKEN = re.compile(r"SUP-\d+\.\d+\.[a-z2-7]{10,}", re.IGNORECASE)


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

    def at(self, day: int, time: str, *, month: int = 11) -> None:
        """The clock goes on to a time of Paris, by way of every deadline before it."""
        hour, minute = map(int, time.split(":"))
        self.pass_until(datetime(2026, month, day, hour, minute, tzinfo=PARIS))

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

    def writes(
        self,
        text: str,
        subject: str,
        to: str = "support@example.com",
        *,
        cc: str = "",
        picture: tuple[str, bytes] | None = None,
    ) -> None:
        """Writes a new mail; mutt, as it is set here, asks for no copies. `picture` is a file: its name and a PNG."""
        if isinstance(self.program, Mutt):
            assert not cc
            assert picture is None
            sent = self.program.write(text, to=to, subject=subject)
            self.office.post(sent.raw, sent.sender, list(sent.recipients))
        else:
            mail = self.program.write(text, to=to, subject=subject, at=self.office.clock.now(), cc=cc)
            self._post(mail if picture is None else attach(mail, *picture, "image/png"))

    def clicks(self, notice: str, ticket: int, place: int, words: str = "") -> None:
        """Opens one of the links of a notice, writes on where the caret stands, and sends the mail."""
        self.opens(find_links(self.newest(notice, ticket))[place], words)

    def opens(self, link: tuple[str, str, str], words: str = "") -> None:
        """Opens a mailto link, as `find_links` has it, and sends the new mail that it makes."""
        to, subject, body = link
        self.writes("\n".join(body.splitlines()) + words, subject, to)

    def answers(
        self,
        text: str,
        notice: str = "",
        ticket: int = 0,
        *,
        everybody: bool = False,
        mail: Delivered | None = None,
    ) -> None:
        """Opens the newest mail (of that kind), or one that was passed on to them, and replies."""
        mail = mail or self.newest(notice, ticket)
        if isinstance(self.program, Mutt):
            sent = self.program.reply(text, mail.raw, everybody=everybody)
            self.office.post(sent.raw, sent.sender, list(sent.recipients))
        else:
            self._post(self.program.reply(text, mail.message, self.office.clock.now(), everybody=everybody))

    def answers_formatted(self, plain: str, page: str, notice: str, *, pictures: Mapping[str, bytes]) -> None:
        """Replies with formatted words in Outlook, whose plain form is `plain`; pictures are PNGs by Content-ID."""
        assert isinstance(self.program, Outlook)
        mail = self.newest(notice).message
        self._post(self.program.reply_formatted(Body(plain, page), mail, self.office.clock.now(), pictures=pictures))

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


class OfficeDesk(Office):
    """The office of the ten tickets: three agents, three requesters, and what may not leave it."""

    __test__ = False

    def __init__(self, folder: Path, database: str, *, config: str = CONFIG + TRUST) -> None:
        super().__init__(folder, database=database, config=config)
        self.secrets: list[str] = [*CARDS]
        self.alice = Person(self, Outlook("Alice Moreau", "alice@example.com", signature=ALICE_CARD), LEVEL1)
        self.bob = Person(self, Mutt(folder / "bob", "Bob Keller", "bob@example.com", signature=BOB_CARD), LEVEL1)
        self.carol = Person(
            self, Mutt(folder / "carol", "Carol Weiss", "carol@example.com", signature=CAROL_CARD), LEVEL2
        )
        self.anna = Person(self, IPhone("Anna Martin", "anna@example.org"))
        self.ben = Person(self, Gmail("Ben Okafor", "ben@example.net", signature="Ben\n+33 6 12 34 56 78"))
        self.zoe = Person(self, AppleMail("Zoé Petit", "zoe@example.org", "fr"))

    def close(self) -> None:
        super().close()
        self.assert_tight()

    def assert_tight(self) -> None:
        """Checks that mail that left the office holds nothing internal, and no other person's key."""
        owners: dict[str, str] = {}
        for mail in self.relay.mails:
            head = f"{mail.reply_to} {mail.message_id}"
            owners.update((token.casefold(), mail.recipient) for token in _TOKEN.findall(head))
        for mail in self.relay.mails:
            if mail.recipient in INSIDE:
                continue
            shown = everything(mail)
            found = [word for word in (*INSIDE, *self.secrets) if word.casefold() in shown.casefold()]
            assert not found, f"the {mail.notice} to {mail.recipient} shows {found}:\n{mail.text}"
            foreign = {token for token in _TOKEN.findall(shown) if owners.get(token.casefold()) != mail.recipient}
            assert not foreign, f"the {mail.notice} to {mail.recipient} holds {foreign}"


def everything(mail: Delivered) -> str:
    """Headers and every text of a mail, decoded."""
    head = "\n".join(f"{name}: {value}" for name, value in mail.message.items())
    parts = (part for part in mail.message.walk() if part.get_content_maintype() == "text")
    texts = [read_text(part) for part in parts if isinstance(part, EmailMessage)]
    return "\n".join([head, *texts])


def parse(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def attach(raw: bytes, name: str, content: bytes, kind: str) -> bytes:
    """A mail with a file."""
    mail = parse(raw)
    maintype, _, subtype = kind.partition("/")
    mail.add_attachment(content, maintype, subtype, filename=name)
    return mail.as_bytes(policy=email.policy.SMTP)
