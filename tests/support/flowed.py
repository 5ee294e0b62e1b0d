"""The text of a delivered mail as a client shows it that knows format=flowed."""

from __future__ import annotations

from email.message import EmailMessage

from mailgate.parsers.mime.clean_text import undo_flow


def read_text(part: EmailMessage) -> str:
    """The text of a part, its soft breaks joined (RFC 3676)."""
    text = str(part.get_content()).replace("\r\n", "\n")
    if part.get_param("format") != "flowed":
        return text
    return undo_flow(text, delete_space=part.get_param("delsp") == "yes")
