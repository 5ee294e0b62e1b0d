"""Access tokens: what is asked of the token endpoint, what is kept, and what is said where there is none."""

from __future__ import annotations

import json
import logging
import os
import socket
import stat
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from mailgate.config import OAuth2Table
from mailgate.core.clock import HandClock
from mailgate.transport.oauth import endpoint as asking
from mailgate.transport.oauth.account import OAuthAccount
from mailgate.transport.oauth.grants import NoToken
from mailgate.transport.oauth.token_file import hold
from tests.support.oauth_server import NOW, Response, TokenEndpoint, access, error

USER = "support@example.com"


@pytest.fixture
def endpoint() -> Iterator[TokenEndpoint]:
    with TokenEndpoint(access()) as running:
        yield running


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOW)


def account(settings: OAuth2Table, clock: HandClock | None = None) -> OAuthAccount:
    return OAuthAccount(settings, USER, clock or HandClock(NOW))


def refusal(settings: OAuth2Table) -> str:
    with pytest.raises(NoToken) as caught:
        account(settings).token()
    assert "\n" not in caught.value.words
    return caught.value.words


# What is asked


def _renew(tokens: OAuthAccount, refused: str = "") -> str:
    """Acts as a login whose token was refused."""
    tokens.forget(refused)
    return tokens.token()


