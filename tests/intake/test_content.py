"""The reader of a mail's text, piece by piece as the network may cut it."""

from __future__ import annotations

import asyncio

import pytest

from mailgate.intake.content import TooLarge, read_content


def read(pieces: list[bytes], limit: int = 20) -> tuple[bytes | TooLarge, bytes]:
    """What is read of pieces that arrive one by one, and what is left in the reader."""

    async def run() -> tuple[bytes | TooLarge, bytes]:
        reader = asyncio.StreamReader(limit=16)
        waiting = iter(pieces)

        def arrive() -> None:
            piece = next(waiting, None)
            if piece is not None:
                reader.feed_data(piece)

        arrive()
        content = await read_content(reader, limit, arrive)
        reader.feed_eof()
        return content, await reader.read()

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
        await read_content(reader, 20, lambda: None)

    with pytest.raises(asyncio.IncompleteReadError):
        asyncio.run(run())
