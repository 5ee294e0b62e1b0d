"""The Maildir: what is taken, when a mail is moved, and what never stands in the way of the next one."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Container, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mailgate.core.backoff import Backoff
from mailgate.core.clock import HandClock
from mailgate.core.mail import Envelope
from mailgate.store.database import Database
from mailgate.store.journal import find_offered
from mailgate.store.schema import journal
from mailgate.store.spool import HEAD, Spool
from mailgate.transport.acceptance import Acceptor
from mailgate.transport.maildir.files import IN_MEMORY
from mailgate.transport.maildir.watcher import GROUP, GROUP_SIZE, MaildirIntake
from tests.support.listener import BODY, DESK, NOON, hold

AT_ONCE = Backoff(first=0.0, longest=0.0)
MAX_SIZE = 4 * IN_MEMORY


class Reported:
    """The reports of a source; "" is a success."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.names: set[str] = set()
        self.figures: dict[str, object] = {}

    def succeeded(self, name: str) -> None:
        self.names.add(name)
        self.said.append("")

    def counted(self, name: str, **figures: object) -> None:  # noqa: ARG002
        self.figures |= figures

    def failed(self, name: str, error: str) -> None:
        self.names.add(name)
        self.said.append(error)


class Desk:
    """Takes mails; those with a bad word in them are not stored, and `held` keeps all from becoming durable."""

    def __init__(self) -> None:
        self.mails: list[tuple[Envelope, bytes]] = []
        self.bad = b"never in a mail"
        self.held: list[Future[Any]] | None = None
        self.taken = threading.Semaphore(0)
        self.raises: Exception | None = None

    def accept(self, envelope: Envelope, raw: bytes | Spool) -> Future[Any]:
        if self.raises is not None:
            raise self.raises
        content = hold(raw)
        done: Future[Any] = Future()
        if self.bad in content:
            done.set_exception(OSError("disk full\nand more"))
            return done
        self.mails.append((envelope, content))
        self.taken.release()
        if self.held is None:
            done.set_result(1)
        else:
            self.held.append(done)
        return done

    @property
    def contents(self) -> list[bytes]:
        return [content for _, content in self.mails]


