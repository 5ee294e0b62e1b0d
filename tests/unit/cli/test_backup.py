"""`backup` and `restore`: a whole desk in one file, put back beside nothing or in the place of another one."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update

from mailgate.__main__ import main
from mailgate.daemon.workers.archive import ArchiveWorker
from mailgate.store.backup.postgresql import ASIDE
from mailgate.store.database import Database
from mailgate.store.locks import hold_lease, lock_database
from mailgate.store.schema import VERSION, tickets
from mailgate.store.ticket_numbers import last_number
from tests.support.desk import CONFIG, TestDesk
from tests.support.old_databases import make_old

ANNA, CAMILLE, ZOE = "anna@example.org", "camille@example.org", "zoe@example.net"
ALICE, L1 = "alice@example.com", "level1@example.com"
MORE = '[archive]\nfolder = "archive"\n[directory]\npeople = "people.csv"\n'
PEOPLE = "address,name\nanna@example.org,Anna\n"

pytestmark = pytest.mark.postgresql


class SavedDesk(TestDesk):
    """A desk with an archive and a file of people, and the commands of its operator."""

    __test__ = False

    def __init__(self, folder: Path, database: str, config: str = f"{CONFIG}{MORE}") -> None:
        (folder / "people.csv").write_text(PEOPLE)
        self.config, self.file = config, folder.parent / "saved.tar.gz"
        super().__init__(folder, database=database, config=config)

    def run(self, *words: object) -> int:
        return main([*map(str, words), "--config", str(self.folder / "mailgate.toml")], self.clock)

    def save(self) -> None:
        assert self.run("backup", self.file) == 0

    def restore(self, *words: str) -> int:
        """Restores the backup while the desk is stopped, and starts it."""
        self.close()
        status = self.run("restore", self.file, "--yes", *words)
        self.restart(self.config)
        return status

    def references(self) -> list[str]:
        return [one.reference for one in self.tickets()]


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[SavedDesk]:
    folder = tmp_path / "desk"
    folder.mkdir()
    url = database_url.replace(f"{tmp_path}/desk.db", f"{folder}/desk.db")
    desk = SavedDesk(folder, url)
    yield desk
    desk.close()
    if not url.startswith("sqlite"):
        _drop_what_was_kept(url)


def _drop_what_was_kept(url: str) -> None:
    with closing(Database(url)) as database, database.write() as connection:
        for name in connection.execute(
            text(f"SELECT nspname FROM pg_namespace WHERE nspname LIKE '{ASIDE}%'")
        ).scalars():
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))


@pytest.fixture
def answered(desk: SavedDesk) -> SavedDesk:
    """Anna's SUP-1 was asked back; Camille's SUP-2 is closed and archived; then the backup was made."""
    desk.send(desk.mail(ANNA, "It is broken.", subject="Printer"))
    desk.send(desk.answer(ALICE, "#waiting\nWhich one?", desk.last(L1, "request")))
    desk.send(desk.mail(CAMILLE, "My mouse.", subject="Mouse"))
    desk.send(desk.answer(ALICE, "#close solved by phone", desk.last(L1, "request")))
    desk.pass_time("3 business days")
    assert [one.state for one in desk.tickets()] == ["level1", "closed"]
    (desk.folder / "archive").mkdir()
    ArchiveWorker(desk.desk).step()
    assert len(list((desk.folder / "archive").rglob("*.zip"))) == 1
    desk.save()
    return desk


# -- what a backup is --------------------------------------------------------------------------------------------------


def test_a_backup_has_everything_and_is_private(answered: SavedDesk, capsys: pytest.CaptureFixture[str]) -> None:
    assert answered.file.stat().st_mode & 0o777 == 0o600
    with tarfile.open(answered.file) as tar:
        assert all(member.isreg() for member in tar)
        manifest = json.load(tar.extractfile("manifest.json"))  # type: ignore[arg-type]
        saved = {Path(one["path"]).name: tar.extractfile(one["name"]).read() for one in manifest["members"]}  # type: ignore[union-attr]
    assert saved["people.csv"] == PEOPLE.encode()
    assert saved["secret"] == b"a key that only the tests know\n"
    assert saved["mailgate.toml"] == (answered.folder / "mailgate.toml").read_bytes()
    assert len([name for name in saved if name.endswith(".zip")]) == 1
    assert (manifest["contents"]["tickets"], manifest["highest"]) == (2, 2)
    capsys.readouterr()
    assert answered.run("backup", answered.folder / "other", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["tickets"], said["archived"], said["missing"]) == (2, 1, [])
    assert sorted(one.name for one in answered.file.parent.iterdir()) == ["desk", "saved.tar.gz"]


def test_verify_reads_all_of_it_without_a_configuration(
    answered: SavedDesk, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["restore", str(answered.file), "--verify", "--config", "/nowhere"], answered.clock) == 0
    said = capsys.readouterr().out
    assert "2 tickets, " in said
    assert "every member agrees with its sum" in said


def test_an_existing_file_is_not_overwritten(answered: SavedDesk, capsys: pytest.CaptureFixture[str]) -> None:
    before = answered.file.read_bytes()
    assert answered.run("backup", answered.file) == 1
    assert "already exists" in capsys.readouterr().err
    assert answered.file.read_bytes() == before


def test_a_missing_file_is_named(desk: SavedDesk, capsys: pytest.CaptureFixture[str]) -> None:
    (desk.folder / "people.csv").unlink()
    desk.save()
    assert f"does not exist: {desk.folder / 'people.csv'}" in capsys.readouterr().err


def test_parts_can_be_left_out(answered: SavedDesk) -> None:
    other = answered.file.with_name("other.tar.gz")
    (answered.folder / "secret").unlink()
    assert answered.run("backup", other) == 1
    assert not other.exists()
    assert answered.run("backup", other, "--without-configuration", "--without-archive") == 0
    with tarfile.open(other) as tar:
        assert [name.partition(".")[0] for name in tar.getnames()] == ["database", "manifest"]


def test_nothing_is_left_of_a_backup_that_fails(
    answered: SavedDesk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = answered.folder / "full"
    folder.mkdir()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 1000))
    assert answered.run("backup", folder / "saved") == 1
    assert "make space" in capsys.readouterr().err
    monkeypatch.undo()
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    assert answered.run("backup", folder / "saved") == 1
    assert "no space left on device; nothing was saved" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


# -- the tickets go on -------------------------------------------------------------------------------------------------


def test_the_tickets_go_on(answered: SavedDesk, capsys: pytest.CaptureFixture[str]) -> None:
    question = answered.last(ANNA, "question")
    answered.send(answered.mail(ZOE, "The screen is dark.", subject="Screen"))
    assert answered.references() == ["SUP-1", "SUP-2", "SUP-3"]
    capsys.readouterr()
    assert answered.restore() == 0
    said = capsys.readouterr().out
    assert f"SUP-3  level1  {ZOE}  Screen" in said
    assert "counted on after number 3, the highest that was given" in said
    assert answered.references() == ["SUP-1", "SUP-2"]
    answered.send(answered.answer(ANNA, "The blue one.", question))
    assert "The blue one." in answered.last(ALICE).text
    answered.send(answered.answer(ALICE, "#resolve A new drum.", answered.last(ALICE)))
    assert answered.last(ANNA).notice == "confirm"
    answered.send(answered.mail(ZOE, "The mouse is dead.", subject="Mouse"))
    assert answered.references() == ["SUP-1", "SUP-2", "SUP-4"]
    before = len(answered.delivered("level2@example.com"))
    answered.pass_time("30 days")
    assert len(answered.delivered("level2@example.com")) > before, "SUP-4 was escalated by its timer"


def test_a_second_restore_goes_on_behind_the_first(answered: SavedDesk) -> None:
    for expected in ("SUP-3", "SUP-4", "SUP-5"):
        answered.send(answered.mail(ZOE, "The screen is dark.", subject="Screen"))
        assert answered.references()[-1] == expected
        assert answered.restore() == 0
    answered.send(answered.mail(ZOE, "The screen is dark.", subject="Screen"))
    assert answered.references()[-1] == "SUP-6"


def test_erased_people_are_to_be_erased_again(answered: SavedDesk, capsys: pytest.CaptureFixture[str]) -> None:
    answered.pass_time("1 hour")
    assert answered.run("erase", CAMILLE, "--yes") == 0
    assert answered.restore() == 0
    again = "1 person was erased after the backup, which has them again: run `mailgate erase ADDRESS` for each."
    assert again in capsys.readouterr().out
    assert CAMILLE in [one.requester for one in answered.tickets()]
    assert answered.restore() == 0
    assert "erased after the backup" not in capsys.readouterr().out


def test_notices_continue_behind_lost_ones(answered: SavedDesk) -> None:
    lost = {one.message_id for one in answered.relay.mails}
    answered.send(answered.answer(ALICE, "#note lost", answered.last(L1)))
    lost |= {one.message_id for one in answered.relay.mails}
    answered.restore()
    answered.relay.mails.clear()
    answered.pass_time("30 days")
    assert not lost & {one.message_id for one in answered.relay.mails}


def test_a_lost_secret_and_lost_files_come_back(answered: SavedDesk, capsys: pytest.CaptureFixture[str]) -> None:
    question = answered.last(ANNA, "question")
    bundle = next((answered.folder / "archive").rglob("*.zip"))
    content = bundle.read_bytes()
    bundle.unlink()
    for name in ("secret", "people.csv"):
        (answered.folder / name).unlink()
    capsys.readouterr()
    answered.close()
    assert answered.run("restore", answered.file, "--yes") == 0
    assert f"Put back: {answered.folder / 'secret'}" in capsys.readouterr().out
    assert (answered.folder / "people.csv").read_text() == PEOPLE
    assert bundle.read_bytes() == content
    answered.restart(answered.config)
    answered.send(answered.answer(ANNA, "The blue one.", question))
    assert answered.references() == ["SUP-1", "SUP-2"]


def test_a_present_configuration_stays(answered: SavedDesk, capsys: pytest.CaptureFixture[str]) -> None:
    (answered.folder / "secret").write_text("quite another key of this desk\n")
    (answered.folder / "people.csv").write_text("address,name\n")
    capsys.readouterr()
    answered.close()
    assert answered.run("restore", answered.file, "--yes") == 0
    said = capsys.readouterr()
    assert f"Kept, although it differs in the backup: {answered.folder / 'secret'}" in said.out
    assert "the secret is another one than in the backup" in said.err
    assert answered.run("restore", answered.file, "--yes", "--configuration") == 0
    assert "another one" not in capsys.readouterr().err
    assert (answered.folder / "people.csv").read_text() == PEOPLE
    kept = [one.read_text() for one in answered.folder.glob("people.csv.before-*")]
    assert kept == ["address,name\n"]
    answered.restart(answered.config)


def test_an_empty_machine(answered: SavedDesk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not answered.desk.database.sqlite:
        pytest.skip("the configuration in the backup names the database that is there")
    there = tmp_path / "there"
    there.mkdir()
    config = there / "mailgate.toml"
    content = (answered.folder / "mailgate.toml").read_text().replace(f"sqlite:///{answered.folder}/", "sqlite:///")
    (answered.folder / "mailgate.toml").write_text(content)
    answered.file.unlink()
    answered.save()
    capsys.readouterr()
    assert main(["restore", str(answered.file), "--yes", "--config", str(config)], answered.clock) == 0
    assert "so new tickets are counted on after 1,002. If you know it, add --highest NUMBER" in capsys.readouterr().out
    assert sorted(one.name for one in there.iterdir() if not one.name.startswith("desk.db.")) == [
        "archive",
        "desk.db",
        "mailgate.toml",
        "people.csv",
        "secret",
    ]
    assert (there / "desk.db").stat().st_mode & 0o777 == 0o600
    shutil.rmtree(there)
    there.mkdir()
    command = ["restore", str(answered.file), "--yes", "--config", str(config), "--highest", "2"]
    assert main(command, answered.clock) == 0
    with closing(Database(f"sqlite:///{there}/desk.db")) as database, database.read() as connection:
        assert last_number(connection) == 2


def test_an_older_backup_is_upgraded(desk: SavedDesk, capsys: pytest.CaptureFixture[str]) -> None:
    make_old(desk.desk.database, "0010")
    desk.save()
    make_old(desk.desk.database, VERSION)
    capsys.readouterr()
    assert desk.restore() == 0
    assert f"The database was upgraded from version 0010 to {VERSION}." in capsys.readouterr().out
    desk.send(desk.mail(ANNA, "It is broken.", subject="Printer"))
    assert len(desk.references()) == 1


# -- what is refused ---------------------------------------------------------------------------------------------------


def _state(desk: SavedDesk) -> dict[str, bytes]:
    return {str(one): one.read_bytes() for one in sorted(desk.folder.rglob("*")) if one.is_file() and not _is_lock(one)}


def _is_lock(path: Path) -> bool:
    return path.suffix in (".lock", ".turn") or path.name.endswith(("-shm", "-wal"))


def test_a_desk_that_runs_is_refused(answered: SavedDesk, capsys: pytest.CaptureFixture[str]) -> None:
    database, now = answered.desk.database, answered.clock.now()
    before = _state(answered)
    lock = lock_database(database)
    if lock is None:
        with database.write() as connection:
            hold_lease(connection, "clock", "another", now, now.replace(year=now.year + 1))
    assert answered.run("restore", answered.file, "--yes") == 1
    assert "stop" in capsys.readouterr().err
    assert _state(answered) == before
    if lock is not None:
        lock.close()


def test_a_command_that_runs_is_refused(answered: SavedDesk, capsys: pytest.CaptureFixture[str]) -> None:
    if not answered.desk.database.sqlite:
        pytest.skip("a server lets no transaction write into tables that are exchanged")
    with answered.desk.database.read() as connection:
        connection.execute(select(tickets.c.id)).all()
        assert answered.run("restore", answered.file, "--yes") == 1
    assert "another process uses" in capsys.readouterr().err
    assert answered.references() == ["SUP-1", "SUP-2"]
    assert not list(answered.folder.glob("before-*"))


def test_without_a_terminal_it_must_be_told(answered: SavedDesk, capsys: pytest.CaptureFixture[str]) -> None:
    answered.close()
    before = _state(answered)
    assert answered.run("restore", answered.file) == 2
    assert "add --yes" in capsys.readouterr().err
    assert _state(answered) == before


Change = Callable[[list[tuple[tarfile.TarInfo, bytes]]], list[tuple[tarfile.TarInfo, bytes]]]


def _rewrite(file: Path, change: Change) -> None:
    with tarfile.open(file) as tar:
        members = [(one, tar.extractfile(one).read()) for one in tar]  # type: ignore[union-attr]
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for info, data in change(members):
            info.size = len(data) if info.isreg() else 0
            tar.addfile(info, io.BytesIO(data))
    file.write_bytes(gzip.compress(content.getvalue()))


def _link(name: str, kind: bytes, to: str = "/etc/passwd") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, to
    return info, b""


def _with_manifest(change: Callable[[dict[str, Any]], object]) -> Change:
    def apply(members: list[tuple[tarfile.TarInfo, bytes]]) -> list[tuple[tarfile.TarInfo, bytes]]:
        manifest = json.loads(members[-1][1])
        change(manifest)
        return [*members[:-1], (members[-1][0], json.dumps(manifest).encode())]

    return apply


HOSTILE: dict[str, tuple[Change, str]] = {
    "a link": (lambda members: [_link("file/000009-x", tarfile.SYMTYPE), *members], "no plain file"),
    "a hard link": (lambda members: [_link("file/000009-x", tarfile.LNKTYPE), *members], "no plain file"),
    "a device": (lambda members: [_link("file/000009-x", tarfile.CHRTYPE), *members], "no plain file"),
    "a long name": (lambda members: [(tarfile.TarInfo("x" * 300), b""), *members], "no plain file"),
    "another member": (
        lambda members: [(tarfile.TarInfo("../../x"), b"x"), *members],
        "which its manifest does not name",
    ),
    "a member twice": (lambda members: [members[0], *members], "twice"),
    "a member behind the manifest": (lambda members: [*members, members[0]], "behind its manifest"),
    "no manifest": (lambda members: members[:-1], "no manifest"),
    "other content": (lambda members: [(members[0][0], b"[desk]"), *members[1:]], "differs from its sum"),
    "a missing member": (lambda members: members[1:], "lacks"),
    "a path out of its folder": (
        _with_manifest(lambda manifest: manifest["members"][1].update(path="/etc/mailgate/../cron.d/x")),
        "a path that no backup has",
    ),
    "a bundle out of its folder": (
        _with_manifest(lambda manifest: manifest["members"][-1].update(path="../x.zip")),
        "a path that no backup has",
    ),
    "a set-user-id file": (_with_manifest(lambda manifest: manifest["members"][1].update(mode=0o4755)), "mode"),
    "a later version": (_with_manifest(lambda manifest: manifest["contents"].update(version="9999")), "newer mailgate"),
    "a later format": (_with_manifest(lambda manifest: manifest.update(backup=2)), "newer mailgate"),
    "a ticket number without end": (
        _with_manifest(lambda manifest: manifest["contents"].update(last_ticket=2**63)),
        "last_ticket",
    ),
    "an end of all numbers": (_with_manifest(lambda manifest: manifest.update(highest=2**62)), "highest"),
    "a name that writes lines": (
        lambda members: [(tarfile.TarInfo("x\nmailgate: \x1b[31mrestored"), b"x"), *members],
        r"'x\nmailgate: \x1b[31mrestored'",
    ),
    "no database": (
        lambda members: _with_manifest(
            lambda manifest: manifest.update(members=[one for one in manifest["members"] if one["kind"] != "database"])
        )([one for one in members if not one[0].name.startswith("database")]),
        "one database",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_or_damaged_file_changes_nothing(
    answered: SavedDesk, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    change, words = HOSTILE[name]
    answered.close()
    _rewrite(answered.file, change)
    before = _state(answered)
    capsys.readouterr()
    assert answered.run("restore", answered.file, "--yes", "--configuration") == 1
    said = capsys.readouterr().err
    assert words in said
    assert "nothing was changed" in said
    assert _state(answered) == before


NO_DATABASES: dict[str, tuple[str, str]] = {
    "another program's": ("CREATE TABLE x (a)", "is empty"),
    "an unknown version": ("UPDATE alembic_version SET version_num = 'zz'", "version zz"),
    "no version": ("DELETE FROM alembic_version", "version None"),
    "no history": ("DROP TABLE events", "no table events"),
    "nothing": ("", "not a SQLite database"),
}


@pytest.mark.parametrize("name", NO_DATABASES)
def test_a_database_that_is_none_of_a_desk_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / "desk").mkdir()
    desk = SavedDesk(tmp_path / "desk", f"sqlite:///{tmp_path}/desk/desk.db")
    desk.save()
    desk.close()
    statement, words = NO_DATABASES[name]
    inside = tmp_path / "inside.db"

    def change(members: list[tuple[tarfile.TarInfo, bytes]]) -> list[tuple[tarfile.TarInfo, bytes]]:
        at = next(place for place, (info, _) in enumerate(members) if info.name.startswith("database"))
        inside.write_bytes(members[at][1] if name not in ("nothing", "another program's") else b"")
        with closing(sqlite3.connect(inside)) as connection:
            connection.executescript(statement)
        content = inside.read_bytes()
        manifest = json.loads(members[-1][1])
        line = next(one for one in manifest["members"] if one["kind"] == "database")
        line |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        changed = [*members[:-1], (members[-1][0], json.dumps(manifest).encode())]
        changed[at] = members[at][0], content
        return changed

    _rewrite(desk.file, change)
    before = _state(desk)
    capsys.readouterr()
    assert desk.run("restore", desk.file, "--yes") == 1
    said = capsys.readouterr().err
    assert words in said
    assert "nothing was changed" in said
    assert _state(desk) == before


def test_a_date_at_the_end_of_the_calendar_is_shown(answered: SavedDesk, capsys: pytest.CaptureFixture[str]) -> None:
    _rewrite(answered.file, _with_manifest(lambda manifest: manifest.update(made_at="9999-12-31T23:59:59-12:00")))
    assert answered.run("restore", answered.file, "--verify") == 0
    assert "9999-12-31" in capsys.readouterr().out


def test_a_truncated_file_changes_nothing(answered: SavedDesk, capsys: pytest.CaptureFixture[str]) -> None:
    answered.close()
    whole = answered.file.read_bytes()
    before = _state(answered)
    for part in (0, 1, 100, len(whole) // 2, len(whole) - 1):
        answered.file.write_bytes(whole[:part])
        capsys.readouterr()
        assert answered.run("restore", answered.file, "--yes") == 1
        assert "nothing was changed" in capsys.readouterr().err
    answered.file.write_bytes(whole[:-200] + bytes([whole[-200] ^ 1]) + whole[-199:])
    assert answered.run("restore", answered.file, "--yes") == 1
    answered.file.write_bytes(b"Not a backup at all.\n" * 50)
    assert answered.run("restore", answered.file, "--verify") == 1
    assert "is not a backup" in capsys.readouterr().err
    assert _state(answered) == before


def test_files_elsewhere_are_named_and_not_written(
    answered: SavedDesk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = tmp_path / "elsewhere.csv"
    answered.close()
    _rewrite(answered.file, _with_manifest(lambda manifest: manifest["members"][1].update(path=str(elsewhere))))
    capsys.readouterr()
    assert answered.run("restore", answered.file, "--yes") == 1
    assert f"> {elsewhere}" in capsys.readouterr().err
    assert not elsewhere.exists()


def test_a_damaged_present_database_is_kept(answered: SavedDesk, capsys: pytest.CaptureFixture[str]) -> None:
    if not answered.desk.database.sqlite:
        pytest.skip("a server keeps its files itself")
    answered.close()
    (answered.folder / "desk.db").write_bytes(b"not a database" * 1000)
    (answered.folder / "desk.db-wal").write_bytes(b"nor a log")
    capsys.readouterr()
    assert answered.run("restore", answered.file, "--yes") == 0
    said = capsys.readouterr().out
    assert "which cannot be read" in said
    (aside,) = answered.folder.glob("before-*")
    assert sorted(one.name for one in aside.iterdir()) == ["desk.db", "desk.db-wal"]
    answered.restart(answered.config)
    assert answered.references() == ["SUP-1", "SUP-2"]


def test_a_damaged_database_is_not_saved(answered: SavedDesk, capsys: pytest.CaptureFixture[str]) -> None:
    if not answered.desk.database.sqlite:
        pytest.skip("pg_dump reads what the server gives")
    answered.close()
    with closing(sqlite3.connect(answered.folder / "desk.db")) as connection:
        page, size = (
            connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'journal'").fetchone()[0],
            connection.execute("PRAGMA page_size").fetchone()[0],
        )
    with (answered.folder / "desk.db").open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(os.urandom(size))
    answered.file.unlink()
    assert answered.run("backup", answered.file) == 1
    assert "nothing was saved" in capsys.readouterr().err
    assert not answered.file.exists()
    (answered.folder / "desk.db").unlink()


# -- PostgreSQL --------------------------------------------------------------------------------------------------------


def test_programs_of_postgresql(
    answered: SavedDesk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    if answered.desk.database.sqlite:
        pytest.skip("SQLite needs no program")
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    assert answered.run("backup", tmp_path / "other") == 1
    assert "pg_dump is not installed: apt install postgresql-client" in capsys.readouterr().err
    (folder / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6'\n")
    (folder / "pg_dump").chmod(0o755)
    assert answered.run("backup", tmp_path / "other") == 1
    assert "pg_dump has version 9, but the server has" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()


def test_no_password_is_in_the_arguments(answered: SavedDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    if answered.desk.database.sqlite:
        pytest.skip("SQLite has no password")
    calls: list[tuple[list[str], dict[str, str]]] = []
    run = subprocess.run

    def note(command: list[str], **options: Any) -> Any:
        calls.append((command, options["env"]))
        return run(command, **options)

    monkeypatch.setattr(subprocess, "run", note)
    url = answered.settings.store.database.replace("desk@", "desk:hunter2@")
    (answered.folder / "mailgate.toml").write_text(f'{answered.config}\n[store]\ndatabase = "{url}"\n')
    assert answered.run("backup", answered.file.with_name("other")) == 0
    assert not any("hunter2" in word for command, _ in calls for word in command)
    assert [environment["PGPASSWORD"] for command, environment in calls if command[0] == "pg_dump"] == ["hunter2"] * 2


def test_a_restore_that_fails_in_the_middle_changes_nothing(
    answered: SavedDesk, capsys: pytest.CaptureFixture[str]
) -> None:
    """The tables of before are moved aside and the new ones made when the last step fails."""
    answered.send(answered.mail(ZOE, "The screen is dark.", subject="Screen"))
    answered.close()
    with pytest.MonkeyPatch.context() as patch:
        if answered.desk.database.sqlite:
            patch.setattr(os, "rename", lambda *_: (_ for _ in ()).throw(OSError(5, "Input/output error")))
        else:
            patch.setattr("mailgate.store.backup.postgresql._END", "SELECT 1 / 0;\nCOMMIT;\n")
        assert answered.run("restore", answered.file, "--yes") == 1
    capsys.readouterr()
    answered.restart(answered.config)
    assert answered.references() == ["SUP-1", "SUP-2", "SUP-3"]
    assert answered.restore() == 0
    assert answered.references() == ["SUP-1", "SUP-2"]


def test_rows_of_before_can_still_be_read(answered: SavedDesk) -> None:
    with answered.desk.database.write() as connection:
        connection.execute(update(tickets).where(tickets.c.id == 1).values(subject="changed since"))
    answered.restore()
    if answered.desk.database.sqlite:
        (aside,) = answered.folder.glob("before-*")
        with closing(sqlite3.connect(aside / "desk.db")) as old:
            assert old.execute("SELECT subject FROM tickets WHERE id = 1").fetchone() == ("changed since",)
        return
    with answered.desk.database.read() as connection:
        aside_schema = connection.execute(
            text(f"SELECT nspname FROM pg_namespace WHERE nspname LIKE '{ASIDE}%'")
        ).scalar_one()
        query = text(f"SELECT subject FROM {aside_schema}.tickets WHERE id = 1")
        assert connection.execute(query).scalar_one() == "changed since"
