"""Determines how far a negation reaches in a clause.

A word is denied from before or from behind, as its language orders words. Pure, never raises.
"""

from __future__ import annotations

from mailgate.parsers.replies.categories import Category, Mark
from mailgate.parsers.replies.clauses import Clause

NEGATORS = Category.NOT | Category.WITHOUT | Category.NOTHING | Category.ENDED | Category.CANNOT
"""The categories that deny."""
ANY_NO = NEGATORS | Category.NO
CARRIERS = Category.FIXED | Category.WORKS | Category.SYMPTOM | Category.TROUBLE | Category.FAILS | Category.CURED
"""The categories that a negation is used up by."""
_NEAR = Category.WITHOUT | Category.NO
_FORWARD = Category.NO | Category.WITHOUT | Category.CANNOT
_FAULTS = Category.SYMPTOM | Category.TROUBLE | Category.FAILS
_REACH = 6


def is_denied(clause: Clause, mark: Mark, only: int = 0) -> bool:
    """Tells whether a negation reaches a mark: from before within a few words, or right behind it (`marche plus`)."""
    denials = only or ANY_NO
    if not clause.categories & denials:
        return False
    for other in clause.marks:
        if not other.category & denials or (mark.category == Category.FAILS and _is_an_answer(clause, other)):
            continue
        if other.end <= mark.start:
            reach = len(clause.words) if other.category == Category.NOTHING else _REACH
            if mark.start - other.end < reach and not _taken(clause, other, mark):
                return True
        elif other.start - mark.end > clause.lexicon.behind:
            break  # too far behind, and so is what follows
        elif other.start >= mark.end and _reaches_back(clause, other, mark, only):
            return True
    return False


def denies_itself(clause: Clause, mark: Mark) -> bool:
    """Tells whether a phrase has its own negation ("no change"), which another one only strengthens."""
    return not clause.lexicon.deniers.isdisjoint(clause.words[mark.start : mark.end])


def _is_an_answer(clause: Clause, no: Mark) -> bool:
    """Tells whether a no before a fault is an answer: "nein stürzt ab" is one, "no crashes" is none."""
    return no.category == Category.NO and not clause.lexicon.no_denies


def _reaches_back(clause: Clause, negation: Mark, mark: Mark, only: int) -> bool:
    """Tells whether a negation denies the words before it, as far as the language allows."""
    behind, distance = clause.lexicon.behind, negation.start - mark.end
    if distance > behind or (only and behind == 1) or _belongs_after(clause, negation):
        return False
    if distance > 1 and mark.category & _FAULTS and negation.category != Category.ENDED:
        return False  # "der Fehler lässt sich nicht beheben" denies no fault
    return not any(word in clause.lexicon.joins for word in clause.words[mark.end : negation.start])


def _taken(clause: Clause, negation: Mark, mark: Mark) -> bool:
    """Tells whether a negation is used up before the mark: "without errors it works", "does not crash and works"."""
    start, end = negation.end, mark.start
    nearest = next((m for m in clause.marks if m.category & CARRIERS and start <= m.start and m.end <= end), None)
    if nearest is None or negation.category & _NEAR:
        return nearest is not None
    between = clause.words[nearest.end : end]
    return any(word in clause.lexicon.joins for word in between)


def _belongs_after(clause: Clause, negation: Mark) -> bool:
    """Tells whether a negation denies the words after it: `marche sans erreur`, `marche plus d'erreur`."""
    following = clause.words[negation.end] if negation.end < len(clause.words) else ""
    return negation.category & _FORWARD != 0 or following in clause.lexicon.binders
