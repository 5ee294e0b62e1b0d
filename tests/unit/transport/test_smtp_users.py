"""The file of agents' logins."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mailgate.transport.smtp.users import SmtpUsers, hash_password
from tests.support.paths import ROOT

GOOD = hash_password("secret")


def test_a_password_is_verified(tmp_path: Path) -> None:
    file = tmp_path / "users"
    file.write_text(f"# agents\n\nAlice@Example.com: {GOOD}\n", "utf-8")
    logins = SmtpUsers.from_file(file)
    assert logins.verify("alice@example.com", "secret")
    assert not logins.verify("alice@example.com", "Secret")
    assert not logins.verify("bob@example.com", "secret")
    assert not logins.verify("", "")


def test_the_command_of_the_example_configuration_makes_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written = re.search(r'python -c "(.*hash_password.*)"', (ROOT / "config.example.toml").read_text("utf-8"))
    assert written is not None
    monkeypatch.setattr("getpass.getpass", lambda: "secret")
    exec(written[1], {})
    file = tmp_path / "users"
    file.write_text(f"alice@example.com:{capsys.readouterr().out}", "utf-8")
    assert SmtpUsers.from_file(file).verify("alice@example.com", "secret")


def test_hashes_are_salted() -> None:
    assert hash_password("secret") != GOOD


@pytest.mark.parametrize(
    "line",
    [
        "alice@example.com",
        "alice@example.com:secret",
        f"alice:{GOOD}",
        f"alice@example.com:{GOOD.replace('scrypt', 'bcrypt')}",
        f"alice@example.com:{GOOD.replace('$16384$', '$16383$')}",
        f"alice@example.com:{GOOD.replace('$16384$', '$1073741824$')}",
        f"alice@example.com:{GOOD}!",
        "alice@example.com:scrypt$16384$8$1$AAAA$",
    ],
    ids=["no hash", "clear text", "no address", "other hash", "odd cost", "huge cost", "no base64", "no key"],
)
def test_a_malformed_line_is_named(line: str, tmp_path: Path) -> None:
    file = tmp_path / "users"
    file.write_text(f"# agents\n{line}\n", "utf-8")
    with pytest.raises(ValueError, match="users, line 2"):
        SmtpUsers.from_file(file)