def test_a_client_secret_alone(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    scope = "https://outlook.office365.com/.default"
    assert account(endpoint.settings(tmp_path, secret="s3cret&=", scope=scope)).token() == "access-1"
    assert endpoint.heard == [
        {"grant_type": "client_credentials", "client_id": "mailgate", "client_secret": "s3cret&=", "scope": scope}
    ]
    assert endpoint.headers[0]["Content-Type"] == "application/x-www-form-urlencoded"
    assert endpoint.paths == ["/token"]


def test_a_refresh_token_of_a_public_client(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    assert account(endpoint.settings(tmp_path, refresh="refresh-1")).token() == "access-1"
    assert endpoint.heard == [
        {"grant_type": "refresh_token", "client_id": "mailgate", "refresh_token": "refresh-1"}
    ]  # fmt: skip


def test_a_refresh_token_and_a_client_secret(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    account(endpoint.settings(tmp_path, refresh="refresh-1", secret="s3cret", scope="mail")).token()
    assert endpoint.heard == [
        {
            "grant_type": "refresh_token",
            "client_id": "mailgate",
            "client_secret": "s3cret",
            "refresh_token": "refresh-1",
            "scope": "mail",
        }
    ]


# What is kept


@pytest.mark.parametrize(("lifetime", "kept"), [(3600, 3300), (100, 90), ("3600", 3300), (None, 3300), (-5, 3300)])
def test_a_token_is_kept_until_shortly_before_it_ends(
    endpoint: TokenEndpoint, tmp_path: Path, clock: HandClock, lifetime: Any, kept: int
) -> None:
    endpoint.answers = [access("one", expires_in=lifetime), access("two")]
    tokens = account(endpoint.settings(tmp_path, secret="s"), clock)
    assert tokens.token() == "one"
    clock.advance(timedelta(seconds=kept - 1))
    assert tokens.token() == "one"
    clock.advance(timedelta(seconds=1))
    assert tokens.token() == "two"
    assert len(endpoint.heard) == 2


def test_a_refused_token_is_forgotten_once(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    endpoint.answers = [access("one"), access("two"), access("three")]
    tokens = account(endpoint.settings(tmp_path, secret="s"))
    assert tokens.token() == "one"
    assert _renew(tokens, "one") == "two"
    assert _renew(tokens, "one") == "two"  # another connection was refused with the old one, too
    tokens.forget()
    assert tokens.token() == "three"


def test_threads_share_one_request(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    tokens = account(endpoint.settings(tmp_path, secret="s"))
    threads = [threading.Thread(target=tokens.token) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(endpoint.heard) == 1


def test_after_a_failure_the_next_call_asks_again(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    endpoint.answers = [error("temporarily_unavailable", status=503), access()]
    tokens = account(endpoint.settings(tmp_path, secret="s"))
    with pytest.raises(NoToken):
        tokens.token()
    assert tokens.token() == "access-1"


# A new refresh token


def test_a_new_refresh_token_replaces_the_old_one(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    settings = endpoint.settings(tmp_path, refresh="refresh-1")
    (tmp_path / "refresh").chmod(0o640)
    endpoint.answers = [access(refresh_token="refresh-2"), access("access-2")]
    tokens = account(settings)
    tokens.token()
    assert (tmp_path / "refresh").read_text() == "refresh-2\n"
    assert stat.S_IMODE((tmp_path / "refresh").stat().st_mode) == 0o640
    assert _renew(tokens) == "access-2"
    assert endpoint.heard[1]["refresh_token"] == "refresh-2"
    assert sorted(os.listdir(tmp_path)) == ["refresh", "refresh.lock"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_what_root_writes_is_for_whoever_runs_the_desk(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    settings = endpoint.settings(tmp_path, refresh="refresh-1")
    os.chown(tmp_path, 1234, 1235)
    endpoint.answers = [access(refresh_token="refresh-2")]
    os.chown(tmp_path / "refresh", 1236, 1237)
    account(settings).token()
    for name in ("refresh", "refresh.lock"):
        found = (tmp_path / name).stat()
        assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (1236, 1237, 0o600)
    (tmp_path / "refresh").unlink()
    with hold(tmp_path / "refresh") as file:
        file.write("refresh-3")
    found = (tmp_path / "refresh").stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (1234, 1235, 0o600)


def test_a_link_to_the_refresh_token_stays_a_link(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    settings = endpoint.settings(tmp_path, refresh="refresh-1")
    (tmp_path / "kept").mkdir()
    (tmp_path / "refresh").rename(tmp_path / "kept" / "token")
    (tmp_path / "refresh").symlink_to("kept/token")
    endpoint.answers = [access(refresh_token="refresh-2")]
    account(settings).token()
    assert (tmp_path / "refresh").is_symlink()
    assert (tmp_path / "kept" / "token").read_text() == "refresh-2\n"


def test_a_crash_before_the_new_one_is_in_place_leaves_the_old_one(
    endpoint: TokenEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = endpoint.settings(tmp_path, refresh="refresh-1")
    endpoint.answers = [access(refresh_token="refresh-2"), access("access-3", refresh_token="refresh-3")]
    tokens = account(settings)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", crash)
        with pytest.raises(KeyboardInterrupt):
            tokens.token()
    assert (tmp_path / "refresh").read_text() == "refresh-1\n"
    assert tokens.token() == "access-3"  # and what the crash left is no obstacle
    assert (tmp_path / "refresh").read_text() == "refresh-3\n"


def test_an_access_token_is_not_used_before_its_refresh_token_is_safe(
    endpoint: TokenEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = endpoint.settings(tmp_path, refresh="refresh-1")
    endpoint.answers = [access(refresh_token="refresh-2")]

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert refusal(settings) == (
        f"{tmp_path}/refresh cannot be saved: no space left on device; give the desk write access to its folder"
    )


def test_two_accounts_never_use_a_refresh_token_twice(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    """The mailbox and the courier share the file; the server ends each token with its use."""
    good = ["refresh-0"]

    def once(form: dict[str, str]) -> Response:
        if form["refresh_token"] != good[0]:
            return error("invalid_grant", "used already")
        good[0] = f"refresh-{len(endpoint.heard)}"
        return access(f"access-{len(endpoint.heard)}", refresh_token=good[0])

    endpoint.then = once
    settings = endpoint.settings(tmp_path, refresh="refresh-0")
    failures: list[str] = []

    def renew() -> None:
        tokens = account(settings)
        try:
            for _ in range(10):
                _renew(tokens)
        except NoToken as error:
            failures.append(error.words)

    threads = [threading.Thread(target=renew) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert len({form["refresh_token"] for form in endpoint.heard}) == 40
    assert (tmp_path / "refresh").read_text().strip() == good[0]


def test_a_refresh_token_that_is_written_meanwhile_is_used(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    tokens = account(endpoint.settings(tmp_path, refresh="refresh-1"))
    tokens.token()
    (tmp_path / "refresh").write_text("refresh-9\n")
    _renew(tokens)
    assert endpoint.heard[1]["refresh_token"] == "refresh-9"


# What is said where there is none


@pytest.mark.parametrize(
    ("said", "keys", "words"),
    [
        (error("invalid_grant", "Token has been\r\n revoked."), {"device_url": "https://x.example/device"},
         "127.0.0.1: invalid_grant: Token has been revoked; run `mailgate authorize`"),
        (error("invalid_grant"), {}, "127.0.0.1: invalid_grant; put a new refresh token into {folder}/refresh"),
        (error("invalid_client", "Bad secret s3cret", 401), {},
         "127.0.0.1: invalid_client: Bad secret [secret]; check client_id and client_secret_file"),
        (error("invalid_scope"), {}, "127.0.0.1: invalid_scope; check scope"),
        (Response({"error": {"code": 7}}, 500), {}, "127.0.0.1: HTTP status 500"),
        (Response(b"<html>no</html>", 404), {},
         "127.0.0.1 answered with HTTP status 404 and no JSON object; check the address {url}/token"),
        (Response(b"[1]"), {},
         "127.0.0.1 answered with HTTP status 200 and no JSON object; check the address {url}/token"),
        (Response(b"[" * 60000), {},
         "127.0.0.1 answered with HTTP status 200 and no JSON object; check the address {url}/token"),
        (Response(b'{"access_token": "' + b"x" * 2**20), {},
         "127.0.0.1 answered with HTTP status 200 and more than 64 kB; check the address {url}/token"),
        (Response({"access_token": "a\x01b"}), {}, "127.0.0.1 returned no bearer token; check token_url"),
        (Response({"access_token": 5}), {}, "127.0.0.1 returned no bearer token; check token_url"),
        (access(token_type="mac"), {}, "127.0.0.1 returned no bearer token; check token_url"),
        (Response(b"", 307, {"Location": "/elsewhere"}), {},
         "127.0.0.1 answered with HTTP status 307 and no JSON object; check the address {url}/token"),
        (Response(b"", 302, {"Location": "/elsewhere"}), {},
         "127.0.0.1 answered with HTTP status 302 and no JSON object; check the address {url}/token"),
    ],
    ids=lambda value: str(value)[:50],
)  # fmt: skip
def test_what_a_bad_answer_comes_to(
    endpoint: TokenEndpoint, tmp_path: Path, said: Response, keys: dict[str, str], words: str
) -> None:
    endpoint.answers = [said]
    settings = endpoint.settings(tmp_path, refresh="refresh-1", secret="s3cret", **keys)
    assert refusal(settings) == words.format(url=endpoint.url, folder=tmp_path)
    assert endpoint.paths == ["/token"]  # and no other address has seen what we sent
    assert (tmp_path / "refresh").read_text() == "refresh-1\n"


@pytest.mark.parametrize("written", ["", None])
def test_no_refresh_token_yet(endpoint: TokenEndpoint, tmp_path: Path, written: str | None) -> None:
    settings = endpoint.settings(tmp_path, refresh="", device_url="https://x.example/device")
    if written is None:
        (tmp_path / "refresh").unlink()
    assert refusal(settings) == f"there is no refresh token in {tmp_path}/refresh: run `mailgate authorize`"
    assert endpoint.heard == []


def test_a_folder_that_is_not_there(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    settings = endpoint.settings(tmp_path, refresh_token_file=tmp_path / "none" / "refresh")
    assert "none/refresh cannot be saved: no such file or directory" in refusal(settings)


def test_nobody_listens(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    settings = endpoint.settings(tmp_path, secret="s", token_url=f"http://127.0.0.1:{port}/token")
    assert refusal(settings) == (
        "127.0.0.1 cannot be reached: Connection refused; it is retried; if that does not help, check the address"
    )


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"])
def test_an_endpoint_that_falls_silent(
    endpoint: TokenEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr(asking, "TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = endpoint.settings(tmp_path, secret="s", token_url=f"http://127.0.0.1:{silent.getsockname()[1]}/")
        words: list[str] = []
        thread = threading.Thread(target=lambda: words.append(refusal(settings)))
        thread.start()
        connection, _ = silent.accept()
        with connection:
            connection.sendall(said)
            thread.join(10)
    assert "it gave no answer within 0 seconds" in words[0]


def test_an_endpoint_that_is_no_web_server(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        settings = endpoint.settings(tmp_path, secret="s", token_url=f"http://127.0.0.1:{other.getsockname()[1]}/")
        words: list[str] = []
        thread = threading.Thread(target=lambda: words.append(refusal(settings)))
        thread.start()
        connection, _ = other.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"220 smtp.example.com ESMTP\r\n")
            thread.join(10)
    assert words[0].startswith("127.0.0.1 cannot be reached: ")


def test_a_proxy_never_sees_what_goes_to_this_machine(
    endpoint: TokenEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert account(endpoint.settings(tmp_path, secret="s")).token() == "access-1"


def test_secrets_stand_nowhere(endpoint: TokenEndpoint, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    endpoint.answers = [access("tell-nobody", refresh_token="nor-this"), error("invalid_grant", "nor-this s3cret")]
    settings = endpoint.settings(tmp_path, refresh="refresh-1", secret="s3cret")
    tokens = account(settings)
    tokens.token()
    with pytest.raises(NoToken) as caught:
        _renew(tokens)
    shown = f"{tokens!r} {vars(tokens)!r} {settings!r} {caught.value!r} {caplog.text}"
    for secret in ("tell-nobody", "nor-this", "s3cret", "refresh-1"):
        assert secret not in shown


# A service account


def pem(key: PrivateKeyTypes) -> str:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def service_settings(endpoint: TokenEndpoint, folder: Path, content: Any, **keys: Any) -> OAuth2Table:
    file = folder / "google.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    table = {"service_account_file": str(file), "scope": "https://mail.google.com/", "token_url": ""}
    return endpoint.settings(folder, **(table | keys))


def key_file(endpoint: TokenEndpoint, key: PrivateKeyTypes) -> dict[str, str]:
    return {
        "type": "service_account",
        "client_email": "desk@project.iam.example",
        "private_key_id": "key-7",
        "private_key": pem(key),
        "token_uri": f"{endpoint.url}/google",
    }


@pytest.mark.parametrize(("subject", "whose"), [("", USER), ("boss@example.com", "boss@example.com")])
def test_a_service_account(
    endpoint: TokenEndpoint, tmp_path: Path, key: rsa.RSAPrivateKey, subject: str, whose: str
) -> None:
    settings = service_settings(endpoint, tmp_path, key_file(endpoint, key), subject=subject)
    assert account(settings).token() == "access-1"
    assert endpoint.paths == ["/google"]
    [form] = endpoint.heard
    signed = form.pop("assertion")
    assert form == {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"}
    audience = f"{endpoint.url}/google"
    lax = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(signed, key.public_key(), ["RS256"], audience=audience, options=lax)  # type: ignore[arg-type]
    issued = int(NOW.timestamp())
    assert claims == {
        "iss": "desk@project.iam.example",
        "sub": whose,
        "scope": "https://mail.google.com/",
        "aud": audience,
        "iat": issued,
        "exp": issued + 3600,
    }
    assert jwt.get_unverified_header(signed) == {"alg": "RS256", "typ": "JWT", "kid": "key-7"}


def test_a_service_account_that_is_refused(endpoint: TokenEndpoint, tmp_path: Path, key: rsa.RSAPrivateKey) -> None:
    endpoint.answers = [error("invalid_grant", "Invalid JWT")]
    assert refusal(service_settings(endpoint, tmp_path, key_file(endpoint, key))) == (
        "127.0.0.1: invalid_grant: Invalid JWT; check this machine's clock, and that desk@project.iam.example may act"
        f" for {USER}"
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"private_key": "-----BEGIN PRIVATE KEY-----\nNOSUCHKEY\n-----END PRIVATE KEY-----"}, "is not an RSA key"),
        ({"private_key": pem(ec.generate_private_key(ec.SECP256R1()))}, "is not an RSA key"),
        ({"private_key": ""}, "has no client_email and private_key"),
        ({"token_uri": "http://else.example/token"}, "token_uri: must begin with https"),
        ({"token_uri": "https://["}, "token_uri: "),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_wrong_key_file(
    endpoint: TokenEndpoint, tmp_path: Path, key: rsa.RSAPrivateKey, change: dict[str, str], words: str
) -> None:
    found = refusal(service_settings(endpoint, tmp_path, key_file(endpoint, key) | change))
    assert words in found
    assert "NOSUCHKEY" not in found
    assert endpoint.heard == []


@pytest.mark.parametrize("content", ["no JSON", "[]"])
def test_a_key_file_that_is_none(endpoint: TokenEndpoint, tmp_path: Path, content: str) -> None:
    assert "put the key file of the service account there" in refusal(service_settings(endpoint, tmp_path, content))


def test_a_key_file_that_has_gone(endpoint: TokenEndpoint, tmp_path: Path) -> None:
    settings = service_settings(endpoint, tmp_path, "{}")
    (tmp_path / "google.json").unlink()
    assert refusal(settings) == f"cannot read {tmp_path}/google.json: no such file or directory"


@pytest.mark.parametrize("missing", ["jwt", "cryptography"])
def test_without_the_extra(
    endpoint: TokenEndpoint, tmp_path: Path, key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    settings = service_settings(endpoint, tmp_path, key_file(endpoint, key))
    if missing == "jwt":
        monkeypatch.setitem(sys.modules, "jwt", None)
    else:
        monkeypatch.setattr("jwt.algorithms.has_crypto", False)
    assert refusal(settings) == (
        "the signing library for service accounts is not installed: install mailgate with the extra oauth"
    )


def test_an_endpoint_that_drips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, endpoint: TokenEndpoint) -> None:
    """A byte now and then never runs into a timeout; a thread that waits for the lock must not wait for it."""
    monkeypatch.setattr("mailgate.transport.oauth.endpoint.LONGEST", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as slow:
        settings = endpoint.settings(tmp_path, secret="s", token_url=f"http://127.0.0.1:{slow.getsockname()[1]}/")
        assert "no whole one within 0" in refusal(settings)


@pytest.mark.parametrize("kind", ["link", "second name", "pipe"])
@pytest.mark.parametrize("name", ["refresh", "refresh.lock"])
def test_what_somebody_laid_there_is_not_touched(tmp_path: Path, name: str, kind: str) -> None:
    """`authorize` may run as root in a folder of the desk's user."""
    precious = tmp_path / "precious"
    precious.write_text("root only")
    precious.chmod(0o600)
    laid = tmp_path / "desk" / name
    laid.parent.mkdir()
    match kind:
        case "link":
            laid.symlink_to(precious)
            os.chown(laid, 65534, 65534, follow_symlinks=False)
        case "second name":
            laid.hardlink_to(precious)
        case _:
            os.mkfifo(laid)
    with pytest.raises(OSError, match=r"link|regular|symbolic"), hold(tmp_path / "desk" / "refresh") as file:
        file.read()
    assert (precious.read_text(), precious.stat().st_uid) == ("root only", os.geteuid())
