"""The findings of `check` on secret, sizes, disks, the SIZE of the relay, the database's address, and the probe."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy.exc import OperationalError

from mailgate.__main__ import main
from mailgate.cli.checks.secret import describe_foreign_secret
from mailgate.store.database import describe_loss
from tests.support.desk import CONFIG, TestDesk
from tests.support.relay import SmtpSink

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    desk = TestDesk(tmp_path, database=database_url)
    yield desk
    desk.close()


@pytest.fixture
def check(desk: TestDesk, capsys: pytest.CaptureFixture[str]) -> Check:
    return Check(desk, capsys)


class Check:
    """Checks the desk, with tables added to its configuration: (status, output on one line)."""

    def __init__(self, desk: TestDesk, capsys: pytest.CaptureFixture[str]) -> None:
        self._desk, self._capsys, self._path = desk, capsys, desk.folder / "mailgate.toml"

    def __call__(self, *options: str, more: str = "", config: str = "") -> tuple[int, str]:
        self._path.write_text((config or self._path.read_text()) + more)
        status = main(["check", *options, "--config", str(self._path)], self._desk.clock)
        return status, " ".join(self._capsys.readouterr().out.split())


# -- the secret --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "status", "words"),
    [
        ("short", 1, "FAILED secret {}: a key of 5 bytes can be guessed; put a new one at the top of the file"),
        (KEY[:31], 0, "warning secret {}: a key of 31 bytes can be guessed"),
        (f"{KEY}\nold", 1, "FAILED secret {}: a key of 3 bytes can be guessed"),
    ],
)
def test_a_short_key_is_found(desk: TestDesk, check: Check, key: str, status: int, words: str) -> None:
    path = desk.folder / "secret"
    path.write_text(f"{key}\n")
    found, said = check()
    assert (found, words.format(path) in said) == (status, True)


def test_a_long_key_is_not_spoken_of(desk: TestDesk, check: Check) -> None:
    (desk.folder / "secret").write_text(f"{KEY}\n")
    assert " secret " not in check()[1]


def test_a_secret_that_signed_no_open_mail_is_found(desk: TestDesk, check: Check) -> None:
    old = (desk.folder / "secret").read_text()
    desk.send(desk.mail("Anna <anna@example.org>", "It is broken.", subject="Printer"))
    assert "signed none" not in check("--connect")[1]
    (desk.folder / "secret").write_text(f"{KEY}\n")
    status, said = check("--connect")
    assert status == 1
    assert f"FAILED secret {desk.folder}/secret signed none of the 2 newest emails of open tickets" in said
    (desk.folder / "secret").write_text(f"{KEY}\n{old}")
    assert "signed none" not in check("--connect")[1]


def test_a_desk_without_open_tickets_takes_any_secret(desk: TestDesk) -> None:
    with desk.desk.database.read() as connection:
        assert describe_foreign_secret(connection, desk.settings) == ""


# -- sizes, disks, the probe -------------------------------------------------------------------------------------------


def test_a_size_without_its_unit_is_found(check: Check) -> None:
    status, said = check(more="[intake]\nmax_size = 25\n")
    assert status == 0
    assert (
        "warning settings intake.max_size: 25 means 25 bytes, which is too small for anything; write a unit, "
        'such as "25 MiB"' in said
    )


class Usage(NamedTuple):
    """Like shutil's."""

    total: int
    used: int
    free: int


@pytest.mark.parametrize(
    ("total", "free", "status", "words"),
    [
        (10**12, 10**11, 0, "ok disk 93.1 GiB of 931.3 GiB free for"),
        (10**12, 4 * 10**10, 0, "warning disk only 37.3 GiB of 931.3 GiB free for"),
        (10**10, 4 * 10**8, 0, "warning disk only 381.5 MiB of 9.3 GiB free for"),
        (10**10, 10**6, 1, "FAILED disk 977 KiB of 9.3 GiB free for"),
    ],
)
def test_a_full_disk_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    total: int, free: int, status: int, words: str,
) -> None:  # fmt: skip
    desk = TestDesk(tmp_path, database=f"sqlite:///{tmp_path}/desk.db")
    desk.close()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(total, total - free, free))
    found, said = Check(desk, capsys)()
    assert (found, f"{words} {tmp_path}" in said) == (status, True), said


def test_a_probe_that_is_sent_all_the_time_is_found(check: Check) -> None:
    said = check(config=CONFIG, more='[intake]\nprobe_every = "1 minute"\n')[1]
    assert (
        "warning probe intake.probe_every (1 minute) adds 525,600 emails a year to the journal: 5 minutes are enough"
    ) in said


# -- the database's address, and its refusal ---------------------------------------------------------------------------


def test_three_slashes_are_found(tmp_path: Path, check: Check) -> None:
    inner = tmp_path / "data"
    inner.mkdir()
    said = check(config=CONFIG, more=f'[store]\ndatabase = "sqlite:///{str(inner)[1:]}/desk.db"\n')[1]
    assert f"warning settings store.database: three slashes mean {tmp_path}{inner}/desk.db" in said
    assert f'for {inner}/desk.db, write "sqlite:///{inner}/desk.db"' in said


@pytest.mark.parametrize("address", ["sqlite:///desk.db", "sqlite:///{folder}/desk.db"])
def test_a_path_that_is_meant_is_not_spoken_of(tmp_path: Path, check: Check, address: str) -> None:
    assert "slashes" not in check(config=CONFIG, more=f'[store]\ndatabase = "{address.format(folder=tmp_path)}"\n')[1]


def test_a_refusal_of_postgresql_is_told_once() -> None:
    refusal = 'connection failed: connection to server at "127.0.0.1", port 1 failed: Connection refused'
    several = f"{refusal}\nMultiple connection attempts failed. All failures were:\n- host: 'a': {refusal}"
    assert describe_loss(OperationalError("", None, Exception(several))) == refusal


# -- the relay ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("announced", "words"),
    [
        (
            10_240_000,
            "accepts emails up to 9.8 MiB, less than limits.notice_max_size (20.0 MiB): larger files are left out",
        ),
        (30_000_000, ""),
    ],
)
def test_a_relay_that_takes_less_than_is_planned_is_found(check: Check, announced: int, words: str) -> None:
    with SmtpSink(data_size_limit=announced) as sink:
        status, said = check("--connect", more=f"[relay]\nport = {sink.port}\n")
    assert (status, f"ok relay 127.0.0.1:{sink.port} answers; it offers SIZE" in said) == (0, True)
    assert (f"warning relay 127.0.0.1:{sink.port} {words}" in said) == bool(words)
    assert bool(words) or "warning relay" not in said
