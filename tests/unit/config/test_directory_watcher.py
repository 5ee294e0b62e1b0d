"""The files of the directory while a desk runs: read again when they change, and kept where the new one is no good."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.core.clock import HandClock

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
FIRST = "address,name\nanna@example.org,Anna\n"
SECOND = "address,name\nanna@example.org,Anna\nben@example.org,Ben\n"
SECONDS = timedelta(seconds=2)


@pytest.fixture
def clock() -> HandClock:
    return HandClock(MONDAY)


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(FIRST)
    return path


@pytest.fixture
def files(people: Path, clock: HandClock, caplog: pytest.LogCaptureFixture) -> DirectoryFiles:
    caplog.set_level(logging.INFO, "mailgate.directory")
    return DirectoryFiles(people, None, 1000, clock)


def test_nothing_is_read_where_nothing_is_configured(clock: HandClock) -> None:
    files = DirectoryFiles(None, None, 1000, clock)
    assert not files.current().knows("anna@example.org")
    assert not files.current().people_known
    assert files.statuses() == ()


def test_a_changed_file_is_read_again_a_second_later(files: DirectoryFiles, people: Path, clock: HandClock) -> None:
    first = files.current()
    assert first.people_known
    people.write_text(SECOND)
    assert files.current() is first
    clock.advance(SECONDS)
    assert files.current().knows("ben@example.org")
    assert not first.knows("ben@example.org"), "what somebody holds never changes under him"


def test_a_file_is_looked_at_once_a_second_and_read_only_if_it_changed(
    files: DirectoryFiles, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    statuses: list[object] = []
    real = os.stat

    def status(path: str | Path, **more: Any) -> os.stat_result:
        statuses.append(path)
        return real(path, **more)

    monkeypatch.setattr(os, "stat", status)
    same = files.current()
    for _ in range(100):
        assert files.current() is same
    clock.advance(SECONDS)
    assert files.current() is same
    assert len(statuses) == 2


def _fold(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: path.write_text(""), "it is empty"),
        (lambda path: path.write_text("address,name\n"), "none of its rows can be used"),
        (lambda path: path.write_text(FIRST + "x" * 2000), "larger than limits.directory_size"),
        (Path.unlink, "No such file or directory"),
        (_fold, "it is not a file"),
        (_pipe, "it is not a file"),
    ],
    ids=["empty", "no rows", "too large", "gone", "a folder", "a pipe"],
)
def test_a_file_that_is_no_good_leaves_the_old_one_and_says_so_once(
    files: DirectoryFiles,
    people: Path,
    clock: HandClock,
    caplog: pytest.LogCaptureFixture,
    spoil: Callable[[Path], object],
    reason: str,
) -> None:
    kept = files.current()
    spoil(people)
    for _ in range(3):
        clock.advance(SECONDS)
        assert files.current() is kept
    said = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert len(said) == 1
    assert reason in said[0]
    assert "the entries read before stay in use; correct the file, or remove directory.people from" in said[0]
    (status,) = files.statuses()
    assert (status.count, reason in status.error) == (1, True)


def test_a_file_that_comes_back_the_same_is_well_again(files: DirectoryFiles, people: Path, clock: HandClock) -> None:
    files.current()
    elsewhere = people.with_suffix(".bak")
    people.rename(elsewhere)
    clock.advance(SECONDS)
    files.current()
    elsewhere.rename(people)
    clock.advance(SECONDS)
    assert files.current().knows("anna@example.org")
    assert files.statuses()[0].error == ""


def test_a_desk_that_starts_without_its_file_takes_it_when_it_comes(
    files: DirectoryFiles, people: Path, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    people.unlink()
    assert not files.current().people_known
    assert "no entry is known from it" in caplog.text
    people.write_text(FIRST)
    clock.advance(SECONDS)
    assert files.current().people_known


def test_one_broken_file_does_not_keep_the_other_back(tmp_path: Path, people: Path, clock: HandClock) -> None:
    equipment = tmp_path / "equipment.csv"
    equipment.write_text("nothing of use\n")
    files = DirectoryFiles(people, equipment, 1000, clock)
    assert files.current().knows("anna@example.org")
    equipment.write_text("owner,asset\nanna@example.org,Laptop\n")
    clock.advance(SECONDS)
    assert files.current().equipment_of("anna@example.org", "")[0].asset == "Laptop"
    assert files.current().knows("anna@example.org")


def test_odd_lines_are_logged_and_not_without_end(
    files: DirectoryFiles, people: Path, caplog: pytest.LogCaptureFixture
) -> None:
    people.write_text(FIRST + "nobody\n" * 20)
    files.current()
    said = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(said) == 6
    assert "line 3 is left out" in said[0]
    assert "15 more: mailgate check shows them" in said[-1]
