"""What one clause says by itself about the problem: its vote.

Answers for: what counts as doubt, question and courtesy, and what they make of a stated health or fault. `hearing`
sets the votes against each other. Pure, never raises.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from mailgate.parsers.replies.categories import Sign
from mailgate.parsers.replies.clauses import Clause
from mailgate.parsers.replies.negation import ANY_NO, NEGATORS
from mailgate.parsers.replies.resolution import read_state

_HALF_KNOWN = 0.5
_BARELY_KNOWN = 0.4
_HEALTH = Sign.FIXED | Sign.WORKS
_CONTENT = Sign.YES | Sign.FINE | Sign.OPTION_YES
_OVER = Sign.PAST | Sign.BEFORE
_OVER_OR_DENIED = _OVER | ANY_NO
_EXCUSES = _OVER | Sign.THANKS
_ASKING = Sign.ASKS | Sign.INVERTED
_PENDING = Sign.CONDITION | Sign.LATER
_HEARD = Sign.BELIEF | Sign.REPORTED
_UNHEARD = Sign.STRANGER | Sign.MIXED
_QUESTIONS = Sign.ASKED | _ASKING
_AHEAD = _PENDING | Sign.AWAY | Sign.SOON
_UNSEEN = _HEARD | Sign.WISH
_TOLD = _OVER | Sign.NOW | Sign.SEEN
_FORESEEN = Sign.LATER | Sign.HARMLESS | Sign.CLOSE
_KIND = Sign.THANKS | Sign.HARMLESS
_QUIET = Sign.SEEN | Sign.RETRACTION | Sign.NOW | Sign.ANGER | Sign.OTHER | Sign.HARMLESS | Sign.BEFORE


class Vote(StrEnum):
    """What one clause says about the problem.

    `SURE` states that it is gone, `AGREED` only says yes, `BELIEVED` says it on a belief or on hearsay; `DOUBTED` is
    a condition, a plan or a wish to wait; `DATED` names only a time to come. `STRANGE` is meant for somebody else,
    `ABSENT` is away. `PLAIN` says nothing about it, and `UNKNOWN` is not understood.
    """

    SURE = "sure"
    AGREED = "agreed"
    BELIEVED = "believed"
    BROKEN = "broken"
    DOUBTED = "doubted"
    ASKED = "asked"
    STRANGE = "strange"
    ABSENT = "absent"
    DATED = "dated"
    COURTESY = "courtesy"
    PLAIN = "plain"
    UNKNOWN = "unknown"


class VotedClause(NamedTuple):
    """A clause and its vote. `closing`: the yes is no more than a request to close; `stated`: it is more than a word
    ("all is fine")."""

    clause: Clause
    vote: Vote
    closing: bool = False
    stated: bool = False


def judge(clause: Clause) -> VotedClause:
    """What a clause says by itself."""
    signs = clause.signs
    if not signs:
        return VotedClause(clause, Vote.ASKED if clause.question else Vote.UNKNOWN)
    if signs & _UNHEARD:
        return VotedClause(clause, Vote.STRANGE if signs & Sign.STRANGER else Vote.DOUBTED)
    state = read_state(clause)
    if clause.question or (signs & _QUESTIONS and _is_question(clause)):
        return VotedClause(clause, _question(clause, state))
    if state is False:
        doubted = _is_imagined(clause) or clause.coverage < _BARELY_KNOWN
        return VotedClause(clause, Vote.DOUBTED if doubted else Vote.BROKEN)
    if signs & _AHEAD:
        if signs & _PENDING:
            return VotedClause(clause, Vote.DOUBTED)
        if signs & Sign.AWAY:
            return VotedClause(clause, Vote.ABSENT)
        if not signs & _TOLD:
            return VotedClause(clause, Vote.DATED if state is None else Vote.DOUBTED)
    if state is None:
        return _stateless(clause)
    if signs & _UNSEEN or clause.coverage < _HALF_KNOWN or _is_framed(clause):
        return VotedClause(clause, Vote.BELIEVED)
    return VotedClause(clause, Vote.SURE)


def _is_framed(clause: Clause) -> bool:
    """Whether something not understood stands before the subject: "I doubt it is fixed", "vérifiez que tout marche"."""
    health = min([m.start for m in clause.marks if m.sign & _HEALTH], default=0)
    frames = clause.lexicon.frames
    starts = [at for at in range(1, health) if clause.words[at] in frames]
    if not starts:
        return False
    within = {at for mark in clause.marks for at in range(mark.start + 1, mark.end)}
    subject = max([at for at in starts if at not in within], default=0)
    inside = within.union([mark.start for mark in clause.marks])
    before = [word for at, word in enumerate(clause.words[:subject]) if at not in inside]
    return any(word not in clause.lexicon.openers for word in before)


def _is_imagined(clause: Clause) -> bool:
    """Whether a fault stands under a condition ("if it does not work …"), not beside one ("an error when I print")."""
    starts = any(mark.sign == Sign.CONDITION and mark.start <= 1 for mark in clause.marks)
    return starts or (clause.has(Sign.CONDITION) and clause.has(_FORESEEN))


def _stateless(clause: Clause) -> VotedClause:
    """The vote of a clause that neither states health nor fault."""
    signs = clause.signs
    if signs & _HEARD:
        return VotedClause(clause, Vote.BELIEVED)
    if signs & Sign.CLOSE and not signs & Sign.WISH:
        return VotedClause(clause, Vote.DOUBTED if signs & ANY_NO else Vote.SURE, closing=True)
    if signs & _CONTENT and not signs & NEGATORS and not _is_both(signs) and not _is_wished(clause):
        stated = any(mark.sign == Sign.FINE and mark.end - mark.start > 1 for mark in clause.marks)
        if stated and signs & Sign.NOW and clause.coverage > _HALF_KNOWN:
            return VotedClause(clause, Vote.SURE)
        if _is_plain(clause):
            return VotedClause(clause, Vote.AGREED, stated=stated)
    if signs & Sign.STILL and not signs & _EXCUSES:
        return VotedClause(clause, Vote.DOUBTED)
    if signs & Sign.TROUBLE and not signs & _OVER_OR_DENIED:
        return VotedClause(clause, Vote.DOUBTED)
    most = 0 if signs & Sign.CONTRAST else 2
    if signs & _KIND and clause.unmarked <= most and not _counts(clause):
        return VotedClause(clause, Vote.COURTESY if signs & Sign.THANKS else Vote.PLAIN)
    quiet = signs & _QUIET and not signs & NEGATORS and not _is_turned(clause)
    return VotedClause(clause, Vote.PLAIN if quiet else Vote.UNKNOWN)


def _is_both(signs: int) -> bool:
    """Whether a yes and a no stand in one clause ("ya no"); beside something fine a no is no answer."""
    return signs & Sign.YES != 0 and signs & Sign.NO != 0 and not signs & Sign.FINE


def _is_wished(clause: Clause) -> bool:
    """Whether a wish stands before what would be fine: "I want everything to be fine"."""
    if not clause.has(Sign.WISH):
        return False
    first = next((mark for mark in clause.marks if mark.sign & (_CONTENT | Sign.WISH)), None)
    return first is not None and first.sign == Sign.WISH


def _is_turned(clause: Clause) -> bool:
    """Whether something that is not understood is so now, unlike before: "but now the calendar …"."""
    if not (clause.has(Sign.CONTRAST) and clause.has(Sign.NOW) and clause.unmarked):
        return False
    ends = [mark.end for mark in clause.marks if mark.sign == Sign.CONTRAST]
    return any(mark.sign == Sign.NOW and mark.start in ends for mark in clause.marks)


def _is_plain(clause: Clause) -> bool:
    """Whether a yes stands among few words, all of them known."""
    most = 4 if clause.has(Sign.FINE) else 1
    return clause.unmarked <= most and (clause.coverage == 1 or clause.unmarked <= 1) and not _counts(clause)


def _counts(clause: Clause) -> bool:
    """Whether a figure stands beside the signs: an appointment, not a courtesy."""
    figures = {at for at, word in enumerate(clause.words) if word[0].isdigit()}
    return bool(figures) and not figures <= {at for mark in clause.marks for at in range(mark.start, mark.end)}


def _question(clause: Clause, state: bool | None) -> Vote:
    """A question states a fault only by asking for its reason or for help with one that lasts; else nothing."""
    first, lexicon = clause.words[0], clause.lexicon
    if state is False and (first in lexicon.reasons or (first in lexicon.requests and clause.has(Sign.LASTS))):
        return Vote.BROKEN
    return Vote.PLAIN if clause.has(Sign.HARMLESS) else Vote.ASKED


def _is_question(clause: Clause) -> bool:
    """Whether a clause without a question mark asks."""
    if clause.has(Sign.ASKED):
        return True
    first = [mark for mark in clause.marks if mark.start == 0]
    asks = any(mark.sign == Sign.ASKS and mark.end < len(clause.words) for mark in first)
    return asks or (clause.first and any(mark.sign == Sign.INVERTED for mark in first))
