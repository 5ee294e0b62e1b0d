"""The office of the day: a desk with the defaults of the product, three agents, ten requesters, two third parties.

It notes whose mail caused which mails, so that `judgement` can tell what a reader knew.
"""

from __future__ import annotations

import email.policy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path

from mailgate.store.tickets import Ticket, get_ticket
from tests.support.clients import AppleMail, Gmail, IPhone, Outlook
from tests.support.office import Office, Person, parse

CONFIG = """
[desk]
address = "support@example.com"
languages = ["en", "fr", "de", "es", "it", "nl"]
operator = "operator@example.com"
manager = "manager@example.com"
[intake.smtp]
listen = "127.0.0.1:0"
[levels.level1]
mailbox = "level1@example.com"
agents = ["alice@example.com", "bob@example.com"]
[levels.level2]
mailbox = "level2@example.com"
agents = ["carol@example.com"]
[trust]
authserv_id = ["mx.example.com"]
[directory]
people = "people.csv"
"""
PEOPLE = """address,name,department,language,vip
alice@example.com,Alice Moreau,IT,en,
bob@example.com,Bob Keller,IT,en,
carol@example.com,Carol Weiss,IT,en,
vogt@example.com,Karin Vogt,Board,de,yes
anna@example.org,Anna Martin,Accounts,en,
"""
LEVEL1, LEVEL2, MANAGER = "level1@example.com", "level2@example.com", "manager@example.com"
READERS = {
    LEVEL1: frozenset({"alice@example.com", "bob@example.com"}),
    LEVEL2: frozenset({"carol@example.com"}),
    "alice@example.com": frozenset({"alice@example.com"}),
    "bob@example.com": frozenset({"bob@example.com"}),
    "carol@example.com": frozenset({"carol@example.com"}),
    MANAGER: frozenset({MANAGER}),
}
"""The people who read what comes to each address of the staff."""


@dataclass(frozen=True, slots=True)
class Act:
    """A mail that a person wrote to the desk, and what it caused."""

    author: str
    text: str
    journal_id: int
    first: int  # the first mail that it caused, by its place among all that the relay got
    end: int  # and the first that it did not
    assignees: Mapping[str, str]  # who had which ticket before, by its reference


class StaffOffice(Office):
    """The office on one Monday, at nine o'clock."""

    __test__ = False

    def __init__(self, folder: Path, database: str) -> None:
        (folder / "people.csv").write_text(PEOPLE, encoding="utf-8")
        super().__init__(folder, database=database, config=CONFIG)
        self.acts: list[Act] = []
        card = "Kind regards\n\nAlice Moreau\nIT Support Engineer | Building B\nExt. 4711"
        self.alice = Person(self, Outlook("Alice Moreau", "alice@example.com", signature=card), LEVEL1)
        self.bob = Person(self, Gmail("Bob Keller", "bob@example.com", signature="Bob Keller\nIT Support"), LEVEL1)
        self.carol = Person(self, AppleMail("Carol Weiss", "carol@example.com", signature="Carol Weiss"), LEVEL2)
        self.anna = Person(self, IPhone("Anna Martin", "anna@example.org"))
        self.ben = Person(self, Gmail("Ben Okafor", "ben@example.net", signature="Ben\n+33 6 12 34 56 78"))
        self.zoe = Person(self, AppleMail("Zoé Petit", "zoe@example.org", "fr"))
        self.helga = Person(self, Outlook("Helga Braun", "helga@example.de", "de", "Mit freundlichen Grüßen\nHelga"))
        self.vogt = Person(self, Outlook("Dr. Karin Vogt", "vogt@example.com", "de", "Dr. Karin Vogt\nVorstand"))
        self.pablo = Person(self, Gmail("Pablo Ruiz", "pablo@example.es", "es"))
        self.luca = Person(self, Gmail("Luca Bianchi", "luca@example.it", "it"))
        self.giulia = Person(self, Gmail("Giulia Conti", "giulia@example.it", "it", "Giulia"))
        self.sanne = Person(self, Outlook("Sanne de Vries", "sanne@example.nl", "nl", "Met vriendelijke groet,\nSanne"))
        self.marie = Person(self, IPhone("Marie Dubois", "marie@example.org", "fr"))
        self.tom = Person(self, Outlook("Tom Baker", "tom@example.net", signature="Tom Baker\nWarehouse"))
        self.supplier = Person(self, Outlook("Paula Fuser", "service@printers.example", signature="Paula Fuser"))
        self.facilities = Person(self, Gmail("Facilities", "facilities@example.org"))

    def receive(
        self,
        raw: bytes,
        sender: str | None,
        recipients: Iterable[str] = ("support@example.com",),
        *,
        source: str = "test",
        whole_size: int | None = None,
        **more: str,
    ) -> int:
        mail, first = parse(raw), len(self.relay.mails)
        assignees = {ticket.reference: ticket.assignee for ticket in self.tickets()}
        row = super().receive(raw, sender, recipients, source=source, whole_size=whole_size, **more)
        body = mail.get_body(("plain",))
        text = str(body.get_content()) if body is not None else ""
        author = parseaddr(str(mail["From"]))[1]
        self.acts.append(Act(author, text, row, first, len(self.relay.mails), assignees))
        return row

    def all_tickets(self) -> list[Ticket]:
        """Lists the tickets, merged ones too."""
        found: list[Ticket] = []
        with self.desk.database.read() as connection:
            while (ticket := get_ticket(connection, len(found) + 1)) is not None:
                found.append(ticket)
        return found

    # -- what a mail program does besides writing ----------------------------------------------------------------------

    def answer_automatically(self, person: Person, ticket: int, subject: str, text: str) -> None:
        """The vacation responder of a person's server answers the newest mail to them (RFC 3834)."""
        answered = person.newest(ticket=ticket)
        mail = EmailMessage()
        mail["From"], mail["To"] = f"{person.program.name} <{person.address}>", answered.reply_to
        mail["Subject"], mail["Date"] = f"{subject}: {answered.message['Subject']}", format_datetime(self.clock.now())
        mail["Message-ID"] = f"<auto.{ticket}@{person.address.partition('@')[2]}>"
        mail["In-Reply-To"] = mail["References"] = answered.message_id
        mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"] = "auto-replied", "All"
        mail.set_content(text)
        self.receive(mail.as_bytes(policy=email.policy.SMTP), None, [parseaddr(answered.reply_to)[1]])
