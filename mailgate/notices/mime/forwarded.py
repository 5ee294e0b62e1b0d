"""Prepares a received mail to be attached to a notice: 7-bit, and without any token.

`strip` makes it anew without the files that the notice carries itself: headers and texts stay, a line stands in place
of each file. `seal` leaves a signed or encrypted mail as it came but for its headers, which no signature of RFC 3156 or
RFC 8551 covers. A level that got the requester's token could answer as the requester: so what follows a ticket's
reference and a notice's number in a token is written as MASKED wherever it stands, encoded or not.

Pure, linear, never fails: what cannot be attached is None.
"""

from __future__ import annotations

import hashlib
import re
from binascii import b2a_qp
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge

from mailgate.core.mail import Address
from mailgate.notices.mime.headers import clean_line, mailbox, unstructured
from mailgate.parsers.addresses import read_addresses
from mailgate.parsers.mime.charsets import decode_bytes, find_codec
from mailgate.parsers.mime.headers import HeaderBlock, HeaderLine, decode_header, split_headers
from mailgate.parsers.mime.leaves import decode_leaf, describe_leaf
from mailgate.parsers.mime.rtf import read_rtf
from mailgate.parsers.mime.smime import is_smime, open_wrapper
from mailgate.parsers.mime.transfer_encoding import decode_base64, read_encoding
from mailgate.parsers.mime.tree import Node, build_tree
from mailgate.parsers.mime.uuencode import take_files

LARGEST = 2**20  # bytes of a stripped mail: more text than that is no mail to be read beside others
HEAD_BYTES = 64 * 1024  # of the headers that are kept
FIELD_BYTES = 8 * 1024  # of one header that is kept as it stood
LOOKED_AT = 512  # bytes of a file by which text is known
MAILS_DEPTH = 10  # mails inside one another that are parsed; one deeper down is searched as text
ENCODED_DEPTH = 20  # of these and of what is encoded in them
MOST_MAILS = 1_000  # of a mailbox file; the rest is taken for the last one's text
MAIL_BEGIN = 4096  # bytes by which a mail is known
MASKED = b"masked"

