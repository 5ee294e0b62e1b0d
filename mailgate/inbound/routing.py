"""Where a mail comes from and belongs: the person behind it, the queue it is for, the people it brings along.

Pure: mail, envelope and settings in, values out. Identity is never taken from Reply-To but for listed forms
(rules 10 and 11).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence

from mailgate.config import Queue, Settings
from mailgate.core.mail import Address, Mail
from mailgate.core.tokens import read_token
from mailgate.inbound.roles import AuthResult, LevelMembers, TrustedSenders
from mailgate.parsers.addresses import read_addresses

FINGERPRINT_TEXT = 2_000  # characters of text that tell a mail from others (rule 12)

# In which header a server notes to whom it delivers: Delivered-To is Postfix, qmail, Courier, Dovecot and Gmail (RFC
# 9228), X-Original-To Postfix, Envelope-To Exim, X-Envelope-To Kerio and sendmail's recipes, X-Delivered-To Fastmail,
# X-Rcpt-To what fetchmail and others know of some hosts, X-Apparently-To Yahoo, Apparently-To an old sendmail.
_DELIVERED = frozenset(
    {
        "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "x-rcpt-to",
        "x-apparently-to", "apparently-to",
    }
)  # fmt: skip
_MOST_DELIVERED = 20  # headers of a mail that are looked at
_LONGEST_DELIVERED = 1_000
_ADDRESS = re.compile(r"[^\s<>,;:\"()@]{1,128}@[^\s<>,;:\"()@]{1,255}")
_LONGEST_SUBJECT = 1_000  # characters in which a form's tag is looked for


class Router:
    """Answers where mails come from, for one desk."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._by_address = {queue.address.casefold(): queue for queue in settings.queues.values()}
        # Where queues share a domain, a signed address of none of them is the default queue's, then the first one's.
        others_first = (*reversed([*settings.queues.values()]), settings.default_queue)
        self._by_domain = {queue.address.casefold().rpartition("@")[2]: queue for queue in others_first}
        trust = settings.trust
        self.doors = TrustedSenders(
            frozenset(form.casefold() for form in trust.forms),
            frozenset(robot.casefold() for robot in trust.robots),
            tuple(str(network) for network in trust.networks),
        )
        self.lanes = {
            (queue.name, name): LevelMembers(queue.name, name, level.mailbox, tuple(level.agents))
            for queue in settings.queues.values()
            for name, level in queue.levels.items()
        }
        self._house = {address for lane in self.lanes.values() for address in lane.people}

    def queue_of(self, address: str) -> Queue | None:
        """The queue that an address belongs to, with or without an extension."""
        local, _, domain = address.casefold().rpartition("@")
        separator = "-" if self._settings.desk.reply_address == "minus" else "+"
        for name in (local, *_heads(local, separator)):
            queue = self._by_address.get(f"{name}@{domain}")
            if queue is not None:
                return queue
        catches_all = self._settings.desk.reply_address == "catch-all"
        return self._by_domain.get(domain) if catches_all and read_token(local) is not None else None

    def is_ours(self, address: str) -> bool:
        """Whether mail to this address is for the desk; all else is refused with 550 (no open relay)."""
        return self.queue_of(address) is not None

    def recipients_of(self, mail: Mail, envelope: Sequence[str], *, has_envelope: bool) -> tuple[str, ...]:
        """The addresses of the desk that a mail is for, the one that counts most first; none where it names none.

        An envelope tells it alone. Where there is none (a mailbox, a pipe that is not told) the delivery headers tell
        it, topmost first, then To and Cc, then whose mailbox it is, which a header that says no more does not precede.
        A sender can write such headers himself. He can write To as well: they choose a queue and bring a signed
        address, which its signature proves, and are no proof of anything.
        """
        if has_envelope and any(map(self.is_ours, envelope)):
            return tuple(envelope)
        mailbox = {address.casefold() for address in envelope}
        noted = (address for address in _delivered_to(mail) if address.casefold() not in mailbox)
        named = (one.address for one in (*mail.to, *mail.cc))
        ours: dict[str, str] = {}
        for address in filter(self.is_ours, (*noted, *named, *envelope)):
            ours.setdefault(address.casefold(), address)
        return tuple(ours.values())

    def choose_queue(self, recipients: Sequence[str], mail: Mail) -> Queue:
        """The recipients decide, then To and Cc in order, else the default queue (rule 5)."""
        for address in (*recipients, *(one.address for one in (*mail.to, *mail.cc))):
            queue = self.queue_of(address)
            if queue is not None:
                return queue
        return self._settings.default_queue

    def choose_form(self, recipients: Sequence[str], mail: Mail) -> str:
        """The form that a request came by, "" for none: the extension of the address that chose the queue, else of
        another one of that queue, else the tag in the subject."""
        forms = self._settings.forms
        if not forms:
            return ""
        queue = self.choose_queue(recipients, mail)
        for address in (*recipients, *(one.address for one in (*mail.to, *mail.cc))):
            name = self._extension_of(address, queue)
            if name in forms:
                return name
        subject = " ".join(mail.subject[:_LONGEST_SUBJECT].split()).casefold()
        return next((name for name, form in forms.items() if form.tag and form.tag.casefold() in subject), "")

    def _extension_of(self, address: str, queue: Queue) -> str:
        """What stands between a queue's address and the @: `access` of support+access@."""
        local, _, domain = address.casefold().rpartition("@")
        own, _, own_domain = queue.address.casefold().rpartition("@")
        mark = "-" if self._settings.desk.reply_address == "minus" else "+"
        is_its = domain == own_domain and local.startswith(f"{own}{mark}")
        return local[len(own) + 1 :] if is_its else ""

    def person_behind(self, mail: Mail, envelope_from: str | None, peer: str, verdict: AuthResult) -> Address | None:
        """Who wrote: From; for a proven form its Reply-To; for the desk's own list the original sender."""
        if self.doors.is_form(mail, peer, verdict) and mail.reply_to:
            return mail.reply_to[0]
        if self.is_own_list(mail):
            original = self._original_author(mail, verdict)
            if original is not None:
                return original
        if mail.sender is not None:
            return mail.sender
        return Address("", envelope_from) if envelope_from else None

    def _original_author(self, mail: Mail, verdict: AuthResult) -> Address | None:
        """Who wrote to the desk's own list; not the list itself, which some groups put into Reply-To."""
        found = [
            *(one for header in ("X-Original-From", "X-Original-Sender") for one in _addresses_in(mail.header(header))),
            *(mail.reply_to if verdict is AuthResult.PASS else ()),
        ]
        return next((one for one in found if "@" in one.address and not self.is_ours(one.address)), None)

    def is_own_list(self, mail: Mail) -> bool:
        """Whether the mail came by a group of the desk's own (rule 11)."""
        listed = mail.header("List-Id").rpartition("<")[2].rstrip("> ").casefold()
        return bool(listed) and listed in {name.casefold() for name in self._settings.trust.own_lists}

    def is_internal_address(self, address: str) -> bool:
        """Whether it is an address of the desk or of the house: none of a ticket's people, but maybe its requester."""
        return self.is_ours(address) or address.casefold() in self._house

    def is_staff_person(self, address: Address) -> bool:
        """Whether a level's mailbox or an agent of any queue has this address."""
        return address.key in self._house

    def people_of(self, mail: Mail, sender: Address) -> tuple[Address, ...]:
        """Who stands in To and Cc beside the desk (rule 6); nobody where the desk itself stands in neither."""
        named = (*mail.to, *mail.cc)
        if not any(self.queue_of(one.address) for one in named):
            return ()
        return tuple(self._strangers(named, sender))

    def _strangers(self, named: Iterable[Address], sender: Address) -> Iterable[Address]:
        for one in named:
            if one.key != sender.key and one.key not in self._house and self.queue_of(one.address) is None:
                yield one


