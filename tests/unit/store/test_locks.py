"""Whose turn it is to write to a SQLite file: who waits with something urgent is seen by who writes."""

from __future__ import annotations

import fcntl
import os
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mailgate.store.database import Database

WITHIN = 10.0  # seconds


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/desk.db"


@contextmanager
def _writing_before(desk: Database, url: str, *, urgent: bool) -> Iterator[None]:
    """A turn of the desk for which another one waits that, with a file of its own, is as good as another process."""
    other = Database(url)

    def write() -> None:
        with other.write(urgent=urgent):
            pass

    waits = threading.Thread(target=write)
    with desk.write():
        waits.start()
        yield
    waits.join(WITHIN)
    assert not waits.is_alive()
    other.close()


def _comes(asked: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + WITHIN
    while not (answer := asked()) and time.monotonic() < deadline:
        pass
    return answer


def test_a_sender_who_waits_is_seen_by_who_writes(url: str) -> None:
    desk = Database(url)
    with _writing_before(desk, url, urgent=True):
        assert _comes(desk.is_urgent)
    with desk.write():
        assert not desk.is_urgent()
    desk.close()


def test_who_waits_without_hurry_is_not(url: str) -> None:
    desk = Database(url)
    turn = Path(desk.path or "").with_name("desk.db.turn")
    with _writing_before(desk, url, urgent=False):
        assert _comes(lambda: _is_next(turn))
        assert not desk.is_urgent()
    desk.close()


def _is_next(turn: Path) -> bool:
    """Tells whether a process holds the first byte of the lock file."""
    with turn.open("r+b") as file:
        asked = struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, 0, 1, 0)
        return bool(struct.unpack("hhqqi", fcntl.fcntl(file, fcntl.F_OFD_GETLK, asked))[0] != fcntl.F_UNLCK)
