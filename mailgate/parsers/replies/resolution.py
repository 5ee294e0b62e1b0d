"""Whether one clause states that the problem is gone, or that it lasts.

Answers for: which words state health and fault, what a denial makes of each, and that any word of fault outweighs.
Pure, never raises.
"""

from __future__ import annotations

from itertools import pairwise

from mailgate.parsers.replies.categories import Mark, Sign
from mailgate.parsers.replies.clauses import Clause
from mailgate.parsers.replies.negation import CARRIERS, denies_itself, is_denied

_HALF_KNOWN = 0.5
_SHORT = 6  # words without a sign
_TAIL = 2  # of them behind a verb: "it prints again" says health, "now it prints everything in green" does not
_SEEN_TAIL = 5
_CUT_SHORT = 5
_DENIALS = Sign.NOT | Sign.NO
_ENDINGS = _DENIALS | Sign.ENDED
_DENYING = _ENDINGS | Sign.NOTHING
_STOPS = Sign.NOT | Sign.ENDED
_HEALED = Sign.FIXED | Sign.WORKS | Sign.OPTION_YES
_CURES = Sign.FIXED | Sign.CURED
_AGREES = Sign.FINE | Sign.YES
_NAMED = Sign.SYMPTOM | Sign.TROUBLE
_STATES = CARRIERS | Sign.ACTS | Sign.GONE | Sign.LASTS | Sign.FINE
_STATEFUL = _STATES | Sign.OPTION_YES
_UNHEALTHY = _NAMED | Sign.FAILS | Sign.LASTS | Sign.STILL
_ALWAYS_FAULT = Sign.OPTION_NO | Sign.CANNOT | Sign.PARTIAL
_OVER = Sign.PAST | Sign.BEFORE
_OVER_OR_WORKS = _OVER | Sign.WORKS
_HEARD = Sign.BELIEF | Sign.REPORTED
_LASTING = Sign.ENDED | Sign.NOW | Sign.SIDE | Sign.NOTHING
_KIND = Sign.THANKS | Sign.HARMLESS
_POLITE = _KIND | Sign.NO | Sign.CONTRAST
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
_SILENT = _HEARD | Sign.HARMLESS | Sign.LATER


def read_state(clause: Clause) -> bool | None:
    """Whether the clause states health (True), a fault (False) or neither (None). Any word of fault outweighs."""
    signs = clause.signs
    if signs & _ALWAYS_FAULT or (signs & _HEALED and _is_part(clause.words)):
        return False
    if signs & _DENYING and (_is_bare_no(clause) or _is_bare_nothing(clause) or _is_cut_short(clause)):
        return False
    if not signs & _STATEFUL:
        return None
    states = [_state_of(clause, mark) for mark in clause.marks if mark.sign & _STATEFUL]
    return False if False in states else (True if True in states else None)


def _is_part(words: tuple[str, ...]) -> bool:
    """Whether fewer of something work than there are: "2 of 5 printers work", in figures; a clause that begins with
    "2/5" has the two beside each other."""
    figures = [at for at, word in enumerate(words) if word.isascii() and word.isdigit() and len(word) <= _FIGURES]
    return any(
        int(words[one]) < int(words[other]) and (words[one + 1 : other] in _OF or (other == 1 and len(words) > _RATIO))
        for one, other in pairwise(figures)
    )


def _is_bare_no(clause: Clause) -> bool:
    """Whether the clause is no more than a no, courtesies aside."""
    if not clause.has(Sign.NO):
        return False
    polite = {mark.start for mark in clause.marks if mark.sign & _POLITE}
    understood = clause.coverage == 1 and clause.unmarked <= 1
    return understood and all(mark.start in polite for mark in clause.marks)


def _is_bare_nothing(clause: Clause) -> bool:
    """Whether the clause is no more than a "nothing": what came of an attempt."""
    return clause.signs == Sign.NOTHING and not clause.unmarked


