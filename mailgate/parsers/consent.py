"""Whether an answer to "was this you?" denies it. Pure, never fails.

Whoever answers at all has shown that the mailbox is his, so that any word is a yes; but what is carried out by mistake
may not be taken back. A no that does not stand first, a question and a doubt therefore count as a no: nothing is lost
by them, and a person looks.
"""

from __future__ import annotations

import re

from mailgate.parsers.vocabulary import fold, vocabulary

_LONGEST = 2_000  # characters that are looked at: whoever writes more has begun with what he means
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_ORDER = re.compile(r"\s*#([^\W\d_]+)")
_DENY = frozenset({"reject", "spam"})
# Folded; what stands in [commands.confirm] of the languages comes to them.
_DENIED = """
not never nobody cannot none isnt wasnt werent didnt dont doesnt hasnt havent cant couldnt wont wouldnt
fake forged forgery phishing fraud unsure unknown
non pas jamais aucun faux usurpation hameconnage
nicht nie kein keine keinen niemand falsch niet nooit geen niemand nunca jamas nadie nao ninguem nessuno
inte aldrig ikke aldri ej ei koskaan nie nigdy ne nikdy hayir degil нет не никогда
"""
_DENIALS = frozenset(_DENIED.split())
_SPACELESS = ("いいえ", "違", "ちが", "ではない", "じゃない", "ません")


def denies(text: str) -> bool:
    """Whether the newly written text says no, or doubts."""
    written = text[:_LONGEST]
    confirm = vocabulary(None).values["confirm"]
    order = _ORDER.match(written)
    if order is not None:
        return vocabulary(None).name_of(order[1]) in _DENY
    words = [_plain(found[0]) for found in _WORD.finditer(written)]
    first = confirm.get(words[0]) if words else None
    if first is not None:
        return first == "no"
    return any(word in _DENIALS or confirm.get(word) == "no" for word in words) or _asks(written)


def _asks(text: str) -> bool:
    return any(mark in text for mark in ("?", "？", *_SPACELESS))


def _plain(word: str) -> str:
    return fold(word).replace("'", "").replace("’", "")
