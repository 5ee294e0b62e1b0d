"""Values that ticket events carry and notices show: files, results of commands, notices sent. Frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mailgate.store.messages import AttachmentRow


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file of a notice. Its bytes stay where they are: bytes `start` to `end` of blob `blob` (None: the whole).

    `encoded` says that these bytes are base64 text already; `verbatim` that they are a mail, 7-bit with lines that a
    mail may have, and stand in the notice as they are: a message/rfc822 may not be encoded (RFC 2046, 5.2.1). `quoted`
    is an image of a quote or a signature.
    """

    filename: str
    mime_type: str
    blob: int
    size: int
    start: int | None = None
    end: int | None = None
    encoded: bool = False
    content_id: str = ""
    verbatim: bool = False
    quoted: bool = False


def as_file(row: AttachmentRow) -> FileRef:
    """A stored file as a notice refers to it."""
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
    """What came of one order of an agent: `event` is what happened, `argument` what he named, `state` the new state.

    `minutes` is the time spent in all, where the notice does not know it, and `due` when the level must be done, where
    the order has changed that.
    """

    order: str
    event: str
    argument: str = ""
    state: str = ""
    minutes: int = 0
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class SentNotice:
    """A mail that an agent's mail brought about: which notice, to whom, and of which ticket where it is another."""

    notice: str
    to: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class CommandMistake:
    """A line of an agent's mail that could not be carried out: `reason` is the value of the reader's enum."""

    line: str
    nearest: str
    reason: str
