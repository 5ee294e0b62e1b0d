"""Errors on one line: the cause in the words of the system or the database, without its statement."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from mailgate.store.database import Database
from mailgate.store.errors import describe_error, describe_known, log_error

log = logging.getLogger("mailgate.test_errors")


@pytest.mark.postgresql
def test_an_error_of_a_statement_is_told_without_it(database_url: str) -> None:
    database = Database(database_url)
    database.create()
    with pytest.raises(DBAPIError) as caught, database.write() as connection:
        connection.execute(text("INSERT INTO holds (secret) VALUES (:word)"), {"word": "hunter2"})
    database.close()
    said = describe_error(caught.value)
    assert "secret" in said
    assert not [word for word in ("hunter2", "VALUES (", "sqlalche.me", "\n") if word in said]


def test_a_bug_has_its_reason_and_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    log_error(log, ZeroDivisionError("by\nzero"), action="run")
    assert caplog.records[-1].getMessage() == "action=run reason='ZeroDivisionError: by zero'"
    assert caplog.records[-1].exc_info


def test_an_error_of_the_system_needs_no_traceback(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        (tmp_path / "gone").read_bytes()
    log_error(log, caught.value, action="read")
    assert caplog.records[-1].getMessage() == f"action=read reason='{tmp_path}/gone: no such file or directory'"
    assert not caplog.records[-1].exc_info
    assert describe_known(OSError(28, "No space left on device")) == "no space left on device"


def test_an_error_of_permission_names_the_owner_and_what_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(path: str | Path, _mode: int) -> bool:
        return Path(path) != tmp_path / "mail"

    (tmp_path / "mail").mkdir(mode=0o500)
    monkeypatch.setattr(os, "access", denied)  # root may do anything
    said = describe_known(PermissionError(13, "Permission denied", str(tmp_path / "mail")))
    assert said.startswith(f"{tmp_path}/mail: permission denied; {tmp_path}/mail belongs to ")
    assert "chmod" in said or "chown" in said
