"""Encryption and logins of the SMTP way in."""

from __future__ import annotations

import base64
import contextlib
import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from smtplib import SMTP, SMTPNotSupportedError, SMTPServerDisconnected

import pytest

from mailgate.transport.smtp.server import SmtpSettings
from mailgate.transport.smtp.session import BAD_LOGIN
from mailgate.transport.smtp.users import hash_password
from tests.support.certificates import make_certificate
from tests.support.listener import BODY, DESK, SENDER, Client, FakeJournal, ListenerThread


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    certificate, key, both = folder / "certificate.pem", folder / "key.pem", folder / "both.pem"
    make_certificate(certificate, key)
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    return both


@pytest.fixture
def secure(certificate: Path, tmp_path: Path, journal: FakeJournal) -> Iterator[ListenerThread]:
    users = tmp_path / "users"
    users.write_text(f"# agents\n\nAlice@example.com:{hash_password('korrekt')}\n", "utf-8")
    settings = SmtpSettings(certificate=certificate, users=users)
    with ListenerThread(journal, settings) as listening:
        yield listening


def _encrypted(smtp: SMTP) -> SMTP:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    smtp.starttls(context=context)
    return smtp


def test_login_is_offered_after_starttls_only(secure: ListenerThread, journal: FakeJournal) -> None:
    with SMTP("127.0.0.1", secure.port) as smtp:
        smtp.ehlo()
        with pytest.raises(SMTPNotSupportedError):
            smtp.login("alice@example.com", "korrekt")
        assert smtp.docmd("AUTH", "PLAIN AGFsaWNlQGV4YW1wbGUuY29tAGtvcnJla3Q=")[0] == 538
        _encrypted(smtp).ehlo()
        assert not smtp.has_extn("starttls")
        assert smtp.docmd("STARTTLS")[0] == 503
        smtp.login("alice@example.com", "korrekt")
        smtp.sendmail("alice@example.com", DESK, BODY)
    assert journal.stored[0][0].auth_user == "alice@example.com"


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("at_once", [True, False])
def test_ways_to_log_in(mechanism: str, at_once: bool, secure: ListenerThread) -> None:
    with SMTP("127.0.0.1", secure.port) as smtp:
        _encrypted(smtp).ehlo()
        smtp.user, smtp.password = "alice@example.com", "korrekt"
        way = smtp.auth_plain if mechanism == "PLAIN" else smtp.auth_login
        assert smtp.auth(mechanism, way, initial_response_ok=at_once)[0] == 235


def test_a_handshake_that_fails_ends_that_session_only(
    secure: ListenerThread, caplog: pytest.LogCaptureFixture
) -> None:
    with Client(secure.port) as client:
        client.greet()
        assert client.say(b"STARTTLS").startswith("220 ")
        client.send(b"this is no handshake\r\n" * 10)
        with contextlib.suppress(ConnectionResetError):
            while client.socket.recv(4096):
                pass
    with SMTP("127.0.0.1", secure.port) as smtp:
        _encrypted(smtp).ehlo()
        smtp.sendmail(SENDER, DESK, BODY)
    assert "Traceback" not in caplog.text


def test_commands_sent_ahead_of_encryption_are_thrown_away(secure: ListenerThread, journal: FakeJournal) -> None:
    with SMTP("127.0.0.1", secure.port) as smtp:
        smtp.ehlo()
        smtp.send(b"STARTTLS\r\nMAIL FROM:<evil@x.example>\r\n")
        assert smtp.getreply()[0] == 220
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        assert smtp.sock is not None
        smtp.sock = context.wrap_socket(smtp.sock)
        smtp.file = None
        smtp.ehlo("client.example")
        smtp.sendmail(SENDER, DESK, BODY)
    assert journal.stored[0][0].sender == SENDER


def test_three_wrong_passwords_end_the_session(secure: ListenerThread) -> None:
    with SMTP("127.0.0.1", secure.port) as smtp:
        _encrypted(smtp).ehlo()
        for who in (b"alice@example.com", b"nobody@example.com", b""):
            code, words = smtp.docmd("AUTH", "PLAIN " + base64.b64encode(b"\0" + who + b"\0wrong").decode())
            assert f"{code} {words.decode()}" == BAD_LOGIN
        assert smtp.getreply()[0] == 421
        with pytest.raises(SMTPServerDisconnected):
            smtp.docmd("NOOP")


def test_wrong_passwords_are_counted_over_all_connections_of_an_address(secure: ListenerThread) -> None:
    def attempt(password: bytes) -> int:
        with SMTP("127.0.0.1", secure.port) as smtp:
            _encrypted(smtp).ehlo()
            return smtp.docmd("AUTH", "PLAIN " + base64.b64encode(b"\0alice@example.com\0" + password).decode())[0]

    assert [attempt(b"wrong") for _ in range(10)] == [535] * 10
    assert attempt(b"korrekt") == 421  # else the next guess would be examined
    secure.clock.advance(timedelta(hours=1))
    assert attempt(b"korrekt") == 235


@pytest.mark.parametrize(
    "argument",
    ["PLAIN !!!", "PLAIN AAAA", "CRAM-MD5", "", "LOGIN a b c"],
    ids=["base64", "parts", "way", "none", "many"],
)
def test_a_login_that_is_none_gets_a_reply(argument: str, secure: ListenerThread) -> None:
    with SMTP("127.0.0.1", secure.port) as smtp:
        _encrypted(smtp).ehlo()
        assert smtp.docmd("AUTH", argument)[0] in (501, 504)
        assert smtp.docmd("NOOP")[0] == 250
