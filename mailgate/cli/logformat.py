"""Log formatters: key=value pairs on one line, tracebacks included."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime


class KeyValue(logging.Formatter):
    """`time=… level=info logger=mailgate.daemon action=start …`; an error's traceback is one quoted value."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        words = " ".join(record.getMessage().split())
        pairs = words if "=" in words.partition(" ")[0] else f"message={json.dumps(words, ensure_ascii=False)}"
        line = f"time={moment.replace('+00:00', 'Z')} level={record.levelname.lower()} logger={record.name} {pairs}"
        if record.exc_info:
            line += f" traceback={json.dumps(self.formatException(record.exc_info), ensure_ascii=False)}"
        return line


class OneLine(logging.Formatter):
    """`mailgate: not stored: disk full`, as an MTA copies it into its own log."""

    def format(self, record: logging.LogRecord) -> str:
        words = " ".join(record.getMessage().split())
        error = record.exc_info[1] if record.exc_info else None
        return f"mailgate: {words}: {' '.join(str(error).split())}" if error is not None else f"mailgate: {words}"


def log_to_stderr(formatter: logging.Formatter, level: int = logging.INFO) -> None:
    """Sends every record from `level` on to stderr, in place of earlier handlers."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
