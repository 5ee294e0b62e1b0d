"""The small files beside a database: no link is followed, and the desk may use what root has made."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgate.store.database import Database
from mailgate.store.locks import AlreadyServed, lock_database
from mailgate.store.ticket_numbers import HighWaterMark, mark_of

NOBODY = 65534
by_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/desk.db")
    database.create()
    for ending in (".turn", ".lock", ".highest"):
        (tmp_path / f"desk.db{ending}").unlink(missing_ok=True)
    database.close()
    yield database
    database.close()


@by_root
def test_root_gives_nobody_the_file_behind_a_link(database: Database, tmp_path: Path) -> None:
    foreign = tmp_path / "shadow"
    foreign.write_text("root's own")
    os.chown(tmp_path / "desk.db", NOBODY, NOBODY)
    for ending in (".turn", ".lock", ".highest"):
        (tmp_path / f"desk.db{ending}").symlink_to(foreign)
    with database.write():
        pass
    with pytest.raises(OSError, match="symbolic link"):
        lock_database(database, 0)
    mark_of(database.engine.url).raise_to(7)
    assert foreign.stat().st_uid == 0
    assert foreign.read_text() == "root's own"


@by_root
def test_root_keeps_a_file_that_was_there(database: Database, tmp_path: Path) -> None:
    os.chown(tmp_path / "desk.db", NOBODY, NOBODY)
    (tmp_path / "own").write_text("root's own")
    os.link(tmp_path / "own", tmp_path / "desk.db.turn")
    with database.write():
        pass
    assert (tmp_path / "own").stat().st_uid == 0


@by_root
def test_the_desk_may_raise_a_mark_that_root_made(database: Database, tmp_path: Path) -> None:
    os.chown(tmp_path / "desk.db", NOBODY, NOBODY)
    mark_of(database.engine.url).raise_to(7)
    assert (tmp_path / "desk.db.highest").stat().st_uid == NOBODY


def test_a_lock_or_mark_behind_a_link_is_left_alone(database: Database, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("something else")
    for ending in (".lock", ".highest"):
        (tmp_path / f"desk.db{ending}").symlink_to(other)
    with pytest.raises(OSError, match="symbolic link"):
        lock_database(database, 0)
    mark_of(database.engine.url).raise_to(7)
    assert mark_of(database.engine.url).read() == 0
    assert other.read_text() == "something else"


def test_a_pipe_in_place_of_a_mark_stops_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    os.mkfifo(tmp_path / "desk.db.highest")
    mark = HighWaterMark(tmp_path / "desk.db.highest")
    with caplog.at_level(logging.WARNING):
        assert mark.read() == 0
        mark.raise_to(7)
    assert caplog.text.count("not a regular file") == 2


@pytest.mark.parametrize("content", ["9" * 19, "-5", "0x10", "\x00" * 19, "1e9", " ", "9" * 40, "²" * 9])
def test_what_no_desk_has_given_is_no_mark(tmp_path: Path, content: str) -> None:
    path = tmp_path / "desk.db.highest"
    path.write_text(content)
    mark = HighWaterMark(path)
    assert mark.read() == 0
    mark.raise_to(12)
    assert mark.read() == 12, "the next ticket mends it"


def test_a_lock_with_strange_words_is_a_lock(database: Database, tmp_path: Path) -> None:
    held = lock_database(database, 0)
    assert held is not None
    (tmp_path / "desk.db.lock").write_bytes(b"\xff\xfe")
    with pytest.raises(AlreadyServed, match="is served by process"):
        lock_database(database, 0)
    held.close()
