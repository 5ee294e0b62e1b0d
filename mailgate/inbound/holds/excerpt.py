"""Excerpts of held mails: a challenge shows all that a mail would send and do, or that it is too long.

A person who says yes must have read what they say yes to. A mail that cannot be shown whole is `cut`, and no yes
carries it out. Of an unknown sender's mail, which sends and commands nothing, a part is enough. Pure; what is shown is
bounded, and so is the time that it takes, whatever the mail holds.
"""

from __future__ import annotations

import re
from datetime import datetime

from mailgate.core.mail import Address, Mail
from mailgate.notices.rendering.content import HeldMessage
from mailgate.parsers.forwards import read_own_commands

LONGEST = 4_000  # characters of a mail's text, and of its commands together, that a person reads before they say yes
MOST_LINES = 200  # of the text: nobody reads a hundred screens
MOST_COMMANDS = 20  # of a mail
MOST_FILES = 20  # of a mail
LONGEST_SUBJECT = 300
LONGEST_IN_ALL = 20_000  # characters of one question: the mails beyond them come with the next
_HEAD, _TAIL = 900, 300  # characters of a text that is not shown whole
_LONGEST_READ = 40_000  # characters of a mail that is cut anyway, in which commands are still looked for
_LONGEST_COMMAND = 300  # characters of one command of a mail that is cut

_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")  # they reverse what a person reads
_UNSEEN = re.compile("[\xad\u061c\u180e\u200b\u200e\u200f\u2060-\u2064\ufeff]")
_GAP = re.compile(r"\n(?:[^\S\n]*\n){2,}")


def show_whole(mail: Mail, author: Address, at: datetime, reference: str = "") -> HeldMessage:
    """Shows a mail to its supposed author, whole or cut."""
    text = _visible(mail.new_text)
    long = len(text) > LONGEST or text.count("\n") >= MOST_LINES or len(mail.new_text) > _LONGEST_READ
    commands = _list_commands(mail) if len(mail.new_text) <= _LONGEST_READ else ()
    long = long or len(commands) > MOST_COMMANDS or sum(map(len, commands)) > LONGEST
    files = tuple(_line(file.filename) for file in mail.attachments)
    subject = _line(mail.subject)
    cut = long or len(files) > MOST_FILES or len(subject) > LONGEST_SUBJECT
    named = tuple(_shorten(command) for command in commands[:MOST_COMMANDS]) if cut else commands
    return HeldMessage(
        at, author, subject[:LONGEST_SUBJECT], _part(text) if long else text, named, files[:MOST_FILES], reference,
        more_orders=len(commands[MOST_COMMANDS:]), more_files=len(files[MOST_FILES:]), cut=cut,
    )  # fmt: skip


def show_part(mail: Mail, author: Address, at: datetime) -> HeldMessage:
    """Shows a part of an unknown sender's mail to the agent who decides about them."""
    files = tuple(_line(file.filename) for file in mail.attachments[:MOST_FILES])
    text, more = _part(_visible(mail.new_text[:_LONGEST_READ])), len(mail.attachments[MOST_FILES:])
    return HeldMessage(at, author, _line(mail.subject)[:LONGEST_SUBJECT], text, files=files, more_files=more)


def excerpt(text: str) -> str:
    """Cuts the text of an unproven mail for the level."""
    return text if len(text) <= LONGEST_IN_ALL else f"{text[:LONGEST_IN_ALL].rstrip()}\n[…]"


def length_of(shown: HeldMessage) -> int:
    """Returns how many characters of a question a mail takes."""
    return len(shown.text) + len(shown.subject) + sum(map(len, (*shown.orders, *shown.files)))


def _list_commands(mail: Mail) -> tuple[str, ...]:
    return tuple(_line(str(command)) for command in read_own_commands(mail).commands)


def _visible(text: str) -> str:
    """Removes from a text what turns or hides other words."""
    return _GAP.sub("\n\n", _TURNING.sub(_name, _UNSEEN.sub("", text))).strip()


def _line(text: str) -> str:
    return " ".join(_visible(text).split())


def _name(mark: re.Match[str]) -> str:
    return f"[U+{ord(mark[0]):04X}]"


def _part(text: str) -> str:
    if len(text) <= _HEAD + _TAIL:
        return text
    return f"{text[:_HEAD].rstrip()}\n[…]\n{text[-_TAIL:].lstrip()}"


def _shorten(command: str) -> str:
    return command if len(command) <= _LONGEST_COMMAND else f"{command[:_LONGEST_COMMAND].rstrip()} […]"
