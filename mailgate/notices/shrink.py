"""A composed notice without its files, for a relay that finds it too large (rule 17). Pure."""

from __future__ import annotations

import re

from mailgate.notices.mime import Message

_EDGE = re.compile(rb'boundary="(=_m[0-9a-f]+)"')


def without_files(message: Message, command: str) -> Message:
    """The same notice with a line in place of its files that names the command to get them; same Message-ID."""
    found = _EDGE.search(message.body)
    if found is None or not message.inserts:
        return message
    edge = b"--" + found[1]
    first = message.body.rindex(edge, 0, message.inserts[0].position)
    line = f"The files of this mail are too large to be sent. They are kept: {command}".encode()
    part = edge + b"\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n" + line + b"\r\n" + edge + b"--\r\n"
    body = message.body[:first] + part
    return Message(body, (), len(body))
