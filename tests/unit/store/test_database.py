"""The connection to the database: what a new file may be read by, and what a commit means."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from mailgate.store.database import Database
from tests.support.postgres import Cluster


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_umask")
def test_a_new_sqlite_database_is_private_whatever_the_umask(tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path / 'desk.db'}")) as database:
        with database.write() as connection:
            connection.execute(text("CREATE TABLE one (id INTEGER)"))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert {"desk.db", "desk.db-wal", "desk.db-shm", "desk.db.turn"} <= modes.keys()
    assert set(modes.values()) == {0o600}, modes


def test_a_database_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    path.touch()
    path.chmod(0o640)
    with closing(Database(f"sqlite:///{path}")) as database:
        database.create()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize(("told", "holds"), [("off", "on"), ("local", "on"), ("remote_apply", "remote_apply")])
def test_a_commit_is_on_disk_whatever_the_server_is_set_to(cluster: Cluster, told: str, holds: str) -> None:
    url = cluster.create()
    with closing(Database(url)) as database, database.write() as connection:
        connection.execute(text(f'ALTER DATABASE "{make_url(url).database}" SET synchronous_commit = {told}'))
    with closing(Database(url)) as database, database.read() as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar() == holds


def test_a_thread_that_comes_back_to_write_does_not_overtake_one_that_waits(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/desk.db")
    order: list[str] = []

    def write() -> None:
        with database.write():
            order.append("the other")

    other = threading.Thread(target=write)
    with database.write():
        assert not database.is_awaited()
        other.start()
        while not database.is_awaited():  # it comes within moments
            pass
    with database.write():
        order.append("the first again")
    other.join()
    assert order == ["the other", "the first again"]
    database.close()


def test_a_connection_that_the_server_has_dropped_is_replaced(cluster: Cluster) -> None:
    """Also one that was used a moment ago, which is not asked whether it works."""
    with closing(Database(cluster.lend())) as database, closing(Database(database.url)) as other:
        me = text("SELECT pg_backend_pid()")
        with database.read() as connection:
            dropped = connection.execute(me).scalar_one()
        with database.read() as connection:
            assert connection.execute(me).scalar_one() == dropped
        with other.write() as connection:
            assert connection.execute(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": dropped}).scalar()
        with database.write() as connection:
            assert connection.execute(me).scalar_one() != dropped
    cluster.take_back(database.url)


def test_a_connection_that_nobody_used_for_long_is_asked_whether_it_works(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailgate.store.database._UNUSED", 0.0)
    with closing(Database(cluster.lend())) as database:
        for _ in range(2):
            with database.write() as connection:
                connection.execute(text("CREATE TEMPORARY TABLE IF NOT EXISTS one (id int)"))
                assert connection.execute(text("SELECT count(*) FROM one")).scalar_one() == 0
    cluster.take_back(database.url)


def test_large_values_are_compressed_by_lz4_where_the_server_can(cluster: Cluster) -> None:
    with closing(Database(cluster.lend())) as database, database.read() as connection:
        known = "SELECT 'lz4' = ANY (enumvals), setting FROM pg_settings WHERE name = 'default_toast_compression'"
        can, used = connection.execute(text(known)).one()
    assert used == ("lz4" if can else "pglz")
    cluster.take_back(database.url)


def test_results_of_postgresql_are_binary(cluster: Cluster) -> None:
    """Bytes would come as twice as many hex digits."""
    with closing(Database(cluster.lend())) as database, database.read() as connection:
        result = connection.execute(text("SELECT 'mail'::bytea"))
        assert result.cursor is not None
        assert result.cursor.pgresult.fformat(0) == 1
        assert result.scalar() == b"mail"
    cluster.take_back(database.url)
