"""Writes header lines: folded, encoded, free of control characters (RFC 5322, 2047, 2231; rules 1, 4, 20).

Written by hand, because the standard library folds long References into encoded words, which breaks threading. Every
function takes any text and returns lines of at most 76 characters where folding can reach that, joined by CRLF, without
the last CRLF. Only the local part of an address may stay outside ASCII: the relay decides about that one. Pure, never
fails.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from mailgate.core.domains import fold_domain, to_a_labels
from mailgate.core.mail import Address

_WIDTH = 76
_LONGEST_WORD = 200
_LONGEST_NAME = 60
_MOST_REFERENCES = 20
_FOLD = "\r\n "
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_INVISIBLE = re.compile(r"[\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_AT = "@＠﹫"
_ADDRESS = re.compile(r"[^\s<>@＠﹫,;()\"]{0,100}[@＠﹫][^\s<>@＠﹫,;()\"]{0,100}")
_NO_NAME = {ord(mark): " " for mark in f'<>"\\{_AT}'}
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_DOT_ATOM = re.compile(r"[^\s()<>\[\]:;@\\,.\"\x00-\x1f]+(?:\.[^\s()<>\[\]:;@\\,.\"\x00-\x1f]+)*")
_ID = re.compile(r"[\x21-\x3b\x3d\x3f-\x7e]{1,900}")
_MIME_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,80}/[a-z0-9][a-z0-9!#$&^_.+-]{0,80}")
_FILENAME = re.compile(r"[A-Za-z0-9 !#$&'()+,.;=@^_`{}~\[\]-]{1,55}")
_NO_MAILBOX = re.compile(r"[\s<>\x00-\x1f\x7f]+")


def clean_line(text: str) -> str:
    """Returns one line of visible text: controls and runs of spaces become one space, bidi and zero-width marks go."""
    if not text.isprintable():
        whole = text.encode("utf-8", "replace").decode("utf-8")
        text = _INVISIBLE.sub("", _CONTROLS.sub(" ", whole))
    return " ".join(text.split())


def clean_name(name: str) -> str:
    """Returns a display name without addresses, brackets and controls, at most 60 characters; "" where nothing is left.

    A name that shows an address is a common way to deceive the reader (rule 1).
    """
    line = clean_line(name[:300])
    if any(mark in line for mark in _AT):
        line = _ADDRESS.sub(" ", line)
    line = line.translate(_NO_NAME)
    line = " ".join(line.split()).strip(" ,;()'")
    return line[:_LONGEST_NAME].rstrip()


def via_name(name: str, desk_name: str) -> str:
    """Returns the sender's name of a forwarded request: `Jo Martin via Support` (rule 1)."""
    person, desk = clean_name(name), clean_name(desk_name)
    return f"{person} via {desk}".strip() if person else desk


def unstructured(field: str, value: str) -> str:
    """Writes a header of free text, such as Subject."""
    line = clean_line(value)
    if _is_plain(line):
        return _fold(f"{field}:", line.split(" "))
    return f"{field}: {_FOLD.join(_encoded_words(line, _WIDTH - len(field) - 2))}"


def mailbox(field: str, who: Address) -> str:
    """Writes a header with one mailbox."""
    name, address = clean_name(who.name), address_spec(who.address)
    if not name:
        return _fold(f"{field}:", [address])
    if not _is_plain(name):
        words = _encoded_words(name, _WIDTH - len(field) - 2)
        return f"{field}: {_FOLD.join(words)}{_FOLD}<{address}>"
    shown = name if _ATOMS.fullmatch(name) else f'"{name}"'
    return _fold(f"{field}:", [shown, f"<{address}>"])


def original_from(address: str) -> str:
    """Writes X-Original-From. Beyond ASCII it is encoded as text: the relay of a level need not know SMTPUTF8."""
    spec = address_spec(address)
    return mailbox("X-Original-From", Address("", address)) if spec.isascii() else unstructured("X-Original-From", spec)


