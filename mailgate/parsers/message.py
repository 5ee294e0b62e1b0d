"""A raw mail as a Mail: the one reader of bytes, and the only importer of mail-parser.

Answers for a Mail whatever the bytes are, in linear time: headers without end, parts without number and nesting
without bottom are cut at stated limits, with a defect in words. mail-parser builds the tree and reports defects; it
is handed the mail without Received and other trace headers (a quarter of its cost) and with every header cut to
HEADER_BYTES. Headers, texts and files are read from the tree by the neighbours of this module.
"""

from __future__ import annotations

import email
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import mailparser

from mailgate.mail import Address, Bounce, Kind, Mail
from mailgate.parsers.addresses import read_addresses
from mailgate.parsers.attachments import build_attachments
from mailgate.parsers.automatic import Evidence, has_report_words, is_from_daemon, is_null_sender, judge_kind
from mailgate.parsers.bounce import read_report, scan_report
from mailgate.parsers.headers import (
    Block,
    Line,
    clean_header,
    decode_header,
    join_lines,
    read_date,
    read_ids,
    split_headers,
)
from mailgate.parsers.html import QUOTE_BELOW, Converted, convert_html
from mailgate.parsers.language import detect_language
from mailgate.parsers.parameters import read_value
from mailgate.parsers.quotemarks import is_forward_subject, is_reply_subject
from mailgate.parsers.quoting import cut_quotes, cut_signature
from mailgate.parsers.skeleton import HEADER_BYTES, put_back, shorten_parts, take_out
from mailgate.parsers.structure import Piece, Structure, clean_token, read_structure
from mailgate.parsers.text import clean_text, decode_bytes

# mail-parser logs every type it does not know; its defects say all that we report
logging.getLogger("mailparser").setLevel(logging.CRITICAL + 1)

DEFECTS_LIMIT = 50

# What mail-parser reports defects of, beside Content-*; the rest only costs time, and so does an address like these
_PARSED = frozenset({"from", "to", "cc", "reply-to", "date"})
_ADDRESS = rb"[A-Za-z0-9]+(?:[.+_-][A-Za-z0-9]+)*@[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*"
_SOUND = re.compile(rb"(?:[A-Za-z0-9]+ )*<" + _ADDRESS + rb">|" + _ADDRESS)
_SMIME = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_NESTING_LIMIT = 100_000_000  # lines times boundaries: the standard library compares each line with each of them


class _Parser(mailparser.MailParser):  # type: ignore[misc]  # mail-parser has no types
    """mail-parser without its two dictionaries of all headers and parts, which nobody here asks for."""

    def _make_mail(self, complete: bool = True) -> dict[str, Any]:  # noqa: ARG002  # mail-parser names it
        return {}


@dataclass(frozen=True, slots=True)
class Reading:
    """A mail half read: its headers (`top` maps lower-case names to the topmost value), its tree, its body."""

    raw: bytes
    block: Block
    headers: tuple[tuple[str, str], ...]
    top: Mapping[str, str]
    structure: Structure
    body: Converted
    new_text: str


def read_mail(raw: bytes, envelope_from: str | None = None) -> Mail:
    """Read a mail.

    `envelope_from` is the return path: None where it is unknown, "" for the null sender. Raises nothing: what
    cannot be read is left out and named in `defects`.
    """
    raw = bytes(raw)
    block = split_headers(raw)
    headers = tuple((line.name, decode_header(line.value)) for line in block.lines)
    top = {line.key: value for line, (_, value) in zip(reversed(block.lines), reversed(headers), strict=True)}
    structure = _read_tree(raw, block)
    body = _read_body(structure.body)
    reading = Reading(raw, block, headers, top, structure, body, _read_new_text(body, top))
    return _as_mail(reading, envelope_from)


def _as_mail(reading: Reading, envelope_from: str | None) -> Mail:
    top, block = reading.top, reading.block
    sender = next(iter(_addresses(block, "from")), None) or next(iter(_addresses(block, "sender")), None)
    evidence = _gather(reading, sender, envelope_from)
    bounces = _read_bounces(reading, evidence)
    return Mail(
        kind=Kind.BOUNCE if bounces else judge_kind(evidence),
        subject=top.get("subject", ""),
        sender=sender,
        to=_addresses(block, "to"),
        cc=_addresses(block, "cc"),
        reply_to=_addresses(block, "reply-to"),
        message_id=evidence.message_id,
        in_reply_to=next(iter(read_ids(top.get("in-reply-to", ""))), ""),
        references=read_ids(top.get("references", "")),
        date=read_date(top.get("date", "")),
        text=reading.body.text,
        new_text=reading.new_text,
        language=_read_language(top, reading.new_text),
        attachments=build_attachments(reading.structure.files, reading.structure.html, reading.raw),
        bounces=bounces,
        defects=_read_defects(reading),
        headers=reading.headers,
        encrypted=_is_encrypted(reading),
    )


