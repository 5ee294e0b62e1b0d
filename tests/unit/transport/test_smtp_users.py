"""The file of agents' logins."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailgate.transport.smtp.users import SmtpUsers, hash_password, put_user

GOOD = hash_password("secret")


def test_a_password_is_verified(tmp_path: Path) -> None:
    file = tmp_path / "users"
    file.write_text(f"# agents\n\nAlice@Example.com: {GOOD}\n", "utf-8")
    logins = SmtpUsers.from_file(file)
    assert logins.verify("alice@example.com", "secret")
    assert not logins.verify("alice@example.com", "Secret")
    assert not logins.verify("bob@example.com", "secret")
    assert not logins.verify("", "")


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


# -- writing a line ----------------------------------------------------------------------------------------------------


def test_a_user_is_added_and_replaced_and_all_else_stays(tmp_path: Path) -> None:
    file = tmp_path / "users"
    file.write_text(f"# agents\n\nAlice@example.com:{GOOD}\nbob@example.com:{GOOD}\n", "utf-8")
    file.chmod(0o640)
    assert put_user(file, "alice@EXAMPLE.com", "new one") is True
    assert put_user(file, "carol@example.com", "hers") is False
    users = SmtpUsers.from_file(file)
    assert users.verify("alice@example.com", "new one")
    assert not users.verify("alice@example.com", "secret")
    assert users.verify("bob@example.com", "secret")
    assert users.verify("carol@example.com", "hers")
    lines = file.read_text("utf-8").splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "# agents", "", "alice@EXAMPLE.com", "bob@example.com", "carol@example.com",
    ]  # fmt: skip
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_user_who_has_two_lines_has_one_afterwards(tmp_path: Path) -> None:
    file = tmp_path / "users"
    file.write_text(f"alice@example.com:{GOOD}\nbob@example.com:{GOOD}\nalice@example.com:{GOOD}\n", "utf-8")
    assert put_user(file, "alice@example.com", "new one") is True
    assert [line.partition("@")[0] for line in file.read_text("utf-8").splitlines()] == ["bob", "alice"]


def test_a_new_file_is_private(tmp_path: Path) -> None:
    assert put_user(tmp_path / "users", "alice@example.com", "secret") is False
    assert (tmp_path / "users").stat().st_mode & 0o777 == 0o600


def test_a_malformed_file_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "users"
    file.write_text("alice@example.com:secret\n", "utf-8")
    with pytest.raises(ValueError, match="line 1: expected address"):
        put_user(file, "bob@example.com", "secret")
    assert file.read_text("utf-8") == "alice@example.com:secret\n"
