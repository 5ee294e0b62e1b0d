"""`mailgate authorize`: the device flow as an operator sees it, and what the server is asked meanwhile."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mailgate.__main__ import main
from mailgate.cli import authorize
from mailgate.core.clock import HandClock
from tests.support.oauth_server import NOW, Response, TokenEndpoint, access, error

CONFIG = """
[desk]
address = "support@example.com"
[levels.level1]
mailbox = "level1@example.com"
[levels.level2]
mailbox = "level2@example.com"
"""
CODE = {
    "device_code": "device-1",
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://login.example.com/device",
    "expires_in": 600,
    "interval": 7,
}
PENDING = error("authorization_pending")
CONSENT = access(refresh_token="refresh-1")
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def endpoint() -> Iterator[TokenEndpoint]:
    with TokenEndpoint(Response(CODE), CONSENT) as running:
        yield running


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOW)


@pytest.fixture
def waits(clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited each time; nobody really waits."""
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        clock.advance(timedelta(seconds=seconds))

    monkeypatch.setattr(authorize, "sleep", sleep)
    return waited


def relay(endpoint: TokenEndpoint, **more: str) -> str:
    keys = {
        "token_url": f"{endpoint.url}/token",
        "device_url": f"{endpoint.url}/device",
        "client_id": "mailgate",
        "refresh_token_file": "refresh",
        "scope": "mail offline_access",
    } | more
    table = ", ".join(f'{name} = "{value}"' for name, value in keys.items() if value)
    return f'user = "desk@example.com"\noauth2 = {{ {table} }}\n'


