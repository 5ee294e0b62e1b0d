"""Reads a raw mail into a Mail: the only reader of bytes.

Any bytes give a Mail, in linear time: too many headers, parts or levels are cut at stated limits, with a defect. The
tree holds offsets into the mail (`mime/tree`), so that a large file is not copied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from mailgate.core.mail import Address, Attachment, Bounce, Mail, MessageKind, Picture
from mailgate.parsers.addresses import names_no_one, read_addresses
from mailgate.parsers.classify.bounce import read_report, scan_report
from mailgate.parsers.classify.dsn import is_report
from mailgate.parsers.classify.evidence import Evidence
from mailgate.parsers.classify.message_kind import find_kind
from mailgate.parsers.classify.returned_message import find_message_id
from mailgate.parsers.html.html_to_text import Converted, convert_html
from mailgate.parsers.html.marks import replace_marks
from mailgate.parsers.html.runs import read_runs
from mailgate.parsers.language import choose_language
from mailgate.parsers.mime.alternatives import Piece
from mailgate.parsers.mime.attachments import build_attachments
from mailgate.parsers.mime.body import BodyStructure, read_structure
from mailgate.parsers.mime.clean_text import clean_text
from mailgate.parsers.mime.dates import read_date
from mailgate.parsers.mime.defects import find_defects
from mailgate.parsers.mime.headers import HeaderBlock, decode_header, read_ids, split_headers
from mailgate.parsers.mime.icalendar import is_reply
from mailgate.parsers.mime.smime import SIGNED_TYPES
from mailgate.parsers.mime.tree import Tree, build_tree
from mailgate.parsers.quoting.images import find_old_images, mark_images
from mailgate.parsers.quoting.pictures import find_pictures
from mailgate.parsers.quoting.quote_lines import is_forward_subject, is_reply_subject
from mailgate.parsers.quoting.rich_form import mark_signature, without_emphasis
from mailgate.parsers.quoting.signatures import names_of
from mailgate.parsers.quoting.strip import read_new_text
from mailgate.parsers.quoting.unmarked_quotes import mark_unmarked, may_repeat, repeats_mail

ATTACHED_MAIL = "message/rfc822"


@dataclass(frozen=True, slots=True)
class Reading:
    """A mail partly read: its headers (`top` maps lower-case names to the topmost value), tree and body."""

    raw: bytes
    block: HeaderBlock
    headers: tuple[tuple[str, str], ...]
    top: Mapping[str, str]
    tree: Tree
    structure: BodyStructure
    body: Converted
    new_text: str


def read_mail(raw: bytes, envelope_from: str | None = None) -> Mail:
    """Reads a mail.

    `envelope_from` is the return path: None if unknown, "" for the null sender. Raises nothing: unreadable content is
    left out and named in `defects`.
    """
    raw = bytes(raw)
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")  # of the same length, so that places stay
    block = split_headers(raw)
    tree = build_tree(raw, block)
    structure = read_structure(tree)
    headers = tuple((line.name, decode_header(line.value, structure.hint)) for line in block.lines)
    top = {line.key: value for line, (_, value) in zip(reversed(block.lines), reversed(headers), strict=True)}
    body = _read_body(structure.body)
    reading = Reading(
        raw=raw,
        block=block,
        headers=headers,
        top=top,
        tree=tree,
        structure=structure,
        body=body,
        new_text=_read_new_text(body, top, structure),
    )
    return _as_mail(reading, envelope_from)


def read_texts(raw: bytes) -> tuple[str, ...]:
    """Reads the text of a mail in each of its forms, plain and HTML; () for b""."""
    structure = read_structure(build_tree(raw, split_headers(raw)))
    forms = (_read_body(structure.body).text, *(convert_html(html).text for html in structure.html))
    return tuple(dict.fromkeys(form for form in forms if form.strip()))


def is_piece_of(text: str, raw: bytes) -> bool:
    """Tells whether a text is nothing but a piece of a mail, in one of its forms (`repeats_mail`); False for b"".

    HTML is converted only where it may hold the words.
    """
    structure = read_structure(build_tree(raw, split_headers(raw)))
    if repeats_mail(text, (_read_body(structure.body).text,)):
        return True
    pages = (html for html in structure.html if may_repeat(text, html))
    return repeats_mail(text, (convert_html(html).text for html in pages))


def cut_unmarked(mail: Mail, answered: Iterable[str]) -> Mail:
    """Returns a reply without the mail that it answers, where that stands in it without marks of a quote.

    `answered` is the text of that mail in each of its forms. A forward stays as it is: it is what is passed on.
    """
    marked = mail.text if is_forward_subject(mail.subject) else mark_unmarked(mail.text, answered)
    if marked == mail.text:
        return mail
    top = {name.lower(): value for name, value in reversed(mail.headers)}
    names = names_of(top.get("from", ""), top.get("sender", ""))
    new_text = read_new_text(marked, is_answer=True, names=names).strip()
    return replace(mail, new_text=new_text, language=_read_language(top, new_text))


def _as_mail(reading: Reading, envelope_from: str | None) -> Mail:
    top = reading.top
    sender = next(iter(_addresses(reading, "from")), None) or next(iter(_addresses(reading, "sender")), None)
    evidence = _gather(reading, sender, envelope_from)
    bounces = _read_bounces(reading, evidence)
    attachments, pictures = _read_attachments(reading)
    return Mail(
        kind=MessageKind.BOUNCE if bounces else find_kind(evidence),
        subject=top.get("subject", ""),
        sender=sender,
        to=_addresses(reading, "to"),
        cc=_addresses(reading, "cc"),
        reply_to=_addresses(reading, "reply-to"),
        message_id=evidence.message_id,
        in_reply_to=next(iter(read_ids(top.get("in-reply-to", ""))), ""),
        references=read_ids(top.get("references", "")),
        date=read_date(top.get("date", "")),
        text=reading.body.text,
        new_text=reading.new_text,
        language=_read_language(top, reading.new_text),
        attachments=attachments,
        bounces=bounces,
        defects=find_defects(reading.block, reading.tree, _found(reading)),
        headers=reading.headers,
        encrypted=_is_encrypted(reading),
        signed=_is_signed(reading),
        ambiguous_sender=_is_ambiguous(reading),
        pictures=pictures,
        formatting=read_runs(*(html for one in reading.structure.body if (html := one.text if one.html else one.rich))),
    )


def _read_attachments(reading: Reading) -> tuple[tuple[Attachment, ...], tuple[Picture, ...]]:
    """Reads the files, and the pictures between the lines; images of a quote or a signature are marked as such."""
    html = reading.structure.html
    found = build_attachments(reading.structure.files, html)
    if not html or not any(file.inline and file.content_id for file in found):
        return found, ()
    marked = mark_images(html, lambda body: _read_new_text(body, reading.top, reading.structure))
    old = find_old_images(marked)
    files = tuple(
        replace(file, quoted=True) if file.inline and file.content_id.casefold() in old else file for file in found
    )
    return files, find_pictures(marked, files)


def _gather(reading: Reading, sender: Address | None, envelope_from: str | None) -> Evidence:
    top = reading.top
    return Evidence(
        headers=top,
        subject=top.get("subject", ""),
        sender=sender,
        message_id=next(iter(read_ids(top.get("message-id", ""))), ""),
        text=reading.body.text,
        new_text=reading.new_text,
        mime_type=reading.tree.root.content_type.main,
        types=frozenset(reading.structure.types),
        is_answer=_has_ids(top),
        answers_invitation=any(
            part.mime_type == "text/calendar" and part.disposition.main != "attachment" and is_reply(part.content)
            for part in reading.structure.files
        ),
        envelope_from=envelope_from,
    )


def _read_body(pieces: list[Piece]) -> Converted:
    """Joins the pieces of the body to one text."""
    converted = [convert_html(piece.text) if piece.html else _as_plain(piece) for piece in pieces]
    full = [entry for entry in converted if entry.text.strip()]
    defect = next((entry.defect for entry in converted if entry.defect), "")
    return Converted("\n\n".join(e.text for e in full), "\n\n".join(e.marked for e in full), defect)


def _as_plain(piece: Piece) -> Converted:
    clean = replace_marks(clean_text(piece.text))
    if not piece.rich:
        return Converted(clean, clean)
    clean = without_emphasis(clean, piece.rich)
    return Converted(clean, mark_signature(clean, piece.rich))


def _read_new_text(body: Converted, top: Mapping[str, str], structure: BodyStructure) -> str:
    """The newly written text. Where a forwarded mail is attached whole, the text is the forwarder's alone."""
    subject = top.get("subject", "")
    has_ids = _has_ids(top)
    return read_new_text(
        body.marked,
        is_answer=has_ids or is_reply_subject(subject),
        is_forward=is_forward_subject(subject, body.marked) and ATTACHED_MAIL not in structure.types,
        has_ids=has_ids,
        names=names_of(top.get("from", ""), top.get("sender", "")),
    ).strip()


