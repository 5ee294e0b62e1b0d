"""Closed tickets in the folder of archives: each closing once, whatever happens to the disk or the process."""

from __future__ import annotations

import errno
import os
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from mailgate.__main__ import main
from mailgate.daemon.roles import Daemon
from mailgate.daemon.workers.archive import ArchiveWorker
from mailgate.store import schema
from mailgate.store.archives import note_archive
from mailgate.tickets.archive.export import gather
from tests.support.desk import CONFIG, TestDesk

BEN, ALICE, LEVEL1, OPERATOR = "ben@example.org", "alice@example.com", "level1@example.com", "operator@example.com"
FIRST, SECOND = "2026/11/SUP-1.zip", "2026/12/SUP-1-2.zip"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "archive"
    made.mkdir()
    return made


@pytest.fixture
def desk(tmp_path: Path, folder: Path, database_url: str) -> Iterator[TestDesk]:
    desk = TestDesk(tmp_path, database=database_url, config=f'{CONFIG}\n[archive]\nfolder = "{folder}"\n')
    yield desk
    desk.close()


def _close(desk: TestDesk) -> None:
    desk.send(desk.mail(BEN, "Word does not start.", subject="Word"))
    desk.send(desk.answer(ALICE, "#resolve I reinstalled Word.", desk.last(LEVEL1, "request")))
    desk.send(desk.answer(BEN, "Yes, it is resolved. Thank you.", desk.last(BEN, "confirm")))
    desk.pass_time("4 business days")
    assert desk.ticket().state == "closed"


def _archivist(desk: TestDesk) -> ArchiveWorker:
    return ArchiveWorker(desk.desk)


def _write(desk: TestDesk, worker: ArchiveWorker | None = None) -> None:
    worker = worker or _archivist(desk)
    for _ in range(20):
        if not worker.step():
            return
    raise AssertionError("the archivist never comes to rest")


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def _noted(desk: TestDesk) -> list[tuple[Any, ...]]:
    with desk.desk.database.read() as connection:
        table = schema.archives
        return [tuple(row) for row in connection.execute(select(table.c.path, table.c.size).order_by(table.c.id))]


def test_a_ticket_is_written_when_it_closes_and_once(desk: TestDesk, folder: Path) -> None:
    worker = _archivist(desk)
    assert worker.next_due() is None
    _close(desk)
    assert worker.next_due() == desk.clock.now()
    _write(desk, worker)
    assert _files(folder) == {FIRST}
    assert _noted(desk) == [(FIRST, (folder / FIRST).stat().st_size)]
    assert (folder / FIRST).stat().st_mode & 0o777 == 0o600
    assert worker.next_due() is None
    _write(desk)
    assert _files(folder) == {FIRST}
    assert main(["verify", str(folder / FIRST)]) == 0


def test_each_closing_has_a_file_of_its_own(desk: TestDesk, folder: Path) -> None:
    _close(desk)
    _write(desk)
    before = (folder / FIRST).read_bytes()
    desk.send(desk.answer(BEN, "No, it is not fixed.", desk.last(BEN, "final")))
    assert desk.ticket().state == "level1"
    desk.send(desk.answer(ALICE, "#resolve Now it is.", desk.last(ALICE, "not_fixed")))
    desk.send(desk.answer(BEN, "Yes, it is resolved.", desk.last(BEN, "confirm")))
    desk.pass_time("4 business days")
    _write(desk)
    assert _files(folder) == {FIRST, SECOND}
    assert (folder / FIRST).read_bytes() == before


def test_what_was_opened_again_first_is_written_at_the_next_closing(desk: TestDesk, folder: Path) -> None:
    _close(desk)
    desk.send(desk.answer(BEN, "No, it is not fixed.", desk.last(BEN, "final")))
    _write(desk)
    assert _files(folder) == set()
    assert _archivist(desk).next_due() is None


def test_a_merged_ticket_has_its_own(desk: TestDesk, folder: Path) -> None:
    for subject in ("Printer", "Printer again"):
        desk.send(desk.mail(BEN, "It is broken.", subject=subject))
    desk.send(desk.answer(ALICE, "#merge SUP-1", desk.last(LEVEL1, "request")))
    _write(desk)
    assert _files(folder) == {"2026/11/SUP-2.zip"}
    with zipfile.ZipFile(folder / "2026/11/SUP-2.zip") as archive:
        assert b'"merged_into": "SUP-1"' in archive.read("ticket.json")


def test_without_a_folder_nothing_is_due(tmp_path: Path) -> None:
    desk = TestDesk(tmp_path, database=f"sqlite:///{tmp_path}/desk.db")
    _close(desk)
    with desk.desk.database.read() as connection:
        assert connection.execute(select(func.count()).where(schema.tickets.c.unarchived)).scalar() == 0
    desk.close()


# -- when it cannot be written -----------------------------------------------------------------------------------------


def _alarms(desk: TestDesk) -> list[str]:
    desk.settle()
    return [mail.text for mail in desk.delivered(OPERATOR) if mail.notice == "alarm"]


