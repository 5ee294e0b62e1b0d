"""Reads a forwarded mail: its author, subject, date and text; and separates the forwarder's own words.

Known are the forwards of Outlook (a header block), Gmail, Apple Mail, Thunderbird, mutt and similar clients (a line
that says so, then a header block), in the languages of `languages/quoting.toml`, and a mail that is attached whole
(message/rfc822). Everything found is a claim of the forwarder: it proves nothing. Reads the first LINES_LIMIT lines and
header blocks of up to BLOCK_LIMIT lines; linear, pure, never fails: a mail that is no forward, or names no address, is
None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from mailgate.core.mail import Address, Mail
from mailgate.parsers.commands import Commands, ReadingError, read_commands
from mailgate.parsers.commands.arguments import Reason, read_address
from mailgate.parsers.commands.lines import read_lines, single_spaced
from mailgate.parsers.message import read_mail
from mailgate.parsers.phrases import fold, load_phrases
from mailgate.parsers.quoting.attributions import find_attributions
from mailgate.parsers.quoting.quote_lines import (
    LABEL_LENGTH,
    forward_at,
    header_block_at,
    is_forward_subject,
    is_quoted,
    is_reply_subject,
    is_rule,
)
from mailgate.parsers.quoting.signatures import names_of
from mailgate.parsers.vocabulary import vocabulary

LINES_LIMIT = 20_000  # lines from the top in which a forward begins
BLOCK_LIMIT = 40  # lines of a header block: a list of recipients may be long
GAP = 4  # lines between the words "forwarded message" and the header block
VALUE_LIMIT = 1_000  # letters of a header's value that are looked at
ATTACHED = "message/rfc822"

_PHRASES = load_phrases("quoting")
_KINDS = {
    label: kind
    for kind, labels in (
        ("other", (*_PHRASES["to"], *_PHRASES["labels"])),
        ("subject", _PHRASES["subject"]),
        ("sent", _PHRASES["sent"]),
        ("from", _PHRASES["from"]),
    )
    for label in labels
}
_FORWARDED = _PHRASES["forwarded"]
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"'“”«»]{1,64}@[^\s<>()\[\],;:\"'“”«»]{1,255}")
_AROUND = " \t\xa0*_\"'“”«»„\u200b\u200e\u200f\u202a\u202c"
_LONGEST_NAME = 100
_COLON = re.compile("[:：]")
_HEADER = re.compile(r"[A-Za-z]{1,20}(?:-[A-Za-z]{1,20}){1,5}:\s")


@dataclass(frozen=True, slots=True)
class Forward:
    """The forwarded mail as the forward shows it; `date` is in the words of the client.

    `above` is the text of the forwarder above it: only there the forwarder speaks.
    """

    sender: Address
    subject: str
    date: str
    text: str
    above: str


def read_forward(mail: Mail) -> Forward | None:
    """Reads the mail that a mail forwards, the outermost if it was forwarded several times."""
    return _read_text(mail.text, mail.subject) or _read_attached(mail)


def part_forward(text: str, subject: str) -> tuple[str, str]:
    """Splits a mail into its author's own text and the forwarded text below, "" for none.

    It does not matter whether the forwarded mail names its author: nothing in it is a command.
    """
    lines = text.split("\n")
    found = next(_find_beginnings(lines, subject), None)
    if found is None:
        return text, ""
    return _trim_above(lines[: found[0]]), "\n".join(lines[found[0] :])


def part_commands(mail: Mail) -> tuple[Commands, str]:
    """Splits off the commands of an agent's own words; the forwarded text below is "" for none.

    If the subject says that the mail is a forward, but no mark in the text shows where it begins, only commands at the
    very top are certainly the agent's: any other one stops the mail.
    """
    own, passed_on = part_forward(mail.new_text, mail.subject)
    read = read_commands(own, names=names_of(mail.header("From"), mail.header("Sender")))
    unmarked = not passed_on and is_forward_subject(mail.subject) and not is_reply_subject(mail.subject)
    stray = read.commands[_count_at_top(own) :] if unmarked and read.commands else ()
    if not stray:
        return read, passed_on
    errors = (ReadingError(str(one), one.name, Reason.PASSED_ON) for one in stray)
    return Commands((), "", tuple(errors)), passed_on


def _count_at_top(text: str) -> int:
    """Counts the commands above everything else: below another line, or a blank one, a forward may begin."""
    lines = read_lines(single_spaced(text.replace("\r\n", "\n").strip("\n")), vocabulary(None))
    top = takewhile(lambda line: (line.name and not line.code) or line.owner >= 0, lines)
    return sum(1 for line in top if line.name)


def read_own_commands(mail: Mail) -> Commands:
    """Reads the commands of an agent's own words; the forwarded text counts as public text."""
    read, passed_on = part_commands(mail)
    if is_reply_subject(mail.subject):
        passed_on = _without_answered(passed_on)
    if not passed_on.strip() or read.errors or read.internal:
        return read
    return replace(read, public_text="\n\n".join(part for part in (read.public_text, passed_on.strip()) if part))


def _without_answered(text: str) -> str:
    """The forwarded text of a reply, without the answered mail below it, which is the desk's."""
    lines = text.split("\n")
    if len(lines) > LINES_LIMIT:
        return text
    end = len(lines)
    while end and (not lines[end - 1].strip() or is_quoted(lines[end - 1])):
        end -= 1
    found = find_attributions(lines, [is_quoted(line) for line in lines])
    cut = next((at for at, one in found.items() if at and one.above_quote and one.end >= end), None)
    return text if cut is None else "\n".join(lines[:cut])