# Invisible letters and HTML markup: a reader puts a token together across them, and across a broken line.
_HIDDEN = (
    rb"\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf|\xc2\xad|\xcd\x8f|<[a-z/][^<>]{0,60}+>"
    rb"|&(?:shy|zwnj|zwj|zerowidthspace|nobreak|#(?:173|820[3-7]|8288|xad|x200[b-f]|x2060));"
)
_JOINT = rb"(?:" + _HIDDEN + rb"|=?[ \t]{0,3}\r?\n[>| \t]{0,8})"
_SPACE = (
    rb"(?:[_+>|\s]|\xc2\xa0|\xe2\x80[\x80-\x8a\xaf]|%20|%5F|=20|=\r?\n|&nbsp;|&#0?(?:32|160);|" + _HIDDEN + rb"){0,10}+"
)
_DOT = (
    rb"(?:\.|%2E|=2E|&#0?46;|&#x2e;|&period;|\xe2\x80\xa4|\xef\xbc\x8e|\xe3\x80\x82"
    rb"|[(\[{][ \t]?(?:dot|point|punkt|\.)[ \t]?[)\]}]|(?<=[ \t])(?:dot|point|punkt)(?=[ \t]))"
)
_DASH = (
    rb"(?:-|%2D|=2D|&#0?45;|&#x2d;|&hyphen;|&dash;|&#820[89];"
    rb"|\xe2\x80[\x90-\x95]|\xe2\x88\x92|\xef\xb9\xa3|\xef\xbc\x8d)"
)  # fmt: skip
_LETTER = _JOINT + rb"{0,3}[a-z2-7]"  # a token has 20 of them, or 16 where it has no word
_CUT_OFF = rb"[ \t]?(?:\xe2\x80\xa6|\[\xe2\x80\xa6\]|\.\.\.|&hellip;)"  # a token that was cut short is nearly one
# The last letter of a reference with its figures, which ends where a dash begins.
_REFERENCE = re.compile(rb"[a-z](?:" + _JOINT + rb"?[0-9]){0,6}" + _JOINT + rb"{0,3}\Z", re.IGNORECASE)
_REFERENCE_BYTES = 300  # before a dash, in which that letter is looked for
_TOKEN = re.compile(  # from the dash on, of which a text has few: no place costs more than a few looks
    _DASH + _JOINT + rb"{0,3}"
    rb"[0-9](?:" + _JOINT + rb"?[0-9]){0,11}" + _SPACE + rb"(?:" + _DOT + _SPACE + rb")?"
    rb"[0-9](?:" + _JOINT + rb"?[0-9]){0,5}" + _SPACE + _DOT + _SPACE +
    rb"([a-z2-7](?:" + _LETTER + rb"){15}(?:(?:" + _LETTER + rb"){4}(?![a-z2-7]))?"
    rb"|[a-z2-7]{8,19}(?=" + _CUT_OFF + rb"))",
    re.IGNORECASE,
)  # fmt: skip
# Where a token may begin: a dash, with a figure or the beginning of a _JOINT behind it. By the byte with which each
# begins, since a text without that byte needs no search, and a pattern with one first byte is found much faster.
_STARTS = {
    first: re.compile(first + rest)
    for first, rest in (
        (b"-", rb"[0-9=<& \t\r\n\xe2\xef\xc2\xcd]"),
        (b"%", rb"2[Dd]"),
        (b"=", rb"2[Dd]"),
        (b"&", rb"(?:#[048Xx]|[HhDd])"),
        (b"\xe2", rb"(?:\x80[\x90-\x95]|\x88\x92)"),
        (b"\xef", rb"[\xb9\xbc]"),
    )
}
_LINE_END = re.compile(rb"\r\n|\r|\n")
_LONGEST_LINE = 998  # bytes, without its end (RFC 5322, section 2.1.1)
_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_SAFE = re.compile(rb"[^\t\r\n -~]")
# Blind recipients, and what is true of the whole mail only
_SECRET = frozenset({"bcc", "resent-bcc"})
_DROPPED = _SECRET | {"content-length", "lines", "mime-version"}
_OF_ADDRESSES = frozenset({"from", "to", "cc", "reply-to", "sender"})
_ALWAYS = _OF_ADDRESSES | {"subject", "date", "message-id"}
_MULTIPARTS = frozenset({"multipart/alternative", "multipart/related"})
_TEXTUAL = (
    "text/", "message/", "application/xhtml", "application/rtf", "application/vnd.ms-outlook", "application/ics",
    "application/json", "application/xml", "image/svg",
)  # fmt: skip
_TEXT_NAMES = (
    ".eml", ".msg", ".mht", ".mhtml", ".txt", ".htm", ".html", ".xhtml", ".log", ".md", ".csv", ".rtf", ".mbox",
    ".ics", ".vcs", ".vcf", ".json", ".xml", ".svg", ".url", ".webloc", ".desktop", ".emlx", ".emltpl", ".oft",
)  # fmt: skip
_MAIL_TYPES = ("message/rfc822", "message/global")
_MAIL_NAMES = (".eml", ".u8msg", ".mht", ".mhtml")
_MAIL_KEYS = frozenset(
    {"from", "to", "cc", "subject", "date", "sender", "reply-to", "message-id", "in-reply-to", "references"}
    | {"mime-version", "return-path", "received", "delivered-to", "content-type", "content-transfer-encoding"}
)
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
# How photos, sound, films and archives begin: nobody can read words in them
_MEDIA = re.compile(
    rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF|II[*+]\0|MM\0[*+]|BM|8BPS|\0\0[\x01\x02]\0|\0\0\0.(?:ftyp|jP)|\xff\x0a"
    rb"|ID3|\xff[\xf1-\xf3\xf9-\xfb]|OggS|fLaC|MThd|#!AMR|FLV|\x1aE\xdf\xa3|\0\0\x01[\xb3\xba]|\x30\x26\xb2\x75"
    rb"|PK[\x03\x05\x07]|\x1f\x8b|BZh|7z\xbc\xaf|\xfd7zXZ|Rar!|\x28\xb5\x2f\xfd",
    re.DOTALL,
)
# A letter that is written as a number: in HTML or XML, JSON or RTF, an address, quoted-printable. None has the first
# byte of another in it, and each is looked for alone, since a pattern with one first byte is found much faster.
_ESCAPES = tuple(
    re.compile(escape, re.IGNORECASE)
    for escape in (
        rb"&#(?:x0{0,8}(?P<hex>[0-9a-f]{1,6})|0{0,8}(?P<decimal>[0-9]{1,7}));?",
        rb"\\(?:u(?P<hex>[0-9a-f]{4})|['x](?P<byte>[0-9a-f]{2}))",
        rb"%(?P<byte>[0-9a-f]{2})",
        rb"=(?:(?P<byte>[0-9a-f]{2})|[ \t]{0,8}\r?\n)",
    )
)
_TAG = re.compile(rb"<[a-z/!?](?:(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+|[^<>]*+)>", re.IGNORECASE)
_COMMENT_END = re.compile(rb"\A-?>|--!?>")
_BASE64 = re.compile(
    rb"(?<![a-z0-9+/])[a-z0-9+/]{32,}+(?:\r?\n[ \t]{0,8}[a-z0-9+/]{32,}+)*+(?:\r?\n[ \t]{0,8}[a-z0-9+/]++)?={0,2}",
    re.IGNORECASE,
)
_BASE64_RUN = b"A" * 32
_BASE64_LETTERS = bytes(
    b"A"[0] if chr(code).isascii() and (chr(code).isalnum() or chr(code) in "+/") else 0 for code in range(256)
)
_LEAD = re.compile(rb"\s{0,40}(?:\d{1,12}[ \t]{0,20}\r?\n)?")  # the length above a mail in a file of Apple Mail
_NEXT_MAIL = re.compile(rb"(?:\A|\n)From [^\r\n]*\r?\n")  # of a mailbox file
_AS_IT_IS = frozenset({"", "7bit", "8bit", "binary"})


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Mail without the base64 text of its large files; a file stood at each of `cuts`, which ascend."""

    raw: bytes = field(repr=False)
    cuts: Sequence[tuple[int, str]] = ()


@dataclass(frozen=True, slots=True)
class Marks:
    """Lines in place of a file, each with `{name}`: of one that the notice carries, and of one that it does not.

    `too_large` is that of the files named in `missing`, which have no room in the notice.
    """

    carried: str
    left_out: str
    too_large: str = ""
    missing: frozenset[str] = frozenset()

    def of_carried(self, name: str) -> str:
        """Returns the line for a file of the notice's own, or of one that has no room in it."""
        return (self.too_large if name in self.missing else self.carried).format(name=name)


