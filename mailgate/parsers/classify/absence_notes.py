"""Recognises a short absence note in what an agent writes: "I am on leave until Monday. Bob covers for me."

Such a text may come from a responder that sets no header, or from a person who answers the wrong mail, and must not
reach the requester as an answer. It comes back to the level, and nobody loses it: so less evidence is enough than for
other people's mail (`auto_replies`), but each clause must be about the absence, the return or who stands in. One clause
that says something else makes it an answer. Pure, linear, never fails; a text longer than LONGEST_NOTE is none.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache

from mailgate.core.text import fold_case_accents
from mailgate.parsers.classify.auto_replies import CONTACT, find_clauses, has_question, known_words
from mailgate.parsers.classify.phrasebook import Phrasebook, flatten, is_eastern, load_phrasebook
from mailgate.parsers.phrases import load_phrases
from mailgate.parsers.quoting.strip import cut_closing
from mailgate.parsers.search_terms import small_words
from mailgate.parsers.vocabulary import LANGUAGES

LONGEST_NOTE = 600  # letters
SHORT_CLAUSE = 3  # words, or Chinese and Japanese letters: a name, a greeting, a date
SPARED = 1  # words in the clause of the absence that notes do not use: the reason for it

_ABSENT = frozenset({"away", "left", "off"})
_TELLING = frozenset({"away", "left", "off", "back", "cover", "instead", "thanks", "reply", "auto", "unattended",
                       "contact"})  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")
_ORDINAL = re.compile(r"(\d)\.[ \xa0](?=\w)")  # "5. Mai": the full stop ends no sentence
_OTHER_PERSON = re.compile("さん|様は|担当者は|部長|課長|^(?!本日|明日|今日|来週|今週|私|当|弊)[\u3400-\u9fff]{1,4}は")


def is_absence_note(text: str, names: Collection[str] = ()) -> bool:
    """Tells whether a text says nothing but that its author is away, until when, and who stands in.

    `names` are the author's, folded.
    """
    if len(text) > LONGEST_NOTE or has_question(text):
        return False
    said = cut_closing(text).strip()
    is_own = names_somebody = False
    for clause in find_clauses(_ORDINAL.sub(r"\1 ", said)):
        found = _find(clause)
        absent = not found.isdisjoint(_ABSENT)
        strange = _count_strange(clause)
        is_own = is_own or (absent and _is_own(clause, names))
        if strange > (SPARED if absent else 0):
            return False
        is_told = not found.isdisjoint(_TELLING) or CONTACT.search(clause) or _is_short(clause, may_end=names_somebody)
        if not is_told:
            return False
        names_somebody = "cover" in found
    return is_own


def _find(clause: str) -> set[str]:
    flat = flatten(clause)
    return load_phrasebook("automatic/notes").find(flat) | _book().find(flat)


def _is_own(clause: str, names: Collection[str]) -> bool:
    """Tells whether a clause speaks of its author: in the first person, by their name, or without a subject."""
    if is_eastern(clause):
        return not _OTHER_PERSON.search(clause)
    flat = flatten(clause)
    words = _WORD.findall(flat)
    if not _self_words().isdisjoint(words) or not set(words).isdisjoint(names):
        return True
    return flat.startswith((*load_phrasebook("automatic/notes").phrases("away"), *_book().phrases("off")))


def _is_short(clause: str, *, may_end: bool) -> bool:
    """Tells whether a clause is a name or a greeting.

    A sentence of a word or two ("Agreed.") may be an answer, unless it ends one that says who stands in.
    """
    if is_eastern(clause):
        return len(clause) <= SHORT_CLAUSE
    words = clause.split()
    is_sentence = clause[-1] in ".!" and not may_end
    return len(words) <= SHORT_CLAUSE and not (is_sentence and _count_strange(clause.lower()))


def _count_strange(clause: str) -> int:
    """Counts the words that no absence note has; one with a capital may be a name."""
    plain = " ".join(word for word in clause.split() if not CONTACT.search(word))
    words = (word for word in _WORD.findall(plain) if len(word) > 2 and word[0].islower())
    return sum(fold_case_accents(word) not in _known() for word in words)


def _book() -> Phrasebook:
    return load_phrasebook("automatic/absences")


@cache
def _self_words() -> frozenset[str]:
    return frozenset(load_phrases("automatic/absences")["self"])


@cache
def _known() -> frozenset[str]:
    """The words of absence notes, folded: of their phrases, of dates, and the small words of each language."""
    words = set(known_words())
    for phrases in load_phrases("automatic/absences").values():
        words.update(word for phrase in phrases for word in _WORD.findall(phrase))
    for code, language in LANGUAGES.items():
        words.update(small_words(code))
        for spelled in language.get("commands", {}).get("away", {}).values():
            words.update(word for one in spelled for word in one.split())
    return frozenset(map(fold_case_accents, words))
