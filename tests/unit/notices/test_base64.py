"""Files in pieces: the text is that of the whole file, wherever it is cut."""

from __future__ import annotations

from base64 import b64encode, encodebytes
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.message_parts import Insert, Message, assemble, encode, reuse, stream

CUTS = st.lists(st.integers(0, 3000), max_size=12)
ENDS = st.sampled_from([b"\r\n", b"\n", b"\r", b" \r\n", b"\r\n\r\n", b"", b"\r\r\n"])
TEXTS = st.lists(st.tuples(st.sampled_from([0, 1, 75, 76, 77, 988, 989, 990]), ENDS), max_size=6).map(
    lambda lines: b"".join(b"A" * length + end for length, end in lines)
)


def cut(content: bytes, cuts: list[int]) -> list[bytes]:
    bounds = [0, *sorted(min(at, len(content)) for at in cuts), len(content)]
    return [content[start:end] for start, end in pairwise(bounds)]


def wrapped(text: bytes) -> bytes:
    return b"\r\n".join(text[at : at + 76] for at in range(0, len(text), 76)) + b"\r\n"


def reused(text: bytes) -> bytes:
    """The rule, on the whole text."""
    lines = text.strip().replace(b"\r\n", b"\n")
    if b"\r" in lines or max(map(len, lines.split(b"\n"))) > 989:
        return wrapped(b"".join(lines.split()))
    return lines.replace(b"\n", b"\r\n") + b"\r\n"


@given(content=st.binary(max_size=300), cuts=CUTS)
def test_encoded_in_pieces(content: bytes, cuts: list[int]) -> None:
    assert b"".join(encode(cut(content, cuts))) == wrapped(b64encode(content))


@given(text=TEXTS, cuts=CUTS)
def test_reused_in_pieces(text: bytes, cuts: list[int]) -> None:
    pieces = cut(text, cuts)
    assert b"".join(reuse(lambda: pieces)) == reused(text)
    assert b"".join(reuse(lambda: iter(cut(text, cuts)))) == reused(text)


def test_a_notice_in_pieces_is_the_notice() -> None:
    content = bytes(range(256)) * 30
    text = encodebytes(content).replace(b"\n", b"\r\n")
    inserts = (Insert(3, 1, None, None, encoded=False), Insert(3, 2, 10, len(text) - 8, encoded=True))
    message = Message(b"abcdef", inserts, 0)
    blobs = {1: content, 2: text}
    read: list[int] = []

    def read_pieces(size: int) -> Callable[[int, int | None, int | None], list[bytes]]:
        return lambda blob, start, end: cut(blobs[blob][start:end], list(range(0, len(text), size)))

    def read_blob(blob: int, start: int | None, end: int | None) -> bytes:
        read.append(blob)
        return blobs[blob][start:end]

    whole = assemble(message, read_blob)
    assert whole == b"abc" + wrapped(b64encode(content)) + reused(text[10:-8]) + b"def"
    assert read == [1, 2], "a file that is held is read once"
    for size in (1, 57, 76, 100, 4096):
        assert b"".join(stream(message, read_pieces(size))) == whole


def test_what_reading_raises_comes_out() -> None:
    def fail(_blob: int, _start: int | None, _end: int | None) -> list[bytes]:
        raise KeyError("blob 1")

    pieces = stream(Message(b"abcdef", (Insert(3, 1, None, None, encoded=False),), 0), fail)
    assert next(pieces) == b"abc"
    with pytest.raises(KeyError):
        next(pieces)
