"""Servers that say what no good one says: each mail that can be had is taken, and nothing runs hot."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mailgate.core.clock import HandClock
from mailgate.store.spool import PIECE
from mailgate.transport.imap.settings import MailboxSettings
from tests.support.imap_source import MailboxReader, make_mail, numbers
from tests.support.scripted_imap import Answer, ScriptedImapServer

THREE = {1: make_mail(1), 2: make_mail(2), 3: make_mail(3)}
LARGE = make_mail(1, 3_000_000)
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def settings_for(server: ScriptedImapServer, **more: Any) -> MailboxSettings:
    usual: dict[str, Any] = {
        "first_start": "all", "first_pause": 0.01, "longest_pause": 0.2, "timeout": 2.0, "idle_window": 0.5,
    }  # fmt: skip
    return MailboxSettings(
        name="odd", host="127.0.0.1", port=server.port, tls="none", user="u", password="pass word", **usual | more
    )


def read(server: ScriptedImapServer, folder: Path, **more: Any) -> MailboxReader:
    return MailboxReader(settings_for(server, **more), f"sqlite:///{folder}/desk.db", HandClock(NOW))


@pytest.mark.parametrize("size", [b"* 2 FETCH (UID 2 RFC822.SIZE NIL)\r\n", b"* 2 FETCH (UID 2 RFC822.SIZE lots)\r\n"])
def test_a_size_that_is_none(tmp_path: Path, size: bytes) -> None:
    def fetch(tag: bytes, words: list[bytes]) -> bytes | None:
        if b"SIZE" not in words[3]:
            return None
        told = [size if uid == 2 else server.tell(uid, words[3]) for uid in server.asked(words)]
        return b"".join(told) + tag + b" OK done\r\n"

    with ScriptedImapServer(dict(THREE), uid_fetch=fetch) as server, read(server, tmp_path) as reader:
        assert numbers(reader.wait_for(3)) == [1, 2, 3]


def test_a_literal_that_cannot_be(tmp_path: Path) -> None:
    def fetch(_: bytes, words: list[bytes]) -> bytes | None:
        return b"* 2 FETCH (UID 2 BODY[] {999999999999999999}\r\n" if b"BODY" in words[3] and b"2" in words[2] else None

    with ScriptedImapServer(dict(THREE), uid_fetch=fetch) as server, read(server, tmp_path) as reader:
        assert numbers(reader.wait_for(2)) == [1, 3]
        assert reader.status.wait_for(successes=1)
        assert reader.status.figures["unreadable"] == 1


@pytest.mark.parametrize("date", [b"NIL", b'"yesterday"', b'"17-Nov-2026 02:44:25 +9999"'])
def test_a_date_that_is_none(tmp_path: Path, date: bytes) -> None:
    def fetch(tag: bytes, words: list[bytes]) -> bytes | None:
        if b"DATE" not in words[3]:
            return None
        lines = [b"* 1 FETCH (UID %d INTERNALDATE %s)\r\n" % (uid, date) for uid in server.asked(words)]
        return b"".join(lines) + tag + b" OK done\r\n"

    with (
        ScriptedImapServer(dict(THREE), uid_fetch=fetch) as server,
        read(server, tmp_path, first_start="recent") as reader,
    ):
        assert numbers(reader.wait_for(3)) == [1, 2, 3]


def _whole(server: ScriptedImapServer) -> Answer:
    """It does not know partial fetches."""

    def fetch(tag: bytes, words: list[bytes]) -> bytes | None:
        return server.tell(1, b"BODY.PEEK[]") + tag + b" OK done\r\n" if b"<0." in words[3] else None

    return fetch


def _none_behind_the_end(server: ScriptedImapServer) -> Answer:
    def fetch(tag: bytes, words: list[bytes]) -> bytes | None:
        start = int(words[3].partition(b"<")[2].partition(b".")[0] or b"0")
        return tag + b" NO out of range\r\n" if start >= len(server.mails[1]) else None

    return fetch


def _nil_behind_the_end(server: ScriptedImapServer) -> Answer:
    def fetch(tag: bytes, words: list[bytes]) -> bytes | None:
        start = int(words[3].partition(b"<")[2].partition(b".")[0] or b"0")
        nil = b"* 1 FETCH (UID 1 BODY[]<%d> NIL)\r\n" % start
        return nil + tag + b" OK done\r\n" if start >= len(server.mails[1]) else None

    return fetch


def _short_pieces(server: ScriptedImapServer) -> Answer:
    def fetch(tag: bytes, words: list[bytes]) -> bytes | None:
        less = words[3].replace(b"1048576", b"400000")
        return server.tell(1, less) + tag + b" OK done\r\n" if b"<" in words[3] else None

    return fetch


@pytest.mark.parametrize("kind", [_whole, _none_behind_the_end, _nil_behind_the_end, _short_pieces])
def test_a_large_mail_comes_whole(tmp_path: Path, kind: Any) -> None:
    with ScriptedImapServer({1: LARGE}) as server:
        server._answers["UID FETCH"] = kind(server)
        with read(server, tmp_path) as reader:
            [row] = reader.wait_for(1)
            assert reader.raw(row) == LARGE


def test_a_large_mail_of_which_half_is_given_is_none(tmp_path: Path) -> None:
    def fetch(tag: bytes, words: list[bytes]) -> bytes | None:
        return tag + b" OK done\r\n" if b"<%d." % PIECE in words[3] else None

    with ScriptedImapServer({1: LARGE, 2: make_mail(2)}, uid_fetch=fetch) as server, read(server, tmp_path) as reader:
        assert numbers(reader.wait_for(1)) == [2]
        assert reader.status.wait_for(successes=1)
        assert reader.status.figures["unreadable"] == 1


def test_words_before_the_answer_to_idle(tmp_path: Path) -> None:
    with ScriptedImapServer(dict(THREE)) as server:
        usual = server._usual

        def chatty(tag: bytes, name: str, words: list[bytes], lines: Any, client: Any) -> bytes:
            if name == "IDLE":
                client.sendall(b"* 3 EXISTS\r\n* OK still here\r\n")
            return usual(tag, name, words, lines, client)

        server._usual = chatty  # type: ignore[method-assign]
        with read(server, tmp_path) as reader:
            reader.wait_for(3)
            assert reader.status.wait_for(successes=2)
            assert (reader.status.errors, server.connections) == ([], 1)


def test_a_line_that_never_ends_is_cut(tmp_path: Path) -> None:
    """Each byte comes in time, so that no read ever times out."""

    class Dripping(ScriptedImapServer):
        def _usual(self, tag: bytes, name: str, words: list[bytes], lines: Any, client: Any) -> bytes:
            while name == "UID SEARCH":
                client.sendall(b"*")
                time.sleep(0.05)
            return super()._usual(tag, name, words, lines, client)

    with Dripping(dict(THREE)) as server, read(server, tmp_path, timeout=0.1) as reader:
        assert reader.status.wait_for(errors=2)


def test_a_server_that_repeats_the_password_does_not_bring_it_into_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def login(tag: bytes, words: list[bytes]) -> bytes:
        return tag + b" BAD unknown command: " + b" ".join(words) + b"\r\n"

    with ScriptedImapServer({}, login=login) as server, read(server, tmp_path) as reader:
        assert reader.status.wait_for(errors=1)
        assert "[secret]" in reader.status.errors[0]
        assert "pass word" not in reader.status.errors[0] + caplog.text


def test_the_end_does_not_wait_for_a_server_that_hangs(tmp_path: Path) -> None:
    def search(_: bytes, __: list[bytes]) -> bytes:
        return b""

    with ScriptedImapServer({}, uid_search=search) as server:
        began = time.monotonic()
        with read(server, tmp_path, timeout=60.0):
            while b"SEARCH" not in b"".join(server.commands):
                time.sleep(0.01)
        assert time.monotonic() - began < 20
