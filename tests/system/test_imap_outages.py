"""The server goes away at every step of the protocol, hangs, says good-bye, refuses: nothing is lost or doubled, the
desk comes back by itself, and it does not knock all the time."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path

import pytest

from mailgate.core.backoff import Backoff
from mailgate.transport.imap.first_contact import choose_first
from tests.support.certificates import make_certificate
from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.imap_source import MailboxReader, holds, make_mail, numbers, settings_for
from tests.support.proxy import Fault, FaultyProxy

STEPS = {
    "connect": "",
    "login": "LOGIN",
    "select": "SELECT",
    "search": "SEARCH",
    "size": "RFC822.SIZE",
    "fetch": "BODY.PEEK",
    "idle": "IDLE",
    "done": "DONE",
    "move": "MOVE",
}


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.CUT_AFTER, Fault.HANG, Fault.BYE])
@pytest.mark.parametrize("step", STEPS)
def test_the_server_goes_away(dovecot: Dovecot, tmp_path: Path, user: str, step: str, fault: Fault) -> None:
    database_url = f"sqlite:///{tmp_path}/desk.db"
    for number in range(3):
        dovecot.deliver(make_mail(number), user)
    with FaultyProxy(dovecot.imap) as proxy:
        proxy.break_at(STEPS[step], fault, times=2)
        settings = settings_for(dovecot, user, port=proxy.port, timeout=0.4, idle_window=0.5)
        with MailboxReader(settings, database_url) as reader:
            assert sorted(numbers(reader.wait_for(3))) == [0, 1, 2]
            assert proxy.wait_broken()
            assert reader.status.wait_for(errors=2)
            healed = reader.status.successes
            assert reader.status.wait_for(successes=healed + 1)
            dovecot.deliver(make_mail(3), user)
            rows = reader.wait_for(4)
            assert sorted(numbers(rows)) == [0, 1, 2, 3]
            healed = reader.status.successes
            assert reader.status.wait_for(successes=healed + 1)
    assert (holds(dovecot, user), holds(dovecot, user, "Processed")) == (0, 4)


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.HANG])
def test_the_server_goes_away_during_the_handshake(
    dovecot: Dovecot, database_url: str, user: str, fault: Fault
) -> None:
    dovecot.deliver(make_mail(1), user)
    with FaultyProxy(dovecot.imaps) as proxy:
        proxy.break_at(r"\A\x16\x03", fault, times=2)
        settings = settings_for(
            dovecot, user, port=proxy.port, tls="implicit", host="localhost", ca_file=dovecot.certificate, timeout=0.5
        )
        with MailboxReader(settings, database_url) as reader:
            assert numbers(reader.wait_for(1)) == [1]
            assert len(reader.status.errors) == 2


def test_a_connection_that_dies_in_silence_while_waiting(dovecot: Dovecot, database_url: str, user: str) -> None:
    """IDLE hides that the other side is gone; what comes afterwards must not wait for ever."""
    with FaultyProxy(dovecot.imap) as proxy:
        settings = settings_for(dovecot, user, port=proxy.port, idle_window=600.0)
        with MailboxReader(settings, database_url) as reader:
            assert proxy.wait_for("IDLE")
            assert reader.status.wait_for(successes=1)
            for _ in range(3):
                proxy.cut()
                seen = reader.status.successes
                assert reader.status.wait_for(successes=seen + 1)
            dovecot.deliver(make_mail(1), user)
            assert numbers(reader.wait_for(1)) == [1]


def test_a_server_that_is_away_is_not_knocked_at_all_the_time(dovecot: Dovecot, tmp_path: Path, user: str) -> None:
    with FaultyProxy(dovecot.imap) as proxy:
        proxy.closed = True
        settings = settings_for(dovecot, user, port=proxy.port, first_pause=0.01, longest_pause=60.0)
        with MailboxReader(settings, f"sqlite:///{tmp_path}/desk.db") as reader:
            assert reader.status.wait_for(errors=5)
            assert proxy.connections <= 6
        proxy.closed = False
        dovecot.deliver(make_mail(1), user)
        with MailboxReader(settings, f"sqlite:///{tmp_path}/desk.db") as reader:
            reader.wait_for(1)


def test_a_refused_password_is_tried_rarely_and_heals_by_itself(database_url: str, user: str) -> None:
    with Dovecot() as server, FaultyProxy(server.imap) as proxy:
        server.deliver(make_mail(1), user)
        server.stop()  # it does not read the file twice in a second
        server.set_password("another", user)
        server.start()
        settings = settings_for(server, user, port=proxy.port, first_pause=0.01, longest_pause=0.3)
        with MailboxReader(settings, database_url) as reader:
            assert reader.status.wait_for(errors=3)
            assert reader.rows() == []
            assert "the login is refused: [AUTHENTICATIONFAILED]" in reader.status.errors[0]
            server.set_password(PASSWORD, user)
            assert numbers(reader.wait_for(1)) == [1]


def test_a_folder_that_is_not_there_is_told_in_words(dovecot: Dovecot, database_url: str, user: str) -> None:
    with MailboxReader(settings_for(dovecot, user, folder="Requests"), database_url) as reader:
        assert reader.status.wait_for(errors=1)
        assert reader.status.errors[0].startswith("the folder Requests cannot be opened: ")
        with dovecot.client(user) as client:
            client.create_folder("Requests")
            client.append("Requests", make_mail(1))
        assert numbers(reader.wait_for(1)) == [1]


# -- pauses --------------------------------------------------------------------------------------------------------


def test_the_pauses_of_an_hour() -> None:
    pauses = Backoff(1.0, 300.0)
    taken = list(accumulate(range(11), lambda pause, _: pauses.longer(pause), initial=pauses.longer(0)))
    assert taken == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    refused = list(accumulate(range(15), lambda pause, _: pauses.longer(pause, refused=True), initial=16.0))
    assert refused[:7] == [16, 32, 64, 128, 256, 300, 300]
    assert sum(refused[:15]) < 3600 < sum(refused) + 300, "sixteen logins in an hour"


def test_what_a_first_contact_takes() -> None:
    now = datetime.fromisoformat("2026-11-26T12:00:00+00:00")
    dates = {uid: now - timedelta(days=days) for uid, days in {1: 30, 2: 7, 3: 1, 4: 6, 5: 8}.items()}
    week = timedelta(days=7)
    assert choose_first(dates, "all", now, week, 500) is None
    assert choose_first(dates, "new", now, week, 500) == frozenset()
    assert choose_first(dates, "recent", now, week, 500) == frozenset({2, 3, 4})
    assert choose_first(dates, "recent", now, week, 2) == frozenset({3, 4})


# -- encryption and tokens -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_encrypted_with_an_authority_of_ones_own(dovecot: Dovecot, database_url: str, user: str, tls: str) -> None:
    dovecot.deliver(make_mail(1), user)
    port = dovecot.imaps if tls == "implicit" else dovecot.imap
    settings = settings_for(dovecot, user, port=port, tls=tls, host="localhost", ca_file=dovecot.certificate)
    with MailboxReader(settings, database_url) as reader:
        reader.wait_for(1)
        dovecot.deliver(make_mail(2), user)
        assert numbers(reader.wait_for(2)) == [1, 2]


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_a_server_that_nobody_vouches_for_gets_no_password(
    dovecot: Dovecot, database_url: str, user: str, tls: str, tmp_path: Path
) -> None:
    make_certificate(tmp_path / "other.pem", tmp_path / "other.key")
    port = dovecot.imaps if tls == "implicit" else dovecot.imap
    with FaultyProxy(port) as proxy:
        settings = settings_for(
            dovecot, user, port=proxy.port, tls=tls, host="localhost", ca_file=tmp_path / "other.pem"
        )
        with MailboxReader(settings, database_url) as reader:
            assert reader.status.wait_for(errors=1)
            assert "certificate verify failed" in reader.status.errors[0]
        assert not any(b"LOGIN" in line or PASSWORD.encode() in line for line in proxy.seen)


class Tokens:
    """Gives tokens of the server, the first ones of them expired."""

    def __init__(self, server: Dovecot, user: str, expired: int) -> None:
        self._server = server
        self._user = user
        self._expired = expired
        self.calls: Counter[str] = Counter()

    def token(self) -> str:
        self.calls["token"] += 1
        return self._server.token(self._user, -3600 if self._expired else 600)

    def forget(self, refused: str = "") -> None:  # noqa: ARG002
        self.calls["forget"] += 1
        self._expired = max(0, self._expired - 1)


@pytest.fixture(scope="module")
def bearer() -> Iterator[Dovecot]:
    """A server that knows OAUTHBEARER and not XOAUTH2."""
    with Dovecot(mechanisms="oauthbearer") as server:
        yield server


@pytest.mark.parametrize("mechanism", ["xoauth2", "oauthbearer"])
def test_a_login_by_token(dovecot: Dovecot, bearer: Dovecot, database_url: str, user: str, mechanism: str) -> None:
    server = dovecot if mechanism == "xoauth2" else bearer
    server.deliver(make_mail(1), user)
    tokens = Tokens(server, user, expired=1)
    with FaultyProxy(server.imap) as proxy:
        with MailboxReader(
            settings_for(server, user, port=proxy.port, password="", access=tokens), database_url
        ) as reader:
            assert numbers(reader.wait_for(1)) == [1]
        assert proxy.wait_for(f"AUTHENTICATE {mechanism}", 2)
    assert tokens.calls == {"token": 2, "forget": 1}


def test_a_token_that_stays_expired_is_a_refusal(dovecot: Dovecot, database_url: str, user: str) -> None:
    tokens = Tokens(dovecot, user, expired=3)
    with MailboxReader(settings_for(dovecot, user, password="", access=tokens), database_url) as reader:
        assert reader.status.wait_for(errors=2)
        assert reader.status.errors[0].startswith("the login is refused: ")
        dovecot.deliver(make_mail(1), user)
        assert numbers(reader.wait_for(1)) == [1]


def test_a_password_beyond_ascii(tmp_path: Path, user: str) -> None:
    with Dovecot() as server:
        server.deliver(make_mail(1), user)
        server.set_password("Schlüssel", user)
        with MailboxReader(settings_for(server, user, password="Schlüssel"), f"sqlite:///{tmp_path}/desk.db") as reader:
            reader.wait_for(1)


def test_dovecot_is_the_real_one() -> None:
    found = subprocess.run(["dovecot", "--version"], capture_output=True, text=True, check=True)
    assert found.stdout.startswith("2.4")
