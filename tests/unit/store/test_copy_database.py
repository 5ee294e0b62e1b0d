"""A desk moves from SQLite to PostgreSQL with everything, whatever happens on the way, or the reason is printed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from mailgate.__main__ import main
from mailgate.cli import upgrade
from mailgate.store.copy import table
from mailgate.store.copy.database import move
from mailgate.store.copy.table import Moved, Unmovable
from mailgate.store.database import Database, WrongDatabase
from mailgate.store.locks import hold_lease, lock_database
from mailgate.store.migrations import read_version
from mailgate.store.schema import VERSION, metadata
from tests.support.desk import MONDAY, TestDesk
from tests.support.postgres import Cluster
from tests.support.snapshots import read_rows

ANNA, BEN, ZOE = "anna@example.org", "ben@example.org", "zoe@example.org"
LOG = bytes(range(256)) * 40

# `upgrade` as the command line runs it, killed at the commit of that number that it sends to PostgreSQL.
DIES = """
import os, signal, sys
from sqlalchemy import Engine, event
from mailgate.__main__ import main
from mailgate.store.copy import table
table._ROWS, left = 2, [int(sys.argv[1])]
@event.listens_for(Engine, "commit")
def count(connection):
    left[0] -= connection.dialect.name == "postgresql"
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
sys.exit(main(sys.argv[2:]))
"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TestDesk]:
    """A desk with three tickets: with Level 1, waiting for the requester's word, and closed."""
    desk = TestDesk(tmp_path, database=f"sqlite:///{tmp_path}/desk.db")
    mail = desk.mail(f"Anna Ähm <{ANNA}>", "It is bröken. 😀", subject="Printer", cc=f"Ben <{BEN}>")
    mail.add_attachment(LOG, maintype="application", subtype="octet-stream", filename="log.bin")
    desk.send(mail)
    for author in (BEN, ZOE):
        desk.send(desk.mail(author, "Word does not start.", subject="Word"))
        request = desk.last("level1@example.com", "request")
        desk.send(desk.answer("alice@example.com", "#resolve I reinstalled Word.", request))
    desk.send(desk.answer(ZOE, "Yes, it is resolved.", desk.last(ZOE, "confirm")))
    yield desk
    desk.close()


@pytest.fixture
def url(cluster: Cluster) -> str:
    """A PostgreSQL database without tables."""
    return cluster.create()


