"""Values of settings by their keys: whatever is printed is read again as the same value."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import tomlkit

from mailgate.config import Settings, read_config
from mailgate.config.effective import UnknownSetting, find_settings
from mailgate.config.inheritance import QUEUE_TABLES

CONFIG = """
promises = [{ priority = ["urgent"], warn_at = "30 minutes" }]
[desk]
address = "support@example.com"
languages = ["pt-BR", "en"]
business_hours = { mon-tue = ["09:00-12:30", "13:30-18:00"], sat = ["22:00-06:00"], wed = ["00:00-24:00"] }
closing_days = [2026-12-24]
[intake.smtp]
listen = "[::1]:2525"
[intake.lmtp]
mode = "0600"
[[intake.imap]]
host = "imap.example.com"
user = "support"
password_file = "secret"
[[intake.imap]]
host = "other.example.com"
user = "support"
oauth2 = { token_url = "https://login.example.com/token", client_id = "x", client_secret_file = "secret" }
after = "flag"
[trust]
networks = ["192.0.2.0/24"]
[levels.level1]
mailbox = "level1@example.com"
warn_at = "1 business hour"
[levels.level2]
mailbox = "level2@example.com"
[forms.access]
title = { en = "Access", fr = "Accès" }
[[forms.access.fields]]
name = "system"
label = "System"
[[rules]]
name = "vip"
sender = "@vip.example"
header = { Importance = ["high", "1 *"] }
priority = "high"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("0123456789abcdef0123456789abcdef\n")
    (tmp_path / "secret").chmod(0o600)
    (tmp_path / "mailgate.toml").write_text(CONFIG)
    return tmp_path / "mailgate.toml"


@pytest.fixture
def settings(path: Path) -> Settings:
    return read_config(path)


def value(settings: Settings, key: str) -> Any:
    [(found, written)] = find_settings(settings, key)
    assert found == key
    return written


def test_every_value_is_read_again_as_it_is(path: Path, settings: Settings) -> None:
    names = [name for name in (*Settings.model_fields, *QUEUE_TABLES) if name != "queues"]
    tables: dict[str, Any] = {}
    for key, written in (one for name in names for one in find_settings(settings, name)):
        _put(tables, [int(part) if part.isdigit() else part for part in re.findall(r"[^.\[\]]+", key)], written)
    path.write_text(tomlkit.dumps(tables))
    assert read_config(path) == settings


def _put(tables: Any, key: list[str | int], written: Any) -> None:
    for part, following in pairwise(key):
        if isinstance(part, int):
            tables.extend([{}] * (part + 1 - len(tables)))
            tables = tables[part]
        else:
            tables = tables.setdefault(part, [] if isinstance(following, int) else {})
    tables[key[-1]] = written


@pytest.mark.parametrize(
    ("key", "written"),
    [
        ("relay.host", "127.0.0.1"),
        ("desk.languages", ["pt-br", "en"]),
        ("desk.operator", "postmaster@example.com"),
        ("levels.level1.resolve_within", "4 business hours"),
        ("intake.imap[1].after", "flag"),
        ("intake.imap.0.after", {"move": "Processed"}),
        ("intake.lmtp.mode", "0600"),
        ("digest.at", "08:00"),
        ("rules[0].header.Importance", ["high", "1 *"]),
        ("limits.tags", 20),
        ("desk.logo", ""),
    ],
)
def test_a_value_is_found_by_its_key(settings: Settings, key: str, written: Any) -> None:
    [(_, found)] = find_settings(settings, key)
    assert found == written


def test_a_secret_is_the_path_of_its_file(path: Path, settings: Settings) -> None:
    assert value(settings, "desk.secret_file") == str(path.parent / "secret")
    assert value(settings, "intake.imap[0].password_file") == str(path.parent / "secret")


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("relay.hots", "there is no setting relay.hots; did you mean relay.host?"),
        ("rely", "there is no setting rely; did you mean relay?"),
        ("intake.imap[2].host", "there is no setting intake.imap.2; there are 0, 1"),
        ("relay.host.x", "there is no setting relay.host.x: relay.host has no settings in it"),
        ("", '"" is not a key; write one such as relay.host'),
    ],
)
def test_an_unknown_key_names_what_is_meant(settings: Settings, key: str, words: str) -> None:
    with pytest.raises(UnknownSetting) as caught:
        list(find_settings(settings, key))
    assert str(caught.value) == words