def _is_cut_short(clause: Clause) -> bool:
    """Whether the clause ends in a denial of what was said before: "but the scanner does not", "la deuxième non"."""
    if not clause.has(_ENDINGS):
        return False
    last = len(clause.words)
    ended = Sign.ENDED if last <= _CUT_SHORT and not clause.has(_STATES) else 0
    least = 2 if clause.has(Sign.NOW | Sign.BEFORE) else 3
    ends = any(
        mark.sign & (_DENIALS | ended)
        and mark.end == last >= least
        and mark.start >= 1
        and not _follows_state(clause, mark)
        for mark in clause.marks
    )
    silent = clause.has(_SILENT)
    speaks = any(word in clause.lexicon.speakers for word in clause.words[:2])
    return ends and not silent and not speaks


def _follows_state(clause: Clause, negation: Mark) -> bool:
    """Whether a negation stands right behind what it denies, as in "落ちて いません"."""
    return any(mark.end == negation.start and mark.sign & _STATES for mark in clause.marks)


def _state_of(clause: Clause, mark: Mark) -> bool | None:
    """What one mark states, its negations counted."""
    denied = is_denied(clause, mark)
    if mark.sign & _HEALED:
        if mark.sign == Sign.OPTION_YES and clause.has(Sign.FIXED):
            return None
        return None if clause.has(Sign.PAST) and mark.sign == Sign.WORKS and not denied else not denied
    if mark.sign & _AGREES:
        return False if denied and mark.sign == Sign.FINE else None
    if mark.sign == Sign.CURED:
        return not is_denied(clause, mark, Sign.NOT)
    if mark.sign == Sign.LASTS:
        return _is_stopped(clause, mark) and not clause.has(Sign.STILL)
    if mark.sign == Sign.FAILS:
        return _fault(clause, mark, denied)
    if mark.sign & _NAMED:
        return _named_fault(clause, mark, denied)
    return _act(clause, mark, denied)


def _is_stopped(clause: Clause, lasting: Mark) -> bool:
    """Whether what lasts is denied."""
    return is_denied(clause, lasting, _STOPS) and not denies_itself(clause, lasting)


def _fault(clause: Clause, mark: Mark, denied: bool) -> bool | None:
    if denied:
        return True
    healed = clause.has(Sign.FIXED) and any(
        m.sign == Sign.FIXED and m.start > mark.start and not is_denied(clause, m) for m in clause.marks
    )
    over = clause.has(_OVER) and not clause.has(Sign.NOW)
    return None if healed or over else False


def _named_fault(clause: Clause, mark: Mark, denied: bool) -> bool | None:
    """A named fault: what is said of it decides, then whether it is denied, then whether it stands in the present."""
    if clause.has(_CURES):
        return None
    if clause.has(Sign.GONE):
        return not any(is_denied(clause, m) for m in clause.marks if m.sign == Sign.GONE)
    if clause.has(Sign.LASTS) and any(
        m.sign == Sign.LASTS and m.start >= mark.end and _is_stopped(clause, m) for m in clause.marks
    ):
        return None
    if denied:
        lasting = clause.has(_LASTING)
        return True if lasting or mark.sign == Sign.SYMPTOM else None
    if clause.has(Sign.STILL):
        return False
    if mark.sign == Sign.TROUBLE or clause.has(_OVER_OR_WORKS):
        return False if clause.has(Sign.WORKS) and not clause.has(Sign.PAST) else None
    return False


def _act(clause: Clause, mark: Mark, denied: bool) -> bool | None:
    """A verb such as "opens": denied it is a fault, beside "again" or "now" and little else it is health."""
    if mark.sign != Sign.ACTS:
        return None
    if denied:
        return None if clause.has(_NAMED) else False
    if not clause.has(Sign.NOW) or clause.has(_UNHEALTHY):
        return None
    plain = clause.unmarked <= _SHORT and _tail(clause, mark) <= (_SEEN_TAIL if _is_seen(clause, mark) else _TAIL)
    return True if plain and clause.coverage > _HALF_KNOWN else None


def _tail(clause: Clause, act: Mark) -> int:
    """How many words without a sign stand behind a verb."""
    inside = {at for mark in clause.marks for at in range(mark.start, mark.end)}
    return sum(at not in inside for at in range(act.end, len(clause.words)))


def _is_seen(clause: Clause, act: Mark) -> bool:
    """Whether the requester did it: "I can log in"."""
    return any(mark.sign == Sign.SEEN and 0 <= act.start - mark.end <= 2 for mark in clause.marks)
