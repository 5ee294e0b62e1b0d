"""Determines the vote of one clause about the problem.

Doubts, questions and courtesies modify a stated resolution or fault. `sequence` combines the votes. Pure, never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from mailgate.parsers.replies.categories import Category
from mailgate.parsers.replies.clauses import Clause
from mailgate.parsers.replies.double_negation import TURNING, find_turned
from mailgate.parsers.replies.negation import ANY_NO, NEGATORS
from mailgate.parsers.replies.resolution import read_state
from mailgate.parsers.replies.spelling import WORD

_HALF_KNOWN = 0.5
_BARELY_KNOWN = 0.4
_HEALTH = Category.FIXED | Category.WORKS
_CONTENT = Category.YES | Category.FINE | Category.OPTION_YES
_OVER = Category.PAST | Category.BEFORE
_OVER_OR_DENIED = _OVER | ANY_NO
_EXCUSES = _OVER | Category.THANKS
_ASKING = Category.ASKS | Category.INVERTED
_PENDING = Category.CONDITION | Category.LATER
_HEARSAY = Category.BELIEF | Category.REPORTED
_UNHEARD = Category.STRANGER | Category.MIXED
_QUESTIONS = Category.ASKED | _ASKING
_AHEAD = _PENDING | Category.AWAY | Category.SOON
_OF_THE_TICKET = (
    Category.NOW | Category.SEEN | Category.FIXED | Category.CURED | Category.GONE | Category.ENDED | Category.NOT
)
_UNSEEN = _HEARSAY | Category.WISH
_TOLD = _OVER | Category.NOW | Category.SEEN
_FORESEEN = Category.LATER | Category.HARMLESS | Category.CLOSE
_KIND = Category.THANKS | Category.HARMLESS
_QUIET = (
    Category.SEEN
    | Category.RETRACTION
    | Category.NOW
    | Category.ANGER
    | Category.OTHER
    | Category.HARMLESS
    | Category.BEFORE
)


_HEALTH_WORDS = _HEALTH | Category.OPTION_YES
_MARKS = re.compile(r"[\"„“”«»'‘’‚「」『』]")
_CITED = re.compile(
    r"(?:[\"„“”«»「『]|(?<!\w)['‘’‚])[ \xa0]?([^\W\d_]{2,40}(?: [^\W\d_]{2,40})?)[ \xa0]?(?:[\"“”«»」』]|['’‘](?!\w))"
)


class Vote(StrEnum):
    """The vote of one clause about the problem.

    `SURE` states that it is gone, `AGREED` only says yes, `BELIEVED` says it on a belief or on hearsay; `DOUBTED` is a
    condition, a plan or a wish to wait; `DATED` names only a future time. `ELSEWHERE` is about another thing, place,
    person or time. `TURNED` turns the statement that follows ("I would not say, that …"), `TURNED_BACK` turned a
    denied one. `STRANGE` is meant for another person, `ABSENT` is away. `PLAIN` says nothing about it, and `UNKNOWN`
    is not understood.
    """

    SURE = "sure"
    AGREED = "agreed"
    BELIEVED = "believed"
    BROKEN = "broken"
    DOUBTED = "doubted"
    ASKED = "asked"
    ELSEWHERE = "elsewhere"
    TURNED = "turned"
    TURNED_BACK = "turned_back"
    STRANGE = "strange"
    ABSENT = "absent"
    DATED = "dated"
    COURTESY = "courtesy"
    PLAIN = "plain"
    UNKNOWN = "unknown"


_YES = frozenset({Vote.SURE, Vote.AGREED, Vote.BELIEVED})


class VotedClause(NamedTuple):
    """A clause and its vote.

    `closing`: the yes is only a request to close; `stated`: it is more than a word ("all is fine"), or what is said of
    another thing is a whole statement.
    """

    clause: Clause
    vote: Vote
    closing: bool = False
    stated: bool = False


def vote_on_clauses(text: str, clauses: Iterable[Clause]) -> list[VotedClause]:
    """Determines the votes of the clauses of a text."""
    return [_doubt_cited(text, vote_on(clause)) for clause in clauses]


def _doubt_cited(text: str, one: VotedClause) -> VotedClause:
    """Lowers a yes by a word in quotation marks to a doubt: the "repaired" window fell down."""
    clause = one.clause
    if one.vote not in _YES or not _MARKS.search(text, clause.start, clause.end + 1):
        return one
    lexicon = clause.lexicon
    for found in _CITED.finditer(text, max(0, clause.start - 2), clause.end + 2):
        words = WORD.findall(found[1])
        marks = lexicon.marks(lexicon.read(words))
        if len(words) < len(clause.words) and any(mark.category & _HEALTH_WORDS for mark in marks):
            return VotedClause(clause, Vote.DOUBTED)
    return one


def vote_on(clause: Clause) -> VotedClause:
    """Determines the vote of a clause by itself."""
    categories = clause.categories
    if not categories:
        return VotedClause(clause, Vote.ASKED if clause.question else Vote.UNKNOWN)
    if categories & TURNING and not clause.question:
        return _vote_turned(clause)
    if categories & _UNHEARD:
        return VotedClause(clause, Vote.STRANGE if categories & Category.STRANGER else Vote.DOUBTED)
    state = read_state(clause)
    if clause.question or (categories & _QUESTIONS and _is_question(clause)):
        return VotedClause(clause, _question(clause, state))
    if categories & Category.RETURNS:
        return VotedClause(clause, Vote.PLAIN)
    if state is False:
        doubted = _is_imagined(clause) or clause.coverage < _BARELY_KNOWN
        return VotedClause(clause, Vote.DOUBTED if doubted else Vote.BROKEN)
    if categories & _AHEAD:
        if categories & _PENDING:
            return VotedClause(clause, Vote.DOUBTED)
        if categories & Category.AWAY and not categories & Category.PAST:  # "I was on holiday" is back
            return VotedClause(clause, Vote.ABSENT)
        if not categories & _TOLD:
            return VotedClause(clause, Vote.DATED if state is None else Vote.DOUBTED)
    if _is_elsewhere(clause):
        stated = state is True or clause.has(_CONTENT) or _adds(clause)
        return VotedClause(clause, Vote.ELSEWHERE, stated=stated)
    if state is None:
        return _stateless(clause)
    if categories & _UNSEEN or clause.coverage < _HALF_KNOWN or _is_framed(clause):
        return VotedClause(clause, Vote.BELIEVED)
    return VotedClause(clause, Vote.SURE)


def _is_elsewhere(clause: Clause) -> bool:
    """Tells whether a clause is about another thing, place or person, or only about one of several without news."""
    if clause.has(Category.ELSEWHERE):
        return not (clause.has(_OVER) and clause.has(NEGATORS))  # "this morning it did not work" is about this thing
    if not clause.has(Category.SITE) or clause.has(_OF_THE_TICKET) or _adds(clause):
        return False
    return not clause.is_news


def _adds(clause: Clause) -> bool:
    """Tells whether a clause adds to what was said: "it works, on my phone too"."""
    return not clause.lexicon.also.isdisjoint(clause.words)


def _vote_turned(clause: Clause) -> VotedClause:
    """The vote of a clause with words that turn its statement, or one that follows."""
    turns, state = find_turned(clause)
    if state is None:
        return VotedClause(clause, Vote.TURNED)
    if state is False:
        return VotedClause(clause, Vote.BROKEN)
    return (
        VotedClause(clause, Vote.TURNED_BACK)
        if turns == Category.DISCLAIMS
        else VotedClause(clause, Vote.SURE, stated=True)
    )


def _is_framed(clause: Clause) -> bool:
    """Tells whether unknown words precede the subject: "I doubt it is fixed", "vérifiez que tout marche"."""
    health = min([m.start for m in clause.marks if m.category & _HEALTH], default=0)
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
    """Tells whether a fault is under a condition ("if it does not work …"), not next to one ("an error when I
    print").
    """
    starts = any(mark.category == Category.CONDITION and mark.start <= 1 for mark in clause.marks)
    return starts or (clause.has(Category.CONDITION) and clause.has(_FORESEEN))


def _stateless(clause: Clause) -> VotedClause:
    """The vote of a clause that states neither resolution nor fault."""
    categories = clause.categories
    if categories & _HEARSAY:
        return VotedClause(clause, Vote.BELIEVED)
    if categories & Category.CLOSE and not categories & Category.WISH:
        return VotedClause(clause, Vote.DOUBTED if categories & ANY_NO else Vote.SURE, closing=True)
    if categories & _CONTENT and not categories & NEGATORS and not _is_both(categories) and not _is_wished(clause):
        stated = any(mark.category == Category.FINE and mark.end - mark.start > 1 for mark in clause.marks)
        if stated and categories & Category.NOW and clause.coverage > _HALF_KNOWN:
            return VotedClause(clause, Vote.SURE)
        if _is_plain(clause):
            return VotedClause(clause, Vote.AGREED, stated=stated)
    if categories & Category.STILL and not categories & _EXCUSES:
        return VotedClause(clause, Vote.DOUBTED)
    if categories & Category.TROUBLE and not categories & _OVER_OR_DENIED:
        return VotedClause(clause, Vote.DOUBTED)
    most = 0 if categories & Category.CONTRAST else 2
    if categories & _KIND and clause.unmarked <= most and not _counts(clause):
        return VotedClause(clause, Vote.COURTESY if categories & Category.THANKS else Vote.PLAIN)
    quiet = categories & _QUIET and not categories & NEGATORS and not _is_turned(clause)
    return VotedClause(clause, Vote.PLAIN if quiet else Vote.UNKNOWN)


def _is_both(categories: int) -> bool:
    """Tells whether a clause has a yes and a no ("ya no"); next to something fine a no is no answer."""
    return categories & Category.YES != 0 and categories & Category.NO != 0 and not categories & Category.FINE


def _is_wished(clause: Clause) -> bool:
    """Tells whether a wish precedes the statement: "I want everything to be fine"."""
    if not clause.has(Category.WISH):
        return False
    first = next((mark for mark in clause.marks if mark.category & (_CONTENT | Category.WISH)), None)
    return first is not None and first.category == Category.WISH


def _is_turned(clause: Clause) -> bool:
    """Tells whether unknown words are in contrast to before: "but now the calendar …"."""
    if not (clause.has(Category.CONTRAST) and clause.has(Category.NOW) and clause.unmarked):
        return False
    ends = [mark.end for mark in clause.marks if mark.category == Category.CONTRAST]
    return any(mark.category == Category.NOW and mark.start in ends for mark in clause.marks)


def _is_plain(clause: Clause) -> bool:
    """Tells whether a yes stands among few words, all of them known."""
    most = 4 if clause.has(Category.FINE) else 1
    return clause.unmarked <= most and (clause.coverage == 1 or clause.unmarked <= 1) and not _counts(clause)


def _counts(clause: Clause) -> bool:
    """Tells whether a figure stands next to the phrases: an appointment, not a courtesy."""
    figures = {at for at, word in enumerate(clause.words) if word[0].isdigit()}
    return bool(figures) and not figures <= {at for mark in clause.marks for at in range(mark.start, mark.end)}


def _question(clause: Clause, state: bool | None) -> Vote:
    """The vote of a question: a fault only if it asks for the reason, or for help with a lasting one."""
    first, lexicon = clause.words[0], clause.lexicon
    if state is False and (first in lexicon.reasons or (first in lexicon.requests and clause.has(Category.LASTS))):
        return Vote.BROKEN
    return Vote.PLAIN if clause.has(Category.HARMLESS) else Vote.ASKED


def _is_question(clause: Clause) -> bool:
    """Tells whether a clause without a question mark asks."""
    if clause.has(Category.ASKED):
        return True
    first = [mark for mark in clause.marks if mark.start == 0]
    asks = any(mark.category == Category.ASKS and mark.end < len(clause.words) for mark in first)
    return asks or (clause.first and any(mark.category == Category.INVERTED for mark in first))