def mask(text: bytes, own: bytes = b"") -> bytes:
    """Makes every token in a text useless, also one that a reader would have to put together first.

    `own` is the secret part of the one token that stays: that of the addressee.
    """
    out: list[bytes] = []
    done = 0
    for start, end in _find_macs(text):
        if own and text[start:end].lower() == own:
            continue
        out += (text[done:start], MASKED)
        done = end
    return b"".join((*out, text[done:])) if done else text


def mask_words(text: str, own: str = "") -> str:
    """Makes every token in decoded text useless, as `mask` does in bytes."""
    if not text:
        return text
    written = text.encode("utf-8", "surrogatepass")
    masked = mask(written, own.encode("ascii", "replace"))
    return text if masked is written else masked.decode("utf-8", "surrogatepass")


def shows_token(text: bytes) -> bool:
    """Tells whether a token stands in a text."""
    return next(_find_macs(text), None) is not None


def may_hold_token(name: str, mime_type: str, begin: bytes) -> bool:
    """Tells by name, type and first bytes whether words can stand in a file: not in plain media or archives.

    A name and a type are what the sender calls a file: they alone keep none from being searched.
    """
    if mime_type.startswith(_TEXTUAL) or name.lower().endswith(_TEXT_NAMES):
        return True
    return bool(begin) and not _is_media(begin)