@pytest.fixture
def call(
    endpoint: TokenEndpoint, clock: HandClock, waits: list[float], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Call:
    """Run `authorize` on a desk whose relay wants OAuth2: (status, stdout, stderr)."""
    assert waits == []
    (tmp_path / "secret").write_text("0123456789abcdef\n")
    (tmp_path / "secret").chmod(0o600)

    def run(*words: str, tables: str | None = None) -> tuple[int, str, str]:
        text = CONFIG + ("[relay]\n" + relay(endpoint) if tables is None else tables)
        (tmp_path / "mailgate.toml").write_text(text)
        status = main(["authorize", *words, "--config", str(tmp_path / "mailgate.toml")], clock)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def imap(endpoint: TokenEndpoint, **more: str) -> str:
    return '[[intake.imap]]\nhost = "imap.example.com"\n' + relay(endpoint, **more)


# It works


def test_a_person_consents(call: Call, endpoint: TokenEndpoint, waits: list[float], tmp_path: Path) -> None:
    endpoint.answers = [Response(CODE), PENDING, PENDING, CONSENT]
    assert call() == (
        0,
        "Open https://login.example.com/device in a browser, on any machine.\n"
        "Enter the code WDJB-MJHT and log in as desk@example.com.\n"
        "Waiting for up to 10 minutes ...\n"
        f"Done: the refresh token is in {tmp_path}/refresh. Now test it with `mailgate check --connect`.\n",
        "",
    )
    assert (tmp_path / "refresh").read_text() == "refresh-1\n"
    assert stat.S_IMODE((tmp_path / "refresh").stat().st_mode) == 0o600
    assert endpoint.paths == ["/device", "/token", "/token", "/token"]
    assert endpoint.heard[0] == {"client_id": "mailgate", "scope": "mail offline_access"}
    assert endpoint.heard[3] == {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": "device-1",
        "client_id": "mailgate",
    }
    assert waits == [7, 7, 7]


def test_a_client_with_a_secret_shows_it(call: Call, endpoint: TokenEndpoint) -> None:
    assert call(tables="[relay]\n" + relay(endpoint, client_secret_file="secret"))[0] == 0
    assert [form["client_secret"] for form in endpoint.heard] == ["0123456789abcdef"] * 2


def test_googles_own_name_for_the_address(call: Call, endpoint: TokenEndpoint, waits: list[float]) -> None:
    google = {name: value for name, value in CODE.items() if name not in ("verification_uri", "interval")}
    endpoint.answers = [Response(google | {"verification_url": "https://google.example/device"}), CONSENT]
    assert call()[1].startswith("Open https://google.example/device in a browser")
    assert waits == [5]


def test_slower_where_the_server_says_so_or_fails(call: Call, endpoint: TokenEndpoint, waits: list[float]) -> None:
    endpoint.answers = [
        Response(CODE),
        PENDING,
        error("slow_down"),
        PENDING,
        Response(b"", 502),
        Response({}, 503),
        CONSENT,
    ]
    assert call()[0] == 0
    assert waits == [7, 7, 12, 12, 24, 48]


def test_an_old_refresh_token_is_replaced(call: Call, tmp_path: Path) -> None:
    (tmp_path / "refresh").write_text("old\n")
    (tmp_path / "refresh").chmod(0o640)
    assert call()[0] == 0
    assert (tmp_path / "refresh").read_text() == "refresh-1\n"
    assert stat.S_IMODE((tmp_path / "refresh").stat().st_mode) == 0o640


# It comes to nothing


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([Response(CODE), PENDING, error("access_denied")],
         "access was denied in the browser; run `mailgate authorize` again, and allow it"),
        ([Response(CODE), error("expired_token")], "the code was not entered in time; run `mailgate authorize` again"),
        ([Response(CODE), PENDING], "the code was not entered in time; run `mailgate authorize` again"),
        ([Response(CODE), Response(b"down", 503)], "the code was not entered in time; run `mailgate authorize` again"),
        ([Response(CODE), error("invalid_client", "No device-1.", 401)],
         "127.0.0.1: invalid_client: No [secret]; check client_id, client_secret_file and token_url"),
        ([Response(CODE), access()], ('127.0.0.1 returned no refresh token; some servers need '
            '"offline_access" in scope')),
        ([error("unauthorized_client")], "127.0.0.1: unauthorized_client; check client_id, scope and device_url"),
        ([Response({"user_code": "A"})], "127.0.0.1 returned no code to enter; check device_url"),
        ([Response(b"<html>", 404)],
         "127.0.0.1 answered with HTTP status 404 and no JSON object; check the address {url}/device"),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_it_comes_to_nothing(
    call: Call, endpoint: TokenEndpoint, tmp_path: Path, answers: list[Response], words: str
) -> None:
    endpoint.answers = answers
    status, _, said = call()
    assert (status, said) == (1, f"mailgate: {words.format(url=endpoint.url)}\n")
    assert not (tmp_path / "refresh").exists()


def test_a_file_that_cannot_be_written_is_told_before_anybody_is_bothered(
    call: Call, endpoint: TokenEndpoint, tmp_path: Path
) -> None:
    status, out, said = call(tables="[relay]\n" + relay(endpoint, refresh_token_file="none/refresh"))
    assert (status, out) == (1, "")
    assert said == (
        f"mailgate: cannot write {tmp_path}/none/refresh: no such file or directory; give the desk write access "
        "to its folder\n"
    )
    assert endpoint.heard == []


def test_a_disk_that_is_full(call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    status, _, said = call()
    assert status == 1
    assert said.startswith(f"mailgate: cannot write {tmp_path}/refresh: no space left on device; ")


# Which login


def test_the_only_login_needs_no_name(call: Call, endpoint: TokenEndpoint, tmp_path: Path) -> None:
    assert call(tables=imap(endpoint))[0] == 0
    assert (tmp_path / "refresh").exists()


def test_logins_that_share_a_file_are_one(call: Call, endpoint: TokenEndpoint) -> None:
    assert call(tables=f"{imap(endpoint)}[relay]\n{relay(endpoint)}")[0] == 0


def test_one_of_several_is_named(call: Call, endpoint: TokenEndpoint, tmp_path: Path) -> None:
    tables = f"{imap(endpoint, refresh_token_file='other')}[relay]\n{relay(endpoint)}"
    assert call(tables=tables) == (
        2, "", "mailgate: there are several logins; choose one of: relay, intake.imap[0]\n",
    )  # fmt: skip
    assert call("intake.imap[0]", tables=tables)[0] == 0
    assert sorted(os.listdir(tmp_path)) == ["mailgate.toml", "other", "other.lock", "secret"]


def test_a_name_that_is_none(call: Call) -> None:
    assert call("relais")[::2] == (
        2, 'mailgate: there is no login "relais" with refresh_token_file and device_url; choose one of: relay\n',
    )  # fmt: skip


def test_no_login_at_all(call: Call) -> None:
    words = (
        "mailgate: no oauth2 table has both refresh_token_file and device_url: set them, then run this command again\n"
    )
    assert call(tables="")[::2] == (2, words)
