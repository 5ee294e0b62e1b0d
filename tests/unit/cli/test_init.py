"""`mailgate init` without a terminal: options, mistakes, the files that it writes, and what it leaves alone."""

from __future__ import annotations

import io
import os
import stat
import sys
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import cycle, product
from pathlib import Path

import pytest

from mailgate.__main__ import main
from mailgate.cli.setup.installation import PlannedFile, write_files
from mailgate.config import read_config
from mailgate.core.clock import HandClock
from mailgate.notices.rendering.templates import SHIPPED
from tests.support.relay import SmtpSink

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
PEOPLE = ("--level1", "level1@acme.test", "--level2", "level2@acme.test")
DESK = ("--no-connect", "--address", "support@acme.test", *PEOPLE)
SMTP = (*DESK, "--intake", "smtp")
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run `init` for the folder `desk`: (status, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.setenv("TZ", "Europe/London")
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: str, folder: str = "desk", stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        status = main(["init", folder, *words], HandClock(NOW))
        return status, *capsys.readouterr()

    return run


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


# -- answers -----------------------------------------------------------------------------------------------------------

WAYS = {
    "smtp": ("--intake", "smtp"),
    "smtp elsewhere": ("--intake", "smtp", "--listen", "[::1]:2525"),
    "lmtp": ("--intake", "lmtp"),
    "lmtp socket": ("--intake", "lmtp", "--listen", "unix:lmtp.sock"),
    "imap": ("--intake", "imap", "--imap", "imap.acme.test", "--imap-password-file", "password"),
    "imap starttls": (
        "--intake", "imap", "--imap", "imap.acme.test:143", "--imap-user", "desk", "--imap-password-file", "password",
    ),
    "maildir": ("--intake", "maildir", "--maildir", "Maildir"),
    "pipe": ("--intake", "pipe"),
}  # fmt: skip
RELAYS: dict[str, tuple[str, ...]] = {
    "here": (),
    "submission": ("--relay", "mx.acme.test:587", "--relay-user", "desk", "--relay-password-file", "password"),
    "smtps": ("--relay", "mx.acme.test", "--relay-tls", "implicit"),
}
DATABASES: dict[str, tuple[str, ...]] = {
    "sqlite": (),
    "postgresql": ("--database", "postgresql+psycopg://desk@db.acme.test/desk"),
}
LANGUAGES = cycle(
    f"{first},{second}" for first, second in zip(sorted(SHIPPED), sorted(SHIPPED, reverse=True), strict=True)
)


@pytest.mark.parametrize(
    ("way", "relay", "database", "languages"),
    [(*one, next(LANGUAGES)) for one in product(WAYS, RELAYS, DATABASES)],
)
def test_what_is_written_passes_check(
    call: Call, tmp_path: Path, way: str, relay: str, database: str, languages: str
) -> None:
    (tmp_path / "password").write_text("a password\nnot this line\n")
    for name in ("new", "cur", "tmp"):
        (tmp_path / "Maildir" / name).mkdir(parents=True)
    status, told, said = call(*DESK, *WAYS[way], *RELAYS[relay], *DATABASES[database], "--languages", languages)
    assert (status, said) == (0, "")
    assert "FAILED" not in told
    assert ("warning" in told) is (way == "pipe")  # no source is configured
    found = read_config(tmp_path / "desk" / "mailgate.toml")
    assert [code.tag for code in found.desk.languages] == list(dict.fromkeys(languages.split(",")))
    assert found.store.database.startswith(database)
    assert found.relay.port == {"here": 25, "submission": 587, "smtps": 465}[relay]
    assert found.relay.password == ("a password" if relay == "submission" else "")
    assert found.intake.has_sources is (way != "pipe")
    assert [imap.password for imap in found.intake.imap] == ["a password"] * way.startswith("imap")


def test_the_desk_is_of_this_machine_and_not_french(call: Call, tmp_path: Path) -> None:
    assert call(*SMTP)[0] == 0
    text = (tmp_path / "desk" / "mailgate.toml").read_text()
    desk = tomllib.loads(text)["desk"]
    assert (desk["languages"], desk["timezone"], desk["holidays"]) == (["en"], "Europe/London", "GB")
    assert desk["business_hours"] == {"mon-fri": ["09:00-17:00"]}
    assert len(text.splitlines()) <= 60
    assert all(len(line) <= 120 for line in text.splitlines())
    assert text.endswith("\n")


def test_only_people_of_the_desk_get_notices_at_first(call: Call, tmp_path: Path) -> None:
    call(*SMTP, "--level2-agents", "eve@partner.test,bob@acme.test", "--operator", "Ops@Host.test")
    assert read_config(tmp_path / "desk" / "mailgate.toml").relay.only_to == (
        "@acme.test", "ops@host.test", "eve@partner.test",
    )  # fmt: skip
    call(*SMTP, "--only-to", "everyone", folder="other")
    assert read_config(tmp_path / "other" / "mailgate.toml").relay.only_to == ()


def test_passwords_come_from_standard_input(call: Call, tmp_path: Path) -> None:
    imap = ("--intake", "imap", "--imap", "imap.acme.test", "--imap-password-file", "-")
    relay = ("--relay", "mx.acme.test", "--relay-user", "desk", "--relay-password-file", "-")
    status, told, _ = call(*DESK, *imap, *relay, stdin="first word\r\nsecond word\n")
    assert status == 0
    assert " word" not in told
    assert (tmp_path / "desk" / "imap-password").read_text() == "first word\n"
    assert (tmp_path / "desk" / "relay-password").read_text() == "second word\n"


# -- mistakes ----------------------------------------------------------------------------------------------------------


def test_missing_answers_are_named_at_once(call: Call, tmp_path: Path) -> None:
    status, told, said = call("--yes")
    assert (status, told) == (2, "")
    assert said.startswith(
        "mailgate: missing: --address ADDRESS, --intake WAY, --level1 ADDRESS, --level2 ADDRESS (at a terminal"
    )
    assert not (tmp_path / "desk").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--address", "nobody"), '--address: "nobody" is not an address'),
        (("--intake", "fax"), '--intake: "fax" is none of smtp, lmtp, imap, maildir, pipe'),
        (("--intake", "imap"), "missing: --imap HOST[:PORT], --imap-password-file FILE"),
        (("--intake", "maildir"), "missing: --maildir FOLDER"),
        (("--maildir", "x"), "--maildir: does not go with the other answers"),
        (("--listen", "8025"), 'intake.smtp.listen: "8025" is not an address to listen on'),
        (("--relay", "a b"), '--relay: "a b" is not a server: write HOST or HOST:PORT'),
        (("--relay", "mx:70000"), '--relay: "mx:70000" is not a server'),
        (("--relay-tls", "ssl"), '--relay-tls: "ssl" is none of opportunistic, implicit, starttls, none'),
        (("--relay-user", "desk"), "missing: --relay-password-file FILE"),
        (
            ("--relay-user", "desk", "--relay-password-file", "nowhere"),
            "--relay-password-file: nowhere: no such file or directory",
        ),
        (
            ("--relay-user", "desk", "--relay-password-file", "-"),
            "--relay-password-file: standard input has no password in its first line",
        ),
        (("--level1-agents", "alice"), '--level1-agents: "alice" is not an address'),
        (("--level2", "support@acme.test"), "levels.level2.mailbox: support@acme.test is the desk's own address"),
        (("--languages", "en,tlh"), '--languages: there are no notices in "tlh"; the languages are da, de,'),
        (("--timezone", "Leeds"), '--timezone: there is no time zone "Leeds"'),
        (("--holidays", "Leeds"), '--holidays: there are no public holidays for "Leeds"'),
        (("--database", "mysql://x"), 'store.database: must be "sqlite:///FILE" or'),
        (("--only-to", "acme.test"), '--only-to: "acme.test" is neither an address nor a domain'),
    ],
)
def test_a_wrong_answer_is_named(call: Call, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    status, told, error = call(*SMTP, *words)
    assert (status, told) == (2, "")
    assert error.startswith(f"mailgate: {said}")
    assert not (tmp_path / "desk").exists()


def test_all_mistakes_are_listed(call: Call) -> None:
    said = call("--address", "x", "--timezone", "y", "--level1", "z")[2].splitlines()
    assert [line.split()[1] for line in said] == ["--address:", "--level1:", "--timezone:", "missing:"]


@pytest.mark.parametrize(
    ("server", "port", "tls"),
    [
        (("localhost",), 143, "none"),
        (("127.0.0.1:143",), 143, "none"),
        (("localhost:993",), 993, "implicit"),
        (("imap.acme.test",), 993, "implicit"),
        (("imap.acme.test:143",), 143, "starttls"),
        (("imap.acme.test", "--imap-tls", "starttls"), 143, "starttls"),
    ],
)
def test_port_and_encryption_of_a_mailbox_fit(
    call: Call, tmp_path: Path, server: tuple[str, ...], port: int, tls: str
) -> None:
    assert call(*DESK, "--intake", "imap", "--imap-password-file", "-", "--imap", *server, stdin="a\n")[0] == 0
    [imap] = read_config(tmp_path / "desk" / "mailgate.toml").intake.imap
    assert (imap.port, imap.tls) == (port, tls)


def test_no_password_is_an_option(call: Call) -> None:
    assert call(*SMTP, "--relay-password", "x")[0] == 2


# -- tries -------------------------------------------------------------------------------------------------------------


def test_a_failed_try_is_a_warning(call: Call, tmp_path: Path) -> None:
    with SmtpSink() as relay:
        closed, words = relay.port, [word for word in SMTP if word != "--no-connect"]
        taken = call(*words, "--relay", f"127.0.0.1:{relay.port}", "--listen", f"127.0.0.1:{relay.port}", folder="a")[2]
        good = call(*words, "--relay", f"127.0.0.1:{relay.port}", "--listen", "127.0.0.1:0", folder="b")
    assert f"warning: the desk cannot listen on 127.0.0.1:{closed}: address already in use" in taken
    assert (good[0], good[2]) == (0, "")
    status, _, said = call(*words, "--relay", f"127.0.0.1:{closed}", "--listen", "127.0.0.1:0")
    assert (status, said) == (
        0,
        f"mailgate: warning: 127.0.0.1:{closed} does not answer: connection refused, nothing listens at "
        f"127.0.0.1:{closed}\n",
    )
    assert names(tmp_path / "desk") == {"mailgate.toml", "secret"}


def test_a_database_in_a_missing_folder_is_a_warning(call: Call, tmp_path: Path) -> None:
    words = [word for word in DESK if word != "--no-connect"]
    with SmtpSink() as relay:
        place = ("--intake", "pipe", "--relay", f"127.0.0.1:{relay.port}", "--database")
        said = call(*words, *place, f"sqlite:///{tmp_path}/gone/a.db")[2]
        assert call(*words, *place, f"sqlite:///{tmp_path}/a.db", folder="other")[2] == ""
    assert said.startswith(f"mailgate: warning: store.database: the folder {tmp_path}/gone does not exist: create it")


# -- files -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_nothing_is_readable_by_others(call: Call, tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        relay = ("--relay", "mx.acme.test", "--relay-user", "desk", "--relay-password-file", "-")
        assert call(*SMTP, *relay, stdin="word\n")[0] == 0
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "desk").iterdir()}
    assert modes == {"mailgate.toml": 0o600, "secret": 0o600, "relay-password": 0o600}
    assert stat.S_IMODE((tmp_path / "desk").stat().st_mode) == 0o755


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_a_file_has_its_mode_before_its_first_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, umask: int) -> None:
    seen = []
    change = os.fchmod

    def look(descriptor: int, mode: int) -> None:
        found = os.fstat(descriptor)
        seen.append((stat.S_IMODE(found.st_mode), found.st_size))
        change(descriptor, mode)

    monkeypatch.setattr(os, "fchmod", look)
    before = os.umask(umask)
    try:
        write_files([PlannedFile(tmp_path / "secret", b"key\n", 0o640)], "1")
    finally:
        os.umask(before)
    assert seen == [(0o600, 0)]
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o640