def _has_ids(top: Mapping[str, str]) -> bool:
    return bool(top.get("in-reply-to") or top.get("references"))


def _read_bounces(reading: Reading, evidence: Evidence) -> tuple[Bounce, ...]:
    """The bounces of a mail that a mail system sent; a report that a person encloses does not count."""
    if not is_report(evidence):
        return ()
    files, text = reading.structure.files, evidence.text
    original = find_message_id(reading.top, files, text, reading.raw)
    return read_report(files, original) or scan_report(reading.top, text, files, original)


def _read_language(top: Mapping[str, str], text: str) -> str:
    """The language of the text; in doubt, the one that the headers declare (RFC 3282)."""
    declared = (top.get(name, "")[:100].partition(",")[0] for name in ("content-language", "accept-language"))
    return choose_language(text, tuple(declared))


def _found(reading: Reading) -> list[str]:
    """The defects met while reading."""
    return [*reading.structure.defects, reading.body.defect]


def _is_encrypted(reading: Reading) -> bool:
    """Tells whether a mail is encrypted: RFC 3156, RFC 8551, or PGP armour in plain text."""
    if reading.structure.encrypted or "multipart/encrypted" in reading.structure.types:
        return True
    return reading.body.text[:1000].lstrip().startswith("-----BEGIN PGP MESSAGE-----")


def _is_signed(reading: Reading) -> bool:
    """Tells whether a mail is signed: RFC 3156, RFC 8551, or PGP armour. The signature is not verified."""
    types = reading.structure.types
    if "multipart/signed" in types or (types & SIGNED_TYPES and not reading.structure.encrypted):
        return True
    return reading.raw.find(b"-----BEGIN PGP SIGNED MESSAGE-----", reading.block.body_at) >= 0


def _is_ambiguous(reading: Reading) -> bool:
    """Tells whether From leaves a doubt who wrote."""
    values = [line.value for line in reading.block.lines if line.key == "from"]
    return len(values) != 1 or names_no_one(values[0], reading.structure.hint)


def _addresses(reading: Reading, name: str) -> tuple[Address, ...]:
    values = [line.value for line in reading.block.lines if line.key == name]
    return read_addresses(b", ".join(values[:20]), reading.structure.hint) if values else ()