def is_binary(begin: bytes) -> bool:
    """Tells by its first bytes whether a file is no text of one byte a letter."""
    return _BINARY.search(begin[:LOOKED_AT]) is not None


def is_mail(name: str, mime_type: str) -> bool:
    """Tells by name and type whether a file is a mail."""
    return mime_type in _MAIL_TYPES or name.lower().endswith(_MAIL_NAMES)


def begins_like_mail(content: bytes) -> bool:
    """Tells whether a file begins with the headers of a mail."""
    return any(line.key in _MAIL_KEYS for line in split_headers(content[:MAIL_BEGIN]).lines)


def mail_shows_token(raw: bytes) -> bool:
    """Tells whether a token stands in a mail, in its headers or its texts, encoded or not."""
    return file_shows_token(raw, as_mail=True)


def file_shows_token(content: bytes, *, as_mail: bool = False) -> bool:
    """Tells whether a reader of a file, or of a mail in it, can see a token."""
    return any(shows_token(text) for text in decode_texts(content, as_mail=as_mail))


def decode_texts(content: bytes, *, as_mail: bool = False, depth: int = 0) -> Iterator[bytes]:
    """Yields a file as it stands, as programs show it, and what is encoded in it; all of that for mails in it.

    `as_mail` says that it is a mail, however it begins. The texts are for a search: they overlap, and are not clean.
    """
    plain = content.replace(b"\0", b"")  # two bytes a letter
    yield plain
    clear = _unescape(plain)
    if clear != plain:
        yield clear
    if b"<" in clear:
        yield _remove_tags(clear)
    if plain.startswith(b"{\\rtf"):
        yield read_rtf(plain).text.encode("utf-8", "replace")
    if depth < MAILS_DEPTH:
        begin = _LEAD.match(plain)
        at = begin.end() if begin else 0
        if plain.startswith(b"From ", at):
            for mail in _NEXT_MAIL.split(plain, MOST_MAILS):
                yield from decode_texts(mail, depth=depth + 1)
            return
        if as_mail or begins_like_mail(plain[at : at + MAIL_BEGIN]):
            yield from _decode_mail(content if content.startswith(plain[:LOOKED_AT]) else plain, at, depth)
            return
    rest, files = take_files(plain)
    # Most files have no run of letters that is long enough, which is seen much faster than searched for.
    blocks = _BASE64.finditer(rest) if _BASE64_RUN in rest.translate(_BASE64_LETTERS) else ()
    encoded = (decode_base64(found[0])[0] for found in blocks)
    inside = b"\n".join(one for one in (*(file.content for file in files), *encoded) if not _is_media(one))
    if inside and depth < ENCODED_DEPTH:
        yield from decode_texts(inside, depth=depth + 1)


def _find_macs(text: bytes) -> Iterator[tuple[int, int]]:
    """Yields where the secret part of a token stands: behind a reference and a number."""
    for found in _find_tokens(text):
        start = found.start()
        is_close = text[start - 1 : start].isalpha()  # as in most references, which need no search
        if is_close or _REFERENCE.search(text, max(0, start - _REFERENCE_BYTES), start):
            yield found.span(1)


