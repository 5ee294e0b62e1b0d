"""Root restores the desk of another user: the files are that user's, and links of that user lead nowhere."""

from __future__ import annotations

import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgate.__main__ import main
from mailgate.daemon.workers.archive import ArchiveWorker
from tests.support.desk import CONFIG, TestDesk

ANNA, ALICE, L1 = "anna@example.org", "alice@example.com", "level1@example.com"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root restores for another user")


class Installed(TestDesk):
    """A desk as it is installed: a configuration of root, and a folder that belongs to the desk's user."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        self.state, self.file = folder / "state", folder / "saved.tar.gz"
        self.user = pwd.getpwnam("nobody")
        self.state.mkdir(mode=0o700)
        self.etc = folder / "etc"
        self.etc.mkdir(mode=0o755)
        config = f'{CONFIG}[archive]\nfolder = "{self.state}/archive"\n'
        super().__init__(self.etc, database=f"sqlite:///{self.state}/desk.db", config=config)
        self.send(self.mail(ANNA, "It is broken.", subject="Printer"))
        self.send(self.answer(ALICE, "#close solved by phone", self.last(L1, "request")))
        self.pass_time("3 business days")
        (self.state / "archive").mkdir()
        ArchiveWorker(self.desk).step()
        (self.etc / "secret").chmod(0o640)
        os.chown(self.etc / "secret", 0, self.user.pw_gid)
        assert self.run("backup", str(self.file)) == 0
        self.close()
        assert self.restore() == 0
        shutil.rmtree(next(self.state.glob("before-*")))
        self.file.unlink()
        self.give_away()
        assert self.run("backup", str(self.file)) == 0

    def give_away(self) -> None:
        for one in (self.state, *self.state.rglob("*")):
            os.lchown(one, self.user.pw_uid, self.user.pw_gid)

    def run(self, *words: str) -> int:
        return main([*words, "--config", str(self.etc / "mailgate.toml")], self.clock)

    def restore(self) -> int:
        return self.run("restore", str(self.file), "--yes")


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Installed]:
    # The Python of the tests may be one that only root can read: what it needs is imported by a first restore.
    monkeypatch.setattr("mailgate.store.backup.files.require_program", lambda _uid: None)
    folder = Path(tempfile.mkdtemp(dir="/tmp"))  # that others may enter, unlike the folder of a test
    folder.chmod(0o755)
    desk = Installed(folder)
    yield desk
    shutil.rmtree(folder)


def test_a_backup_is_roots(desk: Installed) -> None:
    found = desk.file.stat()
    assert (found.st_uid, found.st_mode & 0o777) == (0, 0o600)
    assert {one.stat().st_uid for one in desk.state.iterdir()} == {desk.user.pw_uid}


def test_what_is_put_back_belongs_to_the_desk(desk: Installed) -> None:
    shutil.rmtree(desk.state / "archive")
    (desk.etc / "secret").unlink()
    assert desk.restore() == 0
    files = [desk.state, *desk.state.rglob("*")]
    assert {one.stat().st_uid for one in files} == {desk.user.pw_uid}
    assert [one.name for one in files if one.suffix == ".zip"] == ["SUP-1.zip"]
    assert (desk.state / "desk.db").stat().st_mode & 0o777 == 0o600
    secret = (desk.etc / "secret").stat()
    assert (secret.st_uid, secret.st_gid, secret.st_mode & 0o777) == (0, desk.user.pw_gid, 0o640)


def test_an_empty_machine(desk: Installed) -> None:
    for one in list(desk.state.iterdir()):
        shutil.rmtree(one) if one.is_dir() else one.unlink()
    shutil.rmtree(desk.etc)
    assert desk.restore() == 0
    assert {one.stat().st_uid for one in desk.state.rglob("*")} == {desk.user.pw_uid}
    assert {one.stat().st_uid for one in desk.etc.rglob("*")} == {0}
    assert desk.etc.stat().st_mode & 0o777 == 0o755


def test_links_of_the_desks_user_lead_nowhere(desk: Installed, capsys: pytest.CaptureFixture[str]) -> None:
    """That user may not write to the folder of root, and root does not do it for them."""
    roots = desk.etc.parent / "roots"
    roots.mkdir(mode=0o755)
    (roots / "file").write_text("kept")
    shutil.rmtree(desk.state / "archive")
    (desk.state / "archive").symlink_to(roots)
    for name in (".desk.db.restoring", "desk.db.highest"):
        (desk.state / name).unlink(missing_ok=True)
        (desk.state / name).symlink_to(roots / "file")
    desk.give_away()
    capsys.readouterr()
    assert desk.restore() == 1
    assert [one.name for one in roots.rglob("*")] == ["file"]
    assert (roots / "file").read_text() == "kept"
    (desk.state / "archive").unlink()
    assert desk.restore() == 0
    assert (roots / "file").read_text() == "kept"
    assert not (desk.state / "desk.db").is_symlink()


def test_the_desks_user_restores_the_database_alone(desk: Installed, capfd: pytest.CaptureFixture[str]) -> None:
    """As on a PostgreSQL server that asks the system who calls: root unpacks the rest by the commands it names."""
    (desk.etc / "secret").unlink()
    desk.file.chmod(0o644)
    capfd.readouterr()
    child = os.fork()
    if child == 0:
        status = 70
        try:
            os.setgroups([])
            os.setgid(desk.user.pw_gid)
            os.setuid(desk.user.pw_uid)
            status = desk.restore()
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    said = capfd.readouterr()
    assert f"Restored {desk.state}/desk.db" in said.out
    (command,) = (line.partition("written: ")[2] for line in said.err.splitlines() if "tar -xzOf" in line)
    assert command.startswith(f"tar -xzOf {desk.file} file/")
    assert command.endswith(f" > {desk.etc}/secret")
    assert {one.stat().st_uid for one in desk.state.rglob("*")} == {desk.user.pw_uid}
