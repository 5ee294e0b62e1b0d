"""Steps of a story: a person writes or replies, a mail bounces, time passes, the relay fails.

Every mail passes through the whole desk. `headers` are what the server in front of the desk, or the client, adds to the
next mail. `mailbox` is the address of the mailbox that it is fetched from, "" for one whose address is not configured,
None where it arrives by SMTP; `megabytes` is its size where it exceeds the desk's limit, else 0.
"""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage
from pathlib import Path
from unittest.mock import patch

from mailgate.core.mail import Envelope
from mailgate.daemon.workers import inbound
from mailgate.store.journal import JournalEntry, append
from mailgate.store.schema import journal
from mailgate.store.tickets import Ticket, get_ticket
from mailgate.store.work_queue import list_rows, requeue
from mailgate.transport.relay import Deferred
from tests.support.desk import Delivered, TestDesk, refused
from tests.support.mails import bounce_of, change_a_letter, encrypt, find_links
from tests.support.people import MAILBOX, PEOPLE, address_of, configured


def unquoted(text: str) -> str:
    """The text of a string in a story, where \\n stands for a line break."""
    return text.replace("\\n", "\n").replace('\\"', '"')


class StorySteps:
    """One desk and the people who write to it."""

    def __init__(self, folder: Path, extra: list[str], database: str) -> None:
        self.extra = extra
        self.desk = TestDesk(folder, config=configured(extra), database=database)
        self.headers: list[tuple[str, str]] = []
        self.mailbox: str | None = None
        self.megabytes = 0
        self._uid = 0
        self._last_raw = b""
        self._last_delivery: tuple[str | None, int] = (None, 0)

    # -- mails -----------------------------------------------------------------------------------------------------

    def writes(self, person: str, text: str, subject: str | None, to: str | None, cc: str | None) -> None:
        self.send(self._mail(person, text, subject, to, cc))

    def replies(self, person: str, text: str, to: str | None, number: str | None = None) -> None:
        self.send(self._answer(person, text, self.mail_for(person, to, number)))

    def replies_with_photo(self, person: str, text: str, to: str) -> None:
        mail = self._answer(person, text, self.mail_for(person, to))
        mail.add_attachment(b"\xff\xd8\xff a photo", "image", "jpeg", filename="photo.jpg")
        self.send(mail)

    def replies_to_others_mail(self, person: str, text: str, owner: str, notice: str) -> None:
        """A person answers a mail that was sent to another person, with its token."""
        self.send(self._answer(person, text, self.desk.last(address_of(owner), notice)))

    def replies_without_token(self, person: str, text: str) -> None:
        """The client kept neither the signed address nor the ids: only the tag of the subject is left."""
        tag = f"[{self.desk.ticket().reference}]"
        self.send(self._mail(person, text, f"Re: something {tag}", None, None))

    def replies_by_alias(self, person: str, text: str) -> None:
        """To shows an alias, the ids are lost, and the server notes where it delivered to."""
        mail = self._answer(person, text, self.mail_for(person, None))
        self.headers.append(("Delivered-To", str(mail["To"])))
        del mail["In-Reply-To"], mail["References"], mail["Subject"]
        mail["Subject"] = "Word"
        mail.replace_header("To", "it@example.org")
        self.send(mail)

    def replies_with_a_changed_letter(self, person: str, text: str) -> None:
        self.send(change_a_letter(self._answer(person, text, self.mail_for(person, None))))

    def replies_to_all(self, person: str, text: str, subject: str) -> None:
        """A person in copy of the requester's own mail answers all: no token, but its Message-ID."""
        original = email.message_from_bytes(self._last_raw, policy=email.policy.default)
        mail = self._mail(person, text, f"Re: {unquoted(subject)}", None, None)
        mail["Cc"] = str(original["From"])
        mail["In-Reply-To"] = str(original["Message-ID"])
        self.send(mail)

    def opens_link(self, person: str, number: str, notice: str, words: str | None) -> None:
        """Opens one of the answer links of a notice and sends the new mail: it answers nothing by its headers."""
        links = find_links(self.mail_for(person, notice))
        assert len(links) in (2, 5), f"it has {len(links)} links"
        address, subject, body = links[int(number) - 1]
        text = f"{body}\n\n{words}" if words is not None else body
        self.send(self._mail(person, text, subject, address, None))

    def answers_automatically(self, person: str, text: str, to: str | None) -> None:
        mail = self._answer(person, text, self.mail_for(person, to))
        mail["Auto-Submitted"] = "auto-replied"
        self.send(mail, sender="")

    def writes_encrypted(self, person: str, subject: str) -> None:
        self.send(encrypt(self._mail(person, "", subject, None, None)))

    def replies_encrypted(self, person: str, subject: str | None) -> None:
        mail = self._answer(person, "", self.mail_for(person, None))
        if subject is not None:
            mail.replace_header("Subject", unquoted(subject))
        self.send(encrypt(mail))

    def writes_twice(self, person: str, text: str, subject: str, more: str) -> None:
        """A mail and the answer to it reach the desk together, the answer first."""
        first = self._mail(person, text, subject, None, None)
        second = self._mail(person, more, f"Re: {unquoted(subject)}", None, None)
        second["In-Reply-To"] = first["Message-ID"]
        with self.desk.desk.database.write() as connection:
            for mail in (second, first):
                envelope = Envelope(address_of(person), ("support@example.com",), "test", self.desk.clock.now())
                append(connection, JournalEntry(envelope, _bytes(mail), str(mail["Message-ID"]).strip("<>")))
        self.desk.pass_time("2 minutes")

    def comes_again(self) -> None:
        """Delivers the last mail a second time, by another source: only its trace is new."""
        self.mailbox, self.megabytes = self._last_delivery
        if self.mailbox is not None:
            self._put_into_mailbox(None)
            return
        self.desk.receive(b"Received: from mx2.example.com by mx.example.com\r\n" + self._last_raw, "anna@example.org")

    def writes_in_vain(self, person: str, text: str, subject: str) -> None:
        """A defect keeps the desk from reading a mail, at each of its attempts, and is mended then."""
        with patch.object(inbound, "read_mail", side_effect=RuntimeError("a defect")):
            self.writes(person, text, subject, None, None)
            self.desk.pass_time("2 minutes")

    def puts_back(self, number: str | None = None) -> None:
        """`mailgate requeue journal` for the newest mail, or for the request of a ticket."""
        with self.desk.desk.database.write() as connection:
            rows = list_rows(connection, journal, "id", "ticket_id")
            row = next(one for one in rows if one.ticket_id == int(number)) if number else rows[-1]
            assert requeue(connection, journal, [row.id], self.desk.clock.now())
        self.desk.settle()

    def bounces(self, person: str, notice: str, status: str | None = None) -> None:
        """A notice comes back with a status, 5.1.1 unless told, or a report says that it is `late`."""
        mail = self.desk.last(address_of(person), notice)
        report = bounce_of(mail, "4.4.1", "delayed") if status == "late" else bounce_of(mail, status or "5.1.1")
        self.desk.receive(report, "", (mail.return_path,))

    def send(self, mail: EmailMessage, sender: str | None = None) -> None:
        """Hand a mail to the desk with what this line adds to it."""
        for name, value in self.headers:
            mail[name] = value
        self._last_raw, self._last_delivery = _bytes(mail), (self.mailbox, self.megabytes)
        if self.mailbox is None:
            self.desk.send(mail, sender)
        else:
            self._put_into_mailbox(sender)

    def _put_into_mailbox(self, sender: str | None) -> None:
        """The mail is fetched by IMAP, without an envelope; of one that is too large only the head is read."""
        whole = self.megabytes * 2**20 or None
        raw = self._last_raw if whole is None else self._last_raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        self._uid += 1
        key = f"imap://support@imap.example.com:993/INBOX;UIDVALIDITY=7/;UID={self._uid}"
        self.desk.receive(
            raw, sender, (self.mailbox,) if self.mailbox else (), source="imap", whole_size=whole, source_key=key
        )

    def _mail(self, person: str, text: str, subject: str | None, to: str | None, cc: str | None) -> EmailMessage:
        copies = ", ".join(PEOPLE[name] for name in re.split(r",\s*", cc)) if cc else ""
        to = to or "support@example.com"
        return self.desk.mail(PEOPLE[person], unquoted(text), subject=unquoted(subject or ""), to=to, cc=copies)

    def _answer(self, person: str, text: str, to: Delivered) -> EmailMessage:
        return self.desk.answer(PEOPLE[person], unquoted(text), to)

    # -- surroundings ----------------------------------------------------------------------------------------------

    def passes(self, duration: str) -> None:
        self.desk.pass_time(duration)

    def sleeps(self, duration: str) -> None:
        self.desk.sleep(duration)

    def starts_again(self, setting: str) -> None:
        """The operator has changed one setting more and starts the desk again."""
        self.extra = [*self.extra, setting]
        self.desk.restart(configured(self.extra))

    def file_says(self, name: str, text: str) -> None:
        """The operator writes a file that the configuration names."""
        (self.desk.folder / name).write_text(f"{unquoted(text)}\n", encoding="utf-8")

    def file_is_gone(self, name: str) -> None:
        (self.desk.folder / name).unlink()

    def relay(self, what: str) -> None:
        if what in ("down", "up"):
            self.desk.relay.down = Deferred("connection refused") if what == "down" else None
        else:
            self.desk.relay.refuse[address_of(what.removeprefix("refusing "))] = refused()

    # -- looking ---------------------------------------------------------------------------------------------------

    def mail_for(self, person: str, notice: str | None, number: str | None = None) -> Delivered:
        """The newest mail that a person can see, of one notice or one ticket where that is said."""
        seen = {address_of(person), address_of(MAILBOX.get(person, person))}
        wanted = f"SUP-{number};" if number else ""
        for mail in reversed(self.desk.relay.mails):
            if mail.recipient in seen and notice in (None, mail.notice) and wanted in str(mail.message["X-Mailgate"]):
                return mail
        raise AssertionError(f"{person} has no {notice or 'mail'} to answer")

    def all_tickets(self) -> list[Ticket]:
        """Every ticket by its number, also those that were merged away."""
        found: list[Ticket] = []
        with self.desk.desk.database.read() as connection:
            while (ticket := get_ticket(connection, len(found) + 1)) is not None:
                found.append(ticket)
        return found


def _bytes(mail: EmailMessage) -> bytes:
    return mail.as_bytes(policy=email.policy.SMTP)
