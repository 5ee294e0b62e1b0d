"""Chooses the queue, the form and the participants of a mail.

Pure: the mail, its envelope and the settings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mailgate.config import Queue, Settings
from mailgate.config.people import People
from mailgate.core.addressing import extension_of
from mailgate.core.domains import fold_address
from mailgate.core.mail import Address, Mail

# The headers in which a server notes to whom it delivers: Delivered-To is Postfix, qmail, Courier, Dovecot and Gmail
# (RFC 9228), X-Original-To Postfix, Envelope-To Exim, X-Envelope-To Kerio and sendmail's recipes, X-Delivered-To
# Fastmail, X-Rcpt-To what fetchmail and others know of some hosts, X-Apparently-To Yahoo, Apparently-To old sendmails.
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
    """Routes mails for one desk."""

    def __init__(self, settings: Settings, people: People) -> None:
        self._settings = settings
        self._people = people

    def recipients_of(self, mail: Mail, envelope: Sequence[str], *, has_envelope: bool) -> tuple[str, ...]:
        """Returns the addresses of the desk that a mail is for, the one that counts most first; () where it names none.

        An envelope alone decides. Where there is none (a mailbox, a pipe without arguments) the delivery headers
        decide, topmost first, then To and Cc, then the address of the mailbox, which a header that says no more does
        not precede. A sender can write such headers, as they can write To: the headers choose a queue and bring a
        signed address, which its signature proves, and prove nothing themselves.
        """
        if has_envelope and any(map(self._people.is_system_address, envelope)):
            return tuple(envelope)
        mailbox = {fold_address(address) for address in envelope}
        noted = (address for address in _delivered_to(mail) if fold_address(address) not in mailbox)
        named = (one.address for one in (*mail.to, *mail.cc))
        ours: dict[str, str] = {}
        for address in filter(self._people.is_system_address, (*noted, *named, *envelope)):
            ours.setdefault(fold_address(address), address)
        return tuple(ours.values())

    def choose_queue(self, recipients: Sequence[str], mail: Mail) -> Queue:
        """Chooses the queue by the recipients, then by To and Cc in order; else the default queue (docs/rules.md#5)."""
        for address in (*recipients, *(one.address for one in (*mail.to, *mail.cc))):
            queue = self._people.queue_of(address)
            if queue is not None:
                return queue
        return self._settings.default_queue

    def choose_form(self, recipients: Sequence[str], mail: Mail) -> str:
        """Chooses the form that a request came by, "" for none.

        The extension of the address that chose the queue names it, else that of another address of the queue, else
        the tag in the subject.
        """
        forms = self._settings.forms
        if not forms:
            return ""
        queue = self.choose_queue(recipients, mail)
        for address in (*recipients, *(one.address for one in (*mail.to, *mail.cc))):
            name = extension_of(address, queue.address, self._settings.desk.reply_address)
            if name in forms:
                return name
        subject = " ".join(mail.subject[:_LONGEST_SUBJECT].split()).casefold()
        return next((name for name, form in forms.items() if form.tag and form.tag.casefold() in subject), "")

    def people_of(self, mail: Mail, sender: Address) -> tuple[Address, ...]:
        """Returns the people in To and Cc beside the desk and its levels (docs/rules.md#6).

        Returns nobody where the desk itself stands in neither.
        """
        named, people = (*mail.to, *mail.cc), self._people
        if not any(people.is_system_address(one.address) for one in named):
            return ()
        return tuple(one for one in named if one.key != sender.key and not people.is_internal(one.address))


def _delivered_to(mail: Mail) -> Iterator[str]:
    """Reads the addresses of the topmost delivery headers, topmost first."""
    values = [value for name, value in mail.headers if name.lower() in _DELIVERED]
    for value in values[:_MOST_DELIVERED]:
        yield from _ADDRESS.findall(value[:_LONGEST_DELIVERED])
