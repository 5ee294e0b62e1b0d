"""Logging in to the relay with an access token, and a token that the relay accepts no more."""

from __future__ import annotations

import ssl
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import MISSING, SMTP, AuthResult

from mailgate.cli.checks.desk import CheckResult, check_relay
from mailgate.config import read_config
from mailgate.core.clock import HandClock
from mailgate.daemon.desk import relay_settings
from mailgate.transport.oauth.account import OAuthAccount
from mailgate.transport.oauth.grants import NoToken
from mailgate.transport.oauth.sasl import Mechanism, choose, end_of_failure, first_message
from mailgate.transport.relay import Deferred, Relay, RelaySettings, Sent, Tls
from mailgate.transport.relay.handshake import RelayUnavailable, open_session
from tests.support.oauth_server import NOW, TokenEndpoint, access, error
from tests.support.relay import Script, ScriptedRelay, SmtpSink
from tests.unit.cli.test_authorize import CONFIG

USER = "desk@example.com"
NOTICE = b"Subject: hello\r\n\r\nHello.\r\n"


class TokenSink(SmtpSink):
    """A relay that takes the token `good` by the mechanisms it was given, and tells errors as the RFC has them."""

    def __init__(self, good: str, *mechanisms: str, challenges: bool = True) -> None:
        super().__init__(auth_require_tls=False)
        self.good = good
        self.challenges = challenges
        self.logins: list[bytes] = []
        self.ends: list[bytes] = []
        for name in mechanisms:
            setattr(self, f"auth_{name}", self._log_in)

    def __enter__(self) -> TokenSink:
        super().__enter__()
        return self

    async def _log_in(self, server: SMTP, words: list[str]) -> AuthResult:
        said = b64decode(words[1]) if len(words) > 1 else await server.challenge_auth("")
        assert isinstance(said, bytes)
        self.logins.append(said)
        if f"\x01auth=Bearer {self.good}\x01" in said.decode():
            return AuthResult(success=True)
        if self.challenges:
            end = await server.challenge_auth('{"status":"invalid_token"}')
            assert end is not MISSING
            self.ends.append(bytes(end))
        return AuthResult(success=False, handled=False)


class Tokens:
    """Gives one token after the other, a new one each time the last was forgotten."""

    def __init__(self, *tokens: str) -> None:
        self.left = list(tokens)
        self.forgotten: list[str] = []

    def token(self) -> str:
        return self.left[0]

    def forget(self, refused: str = "") -> None:
        self.forgotten.append(refused)
        self.left.pop(0)


@contextmanager
def relaying(port: int, tokens: Any, **more: Any) -> Iterator[Relay]:
    relay = Relay(RelaySettings(port=port, timeout=5.0, user=USER, access=tokens, **more))
    try:
        yield relay
    finally:
        relay.close()


def send(relay: Relay) -> Any:
    return relay.send("desk@example.com", "jo@customer.example", NOTICE)


# What is said


def test_the_words_of_both_mechanisms() -> None:
    assert first_message(Mechanism.XOAUTH2, "u@x.example", "t0k", "smtp.x.example", 587) == (
        b"user=u@x.example\x01auth=Bearer t0k\x01\x01"
    )
    assert first_message(Mechanism.OAUTHBEARER, "a=b,c@x.example", "t0k", "smtp.x.example", 587) == (
        b"n,a=a=3Db=2Cc@x.example,\x01host=smtp.x.example\x01port=587\x01auth=Bearer t0k\x01\x01"
    )
    assert (end_of_failure(Mechanism.XOAUTH2), end_of_failure(Mechanism.OAUTHBEARER)) == (b"", b"\x01")


def test_the_mechanism_is_chosen_from_what_is_offered() -> None:
    assert choose(["PLAIN", "OAUTHBEARER", "xoauth2"]) is Mechanism.XOAUTH2
    assert choose(["oauthbearer"]) is Mechanism.OAUTHBEARER
    assert choose(["PLAIN", "LOGIN"]) is None


# At the relay


@pytest.mark.parametrize(
    ("mechanisms", "said"),
    [
        (("XOAUTH2", "OAUTHBEARER"), "user=desk@example.com\x01auth=Bearer good\x01\x01"),
        (("OAUTHBEARER",), "n,a=desk@example.com,\x01host=127.0.0.1\x01port={port}\x01auth=Bearer good\x01\x01"),
    ],
)
def test_a_login(mechanisms: tuple[str, ...], said: str) -> None:
    with TokenSink("good", *mechanisms) as sink, relaying(sink.port, Tokens("good")) as relay:
        assert isinstance(send(relay), Sent)
        assert sink.logins == [said.format(port=sink.port).encode()]


@pytest.mark.parametrize("challenges", [True, False])
@pytest.mark.parametrize(("mechanism", "end"), [("XOAUTH2", b""), ("OAUTHBEARER", b"\x01")])
def test_a_token_that_has_ended_is_renewed_once(mechanism: str, end: bytes, challenges: bool) -> None:
    tokens = Tokens("old", "good", "never")
    with TokenSink("good", mechanism, challenges=challenges) as sink, relaying(sink.port, tokens) as relay:
        assert isinstance(send(relay), Sent)
        assert isinstance(send(relay), Sent)
        assert sink.connections == 2
        assert sink.ends == ([end] if challenges else [])
    assert tokens.forgotten == ["old"]


