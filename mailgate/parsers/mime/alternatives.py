"""Chooses one of several forms of the same text (RFC 2046 section 5.1.4).

The plain form is preferred wherever it says the same as the HTML. Often it does not: it is empty, only says that there
is HTML, or holds a link to a web page. Then the HTML is read, which loses nothing. Never fails, linear; compares the
first WORDS_LIMIT words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mailgate.parsers.html.html_to_text import strip_tags

WORDS_LIMIT = 2_000
LETTERS_LIMIT = 200_000  # letters of HTML that are compared
STUB_LETTERS = 600  # a plain form that is longer is taken by its word
MUCH = 20  # words that HTML has to say beyond a stub's
HINT_WORDS = 40  # a plain form that says that there is HTML has no more

_WORD = re.compile(r"[^\W_]+")
_URL = re.compile(r"<?\b(?:https?://|www\.)[^\s<>]{1,2000}>?")
# What says nothing: signs alone, and the marks of pictures
_PICTURE = re.compile(
    r"\[(?:cid|image|bild|imagen?|immagine)\s{0,3}:[^\[\]]{0,300}\]|<cid:[^<>]{1,300}>", re.IGNORECASE
)
# A plain form that only points to the HTML, or to a page on the web
_POINTS_TO_HTML = re.compile(
    r"\bhtml\b|\bhtml-|plain[- ]?text version|text[- ]?version|no (?:plain )?text (?:part|version)|text[- ]only"
    r"|(?:view|read|see|open) (?:this|it|the) ?(?:e-?mail|message|mail|newsletter)? ?(?:in|on)"
    r"|in (?:your|a) (?:web ?)?browser|im browser|webversion|online-version|(?:votre|le) navigateur"
    r"|version (?:en ligne|texte)|(?:su|tu|el) navegador|versión web|nel (?:tuo |suo )?browser|versione (?:web|testo)"
    r"|in (?:uw|je) browser"
    r"|no (?:seu )?navegador|w przeglądarce|v prohlížeči|i din webbläsare|i din browser|i nettleseren|selaimessa"
    r"|в браузере|tarayıcı|ブラウザ|浏览器|瀏覽器",
    re.IGNORECASE,
)
_BLANK = re.compile(r"[\s\u00a0\u00ad\u200b-\u200f\u2060\ufeff\u034f]*")
_BEGINS_AS_HTML = re.compile(r"\s*(?:<!doctype html|<html\b|<\?xml[^>]{0,200}>\s*<(?:!doctype )?html)", re.IGNORECASE)
_BEGINS_AS_TAG = re.compile(r"\s*<(?:div|p|table|body|head|span|font|br|meta|style)\b[^<>]{0,1000}>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Piece:
    """One text of the body, decoded. `rich` is the HTML form of a plain text, "" if the mail has none."""

    html: bool
    text: str
    rich: str = field(default="", compare=False)


def says_something(pieces: Sequence[Piece]) -> bool:
    """Tells whether the pieces have a letter to read."""
    return any(not is_blank(piece.text) for piece in pieces)


def is_blank(text: str) -> bool:
    """Tells whether a text is only white space, hard spaces and invisible characters."""
    return not text or _BLANK.fullmatch(text) is not None


def is_html(text: str) -> bool:
    """Tells whether a text that is declared plain is an HTML page."""
    return "<" in text[:2000] and _BEGINS_AS_HTML.match(text) is not None and "</" in text


def choose(branches: Sequence[list[Piece]]) -> list[Piece]:
    """Chooses the branch of a multipart/alternative.

    The plain one if it says something of its own, else the last HTML that does, else the first.
    """
    full = [branch for branch in branches if says_something(branch)]
    plain = [branch for branch in full if not any(piece.html for piece in branch)]
    rich = [branch for branch in full if any(piece.html for piece in branch)]
    if plain and rich and _is_poor("\n".join(piece.text for piece in plain[0]), rich[-1]):
        return rich[-1]
    if plain and rich and len(plain[0]) == 1:
        return [replace(plain[0][0], rich="".join(piece.text for piece in rich[-1] if piece.html))]
    return plain[0] if plain else (full[-1] if full else [])


def drop_twin(pieces: list[Piece]) -> list[Piece]:
    """Drops the HTML that repeats the text before or after it: alternatives declared as parts."""
    if len(pieces) < 2:
        return pieces
    pieces = [piece for piece in pieces if not is_blank(piece.text)]
    if len(pieces) != 2 or pieces[0].html == pieces[1].html:
        return pieces
    plain, rich = sorted(pieces, key=lambda piece: piece.html)
    said, shown = _words(plain.text), _words(strip_tags(rich.text[:LETTERS_LIMIT]))
    if len(said) >= 3 and abs(len(said) - len(shown)) * 10 <= len(said) and _share(said, shown) >= 0.9:
        return [replace(plain, rich=rich.text)]
    return pieces


def _is_poor(plain: str, rich: Sequence[Piece]) -> bool:
    """Tells whether the plain form says much less than the HTML, or is HTML itself."""
    if _BEGINS_AS_TAG.match(plain) and "</" in plain:
        return True
    source = "".join(piece.text for piece in rich if piece.html)
    if len(plain) > STUB_LETTERS:
        return False
    said = _words(_URL.sub(" ", _PICTURE.sub(" ", plain)))
    is_hint = len(said) <= HINT_WORDS and (not said or _POINTS_TO_HTML.search(plain) is not None)
    if not is_hint and len(source) < 2 * len(plain):
        return False
    shown = _words(strip_tags(source[:LETTERS_LIMIT]))
    if is_hint:
        return bool(shown) and _share(said, shown) < 0.5
    if len(shown) < len(said) + MUCH:
        return False
    links = len(said) <= 10 and ("http" in plain or "www." in plain)
    return links or _share(said, shown) < 0.5


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())[:WORDS_LIMIT]


def _share(said: Sequence[str], shown: Sequence[str]) -> float:
    """The share of the words of one text that the other has, 0 to 1."""
    known = set(shown)
    return sum(word in known for word in said) / max(1, len(said))