def _gather(reading: Reading, sender: Address | None, envelope_from: str | None) -> Evidence:
    top = reading.top
    return Evidence(
        headers=top,
        subject=top.get("subject", ""),
        sender=sender,
        message_id=next(iter(read_ids(top.get("message-id", ""))), ""),
        new_text=reading.new_text,
        mime_type=clean_token(reading.block.first("content-type")),
        types=frozenset(reading.structure.types),
        is_answer=_has_ids(top),
        envelope_from=envelope_from,
    )


def _read_tree(raw: bytes, block: Block) -> Structure:
    """The MIME tree; where mail-parser gives up, the whole body as one text."""
    kept = (line for line in block.lines if _is_parsed(line))
    line_end = "\r\n" if b"\r\n" in raw[:HEADER_BYTES] else "\n"
    skeleton, texts = take_out(raw, block.body_at, join_lines(kept, HEADER_BYTES) + line_end.encode())
    skeleton, shortened = shorten_parts(skeleton)
    try:
        if skeleton.count(b"\n") * min(skeleton.lower().count(b"boundary="), 300) > _NESTING_LIMIT:
            raise RecursionError
        message = email.message_from_bytes(skeleton)
        large = put_back(message, texts)
        parsed: Any = _Parser(message)
        structure = read_structure(message, large, line_end=line_end)
        structure.defects.extend(_words_of(parsed.defects))
    except Exception as error:  # RecursionError and whatever a broken tree provokes
        structure = Structure(body=[Piece(False, decode_bytes(shorten_parts(raw[block.body_at :])[0]))])
        structure.defects.append(f"the MIME structure cannot be read ({type(error).__name__}): kept as one text")
    if shortened:
        structure.defects.append("a header of a part is longer than 8 kB: cut")
    return structure


def _is_parsed(line: Line) -> bool:
    return line.key.startswith("content-") or (line.key in _PARSED and not _SOUND.fullmatch(line.value))


def _words_of(defects: object) -> list[str]:
    """mail-parser's defects as sentences."""
    entries = [entry for entry in defects if isinstance(entry, dict)] if isinstance(defects, list) else []
    return [f"{part}: {text}" for entry in entries for part, texts in entry.items() for text in texts]


def _read_body(pieces: list[Piece]) -> Converted:
    """The pieces of the body as one text."""
    converted = [convert_html(piece.text) if piece.html else _as_plain(piece.text) for piece in pieces]
    full = [entry for entry in converted if entry.text.strip()]
    defect = next((entry.defect for entry in converted if entry.defect), "")
    return Converted("\n\n".join(e.text for e in full), "\n\n".join(e.marked for e in full), defect)


def _as_plain(text: str) -> Converted:
    clean = clean_text(text)
    return Converted(clean, clean.replace(QUOTE_BELOW, ""))


def _read_new_text(body: Converted, top: Mapping[str, str]) -> str:
    """What was written now. A mail that is no answer by its ids is kept whole where nothing else is left of it."""
    subject = top.get("subject", "")
    is_answer = _has_ids(top) or is_reply_subject(subject)
    cut = cut_quotes(body.marked, is_answer=is_answer, is_forward=is_forward_subject(subject))
    new = cut_signature(cut).strip()
    return new if new or _has_ids(top) else body.text.strip()


def _has_ids(top: Mapping[str, str]) -> bool:
    return bool(top.get("in-reply-to") or top.get("references"))


def _read_bounces(reading: Reading, evidence: Evidence) -> tuple[Bounce, ...]:
    """The bounces of a mail that a mail system sent: a report that a person encloses counts for nothing."""
    is_system = is_from_daemon(evidence) or is_null_sender(evidence)
    if evidence.mime_type != "multipart/report" and not is_system:
        return ()
    found = read_report(reading.structure.files)
    if found or not (is_system and has_report_words(evidence)):
        return found
    return scan_report(reading.raw, reading.structure.files)


def _read_language(top: Mapping[str, str], text: str) -> str:
    declared = top.get("content-language", "").strip().lower()
    if len(declared) == 2 and declared.isascii() and declared.isalpha():
        return declared
    return detect_language(text)


def _read_defects(reading: Reading) -> tuple[str, ...]:
    found = [*reading.structure.defects, reading.body.defect]
    if not reading.block.complete:
        found.append("too many headers: the last ones are left out")
    if any(len(line.raw) > HEADER_BYTES for line in reading.block.lines):
        found.append("a header is longer than 8 kB")
    clean = dict.fromkeys(clean_header(defect)[:500] for defect in found if defect)
    return tuple(clean)[:DEFECTS_LIMIT]


def _is_encrypted(reading: Reading) -> bool:
    """RFC 3156 and RFC 8551, and PGP's armour as plain text."""
    types = reading.structure.types
    if "multipart/encrypted" in types:
        return True
    if types & _SMIME and read_value(reading.block.first("content-type")).get("smime-type").lower() != "signed-data":
        return True
    return reading.body.text.lstrip().startswith("-----BEGIN PGP MESSAGE-----")


def _addresses(block: Block, name: str) -> tuple[Address, ...]:
    values = [line.value for line in block.lines if line.key == name]
    return read_addresses(b", ".join(values[:20]))
