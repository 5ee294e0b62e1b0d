"""Reads an article of the knowledge base: Markdown, optionally with a header.

    ---
    title: Paper jam
    language: en
    public: yes
    ---

Without a header the title is the first heading, else the name of the file, and the language that of the text. Unknown
header lines belong to other programs and are ignored. An unusable article is an `InvalidArticle` with the reason; an
oddity is a remark. Pure, linear, never raises.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailgate.core.text import fold_case_accents
from mailgate.parsers.language import detect_language

TITLE_LIMIT = 200  # letters: a title stands on one line of a mail
_HEAD_LINES = 60  # a head that has not ended by then is none
_KEYS = {
    "title": "title", "titre": "title", "language": "language", "langue": "language", "lang": "language",
    "queue": "queue", "file": "queue", "public": "public",
}  # fmt: skip
_YES, _NO = {"yes", "true", "on", "1", "oui"}, {"no", "false", "off", "0", "non", ""}
_LINE = re.compile(r"([A-Za-z][\w -]{0,40}?)\s*:(?:\s+(.*)|)$")
_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*$")
_LANGUAGE = re.compile(r"[a-z]{2}")


@dataclass(frozen=True, slots=True)
class ArticleText:
    """An article as written. `language` and `queue` are "" if it names none and none can be detected."""

    title: str
    body: str
    language: str = ""
    queue: str = ""
    public: bool = False
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InvalidArticle:
    """The reason why a file is no article."""

    reason: str


def read_article(raw: bytes, name: str) -> ArticleText | InvalidArticle:
    """Reads a file into an article; `name` is the file's name, for an article without a title."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return InvalidArticle(f"line {raw.count(bytes([10]), 0, error.start) + 1} is not UTF-8 text: save it as UTF-8")
    if "\0" in text:
        return InvalidArticle("it is not text: it contains NUL characters")
    said, rest = _split_head(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    heading, body = _split_heading(rest)
    title = " ".join((said.get("title") or heading or _spoken(name)).split())[:TITLE_LIMIT]
    text = "\n".join(rest if said.get("title") and heading != said["title"] else body).strip()
    if not text:
        return InvalidArticle("it has only a title and no text" if heading or said else "it is empty")
    remarks: list[str] = []
    language = _read_language(said.get("language", ""), remarks) or detect_language(f"{title}\n{text}")
    public = _read_public(said.get("public", ""), remarks)
    return ArticleText(title, text, language, said.get("queue", ""), public, tuple(remarks))


def _split_head(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    """Splits a file into the values of its header and the lines after it."""
    if lines[0].rstrip() != "---":
        return {}, lines
    end = next((at for at, line in enumerate(lines[1 : _HEAD_LINES + 1], 1) if line.rstrip() in ("---", "...")), 0)
    said: dict[str, str] = {}
    for line in lines[1:end]:
        found = _LINE.match(line.rstrip())
        key = _KEYS.get(fold_case_accents(found[1])) if found else None
        if found and key:
            said.setdefault(key, _bare(found[2] or ""))
    return (said, lines[end + 1 :]) if end else ({}, lines)


def _bare(value: str) -> str:
    """Strips the quotation marks from a value."""
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _split_heading(lines: list[str]) -> tuple[str, list[str]]:
    """Splits off the heading that the text begins with; "" if it begins otherwise."""
    for at, line in enumerate(lines):
        if line.strip():
            found = _HEADING.match(line.strip())
            return (found[1], lines[at + 1 :]) if found else ("", lines[at:])
    return "", []


def _spoken(name: str) -> str:
    """Turns a file name into a title."""
    return re.sub(r"[-_\s]+", " ", name.rpartition("/")[2].rpartition(".")[0] or name).strip() or name


def _read_language(value: str, remarks: list[str]) -> str:
    code = value.lower().replace("_", "-").partition("-")[0]
    if not value or _LANGUAGE.fullmatch(code):
        return code
    remarks.append(
        f'language: "{value[:20]}" is not a language code such as en or fr; the language is read from the text'
    )
    return ""


def _read_public(value: str, remarks: list[str]) -> bool:
    plain = fold_case_accents(value)
    if plain not in _YES and plain not in _NO:
        remarks.append(f'public: "{value[:20]}" is neither yes nor no; only agents see the article')
    return plain in _YES