def test_an_existing_configuration_is_named_before_anything_else(call: Call, tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "mailgate.toml").write_text("mine")
    status, _, said = call("--yes")
    assert status == 2
    assert said == (
        f"mailgate: {tmp_path}/desk/mailgate.toml: there already, and not overwritten. Name another FOLDER, or add "
        "--force, which keeps a copy\n"
    )
    assert names(tmp_path / "desk") == {"mailgate.toml"}


def test_force_keeps_copies_and_the_secret(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    relay = ("--relay", "mx.acme.test", "--relay-user", "desk", "--relay-password-file", "-")
    call(*SMTP, *relay, stdin="old\n")
    secret, config = (folder / "secret").read_text(), (folder / "mailgate.toml").read_text()
    status, told, _ = call(*SMTP, *relay, "--force", "--languages", "de", stdin="new\n")
    assert status == 0
    assert (folder / "secret").read_text() == secret
    assert "secret" not in told.replace("secret files", "")
    [copy] = folder.glob("mailgate.toml.*")
    [password] = folder.glob("relay-password.*")
    assert (copy.read_text(), password.read_text()) == (config, "old\n")
    assert (folder / "relay-password").read_text() == "new\n"
    assert f"Kept:    {copy}" in told


def test_an_existing_password_is_not_overwritten(call: Call, tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "relay-password").write_text("other\n")
    relay = ("--relay", "mx.acme.test", "--relay-user", "desk", "--relay-password-file")
    status, _, said = call(*SMTP, *relay, "-", stdin="word\n")
    assert (status, f"{tmp_path}/desk/relay-password: there already" in said) == (2, True)
    assert names(tmp_path / "desk") == {"relay-password"}
    assert call(*SMTP, *relay, "desk/relay-password")[0] == 0
    assert (tmp_path / "desk" / "relay-password").read_text() == "other\n"


@pytest.mark.parametrize("last", ["secret", "mailgate.toml"])
def test_a_failure_leaves_everything_as_it_was(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    replace = os.replace

    def fail(source: str, target: Path) -> None:
        if Path(target).name == last:
            raise OSError(28, "No space left on device", str(target))
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail)
    status, told, said = call(*SMTP, folder="deep/desk")
    assert (status, told) == (1, "")
    assert said == f"mailgate: no configuration was written: {tmp_path}/deep/desk/{last}: no space left on device\n"
    assert not (tmp_path / "deep").exists()


def test_a_failure_puts_replaced_files_back(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call(*SMTP)
    before = {path.name: path.read_bytes() for path in (tmp_path / "desk").iterdir()}

    def fail(_source: str, target: Path) -> None:
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(os, "replace", fail)
    assert call(*SMTP, "--force")[0] == 1
    assert {path.name: path.read_bytes() for path in (tmp_path / "desk").iterdir()} == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_named_first(call: Call, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    status, _, said = call()
    assert (status, f"this user cannot write to {tmp_path}" in said) == (1, True)
