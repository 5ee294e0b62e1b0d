"""The settings that differ from the defaults: none too many, none too few, and no password."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomlkit

from mailgate.config import read_config
from mailgate.config.differences import mask_passwords
from mailgate.config.loader import read_differences
from tests.support.paths import ROOT

LEAST = """
[desk]
address = "support@example.com"
[levels.level1]
mailbox = "level1@example.com"
[levels.level2]
mailbox = "level2@example.com"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("0123456789abcdef0123456789abcdef\n")
    (tmp_path / "secret").chmod(0o600)
    return tmp_path / "mailgate.toml"


def differ(path: Path, text: str) -> dict[str, Any]:
    """The differences; written to the file again, they must give the same settings and the same differences."""
    path.write_text(text)
    before, found = read_config(path), read_differences(path)
    path.write_text(tomlkit.dumps(mask_passwords(found)))
    assert read_config(path) == before
    assert read_differences(path) == found
    return found


def test_a_default_is_left_out_and_everything_else_stays(path: Path) -> None:
    more = """
answer_within = "2 business days"
[store]
database = "sqlite:///mailgate.db"
[relay]
port = 25
tls = "none"
[intake.smtp]
listen = "127.0.0.1:8025"
[[intake.imap]]
host = "imap.example.com"
port = 993
user = "support"
password_file = "secret"
after = { move = "Processed" }
[digest]
at = ""
[queues.network]
address = "network@example.com"
timezone = "Europe/Paris"
levels.level1.mailbox = "level1@example.com"
levels.level2.mailbox = "other@example.com"
"""
    assert differ(path, LEAST + more) == {
        **tomllib.loads(LEAST),
        "relay": {"tls": "none"},
        "intake": {
            "smtp": {},
            "imap": ({"host": "imap.example.com", "user": "support", "password_file": "secret"},),
        },
        "digest": {"at": ""},
        "queues": {
            "network": {"address": "network@example.com", "levels": {"level2": {"mailbox": "other@example.com"}}}
        },
    }


def test_people_who_follow_from_others_are_left_out(path: Path) -> None:
    desk = 'address = "support@example.com"\noperator = "postmaster@example.com"\nmanager = "postmaster@example.com"'
    assert differ(path, LEAST.replace('address = "support@example.com"', desk)) == tomllib.loads(LEAST)


def test_of_the_example_only_names_and_addresses_differ(path: Path) -> None:
    path.write_text((ROOT / "config.example.toml").read_text())
    found = read_differences(path)
    assert found == {
        "desk": {"address": "support@example.com", "manager": "head@example.com"},
        "intake": {"smtp": {}},
        "trust": {"authserv_id": ("mx.example.com",)},
        "levels": {
            "level1": {"mailbox": "level1@example.com", "agents": ("alice@example.com", "bob@example.com")},
            "level2": {"mailbox": "level2@example.com", "agents": ("carol@example.com",)},
        },
    }


@pytest.mark.parametrize(
    ("key", "text", "masked"),
    [
        (("store", "database"), "postgresql+psycopg://me:pw@host/desk", "postgresql+psycopg://me:***@host/desk"),
        (("store", "database"), "postgresql://me:p/w@x@host/desk", "postgresql://me:***@host/desk"),
        (("store", "database"), "postgresql:///desk?user=me&password=pw", "postgresql:///desk?user=me&password=***"),
        (("store", "database"), "sqlite:////var/lib/desk.db", "sqlite:////var/lib/desk.db"),
        (("a", "url"), "https://me:pw@host/path", "https://me:***@host/path"),
        (("a", "url"), "https://host:8443/path@x", "https://host:8443/path@x"),
        (("a", "url"), "https://host/?token=abc&x=1", "https://host/?token=***&x=1"),
        (("hooks", "url"), "https://me:pw@host:8443/T0/secret?sig=abc", "https://host:8443/***"),
        (("hooks[0]", "url"), "https://host?sig=abc", "https://host/***"),
        (("hooks", "url"), "https://host/", "https://host/"),
        (("desk", "name"), "a:b@c", "a:b@c"),
    ],
)
def test_passwords_in_urls_are_masked(key: tuple[str, str], text: str, masked: str) -> None:
    assert mask_passwords({key[0]: {key[1]: text}}) == {key[0]: {key[1]: masked}}
