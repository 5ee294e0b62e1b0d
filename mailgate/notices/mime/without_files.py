"""Takes the files out of a composed notice, for a relay that finds it too large (rule 17). Pure."""

from __future__ import annotations

import re

from mailgate.core.message_parts import Message

_EDGE = re.compile(rb'boundary="(=_m[0-9a-f]+)"')


def carries_files(message: Message) -> bool:
    """Tells whether there is anything to leave out; a logo is not: the page shows it."""
    begin = _begin_of_files(message)
    return begin is not None and any(insert.position > begin for insert in message.inserts)


def without_files(message: Message, command: str) -> Message:
    """Puts a line in place of the files that names the command to get them; the Message-ID stays.

    The size leaves out a logo that stays.
    """
    begin = _begin_of_files(message)
    if begin is None or not carries_files(message):
        return message
    edge = message.body[begin : message.body.index(b"\r\n", begin)]
    line = f"The files of this mail are too large to be sent. They are kept: {command}".encode()
    part = edge + b"\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n" + line + b"\r\n" + edge + b"--\r\n"
    body = message.body[:begin] + part
    return Message(body, tuple(insert for insert in message.inserts if insert.position < begin), len(body))


def _begin_of_files(message: Message) -> int | None:
    """Returns where the parts below the words begin; None in a notice that never had any.

    The words cannot hold the boundary: an equals sign is encoded there.
    """
    found = _EDGE.search(message.body)
    if found is None:
        return None
    edge = b"--" + found[1]
    return message.body.index(edge, message.body.index(edge) + len(edge))
