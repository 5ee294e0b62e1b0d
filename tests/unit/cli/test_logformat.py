"""Lines of the log: key=value and JSON from the same fields, one line each, with priorities for journald."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from mailgate.cli.logformat import JsonLines, KeyValue, OneLine, error_mark, log_to_stderr
from mailgate.core.log_fields import Fields
from mailgate.core.tokens import sign, tag
from mailgate.store.database import Database

log = logging.getLogger("mailgate.test_logformat")


@contextmanager
def _stderr(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_journal: bool = False) -> Iterator[list[str]]:
    """Standard error as a file, which JOURNAL_STREAM names or not; at the end the list has its lines."""
    path, lines = tmp_path / "stderr", list[str]()
    with path.open("w", encoding="utf-8") as file, monkeypatch.context() as patch:
        found = os.fstat(file.fileno())
        patch.setattr(sys, "stderr", file)
        patch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{found.st_ino if is_journal else found.st_ino + 1}")
        yield lines
    lines += path.read_text(encoding="utf-8").splitlines()


def _fail() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        log.exception(Fields(action="run", result="failed"))


def test_each_line_has_the_priority_of_its_level_for_journald(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with _stderr(tmp_path, monkeypatch, is_journal=True) as lines:
        log_to_stderr(KeyValue(), logging.DEBUG)
        log.debug("looked")
        log.info(Fields(action="store", result="ok", journal=47))
        log.warning("an old library speaks")
        _fail()
        log.critical("the end")
        assert error_mark() == "<3>"
    assert [line[:8] for line in lines] == ["<7>time=", "<6>time=", "<4>time=", "<3>time=", "<2>time="]
    assert lines[1].endswith(" level=info logger=mailgate.test_logformat action=store result=ok journal=47")
    assert lines[3].partition(" action=")[2].startswith('run result=failed traceback="Traceback')


def test_elsewhere_lines_have_no_priority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with _stderr(tmp_path, monkeypatch) as lines:
        log_to_stderr(KeyValue())
        log.info(Fields(action="start"))
        assert error_mark() == ""
    assert lines[0].startswith("time=")


def test_json_has_the_same_fields_as_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with _stderr(tmp_path, monkeypatch) as lines:
        log_to_stderr(JsonLines())
        log.info(Fields(action="store", journal=47, from_="jo@example.org", file=Path("/x"), reason="a 'b'\nc", to=""))
        log.warning("a library\nspeaks")
        _fail()
    stored, spoken, failed = map(json.loads, lines)
    assert stored.pop("time").endswith("Z")
    assert stored == {
        "level": "info", "logger": "mailgate.test_logformat", "action": "store", "journal": 47,
        "from": "jo@example.org", "file": "/x", "reason": "a 'b'\nc",
    }  # fmt: skip
    assert (spoken["level"], spoken["message"]) == ("warning", "a library speaks")
    assert failed["traceback"].endswith("ValueError: two\nlines")


def _fail_with(words: str) -> tuple[type[BaseException], BaseException, TracebackType | None]:
    try:
        raise ValueError(words)
    except ValueError as error:
        return ValueError, error, error.__traceback__


@pytest.mark.parametrize("formatter", [KeyValue(), JsonLines(), OneLine()], ids=lambda one: type(one).__name__)
def test_neither_words_nor_a_traceback_show_a_token_or_move_the_cursor(formatter: logging.Formatter) -> None:
    token = sign((b"key",), "SUP-1", 1, "anna@example.org", word="abcd")
    hostile = f"\x1b[31m\x9b2J\u202e\u2028\nlevel=error support+{token}@example.com {tag(token)}"
    for record in (
        logging.LogRecord("x", logging.INFO, "", 1, "not stored: %s", (hostile,), None),
        logging.LogRecord("x", logging.INFO, "", 1, Fields(action=hostile, words=hostile), (), None),
        logging.LogRecord("x", logging.INFO, "", 1, Fields(action="run"), (), _fail_with(hostile)),
    ):
        line = formatter.format(record)
        assert line.isprintable()
        assert token.mac not in line


def test_an_error_of_the_database_shows_no_parameters(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/desk.db")
    with pytest.raises(DBAPIError) as failed, database.write() as connection:
        connection.execute(text("INSERT INTO missing VALUES (:words)"), {"words": "a person's words"})
    assert "a person's words" not in str(failed.value)
    database.close()
