"""A mail as the tree is built from it: without its longer base64 texts, and with no endless headers of parts.

The standard library parts a body into lines and compares each one with every boundary; for a file of 200 kB that
costs more than all the rest. A line of base64 is neither a boundary nor a header, so that the tree is the same
without it: a mark takes its place, and the text is put back into the tree, unless it is so large that it had better
stay where it is. Where a mail holds the mark's own byte, nothing is taken out. Pure, linear, never fails.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import Message

HEADER_BYTES = 8 * 1024  # of one header
LARGE = 2**20  # bytes of a base64 text that is not copied

_MARK = b"\0"  # in no mail that is one: RFC 5322, 2.2 and 2.3
_LINE = rb"[A-Za-z0-9+/]{4,998}+"
# Whole lines below a blank one, so that no line of a header is among them; for fewer it is not worth it
_TEXT = _LINE + rb"(?:\r?\n" + _LINE + rb"){20,}+(?:\r?\n[A-Za-z0-9+/]{1,3})?={0,2}"
_BASE64 = re.compile(rb"(\n\r?\n)(" + _TEXT + rb")(?=\r?\n)")
_MARKED = re.compile(r"\0(\d+)\0")
_FOLDED = re.compile(rb"[^\r\n]*(?:(?:\r\n|\r|\n)[ \t][^\r\n]*)*")


@dataclass(frozen=True, slots=True)
class Text:
    """A base64 text where it stands in the mail."""

    raw: bytes = field(repr=False)
    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def copy(self) -> bytes:
        """Its bytes."""
        return self.raw[self.start : self.end]


def take_out(raw: bytes, body_at: int = 0, head: bytes = b"") -> tuple[bytes, list[Text]]:
    """The mail with a mark in place of each longer base64 text, and these texts; `head` takes the place of all before
    `body_at`."""
    if _MARK in raw or b"base64" not in raw:
        return head + raw[body_at:], []
    pieces, done = [head], body_at
    texts: list[Text] = []
    for found in _BASE64.finditer(raw, max(body_at - 3, 0)):  # the blank line may be the one below the headers
        pieces += (raw[done : found.start(2)], b"\0%d\0" % len(texts))
        texts.append(Text(raw, *found.span(2)))
        done = found.end(2)
    pieces.append(raw[done:])
    return b"".join(pieces), texts


def put_back(message: Message[str, str], texts: list[Text]) -> dict[int, Text]:
    """Put the texts back wherever the parser has kept their marks, but for those of large files: such a leaf stays
    empty, and its text is returned under its `id`. Attached mails are files themselves and get all of their text."""
    large: dict[int, Text] = {}
    if not texts:
        return large
    attached: set[int] = set()
    for node in message.walk():
        if node.is_multipart() and (id(node) in attached or node.get_content_maintype() != "multipart"):
            attached.update(map(id, node.get_payload()))
        text = _find_large(node, texts)
        if text is not None and id(node) not in attached:
            large[id(node)] = text
            node.set_payload("")
        for name in ("_payload", "preamble", "epilogue"):
            kept = getattr(node, name)
            if isinstance(kept, str) and "\0" in kept:
                setattr(node, name, _MARKED.sub(lambda found: texts[int(found[1])].copy().decode("ascii"), kept))
    return large


def _find_large(node: Message[str, str], texts: list[Text]) -> Text | None:
    """The text that is all of a leaf, where it is large and can only be read one way."""
    kept: object = node.get_payload()
    found = _MARKED.fullmatch(kept.strip("\r\n")) if isinstance(kept, str) else None
    if found is None or str(node["content-transfer-encoding"]).lower() != "base64":
        return None
    if node.get_content_maintype() == "text" and node.get_content_disposition() != "attachment":
        return None  # it may be the body
    text = texts[int(found[1])]
    breaks = sum(text.raw.count(end, text.start, text.end) for end in (b"\n", b"\r"))
    return text if len(text) > LARGE and (len(text) - breaks) % 4 == 0 else None


def shorten_parts(body: bytes) -> tuple[bytes, bool]:
    """Cut the Content headers of parts to HEADER_BYTES, since the standard library reads parameters in quadratic
    time, and say whether one was cut."""
    lowered = body.lower()
    out: list[bytes] = []
    done = position = 0
    while (start := lowered.find(b"content-", position)) >= 0:
        position = start + 8
        if start and lowered[start - 1 : start] not in (b"\n", b"\r"):
            continue
        end = _logical_end(body, start)
        if end - start > HEADER_BYTES:
            out.append(body[done : start + HEADER_BYTES].rstrip(b"\r\n"))
            done = end
        position = max(position, end)
    return (b"".join(out) + body[done:], True) if out else (body, False)


def _logical_end(body: bytes, start: int) -> int:
    """The end of a folded header line, without its line break."""
    found = _FOLDED.match(body, start)
    return found.end() if found else len(body)
