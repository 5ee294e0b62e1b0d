"""Reads ahead what the first mail of a process would wait for: the words by which mails and answers are understood.

Answers for nothing but the moment: whoever does not ask has the same readings, half a second later. Cannot fail.
"""

from __future__ import annotations

from collections.abc import Iterable

from mailgate.parsers.message import read_mail
from mailgate.parsers.replies.classifier import load_experience
from mailgate.parsers.replies.languages import rank_tongues
from mailgate.parsers.replies.lexicon import CODES, load_lexicon
from mailgate.parsers.search_terms import small_words

_MAIL = b"""From: Jo <jo@example.org>
Subject: Out of office
Content-Type: text/plain; charset=utf-8

The printer on the second floor is broken.
"""


def read_words_ahead(languages: Iterable[str]) -> None:
    """Load the tables of every reader; of the answers, the words of these languages (codes such as `fr`)."""
    read_mail(_MAIL)
    rank_tongues(["printer"])
    load_experience()
    small_words("")
    for code in set(languages) & set(CODES):
        load_lexicon(code)
