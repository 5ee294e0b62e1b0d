"""Determines whether a clause states that the problem is gone, or that it lasts.

Which phrases state either, how a denial changes each, and that any fault outweighs. Pure, never raises.
"""

from __future__ import annotations

from itertools import pairwise

from mailgate.parsers.replies.categories import Category, Mark
from mailgate.parsers.replies.clauses import Clause
from mailgate.parsers.replies.negation import CARRIERS, denies_itself, is_denied

_HALF_KNOWN = 0.5
_SHORT = 6  # words without a category
_TAIL = 2  # of them behind a verb: "it prints again" says health, "now it prints everything in green" does not
_NEWS = 9  # words without a category where the verb is done again
_NEWS_TAIL = 5
_NEAR = 2  # words between "I could" and what was done
_CUT_SHORT = 5
_DENIALS = Category.NOT | Category.NO
_ENDINGS = _DENIALS | Category.ENDED
_DENYING = _ENDINGS | Category.NOTHING
_STOPS = Category.NOT | Category.ENDED
_HEALED = Category.FIXED | Category.WORKS | Category.OPTION_YES
_CURES = Category.FIXED | Category.CURED
_AGREES = Category.FINE | Category.YES
_NAMED = Category.SYMPTOM | Category.TROUBLE
_STATES = CARRIERS | Category.ACTS | Category.GONE | Category.LASTS | Category.FINE
_STATEFUL = _STATES | Category.OPTION_YES
_UNHEALTHY = _NAMED | Category.FAILS | Category.LASTS | Category.STILL
_ALWAYS_FAULT = Category.OPTION_NO | Category.CANNOT | Category.PARTIAL
_OVER = Category.PAST | Category.BEFORE
_OVER_OR_WORKS = _OVER | Category.WORKS
_HEARSAY = Category.BELIEF | Category.REPORTED
_LASTING = Category.ENDED | Category.NOW | Category.SIDE | Category.NOTHING
_KIND = Category.THANKS | Category.HARMLESS
_POLITE = _KIND | Category.NO | Category.CONTRAST
_PRESENT = Category.NOW | Category.SEEN | Category.YES
_FIGURES = 6  # digits of a number that counts something
_RATIO = 3  # words of a clause that begins with one and says something of it
_OF = frozenset(
    tuple(words.split())
    for words in (
        "of",
        "out of",
        "of the",
        "sur",
        "sur les",
        "von",
        "von den",
        "de",
        "de las",
        "de los",
        "das",
        "dos",
        "di",
        "su",
        "van",
        "van de",
        "af",
        "ud af",
        "av",
        "z",
        "ze",
        "из",
        "från",
        "em",
    )
)
_SILENT = _HEARSAY | Category.HARMLESS | Category.LATER


def read_state(clause: Clause) -> bool | None:
    """Reads what a clause states: True for resolution, False for a fault, None for neither. Any fault outweighs."""
    categories = clause.categories
    if categories & _ALWAYS_FAULT or (categories & _HEALED and _is_part(clause.words)):
        return False
    if categories & _DENYING and (_is_bare_no(clause) or _is_bare_nothing(clause) or _is_cut_short(clause)):
        return False
    if not categories & _STATEFUL:
        return None
    states = [_state_of(clause, mark) for mark in clause.marks if mark.category & _STATEFUL]
    return False if False in states else (True if True in states else None)


def _is_part(words: tuple[str, ...]) -> bool:
    """Tells whether only a part works, in figures: "2 of 5 printers work", or "2/5" at the beginning."""
    figures = [at for at, word in enumerate(words) if word.isascii() and word.isdigit() and len(word) <= _FIGURES]
    return any(
        int(words[one]) < int(words[other]) and (words[one + 1 : other] in _OF or (other == 1 and len(words) > _RATIO))
        for one, other in pairwise(figures)
    )


def _is_bare_no(clause: Clause) -> bool:
    """Tells whether the clause is only a no, courtesies aside."""
    if not clause.has(Category.NO):
        return False
    polite = {mark.start for mark in clause.marks if mark.category & _POLITE}
    understood = clause.coverage == 1 and clause.unmarked <= 1
    return understood and all(mark.start in polite for mark in clause.marks)


def _is_bare_nothing(clause: Clause) -> bool:
    """Tells whether the clause is only a "nothing": the result of an attempt."""
    return clause.categories == Category.NOTHING and not clause.unmarked


def _is_cut_short(clause: Clause) -> bool:
    """Tells whether the clause ends in a denial of the words before: "but the scanner does not", "la deuxième non"."""
    if not clause.has(_ENDINGS):
        return False
    last = len(clause.words)
    ended = Category.ENDED if last <= _CUT_SHORT and not clause.has(_STATES) else 0
    least = 2 if clause.has(Category.NOW | Category.BEFORE) else 3
    ends = any(
        mark.category & (_DENIALS | ended)
        and mark.end == last >= least
        and mark.start >= 1
        and not _follows_state(clause, mark)
        for mark in clause.marks
    )
    silent = clause.has(_SILENT)
    speaks = any(word in clause.lexicon.speakers for word in clause.words[:2])
    return ends and not silent and not speaks