def _find_tokens(text: bytes) -> Iterator[re.Match[bytes]]:
    """Yields what looks like a token from its dash on, as `_TOKEN.finditer` does, but looks at few places."""
    done = 0
    patterns = [pattern for first, pattern in _STARTS.items() if first in text]
    for start in sorted([found.start() for pattern in patterns for found in pattern.finditer(text)]):
        if start >= done and (token := _TOKEN.match(text, start)):
            yield token
            done = token.end()


def strip(mail: Excerpt, carried: Mapping[str, str], marks: Marks) -> bytes | None:
    """Makes a mail anew without its files; `carried` are the notice's, by SHA-256. None where it is still too large.

    None also where a token is left that cannot be masked.
    """
    raw = mail.raw if b"\n" in mail.raw else mail.raw.replace(b"\r", b"\n")  # of the same length, so that places stay
    block = split_headers(raw)
    tree = build_tree(raw, block)
    edge = f"=_o{hashlib.sha256(mail.raw).hexdigest()[:24]}"
    made = _Stripped(edge, mail.cuts, carried, marks)
    made.add(tree.root, b"".join(_head_lines(block)) + b"MIME-Version: 1.0\r\n")
    content = b"".join(made.out)
    fits = len(content) <= LARGEST and is_seven_bit(content)
    return content if fits and not mail_shows_token(content) else None


def seal(raw: bytes) -> bytes | None:
    """Removes from the headers of a signed or encrypted mail what nobody may read; the mail itself where nothing
    changes.

    None where a token stands in what is signed.
    """
    block = split_headers(raw)
    kind = b"".join(line.raw for line in block.lines if line.key.startswith("content-") and not _names_token(line))
    if not block.complete or mail_shows_token(kind + b"\r\n" + raw[block.body_at :]):
        return None
    secret = [line for line in block.lines if line.key in _SECRET or _names_token(line)]
    if not secret:
        return raw
    head = b"".join(_sealed_line(line) for line in block.lines if line.key not in _SECRET)
    return head + b"\r\n" + raw[block.body_at :]


def is_seven_bit(mail: bytes) -> bool:
    """Tells whether a mail may be attached as message/rfc822 without encoding."""
    return mail.isascii() and b"\0" not in mail and not _has_long_line(mail)


def _has_long_line(text: bytes) -> bool:
    """Tells whether a line is longer than a mail may have; looks at each character once."""
    lines = text.split(b"\n")
    if max(map(len, lines)) <= _LONGEST_LINE:  # as in nearly all texts
        return False
    return any(len(part) > _LONGEST_LINE for line in lines if len(line) > _LONGEST_LINE for part in line.split(b"\r"))


class _Stripped:
    """The mail as it is made anew, part by part."""

    def __init__(self, edge: str, cuts: Sequence[tuple[int, str]], carried: Mapping[str, str], marks: Marks) -> None:
        self.out: list[bytes] = []
        self._edge = edge
        self._cuts = cuts
        self._carried = carried
        self._marks = marks
        self._parts = 0

    def add(self, node: Node, head: bytes) -> None:
        """Adds a part; `head` are the headers that stand above those of its content."""
        self._parts += 1
        if node.children:
            self._add_multipart(node, head)
            return
        name = self._name_of_file(node)
        if name is None:
            self.out.append(head + _text(node))
        else:
            self.out.append(head + _placeholder(name))

    def _add_multipart(self, node: Node, head: bytes) -> None:
        kind = node.mime_type if node.mime_type in _MULTIPARTS else "multipart/mixed"  # no signature holds any more
        edge = f"{self._edge}_{self._parts}"
        self.out.append(head + f'Content-Type: {kind};\r\n boundary="{edge}"\r\n\r\n'.encode("ascii"))
        for child in node.children:
            self.out.append(f"--{edge}\r\n".encode("ascii"))
            self.add(child, b"")
            self.out.append(b"\r\n")
        self.out.append(f"--{edge}--\r\n".encode("ascii"))

    def _name_of_file(self, node: Node) -> str | None:
        """Returns the line for a part that is left out; None for a text, which is kept."""
        place = bisect_left(self._cuts, (node.start, ""))
        if place < len(self._cuts) and self._cuts[place][0] <= node.end:
            return self._marks.of_carried(self._cuts[place][1])
        content = decode_leaf(node).data
        if content and (known := self._carried.get(hashlib.sha256(content).hexdigest())) is not None:
            return self._marks.of_carried(known)
        if node.mime_type.startswith("text/"):
            return None
        return self._marks.left_out.format(name=describe_leaf(node, 0, "").filename or node.mime_type)


