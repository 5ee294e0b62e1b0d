"""SIGKILL at every step of a restore: the old database is there or the new one, whole, and the same command ends it.

A step is everything that changes a file, opens a database or starts a program, and each piece that `psql` gets.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Any

import pytest
from sqlalchemy import text

from mailgate.__main__ import main
from mailgate.store.backup import postgresql
from mailgate.store.database import Database
from mailgate.store.ticket_numbers import last_number
from tests.support.desk import CONFIG, TestDesk

pytestmark = [pytest.mark.postgresql, pytest.mark.timeout(600)]

ANNA, ZOE = "anna@example.org", "zoe@example.net"
_STEPS = {"os.rename", "os.link", "os.remove", "os.mkdir", "os.chmod", "sqlite3.connect", "subprocess.Popen"}
_MOST = 100  # steps; a restore makes fewer


class _Steps:
    """Counts the steps of this process, and kills it just before a given one."""

    def __init__(self, folder: Path, number: int) -> None:
        self._folder, self._left = str(folder), number
        sys.addaudithook(self._look)

    def count(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def _look(self, event: str, arguments: tuple[Any, ...]) -> None:
        is_written = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if event in _STEPS or (is_written and str(arguments[0]).startswith(self._folder)):
            self.count()


class _CountedPipe:
    """Makes each piece that is written to a pipe a step."""

    def __init__(self, pipe: IO[bytes], steps: _Steps) -> None:
        self._pipe, self._steps = pipe, steps

    def write(self, piece: bytes) -> None:
        self._steps.count()
        self._pipe.write(piece)
        self._pipe.flush()

    def __enter__(self) -> _CountedPipe:
        return self

    def __exit__(self, *_: object) -> None:
        self._steps.count()
        self._pipe.close()


def _run_and_kill(desk: TestDesk, words: list[str], number: int) -> bool:
    """Runs a command in a process that is killed at a step; False where it ended before that."""
    child = os.fork()
    if child == 0:
        status = 70
        try:
            steps = _Steps(desk.folder, number)
            feed = postgresql._feed
            postgresql._PIECE = 20_000
            postgresql._feed = lambda pipe, *rest: feed(_CountedPipe(pipe, steps), *rest)  # type: ignore[arg-type]
            status = main(words, desk.clock)
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    assert os.waitstatus_to_exitcode(status) == 0
    return False


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    folder = tmp_path / "desk"
    folder.mkdir()
    desk = TestDesk(folder, database=database_url.replace(f"{tmp_path}/desk.db", f"{folder}/desk.db"), config=CONFIG)
    yield desk
    desk.close()
    if not desk.desk.database.sqlite:
        with closing(Database(desk.settings.store.database)) as database, database.write() as connection:
            query = text(f"SELECT nspname FROM pg_namespace WHERE nspname LIKE '{postgresql.ASIDE}%'")
            for name in connection.execute(query).scalars().all():
                connection.execute(text(f"DROP SCHEMA {name} CASCADE"))


def test_killed_at_every_step(desk: TestDesk, tmp_path: Path) -> None:
    desk.send(desk.mail(ANNA, "It is broken.", subject="Printer"))
    (desk.folder / "secret").write_text("a key that only the tests know\n")
    options = ["--config", str(desk.folder / "mailgate.toml")]
    file = str(tmp_path / "saved.tar.gz")
    assert main(["backup", file, *options], desk.clock) == 0
    saved, number, was_old, was_new = ["SUP-1"], 0, 0, 0
    command = ["restore", file, "--yes", *options]
    for number in range(1, _MOST):
        desk.send(desk.mail(ZOE, "The screen is dark.", subject="Screen"))
        present = [one.reference for one in desk.tickets()]
        assert len(present) == 2, "no number was given twice, so each is new"
        desk.close()
        (desk.folder / "secret").unlink()
        is_killed = _run_and_kill(desk, command, number)
        found, last = _look_at(desk.settings.store.database)
        assert found in (present, saved), f"step {number}"
        was_old, was_new = was_old + (found == present), was_new + (found == saved)
        if is_killed:
            assert main(command, desk.clock) == 0
            found, last = _look_at(desk.settings.store.database)
        assert found == saved
        assert last >= int(present[-1].partition("-")[2]), "numbers are counted on behind the lost ones"
        assert (desk.folder / "secret").read_text() == "a key that only the tests know\n"
        left = [one.name for one in desk.folder.iterdir() if "restoring" in one.name]
        assert not left, f"step {number} left {left}"
        desk.restart(CONFIG)
        if not is_killed:
            break
    assert number < _MOST - 1
    print(number - 1, "steps:", was_old, "left the old database,", was_new, "the new one")
    assert min(was_old, was_new) > 1


def _wait_for_psql(database: Database) -> None:
    """Waits until the server has ended what a `psql` had begun whose restore was killed."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'psql' AND datname = current_database()"
    )
    while not database.sqlite:
        with database.read() as connection:
            if not connection.execute(query).scalar():
                return


def _look_at(url: str) -> tuple[list[str], int]:
    """Returns the references in a database that is whole, and the last number."""
    with closing(Database(url)) as database:
        _wait_for_psql(database)
        database.require()
        with database.read() as connection:
            if database.sqlite:
                assert connection.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
            query = text("SELECT reference FROM tickets ORDER BY id")
            return list(connection.execute(query).scalars()), last_number(connection)