@pytest.fixture
def target(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(desk: TestDesk, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command of the desk: (status, stdout, stderr)."""

    def call(*words: str) -> tuple[int, str, str]:
        status = main([*words, "--config", str(desk.folder / "mailgate.toml")], desk.clock)
        said = capsys.readouterr()
        return status, said.out, said.err

    return call


def _change(database: Database, *statements: str) -> None:
    with database.write() as connection:
        for statement in statements:
            connection.execute(text(statement))


def _contents(database: Database) -> dict[str, list[dict[str, Any]]]:
    tables = read_rows(database).tables
    tables.pop("leases")
    return {name: sorted(rows, key=repr) for name, rows in tables.items()}


def _move(desk: TestDesk, target: Database) -> list[Moved]:
    return list(move(desk.desk.database, target, MONDAY))


def _interrupt(desk: TestDesk, target: Database, tables: int = 4) -> None:
    """Half a desk: the move ends behind that many tables."""
    moves = move(desk.desk.database, target, MONDAY)
    for _ in range(tables):
        next(moves)
    moves.close()  # type: ignore[attr-defined]
    assert read_version(target) == "moving"


def _assert_moved(desk: TestDesk, target: Database) -> None:
    assert _contents(target) == _contents(desk.desk.database)
    target.require()
    with target.read() as connection:
        assert connection.execute(text("SELECT to_regclass('moving')")).scalar() is None


# -- the whole way ---------------------------------------------------------------------------------------------------


def test_the_desk_goes_on_where_it_stood(desk: TestDesk, run: Run, url: str, target: Database) -> None:
    _change(desk.desk.database, "UPDATE sqlite_sequence SET seq = 41 WHERE name = 'tickets'")  # given, and gone
    status, said, _ = run("upgrade", "--to", url)
    assert status == 0
    assert "tickets: 3 rows, 3 copied, verified\n" in said
    assert f'database = "{target.name}"' in said
    _assert_moved(desk, target)

    (desk.folder / "new").mkdir()
    with closing(TestDesk(desk.folder / "new", database=url)) as new:
        new.received = desk.received
        new.clock.set(desk.clock.now())
        _go_on(desk, new)


def _go_on(desk: TestDesk, new: TestDesk) -> None:
    new.settle()
    assert new.relay.mails == []  # nothing is sent twice
    new.send(new.answer(BEN, "Yes, it is resolved.", desk.last(BEN, "confirm")))
    new.send(new.mail(ZOE, "My screen is black.", subject="Screen"))
    assert [ticket.reference for ticket in new.tickets()] == ["SUP-1", "SUP-2", "SUP-3", "SUP-42"]
    assert new.last(BEN).notice == "final"
    new.pass_time("5 business hours")
    escalated = [mail for mail in new.delivered("level2@example.com") if mail.notice == "escalation"]
    assert ["Printer" in str(mail.message["Subject"]) for mail in escalated] == [True, False]
    assert LOG in [part.get_payload(decode=True) for part in escalated[0].message.walk()]


def test_every_table_counts_on(desk: TestDesk, target: Database) -> None:
    _move(desk, target)
    last, contents = read_rows(target).last, _contents(target)
    assert last == {name: max((row["id"] for row in contents[name]), default=0) for name in last}


def test_the_old_database_is_only_read(desk: TestDesk, target: Database) -> None:
    before = read_rows(desk.desk.database)
    watched = desk.desk.database.engine.raw_connection()
    version = watched.cursor().execute("PRAGMA data_version").fetchone()
    _move(desk, target)
    assert watched.cursor().execute("PRAGMA data_version").fetchone() == version
    watched.close()
    assert read_rows(desk.desk.database) == before


def test_there_is_a_way_back(desk: TestDesk, target: Database, tmp_path: Path) -> None:
    _change(desk.desk.database, "UPDATE sqlite_sequence SET seq = 41 WHERE name = 'tickets'")
    _move(desk, target)
    back = Database(f"sqlite:///{tmp_path}/back.db")
    list(move(target, back, MONDAY))
    assert _contents(back) == _contents(desk.desk.database)
    assert read_rows(back).last["tickets"] == 41
    back.close()


# -- interrupted -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("commit", [2, 3, 5, 8, 16, 30])
def test_killed_and_called_again(desk: TestDesk, run: Run, url: str, target: Database, commit: int) -> None:
    words = [str(commit), "upgrade", "--to", url, "--config", str(desk.folder / "mailgate.toml")]
    killed = subprocess.run([sys.executable, "-c", DIES, *words], capture_output=True, check=False, timeout=60)
    assert killed.returncode == -9, killed.stderr
    if read_version(target):  # there are tables already
        assert _contents(target) != _contents(desk.desk.database)
    assert run("upgrade", "--to", url)[0] == 0
    _assert_moved(desk, target)


def test_what_is_there_is_not_copied_again(desk: TestDesk, target: Database) -> None:
    _interrupt(desk, target, 4)
    done = _move(desk, target)
    assert [moved.copied for moved in done[:4]] == [0, 0, 0, 0]
    assert sum(moved.copied for moved in done) == sum(moved.rows for moved in done[4:])


def test_the_server_goes_away(
    desk: TestDesk, run: Run, url: str, target: Database, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tell(_moved: Moved) -> str:
        cluster.stop()
        return "the server stops"

    with monkeypatch.context() as patch:
        patch.setattr(upgrade, "_describe_move", tell)
        status, _, said = run("upgrade", "--to", url)
    cluster.start()
    first, second = said.splitlines()
    assert (status, "a database failed" in first, "run the same command again" in second) == (1, True, True), said
    assert run("upgrade", "--to", url)[0] == 0
    _assert_moved(desk, target)


def test_half_a_desk_is_not_served(desk: TestDesk, run: Run, url: str, target: Database) -> None:
    _interrupt(desk, target)
    with pytest.raises(WrongDatabase):
        target.create()
    path = desk.folder / "mailgate.toml"
    path.write_text(path.read_text().replace(desk.settings.store.database, url))
    for words in (["upgrade"], ["upgrade", "--to", f"sqlite:///{desk.folder}/other.db"]):
        status, _, said = run(*words)
        assert (status, "contains an incomplete copy of a desk" in said) == (1, True)
    assert run("tickets")[0] == 1


def test_the_desk_went_on_between_two_attempts(desk: TestDesk, target: Database) -> None:
    _interrupt(desk, target, len(table.TABLES))
    desk.send(desk.answer(BEN, "It is not fixed.", desk.last(BEN, "confirm")))
    desk.send(desk.mail(ZOE, "My screen is black.", subject="Screen"))
    _change(desk.desk.database, "DELETE FROM attachments", "DELETE FROM participants WHERE ticket_id = 1")
    done = _move(desk, target)
    _assert_moved(desk, target)
    assert {moved.table for moved in done if moved.removed} == {"attachments", "participants"}


def test_a_mail_that_comes_in_meanwhile_is_copied_too(desk: TestDesk, target: Database) -> None:
    moves = move(desk.desk.database, target, MONDAY)
    while next(moves).table != "tickets":
        pass
    desk.send(desk.mail(ZOE, "My screen is black.", subject="Screen"))
    again = [moved for moved in moves if moved.table == "tickets"]
    assert [(moved.rows, moved.copied) for moved in again] == [(4, 1)]  # in another round
    _assert_moved(desk, target)


def test_a_desk_that_never_rests_is_told(desk: TestDesk, target: Database) -> None:
    def move_beside() -> None:
        for _ in move(desk.desk.database, target, MONDAY):
            _change(desk.desk.database, "UPDATE contacts SET known = NOT known")

    with pytest.raises(Unmovable, match="still being written to"):
        move_beside()
    assert read_version(target) == "moving"


# -- what is in the target -------------------------------------------------------------------------------------------

SPOILED = {
    "text": "UPDATE messages SET text = text || ' ' WHERE id = 1",
    "moment": "UPDATE timers SET due_at = due_at + interval '1 microsecond' WHERE id = 1",
    "json": "UPDATE journal SET recipients = '[]' WHERE id = 1",
    "bytes": "UPDATE blobs SET content = substr(content, 2) WHERE id = 1",
    "truth": "UPDATE contacts SET known = NOT known",
    "nothing": "UPDATE tickets SET promise_due = NULL",
    "missing": "DELETE FROM message_ids",
    "more": "INSERT INTO contacts (address) VALUES ('stranger@example.net')",
    "key": "UPDATE participants SET address = 'x' || address",
}


@pytest.mark.parametrize("spoiling", SPOILED.values(), ids=SPOILED)
def test_a_spoiled_row_is_healed(desk: TestDesk, target: Database, spoiling: str) -> None:
    _interrupt(desk, target, len(table.TABLES))
    assert _contents(target) == _contents(desk.desk.database)
    _change(target, spoiling)
    assert _contents(target) != _contents(desk.desk.database)
    assert sum(moved.copied + moved.removed for moved in _move(desk, target))
    _assert_moved(desk, target)


def test_a_row_that_cannot_be_healed_is_named(desk: TestDesk, target: Database) -> None:
    _interrupt(desk, target, 1)
    _change(
        target,
        "CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN NEW.subject = upper(NEW.subject); RETURN NEW; END $$",
        "CREATE TRIGGER shout BEFORE INSERT OR UPDATE ON tickets FOR EACH ROW EXECUTE FUNCTION shout()",
    )
    with pytest.raises(Unmovable, match=r"tickets, row 1 differs .*\(subject\)"):
        _move(desk, target)
    assert read_version(target) == "moving"


UNFIT = {
    "a NUL": ("UPDATE tickets SET subject = 'a' || char(0) WHERE id = 2", "tickets, row 2 .*subject contains a NUL"),
    "a NUL in a key": (
        "UPDATE contacts SET address = 'a' || char(0) WHERE rowid = 1",
        "contacts, .*address contains a NUL",
    ),
    "a number": ("UPDATE tickets SET version = 3000000000 WHERE id = 3", "tickets, row 3 .*version is too large"),
    "bytes": ("UPDATE messages SET text = x'ff00' WHERE id = 2", "messages, row 2 .*text holds bytes"),
    "no UTF-8": ("UPDATE tickets SET subject = CAST(x'eda080' AS TEXT) WHERE id = 2", "tickets: .*behind .*row 1.*sub"),
    "no time": ("UPDATE tickets SET closed_at = 'soon' WHERE id = 2", "tickets: .*cannot be read"),
    "an orphan": ("UPDATE messages SET ticket_id = 99 WHERE id = 2", "messages, row 2 .*foreign key"),
}


@pytest.mark.parametrize(("spoiling", "told"), UNFIT.values(), ids=UNFIT)
def test_what_postgresql_cannot_take_is_named(desk: TestDesk, target: Database, spoiling: str, told: str) -> None:
    driver = desk.desk.database.engine.raw_connection()
    driver.cursor().execute("PRAGMA foreign_keys=OFF")
    driver.cursor().execute(spoiling)
    driver.close()
    with pytest.raises(Unmovable, match=told):
        _move(desk, target)
    assert read_version(target) == "moving"


def test_batches_are_bounded(desk: TestDesk, target: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "_BYTES", 1)
    with desk.desk.database.read() as connection:
        assert {len(batch) for batch in table._batches(connection, metadata.tables["blobs"])} == {1}
    monkeypatch.setattr(table, "_ROWS", 3)
    _move(desk, target)
    _assert_moved(desk, target)


# -- refused ---------------------------------------------------------------------------------------------------------


def test_a_served_desk_is_refused(desk: TestDesk, run: Run, url: str, target: Database) -> None:
    with lock_database(desk.desk.database) or pytest.fail("no lock"):
        status, _, said = run("upgrade", "--to", url)
    assert (status, "is served by process" in said) == (1, True)
    assert read_version(target) == ""


@pytest.mark.parametrize("served", ["source", "target"])
def test_a_server_that_is_served_is_refused(desk: TestDesk, target: Database, tmp_path: Path, served: str) -> None:
    if served == "source":
        _move(desk, target)
    else:
        target.create()
    with target.write() as connection:
        hold_lease(connection, "clock", "another", MONDAY, MONDAY + timedelta(seconds=30))
    other = Database(f"sqlite:///{tmp_path}/back.db")
    pair = (target, other) if served == "source" else (desk.desk.database, target)
    with pytest.raises(Unmovable, match="is served: stop"):
        list(move(*pair, MONDAY))
    other.close()


FOREIGN = {
    "another desk": ([], "already contains another desk"),
    "another version": (["UPDATE alembic_version SET version_num = '0001'"], "not from this mailgate"),
    "another program": (["DROP TABLE alembic_version"], "not from this mailgate"),
}


@pytest.mark.parametrize(("spoiling", "told"), FOREIGN.values(), ids=FOREIGN)
def test_a_target_in_use_is_refused(run: Run, url: str, target: Database, spoiling: list[str], told: str) -> None:
    target.create()
    _change(target, "INSERT INTO contacts (address) VALUES ('stranger@example.net')", *spoiling)
    status, _, said = run("upgrade", "--to", url)
    assert (status, told in said) == (1, True), said
    with target.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM contacts")).scalar() == 1


def test_half_a_copy_of_another_desk_is_refused(desk: TestDesk, target: Database, tmp_path: Path) -> None:
    _interrupt(desk, target)
    (tmp_path / "other").mkdir()
    other = TestDesk(tmp_path / "other", database=f"sqlite:///{tmp_path}/other/desk.db")
    other.send(other.mail(ZOE, "My screen is black.", subject="Screen"))
    with pytest.raises(Unmovable, match="another desk"):
        _move(other, target)
    other.close()


def test_empty_tables_are_as_good_as_none(desk: TestDesk, target: Database) -> None:
    target.create()
    _move(desk, target)
    _assert_moved(desk, target)


def test_a_finished_move_is_not_done_again(run: Run, url: str) -> None:
    assert run("upgrade", "--to", url)[0] == 0
    status, _, said = run("upgrade", "--to", url)
    assert (status, "an earlier move was completed" in said) == (1, True)


def test_a_desk_of_another_version_is_upgraded_first(desk: TestDesk, run: Run, url: str) -> None:
    _change(desk.desk.database, "UPDATE alembic_version SET version_num = '0001'")
    status, _, said = run("upgrade", "--to", url)
    assert (status, f"needs {VERSION}: run `mailgate upgrade`" in said) == (1, True)


def test_a_desk_of_a_newer_version_is_not_told_to_upgrade(desk: TestDesk, run: Run) -> None:
    _change(desk.desk.database, "UPDATE alembic_version SET version_num = '0099'")
    status, _, said = run("tickets")
    assert (status, "made by a newer mailgate (version 0099" in said, "mailgate upgrade" in said) == (1, True, False)


def test_a_desk_without_a_mail_has_nothing_to_move(tmp_path: Path, target: Database) -> None:
    empty = Database(f"sqlite:///{tmp_path}/empty.db")
    empty.create()
    with pytest.raises(Unmovable, match="nothing to move"):
        list(move(empty, target, MONDAY))
    empty.close()


WRONG = {
    "nonsense": (2, "must be"),
    "mysql://u@h/d": (2, "must be"),
    "postgresql+psycopg2://u@h/d": (2, "the driver is psycopg"),
    "postgresql+psycopg://u:secret@h:port/d": (2, "an impossible host or port"),
    "postgresql+psycopg://u:secret@127.0.0.1:1/d": (1, "onnection refused"),
    "sqlite:////nowhere/desk.db": (1, "the folder /nowhere does not exist"),
    "sqlite:///{folder}/desk.db": (1, "the configuration already names this database"),
}


@pytest.mark.parametrize("to", WRONG)
def test_a_wrong_url_is_told_in_one_line(desk: TestDesk, run: Run, to: str) -> None:
    status, told = WRONG[to]
    found, _, said = run("upgrade", "--to", to.format(folder=desk.folder))
    assert (found, said.count("\n"), told in said, "secret" in said) == (status, 1, True, False), said


def test_a_database_of_another_encoding_is_refused(desk: TestDesk, cluster: Cluster) -> None:
    cluster._execute("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    latin = Database(cluster.url("latin"))
    with pytest.raises(Unmovable, match="ENCODING 'UTF8'"):
        _move(desk, latin)
    latin.close()


def test_without_to_the_command_stays_as_it_is(run: Run) -> None:
    assert run("upgrade")[1] == f"The database is up to date (version {VERSION}).\n"
