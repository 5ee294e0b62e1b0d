"""Loads the word tables before the first mail of a process needs them.

Only the moment changes: without it the first mail waits about half a second. Cannot fail.
"""

from __future__ import annotations

from collections.abc import Iterable

from mailgate.parsers.message import read_mail
from mailgate.parsers.replies.classifier import load_classifier
from mailgate.parsers.replies.languages import rank_languages
from mailgate.parsers.replies.lexicon import CODES, load_lexicon
from mailgate.parsers.search_terms import small_words

_MAIL = b"""From: Jo <jo@example.org>
Subject: Out of office
Content-Type: text/plain; charset=utf-8

The printer on the second floor is broken.
"""


def read_words_ahead(languages: Iterable[str]) -> None:
    """Loads the tables of every parser; of the replies, the words of these languages (codes such as `fr`)."""
    read_mail(_MAIL)
    rank_languages(["printer"])
    load_classifier()
    small_words("")
    for code in set(languages) & set(CODES):
        load_lexicon(code)
