"""Reads the answer to a challenge ("was this you?"): yes, no, or neither. Pure, never fails.

A yes carries commands out, so it must be explicit: a word of the list, or "it was me" and the like, as the first words
newly written, without a denial or a question after it. A no raises an alarm and must be as clear. Everything else is
neither: an empty mail, a signature, a question, an automatic reply. Neither changes nothing; the question stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from mailgate.core.text import fold_case_accents
from mailgate.parsers.vocabulary import vocabulary

_LONGEST = 2_000  # characters: a longer text is no answer in a word
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_ORDER = re.compile(r"\s*#([^\W\d_]+)")
_ENDS = re.compile(r"[.!;:\n\r…。！–—]")
_STOPS = re.compile(r"[,.!;:\n\r…。！–—]")
_APPROVE, _DENY = frozenset({"approve"}), frozenset({"reject", "spam"})
_LONGEST_OUTCRY = 12  # words; in a longer text, "phishing" may be a general warning
_MOST_OF_A_DENIAL = 40  # words; in a longer text, "I did not write" may be an apology for an absence


class YesNo(StrEnum):
    """The answer to a challenge."""

    YES = "yes"
    NO = "no"
    NONE = "no word"


def _plain(word: str) -> str:
    return fold_case_accents(word).replace("'", "").replace("’", "")


def _phrases(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(_plain(word) for word in line.split()) for line in text.split(",") if line.strip())


def _set_of(text: str) -> frozenset[str]:
    return frozenset(map(_plain, text.split()))


_OWNS_UP = _phrases(
    """
    it was me, that was me, this was me, it is me, its me, thats me, that is me, it is mine, its mine, that is mine,
    thats mine, i wrote it, i wrote that, i wrote this, i sent it, i sent that, i sent this, i did, i confirm,
    c'était moi, c'était bien moi, c'est moi, c'est bien moi, je l'ai écrit, je l'ai envoyé, je l'ai bien écrit,
    je confirme, das war ich, ich war es, ich wars, das bin ich, das habe ich geschrieben, ich habe das geschrieben,
    ich habe es geschrieben, das ist von mir, ich bestätige, dat was ik, ik was het, fui yo, he sido yo, soy yo,
    lo escribí yo, sono stato io, sono stata io, ero io, fui eu, det var jag, det var mig, det var meg, det var jeg,
    se olin minä, to ja, to byłem ja, to byłam ja, to jsem byl já, to jsem byla já, bendim, это я, это был я, это была я
    """
)
_DISOWNS = _phrases(
    """
    not me, wasnt me, isnt me, not mine, isnt mine, wasnt mine, not from me, not by me, not sent by me,
    not written by me, i did not, i didnt, did not write, didnt write, did not send, didnt send, have not written,
    havent written, have not sent, havent sent, never wrote, never sent, never wrote that, not carry it out,
    pas moi, pas de moi, pas écrit, pas envoyé, jamais écrit, jamais envoyé, das war ich nicht, das bin ich nicht,
    ich war es nicht, ich war das nicht, nicht von mir, nicht geschrieben, nie geschrieben, nicht gesendet,
    nicht geschickt, dat was ik niet, niet van mij, no fui yo, no he sido yo, no lo escribí, non sono stato io,
    non sono stata io, non ho scritto, não fui eu, não escrevi, inte jag, ikke mig, ikke meg, ikke jeg, en ollut minä,
    nie ja, nebyl jsem to, ben değildim, не я
    """
)
_CRIES = _set_of(
    """
    nope nah never jamais niemals nooit nunca mai aldrig aldri nigdy никогда fake forged forgery phishing fraud spam
    faux usurpation hameçonnage betrug fälschung gefälscht
    """
)
# Words that may follow a yes, beside those of _OWNS_UP.
_FOLLOW = _set_of(
    """
    yes please thanks thank i indeed absolutely definitely certainly sure approved confirmed correct right go
    merci svp s'il absolument exactement je moi tout bien vas allez bitte danke genau klar gerne ich stimmt richtig
    graag ik dank gracias por yo claro grazie io certo obrigado obrigada eu tack takk jag jeg kiitos dziękuję proszę
    děkuji prosím спасибо я
    """
)
# Words for yes that begin other sentences in another language: thanks for your mail, if you are in a hurry, and.
_AMBIGUOUS = frozenset({"tak", "si", "y"})
_MOST_AMBIGUOUS = 3  # words of a mail that such a one may begin
_DENIALS = _set_of(
    """
    not never nobody cannot none isnt wasnt werent didnt dont doesnt hasnt havent cant couldnt wont wouldnt
    fake forged forgery phishing fraud unsure unknown
    non pas jamais aucun faux usurpation hameçonnage
    nicht nie kein keine keinen niemand falsch niet nooit geen niemand nunca jamás nadie não ninguém nessuno
    inte aldrig ikke aldri ej ei koskaan nie nigdy ne nikdy hayır değil нет не никогда
    """
)
_SPACELESS = ("いいえ", "違", "ちが", "ではない", "じゃない", "ません")


def read_consent(text: str) -> YesNo:
    """Reads the answer of newly written text to "was this you?"."""
    written = text.strip()[:_LONGEST]
    if order := _ORDER.match(written):
        name = vocabulary(None).name_of(order[1])
        if name in _DENY:
            return YesNo.NO
        rest = written[order.end() :]
        clear = name in _APPROVE and len(text) <= _LONGEST and not _doubts(rest, _words(rest))
        return YesNo.YES if clear else YesNo.NONE
    words = _words(written)
    if _is_no(written, words):
        return YesNo.NO
    if len(text.strip()) > _LONGEST or not _is_yes(written, words):
        return YesNo.NONE
    return YesNo.NONE if _doubts(written, words) else YesNo.YES


def _words(text: str) -> list[tuple[str, int, int]]:
    """The words of a text, folded, each with its place."""
    return [(_plain(found[0]), *found.span()) for found in _WORD.finditer(text)]


def _is_yes(text: str, words: Sequence[tuple[str, int, int]]) -> bool:
    """Tells whether the first words confirm; text before them (a number, a sign) makes it none."""
    plain = [word for word, _, _ in words]
    if not plain or _begins(plain, _OWNS_UP):
        return bool(plain)
    if vocabulary(None).values["confirm"].get(plain[0]) != "yes":
        return False
    ends = len(plain) == 1 or bool(_ENDS.search(text[words[0][2] : words[1][1]]))
    follows = ends or plain[1] in _FOLLOW or _begins(plain[1:], _OWNS_UP)
    if plain[0] in _AMBIGUOUS and text[words[0][1] : words[0][2]].isascii():
        return follows and len(plain) <= _MOST_AMBIGUOUS
    return follows


def _is_no(text: str, words: Sequence[tuple[str, int, int]]) -> bool:
    """Tells whether a no comes first, or a person denies being the author; an outcry only with little else."""
    if text.startswith("いいえ"):
        return True
    plain = [word for word, _, _ in words]
    if not plain:
        return False
    said_no = vocabulary(None).values["confirm"].get(plain[0]) == "no"
    if said_no and (len(plain) == 1 or _STOPS.search(text[words[0][2] : words[1][1]])):
        return "?" not in text[: words[0][2] + 3]
    if len(plain) <= _MOST_OF_A_DENIAL and any(_begins(plain[at:], _DISOWNS) for at in range(len(plain))):
        return True
    cries = "?" not in text and len(plain) <= _LONGEST_OUTCRY and any(word in _CRIES for word in plain)
    return cries and not _is_yes(text, words)


def _doubts(text: str, words: Iterable[tuple[str, int, int]]) -> bool:
    """Tells whether a text denies something, or asks."""
    confirm = vocabulary(None).values["confirm"]
    if any(mark in text for mark in ("?", "？", *_SPACELESS)):
        return True
    return any(word in _DENIALS or confirm.get(word) == "no" for word, _, _ in words)


def _begins(words: Sequence[str], phrases: Sequence[Sequence[str]]) -> bool:
    return any(tuple(words[: len(phrase)]) == phrase for phrase in phrases)
