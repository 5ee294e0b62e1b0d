"""Builds hostile mails and texts for the parsers, each at any size (standard library only).

Texts go to every reader, and once more as the body of a reply; the other shapes are whole mails.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bench.shapes import HEADERS, HTML, PARAMETERS, PARTS, TEXTS, Entry

_REPLY = b"From: jo@customer.example\r\nSubject: Re: x\r\nIn-Reply-To: <a@b.example>\r\nMIME-Version: 1.0\r\n"
_MIXED = _REPLY + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n"
_DAEMON = b"From: MAILER-DAEMON@example.org\r\nSubject: Undelivered Mail Returned to Sender\r\n"
_REPORT = _DAEMON + b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n"
_STATUS = _REPORT + b"--x\r\n\r\na\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n"
_RECIPIENT = b"Final-Recipient: rfc822; a%d@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
_TNEF = 0x223E9F78.to_bytes(4, "little") + b"\1\0"
_SIGNED = bytes.fromhex("06092a864886f70d010702")  # the name of signed data, RFC 5652, 5.1


@dataclass(frozen=True)
class Shape:
    """A hostile input. `build` returns about that many bytes: a text (for every reader) or a whole mail."""

    name: str
    build: Callable[[int], str | bytes]


def make_shapes() -> Iterator[Shape]:
    """Lists every shape: texts first, then mails."""
    text_head = b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
    for name, unit in TEXTS.items():
        yield Shape(f"text: {name}", _text(unit))
    yield Shape("text: deeper and deeper quotes", lambda size: _deepen(size).decode())
    for name, unit in TEXTS.items():
        yield Shape(f"body: {name}", _mail(_REPLY + text_head, unit))
        yield Shape(f"daemon: {name}", _mail(_DAEMON + text_head, unit))
    for name, entry in HTML.items():
        yield Shape(f"html: {name}", _mail(_REPLY + b"Content-Type: text/html; charset=utf-8\r\n\r\n", entry))
    for name, entry in HEADERS.items():
        yield Shape(f"header: {name}", _mail(b"", entry, b"\r\nbody\r\n"))
    named = _MIXED + b"--x\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment"
    for name, entry in PARAMETERS.items():
        yield Shape(f"parameter: {name}", _mail(named, entry, b"\r\n\r\nb\r\n--x--\r\n"))
    for name, entry in PARTS.items():
        yield Shape(f"part: {name}", _mail(_MIXED, entry))
    yield from (Shape(name, build) for name, build in _OTHERS.items())


def _repeat(unit: str, size: int) -> bytes:
    numbered = "{n}" in unit
    count = max(1, size // len(unit.replace("{n}", "10000").encode()))
    return "".join(unit.replace("{n}", str(n)) for n in range(count)).encode() if numbered else unit.encode() * count


def _text(unit: str) -> Callable[[int], str]:
    return lambda size: _repeat(unit, size).decode() + "a"


def _mail(head: bytes, entry: Entry, tail: bytes = b"") -> Callable[[int], bytes]:
    begin, unit, end = entry if isinstance(entry, tuple) else ("", entry, "")
    return lambda size: head + begin.encode() + _repeat(unit, size) + end.encode() + tail


def _around(head: bytes, unit: bytes, tail: bytes = b"") -> Callable[[int], bytes]:
    """Surrounds repeated bytes with head and tail; "%d" is the number of the repetition."""
    if b"%d" in unit:
        return lambda size: head + b"".join(unit % n for n in range(max(1, size // (len(unit) + 3)))) + tail
    return lambda size: head + unit * max(1, size // len(unit)) + tail


def _deepen(size: int) -> bytes:
    """Builds lines of which each is quoted once more than the one before."""
    lines: list[bytes] = []
    length = 0
    while length < size:
        lines.append(b">" * len(lines) + b" a\n")
        length += len(lines[-1])
    return b"".join(lines)


def _nest(size: int) -> bytes:
    """Nests multiparts, each closed."""
    count = max(1, size // 80)
    opened = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(count))
    return opened + b"\r\na\r\n" + b"".join(b"--b%d--\r\n" % n for n in reversed(range(count)))


def _open(size: int) -> bytes:
    """Builds fifty open multiparts, and lines that are compared with each boundary."""
    head = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(50))
    return head + b"\r\n" + b"--b\r\n" * (size // 5)


def _der(size: int) -> bytes:
    """Builds nested signed data whose lengths all exceed the content."""
    return _in_base64("application/pkcs7-mime; smime-type=signed-data; name=smime.p7m")(
        b"\x30\x80" + _SIGNED + b"\xa0\x84\x7f\xff\xff\xff" + b"\x30\x84\x7f\xff\xff\xff" * (size * 3 // 4 // 6)
    )


def _der_pieces(size: int) -> bytes:
    """Builds signed data whose content comes in pieces of one byte and never ends."""
    data = bytes.fromhex("06092a864886f70d010701") + b"\xa0\x80\x24\x80"
    return _in_base64("application/pkcs7-mime; smime-type=signed-data; name=smime.p7m")(
        b"\x30\x80" + _SIGNED + b"\xa0\x80\x30\x80\x02\x01\x01\x31\x00\x30\x80" + data + b"\x04\x01a" * (size // 4)
    )


def _der_nested(size: int) -> bytes:
    """Nests strings of indefinite length."""
    return _in_base64("application/pkcs7-mime; smime-type=signed-data; name=smime.p7m")(
        b"\x30\x80" + _SIGNED + b"\xa0\x80\x30\x80" + b"\x24\x80" * (size * 3 // 8)
    )


def _tnef(attribute: bytes) -> Callable[[int], bytes]:
    whole = _in_base64("application/ms-tnef; name=winmail.dat")
    return lambda size: whole(_TNEF + attribute * max(1, size * 3 // 4 // len(attribute)))


def _attribute(level: int, name: int, length: int, data: bytes) -> bytes:
    """Builds an attribute of TNEF with any stated length (MS-OXTNEF 2.1.3.2)."""
    parts = (level.to_bytes(1, "little"), name.to_bytes(4, "little"), length.to_bytes(4, "little"))
    return b"".join(parts) + data + (sum(data) & 0xFFFF).to_bytes(2, "little")


def _properties(count: int, rest: bytes) -> bytes:
    return _attribute(2, 0x00069005, 4 + len(rest), count.to_bytes(4, "little") + rest)


def _in_base64(mime_type: str) -> Callable[[bytes], bytes]:
    head = _REPLY + f"Content-Type: {mime_type}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode()
    return lambda data: head + base64.encodebytes(data).replace(b"\n", b"\r\n")


def _file(encoding: bytes) -> bytes:
    return (
        _MIXED + b"--x\r\n\r\nSee below.\r\n--x\r\nContent-Type: application/octet-stream; name=a.bin\r\n"
        b"Content-Transfer-Encoding: " + encoding + b"\r\n\r\n"
    )  # fmt: skip


def _charset(name: bytes, unit: bytes) -> Callable[[int], bytes]:
    return _around(_REPLY + b"Content-Type: text/plain; charset=" + name + b"\r\n\r\n", unit)


def _encoded(encoding: bytes, unit: bytes) -> Callable[[int], bytes]:
    return _around(_REPLY + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: " + encoding + b"\r\n\r\n", unit)


_END = b"\r\n--x--\r\n"
_FLOWED = _REPLY + b"Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\n"
_ATTACHED = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
_IN_DIGEST = b"--x\r\n\r\nSubject: a\r\n\r\nb\r\n"
_ORIGINAL = b"--x\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <a%d@b.example>\r\n"
_CALENDAR = _REPLY + b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n"
_ESCAPE = b"\x1b$B\x1b(B"
_OTHERS: Mapping[str, Callable[[int], bytes]] = {
    "multiparts in multiparts": _nest,
    "open multiparts": _open,
    "attached mails in mails": _around(b"", b"Content-Type: message/rfc822\r\n\r\n"),
    "attached mails in parts": _around(_MIXED, b"--x\r\nContent-Type: message/rfc822\r\n\r\n"),
    "mails in base64 in mails": _around(b"", _ATTACHED),
    "one boundary for all levels": _around(b"", b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n"),
    "long boundary": _around(b"Content-Type: multipart/mixed; boundary=" + b"a" * 5_000 + b"\r\n\r\n", b"--a\r\n"),
    "digest": _around(_REPLY + b"Content-Type: multipart/digest; boundary=x\r\n\r\n", _IN_DIGEST),
    "recipients of a report": _around(_STATUS, _RECIPIENT, _END),
    "lines of a report": _around(_STATUS, b"A: b\r\n", _END),
    "blocks of a report": _around(_STATUS, b"\r\n", _END),
    "one line of a report": _around(_STATUS + b"Final-Recipient: rfc822; ", b"a", _END),
    "reports": _around(_REPORT, b"--x\r\nContent-Type: message/delivery-status\r\n\r\n" + _RECIPIENT),
    "original mails": _around(_REPORT, _ORIGINAL),
    "flowed lines": _around(_FLOWED, b"word \r\n"),
    "flowed quotes": _around(_FLOWED, b"> a \r\n>> b \r\n"),
    "flowed depths": _around(_FLOWED, b">" * 500 + b" \r\n"),
    "flowed spaces": _around(_FLOWED, b" \r\n"),
    "ISO-2022-JP escapes": _charset(b"iso-2022-jp", _ESCAPE),
    "ISO-2022-JP, undeclared": _charset(b"us-ascii", _ESCAPE),
    "ISO-2022-KR": _charset(b"iso-2022-kr", b"\x0e!!\x0f"),
    "HZ": _charset(b"hz", b"~{!!~}"),
    "UTF-7": _charset(b"utf-7", b"+AGEA-"),
    "UTF-16": _charset(b"utf-16", b"a\0\n\0"),
    "punycode": _charset(b"punycode", b"a-"),
    "idna": _charset(b"idna", b"xn--a."),
    "unknown charset": _charset(b"none", b"\xe9\xff"),
    "GB18030": _charset(b"gb18030", b"\x81\x30\x81\x30"),
    "NUL": _charset(b"utf-8", b"\0"),
    "controls": _charset(b"utf-8", b"\x01a\x1b"),
    "8-bit": _charset(b"utf-8", b"\xff"),
    "UTF-8 surrogates": _charset(b"utf-8", b"\xed\xa0\x80"),
    "quoted-printable": _encoded(b"quoted-printable", b"=C3=A9"),
    "quoted-printable, soft breaks": _encoded(b"quoted-printable", b"=\r\n"),
    "quoted-printable, broken": _encoded(b"quoted-printable", b"="),
    "quoted-printable, spaces": _encoded(b"quoted-printable", b" "),
    "base64, text": _encoded(b"base64", b"YWJj"),
    "base64, one letter a line": _encoded(b"base64", b"Y\r\n"),
    "base64, padding": _encoded(b"base64", b"YQ==\r\n"),
    "base64, junk": _encoded(b"base64", b"Y!W\xffJj"),
    "base64, equal signs": _encoded(b"base64", b"="),
    "x-uuencode": _encoded(b"x-uuencode", b"begin 644 a\r\n#86)C\r\n`\r\nend\r\n"),
    "file, base64 with junk": _around(_file(b"base64"), b"YWJj!YWJj\r\n", _END),
    "file, base64 in one line": _around(_file(b"base64"), b"YWJj", _END),
    "file, base64 and blank lines": _around(_file(b"base64"), b"YWJj\r\n\r\n", _END),
    "file, base64 and blocks": _around(_file(b"base64"), b"\r\n" + b"YWJj\r\n" * 25, _END),
    "file, NUL": _around(_file(b"8bit"), b"\0\r\n", _END),
    "file, empty lines": _around(_file(b"7bit"), b"\r\n", _END),
    "file, boundaries that nearly are": _around(_file(b"7bit"), b"--y\r\n", _END),
    "file, uuencoded": _around(_file(b"x-uuencode") + b"begin 644 a\r\n", b"#86)C\r\n", b"`\r\nend" + _END),
    "TNEF, lying length": _tnef(_attribute(2, 0x0006800F, 0x7FFFFFFF, b"a")),
    "TNEF, no length": _tnef(_attribute(2, 0x0006800F, 0, b"")),
    "TNEF, files": _tnef(_attribute(2, 0x00069002, 14, b"\1" + bytes(13)) + _attribute(2, 0x0006800F, 1, b"a")),
    "TNEF, titles": _tnef(_attribute(2, 0x00018010, 4, b"abc\0")),
    "TNEF, many properties": _tnef(_properties(0x7FFFFFFF, b"\x0b\0\1\x0e\1\0\0\0" * 3)),
    "TNEF, many values": _tnef(_properties(1, b"\x02\x11\1\x37" + b"\xff\xff\xff\x7f" * 3)),
    "TNEF, mails": _tnef(_properties(1, b"\x0d\0\1\x37\1\0\0\0\x40\0\0\0" + bytes(16) + _TNEF)),
    "DER, lying lengths": _der,
    "DER, pieces": _der_pieces,
    "DER, nested": _der_nested,
    "PGP in a body": _around(_REPLY + b"\r\n-----BEGIN PGP MESSAGE-----\r\n\r\n", b"YWJj\r\n"),
    "calendar": _around(_CALENDAR, b"BEGIN:VEVENT\r\nSUMMARY:a\r\n"),
    "calendar, folds": _around(_CALENDAR + b"BEGIN:VEVENT\r\nSUMMARY:a", b"\r\n a"),
    "enriched": _around(_REPLY + b"Content-Type: text/enriched\r\n\r\n", b"<bold>a<<"),
    "RTF": _around(_REPLY + b"Content-Type: text/rtf\r\n\r\n", b"{\\rtf1 a"),
}  # fmt: skip
