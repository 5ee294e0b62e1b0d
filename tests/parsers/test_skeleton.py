"""The tree that is built without the long base64 texts is the tree of the whole mail."""

from __future__ import annotations

import email
from base64 import encodebytes
from email.message import Message
from pathlib import Path

import pytest

from mailgate.parsers.skeleton import put_back, take_out

MAILS = [path.read_bytes() for path in sorted((Path(__file__).parent.parent / "corpus" / "mails").glob("*.eml"))]
FILE = encodebytes(bytes(range(256)) * 20).replace(b"\n", b"\r\n")
HEADS = (
    b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n",
    b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n",
    b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n",
    b"Content-Type: message/delivery-status\r\n",
    b"",
)
ENDS = (b"", b"\r\n", b"\r\n\r\n", b"words\r\n", b"\r\n" + FILE)


def in_parts(head: bytes, text: bytes) -> bytes:
    part = b"--x\r\n" + head + b"\r\n" + text + b"\r\n"
    outer = b"Subject: base64\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    return outer + b"\r\n" + FILE + part + part + b"--x--\r\n\r\n" + FILE


def tree(message: Message[str, str]) -> list[object]:
    return [
        (node.items(), node.preamble, node.epilogue, [type(defect) for defect in node.defects])
        + (() if node.is_multipart() else (node.get_payload(),))
        for node in message.walk()
    ]


def built(raw: bytes) -> list[object]:
    skeleton, texts = take_out(raw)
    message = email.message_from_bytes(skeleton)
    put_back(message, texts)
    return tree(message)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("line_end", [b"\r\n", b"\n", b"\r"])
def test_base64_anywhere_leaves_the_tree_as_it_is(head: bytes, end: bytes, line_end: bytes) -> None:
    raw = in_parts(head, FILE + end).replace(b"\r\n", line_end)
    assert built(raw) == tree(email.message_from_bytes(raw))


def test_every_mail_of_the_corpus_keeps_its_tree() -> None:
    assert all(built(raw) == tree(email.message_from_bytes(raw)) for raw in MAILS)


def test_the_text_of_a_file_is_out_while_the_tree_is_built() -> None:
    raw = in_parts(HEADS[0], FILE)
    skeleton, texts = take_out(raw)
    assert len(texts) == 4
    assert len(skeleton) < len(raw) / 10


def test_a_mail_that_holds_the_mark_stays_whole() -> None:
    raw = in_parts(HEADS[0], FILE) + b"\0" + b"0\0"
    assert take_out(raw) == (raw, [])
