"""Takes the files out of a composed notice, for a relay that finds it too large (rule 17). Pure."""

from __future__ import annotations

import re

from mailgate.core.message_parts import Message
from mailgate.notices.mime.message import PICTURE

_RELATED = re.compile(rb'boundary="(=_r[0-9a-f]+)"')
_EDGE = re.compile(rb'boundary="(=_m[0-9a-f]+)"')


def carries_files(message: Message) -> bool:
    """Tells whether there is anything to leave out; a logo is not: the page shows it."""
    begin, pictures = _begin_of_files(message), _span_of_pictures(message)
    if begin is None:
        return False
    return pictures is not None or any(insert.position > begin for insert in message.inserts)


def without_files(message: Message, command: str) -> Message:
    """Puts a line in place of the files that names the command to get them; the Message-ID stays.

    Pictures between the lines go as well, and only their names stay. The size leaves out a logo that stays.
    """
    edge, begin = _edge_of(message), _begin_of_files(message)
    if edge is None or begin is None or not carries_files(message):
        return message
    start, end = _span_of_pictures(message) or (begin, begin)
    line = f"The files of this mail are too large to be sent. They are kept: {command}".encode()
    part = edge + b"\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n" + line + b"\r\n" + edge + b"--\r\n"
    body = message.body[:start] + message.body[end:begin] + part
    return Message(body, tuple(insert for insert in message.inserts if insert.position < start), len(body))


def _edge_of(message: Message) -> bytes | None:
    """Returns the line between the words and the files; None in a notice that never had any."""
    found = _EDGE.search(message.body)
    return b"--" + found[1] if found is not None else None


def _begin_of_files(message: Message) -> int | None:
    """Returns where the parts below the words begin; None in a notice that never had any.

    The words cannot hold the boundary: an equals sign is encoded there.
    """
    edge = _edge_of(message)
    return None if edge is None else message.body.index(edge, message.body.index(edge) + len(edge))


def _span_of_pictures(message: Message) -> tuple[int, int] | None:
    """Returns where the parts of the pictures stand, which are the last ones beside the page; None for no picture."""
    found = _RELATED.search(message.body)
    if found is None:
        return None
    edge = b"--" + found[1]
    end = message.body.index(edge + b"--\r\n")
    at = message.body.find(edge + b"\r\n")
    while 0 <= at < end:
        if b"Content-ID: <" + PICTURE.encode() in message.body[at : message.body.index(b"\r\n\r\n", at)]:
            return at, end
        at = message.body.find(edge + b"\r\n", at + 1)
    return None