def test_a_missing_folder_is_told_once_and_nothing_is_lost(
    desk: TestDesk, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder.rmdir()
    _close(desk)
    worker = _archivist(desk)
    for _ in range(30):
        worker.step()
        due = worker.next_due()
        assert due is not None
        assert timedelta(0) < due - desk.clock.now() <= timedelta(hours=1)
        desk.clock.set(due)
    _write(desk, _archivist(desk))  # nor after a restart
    [alarm] = _alarms(desk)
    told = " ".join(alarm.split())
    assert "Closed tickets can’t be written to the archive folder: " in told
    assert "Tickets waiting: 1." in told
    assert f"{folder}: the folder does not exist: create it, or correct archive.folder" in told
    assert len([one for one in caplog.records if "action=archive result=failed" in one.message]) == 2
    folder.mkdir()
    _write(desk, worker)
    assert _files(folder) == {FIRST}
    with desk.desk.database.read() as connection:
        [row] = connection.execute(select(schema.ways).where(schema.ways.c.name == "archive"))
    assert (row.alarmed_at, row.failing_since) == (None, None)


def test_a_full_disk_leaves_nothing_half(desk: TestDesk, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _close(desk)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("mailgate.daemon.workers.archive.os.fsync", full)
        worker = _archivist(desk)
        assert worker.step() == 0
    assert _files(folder) == set()
    [alarm] = _alarms(desk)
    assert "no space left on device" in alarm
    desk.clock.set(desk.clock.now() + timedelta(hours=1))
    _write(desk, worker)
    assert _files(folder) == {FIRST}


@pytest.mark.parametrize("fault", [KeyError("blob 7"), OSError(errno.EFBIG, "File too large")])
def test_a_ticket_that_cannot_be_written_does_not_keep_the_others_out(
    desk: TestDesk, folder: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    _close(desk)
    _close(desk)

    def fail(connection: Any, ticket: Any, name: str) -> Any:
        if ticket.id == 1:
            raise fault
        return gather(connection, ticket, name)

    with monkeypatch.context() as patch:
        patch.setattr("mailgate.daemon.workers.archive.gather", fail)
        worker = _archivist(desk)
        worker.step()
        _write(desk, worker)
        assert len(_files(folder)) == 1
        assert len(_alarms(desk)) == 1
    desk.clock.set(desk.clock.now() + timedelta(minutes=2))
    _write(desk, worker)
    assert len(_files(folder)) == 2


class _Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("place", ["write_bundle", "digest_file", "os.rename", "sync_folder", "note_archive"])
def test_killed_at_any_step_it_comes_once(
    desk: TestDesk, folder: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    _close(desk)

    def die(*_: object) -> None:
        raise _Killed

    with monkeypatch.context() as patch:
        patch.setattr(f"mailgate.daemon.workers.archive.{place}", die)
        with pytest.raises(_Killed):
            _archivist(desk).step()
    assert _noted(desk) == []
    _write(desk)
    assert _files(folder) == {FIRST}
    assert [path for path, _ in _noted(desk)] == [FIRST]
    assert main(["verify", str(folder / FIRST)]) == 0


def test_a_strangers_file_of_that_name_is_never_touched(desk: TestDesk, folder: Path) -> None:
    (folder / "2026/11").mkdir(parents=True)
    (folder / FIRST).write_bytes(b"somebody's own")
    _close(desk)
    _write(desk)
    assert _files(folder) == {FIRST, "2026/11/SUP-1-2.zip"}
    assert (folder / FIRST).read_bytes() == b"somebody's own"


def test_the_daemon_does_it_by_itself(desk: TestDesk, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _close(desk)
    noted = threading.Event()

    def note(*values: Any) -> None:
        note_archive(*values)
        noted.set()

    monkeypatch.setattr("mailgate.daemon.workers.archive.note_archive", note)
    daemon = Daemon(desk.desk, roles=("clock",))
    daemon.start()
    try:
        assert noted.wait(20)
    finally:
        daemon.stop()
    assert _files(folder) == {FIRST}


# -- looking -----------------------------------------------------------------------------------------------------------

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(desk: TestDesk, capsys: pytest.CaptureFixture[str]) -> Call:
    def run(*words: str) -> tuple[int, str, str]:
        status = main([*words, "--config", str(desk.folder / "mailgate.toml")], desk.clock)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_verify_holds_the_folder_against_the_table(desk: TestDesk, folder: Path, call: Call) -> None:
    for _ in range(3):
        _close(desk)
    _write(desk)
    status, said, error = call("verify")
    assert (status, said, error) == (0, f"unchanged bundles in {folder}: 3 of 3\n", "")
    one, two, three = sorted(folder.rglob("*.zip"))
    one.unlink()
    shutil.copy(folder / sorted(folder.rglob("*.zip"))[1], two)  # whole in itself, but not what was written there
    status, said, error = call("verify")
    assert (status, said) == (1, f"unchanged bundles in {folder}: 1 of 3\n")
    assert error.splitlines() == [
        f"mailgate: {one}: SUP-1 is missing",
        f"mailgate: {two}: SUP-2 differs from what the desk wrote",
    ]
    three.unlink()
    os.mkfifo(three)  # what nobody writes to keeps nobody waiting
    assert f"mailgate: {three}: SUP-3 is not a regular file" in call("verify")[2]


def test_check_and_status_say_how_the_folder_is(desk: TestDesk, folder: Path, call: Call) -> None:
    assert "ok       archive    closed tickets go to" in call("check")[1]
    folder.rmdir()
    status, said, _ = call("check")
    assert status == 1
    assert "FAILED   archive" in said
    _close(desk)
    _archivist(desk).step()
    assert "the folder does not exist" in call("status")[1]


def test_a_folder_that_is_not_ours_is_said_to_be(folder: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    # Root may write everywhere.
    monkeypatch.setattr("mailgate.cli.checks.desk.os.access", lambda path, _, **__: Path(path) != folder)
    assert "FAILED   archive" in call("check")[1]