def _delivered_to(mail: Mail) -> Iterator[str]:
    """Every address in the topmost delivery headers, topmost first."""
    values = [value for name, value in mail.headers if name.lower() in _DELIVERED]
    for value in values[:_MOST_DELIVERED]:
        yield from _ADDRESS.findall(value[:_LONGEST_DELIVERED])


def _addresses_in(value: str) -> tuple[Address, ...]:
    """The mailboxes of a header that was decoded already."""
    return read_addresses(value.encode("utf-8", "replace")) if value else ()


def _heads(local: str, separator: str) -> Iterable[str]:
    """The parts of a local part before each separator: `help-desk-SUP-1` may belong to `help` or to `help-desk`."""
    position = local.find(separator)
    while position > 0:
        yield local[:position]
        position = local.find(separator, position + 1)


def fingerprint(mail: Mail, *, whole: bool = True) -> str:
    """What makes a mail the same mail however it came: trace headers and list footers never count (rule 12).

    The head of a mail and the mail itself are two: that the one was turned away must not keep the other out.
    """
    sender = mail.sender.key if mail.sender else ""
    text = "".join(mail.text.split())[:FINGERPRINT_TEXT]
    date = mail.date.isoformat() if mail.date else ""
    parts = "\0".join((mail.message_id, sender, date, mail.subject, text, *(() if whole else ("head",))))
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()