class Box:
    """A Maildir and the way in that empties it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "support"
        for name in ("new", "cur", "tmp"):
            (self.path / name).mkdir(parents=True)
        self.desk = Desk()
        self.reports = Reported()
        self.clock = HandClock(NOON)
        self.way = self.open()

    def open(self, **options: Any) -> MaildirIntake:
        usual = {"address": DESK, "max_size": MAX_SIZE, "backoff": AT_ONCE, "look_every": 0.01}
        options = {**usual, "accept": self.desk.accept, **options}
        return MaildirIntake(self.path, status=self.reports, clock=self.clock, **options)

    def put(self, name: str, content: bytes = BODY, age: int = 0) -> Path:
        made, file = self.path / "tmp" / name, self.path / "new" / name
        made.write_bytes(content)
        os.utime(made, ns=(0, 10**18 - age))
        return made.replace(file)

    def names(self, folder: str) -> list[str]:
        return sorted(os.listdir(self.path / folder))


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def test_a_mail_is_stored_and_then_moved(box: Box) -> None:
    box.put("1700000000.M1P2.host", b"Subject: Printer\n\nIt is broken.\n")
    assert box.way.scan() == 0.01
    ((envelope, content),) = box.desk.mails
    assert content == b"Subject: Printer\n\nIt is broken.\n"
    key = f"maildir:{box.path}/1700000000.M1P2.host;{10**18}"
    assert envelope == Envelope(None, (DESK,), "maildir", NOON, source_key=key)
    assert (box.names("new"), box.names("cur")) == ([], ["1700000000.M1P2.host:2,S"])
    assert (box.reports.said, box.reports.names) == ([""], {f"maildir {box.path}"})


def test_without_an_address_there_is_no_recipient(box: Box) -> None:
    box.put("a")
    box.open(address="").scan()
    assert box.desk.mails[0][0].recipients == ()


def test_the_oldest_is_first_and_dots_are_no_mails(box: Box) -> None:
    for name, age in (("b", 1), ("c", 0), ("a", 1), (".hidden", 9), ("x:2,RF", 5)):
        box.put(name, name.encode(), age)
    box.way.scan()
    assert box.desk.contents == [b"x:2,RF", b"a", b"b", b"c"]
    assert box.names("cur") == ["a:2,S", "b:2,S", "c:2,S", "x:2,S"]
    assert box.names("new") == [".hidden"]
    assert str(box.desk.mails[0][0].source_key).partition(";")[0] == f"maildir:{box.path}/x"


def test_nothing_is_moved_before_it_is_durable(box: Box) -> None:
    box.put("a")
    box.desk.held = []
    box.way.start()
    try:
        assert box.desk.taken.acquire(timeout=20)
        box.way.stop()
        assert box.names("cur") == []
        box.desk.held[0].set_result(1)
    finally:
        box.way.join(20)
    assert not box.way.is_alive()
    assert box.names("cur") == ["a:2,S"]


def test_it_looks_again_by_itself(box: Box) -> None:
    box.way.start()
    try:
        for name in ("a", "b"):
            box.put(name)
            assert box.desk.taken.acquire(timeout=20)
    finally:
        box.way.stop()
        box.way.join(20)
    assert len(box.desk.mails) == 2
    assert box.names("new") == []


def test_groups_are_bounded(box: Box) -> None:
    asked: list[int] = []

    def known(keys: Sequence[str]) -> Container[str]:
        asked.append(len(keys))
        return ()

    for number in range(GROUP + 1):
        box.put(f"small{number}", age=9)
    for number in range(4):
        box.put(f"large{number}", b"x" * (3 * IN_MEMORY))
    box.open(known=known).scan()
    assert asked == [GROUP, 3, 2]
    assert len(box.desk.mails) == GROUP + 5
    assert box.names("new") == []


def test_a_large_mail_goes_through_a_file(box: Box) -> None:
    content = BODY + b"x" * (2 * IN_MEMORY)
    box.put("large", content)
    seen: list[type] = []

    def accept(envelope: Envelope, raw: bytes | Spool) -> Future[Any]:
        seen.append(type(raw))
        return box.desk.accept(envelope, raw)

    box.open(accept=accept).scan()
    assert seen == [Spool]
    assert box.desk.contents == [content]


@pytest.mark.parametrize(
    ("start", "head"),
    [
        (b"Subject: x\r\nA: b\r\n\r\n", b"Subject: x\r\nA: b\r\n\r\n"),
        (b"Subject: x\n\n", b"Subject: x\n\n"),
        (b"\n", b"\n"),
        (b"Subject: x\n", b"Subject: x\n" + b"x" * (HEAD - 11)),
    ],
)
def test_of_a_mail_too_large_the_head_is_taken(start: bytes, head: bytes, box: Box) -> None:
    content = start + b"x" * MAX_SIZE
    box.put("huge", content)
    box.way.scan()
    ((envelope, taken),) = box.desk.mails
    assert taken == head
    assert envelope.whole_size == len(content)
    assert box.names("cur") == ["huge:2,F"]


def test_a_file_that_cannot_be_read_blocks_nobody(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    os.mkfifo(box.path / "new" / "fifo")
    (box.path / "new" / "folder").mkdir()
    (box.path / "new" / "link").symlink_to("/etc/hostname")
    box.put("empty", b"")
    box.put("good")
    with caplog.at_level(logging.ERROR, "mailgate.intake"):
        for _ in range(3):
            box.way.scan()
    assert box.desk.contents == [BODY]
    assert box.names("new") == ["empty", "fifo", "folder", "link"]
    lines = [record.getMessage() for record in caplog.records]
    assert sorted(line.partition("file=")[2].partition(" ")[0] for line in lines) == [
        "'empty'", "'fifo'", "'folder'", "'link'"
    ]  # fmt: skip
    assert box.reports.said == ["", "", ""]


def test_a_file_that_was_taken_away_is_no_matter(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    def known(_: Sequence[str]) -> Container[str]:
        (box.path / "new" / "a").unlink()
        return ()

    box.put("a", age=1)
    box.put("b")
    with caplog.at_level(logging.WARNING, "mailgate.intake"):
        box.open(known=known).scan()
    assert len(box.desk.mails) == 1
    assert caplog.records == []
    assert box.reports.said == [""]


@pytest.mark.system
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_without_permission_it_says_who_needs_which(box: Box) -> None:
    """Root may read everything, so another process looks."""
    script = """
