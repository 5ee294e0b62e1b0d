"""Conversations as mail programs see them: which mails of a mailbox hang together by their ids.

`conversations_of` is the algorithm of Jamie Zawinski that most clients have in some form (jwz.org/doc/threading.html,
without its last step, which compares subjects). `OneTicket` plays a ticket from the first mail to the last, and keeps
what each mailbox got and sent. `open_link` is what a mail program does with a link of a notice (RFC 6068).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from html import unescape
from urllib.parse import unquote, urlsplit

from tests.support.desk import Delivered, TestDesk

_ID = re.compile(r"<([^<>\s]+)>")
_LINK = re.compile(r'href="(mailto:[^"?]+\?[^"]+)"')


@dataclass
class Container:
    """A place in a conversation; a mail that only others name is not `here`."""

    id: str
    here: bool = False
    parent: Container | None = None
    children: list[Container] = field(default_factory=list)

    def root(self) -> Container:
        place = self
        while place.parent is not None:
            place = place.parent
        return place

    def hang_below(self, parent: Container | None) -> None:
        """Gives it another parent, unless that stands below it itself."""
        if parent is not None and (parent is self or parent.root() is self):
            return
        if self.parent is not None:
            self.parent.children.remove(self)
        self.parent = parent
        if parent is not None:
            parent.children.append(self)


def conversations_of(mails: Sequence[EmailMessage]) -> list[set[str]]:
    """The ids of the mails of each conversation, in the order in which the first mail of each came."""
    table: dict[str, Container] = {}
    for mail in mails:
        one = table.setdefault(_ids(mail["Message-ID"])[0], Container(_ids(mail["Message-ID"])[0]))
        one.here = True
        named = _ids(mail["References"]) or _ids(mail["In-Reply-To"])[:1]
        before: Container | None = None
        for reference in named:
            place = table.setdefault(reference, Container(reference))
            if before is not None and place.parent is None:
                place.hang_below(before)
            before = place
        if before is not None:
            one.hang_below(before)
    found: dict[str, set[str]] = {}
    for one in table.values():
        if one.here:
            found.setdefault(one.root().id, set()).add(one.id)
    return list(found.values())


def open_link(link: str) -> dict[str, str]:
    """The fields of the new mail that a link opens: `to`, `subject`, `body` and what else it names."""
    parts = urlsplit(unescape(link))
    pairs = (pair.partition("=") for pair in parts.query.split("&"))
    return {"to": unquote(parts.path)} | {name.lower(): unquote(value) for name, _, value in pairs}


class OneTicket:
    """One ticket of a desk, and the mailboxes of its people; `first` begins the Message-IDs of what they write."""

    def __init__(self, desk: TestDesk, first: str, *, reads_in_reply_to: bool = True) -> None:
        self.desk, self.first, self.reads_in_reply_to = desk, first, reads_in_reply_to
        self.sent: list[tuple[str, int, EmailMessage]] = []  # by whom, and how many mails the relay had carried
        self._count = 0

    def mailbox(self, *people: str) -> list[EmailMessage]:
        """Lists what these addresses got and sent, oldest first."""
        mails: list[EmailMessage] = []
        waiting = [one for one in self.sent if one[0] in people]
        for number, carried in enumerate(self.desk.relay.mails):
            while waiting and waiting[0][1] <= number:
                mails.append(waiting.pop(0)[2])
            if carried.recipient in people:
                mails.append(carried.message)
        return mails + [mail for _, _, mail in waiting]

    # -- what people do ------------------------------------------------------------------------------------------------

    def write(self, person: str, subject: str, text: str, cc: str = "") -> None:
        self._send(person, self.desk.mail(person, text, subject=subject, cc=cc))

    def reply(self, person: str, text: str, to: str, notice: str) -> None:
        """A person answers the newest notice of a kind to an address."""
        self._send(person, self.desk.answer(person, text, self.desk.last(to, notice)))

    def click(self, person: str, notice: str, place: int, words: str = "") -> None:
        """A person opens one of the links of a notice, writes on where the caret stands, and sends the mail."""
        fields = open_link(_LINK.findall(page_of(self.desk.last(person, notice)))[place])
        mail = self.desk.mail(person, fields["body"] + words, subject=fields["subject"], to=fields["to"])
        if self.reads_in_reply_to:
            mail["In-Reply-To"] = fields["in-reply-to"]
        self._send(person, mail)

    def _send(self, person: str, mail: EmailMessage) -> None:
        self._count += 1
        mail.replace_header("Message-ID", f"<{self.first}{self._count}@client.example.org>")
        self.sent.append((person, len(self.desk.relay.mails), mail))
        self.desk.send(mail)

    # -- a whole life --------------------------------------------------------------------------------------------------

    def play(self, between: Callable[[], None] = lambda: None) -> None:
        """A ticket with all that may happen to it; `between` is what passes between two mails."""
        anna, alice, bob, carol = "anna@example.org", "alice@example.com", "bob@example.com", "carol@example.com"
        level1, level2 = "level1@example.com", "level2@example.com"
        steps: list[Callable[[], None]] = [
            lambda: self.write(anna, "Lecteur réseau introuvable", "The drive N: is gone since this morning."),
            lambda: self.reply(alice, "#waiting Which letter did it have yesterday?", level1, "request"),
            lambda: self.reply(anna, "It was N: as ever.", anna, "question"),
            lambda: self.reply(anna, "And now the drive P: is gone as well.", anna, "receipt"),
            lambda: self.reply(alice, "I am looking into it.", alice, "message"),
            lambda: self.reply(bob, "#note It is the file server again.", level1, "copy"),
            lambda: self.reply(alice, "#resolve I have connected both drives again.", alice, "message"),
            lambda: self.click(anna, "confirm", 1),
            lambda: self.reply(alice, "#escalate The file server needs a look.", alice, "not_fixed"),
            lambda: self.reply(carol, "#resolve The server has been restarted.", level2, "escalation"),
            lambda: self.reply(anna, "Hm.", anna, "confirm"),
            lambda: self.click(anna, "confirm", 0, "Many thanks!"),
            lambda: self.click(anna, "final", 1),
            lambda: self.reply(anna, "not fixed: the drives are gone again.", anna, "final"),
            lambda: self.reply(carol, "#resolve The disk of the server has been replaced.", carol, "not_fixed"),
            lambda: self.reply(anna, "resolved", anna, "confirm"),
            lambda: self.desk.pass_time("2 business days"),
            lambda: self.reply(anna, "not fixed: they are gone once more.", anna, "final"),
            lambda: self.reply(carol, "#resolve It was the cable.", carol, "not_fixed"),
            lambda: self.click(anna, "confirm", 0),
        ]
        for step in steps:
            step()
            between()


def page_of(mail: Delivered) -> str:
    """The HTML of a delivered mail."""
    part = mail.message.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def bytes_of(mail: EmailMessage) -> bytes:
    """A mail as it lies in a mailbox."""
    return mail.as_bytes(policy=SMTP)


def _ids(value: object) -> list[str]:
    return list(dict.fromkeys(_ID.findall(str(value or ""))))
