"""Where a mail comes from and belongs: the person behind it, the queue it is for, the people it brings along.

Pure: mail, envelope and settings in, values out. Identity is never taken from Reply-To but for listed forms
(rules 10 and 11).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from mailgate.config import Queue, Settings
from mailgate.mail import Address, Mail
from mailgate.tokens import read_token
from mailgate.trust import Doors, Lane, Verdict

FINGERPRINT_TEXT = 2_000  # characters of text that tell a mail from others (rule 12)


class Origins:
    """Answers where mails come from, for one desk."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._by_address = {queue.address.casefold(): queue for queue in settings.queues.values()}
        trust = settings.trust
        self.doors = Doors(
            frozenset(form.casefold() for form in trust.forms),
            frozenset(robot.casefold() for robot in trust.robots),
            tuple(str(network) for network in trust.networks),
        )
        self.lanes = {
            (queue.name, name): Lane(queue.name, name, level.mailbox, tuple(level.agents))
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
        return None

    def is_ours(self, address: str) -> bool:
        """Whether mail to this address is for the desk; all else is refused with 550 (no open relay)."""
        if self.queue_of(address) is not None:
            return True
        if self._settings.desk.reply_address != "catch-all":
            return False
        local, _, domain = address.rpartition("@")
        domains = {own.rpartition("@")[2] for own in self._by_address}
        return domain.casefold() in domains and read_token(local) is not None

    def choose_queue(self, recipients: Sequence[str], mail: Mail) -> Queue:
        """The envelope recipient decides, then To and Cc in order, else the default queue (rule 5)."""
        for address in (*recipients, *(one.address for one in (*mail.to, *mail.cc))):
            queue = self.queue_of(address)
            if queue is not None:
                return queue
        return self._settings.default_queue

    def person_behind(self, mail: Mail, envelope_from: str | None, peer: str, verdict: Verdict) -> Address | None:
        """Who wrote: From; for a proven form its Reply-To; for the desk's own list the original sender."""
        if self.doors.is_form(mail, peer, verdict) and mail.reply_to:
            return mail.reply_to[0]
        if self.is_own_list(mail):
            for header in ("X-Original-From", "X-Original-Sender"):
                original = mail.header(header).strip(" <>")
                if "@" in original and " " not in original:
                    return Address("", original)
            if verdict is Verdict.PASS and mail.reply_to:
                return mail.reply_to[0]
        if mail.sender is not None:
            return mail.sender
        return Address("", envelope_from) if envelope_from else None

    def is_own_list(self, mail: Mail) -> bool:
        """Whether the mail came by a group of the desk's own (rule 11)."""
        listed = mail.header("List-Id").rpartition("<")[2].rstrip("> ").casefold()
        return bool(listed) and listed in {name.casefold() for name in self._settings.trust.own_lists}

    def is_of_the_house(self, address: Address) -> bool:
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


def _heads(local: str, separator: str) -> Iterable[str]:
    """The parts of a local part before each separator: `help-desk-SUP-1` may belong to `help` or to `help-desk`."""
    position = local.find(separator)
    while position > 0:
        yield local[:position]
        position = local.find(separator, position + 1)


def fingerprint(mail: Mail) -> str:
    """What makes a mail the same mail however it came: trace headers and list footers never count (rule 12)."""
    sender = mail.sender.key if mail.sender else ""
    text = "".join(mail.text.split())[:FINGERPRINT_TEXT]
    date = mail.date.isoformat() if mail.date else ""
    parts = "\0".join((mail.message_id, sender, date, mail.subject, text))
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()