def _follows_state(clause: Clause, negation: Mark) -> bool:
    """Tells whether a negation stands right behind the word it denies, as in "落ちて いません"."""
    return any(mark.end == negation.start and mark.category & _STATES for mark in clause.marks)


def _state_of(clause: Clause, mark: Mark) -> bool | None:
    """The statement of one mark, its negations counted."""
    denied = is_denied(clause, mark)
    if mark.category & _HEALED:
        if mark.category == Category.OPTION_YES and clause.has(Category.FIXED):
            return None
        if mark.category == Category.WORKS:
            return _working(clause, mark, denied)
        return not denied
    if mark.category & _AGREES:
        return False if denied and mark.category == Category.FINE else None
    if mark.category == Category.CURED:
        return not is_denied(clause, mark, Category.NOT)
    if mark.category == Category.LASTS:
        return _is_stopped(clause, mark) and not clause.has(Category.STILL)
    if mark.category == Category.FAILS:
        return _fault(clause, mark, denied)
    if mark.category & _NAMED:
        return _named_fault(clause, mark, denied)
    return _act(clause, mark, denied)


def _working(clause: Clause, mark: Mark, denied: bool) -> bool | None:
    """The statement of a verb of working: in the past it says nothing of today."""
    if denied:
        return None if _denies_manner(clause, mark) else False
    over = clause.has(Category.PAST) or (clause.has(Category.BEFORE) and not clause.has(_PRESENT))
    return None if over else True


def _denies_manner(clause: Clause, verb: Mark) -> bool:
    """Tells whether "no longer" denies how a thing works, not that it does: "they no longer arrive twice"."""
    return clause.has(Category.ENDED) and any(
        mark.category == Category.FAILS and mark.start >= verb.end and is_denied(clause, mark) for mark in clause.marks
    )


def _is_stopped(clause: Clause, lasting: Mark) -> bool:
    """Tells whether a lasting state is denied."""
    return is_denied(clause, lasting, _STOPS) and not denies_itself(clause, lasting)


def _fault(clause: Clause, mark: Mark, denied: bool) -> bool | None:
    if denied:
        return True
    healed = clause.has(Category.FIXED) and any(
        m.category == Category.FIXED and m.start > mark.start and not is_denied(clause, m) for m in clause.marks
    )
    over = clause.has(_OVER) and not clause.has(Category.NOW)
    return None if healed or over else False


def _named_fault(clause: Clause, mark: Mark, denied: bool) -> bool | None:
    """The statement of a named fault: first its verb decides, then a denial, then the tense."""
    if clause.has(_CURES):
        return None
    if clause.has(Category.GONE):
        return not any(is_denied(clause, m) for m in clause.marks if m.category == Category.GONE)
    if clause.has(Category.LASTS) and any(
        m.category == Category.LASTS and m.start >= mark.end and _is_stopped(clause, m) for m in clause.marks
    ):
        return None
    if denied:
        lasting = clause.has(_LASTING)
        return True if lasting or mark.category == Category.SYMPTOM else None
    if clause.has(Category.STILL):
        return False
    if mark.category == Category.TROUBLE or clause.has(_OVER_OR_WORKS):
        return False if clause.has(Category.WORKS) and not clause.has(Category.PAST) else None
    return False


def _act(clause: Clause, mark: Mark, denied: bool) -> bool | None:
    """The statement of a verb such as "opens": denied a fault; with "again" or "now" and little else resolved."""
    if mark.category != Category.ACTS:
        return None
    if denied:
        return None if clause.has(_NAMED) or _denies_manner(clause, mark) else False
    if not clause.has(Category.NOW) or clause.has(_UNHEALTHY) or clause.has(Category.NOT):
        return None  # "now the machine that opens does not <unknown word>"
    most, tail = (_NEWS, _NEWS_TAIL) if _is_news(clause, mark) else (_SHORT, _TAIL)
    plain = clause.unmarked <= most and _tail(clause, mark) <= tail
    return True if plain and clause.coverage > _HALF_KNOWN else None


def _tail(clause: Clause, act: Mark) -> int:
    """The number of unmarked words behind a verb."""
    inside = {at for mark in clause.marks for at in range(mark.start, mark.end)}
    return sum(at not in inside for at in range(act.end, len(clause.words)))


def _is_news(clause: Clause, act: Mark) -> bool:
    """Tells whether the requester did it ("I can log in"), or it is done again ("it rings again every hour")."""
    return any(
        (mark.category == Category.SEEN and 0 <= act.start - mark.end <= _NEAR)
        or (mark.category == Category.NOW and mark.start == act.end)
        for mark in clause.marks
    )
