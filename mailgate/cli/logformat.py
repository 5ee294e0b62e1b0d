"""Log formatters: lines of key=value pairs or of JSON, tracebacks included, with priorities for journald."""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import UTC, datetime
from typing import TextIO

from mailgate.core.log_fields import Fields
from mailgate.core.tokens import mask_tokens

# syslog(3) priorities by the lowest level of a record that has them.
_PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
_DEBUG = 7


class KeyValue(logging.Formatter):
    """`time=… level=info logger=mailgate.daemon action=start …`; an error's traceback is one quoted value."""

    def format(self, record: logging.LogRecord) -> str:
        pairs = str(record.msg) if isinstance(record.msg, Fields) else _pairs_of(record.getMessage())
        line = f"time={_time_of(record)} level={record.levelname.lower()} logger={record.name} {pairs}"
        if record.exc_info:
            line += f" traceback={json.dumps(self.formatException(record.exc_info))}"
        return mask_tokens(line)


class JsonLines(logging.Formatter):
    """One JSON object: time, level, logger, and the fields; a record without fields has `message`."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, object] = {"time": _time_of(record), "level": record.levelname.lower(), "logger": record.name}
        said |= record.msg.values if isinstance(record.msg, Fields) else {"message": _one_line(record.getMessage())}
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        return mask_tokens(json.dumps(said, default=str))  # ASCII: no character of a mail can end the line


class OneLine(logging.Formatter):
    """`mailgate: not stored: disk full`, as an MTA copies it into its own log."""

    def format(self, record: logging.LogRecord) -> str:
        words = _one_line(record.getMessage())
        error = record.exc_info[1] if record.exc_info else None
        return f"mailgate: {words}: {_one_line(str(error))}" if error is not None else f"mailgate: {words}"


class Prioritized(logging.Formatter):
    """`<6>` and the line of another formatter: journald takes the priority of a line from there (sd-daemon(3))."""

    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__()
        self._formatter = formatter

    def format(self, record: logging.LogRecord) -> str:
        priority = next((number for level, number in _PRIORITIES if record.levelno >= level), _DEBUG)
        return f"<{priority}>{self._formatter.format(record)}"


def log_to_stderr(formatter: logging.Formatter, level: int = logging.INFO) -> None:
    """Sends every record from `level` on to stderr, in place of earlier handlers."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Prioritized(formatter) if is_journal(sys.stderr) else formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)


def is_journal(stream: TextIO | None) -> bool:
    """Tells whether a stream goes to journald, which names it in JOURNAL_STREAM (systemd.exec(5))."""
    try:
        found = os.fstat(stream.fileno()) if stream is not None else None
    except (OSError, ValueError):  # a stream that is no file
        return False
    return found is not None and os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


def error_mark() -> str:
    """Returns what stands before an error of a command: its priority where stderr goes to journald, else ""."""
    return "<3>" if is_journal(sys.stderr) else ""


def _time_of(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    return moment.replace("+00:00", "Z")


def _pairs_of(message: str) -> str:
    words = _one_line(message)
    return words if "=" in words.partition(" ")[0] else f"message={json.dumps(words, ensure_ascii=False)}"


def _one_line(words: str) -> str:
    """Returns words, which may be those of a mail, on one line: nothing in them moves a cursor or shows a token."""
    line = "".join(letter if letter.isprintable() else "?" for letter in " ".join(words.split()))
    return mask_tokens(line)
