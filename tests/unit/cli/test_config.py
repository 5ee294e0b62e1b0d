"""`mailgate config`: the settings that differ from the defaults, from the file and from the environment."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from mailgate.__main__ import main
from mailgate.cli import shipped
from tests.support.paths import ROOT

CONFIG = """
# A comment.
[desk]
address = "support@example.com"
closing_days = [2026-12-24]
reference = "SUP"
[store]
database = "postgresql+psycopg://mailgate:pw@db.example.com/desk"
[levels.level1]
mailbox = "level1@example.com"
[levels.level2]
mailbox = "level2@example.com"
"""
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    (tmp_path / "secret").write_text("0123456789abcdef0123456789abcdef\n")
    (tmp_path / "mailgate.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        status = main(words)
        return status, *capsys.readouterr()

    return run


def test_differences_are_toml_without_passwords(call: Call) -> None:
    status, printed, _ = call("config")
    tables = tomllib.loads(printed)
    assert status == 0
    assert list(tables["desk"]) == ["address", "closing_days"]
    assert tables["store"] == {"database": "postgresql+psycopg://mailgate:***@db.example.com/desk"}


def test_differences_are_json(call: Call) -> None:
    tables = json.loads(call("config", "--json")[1])
    assert tables["desk"] == {"address": "support@example.com", "closing_days": ["2026-12-24"]}


def test_the_environment_is_in_it_and_check_names_it(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILGATE_DESK__NAME", "Help")
    monkeypatch.setenv("MAILGATE_STORE__DATABASE", "sqlite:///mailgate.db")
    tables = tomllib.loads(call("config")[1])
    assert tables["desk"]["name"] == "Help"
    assert "store" not in tables
    said = " ".join(call("check")[1].split())
    assert "note settings set by the environment: MAILGATE_DESK__NAME, MAILGATE_STORE__DATABASE" in said


def test_mistakes_are_listed(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILGATE_DESK__NAM", "Help")
    status, printed, said = call("config")
    assert (status, printed) == (2, "")
    assert said == 'mailgate: desk.nam: unknown key; did you mean "name"? (set by MAILGATE_DESK__NAM)\n'


def test_an_unreadable_secret_does_not_matter(call: Call, tmp_path: Path) -> None:
    (tmp_path / "secret").unlink()
    assert call("config")[0] == 0


def test_reference_is_the_example_and_needs_no_configuration(call: Call, tmp_path: Path) -> None:
    (tmp_path / "mailgate.toml").unlink()
    assert call("config", "--reference") == (0, (ROOT / "config.example.toml").read_text("utf-8"), "")
    assert call("config", "--reference", "--json")[0] == 2


def test_a_wheel_has_the_shipped_files_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "systemd").mkdir()
    (tmp_path / "systemd" / "mailgate.service").write_text("[Unit]\n")
    monkeypatch.setattr(shipped, "_IN_WHEEL", tmp_path)
    assert shipped.read_shipped(shipped.UNIT) == "[Unit]\n"
    with pytest.raises(FileNotFoundError):
        shipped.find_shipped(shipped.EXAMPLE)


def test_single_settings_are_printed_with_their_defaults_and_without_passwords(call: Call) -> None:
    keys = ("relay.host", "desk.closing_days", "desk.business_hours", "store.database", "levels.level1.agents", "forms")
    week = ", ".join(f'{day} = ["09:00-12:30", "13:30-18:00"]' for day in ("mon", "tue", "wed", "thu", "fri"))
    assert call("config", *keys)[1].splitlines() == [
        'relay.host = "127.0.0.1"',
        "desk.closing_days = [2026-12-24]",
        f"desk.business_hours = {{{week}}}",
        'store.database = "postgresql+psycopg://mailgate:***@db.example.com/desk"',
        "levels.level1.agents = []",
        "forms = {}",
    ]
    assert "relay.port = 25" in call("config", "relay")[1].splitlines()
    assert json.loads(call("config", "relay.port", "digest.at", "--json")[1]) == {
        "relay.port": 25,
        "digest.at": "08:00",
    }
    assert call("config", "relay.prot") == (
        2, "", "mailgate: there is no setting relay.prot; did you mean relay.port?\n",
    )  # fmt: skip
