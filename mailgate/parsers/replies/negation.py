"""How far a negation reaches in a clause.

Answers for: whether a word is denied, from before or from behind, as its language orders words. Pure, never raises.
"""

from __future__ import annotations

from mailgate.parsers.replies.categories import Mark, Sign
from mailgate.parsers.replies.clauses import Clause

NEGATORS = Sign.NOT | Sign.WITHOUT | Sign.NOTHING | Sign.ENDED | Sign.CANNOT
"""What denies."""
ANY_NO = NEGATORS | Sign.NO
CARRIERS = Sign.FIXED | Sign.WORKS | Sign.SYMPTOM | Sign.TROUBLE | Sign.FAILS | Sign.CURED
"""What a negation is used up by."""
_NEAR = Sign.WITHOUT | Sign.NO
_FORWARD = Sign.NO | Sign.WITHOUT | Sign.CANNOT
_FAULTS = Sign.SYMPTOM | Sign.TROUBLE | Sign.FAILS
_REACH = 6


def is_denied(clause: Clause, mark: Mark, only: int = 0) -> bool:
    """Whether a negation reaches the mark: from before within a few words, or right behind it (`marche plus`)."""
    denials = only or ANY_NO
    if not clause.signs & denials:
        return False
    for other in clause.marks:
        if not other.sign & denials or (mark.sign == Sign.FAILS and _is_an_answer(clause, other)):
            continue
        if other.end <= mark.start:
            reach = len(clause.words) if other.sign == Sign.NOTHING else _REACH
            if mark.start - other.end < reach and not _taken(clause, other, mark):
                return True
        elif other.start - mark.end > clause.lexicon.behind:
            break  # too far behind, and so is what follows
        elif other.start >= mark.end and _reaches_back(clause, other, mark, only):
            return True
    return False


def denies_itself(clause: Clause, mark: Mark) -> bool:
    """Whether a phrase holds its own negation ("no change"): another one beside it only strengthens it."""
    return not clause.lexicon.deniers.isdisjoint(clause.words[mark.start : mark.end])


def _is_an_answer(clause: Clause, no: Mark) -> bool:
    """Whether a no stands for itself before a fault: "nein stürzt ab" is two of them, "no crashes" is none."""
    return no.sign == Sign.NO and not clause.lexicon.no_denies


def _reaches_back(clause: Clause, negation: Mark, mark: Mark, only: int) -> bool:
    """Whether a negation denies what stands before it: right before, or as far as the language lets it stand."""
    behind, distance = clause.lexicon.behind, negation.start - mark.end
    if distance > behind or (only and behind == 1) or _belongs_after(clause, negation):
        return False
    if distance > 1 and mark.sign & _FAULTS and negation.sign != Sign.ENDED:
        return False  # "der Fehler lässt sich nicht beheben" denies no fault
    return not any(word in clause.lexicon.joins for word in clause.words[mark.end : negation.start])


def _taken(clause: Clause, negation: Mark, mark: Mark) -> bool:
    """Whether a negation is used up before the mark: "without errors it works", "does not crash and works"."""
    start, end = negation.end, mark.start
    nearest = next((m for m in clause.marks if m.sign & CARRIERS and start <= m.start and m.end <= end), None)
    if nearest is None or negation.sign & _NEAR:
        return nearest is not None
    between = clause.words[nearest.end : end]
    return any(word in clause.lexicon.joins for word in between)


def _belongs_after(clause: Clause, negation: Mark) -> bool:
    """Whether a negation behind a word denies what follows instead: `marche sans erreur`, `marche plus d'erreur`."""
    following = clause.words[negation.end] if negation.end < len(clause.words) else ""
    return negation.sign & _FORWARD != 0 or following in clause.lexicon.binders
