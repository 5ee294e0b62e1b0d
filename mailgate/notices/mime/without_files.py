"""Takes the largest files out of a composed notice, for a relay that finds it too large (rule 17). Pure."""

from __future__ import annotations

import re
from binascii import a2b_base64, a2b_qp
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from email.parser import BytesHeaderParser
from email.policy import default
from functools import partial
from html import escape

from mailgate.core.message_parts import Insert, Message
from mailgate.notices.mime.message import PICTURE, encoded_size, text_part
from mailgate.parsers.mime.clean_text import undo_flow
from mailgate.tickets.values import LeftOutFile

_RELATED = re.compile(rb'boundary="(=_r[0-9a-f]+)"')
_EDGE = re.compile(rb'boundary="(=_m[0-9a-f]+)"')
_LANGUAGE = re.compile(rb"^Content-Language: ([A-Za-z0-9-]+)\r$", re.MULTILINE)
_TEXT = re.compile(
    rb"Content-Type: text/(plain|html); charset=utf-8(?:; format=flowed; delsp=(yes|no))?\r\n"
    rb"Content-Transfer-Encoding: (quoted-printable|base64)\r\n\r\n"
)
_ROOM = 1024  # bytes for the words that stand in place of the files
_HEADERS = BytesHeaderParser(policy=default)


@dataclass(frozen=True, slots=True)
class FilePart:
    """Part of a composed notice with a file: its place in the body, and the file; `sent` is its encoded size."""

    begin: int
    insert: Insert
    file: LeftOutFile
    sent: int


@dataclass(frozen=True, slots=True)
class SmallerMessage:
    """Notice without its largest files, and which these are."""

    message: Message
    files: tuple[LeftOutFile, ...]

    def say(self, words: str) -> Message:
        """Returns the notice with these words as a part below all others."""
        body, edge = self.message.body, _edge_of(self.message)
        if edge is None:
            return self.message
        part = edge + b"\r\n" + text_part("plain", words)
        end = body.rindex(edge + b"--")
        return replace(self.message, body=body[:end] + part + body[end:], size=self.message.size + len(part))

    def correct_lists(self, mark: str) -> SmallerMessage:
        """Puts `mark` in place of the name of each file in the lists of the notice's words, text and HTML.

        Only for a notice to staff: there every line that begins with a name is the desk's own, and people are quoted.
        """
        message = self.message
        marks = [
            (name, mark.format(name=name), count) for name, count in Counter(one.filename for one in self.files).items()
        ]
        below = _begin_of_files(message)
        for found in reversed(list(_TEXT.finditer(message.body, 0, below))):
            end = message.body.index(b"\r\n--=_", found.end() - 2) + 2
            encoded = message.body[found.end() : end]
            data = a2b_qp(encoded) if found[3] == b"quoted-printable" else a2b_base64(encoded)
            words = data.decode("utf-8").replace("\r\n", "\n")
            if found[2]:
                words = undo_flow(words, delete_space=found[2] == b"yes")
            for name, said, count in marks:  # several files may have one name, and only some of them stay behind
                words = re.sub(rf"(?<=\n)(- ){re.escape(name)}(?=\n)", partial(_item, said), words, count=count)
                item = rf"(<li[^>]*>){re.escape(escape(name))}(?=</li>)"
                words = re.sub(item, partial(_item, escape(said)), words, count=count)
            part = text_part(found[1].decode("ascii"), words)
            shift = len(part) - (end - found.start())
            inserts = tuple(
                replace(one, position=one.position + shift) if one.position >= end else one for one in message.inserts
            )
            message = Message(message.body[: found.start()] + part + message.body[end:], inserts, message.size + shift)
        return replace(self, message=message)


def _item(words: str, found: re.Match[str]) -> str:
    return f"{found[1]}{words}"


def carries_files(message: Message) -> bool:
    """Tells whether there is anything to leave out; a logo is not: the page shows it."""
    return any(True for _ in _list_parts(message))


def without_largest_files(message: Message, most: int, measure: Callable[[Insert], int]) -> SmallerMessage:
    """Leaves out the largest file, and further ones until the notice has at most `most` bytes; the Message-ID stays.

    `most` is 0 where the relay does not say. `measure` returns the bytes of an insert's range of its blob. A picture
    between the lines counts as a file; only its name stays.
    """
    parts = sorted((_read_part(message, *at, measure) for at in _list_parts(message)), key=lambda part: -part.sent)
    size, dropped = message.size + _ROOM, 0
    while dropped < len(parts) and (not dropped or 0 < most < size):
        size -= parts[dropped].sent
        dropped += 1
    gone = sorted(parts[:dropped], key=lambda part: part.begin)
    body, inserts = _cut(message, gone)
    size = message.size - sum(part.sent for part in gone) - (len(message.body) - len(body))
    return SmallerMessage(Message(body, inserts, size), tuple(part.file for part in gone))


def language_of(message: Message) -> str:
    """Returns the language that the headers of a notice name; "" for none."""
    found = _LANGUAGE.search(message.body, 0, message.body.index(b"\r\n\r\n"))
    return found[1].decode("ascii") if found is not None else ""


def _cut(message: Message, gone: Sequence[FilePart]) -> tuple[bytes, tuple[Insert, ...]]:
    """Returns the body without these parts, which are in order, and the other inserts at their new places."""
    kept, done = [], 0
    for part in gone:
        kept.append(message.body[done : part.begin])
        done = part.insert.position
    inserts = []
    lost = {part.insert.position for part in gone}
    for insert in message.inserts:
        if insert.position not in lost:
            before = sum(part.insert.position - part.begin for part in gone if part.begin < insert.position)
            inserts.append(replace(insert, position=insert.position - before))
    return b"".join(kept) + message.body[done:], tuple(inserts)


def _list_parts(message: Message) -> Iterator[tuple[int, Insert]]:
    """Yields where the part of each file begins, with its insert; a logo is no file.

    The words cannot hold a boundary: an equals sign is encoded there.
    """
    edge, related, first = _edge_of(message), _RELATED.search(message.body), _begin_of_files(message)
    if edge is None:
        return
    for insert in message.inserts:
        if insert.position > first:
            yield message.body.rindex(edge, 0, insert.position), insert
        elif related is not None:
            begin = message.body.rindex(b"--" + related[1], 0, insert.position)
            if b"Content-ID: <" + PICTURE.encode() in message.body[begin : insert.position]:
                yield begin, insert


def _read_part(message: Message, begin: int, insert: Insert, measure: Callable[[Insert], int]) -> FilePart:
    headers = message.body[message.body.index(b"\r\n", begin) + 2 : insert.position]
    name = _HEADERS.parsebytes(headers).get_filename() or "?"
    length = measure(insert)
    size = length * 57 // 78 if insert.encoded else length  # a line of base64 text, and what it holds
    as_it_is = insert.encoded or insert.verbatim
    return FilePart(begin, insert, LeftOutFile(str(name), size), length + 2 if as_it_is else encoded_size(length))


def _begin_of_files(message: Message) -> int:
    """Returns where the parts below the words begin; 0 in a notice that never had any."""
    edge = _edge_of(message)
    return 0 if edge is None else message.body.index(edge, message.body.index(edge) + len(edge))


def _edge_of(message: Message) -> bytes | None:
    """Returns the line between the words and the files; None in a notice that never had any."""
    found = _EDGE.search(message.body)
    return b"--" + found[1] if found is not None else None
