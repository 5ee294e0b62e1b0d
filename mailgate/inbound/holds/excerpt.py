"""What a question shows of a mail that waits: for a proof all that it would send and do, or that this is too long.

Whoever says yes has read what he says yes to. A mail that cannot be shown whole is `cut`, and no yes carries it out
(proofs.py). Of a stranger's mail, which sends and orders nothing, a part is enough. Pure; everything that is shown is
bounded, and so is the time that it takes, whatever the mail holds.
"""

from __future__ import annotations

import re
from datetime import datetime

from mailgate.core.mail import Address, Mail
from mailgate.notices.rendering.content import HeldMessage
from mailgate.parsers.forwards import read_own_commands

LONGEST = 4_000  # letters of a mail's text, and of its orders together, that a person reads before he says yes
MOST_LINES = 200  # of the text: what stands a hundred screens below is not read either
MOST_ORDERS = 20  # of a mail
MOST_FILES = 20  # of a mail
LONGEST_SUBJECT = 300
LONGEST_IN_ALL = 20_000  # letters of one question: the mails beyond them come with the next
_HEAD, _TAIL = 900, 300  # letters of what is not shown whole
_LONGEST_READ = 40_000  # letters of a mail that is cut anyway, in which its orders are still looked for
_LONGEST_ORDER = 300  # letters of one order of a mail that is cut

_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")  # they make the eye read another order than the machine
_UNSEEN = re.compile("[\xad\u061c\u180e\u200b\u200e\u200f\u2060-\u2064\ufeff]")
_GAP = re.compile(r"\n(?:[^\S\n]*\n){2,}")


def show_whole(mail: Mail, author: Address, at: datetime, reference: str = "") -> HeldMessage:
    """A mail whose author is asked whether it is his."""
    text = _visible(mail.new_text)
    long = len(text) > LONGEST or text.count("\n") >= MOST_LINES or len(mail.new_text) > _LONGEST_READ
    orders = _orders(mail) if len(mail.new_text) <= _LONGEST_READ else ()
    long = long or len(orders) > MOST_ORDERS or sum(map(len, orders)) > LONGEST
    files = tuple(_line(file.filename) for file in mail.attachments)
    subject = _line(mail.subject)
    cut = long or len(files) > MOST_FILES or len(subject) > LONGEST_SUBJECT
    named = tuple(_shorten(order) for order in orders[:MOST_ORDERS]) if cut else orders
    return HeldMessage(
        at, author, subject[:LONGEST_SUBJECT], _part(text) if long else text, named, files[:MOST_FILES], reference,
        more_orders=len(orders[MOST_ORDERS:]), more_files=len(files[MOST_FILES:]), cut=cut,
    )  # fmt: skip


def show_part(mail: Mail, author: Address, at: datetime) -> HeldMessage:
    """A stranger's mail, of which somebody is to say whether he may write."""
    files = tuple(_line(file.filename) for file in mail.attachments[:MOST_FILES])
    text, more = _part(_visible(mail.new_text[:_LONGEST_READ])), len(mail.attachments[MOST_FILES:])
    return HeldMessage(at, author, _line(mail.subject)[:LONGEST_SUBJECT], text, files=files, more_files=more)


def excerpt(text: str) -> str:
    """As much of a text as a person of the level can want to read of what nobody owned up to."""
    return text if len(text) <= LONGEST_IN_ALL else f"{text[:LONGEST_IN_ALL].rstrip()}\n[…]"


def length_of(shown: HeldMessage) -> int:
    """How many letters of a question a mail takes."""
    return len(shown.text) + len(shown.subject) + sum(map(len, (*shown.orders, *shown.files)))


def _orders(mail: Mail) -> tuple[str, ...]:
    return tuple(_line(f"#{command.name} {command.args}") for command in read_own_commands(mail).commands)


def _visible(text: str) -> str:
    """A text with nothing in it that turns or hides other words."""
    return _GAP.sub("\n\n", _TURNING.sub(_name, _UNSEEN.sub("", text))).strip()


def _line(text: str) -> str:
    return " ".join(_visible(text).split())


def _name(mark: re.Match[str]) -> str:
    return f"[U+{ord(mark[0]):04X}]"


def _part(text: str) -> str:
    if len(text) <= _HEAD + _TAIL:
        return text
    return f"{text[:_HEAD].rstrip()}\n[…]\n{text[-_TAIL:].lstrip()}"


def _shorten(order: str) -> str:
    return order if len(order) <= _LONGEST_ORDER else f"{order[:_LONGEST_ORDER].rstrip()} […]"
