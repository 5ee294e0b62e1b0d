"""The MIME tree as places in the mail, and its defects."""

from __future__ import annotations

import email
import time
from email.message import Message

import pytest

from mailgate.parsers import read_mail
from mailgate.parsers.mime.defects import find_defects
from mailgate.parsers.mime.headers import split_headers
from mailgate.parsers.mime.tree import HEADERS_LIMIT, NEAR_LIMIT, Node, build_tree
from tests.support.paths import CORPUS

MAILS = [path.read_bytes() for path in sorted((CORPUS / "mails").glob("*.eml"))]
MULTIPART = b"Content-Type: multipart/mixed; boundary=x\n\n"


def leaves(node: Node) -> list[tuple[str, bytes]]:
    if node.children:
        return [leaf for child in node.children for leaf in leaves(child)]
    return [(node.mime_type, node.source[node.start : node.end])]


def read(raw: bytes) -> list[tuple[str, bytes]]:
    return leaves(build_tree(raw).root)


def library_leaves(message: Message[str, str]) -> list[tuple[str, bytes]]:
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        return [leaf for child in message.get_payload() for leaf in library_leaves(child)]  # type: ignore[arg-type]
    if message.is_multipart():
        return [(message.get_content_type(), b"")]
    payload = str(vars(message)["_payload"])  # get_payload would decode it
    return [(message.get_content_type(), payload.encode("ascii", "surrogateescape"))]


def test_a_sound_mail_has_the_leaves_that_the_standard_library_finds() -> None:
    compared = 0
    for raw in MAILS:
        tree = build_tree(raw)
        if tree.defects or b"\0" in raw or not tree.root.block.sound or not raw[:1].isalpha():
            continue
        wanted = library_leaves(email.message_from_bytes(raw))
        if any(" " in kind for kind, _ in wanted) or b" :" in raw[: tree.root.start]:
            continue  # the library reads neither a type without its semicolon nor a blank before the colon
        found = [(kind, b"" if kind.startswith("message/") else content) for kind, content in leaves(tree.root)]
        if all(node.mime_type == (node.content_type.main or "text/plain") for node in tree.walk()):
            assert found == wanted
            compared += 1
    assert compared > 50


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
def test_parts_end_before_the_line_end_of_their_boundary(line_end: bytes) -> None:
    raw = MULTIPART + b"above\n--x\n\none\n\n--x\nContent-Type: text/html\n\ntwo\n--x--\nbelow\n"
    found = read(raw.replace(b"\n", line_end))
    assert found == [("text/plain", b"one\n".replace(b"\n", line_end)), ("text/html", b"two")]


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        (b"--x\n\na\n--xy\n\nb\n--x--\n", [b"a\n--xy\n\nb"]),  # the boundary is the beginning of another line
        (b"--x \t\n\na\n--x-- \n", [b"a"]),
        (b"--x\n\na", [b"a"]),
        (b"--x--\n--x\n\na\n--x--\n", [b"a"]),  # closed too early
        (b"--x\n\na\n--x--\n--x\n\nb\n--x--", [b"a", b"b"]),
        (b"--x\n--x\n\na\n--x--\n", [b"a"]),
        (b"--x\nno header\n--x--\n", [b"no header"]),
        (b"--y\nContent-Type: text/plain\n\na\n--y--\n", [b"a"]),  # the boundary is another than was said
        (b"words\n", [b"words\n"]),
    ],
)
def test_boundaries(body: bytes, texts: list[bytes]) -> None:
    assert [content for _, content in read(MULTIPART + body)] == texts


def test_the_boundary_of_the_outer_level_ends_the_inner_one() -> None:
    inner = b"Content-Type: multipart/alternative; boundary=y\n\n--y\n\nin\n"
    raw = MULTIPART + b"--x\n" + inner + b"--x\n\nout\n--x--\n"
    tree = build_tree(raw)
    assert [content for _, content in leaves(tree.root)] == [b"in", b"out"]
    assert "multipart/alternative: no closing boundary" in tree.defects


def test_a_level_that_uses_the_boundary_of_the_outer_one_loses_nothing() -> None:
    inner = b"Content-Type: multipart/alternative; boundary=x\n\n--x\n\na\n--x\n\nb\n--x--\n"
    assert {content for _, content in read(MULTIPART + b"--x\n" + inner + b"--x\n\nc\n--x--\n")} >= {b"a", b"b", b"c"}


def test_the_parts_of_a_digest_are_mails() -> None:
    raw = b"Content-Type: multipart/digest; boundary=x\n\n--x\n\nSubject: a\n\nb\n--x--\n"
    assert read(raw) == [("message/rfc822", b"Subject: a\n\nb")]


