"""`upgrade --copy`: the database of an earlier version is copied before it is upgraded, and no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

from mailgate.__main__ import main
from mailgate.store.database import Database
from mailgate.store.migrations import migrate, read_version
from mailgate.store.schema import VERSION
from tests.support.desk import TestDesk
from tests.support.postgres import Cluster

Call = Callable[..., tuple[int, str, str]]
OLD = "0005"


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database that a mailgate of version 0005 has made."""
    with closing(Database(f"sqlite:///{tmp_path}/desk.db")) as database:
        steps = ScriptDirectory._upgrade_revs
        with monkeypatch.context() as patch, database.write() as connection:
            patch.setattr(ScriptDirectory, "_upgrade_revs", lambda scripts, _, seen: steps(scripts, OLD, seen))
            migrate(connection)
        yield database


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs a command on desk.db: (status, stdout, stderr)."""
    desk = TestDesk(tmp_path, database=f"sqlite:///{tmp_path}/other.db")  # writes the configuration
    desk.close()
    config = tmp_path / "mailgate.toml"
    config.write_text(config.read_text().replace("other.db", "desk.db"))

    def run(*words: str) -> tuple[int, str, str]:
        status = main([*words, "--config", str(config)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_an_old_database_is_copied_and_upgraded(old: Database, call: Call, tmp_path: Path) -> None:
    copy = tmp_path / "before.db"
    status, said, _ = call("upgrade", "--copy", str(copy))
    assert status == 0
    assert said == (
        f"Copied the database to {copy}.\nUpgraded the database from version {OLD}; it now has version {VERSION}.\n"
    )
    assert read_version(old) == VERSION
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(Database(f"sqlite:///{copy}")) as copied:
        assert read_version(copied) == OLD


def test_a_database_of_this_version_is_not_copied(old: Database, call: Call, tmp_path: Path) -> None:
    assert call("upgrade")[0] == 0
    status, said, _ = call("upgrade", "--copy", str(tmp_path / "before.db"))
    assert (status, said) == (0, f"The database is up to date (version {VERSION}).\n")
    assert not (tmp_path / "before.db").exists()
    assert read_version(old) == VERSION


def test_a_new_database_has_nothing_to_copy(call: Call, tmp_path: Path) -> None:
    status, said, _ = call("upgrade", "--copy", str(tmp_path / "before.db"))
    assert (status, said) == (0, f"Created the tables of a new database; it now has version {VERSION}.\n")
    assert not (tmp_path / "before.db").exists()


@pytest.mark.parametrize(
    ("file", "words"), [("secret", "exists: name a new file"), ("nowhere/before.db", "unable to open database")]
)
def test_without_its_copy_the_database_stays_as_it_is(
    old: Database, call: Call, tmp_path: Path, file: str, words: str
) -> None:
    status, said, told = call("upgrade", "--copy", str(tmp_path / file))
    assert (status, said, told.count("\n"), words in told) == (1, "", 1, True), told
    assert read_version(old) == OLD


def test_a_database_on_a_server_is_not_copied(call: Call, tmp_path: Path, cluster: Cluster) -> None:
    url = cluster.create()
    config = tmp_path / "mailgate.toml"
    config.write_text(config.read_text().replace(f"sqlite:///{tmp_path}/desk.db", url))
    with closing(Database(url)) as database:
        database.create()
        with database.write() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        status, _, told = call("upgrade", "--copy", str(tmp_path / "before.db"))
        assert (status, "run pg_dump" in told, read_version(database)) == (1, True, "0001"), told


def test_a_move_needs_no_copy(call: Call, tmp_path: Path) -> None:
    status, _, told = call("upgrade", "--copy", str(tmp_path / "before.db"), "--to", "postgresql+psycopg://u@h/d")
    assert (status, "not with --to" in told) == (2, True)
