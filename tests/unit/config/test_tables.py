"""The oauth2 tables of the configuration: what a way to a token needs, and what is said where that is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailgate.config import ConfigError, Settings, read_config
from tests.unit.cli.test_authorize import CONFIG

TOKEN = 'token_url = "https://login.example.com/token", client_id = "mailgate"'
SECRET = 'client_secret_file = "secret"'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("secret", "refresh", "google.json"):
        (tmp_path / name).write_text("0123456789abcdef\n")
        (tmp_path / name).chmod(0o600)
    return tmp_path


def read(folder: Path, table: str, more: str = 'host = "smtp.example.com"\ntls = "starttls"\n') -> Settings:
    path = folder / "mailgate.toml"
    path.write_text(f'{CONFIG}[relay]\nuser = "desk"\n{more}oauth2 = {{ {table} }}\n')
    return read_config(path)


@pytest.mark.parametrize(
    "table",
    [
        f"{TOKEN}, {SECRET}",
        f'{TOKEN}, refresh_token_file = "refresh"',
        f'{TOKEN}, {SECRET}, refresh_token_file = "refresh"',
        f'{TOKEN}, refresh_token_file = "none yet", device_url = "https://login.example.com/device"',
        'service_account_file = "google.json", scope = "https://mail.google.com/"',
        f'{TOKEN}, {SECRET}, device_url = "", refresh_token_file = "refresh", service_account_file = "", subject = ""',
    ],
)
def test_ways_to_a_token(folder: Path, table: str) -> None:
    found = read(folder, table)
    assert found.relay.oauth2
    assert found.warnings == ()
    assert "0123456789abcdef" not in repr(found)


@pytest.mark.parametrize(
    ("table", "line"),
    [
        (TOKEN, "relay.oauth2: needs client_secret_file, refresh_token_file or service_account_file"),
        (f'client_id = "x", {SECRET}', "relay.oauth2.token_url: missing; it has no default"),
        (f'token_url = "https://x.example/", {SECRET}', "relay.oauth2.client_id: missing; it has no default"),
        (f'token_url = "http://x.example/", client_id = "x", {SECRET}',
         'relay.oauth2.token_url: must begin with https://, because secrets are sent there'),
        (f'{TOKEN}, refresh_token_file = "none"',
         ("relay.oauth2.refresh_token_file: the file {folder}/none does not exist; if device_url is set, "
             "`mailgate authorize` creates it")),
        (f'{SECRET}, service_account_file = "google.json", scope = "x"',
         "relay.oauth2: a service account needs neither client_secret_file nor refresh_token_file; keep one way"),
        ('service_account_file = "google.json"',
         'relay.oauth2.scope: missing; for Gmail it is "https://mail.google.com/"'),
        (f'{TOKEN}, client_secret_file = "none"',
         "relay.oauth2.client_secret_file: cannot read the secret {folder}/none: no such file or directory"),
    ],
)  # fmt: skip
def test_what_is_missing(folder: Path, table: str, line: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(folder, table)
    assert caught.value.mistakes == (line.format(folder=folder),)


def test_no_token_in_clear(folder: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(folder, f"{TOKEN}, {SECRET}", 'host = "smtp.example.com"\ntls = "none"\n')
    assert caught.value.mistakes == ("relay.tls: an access token is never sent unencrypted; use starttls or implicit",)


def test_no_token_to_whoever_answers(folder: Path) -> None:
    assert read(folder, f"{TOKEN}, {SECRET}", 'host = "smtp.example.com"\n').warnings == (
        "relay.tls: the access token goes to any server that answers as smtp.example.com; use starttls or implicit",
    )


def test_this_machine_needs_no_encryption(folder: Path) -> None:
    assert read(folder, f"{TOKEN}, {SECRET}", 'tls = "none"\n').warnings == ()


def test_one_login_is_enough(folder: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(folder, f"{TOKEN}, {SECRET}", 'password_file = "secret"\n')
    assert caught.value.mistakes == ("relay: has both password_file and oauth2; keep only one",)


@pytest.mark.parametrize(
    "url", ["u:SECRET@host:port/x", "u:SECRET@[::1/x", "u:SECRET@a:5432,b:5432/x", "u:SECRET@h:/x"]
)
def test_a_database_that_no_url_can_name_is_a_mistake_without_its_password(tmp_path: Path, url: str) -> None:
    path = tmp_path / "mailgate.toml"
    path.write_text(f'[store]\ndatabase = "postgresql+psycopg://{url}"\n')
    with pytest.raises(ConfigError, match=r"store\.database: has an impossible host or port") as error:
        read_config(path)
    assert "SECRET" not in str(error.value)
