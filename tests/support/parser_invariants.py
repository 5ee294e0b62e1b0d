"""Invariants of every mail and text, whatever the bytes: shared by the tests that mutate and the fuzzer.

`check_mail` and `check_text` read and assert; `mutate` spoils a mail the way gateways, editors and attackers do.
"""

from __future__ import annotations

import random
import re
from base64 import b64decode
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from hashlib import sha256
from html.parser import HTMLParser

from mailgate.core.formatting import FormattedText
from mailgate.core.mail import Attachment, Mail
from mailgate.parsers import read_answer, read_commands, read_mail
from mailgate.parsers.html.alignment import Formatter
from mailgate.parsers.quoting.pictures import place_pictures
from tests.support.paths import CORPUS

FOLDER = CORPUS / "mails"
TEXTS = frozenset({"text", "new_text"})

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")  # in text: all but line feed and tab
_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")  # in what is one line
_MARKS = re.compile(r"[\s>|\u200b-\u200f\ufeff\xad]+")  # white space and quote marks


def load_corpus() -> list[bytes]:
    """The raw mails of the corpus, in the order of their names."""
    return [path.read_bytes() for path in sorted(FOLDER.glob("*.eml"))]


def check_mail(raw: bytes, envelope_from: str | None = None) -> Mail:
    """Read a mail and assert what holds for every one."""
    mail = read_mail(raw, envelope_from)
    check_strings(mail)
    for attachment in mail.attachments:
        check_attachment(attachment, raw)
    check_new_text(mail)
    check_formatting(mail, mail.new_text)
    return mail


def check_strings(value: object, name: str = "") -> None:
    """Every string of a value and of what it holds is clean and can be written as UTF-8."""
    if isinstance(value, str):
        value.encode("utf-8")
        found = (_CONTROLS if name in TEXTS else _BREAKS).search(value)
        assert found is None, f"{name} holds {found[0]!r}"
    elif isinstance(value, tuple):
        for entry in value:
            check_strings(entry, name)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            check_strings(getattr(value, field.name), field.name)


def check_attachment(attachment: Attachment, raw: bytes) -> None:
    """Size, sum and name of a file agree with its bytes, and its span with the raw mail."""
    content = attachment.content
    if attachment.span is not None:
        start, end = attachment.span
        assert 0 <= start <= end <= len(raw)
        taken = b64decode(raw[start:end])
        assert not content or content == taken
        content = taken
    assert attachment.size == len(content)
    assert attachment.sha256 == sha256(content).hexdigest()
    assert attachment.filename.strip()
    assert not re.search("[/\\\\\u200e\u200f\u202a-\u202e\u2066-\u2069]", attachment.filename)
    assert attachment.filename not in (".", "..")


def check_new_text(mail: Mail) -> None:
    """Checks that the new text stands in the whole text, in its order, white space and quote marks aside."""
    rest = _MARKS.sub("", mail.text)
    at = 0
    for line in mail.new_text.split("\n"):
        bare = _MARKS.sub("", line)
        found = rest.find(bare, at)
        assert found >= 0, f"not in the text: {line!r}"
        at = found + len(bare)


def check_text(text: str, subject: str = "") -> None:
    """Any text can be read as an answer and as commands, twice with one result."""
    answer = read_answer(text, subject)
    assert answer == read_answer(text, subject)
    commands = read_commands(text)
    assert commands == read_commands(text)
    assert not commands.errors or not (commands.commands or commands.public_text)
    assert not (commands.internal and commands.public_text)


def mutate(raw: bytes, seed: int, others: Sequence[bytes]) -> bytes:
    """The mail after one to six changes, the same for the same seed."""
    dice = random.Random(seed)
    for _ in range(dice.randint(1, 6)):
        raw = dice.choice(_CHANGES)(raw, dice, others)[:200_000]
    return raw


