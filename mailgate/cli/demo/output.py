"""Prints mails as their recipients see them, and between them the decisions of the transition table.

Writes to one stream, from any thread. Colours only on a terminal, and never where NO_COLOR is set
(https://no-color.org). A character that the stream cannot encode becomes a question mark.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Iterable
from email.message import EmailMessage
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from wcwidth import ljust, width, wrap

from mailgate.core.workflow.transitions import ROWS
from mailgate.store.events import EventRow

WIDTH = 80
_MARGIN = "  │ "
_STEPS = {row.name: row.step for row in ROWS}
_BOLD, _DIM, _CYAN, _GREEN, _YELLOW = "1", "2", "36", "32", "33"


class DemoOutput:
    """The output of the demo on one stream."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._colour = stream.isatty() and not os.environ.get("NO_COLOR")
        self._lock = threading.RLock()

    # -- words -----------------------------------------------------------------------------------------------------

    def title(self, words: str) -> None:
        self.line(self._paint(words, _BOLD))
        self.line("═" * min(width(words), WIDTH))

    def scene(self, number: int, words: str) -> None:
        heading = f"── {number}. {words} "
        self.line()
        self.line(self._paint(ljust(heading, WIDTH, "─"), _BOLD))

    def short_scene(self, words: str, state: str) -> None:
        """Prints the title of a scene of the summary, and the state of the ticket at its end."""
        self.line(
            f"{self._paint(ljust(f'{words} ', WIDTH - width(state) - 1, '─'), _BOLD)} {self._paint(state, _YELLOW)}"
        )

    def letters(self, mails: Iterable[tuple[str, str, str]]) -> None:
        """Prints a line for each mail: who wrote to whom, and what."""
        for author, reader, says in mails:
            arrow = ljust(f"{author} → {reader}", 17)
            self.lines(
                f"  {self._paint(arrow, _CYAN) if at == 0 else ' ' * 17} {piece}"
                for at, piece in enumerate(wrap(says, WIDTH - 20))
            )

    def say(self, words: str) -> None:
        """Prints a paragraph of explanation."""
        self.line()
        self.lines(wrap(words, WIDTH))

    def line(self, words: str = "") -> None:
        encoding = self._stream.encoding or "utf-8"
        with self._lock:
            self._stream.write(words.encode(encoding, "replace").decode(encoding) + "\n")
            self._stream.flush()

    def lines(self, all_words: Iterable[str]) -> None:
        with self._lock:
            for words in all_words:
                self.line(words)

    # -- mails -----------------------------------------------------------------------------------------------------

    def mail(self, heading: str, mail: EmailMessage, text: str, zone: ZoneInfo, reply_to: str = "") -> None:
        """Prints a mail as a mail client shows it, with `reply_to` if given."""
        date = mail["Date"].datetime.astimezone(zone)
        head = [("From", mail["From"]), ("To", mail["To"]), ("Subject", mail["Subject"])]
        head += [("Date", f"{date:%a %d %b %Y %H:%M}"), *(("File", name) for name in _files(mail))]
        if reply_to:
            head.append(("Reply-To", reply_to))
        with self._lock:
            self.line()
            self.line(self._paint(f"  ┌─ {heading}", _CYAN))
            for name, value in head:
                label = self._paint(f"{name + ':':<10}", _BOLD)
                self.line(f"{self._margin()}{label}{value}")
            self.line(self._margin().rstrip())
            self.lines(f"{self._margin()}{one}".rstrip() for one in fold(text, WIDTH - len(_MARGIN)))
            self.line(self._paint("  └─", _CYAN))

    def aside(self, words: str) -> None:
        """Prints a remark under a mail."""
        self.lines(self._paint(f"     {one}", _DIM) for one in wrap(words, WIDTH - 5))

    # -- decisions -------------------------------------------------------------------------------------------------

    def decision(self, event: EventRow, reference: str = "") -> None:
        """Prints the decision that an event of the ticket's history records."""
        step, of = _STEPS.get(event.row, ""), f" {reference}" if reference else ""
        by_timer = event.by.startswith("timer ")
        because = f"the {event.by} was {event.reason}" if by_timer else f"{event.by}: {event.reason}"
        words = f"→ table{of}: {event.row} → {event.to_state}, because {because}" + (f" ({step})" if step else "")
        wrapped = wrap(" ".join(words.split()), WIDTH - 2, subsequent_indent="  ")
        self.lines(self._paint(f"  {one}", _YELLOW) for one in wrapped)

    def success(self, words: str) -> None:
        self.line(self._paint(words, _GREEN))

    def _margin(self) -> str:
        return self._paint(_MARGIN, _CYAN)

    def _paint(self, words: str, colour: str) -> str:
        return f"\x1b[{colour}m{words}\x1b[0m" if self._colour else words


def fold(text: str, columns: int) -> list[str]:
    """Folds text to lines within so many columns of a terminal.

    The parts of a long line keep its quote marks or its indentation.
    """
    folded: list[str] = []
    for line in text.strip("\n").expandtabs(4).splitlines():
        body = line.lstrip("> ")
        mark = line[: len(line) - len(body)]
        hang = mark + ("  " if body.startswith("- ") else "")
        pieces = wrap(
            body, columns, initial_indent=mark, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False
        )
        folded += pieces or [line.rstrip()]
    return folded


def name_command() -> str:
    """Returns what to type for mailgate here: the name alone if the shell finds this one by it, else its path."""
    called = Path(sys.argv[0])
    if called.name != "mailgate":  # python -m mailgate, or a test
        called = Path(sys.executable).with_name("mailgate")
    found = shutil.which("mailgate")
    if not called.exists() or (found is not None and called.samefile(found)):
        return "mailgate"
    here = Path.cwd()
    path = called.absolute()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def size_text(size: int) -> str:
    """Formats a size as mail clients show it."""
    return f"{size} bytes" if size < 1000 else f"{size / 1000:.1f} kB"


def _files(mail: EmailMessage) -> list[str]:
    parts = [(part.get_filename() or "(unnamed)", part.get_payload(decode=True)) for part in mail.iter_attachments()]
    return [f"{name} ({size_text(len(content))})" for name, content in parts if isinstance(content, bytes)]
