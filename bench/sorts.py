"""Makes ordinary mails of any size: plain, HTML, quoted history, files in each transfer encoding (standard library).

`make_sort` gives the same bytes for the same sort and size.
"""

from __future__ import annotations

import base64
import quopri
import random
from collections.abc import Callable

_HEAD = (
    b"Received: from mx.customer.example (mx.customer.example [192.0.2.1])\r\n\tby in.example.com with ESMTPS id 4;\r\n"
    b"\tThu, 1 Jan 2026 10:00:00 +0000\r\nFrom: Jo Doe <jo@customer.example>\r\nTo: support@example.com\r\n"
    b"Subject: =?utf-8?q?R=C3=A9seau?=\r\nMessage-ID: <1@customer.example>\r\nDate: Thu, 1 Jan 2026 10:00:00 +0000\r\n"
    b"MIME-Version: 1.0\r\n"
)
_REPLY = b"In-Reply-To: <2@example.com>\r\nReferences: <2@example.com>\r\n"
_WORDS = "le poste du deuxième étage n'imprime plus depuis ce matin merci de passer our printer stopped again"
_BLOCK = 200_000  # bytes: longer texts repeat themselves
_LINE = "Le ven. 2 janv. 2026 à 10:00, Support <support@example.com> a écrit :"


def _lines(size: int) -> list[str]:
    dice = random.Random(size)
    lines: list[str] = []
    length = 0
    while length < min(size, _BLOCK):
        lines.append(" ".join(dice.choices(_WORDS.split(), k=dice.randint(4, 11))).capitalize() + ".")
        length += len(lines[-1].encode()) + 2
        if dice.random() < 0.15:
            lines.append("")
    return lines * max(1, round(size / length)) if length else lines


def _plain(size: int) -> bytes:
    text = "\r\n".join(_lines(size - 500)).encode()
    return (
        _HEAD + b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + text + b"\r\n"
    )


def _quoted_printable(size: int) -> bytes:
    text = quopri.encodestring("\n".join(_lines(int((size - 500) * 0.9))).encode()).replace(b"\n", b"\r\n")
    head = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return _HEAD + head + text + b"\r\n"


def _html(size: int) -> bytes:
    page = ["<html><head><style>p.MsoNormal{margin:0cm}</style></head><body>"]
    for line in _lines((size - 500) // 2):
        text = line or "&nbsp;"
        page.append(f'<p class="MsoNormal" style="margin:0cm"><span lang="x">{text}<o:p></o:p></span></p>')
    head = b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return _HEAD + head + "\r\n".join([*page, "</body></html>"]).encode() + b"\r\n"


def _history(size: int) -> bytes:
    """Makes a short answer above a thread in which every reply quotes the one before."""
    rest, depth = ["Merci, ça marche.", ""], 0
    lines = _lines(size - 500)
    for at, line in enumerate(lines):
        if at % 20 == 0:
            rest.append(">" * min(depth, 12) + (" " if depth else "") + _LINE)
            depth += 1
        rest.append(">" * min(depth, 12) + " " + line)
    head = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return _HEAD + _REPLY + head + "\r\n".join(rest).encode()[: size - 400] + b"\r\n"


def _files(encoding: str, count: int = 1) -> Callable[[int], bytes]:
    def build(size: int) -> bytes:
        dice = random.Random(size)
        room = max(50, (size - 900) // count - 200)
        parts = [b"Content-Type: text/plain; charset=utf-8\r\n\r\nBonjour,\r\n\r\nvoici les fichiers.\r\n"]
        for number in range(count):
            head = (
                f"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: {encoding}\r\n"
                f'Content-Disposition: attachment; filename="scan-{number}.bin"\r\n\r\n'
            )
            parts.append(head.encode() + _encode(encoding, dice, room))
        body = b"".join(b"--=_frontier\r\n" + part + b"\r\n" for part in parts) + b"--=_frontier--\r\n"
        return _HEAD + b'Content-Type: multipart/mixed; boundary="=_frontier"\r\n\r\n' + body

    return build


def _encode(encoding: str, dice: random.Random, room: int) -> bytes:
    if encoding == "base64":
        return base64.encodebytes(dice.randbytes(room * 57 // 78)).replace(b"\n", b"\r\n")
    if encoding == "quoted-printable":
        block = quopri.encodestring(dice.randbytes(max(20, min(3_000, room // 3)))).replace(b"\n", b"\r\n")
        return block * max(1, room // len(block))
    lines = "\r\n".join(_lines(min(room, 100_000))).encode() + b"\r\n"
    if encoding == "binary":
        lines = dice.randbytes(min(room, 100_000)).replace(b"\n", b"") + b"\r\n"
    return lines * max(1, room // len(lines))


SORTS: dict[str, Callable[[int], bytes]] = {
    "plain, 8-bit": _plain,
    "plain, quoted-printable": _quoted_printable,
    "HTML": _html,
    "quoted history": _history,
    "file, base64": _files("base64"),
    "five files, base64": _files("base64", 5),
    "file, quoted-printable": _files("quoted-printable"),
    "file, 8-bit": _files("8bit"),
    "file, binary": _files("binary"),
}


def make_sort(name: str, size: int) -> bytes:
    """Makes a mail of that sort and of about that many bytes."""
    return SORTS[name](size)
