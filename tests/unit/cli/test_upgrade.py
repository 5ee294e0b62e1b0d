"""`upgrade --backup`: the database of an earlier version is backed up before it is upgraded, and no other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mailgate.__main__ import main
from mailgate.store.database import Database
from mailgate.store.migrations import read_version
from mailgate.store.schema import VERSION
from tests.support.desk import TestDesk
from tests.support.old_databases import make_old

Call = Callable[..., tuple[int, str, str]]
OLD = "0005"


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Database]:
    """A database that a mailgate of version 0005 has made."""
    with closing(Database(f"sqlite:///{tmp_path}/desk.db")) as database:
        make_old(database, OLD)
        yield database


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs a command on desk.db: (status, stdout, stderr)."""
    desk = TestDesk(tmp_path, database=f"sqlite:///{tmp_path}/other.db")  # writes the configuration
    desk.close()
    config = tmp_path / "mailgate.toml"
    config.write_text(config.read_text().replace("other.db", "desk.db"))

    def run(*words: str) -> tuple[int, str, str]:
        status = main([*words, "--config", str(config)], desk.clock)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_an_old_database_is_saved_and_upgraded(old: Database, call: Call, tmp_path: Path) -> None:
    file = tmp_path / "before.tar.gz"
    status, said, _ = call("upgrade", "--backup", str(file))
    assert status == 0
    saved, done = said.splitlines()
    assert saved.startswith(f"{file}: 0 tickets, 0 emails received, 0 notices, no configuration; ")
    assert done == f"Upgraded the database from version {OLD}; it now has version {VERSION}."
    assert read_version(old) == VERSION
    assert file.stat().st_mode & 0o777 == 0o600
    assert call("restore", str(file), "--verify")[0] == 0


def test_a_database_of_an_earlier_version_can_be_backed_up(old: Database, call: Call, tmp_path: Path) -> None:
    status, said, _ = call("backup", str(tmp_path / "before.tar.gz"), "--json")
    assert (status, json.loads(said)["database_version"], read_version(old)) == (0, OLD, OLD)


def test_a_database_of_this_version_is_not_saved(old: Database, call: Call, tmp_path: Path) -> None:
    assert call("upgrade")[0] == 0
    status, said, _ = call("upgrade", "--backup", str(tmp_path / "before.tar.gz"))
    assert (status, said) == (0, f"The database is up to date (version {VERSION}).\n")
    assert not (tmp_path / "before.tar.gz").exists()
    assert read_version(old) == VERSION


def test_a_new_database_has_nothing_to_save(call: Call, tmp_path: Path) -> None:
    status, said, _ = call("upgrade", "--backup", str(tmp_path / "before.tar.gz"))
    assert (status, said) == (0, f"Created the tables of a new database; it now has version {VERSION}.\n")
    assert not (tmp_path / "before.tar.gz").exists()


@pytest.mark.parametrize(
    ("file", "words"), [("secret", "already exists; name another"), ("nowhere/before.tar.gz", "does not exist")]
)
def test_without_its_backup_the_database_stays_as_it_is(
    old: Database, call: Call, tmp_path: Path, file: str, words: str
) -> None:
    status, said, told = call("upgrade", "--backup", str(tmp_path / file))
    assert (status, said, told.count("\n"), words in told) == (1, "", 1, True), told
    assert read_version(old) == OLD


def test_a_move_needs_no_backup(call: Call, tmp_path: Path) -> None:
    status, _, told = call("upgrade", "--backup", str(tmp_path / "before.tar.gz"), "--to", "postgresql+psycopg://u@h/d")
    assert (status, "not with --to" in told) == (2, True)