@pytest.mark.parametrize(
    "raw",
    [
        MULTIPART + b"--x\n" * 200_000,
        MULTIPART + b"--x\n\na\n" * 100_000,
        MULTIPART + b"--\n" * 300_000,
        MULTIPART + b"--xx\n" * 200_000,
        MULTIPART + b"--x" + b" " * 1_000_000,
        b"".join(b"Content-Type: multipart/mixed; boundary=x%d\n\n--x%d\n" % (n, n) for n in range(5_000)),
        b"Content-Type: multipart/mixed\n\n" + b"\n--a" * 300_000,
        MULTIPART + (b"--x\nContent-Type: multipart/mixed; boundary=y\n\n--y\n\na\n" * 20_000),
    ],
)
def test_hostile_trees_take_bounded_time(raw: bytes) -> None:
    start = time.process_time()
    tree = build_tree(raw)
    find_defects(split_headers(raw), tree, tree.defects)
    assert time.process_time() - start < 2


def test_a_sound_mail_has_no_defect() -> None:
    raw = b"From: Jo <jo@x.example>\nSubject: a\nContent-Type: text/plain\n\nb\n"
    assert find_defects(split_headers(raw), build_tree(raw), ()) == ()


def test_headers_that_stand_twice_are_named() -> None:
    raw = b"From: jo@x.example\nFrom: ann@x.example\nSubject: a\nSubject: b\n\nc\n"
    found = find_defects(split_headers(raw), build_tree(raw), ())
    assert {"2 headers From: the first one counts", "2 headers Subject: the first one counts"} <= set(found)


def test_headers_of_a_part_without_number_are_left_out() -> None:
    raw = MULTIPART + b"--x\n" + b"A: b\n" * 300_000 + b"Content-Type: text/html\n\nbody\n--x\n\nnext\n--x--\n"
    start = time.process_time()
    tree = build_tree(raw)
    defects = find_defects(split_headers(raw), tree, ())
    assert time.process_time() - start < 1
    assert leaves(tree.root) == [("text/plain", b"body"), ("text/plain", b"next")]
    assert len(tree.root.children[0].block.lines) == HEADERS_LIMIT
    assert "too many headers of a part: the last ones are left out" in defects


def test_lines_like_a_boundary_are_passed_over() -> None:
    near = b"--xy\n" * (2 * NEAR_LIMIT)
    raw = MULTIPART + b"--x\n\none\n" + near + b"--x \n\ntwo\n" + near + b"--x--\n"
    assert [content for _, content in read(raw)] == [b"one\n" + near[:-1], b"two\n" + near[:-1]]


SAID = "Hello Jo, the printer is broken."


@pytest.mark.parametrize(
    "plain",
    [
        "",
        " \n\u00a0\n\u200b",
        "-",
        "...",
        "[cid:image001.png@01D]",
        "[image: logo.png]",
        "Your mail program does not support HTML.",
        "To view this message, please use an HTML compatible email viewer!",
        "Bitte benutzen Sie ein HTML-fähiges E-Mail-Programm, um diese Nachricht zu lesen.",
        "Ce message est au format HTML.",
        "[No plain text version]",
        "This message has no text part.",
        "View this email in your browser: https://x.example/1",
        "Otevřete zprávu v prohlížeči: https://x.example/1",
    ],
)
@pytest.mark.parametrize("inner", ["", "related", "mixed"])
def test_a_plain_form_that_says_nothing_is_no_text(plain: str, inner: str) -> None:
    html = f"Content-Type: text/html; charset=utf-8\n\n<p>{SAID}</p>\n"
    if inner:
        html = f"Content-Type: multipart/{inner}; boundary=c\n\n--c\n{html}\n--c\nContent-Type: image/png\n\nx\n--c--\n"
    raw = (
        "From: a@x.example\nContent-Type: multipart/alternative; boundary=b\n\n--b\n"
        f"Content-Type: text/plain; charset=utf-8\n\n{plain}\n--b\n{html}--b--\n"
    )
    assert read_mail(raw.encode()).text == SAID


@pytest.mark.parametrize("plain", ["The HTML page is broken.", "See it in your browser.", "ok", "OK :-)"])
def test_a_short_plain_form_that_the_html_repeats_is_the_text(plain: str) -> None:
    raw = (
        "From: a@x.example\nContent-Type: multipart/alternative; boundary=b\n\n--b\n"
        f"Content-Type: text/plain; charset=utf-8\n\n{plain}\n--b\nContent-Type: text/html\n\n<b>{plain}</b>\n--b--\n"
    )
    assert read_mail(raw.encode()).text == plain
