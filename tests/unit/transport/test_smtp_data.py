"""The reader of a mail's text, piece by piece as the network may cut it."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailgate.store import spool
from mailgate.transport.smtp import data
from mailgate.transport.smtp.data import TooLarge, read_content
from tests.support.examples import examples
from tests.support.listener import hold


def read(pieces: list[bytes], limit: int = 20) -> tuple[bytes | TooLarge, bytes]:
    """The content read from pieces that arrive one by one, and the rest in the reader."""

    async def run() -> tuple[bytes | TooLarge, bytes]:
        reader = asyncio.StreamReader(limit=16)
        waiting = iter(pieces)

        def arrive(_size: int = 0) -> None:
            piece = next(waiting, None)
            if piece is not None:
                reader.feed_data(piece)

        arrive()
        mail = await read_content(reader, limit, arrive)
        reader.feed_eof()
        return mail if isinstance(mail, TooLarge) else hold(mail), await reader.read()

    return asyncio.run(run())


@pytest.mark.parametrize("wire", [b".\r\n", b"a\r\n.\r\n", b"\r\n.\r\n", b"..a\r\n..\r\n.\r\n"])
def test_every_way_to_cut_it(wire: bytes) -> None:
    whole = read([wire + b"NOOP\r\n"])
    for cut in range(1, len(wire)):
        assert read([wire[:cut], wire[cut:] + b"NOOP\r\n"]) == whole
    assert whole[1] == b"NOOP\r\n"


@pytest.mark.parametrize(
    "end",
    [
        [b"y\r\n", b"\r\n.\r\n"],
        [b"y\r\n", b".\r\n"],
        [b"y\r", b"\n.", b"\r\n"],
        [b"\r\n.\r", b"\nQUIT\r\n"],
    ],
)
def test_too_large_ends_where_the_mail_does(end: list[bytes]) -> None:
    assert read([b"x" * 40 + end[0], *end[1:]])[0] == TooLarge(20)


def test_the_peer_hangs_up() -> None:
    async def run() -> None:
        reader = asyncio.StreamReader()
        reader.feed_data(b"half a ma")
        reader.feed_eof()
        await read_content(reader, 20, lambda _: None)

    with pytest.raises(asyncio.IncompleteReadError):
        asyncio.run(run())


TEXTS = st.lists(st.sampled_from([b"\r\n", b".", b"\r", b"\n", b"a", b"\r\n.", b"word\r\n"]), max_size=60).map(b"".join)


@pytest.fixture
def _tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hardly anything is held in memory."""
    monkeypatch.setattr(data, "IN_MEMORY", 8)
    monkeypatch.setattr(data, "_LITTLE", 6)


@pytest.mark.usefixtures("_tiny")
@given(text=TEXTS, cuts=st.lists(st.integers(0, 200), max_size=8), limit=st.sampled_from([5, 20, 1000]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(500))
def test_a_mail_from_a_file_is_the_mail(text: bytes, cuts: list[int], limit: int) -> None:
    wire = (b"\r\n" + text).replace(b"\r\n.", b"\r\n..").removeprefix(b"\r\n")
    wire += b".\r\n" if wire.endswith(b"\r\n") or not wire else b"\r\n.\r\n"
    mail = text if text.endswith(b"\r\n") or not text else text + b"\r\n"
    bounds = [0, *sorted(min(cut, len(wire)) for cut in cuts), len(wire)]
    pieces = [wire[start:end] for start, end in pairwise(bounds) if start < end]
    got, rest = read([*pieces[:-1], pieces[-1] + b"NOOP\r\n"], limit)
    assert rest == b"NOOP\r\n"
    if len(wire) - len(b".\r\n") <= limit + limit // 8 + 5:
        assert got == (mail if len(mail) <= limit else TooLarge(limit))
    else:
        assert got == TooLarge(limit)


class Full(spool.Spool):
    """A folder without room."""

    def write(self, _content: bytes) -> None:
        raise OSError(28, "no space left")


@pytest.mark.usefixtures("_tiny")
def test_a_mail_that_the_disk_cannot_take_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "Spool", Full)

    async def run() -> bytes:
        reader = asyncio.StreamReader()
        reader.feed_data(b"x" * 40)
        waiting = iter([b"\r\nMAIL FROM:<evil@x.example>\r\n", b".\r\nNOOP\r\n"])
        with pytest.raises(OSError, match="no space"):
            await read_content(reader, 1000, lambda _: reader.feed_data(next(waiting, b"")))
        reader.feed_eof()
        return await reader.read()

    assert asyncio.run(run()) == b"NOOP\r\n"


@pytest.mark.usefixtures("_tiny")
def test_the_file_of_a_peer_that_hangs_up_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Noted] = []

    class Noted(spool.Spool):
        closed = False

        def __init__(self) -> None:
            super().__init__()
            made.append(self)

        def close(self) -> None:
            self.closed = True
            super().close()

    monkeypatch.setattr(data, "Spool", Noted)

    async def run() -> None:
        reader = asyncio.StreamReader()
        reader.feed_data(b"half a mail that is large")
        with pytest.raises(asyncio.IncompleteReadError):
            await read_content(reader, 1000, lambda _: reader.feed_eof())

    asyncio.run(run())
    assert [one.closed for one in made] == [True]