import os, sys
from pathlib import Path
from mailgate.transport.maildir.files import list_new, read_mail, NewFile
os.chdir(sys.argv[1])  # the folders on the way are root's alone
os.setgid(65534), os.setuid(65534)
print(read_mail(Path("support"), NewFile(0, "a", 1, True), 10).words)
print(list_new(Path("closed")).words)
"""
    box.put("a").chmod(0o600)
    closed = box.path.with_name("closed")
    for folder in (closed / "new", closed / "cur"):
        folder.mkdir(parents=True)
    (closed / "new").chmod(0o700)
    box.path.parent.chmod(0o755)
    words = [sys.executable, "-c", script, str(box.path.parent)]
    one, all_ = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    assert one == "permission denied: let user nobody read it, or move it away"
    assert all_ == "user nobody has no permission for closed/new: grant read, write and execute permission (rwx)"


@pytest.mark.parametrize("missing", ["", "new", "cur"])
def test_a_missing_folder_is_told_and_looked_for_again(missing: str, box: Box) -> None:
    box.put("a")
    away = box.path.with_name("away")
    (box.path / missing).rename(away)
    way = box.open(backoff=Backoff(1.0, 3.0), look_every=0.5)
    assert [way.scan() for _ in range(4)] == [1.0, 2.0, 3.0, 3.0]
    assert box.desk.mails == []
    assert set(box.reports.said) == {
        f"the folder {box.path}/{missing or 'cur'} does not exist: create it (mkdir -p), or correct the path of "
        "this [[intake.maildir]]"
    }
    away.rename(box.path / missing)
    assert way.scan() == 0.5
    assert box.reports.said[-1] == ""
    assert len(box.desk.mails) == 1


def test_a_mail_that_is_not_stored_stays_and_the_others_pass(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    box.desk.bad = b"BAD"
    box.put("bad", b"BAD", age=1)
    box.put("good")
    for _ in range(3):
        box.way.scan()
    assert box.names("new") == ["bad"]
    assert box.names("cur") == ["good:2,S"]
    assert "mails stay in new" in box.reports.said[-1]
    assert [line for line in caplog.text.splitlines() if "file='bad'" in line and "disk full" in line]
    box.put("next")
    box.way.scan()
    assert box.names("new") == ["bad"]
    box.desk.bad = b"never in a mail"
    box.way.scan()
    assert box.names("new") == []
    assert box.reports.said[-1] == ""


def test_where_nothing_is_stored_the_rest_is_left_alone(box: Box) -> None:
    box.desk.raises = RuntimeError("closed")
    for number in range(GROUP * 2):
        box.put(f"{number}")
    box.put("large", b"x" * GROUP_SIZE, age=5)
    asked: list[int] = []

    def known(keys: Sequence[str]) -> Container[str]:
        asked.append(len(keys))
        return ()

    assert box.open(backoff=Backoff(1.0, 3.0), look_every=0.5, known=known, max_size=GROUP_SIZE).scan() == 1.0
    assert asked == [1]  # the large one, which is the oldest and fills a group
    assert box.reports.said == [
        "emails stay in new because they could not be stored (RuntimeError: closed); they are retried, check "
        "the database"
    ]


def test_a_fault_does_not_end_it(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    def broken(_: Sequence[str]) -> Container[str]:
        raise ZeroDivisionError

    box.put("a")
    way = box.open(known=broken)
    way.scan()
    assert "an internal error of mailgate" in box.reports.said[-1]
    assert "ZeroDivisionError" in caplog.text
    assert box.names("new") == ["a"]


def test_what_cannot_be_moved_is_not_stored_twice(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    box.put("a")
    with monkeypatch.context() as broken:
        broken.setattr("mailgate.transport.maildir.files.os.rename", refuse)
        box.way.scan()
        box.put("b")
        box.way.scan()
    assert f"has no permission for {box.path}/cur" in box.reports.said[-1]
    assert box.names("new") == ["a", "b"]
    box.way.scan()
    assert (len(box.desk.mails), box.names("new"), box.names("cur")) == (2, [], ["a:2,S", "b:2,S"])
    assert box.reports.said[-1] == ""


def test_nothing_in_cur_is_replaced(box: Box) -> None:
    (box.path / "cur" / "a:2,S").write_bytes(b"another")
    box.put("a")
    box.way.scan()
    assert box.names("cur") == ["a.1:2,S", "a:2,S"]
    assert (box.path / "cur" / "a:2,S").read_bytes() == b"another"


def test_a_dry_run_changes_nothing_and_reads_once(box: Box) -> None:
    box.put("a")
    way = box.open(dry_run=True)
    for _ in range(3):
        way.scan()
    assert (len(box.desk.mails), box.names("new"), box.names("cur")) == (1, ["a"], [])


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    database.create()
    yield database
    database.close()


def test_a_crash_before_the_move_stores_nothing_twice(box: Box, database: Database) -> None:
    """Also a name of bytes that are no text."""

    def known(keys: Sequence[str]) -> Container[str]:
        with database.read() as connection:
            return find_offered(connection, keys)

    box.put("a")
    box.put(os.fsdecode(b"b\xff"))
    box.put("huge", b"Subject: x\n\n" + b"x" * MAX_SIZE)
    intake = Acceptor(database)
    try:
        box.open(accept=intake.accept, dry_run=True).scan()  # as if it had died before the moving
        assert len(box.names("new")) == 3
        box.open(accept=intake.accept).scan()  # nobody asks, and the journal knows
        for file in (box.path / "cur").iterdir():
            file.rename(box.path / "new" / file.name)
        box.open(accept=box.desk.accept, known=known).scan()
    finally:
        intake.close()
    assert box.desk.mails == []
    assert set(box.names("cur")) == {"a:2,S", os.fsdecode(b"b\xff:2,S"), "huge:2,F"}
    with database.read() as connection:
        rows = connection.execute(select(journal.c.source_key, journal.c.oversized).order_by(journal.c.id)).all()
    assert {(key.rpartition("/")[2].partition(";")[0], oversized) for key, oversized in rows} == {
        ("a", False), ("b\\xff", False), ("huge", True)
    }  # fmt: skip
    assert len(rows) == 3


@pytest.mark.parametrize("part", ["new", "cur"])
def test_a_link_to_another_folder_is_refused(box: Box, part: str) -> None:
    """The desk would carry that folder's files away."""
    other = box.path.parent / "elsewhere"
    other.mkdir()
    (other / "precious").write_text("not a mail")
    (box.path / part).rmdir()
    (box.path / part).symlink_to(other)
    box.way.scan()
    assert os.listdir(other) == ["precious"]
    assert box.desk.mails == []
    assert box.reports.said[-1].startswith(f"{box.path / part} is a link")


def test_a_name_that_comes_again_is_another_mail(box: Box, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/desk.db")
    database.create()
    intake = Acceptor(database)
    way = box.open(accept=intake.accept)
    for age in (2, 1):
        box.put("1.2.host", b"Subject: %d\n\n" % age, age)
        way.scan()
    intake.close()
    with database.read() as connection:
        assert len(connection.execute(select(journal.c.id)).all()) == 2
    database.close()
    assert len(box.names("cur")) == 2
