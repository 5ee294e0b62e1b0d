"""`check` by root looks with the rights of the user whom the desk runs as, and errors name the file and its owner."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgate.__main__ import main
from mailgate.cli.checks.desk import CheckResult, Finding
from mailgate.cli.checks.desk_user import look_as, named_user
from mailgate.cli.checks.files import check_files
from mailgate.cli.context import CommandError, database_errors, require_writable
from mailgate.store.database import Database
from mailgate.store.locks import lock_database, try_write
from tests.support.desk import CONFIG, TestDesk

USER = named_user("nobody")
pytestmark = pytest.mark.skipif(os.geteuid() != 0 or USER is None, reason="only root may look as another user")
REAL = CONFIG.replace("example.com", "desk.test")


@pytest.fixture
def desk() -> Iterator[TestDesk]:
    """A desk whose folder and files are of another user than root; others may look into the folder."""
    assert USER is not None
    folder = Path(tempfile.mkdtemp(prefix="mailgate-rights-"))
    found = TestDesk(folder, database=f"sqlite:///{folder}/desk.db", config=REAL)
    found.close()
    for path in (folder, *folder.iterdir()):
        os.chown(path, USER.uid, USER.gid)
    folder.chmod(0o755)
    (folder / "secret").chmod(0o600)
    yield found
    shutil.rmtree(folder)


def run(desk: TestDesk, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    """Checks: (status, output on one line)."""
    status = main(["check", *options, "--config", str(desk.folder / "mailgate.toml")], desk.clock)
    said = capsys.readouterr()
    assert said.err == ""
    return status, " ".join(said.out.split())


@pytest.fixture(autouse=True)
def _loaded(desk: TestDesk, capsys: pytest.CaptureFixture[str]) -> None:
    """Imports all that a check needs: the program of the tests may be where only root may read."""
    run(desk, capsys, "--connect", "--user", "root")
    (desk.folder / "desk.db.turn").unlink(missing_ok=True)


def test_root_looks_as_the_owner_of_the_database(desk: TestDesk, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = run(desk, capsys)
    assert (status, "FAILED" in said) == (0, False), said
    assert f"ok user checked with the rights of nobody, who owns {desk.folder}" in said
    assert "ok files all files named in the configuration are readable" in said


@pytest.mark.parametrize("name", ["desk.db", "desk.db.lock", "desk.db.turn"])
def test_a_file_of_root_beside_the_database_is_found(
    desk: TestDesk, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    path = desk.folder / name
    path.touch()
    os.chown(path, 0, 0)
    path.chmod(0o600)
    status, said = run(desk, capsys)
    assert status == 1
    assert "FAILED files" in said
    assert f"{path} belongs to root (mode 0600), and this is nobody: chown nobody {path}" in said


def test_a_database_that_may_only_be_read_is_found(desk: TestDesk, capsys: pytest.CaptureFixture[str]) -> None:
    path = desk.folder / "desk.db"
    path.chmod(0o400)
    status, said = run(desk, capsys, "--connect")
    assert status == 1
    assert f"{path} belongs to nobody (mode 0400), which is this user: chmod u+rw {path}" in said
    # SQLite would make these with that mode, and leave them.
    assert not [file for file in (f"{path}-wal", f"{path}-shm") if os.path.exists(file)]


def test_serve_names_every_file_of_a_database_that_may_only_be_read(desk: TestDesk) -> None:
    path = desk.folder / "desk.db"
    shm = desk.folder / "desk.db-shm"  # SQLite makes it with the mode of the database
    shm.touch()
    assert USER is not None
    for file in (path, shm):
        file.chmod(0o400)
        os.chown(file, USER.uid, USER.gid)

    def begin() -> Iterator[Finding]:
        try:
            require_writable(desk.settings)
        except CommandError as error:
            yield Finding("", CheckResult.FAILED, str(error))

    [found] = look_as(USER, begin)
    mend = f"{path} belongs to nobody (mode 0400), which is this user: chmod u+rw {path} {shm}"
    assert found.words == f"the database cannot be written to: {mend}"


def test_a_secret_of_root_is_found(desk: TestDesk, capsys: pytest.CaptureFixture[str]) -> None:
    path = desk.folder / "secret"
    os.chown(path, 0, 0)
    status, said = run(desk, capsys)
    assert status == 1
    assert f"{path} belongs to root (mode 0600), and this is nobody: chgrp nogroup {path} && chmod g+r {path}" in said


def test_a_folder_that_may_not_be_entered_is_named(desk: TestDesk, capsys: pytest.CaptureFixture[str]) -> None:
    inner = desk.folder / "inner"
    inner.mkdir(mode=0o700)
    (inner / "people.csv").write_text("address\n")
    config = desk.folder / "mailgate.toml"
    config.write_text(config.read_text() + '[directory]\npeople = "inner/people.csv"\n')
    status, said = run(desk, capsys)
    assert status == 1
    assert (
        f"{inner} belongs to root (mode 0700), and this is nobody: chgrp nogroup {inner} && chmod g+x {inner}" in said
    )


def test_a_program_that_nobody_may_run_is_named(desk: TestDesk, capsys: pytest.CaptureFixture[str]) -> None:
    program = desk.folder / "tell"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o644)
    config = desk.folder / "mailgate.toml"
    config.write_text(f'{config.read_text()}[[hooks]]\nname = "a"\nevents = ["*"]\ncommand = ["{program}"]\n')
    status, said = run(desk, capsys)
    assert status == 1
    assert f"{program} belongs to root (mode 0644), and this is nobody: chmod 755 {program}" in said


def test_a_user_that_is_not_there_is_wrong_usage(desk: TestDesk, capsys: pytest.CaptureFixture[str]) -> None:
    config = str(desk.folder / "mailgate.toml")
    assert main(["check", "--user", "no-such-user", "--config", config], desk.clock) == 2
    assert capsys.readouterr().err == "mailgate: --user: this machine has no user no-such-user\n"


def test_an_error_of_the_database_names_the_file_and_its_owner(desk: TestDesk) -> None:
    path = desk.folder / "desk.db"
    os.chown(path, 0, 0)
    path.chmod(0o644)

    def write() -> Iterator[Finding]:
        database = Database(desk.settings.store.database)
        try:
            with database_errors():
                try_write(database)
        except CommandError as error:
            yield Finding("", CheckResult.FAILED, str(error))

    assert USER is not None
    [found] = look_as(USER, write)
    assert "readonly database" in found.words
    assert f"{path} belongs to root (mode 0644), and this is nobody: chown nobody {path}" in found.words


def test_a_lock_of_root_is_named_with_its_owner(desk: TestDesk) -> None:
    path = desk.folder / "desk.db.lock"
    path.touch(mode=0o600)
    assert f"{path} belongs to root (mode 0600), and this is nobody: chown nobody {path}" in _lock(desk)


def test_a_folder_of_root_without_a_lock_is_named_with_its_owner(desk: TestDesk) -> None:
    (desk.folder / "desk.db.lock").unlink(missing_ok=True)
    os.chown(desk.folder, 0, 0)
    said = _lock(desk)
    assert "is not there" not in said
    assert f"{desk.folder} belongs to root (mode 0755), and this is nobody: chown nobody {desk.folder}" in said


def _lock(desk: TestDesk) -> str:
    """Returns why `serve` could not take the database as that user."""
    from mailgate.cli.serve import _start_errors

    def lock() -> Iterator[Finding]:
        try:
            with _start_errors():
                lock_database(Database(desk.settings.store.database))
        except CommandError as error:
            yield Finding("", CheckResult.FAILED, str(error))

    assert USER is not None
    [found] = look_as(USER, lock)
    return found.words


@pytest.mark.parametrize(("name", "said"), [("secret", False), ("other", True)])
def test_a_secret_that_a_unit_hands_over_need_not_be_readable(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch, name: str, said: bool
) -> None:
    (desk.folder / "secret").chmod(0o600)
    drop_in = desk.folder / "mailgate.service.d/credentials.conf"
    drop_in.parent.mkdir()
    drop_in.write_text(f"[Service]\n# LoadCredential=secret:/x\nLoadCredential={name}:/etc/{name}\n")
    monkeypatch.setattr("mailgate.cli.checks.files._UNITS", (desk.folder,))
    os.chown(desk.folder / "secret", 0, 0)
    assert USER is not None
    found = look_as(USER, lambda: check_files(desk.settings, desk.folder / "mailgate.toml"))
    assert any("secret belongs to root (mode 0600)" in finding.words for finding in found) is said


def test_a_program_that_the_user_may_not_read_is_a_finding() -> None:
    def look() -> Iterator[Finding]:
        yield Finding("queues", CheckResult.OK, "one")
        raise ImportError("No module named 'colorsys'")

    assert USER is not None
    first, last = look_as(USER, look)
    assert (first.words, last.verdict) == ("one", CheckResult.FAILED)
    assert "nobody cannot check: ImportError: No module named 'colorsys'; can they read the program (" in last.words
