"""What one clause says by itself about the problem: its vote.

Answers for: how far a negation reaches, what counts as health, fault, doubt, question and courtesy. `weighing` sets
the votes against each other. Pure, never raises.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mailgate.parsers.clauses import Clause
from mailgate.parsers.lexicon import Mark, Sign

_NEGATION_REACH = 6
_HALF_KNOWN = 0.5
_BARELY_KNOWN = 0.4
_SHORT = 8
_HEALTH = frozenset({Sign.FIXED, Sign.WORKS})
_NEGATORS = frozenset({Sign.NOT, Sign.WITHOUT, Sign.NOTHING, Sign.ENDED, Sign.CANNOT})


class Vote(StrEnum):
    """What one clause says about the problem.

    `SURE` states that it is gone, `AGREED` only says yes, `BELIEVED` says it on a belief or on hearsay; `DOUBTED` is
    a condition, a plan or a wish to wait; `PLAIN` says nothing about it, and `UNKNOWN` is not understood.
    """

    SURE = "sure"
    AGREED = "agreed"
    BELIEVED = "believed"
    BROKEN = "broken"
    DOUBTED = "doubted"
    ASKED = "asked"
    ABSENT = "absent"
    COURTESY = "courtesy"
    PLAIN = "plain"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Said:
    """A clause and its vote. `closing`: the yes is no more than a request to close."""

    clause: Clause
    vote: Vote
    closing: bool = False


def judge(clause: Clause) -> Said:
    """What a clause says by itself."""
    if clause.has(Sign.STRANGER):
        return Said(clause, Vote.ABSENT)
    if clause.has(Sign.MIXED):
        return Said(clause, Vote.DOUBTED)
    state = _state(clause)
    if _is_question(clause):
        return Said(clause, _question(clause, state))
    if state is False:
        doubted = _is_imagined(clause) or clause.coverage < _BARELY_KNOWN
        return Said(clause, Vote.DOUBTED if doubted else Vote.BROKEN)
    if clause.has(Sign.CONDITION, Sign.LATER):
        return Said(clause, Vote.DOUBTED)
    if state is None:
        return _stateless(clause)
    vague = clause.coverage < _HALF_KNOWN or _is_framed(clause)
    if clause.has(Sign.BELIEF, Sign.REPORTED, Sign.WISH) or vague:
        return Said(clause, Vote.BELIEVED)
    return Said(clause, Vote.SURE)


def _is_framed(clause: Clause) -> bool:
    """Whether something not understood stands before the subject: "I doubt it is fixed", "vérifiez que tout marche"."""
    inside = {at for mark in clause.marks for at in range(mark.start, mark.end)}
    within = {at for mark in clause.marks for at in range(mark.start + 1, mark.end)}
    health = min((m.start for m in clause.marks if m.sign in _HEALTH), default=0)
    starts = [at for at in range(1, health) if clause.words[at].text in clause.lexicon.subjects and at not in within]
    subject = max(starts, default=0)
    before = [word.text for at, word in enumerate(clause.words[:subject]) if at not in inside]
    return any(word not in clause.lexicon.openers for word in before)


def _is_imagined(clause: Clause) -> bool:
    """Whether a fault stands under a condition ("if it does not work …"), not beside one ("an error when I print")."""
    starts = any(mark.sign is Sign.CONDITION and mark.start <= 1 for mark in clause.marks)
    return starts or (clause.has(Sign.CONDITION) and clause.has(Sign.LATER, Sign.HARMLESS, Sign.CLOSE))


def _stateless(clause: Clause) -> Said:
    """The vote of a clause that neither states health nor fault."""
    if clause.has(Sign.BELIEF, Sign.REPORTED):
        return Said(clause, Vote.BELIEVED)
    if clause.has(Sign.CLOSE) and not clause.has(Sign.WISH):
        return Said(clause, Vote.DOUBTED if clause.has(*_NEGATORS, Sign.NO) else Vote.SURE, closing=True)
    if clause.has(Sign.YES, Sign.FINE, Sign.OPTION_YES) and not clause.has(*_NEGATORS) and _is_plain(clause):
        return Said(clause, Vote.AGREED)
    if clause.has(Sign.STILL) and not clause.has(Sign.THANKS, Sign.PAST, Sign.BEFORE):
        return Said(clause, Vote.DOUBTED)
    if clause.has(Sign.TROUBLE) and not clause.has(Sign.PAST, Sign.BEFORE, *_NEGATORS, Sign.NO):
        return Said(clause, Vote.DOUBTED)
    most = 0 if clause.has(Sign.CONTRAST) else 2
    if clause.has(Sign.THANKS, Sign.HARMLESS) and clause.unmarked <= most and not _counts(clause):
        return Said(clause, Vote.COURTESY if clause.has(Sign.THANKS) else Vote.PLAIN)
    quiet = clause.has(Sign.SEEN, Sign.RETRACTION, Sign.NOW, Sign.ANGER, Sign.OTHER, Sign.HARMLESS, Sign.BEFORE)
    return Said(clause, Vote.PLAIN if quiet and not clause.has(*_NEGATORS) else Vote.UNKNOWN)


def _is_plain(clause: Clause) -> bool:
    """Whether a yes stands among few words, all of them known."""
    most = 4 if clause.has(Sign.FINE) else 1
    return clause.unmarked <= most and (clause.coverage == 1 or clause.unmarked <= 1) and not _counts(clause)


def _counts(clause: Clause) -> bool:
    """Whether a figure stands beside the signs: an appointment, not a courtesy."""
    inside = {at for mark in clause.marks for at in range(mark.start, mark.end)}
    return any(word.text[0].isdigit() for at, word in enumerate(clause.words) if at not in inside)


def _question(clause: Clause, state: bool | None) -> Vote:
    """A question states a fault only by asking for its reason or for help with one that lasts; else nothing."""
    first, lexicon = clause.words[0].text, clause.lexicon
    if state is False and (first in lexicon.reasons or (first in lexicon.requests and clause.has(Sign.LASTS))):
        return Vote.BROKEN
    return Vote.PLAIN if clause.has(Sign.HARMLESS) else Vote.ASKED


def _is_question(clause: Clause) -> bool:
    asks = any(m.sign is Sign.ASKS and m.start == 0 and m.end < len(clause.words) for m in clause.marks)
    return clause.question or asks


def _state(clause: Clause) -> bool | None:
    """Whether the clause states health (True), a fault (False) or neither (None). Any word of fault outweighs."""
    if clause.has(Sign.OPTION_NO, Sign.CANNOT, Sign.PARTIAL) or _is_bare_no(clause) or _is_cut_short(clause):
        return False
    states = [state for mark in clause.marks if (state := _state_of(clause, mark)) is not None]
    if False in states:
        return False
    return True if states else None


def _is_cut_short(clause: Clause) -> bool:
    """Whether the clause ends in a denial of what was said before: "but the scanner does not", "la deuxième non"."""
    last = len(clause.words)
    ends = any(mark.sign in (Sign.NOT, Sign.NO) and mark.end == last >= 3 and mark.start >= 1 for mark in clause.marks)
    silent = clause.has(Sign.BELIEF, Sign.HARMLESS, Sign.LATER, Sign.REPORTED)
    speaks = any(word.text in clause.lexicon.speakers for word in clause.words[:2])
    return ends and not silent and not speaks


def _state_of(clause: Clause, mark: Mark) -> bool | None:
    """What one mark states, its negations counted."""
    denied = _denied(clause, mark)
    if mark.sign in (Sign.FIXED, Sign.WORKS, Sign.OPTION_YES):
        if mark.sign is Sign.OPTION_YES and clause.has(Sign.FIXED):
            return None
        return None if clause.has(Sign.PAST) and mark.sign is Sign.WORKS and not denied else not denied
    if mark.sign in (Sign.FINE, Sign.YES):
        return False if denied and mark.sign is Sign.FINE else None
    if mark.sign is Sign.CURED:
        return not _denied(clause, mark, Sign.NOT)
    if mark.sign is Sign.LASTS:
        return _denied(clause, mark, Sign.NOT, Sign.ENDED) and not clause.has(Sign.STILL)
    if mark.sign is Sign.FAILS:
        return _fault(clause, mark, denied)
    if mark.sign in (Sign.SYMPTOM, Sign.TROUBLE):
        return _named_fault(clause, mark, denied)
    return _act(clause, mark, denied)


def _fault(clause: Clause, mark: Mark, denied: bool) -> bool | None:
    if denied:
        return True
    healed = any(m.sign is Sign.FIXED and m.start > mark.start and not _denied(clause, m) for m in clause.marks)
    return None if healed or clause.has(Sign.PAST, Sign.BEFORE) else False


def _named_fault(clause: Clause, mark: Mark, denied: bool) -> bool | None:
    """A named fault: what is said of it decides, then whether it is denied, then whether it stands in the present."""
    if clause.has(Sign.FIXED, Sign.CURED):
        return None
    gone = [_denied(clause, m) for m in clause.marks if m.sign is Sign.GONE]
    if gone:
        return not any(gone)
    if denied:
        lasting = clause.has(Sign.ENDED, Sign.NOW, Sign.SIDE, Sign.NOTHING)
        return True if lasting or mark.sign is Sign.SYMPTOM else None
    if clause.has(Sign.STILL):
        return False
    if mark.sign is Sign.TROUBLE or clause.has(Sign.PAST, Sign.BEFORE, Sign.WORKS):
        return False if clause.has(Sign.WORKS) and not clause.has(Sign.PAST) else None
    return False


def _act(clause: Clause, mark: Mark, denied: bool) -> bool | None:
    """A verb such as "opens": denied it is a fault, in a short clause with "again" or "now" it is health."""
    if mark.sign is not Sign.ACTS:
        return None
    faults = clause.has(Sign.SYMPTOM, Sign.TROUBLE)
    if denied:
        return None if faults else False
    plain = len(clause.words) <= _SHORT and clause.coverage > _HALF_KNOWN
    return True if plain and not faults and clause.has(Sign.NOW) else None


def _denied(clause: Clause, mark: Mark, *only: Sign) -> bool:
    """Whether a negation reaches the mark: from before within a few words, or right behind it (`marche plus`)."""
    for other in clause.marks:
        if other.sign not in (only or (*_NEGATORS, Sign.NO)):
            continue
        if other.end <= mark.start:
            reach = len(clause.words) if other.sign is Sign.NOTHING else _NEGATION_REACH
            if mark.start - other.end < reach and not _taken(clause, other, mark):
                return True
        elif not only and 0 <= other.start - mark.end <= 1 and not _belongs_after(clause, other):
            return True
    return False


_CARRIERS = frozenset({Sign.FIXED, Sign.WORKS, Sign.SYMPTOM, Sign.TROUBLE, Sign.FAILS, Sign.CURED})


def _taken(clause: Clause, negation: Mark, mark: Mark) -> bool:
    """Whether a negation is used up before the mark: "without errors it works", "does not crash and works"."""
    nearer = [m for m in clause.marks if m.sign in _CARRIERS and negation.end <= m.start and m.end <= mark.start]
    if not nearer or negation.sign in (Sign.WITHOUT, Sign.NO):
        return bool(nearer)
    between = clause.words[nearer[0].end : mark.start]
    return any(word.text in clause.lexicon.joins for word in between)


def _belongs_after(clause: Clause, negation: Mark) -> bool:
    """Whether a negation behind a word denies what follows instead: `marche sans erreur`, `marche plus d'erreur`."""
    following = clause.words[negation.end].text if negation.end < len(clause.words) else ""
    return negation.sign in (Sign.NO, Sign.WITHOUT, Sign.CANNOT) or following in clause.lexicon.binders


def _is_bare_no(clause: Clause) -> bool:
    """Whether the clause is no more than a no, courtesies aside."""
    if not clause.has(Sign.NO):
        return False
    polite = {mark.start for mark in clause.marks if mark.sign in (Sign.NO, Sign.THANKS, Sign.HARMLESS, Sign.CONTRAST)}
    understood = clause.coverage == 1 and clause.unmarked <= 1
    return understood and all(mark.start in polite for mark in clause.marks)