def address_spec(address: str) -> str:
    """Returns an address as headers and the envelope take it: the domain as A-labels, the local part kept (rule 20)."""
    local, _, domain = _NO_MAILBOX.sub("", clean_line(address)).rpartition("@")
    if not local:
        return domain
    if not _DOT_ATOM.fullmatch(local) and not (local[0] == local[-1] == '"' and len(local) > 2):
        local = '"' + local.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{local}@{_a_labels(domain)}"


def identifiers(field: str, ids: Iterable[str]) -> str:
    """Writes a header of Message-IDs, one a line and never encoded; "" where no usable id is left (RFC 5322, 3.6.4)."""
    usable = [f"<{one}>" for one in ids if _ID.fullmatch(one)]
    return f"{field}: {_FOLD.join(usable)}" if usable else ""


def chain(references: Iterable[str], own_id: str) -> tuple[str, ...]:
    """Returns the References of a notice: of more than 20, the first and the newest (rule 4).

    Its own id is never among them: a mail that answers itself is a root for Dovecot and others, and stands outside its
    conversation.
    """
    ids = [one for one in dict.fromkeys(references) if one != own_id and _ID.fullmatch(one)]
    return tuple(ids if len(ids) <= _MOST_REFERENCES else [ids[0], *ids[1 - _MOST_REFERENCES :]])


def mime_type(value: str) -> str:
    """Returns the type of a file's part. Messages and multiparts may not be base64 (RFC 2046, 5.2.1): they go as
    files."""
    kind = value.strip().lower()
    if not _MIME_TYPE.fullmatch(kind) or kind.startswith(("message/", "multipart/")):
        return "application/octet-stream"
    return kind


def disposition(filename: str) -> str:
    """Writes the Content-Disposition of a file, its name by RFC 2231 where it is long or not ASCII."""
    name = clean_line(filename).replace("/", "_").replace("\\", "_")[:200] or "file"
    if _FILENAME.fullmatch(name):
        return f'Content-Disposition: attachment;{_FOLD}filename="{name}"'
    pieces = list(_pieces(f"utf-8''{quote(name, safe='')}", 55))
    if len(pieces) == 1:
        return f"Content-Disposition: attachment;{_FOLD}filename*={pieces[0]}"
    lines = (f"filename*{number}*={piece}" for number, piece in enumerate(pieces))
    return f"Content-Disposition: attachment;{_FOLD}" + f";{_FOLD}".join(lines)


def _pieces(text: str, width: int) -> Iterator[str]:
    """Splits percent-encoded text into pieces that never cut an escape in two."""
    while text:
        end = width
        if len(text) > width and (cut := text.rfind("%", width - 2, width)) >= 0:
            end = cut
        yield text[:end]
        text = text[end:]


def _is_plain(line: str) -> bool:
    """Tells whether a line needs no encoded word; what looks like one is encoded, so that it is read as it was
    written."""
    return line.isascii() and "=?" not in line and max(map(len, line.split(" "))) <= _LONGEST_WORD


def _fold(start: str, words: Iterable[str]) -> str:
    lines = [start]
    for position, word in enumerate(words):
        if position and len(lines[-1]) + 1 + len(word) > _WIDTH:
            lines.append(f" {word}")
        else:
            lines[-1] += f" {word}"
    return "\r\n".join(lines)


def _encoded_words(line: str, first_room: int) -> Iterator[str]:
    """Encodes text by RFC 2047: words of at most 75 characters, each of whole characters."""
    data, start, room = line.encode("utf-8"), 0, first_room
    while start < len(data):
        end = start + max(0, (min(room, 75) - 12) // 4 * 3)
        while end < len(data) and data[end] & 0xC0 == 0x80:  # within a character
            end -= 1
        if end == start:  # the name of the field leaves no room: one character
            end = next((at for at in range(start + 1, len(data)) if data[at] & 0xC0 != 0x80), len(data))
        yield f"=?utf-8?b?{b64encode(data[start:end]).decode('ascii')}?="
        start, room = end, 75


def _a_labels(domain: str) -> str:
    """Writes a domain for a header; a label that IDNA does not know too, since a header is read and not sent to."""
    labels = fold_domain(domain).split(".")
    return to_a_labels(domain) or ".".join(
        one if one.isascii() else "xn--" + one.encode("punycode").decode("ascii") for one in labels
    )
