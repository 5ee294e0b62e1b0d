"""Chooses the code page of a text without a label: the one in which it is words of a language.

A byte above 127 is another letter in each code page. Each page that fits the bytes is tried, and what it gives is
weighed by the small words, letters and endings of the languages that are written in it (`parsers/language`); signs
inside words and capitals after small letters speak against a page. Reads SAMPLE_LIMIT bytes, linear, never fails.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailgate.parsers.language import LETTERS_LIMIT, find_words, weigh_languages, weigh_words

SAMPLE_LIMIT = 4_000  # bytes that are looked at
LEAD = 0.3  # by which another page must lead the Western one
LEAD_AGAINST_LABEL = 1.0  # and where the mail says that it is Western
LEAD_ALONE = 0.9  # by which a page must lead where no Western text is thinkable
_ROUNDING = 1e-6  # more than the order of a sum can change

_C1 = re.compile(rb"[\x80-\x9f]")
# Bytes that neither are nor make a sign or a capital in Windows-1252: what has no others costs nothing
_HARMLESS = bytes({*range(0x80), *range(0xDF, 0x100)} - {0xF7})
# Signs that stand in no word: between letters, at the end of one, at the beginning, and the one that nobody types
_SIGN_IN_WORD = re.compile(
    r"[^\W\d_][\u0080-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf×÷‚„†‡‰‹›][^\W\d_]"
    r"|[^\W\d_][\u0080-\u00a6\u00a8\u00a9\u00ac-\u00b1\u00b4\u00b6\u00b8\u00bc-\u00be×÷](?=\s|\Z)"
    r"|(?<!\S)[\u0080-\u00a0\u00a2\u00a6\u00a8\u00aa\u00ac-\u00af\u00b2-\u00ba\u00bc-\u00be×÷](?=[^\W\d_])"
    r"|¤"
)
_CAPITAL_IN_WORD = re.compile("[a-zß-öø-ÿąćęłńśźżěščřžůťňďğşı][À-ÖØ-ÞĄĆĘŁŃŚŹŻĚŠČŘŽŮŤŇĎĞŞİ]|[а-яё][А-ЯЁ]")
_SIGN_COSTS, _CAPITAL_COSTS = 1.0, 0.7


# The letters of languages that share a page: any other speaks against the language
_ALPHABETS = {
    "pl": "ąćęłńóśźż",
    "cs": "áčďéěíňóřšťúůýž",
    "sk": "áäčďéíĺľňóôŕšťúýž",
    "ro": "ăâîșțşţ",
    "hu": "áéíóöőúüű",
    "hr": "čćđšž",
    "tr": "çğıöşüâîûi̇",
    "lt": "ąčęėįšųūž",
    "lv": "āčēģīķļņōŗšūž",
    "et": "äõöüšž",
}
_SIGN_COSTS, _CAPITAL_COSTS, _LETTER_COSTS = 1.0, 0.7, 0.5


@dataclass(frozen=True, slots=True)
class _Page:
    """A code page and the languages that are written in it; an `iso` one has no letters from 0x80 to 0x9f."""

    codec: str
    languages: tuple[str, ...]
    iso: bool = False


_WESTERN = ("en", "fr", "de", "es", "it", "nl", "pt", "sv", "da", "no", "fi", "ca", "id")
_CENTRAL = ("pl", "cs", "sk", "hu", "ro", "hr")
_CYRILLIC = ("ru", "uk", "bg", "sr")
_LATIN_PAGES = (
    _Page("cp1252", _WESTERN),
    _Page("iso8859-15", _WESTERN, iso=True),
    _Page("cp1250", _CENTRAL),
    _Page("iso8859-2", _CENTRAL, iso=True),
    _Page("cp1254", ("tr",)),
    _Page("cp1257", ("lt", "lv", "et")),
)
_CYRILLIC_PAGES = (
    _Page("cp1251", _CYRILLIC),
    _Page("koi8-u", _CYRILLIC),
    _Page("iso8859-5", _CYRILLIC, iso=True),
    _Page("cp866", _CYRILLIC),
)


def choose_latin_page(data: bytes, *, is_labelled: bool = False) -> str:
    """Chooses the code page of a text in Latin letters, "" for Windows-1252 and in doubt.

    `is_labelled` says that the mail calls it Western.
    """
    lead = LEAD_AGAINST_LABEL if is_labelled else LEAD
    if not _may_lead(data[:SAMPLE_LIMIT], lead):
        return ""
    weights = _weigh(data, _LATIN_PAGES)
    if not weights:
        return ""
    best = max(weights, key=lambda codec: weights[codec])  # the first of several
    return best if weights[best] >= weights.get("cp1252", 0.0) + lead else ""


def choose_cyrillic_page(data: bytes) -> str:
    """Chooses the code page of a text in Cyrillic letters, "" in doubt or for another script."""
    weights = _weigh(data, _CYRILLIC_PAGES)
    ranked = sorted(weights, key=lambda codec: weights[codec], reverse=True)
    if not ranked or weights[ranked[0]] < LEAD_ALONE:
        return ""
    return ranked[0] if len(ranked) == 1 or weights[ranked[0]] >= weights[ranked[1]] + LEAD_ALONE else ""


def _may_lead(sample: bytes, lead: float) -> bool:
    """Tells whether another page may lead the Western one by so much: a cheap look that nearly every text ends with.

    The pages differ only in the words with bytes above 127, and so do their costs. The languages of another page have
    at most what all words of the Western text say for them, and what the words say that only this page gives.
    """
    western, *others = _LATIN_PAGES
    try:
        text = sample.decode(western.codec)
    except UnicodeDecodeError:
        return True
    words = find_words(text)
    weights = weigh_words(words)
    needed = max(map(weights.__getitem__, western.languages)) - _costs(_keep_costly(sample)) + lead
    special = b" ".join(dict.fromkeys(_split_special(sample[:LETTERS_LIMIT])))
    said: dict[str, dict[str, float]] = {special.decode(western.codec): {}}  # by what a page gives
    for page in others:
        text = special.decode(page.codec, "ignore")
        if text not in said:
            said[text] = weigh_words(set(find_words(text)).difference(words))
        if max(weights[code] + said[text].get(code, 0.0) for code in page.languages) > needed - _ROUNDING:
            return True
    return False


def _keep_costly(sample: bytes) -> str:
    """Reads the words that may cost something in Windows-1252, blanks between them."""
    if not sample.translate(None, _HARMLESS):
        return ""
    words = (word for word in _split_special(sample) if word.translate(None, _HARMLESS))
    return b" ".join(words).decode(_LATIN_PAGES[0].codec)


def _split_special(sample: bytes) -> list[bytes]:
    """Splits off the words with bytes above 127."""
    return [word for word in sample.split() if not word.isascii()]


def _weigh(data: bytes, pages: Sequence[_Page]) -> dict[str, float]:
    """Weighs the pages that fit the bytes."""
    sample = data[:SAMPLE_LIMIT]
    has_c1 = _C1.search(sample) is not None
    weights: dict[str, float] = {}
    for page in pages:
        if page.iso and has_c1:
            continue
        try:
            text = sample.decode(page.codec)
        except UnicodeDecodeError:
            continue
        weights[page.codec] = _weigh_text(text, page.languages) - _costs(text)
    return weights


def _costs(text: str) -> float:
    """Weighs what speaks against a page: signs inside words, and capitals after small letters."""
    return len(_SIGN_IN_WORD.findall(text)) * _SIGN_COSTS + len(_CAPITAL_IN_WORD.findall(text)) * _CAPITAL_COSTS


def _weigh_text(text: str, languages: Sequence[str]) -> float:
    """Weighs what speaks for the likeliest of the languages."""
    letters = [letter for letter in text.lower() if letter > "\x7f" and letter.isalpha()]
    return max(
        weight - _LETTER_COSTS * sum(letter not in alphabet for letter in letters)
        if (alphabet := _ALPHABETS.get(code))
        else weight
        for code, weight in zip(languages, weigh_languages(text, languages), strict=True)
    )