def _placeholder(line: str) -> bytes:
    content = b2a_qp(mask(clean_line(line).encode("utf-8", "replace")), istext=True)
    kind = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
    return kind + b"Content-Disposition: inline\r\n\r\n" + content.replace(b"\n", b"\r\n") + b"\r\n"


def _text(node: Node) -> bytes:
    """Returns the headers and the content of a text."""
    block = node.block
    written = node.source[node.start : node.end]
    encoding = read_encoding(block.first("content-transfer-encoding"))
    content = decode_leaf(node).data
    label = node.content_type.get("charset")
    clean = content
    if not _is_like_ascii(label):
        words = decode_bytes(content, label).encode("utf-8", "replace")
        clean, label = mask(words), "utf-8"
        stays = clean == words
    else:
        clean = mask(content)
        stays = clean == content
    known = encoding in _AS_IT_IS or encoding in ("base64", "quoted-printable")
    if stays and known and is_seven_bit(written):
        named = "7bit" if encoding in _AS_IT_IS else encoding
        kind = _type_line(node, node.content_type.get("charset"))
        return kind + f"Content-Transfer-Encoding: {named}\r\n\r\n".encode("ascii") + _crlf(written)
    lines = b2a_qp(_LINE_END.sub(b"\n", clean), istext=True)
    kind = _type_line(node, label)
    return kind + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + lines.replace(b"\n", b"\r\n")


def _type_line(node: Node, label: str) -> bytes:
    """Returns the Content-Type of a text, with the parameters that say how its lines end."""
    charset = re.sub(r"[^A-Za-z0-9_.:+-]", "", label)[:60]
    flowed = node.content_type.get("format").lower() == "flowed"
    line = f"Content-Type: {node.mime_type}"
    line += f'; charset="{charset}"' if charset else ""
    line += "; format=flowed" if flowed else ""
    line += "; delsp=yes" if flowed and node.content_type.get("delsp").lower() == "yes" else ""
    return mask(line.encode("ascii", "replace")) + b"\r\n"


def _is_like_ascii(label: str) -> bool:
    """Tells whether ASCII text keeps its bytes in that charset, so that a token can be found in them."""
    codec = find_codec(label)
    try:
        return not codec or "SUP-1.2 a+@".encode(codec) == b"SUP-1.2 a+@"
    except LookupError:
        return True


def _head_lines(block: HeaderBlock) -> Iterator[bytes]:
    """Returns the headers of the mail but those of its content, clean and limited in number."""
    room = HEAD_BYTES
    lines = [line for line in block.lines if line.key not in _DROPPED and not line.key.startswith("content-")]
    is_clean = next(_find_tokens(b"".join(line.raw for line in lines)), None) is None  # all at once: few have one
    for line in lines:
        if room <= 0 and line.key not in _ALWAYS:
            continue
        shown = _head_line(line, is_clean=is_clean)
        room -= len(shown)
        yield shown


def _head_line(line: HeaderLine, *, is_clean: bool = False) -> bytes:
    """Returns a header as it stood where that is 7-bit and names no token, else written anew.

    `is_clean` says that no token stands in its bytes.
    """
    raw = line.raw if is_clean else mask(line.raw)
    short = len(raw) <= FIELD_BYTES and not _has_long_line(raw) and _SAFE.search(raw) is None
    if short and b"=?" not in raw:
        return _crlf(raw)
    shown = decode_header(line.value[:FIELD_BYTES])
    if short and not shows_token(shown.encode("utf-8", "replace")):
        return _crlf(raw)
    words = mask(shown.encode("utf-8", "replace")).decode("utf-8")
    if line.key in _OF_ADDRESSES:
        return _addresses(line.name, read_addresses(mask(line.value[:FIELD_BYTES])))
    return _ascii(unstructured(line.name, words))


