"""Detects a notice of the desk in what an agent writes: an internal mail forwarded, or quoted without marks.

Such a mail holds notes, reasons and addresses that are internal. So where one stands in what would go outside, in its
text or among its files and the mails in them, the mail is stopped (`stop_leak`) and returned with what to do. A notice
is recognised by its author, by a token, by words that stand in every mail to a level, or by the header that only the
desk's mails have. When in doubt it is one. Pure, linear, never fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from mailgate.core.mail import Attachment, Mail
from mailgate.notices.mime.forwarded import (
    begins_like_mail,
    decode_texts,
    is_mail,
    may_hold_token,
    shows_token,
)
from mailgate.parsers.commands import Commands, ReadingError
from mailgate.parsers.commands.arguments import Reason
from mailgate.parsers.forwards import find_writers
from mailgate.parsers.message import read_mail
from mailgate.parsers.translations import languages_of_ours, translate

IsDesk = Callable[[str], bool]
"""Tells whether an address is one of the desk's."""

LARGEST = 2**20  # bytes of an attached mail that is opened; a larger one is known by its bytes alone
_MESSAGES = (  # of `_answering.txt` and `_story.txt`, each with its context: every mail to a level has one of the two
    ("Reply to this email: your text goes to the requester.", ""),
    ("History (times in %(zone)s)", "heading"),
)
_LONGEST_WORDS = 40  # letters of their first line: fewer than clients put on one
_SHORTEST_WORDS = 15
# These send a mail's text and files outside, though it has no other words.
_SPEAKING = frozenset({"resolve", "waiting", "ask", "approve-by", "close", "kb", "to"})
_MISPLACED = (Reason.OUT_OF_PLACE, Reason.INTERNAL_TEXT_OUT_OF_PLACE)
_SPACES = re.compile(r"[\s>|*_]+")
_ENTRY = re.compile(  # of a timeline, in any language
    r"^[>|*\s]{0,20}\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\.?\s\d{1,2}(?:[:.]|\sh\s)\d\d(?:\s[AP]M)?\s· ", re.MULTILINE
)
_HEADER = re.compile(rb"^x-mailgate:", re.IGNORECASE | re.MULTILINE)
_MAILS = (".msg", ".emlx", ".mbox")  # besides those that are read as one mail
_SHOWN = 80


def stop_leak(read: Commands, mail: Mail, is_desk: IsDesk) -> Commands:
    """Returns a mail's commands; only the mistake where an internal mail of the desk would go outside with it.

    The lines of such a mail that explain commands are no mistakes of the agent: they are not named.
    """
    is_misplaced = bool(read.errors) and all(error.reason in _MISPLACED for error in read.errors)
    leaves = bool(read.public_text) or any(command.name in _SPEAKING for command in read.commands) or is_misplaced
    if (read.errors and not is_misplaced) or read.internal or not leaves:
        return read
    found = find_quoted_notice(mail.new_text if is_misplaced else read.public_text, is_desk)
    if not found and not is_misplaced:
        found = next((file.filename for file in mail.attachments if _is_notice(file, is_desk)), "")
    if not found:
        return read
    return Commands((), "", (ReadingError(found[:_SHOWN], "", Reason.OWN_MAIL),))


def find_quoted_notice(text: str, is_desk: IsDesk) -> str:
    """Returns what shows that a text holds a notice of the desk, "" where nothing does."""
    for writer in find_writers(text):
        if is_desk(writer.address):
            return writer.name or writer.address.partition("+")[0]
    if entry := _ENTRY.search(text):
        return text[entry.start() : entry.end() + _SHOWN].strip().partition("\n")[0]
    folded = _fold(text)
    if words := next((one for one in _fixed_words() if one in folded), ""):
        return f"{words}…"
    return _first_line(text) if shows_token(text.encode("utf-8", "replace")) else ""


def _first_line(text: str) -> str:
    """The first line of a text."""
    return text.strip().partition("\n")[0]


def _is_notice(file: Attachment, is_desk: IsDesk) -> bool:
    """Tells whether a file is a notice of the desk, or holds one."""
    content, name = file.content, file.filename.lower()
    if not may_hold_token(name, file.mime_type, content):
        return False
    as_mail = is_mail(name, file.mime_type)
    holds_mail = as_mail or name.endswith(_MAILS) or begins_like_mail(content)
    if not content:
        return holds_mail and file.size > 0  # large, and not read: nobody can tell
    for text in decode_texts(content, as_mail=as_mail):
        if holds_mail and _HEADER.search(text):
            return True
        if shows_token(text) if len(text) > LARGEST else find_quoted_notice(text.decode("utf-8", "replace"), is_desk):
            return True
    if not as_mail or len(content) > LARGEST:
        return False
    inner = read_mail(content)
    is_ours = inner.sender is not None and is_desk(inner.sender.address)
    return is_ours or bool(find_quoted_notice(inner.text, is_desk))


@cache
def _fixed_words() -> tuple[str, ...]:
    """Returns the beginnings of those parts of a mail to a level that no mail to a requester has, in each language."""
    words = []
    for language in sorted(languages_of_ours()):
        found_there = (translate(language).find(*message) for message in _MESSAGES)
        words += [_fold(one.partition("%")[0])[:_LONGEST_WORDS].strip() for one in found_there]
    return tuple(dict.fromkeys(one for one in words if len(one) >= _SHORTEST_WORDS))


def _fold(text: str) -> str:
    return _SPACES.sub(" ", text.replace("’", "'").casefold()).strip()