def _flip(raw: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    data = bytearray(raw)
    for _turn in range(dice.randint(1, 8)):
        if data:
            data[dice.randrange(len(data))] = dice.randrange(256)
    return bytes(data)


def _cut(raw: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    start, end = sorted((dice.randrange(len(raw) + 1), dice.randrange(len(raw) + 1)))
    return dice.choice((raw[:start], raw[start:], raw[:start] + raw[end:]))


def _splice(raw: bytes, dice: random.Random, others: Sequence[bytes]) -> bytes:
    other = dice.choice(others)
    return raw[: dice.randrange(len(raw) + 1)] + other[dice.randrange(len(other) + 1) :]


def _move_lines(raw: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    lines = raw.splitlines(keepends=True) or [b""]
    at, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    chosen = lines[at : at + dice.choice((1, 1, 3, 20))]
    how = dice.randrange(4)
    if how == 0:
        del lines[at : at + len(chosen)]
    elif how == 1:
        lines[at:at] = chosen * dice.choice((1, 2, 40))
    elif how == 2:
        lines[other:other] = chosen
    else:
        lines[at] = lines[at].rstrip(b"\r\n")
    return b"".join(lines)


def _inject(raw: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    lines = raw.splitlines(keepends=True)
    at = dice.randrange(len(lines) + 1) if dice.random() < 0.3 else dice.randrange(min(len(lines), 12) + 1)
    return b"".join([*lines[:at], dice.choice(_HEADERS) + b"\r\n", *lines[at:]])


def _swap(raw: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    """Another charset, type or transfer encoding than the one declared."""
    words = dice.choice((_CHARSETS, _ENCODINGS, _TYPES))
    found = [word for word in words if word in raw.lower()]
    if not found:
        return raw
    old = re.compile(re.escape(dice.choice(found)), re.IGNORECASE)
    return old.sub(dice.choice(words), raw, count=dice.choice((0, 1)))


def _change_boundary(raw: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    found = re.findall(rb'boundary="?([^"\s;]{1,70})', raw)
    if not found:
        return raw
    mark = b"--" + dice.choice(found)
    new = dice.choice((b"", b"--", mark + b"--", mark + b"x", mark[:-1], b" " + mark, mark + b"\r\n" + mark))
    places = [one.start() for one in re.finditer(re.escape(mark), raw)] or [0]
    at = dice.choice(places)
    return raw[:at] + new + raw[at + len(mark) :]


def _sprinkle(raw: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    for _turn in range(dice.randint(1, 6)):
        at = dice.randrange(len(raw) + 1)
        raw = raw[:at] + dice.choice(_NOISE) + raw[at:]
    return raw


def _change_ends(raw: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    return raw.replace(b"\r\n", dice.choice((b"\n", b"\r", b"\r\r\n", b"\n\r", b"\r\n\r\n")), dice.choice((-1, 3)))


_CHARSETS = b"utf-8 us-ascii iso-8859-1 windows-1252 iso-2022-jp shift_jis utf-16 utf-7 koi8-r gb18030 hz none".split()
_ENCODINGS = b"base64 quoted-printable 7bit 8bit binary x-uuencode none".split()
_TYPES = (
    *(b"text/plain", b"text/html", b"text/calendar", b"text/enriched", b"text/rtf", b"text", b"image/png"),
    *(b"multipart/mixed", b"multipart/alternative", b"multipart/related", b"multipart/report", b"multipart/signed"),
    *(b"multipart/encrypted", b"message/rfc822", b"message/delivery-status", b"message/partial"),
    *(b"application/octet-stream", b"application/ms-tnef", b"application/pkcs7-mime"),
)
_HEADERS = (
    b"Subject: =?utf-8?b?DQpCY2M6IHhAZXhhbXBsZS5vcmc=?=",
    b"Subject: =?utf-16?q?=00=0A?= =?utf-8?q?=ED=A0=80=00?= =?x?q?a",
    b'From: "a\rb" <c\0d@example.org>, =?utf-8?q?=0D=0A?= <e@example.org>',
    b"To: a: b@example.org, <c@example.org>;, @, <>, \x80@\xff",
    b"References: <a\tb@c> <\xc3\xa9@d> < e@f > <g\r\n h@i>",
    b"Message-ID: <\0\x1b@\xff>",
    b"Date: Thu, 32 Foo 99999 25:61:61 +9999",
    b"Content-Type: multipart/mixed; boundary=\"a\0\"; charset*=utf-8''%00",
    b"Content-Type: text/plain; charset=utf-16; format=flowed; delsp=yes",
    b"Content-Type: text/html; name*0*=utf-8''%0D%0A; name*1=\xe9; name=\"../\xff\"",
    b"Content-Disposition: attachment; filename*=utf-8''a%0D%0Ab%E2%80%AE%00.exe; filename=\"/etc/x\"",
    b"Content-Transfer-Encoding: base64",
    b"Content-ID: <a\0b\x80@c>",
    b"Content-Language: \xe9\0",
    b"Auto-Submitted: auto-replied",
    b"X-Failed-Recipients: a\0@example.org",
)
_NOISE = (
    *(
        b"\0",
        b"\x80",
        b"\xff\xfe",
        b"\xed\xa0\x80",
        b"\x1b$B",
        b"\x1b(B",
        b"\r",
        b"\n\n",
        b"\x0b\x0c",
        b"\x85",
        b"=\r\n",
    ),
    *(b"=?utf-8?b?", b"?=", b'"', b"(", b"<", b">", b"\n> ", b"\n-- \n", b"\n--", b"\nOn 1.1.24 a wrote:\n", b"\t"),
    *("\u200b\u202e\u2028\ufeff".encode(), "\U0001f44d".encode(), b"<!--", b"<blockquote>", b"&#0;", b"&#xD800;"),
    *(b"\nbegin 644 a\0b\n", b"\n#note ", b"\n#resolve\n", b"\n-----BEGIN PGP SIGNED MESSAGE-----\n", b"\nFrom: a\n"),
)
_CHANGES: tuple[Callable[[bytes, random.Random, Sequence[bytes]], bytes], ...] = (
    *(_flip, _cut, _splice, _move_lines, _inject, _inject, _swap, _swap, _change_boundary, _sprinkle, _sprinkle),
    _change_ends,
)


# -- formatted text ----------------------------------------------------------------------------------------------------

_SAFE = {
    *("p", "br", "strong", "em", "code", "ul", "li", "table", "tbody", "tr", "h3", "blockquote", "pre"),
    *("a href rel", "ol", "ol start", "td", "th", "td colspan", "th colspan", "img src alt", "img src alt width"),
}
_NO_WORDS = re.compile(r"(?:<(?:https?:|mailto:|tel:)[^<>]*>|\[(?:cid|image|bild)[^\[\]]*\])", re.IGNORECASE)
_NUMBER = re.compile(r"(?<!\S)(?:\w{1,6}[.)](?=\s|$)|o(?=[ \t\xa0]{2}))")


class PageReader(HTMLParser):
    """The words of safe HTML, and its elements with the names of their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.elements: set[str] = set()
        self.targets: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(" ".join((tag, *(name for name, _ in attrs))))
        values = dict(attrs)
        self.targets += [str(values[name]) for name in ("href", "src") if name in values]
        self.words.append(f" {values.get('alt') or ''} ")

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data!r}")


def check_formatting(mail: Mail, text: str) -> FormattedText | None:
    """Format a text that was made of a mail and assert that the HTML shows just its words."""
    written = place_pictures(text, mail.pictures)
    found = Formatter(mail.formatting, mail.pictures).format(written)
    if found is None:
        return None
    formatted, plain = found
    assert written.endswith(plain)
    source = written[: len(written) - len(plain)]
    page = PageReader(formatted.html)
    assert page.elements <= _SAFE
    for target in page.targets:
        assert re.match(r"(?:https?://|mailto:|tel:|cid:)[^\s<>\"]", target, re.IGNORECASE), target
        bare = re.sub(r"^(?:https?://|mailto:)(?:www\.)?|/$", "", target.lower())
        assert target.startswith(("cid:", "tel:")) or bare in formatted.text.lower(), target
    shown = "".join(page.words)
    assert is_within(shown, source), "words that the text has not"
    assert is_within(_NUMBER.sub("", _NO_WORDS.sub("", source)), shown), "words are lost"
    assert is_within(_NUMBER.sub("", _NO_WORDS.sub("", source)), formatted.text), "words of the text are lost"
    return formatted


def is_within(words: str, text: str) -> bool:
    """Tells whether the letters of one text stand in the other, in their order."""
    letters = iter(text)
    return all(letter in letters for letter in words if letter.isalnum())