def _addresses(name: str, people: Sequence[Address]) -> bytes:
    shown = [mailbox("X", _masked(person)).removeprefix("X: ") for person in people]
    return _ascii(f"{name}: " + ",\r\n ".join(shown)) if shown else b""


def _masked(person: Address) -> Address:
    name, address = (mask(one.encode("utf-8", "replace")).decode("utf-8") for one in (person.name, person.address))
    return Address(name, address)


def _ascii(line: str) -> bytes:
    return line.encode("ascii", "replace") + b"\r\n"


def _crlf(text: bytes) -> bytes:
    """Returns the text with CRLF line ends, one at its end."""
    ends = text.count(b"\r\n")
    is_bare = text.count(b"\n") != ends or text.count(b"\r") != ends  # counted, since the pattern is slow
    whole = _BARE.sub(b"\r\n", text) if is_bare else text
    return whole if whole.endswith(b"\r\n") else whole + b"\r\n"


def _names_token(line: HeaderLine) -> bool:
    """Tells whether a header names a token, as it stands or in encoded words."""
    return shows_token(line.raw) or (b"=?" in line.raw and shows_token(decode_header(line.value).encode("utf-8")))


def _sealed_line(line: HeaderLine) -> bytes:
    return _head_line(line) if _names_token(line) else line.raw


def _is_media(begin: bytes) -> bool:
    return _MEDIA.match(begin) is not None and is_binary(begin)


def _unescape(text: bytes) -> bytes:
    """Returns a text with letters in place of their numbers."""
    out: list[bytes] = []
    done = 0
    for found in merge(*(escape.finditer(text) for escape in _ESCAPES), key=re.Match.start):
        out += (text[done : found.start()], _letter_of(found))
        done = found.end()
    return b"".join((*out, text[done:]))


def _letter_of(escape: re.Match[bytes]) -> bytes:
    """Returns the letter that an escape stands for, in UTF-8, or the byte; nothing for a soft line break."""
    kind = escape.lastgroup
    if kind is None:
        return b""
    number = escape[kind].decode("ascii")
    if kind == "byte":
        return bytes.fromhex(number)
    code = int(number, 16 if kind == "hex" else 10)
    return chr(code).encode("utf-8", "replace") if 0 < code < 0x110000 else b""


def _remove_tags(text: bytes) -> bytes:
    """Returns HTML without its comments and tags, however long they are."""
    first, *rest = text.split(b"<!--")
    shown = (piece[end.end() :] for piece in rest if (end := _COMMENT_END.search(piece)))
    return _TAG.sub(b"", b"".join((first, *shown)))


def _decode_mail(raw: bytes, at: int, depth: int) -> Iterator[bytes]:
    """Yields what is encoded in the mail that begins at `at`: in headers, names of files, texts, and what is signed."""
    raw = raw[at:]
    for node in build_tree(raw).walk():
        for line in node.block.lines:
            if b"=?" in line.raw:
                yield decode_header(line.value).encode("utf-8", "replace")
        name = describe_leaf(node, 0, "").filename
        yield name.encode("utf-8", "replace")
        if node.children:
            continue
        content, label = decode_leaf(node).data, node.content_type.get("charset")
        if is_smime(node.mime_type, name):
            content = open_wrapper(content).content or content
        elif not _is_like_ascii(label):
            content = decode_bytes(content, label).encode("utf-8", "replace")
        if not _is_media(content):
            yield from decode_texts(content, as_mail=is_mail(name, node.mime_type), depth=depth + 1)
