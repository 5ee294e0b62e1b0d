"""Values that ticket events carry and notices show: files, results of commands, notices that were sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mailgate.store.messages import AttachmentRow

NO_FURTHER = " no further"
"""Ending of the name of an escalation that found no further level, in a `CommandResult`."""


@dataclass(frozen=True, slots=True)
class FileRef:
    """File of a notice. Its bytes stay where they are, in a blob."""

    filename: str
    mime_type: str
    blob: int
    size: int
    start: int | None = None  # first byte in the blob; None for the whole blob
    end: int | None = None
    encoded: bool = False  # these bytes are base64 text already
    content_id: str = ""
    verbatim: bool = False  # a 7-bit mail that stands in the notice as it is: RFC 2046, 5.2.1 forbids encoding it
    quoted: bool = False  # an image of a quotation or a signature


@dataclass(frozen=True, slots=True)
class LeftOutFile:
    """File that had no room in a notice; its size is in bytes."""

    filename: str
    size: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Notice that went without its largest files (docs/rules.md#17).

    `most` is how many bytes a mail may have, 0 where nobody has said so. `outside`: it is not for staff.
    """

    notice: str
    recipient: str
    files: tuple[LeftOutFile, ...]
    most: int
    outside: bool


def as_file(row: AttachmentRow) -> FileRef:
    """Returns a stored file as a notice refers to it."""
    return FileRef(
        filename=row.filename,
        mime_type=row.mime_type,
        blob=row.blob_id,
        size=row.size,
        start=row.span_start,
        end=row.span_end,
        encoded=row.span_start is not None,
        content_id=row.content_id if row.inline else "",
    )


@dataclass(frozen=True, slots=True)
class CommandResult:
    """Result of a command: `event` is what happened, `argument` what the command named, `state` the new state.

    `minutes` is the time spent in all, where the notice does not know it, and `due` the deadline of the level, where
    the command has changed it. `quotes` says that the request went to a third party as well, `files` which files did,
    None where none were ordered. `until` is the time that the command named, and `paused` says that the clock stands.
    `unsent` says that nothing went to the requester, since the desk sends nothing to their address. `has_more` says
    that the text of the mail went to an approver, beside the question.
    """

    command: str
    event: str
    argument: str = ""
    state: str = ""
    minutes: int = 0
    due: datetime | None = None
    quotes: bool = False
    files: tuple[str, ...] | None = None
    until: datetime | None = None
    paused: bool = False
    unsent: bool = False
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class SentNotice:
    """Notice that an agent's mail caused: its kind, its recipient, and its ticket where that is another."""

    notice: str
    to: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class CommandMistake:
    """Line of an agent's mail that could not be read; `reason` is the value of the parser's `Reason`."""

    line: str
    nearest: str
    reason: str