def test_a_refusal_for_good_is_deferred_with_the_servers_words() -> None:
    tokens = Tokens("old", "older", "oldest")
    with TokenSink("good", "XOAUTH2") as sink, relaying(sink.port, tokens) as relay:
        assert send(relay) == Deferred("535 5.7.8 Authentication credentials invalid")
        assert sink.connections == 2
        assert sink.received == []
    assert tokens.forgotten == ["old"]


def test_a_long_token_goes_on_a_line_of_its_own() -> None:
    message = first_message(Mechanism.XOAUTH2, USER, "x" * 2000, "", 0)
    line = b64encode(message).decode()
    script = Script(
        extensions=("AUTH LOGIN XOAUTH2",),
        replies={"AUTH": ["334 "], line.upper(): ["235 2.7.0 Welcome"]},
    )
    with ScriptedRelay(script) as scripted, relaying(scripted.port, Tokens("x" * 2000)) as relay:
        assert isinstance(send(relay), Sent)
    assert script.heard[1:3] == ["AUTH XOAUTH2", line]


@pytest.mark.parametrize(
    ("extensions", "reply", "words"),
    [
        (("AUTH XOAUTH2",), "454 4.7.0 Not now", "454 4.7.0 Not now"),
        (("AUTH XOAUTH2",), "504 5.5.4 Unknown", "504 5.5.4 Unknown"),
        (("AUTH PLAIN",), "", "the relay accepts no OAuth2 login here: it offers neither XOAUTH2 nor OAUTHBEARER; "),
        ((), "", "the relay accepts no OAuth2 login here: it offers neither XOAUTH2 nor OAUTHBEARER; "),
    ],
)
def test_what_another_token_does_not_mend(extensions: tuple[str, ...], reply: str, words: str) -> None:
    script = Script(extensions=extensions, replies={"AUTH": [reply]})
    tokens = Tokens("good")
    with ScriptedRelay(script) as scripted, relaying(scripted.port, tokens) as relay:
        found = send(relay)
        assert scripted.connections == 1
    assert isinstance(found, Deferred)
    assert found.words.startswith(words)
    assert tokens.forgotten == []


@pytest.mark.parametrize("tls", [Tls.NONE, Tls.OPPORTUNISTIC])
def test_a_token_never_travels_in_clear(tls: Tls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailgate.transport.relay.handshake.is_this_machine", lambda _host: False)
    with TokenSink("good", "XOAUTH2") as sink, relaying(sink.port, Tokens("good"), tls=tls) as relay:
        found = send(relay)
        assert isinstance(found, Deferred)
        assert "the access token was not sent; set relay.tls to starttls" in found.words
        assert sink.logins == []


def test_no_token_is_deferred() -> None:
    class Without(Tokens):
        def token(self) -> str:
            raise NoToken("login.example.com: invalid_grant; run `mailgate authorize`")

    with TokenSink("good", "XOAUTH2") as sink, relaying(sink.port, Without()) as relay:
        words = "no access token: login.example.com: invalid_grant; run `mailgate authorize`"
        assert send(relay) == Deferred(words)


def test_a_session_whose_login_fails_is_closed() -> None:
    with TokenSink("good", "XOAUTH2") as sink:
        settings = RelaySettings(port=sink.port, user=USER, access=Tokens("old", "older"))
        with pytest.raises(RelayUnavailable):
            open_session(settings)
        assert "old" not in repr(settings)


# All of it


def test_an_account_and_a_relay(tmp_path: Path) -> None:
    with TokenEndpoint(access("old"), access("good")) as endpoint, TokenSink("good", "XOAUTH2") as sink:
        account = OAuthAccount(endpoint.settings(tmp_path, secret="s"), USER, HandClock(NOW))
        with relaying(sink.port, account) as relay:
            assert isinstance(send(relay), Sent)
        assert len(endpoint.heard) == 2


def configure(folder: Path, endpoint: TokenEndpoint, port: int, more: str = "") -> Path:
    (folder / "secret").write_text("0123456789abcdef\n")
    (folder / "secret").chmod(0o600)
    path = folder / "mailgate.toml"
    table = f'token_url = "{endpoint.url}", client_id = "mailgate", client_secret_file = "secret"'
    path.write_text(f'{CONFIG}[relay]\nport = {port}\nuser = "{USER}"\noauth2 = {{ {table} }}\n{more}')
    return path


def test_check_logs_in_by_oauth2(tmp_path: Path) -> None:
    with TokenEndpoint(access("good"), error("invalid_client")) as endpoint, TokenSink("good", "XOAUTH2") as sink:
        settings = read_config(configure(tmp_path, endpoint, sink.port))
        [found] = check_relay(settings, HandClock(NOW))
        assert found.verdict is CheckResult.OK
        assert f"127.0.0.1:{sink.port} answers, logged in as {USER} by OAuth2; it offers" in found.words
        [failed] = check_relay(settings, HandClock(NOW))
        assert failed.verdict is CheckResult.FAILED
        assert "no access token: 127.0.0.1: invalid_client; check client_id" in failed.words


def test_the_relays_settings_are_those_of_the_file(tmp_path: Path) -> None:
    with TokenEndpoint(access()) as endpoint:
        authorities = Path(ssl.get_default_verify_paths().cafile or __file__)
        config = configure(tmp_path, endpoint, 25, f'ca_file = "{authorities}"\n')
        found = relay_settings(read_config(config), HandClock(NOW))
        assert isinstance(found.access, OAuthAccount)
        assert found.ca_file == authorities
        assert endpoint.heard == []