def find_writers(text: str) -> Iterator[Address]:
    """Finds the people whom From lines of header blocks name, in any language of the clients."""
    for line in text.split("\n")[:LINES_LIMIT]:
        kind, value = _kind(_bare(line))
        person = _read_person(value) if kind == "from" else None
        if person is not None:
            yield person


def _read_text(text: str, subject: str) -> Forward | None:
    lines = text.split("\n")
    for at, start in _find_beginnings(lines, subject):
        found = _read_block(lines, at, start)
        if found is not None or start == at:
            return found
    return None


def _find_beginnings(lines: Sequence[str], subject: str) -> Iterator[tuple[int, int]]:
    """The lines where a forward may begin, each with the line of its header block; none bare in a reply."""
    bare = not is_reply_subject(subject)
    for at, line in enumerate(lines[:LINES_LIMIT]):
        words = _bare(line)
        if not words:
            continue
        if forward_at(words):
            yield at, _next_block(lines, at + 1)
        elif bare and _COLON.search(words, 0, LABEL_LENGTH + 10) and header_block_at(lines, at):
            yield at, at


def _bare(line: str) -> str:
    """A line without quote marks: Apple Mail sends the forwarded mail as a quote."""
    return line.strip().lstrip(">").strip() if is_quoted(line) else line.strip()


def _next_block(lines: Sequence[str], start: int) -> int:
    """The first line with words below the line that announces a forward."""
    for at in range(start, min(len(lines), start + GAP)):
        if _kind(_bare(lines[at]))[0]:
            return at
    return start


def _kind(line: str) -> tuple[str, str]:
    """Determines which header a line of a block is, "" for none, and its value."""
    colon = _COLON.search(line, 0, LABEL_LENGTH + 10)
    if colon is None:
        return "", ""
    label = fold(line[: colon.start()].strip("* >\t\u200e\u200f\u202a\u202b"))
    return _KINDS.get(label, ""), line[colon.end() :].strip(" \t\xa0*|")[:VALUE_LIMIT]


def _read_block(lines: Sequence[str], at: int, start: int) -> Forward | None:
    """Reads the header block at a line, and the text below it."""
    values: dict[str, str] = {}
    last, end = "", start
    while end < min(len(lines), start + BLOCK_LIMIT):
        line = _bare(lines[end])
        if not line:
            after = next((_kind(_bare(one))[0] for one in lines[end + 1 : end + 3] if _bare(one)), "")
            if "from" in values and (not after or after in values):
                break
            if not after:
                break
            end += 1
            continue
        kind, value = _kind(line)
        if kind:
            if kind != "other" and kind in values:
                break
            values.setdefault(kind, value)
            last = kind
        elif last and _HEADER.match(line):
            last = "other"  # a header of the mail that no client translates
        elif last and len(values.get(last, "")) < VALUE_LIMIT:
            values[last] = f"{values[last]} {line}".strip()[:VALUE_LIMIT]  # broken over lines by the client
        else:
            break
        end += 1
    sender = _read_person(values.get("from", ""))
    if sender is None:
        return None
    return Forward(
        sender,
        " ".join(values.get("subject", "").split()),
        " ".join(values.get("sent", "").split()),
        _read_words(lines[end:], quoted=is_quoted(lines[start])),
        _trim_above(lines[:at]),
    )


def _read_person(value: str) -> Address | None:
    """Reads the person of a client's From line; None for a name without an address."""
    found = _ADDRESS.search(value)
    address = read_address(found[0].strip(".*")) if found is not None else None
    if found is None or address is None:
        return None
    before = value[: found.start()].replace("mailto:", "")
    name = before.rstrip(" \t\xa0<[(").strip(_AROUND) or _name_behind(value[found.end() :])
    return Address("" if "@" in name else " ".join(name.split())[:_LONGEST_NAME], address)


def _name_behind(rest: str) -> str:
    """The name of `anna@example.org (Anna Martin)`."""
    inner = re.match(r"\s{0,3}\(([^()]{1,100})\)", rest)
    return inner[1].strip(_AROUND) if inner else ""


def _read_words(lines: Sequence[str], *, quoted: bool) -> str:
    """The forwarded text, without the mark that its client set around it."""
    words = [_unquote(line) for line in lines] if quoted else list(lines)
    end = next((at for at in range(len(words) - 1, -1, -1) if words[at].strip()), -1)
    if end >= 0 and _ends_forward(words[end].strip()):
        del words[end:]
    return "\n".join(words).strip("\n \t")


def _unquote(line: str) -> str:
    line = line.lstrip(" ")
    return line[2:] if line.startswith("> ") else line[1:] if line.startswith(">") else line


def _ends_forward(line: str) -> bool:
    """Tells whether a line is mutt's `----- End forwarded message -----`."""
    return line.startswith("---") and line.endswith("---") and any(words in fold(line) for words in _FORWARDED)


def _trim_above(lines: Sequence[str]) -> str:
    end = len(lines)
    while end and (not lines[end - 1].strip("> \t\xa0") or is_rule(lines[end - 1])):
        end -= 1
    return "\n".join(lines[:end]).strip("\n")


def _read_attached(mail: Mail) -> Forward | None:
    """Reads the first mail that is attached whole; attachments of a reply are no forwards."""
    if is_reply_subject(mail.subject):
        return None
    file = next((one for one in mail.attachments if one.mime_type == ATTACHED and one.content), None)
    inner = read_mail(file.content) if file is not None else None
    if inner is None or inner.sender is None or not inner.sender.address:
        return None
    return Forward(inner.sender, inner.subject, inner.header("Date"), inner.text.strip("\n \t"), mail.new_text)
