"""Parses the address lists of From, To, Cc and Reply-To as they occur in real mail.

One pass over the value: quotes, comments, groups, missing commas and brackets are accepted. Text without an address is
left out. Never fails.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape

from mailgate.core.domains import fold_address
from mailgate.core.mail import Address
from mailgate.parsers.mime.charsets import decode_bytes
from mailgate.parsers.mime.encoded_words import WORD, decode_words
from mailgate.parsers.mime.headers import DECODE_LIMIT, clean_header

ADDRESS_LIMIT = 1_000  # addresses of one header

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|<[^<>]*>?|\[[^\s\[\]<>"]{1,100}\]|[(),;:]|[^"<>(),;:\[]+|[>\[]', re.DOTALL)
# The same where encoded words stand: what is in one separates nothing
_WORD_TOKEN = re.compile(
    rf'"(?:[^"\\]|\\.)*"?|{WORD}|<[^<>]*>?|\[[^\s\[\]<>"]{{1,100}}\]|[(),;:]|(?:[^"<>(),;:=\[]|=(?!\?))++|[=>\[]',
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
# Only from the beginning of a run: from each of its letters, a long run without @ would take quadratic time.
_PLAIN = re.compile(r"(?<![^\s<>()\"',;:])[^\s<>()\"',;:]+@(?:\[[^\s\[\]]{1,100}\]|[^\s<>()\"',;:]+)")


def read_addresses(value: bytes, hint: str = "") -> tuple[Address, ...]:
    """Parses the mailboxes of an address header (RFC 5322 section 3.4), in order, names decoded.

    Group names are left out. `hint` is the charset of the mail's text, for raw bytes.
    """
    text = decode_bytes(value[:DECODE_LIMIT], "", hint)
    if "&lt;" in text and "<" not in text:
        text = unescape(text)
    found = _read(text, hint)
    if not found and "=?" in text:  # all of it was encoded, the address with the name (against RFC 2047, 5)
        found = _read(clean_header(decode_words(text, hint)), hint)
    return found


def names_no_one(value: bytes, hint: str = "") -> bool:
    """Tells whether a From header names no one author: several mailboxes, a group, or an address in an encoded word.

    A display name may hold what looks like an address; then the brackets say whose it is (RFC 5322 section 3.4).
    """
    text = decode_bytes(value[:DECODE_LIMIT], "", hint)
    tokens = (_WORD_TOKEN if "=?" in text else _TOKEN).findall(text)
    outside: list[str] = []
    depth = 0
    for token in tokens:
        if token in ("(", ")"):
            depth = max(0, depth + (1 if token == "(" else -1))
        elif not depth:
            outside.append(token)
    brackets = [token for token in outside if token.startswith("<") and "@" in token]
    bare = [token for token in outside if not token.startswith(("<", '"', "=?"))]
    if len(brackets) > 1 or len(_read(text, hint)) != 1 or any(token in (":", ";") for token in bare):
        return True
    if brackets:
        return False
    if any(token.startswith("<") for token in outside):
        return True  # empty brackets, or no address in them: what stands before them is a name
    return sum(token.count("@") for token in bare) != 1


@lru_cache(maxsize=16)  # From is read, and asked whether it names one author
def _read(text: str, hint: str) -> tuple[Address, ...]:
    tokens = (_WORD_TOKEN if "=?" in text else _TOKEN).findall(text)
    entries: list[Address] = []
    words: list[str] = []
    comment: list[str] = []
    depth = 0
    for token in tokens:
        if token in ("(", ")"):
            depth = max(0, depth + (1 if token == "(" else -1))
        elif depth:
            comment.append(token)
        elif token == "," and _is_surname(words) and not comment:
            words.append(token)
        elif token in (",", ";"):
            if not words and not comment:
                continue
            entries.append(_as_address(words, comment, hint))
            words, comment = [], []
        elif token.startswith("<") and "@" in token and any(map(_is_angle, words)):  # without a comma between them
            end = next(at for at, word in enumerate(words) if _is_angle(word)) + 1
            entries.append(_as_address(words[:end], comment, hint))
            words, comment = [*words[end:], token], []
        elif token == ":":
            words = [] if not any("@" in word for word in words) else [*words, token]
        else:
            words.append(token)
    entries.append(_as_address(words, comment, hint))
    return tuple(entry for entry in entries if entry.address)[:ADDRESS_LIMIT]


def _is_angle(word: str) -> bool:
    return word.startswith("<") and "@" in word


def _is_surname(words: list[str]) -> bool:
    """Tells whether what stands before a comma is the beginning of a name without quotes: "Doe, Jane <jane@...>"."""
    return len(words) == 1 and "@" not in words[0] and len(words[0].split()) in (1, 2) and words[0][:1] not in '"<['


def _as_address(words: list[str], comment: list[str], hint: str) -> Address:
    if "," in words and not any(word.startswith("<") for word in words):
        words = words[words.index(",") + 1 :]  # a mailbox without a name follows
    angle = next((word for word in reversed(words) if word.startswith("<") and len(word) > 2), "")
    angle = angle or next((word for word in words if word.startswith("[") and "@" in word), "")
    if angle:
        address = _clean_address(angle.strip("<>[]").rpartition(":")[2] if "@[" not in angle else angle.strip("<>"))
        name = _as_name([word for word in words if word != angle], hint)
        if "@" not in address and (found := _PLAIN.search(name)):
            return Address("", found[0])
        return Address("" if fold_address(name.strip("'")) == fold_address(address) else name, address)
    joined = "".join(words).strip()
    if joined.startswith('"') and joined.count("@") and '"@' in joined:
        return Address(_as_name(comment, hint), _clean_address(joined))
    found = _PLAIN.search(joined)
    if found is None:
        return Address("", "")
    rest = (joined[: found.start()] + " " + joined[found.end() :]).strip(" \"'")
    return Address(_as_name(comment, hint) or _as_name([rest], hint), _clean_address(found[0]))


def _as_name(words: list[str], hint: str) -> str:
    parts = [_ESCAPE.sub(r"\1", word.strip('"')) if word.startswith('"') else word for word in words]
    name = clean_header(decode_words("".join(parts), hint)).strip('" <>')
    return name[1:].removesuffix("'").strip() if name.startswith("'") else name


def _clean_address(text: str) -> str:
    text = text.strip()
    if text.startswith("["):
        text = text.strip("[]")
    if text.startswith('"') and '"@' in text:  # a local part in quotes may hold blanks
        return clean_header(text).rstrip(".,;'")[:320]
    return "".join(clean_header(text).split()).strip(".,;'")[:320]
