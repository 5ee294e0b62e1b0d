"""Redacts files that go to staff or third parties: no token, and so no answer address, in them.

Requesters may attach a notice of the desk to their answer. A person who gets that file whole could answer as the
requester. So files that may hold a token (mails, texts, pages) are searched in pieces, and one that does is made anew
as a blob of its own: a mail without its files, a text with the token masked. What cannot be made anew or read is left
out and named; `mailgate export` has it. The first bytes tell what is plainly a photo, film or archive, which is not
read. Any other file is searched, also as a mail where it begins like one; a document that shows a token is left out,
since it cannot be made anew.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterator, Sequence
from contextlib import nullcontext

from sqlalchemy import Connection

from mailgate.core.frozen import replace
from mailgate.notices.mime.forwarded import (
    LOOKED_AT,
    Excerpt,
    Marks,
    begins_like_mail,
    file_shows_token,
    is_binary,
    is_mail,
    mail_shows_token,
    mask,
    mask_words,
    may_hold_token,
    strip,
)
from mailgate.store.blobs import put_blob, read_blob
from mailgate.tickets.values import FileRef

LARGEST = 8 * 2**20  # bytes of an attached mail that is parsed, or of a text that is made anew
_OVERLAP = 2048  # bytes that two pieces overlap: more than a token takes
_DOCUMENTS = (b"%PDF",)


def redact_files(
    connection: Connection, files: Sequence[FileRef], marks: Marks
) -> tuple[tuple[FileRef, ...], tuple[str, ...]]:
    """Returns the files as they may be sent, and the names of those that may not."""
    kept: list[FileRef] = []
    left_out: list[str] = []
    for file in files:
        safe = _make_safe(connection, file, marks)
        if safe is None:
            left_out.append(mask_words(file.filename))
        else:
            kept.append(safe)
    return tuple(kept), tuple(left_out)


def _make_safe(connection: Connection, file: FileRef, marks: Marks) -> FileRef | None:
    """Returns the file as it may be sent, itself where nothing has to change; None where it may not."""
    if file.verbatim:
        return file  # made by us, without tokens
    name = mask_words(file.filename)
    named = file if name == file.filename else replace(file, filename=name)
    try:
        begin = _first_bytes(connection, file)
        if not may_hold_token(file.filename, file.mime_type, begin):
            return named
        if is_mail(file.filename, file.mime_type) and not begin.startswith(_DOCUMENTS):
            return named if _is_clean_mail(connection, file) else _strip(connection, named, marks)
        if not _scan(connection, file):
            return named
        if begin.startswith(_DOCUMENTS) or is_binary(begin):
            return None
        masked = _mask(connection, named)
        if masked or begin.startswith(b"From ") or not begins_like_mail(begin):  # a mailbox file holds several
            return masked
        return _strip(connection, named, marks)
    except binascii.Error:  # truncated base64: nobody can read it
        return None


def _is_clean_mail(connection: Connection, file: FileRef) -> bool:
    """Checks that a mail holds no token, its encoded texts included."""
    return file.size <= LARGEST and not mail_shows_token(b"".join(_pieces(connection, file)))


def _strip(connection: Connection, file: FileRef, marks: Marks) -> FileRef | None:
    if file.size > LARGEST:
        return None
    content = strip(Excerpt(b"".join(_pieces(connection, file))), {}, marks)
    return None if content is None else _anew(connection, file, content)


def _mask(connection: Connection, file: FileRef) -> FileRef | None:
    if file.size > LARGEST:
        return None
    content = mask(b"".join(_pieces(connection, file)))
    return None if file_shows_token(content) else _anew(connection, file, content)


def _anew(connection: Connection, file: FileRef, content: bytes) -> FileRef:
    blob = put_blob(connection, content)
    return replace(file, blob=blob, size=len(content), start=None, end=None, encoded=False)


def _scan(connection: Connection, file: FileRef) -> bool:
    """Tells whether a token stands in a file, which is never whole in memory."""
    before = b""
    for piece in _pieces(connection, file):
        text = before + piece
        if file_shows_token(text):
            return True
        end = max(0, len(text) - _OVERLAP)
        before = text[text.rfind(b"\n", max(0, end - _OVERLAP), end) + 1 or end :]  # base64 is read from a line's start
    return False


def _first_bytes(connection: Connection, file: FileRef) -> bytes:
    """Reads the first bytes of a file, of which nothing is lost if the base64 text of the rest is invalid."""
    start = file.start or 0
    end = min(start + LOOKED_AT * 2, file.end) if file.end is not None else start + LOOKED_AT * 2
    raw = b"".join(read_blob(lambda: nullcontext(connection), file.blob, start, end))
    if not file.encoded:
        return raw[:LOOKED_AT]
    text = raw.translate(None, b"\r\n\t ")
    return binascii.a2b_base64(text[: len(text) // 4 * 4])[:LOOKED_AT]


def _pieces(connection: Connection, file: FileRef) -> Iterator[bytes]:
    """Yields the bytes of a file; raises binascii.Error where its base64 text is invalid."""
    raw = read_blob(lambda: nullcontext(connection), file.blob, file.start, file.end)
    if not file.encoded:
        yield from raw
        return
    rest = b""
    for piece in raw:
        text = rest + piece.translate(None, b"\r\n\t ")
        whole = len(text) // 4 * 4
        yield binascii.a2b_base64(text[:whole])
        rest = text[whole:]
    if rest:
        yield binascii.a2b_base64(rest + b"=" * (4 - len(rest)))
