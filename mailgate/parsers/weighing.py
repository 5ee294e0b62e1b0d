"""The votes of a text's clauses set against each other: one verdict.

Answers for: that the last word wins, that a fault outlasts an unrelated yes, that a plan or a condition spoils a yes,
that a bare yes counts only where nothing else is said, and that a new problem is told apart. Pure, never raises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from mailgate.parsers.clauses import Clause
from mailgate.parsers.lexicon import Sign
from mailgate.parsers.votes import Said, Vote

_LONGEST_PHRASE = 200
_SAME_MATTER = (
    Sign.HARMLESS, Sign.SIDE, Sign.PARTIAL, Sign.LASTS, Sign.STILL, Sign.OPTION_NO, Sign.RETRACTION, Sign.LATER,
)  # fmt: skip
_OTHER_MATTER = frozenset({Vote.BROKEN, Vote.DOUBTED, Vote.UNKNOWN, Vote.ASKED, Vote.PLAIN})


class Verdict(StrEnum):
    """What the requester said (S8, S11)."""

    RESOLVED = "resolved"
    NOT_FIXED = "not_fixed"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict and the words that decided it, verbatim ("" where none did).

    `new_problem`: beside the yes an unrelated problem is reported. `thanks_only`: courtesy and nothing else.
    """

    verdict: Verdict
    phrase: str
    new_problem: bool = False
    thanks_only: bool = False


def weigh(text: str, said: Sequence[Said]) -> Answer:
    """The answer that the votes of a text's clauses make."""
    if not said:
        return Answer(Verdict.UNCLEAR, "")
    if all(one.vote is Vote.COURTESY for one in said):
        return Answer(Verdict.UNCLEAR, _phrase(text, said[0]), thanks_only=True)
    absent = next((one for one in said if one.vote is Vote.ABSENT), None)
    if absent or _both_options(said):
        return Answer(Verdict.UNCLEAR, _phrase(text, absent or said[0]))
    weighing = _Weighing()
    for one in said[: -1 if _is_name(text, said) else None]:
        weighing.hear(one)
    return weighing.decide(text)


def _is_name(text: str, said: Sequence[Said]) -> bool:
    """Whether the text ends in a courtesy and a name below it."""
    if len(said) < 2 or said[-2].vote is not Vote.COURTESY or said[-1].vote is not Vote.UNKNOWN:
        return False
    words = said[-1].clause.words
    return len(words) <= 3 and not said[-1].clause.marks and all(text[word.start].isupper() for word in words)


def _both_options(said: Sequence[Said]) -> bool:
    """Whether both option words were left standing next to each other, as in the notice."""
    both = {Sign.OPTION_YES, Sign.OPTION_NO}
    signs = [_option(one.clause) for one in said]
    beside = any({left, right} == both for left, right in pairwise(signs))
    return beside or any(one.clause.has(Sign.OPTION_YES) and one.clause.has(Sign.OPTION_NO) for one in said)


def _option(clause: Clause) -> Sign | None:
    """The option that a clause is, if it is nothing else."""
    for mark in clause.marks:
        if mark.sign in (Sign.OPTION_YES, Sign.OPTION_NO) and mark.end - mark.start == len(clause.words):
            return mark.sign
    return None


def _phrase(text: str, one: Said) -> str:
    start, end = one.clause.span
    return text[start:end][:_LONGEST_PHRASE]


class _Weighing:
    """The standing verdict while the clauses are heard in order."""

    def __init__(self) -> None:
        self.standing: Said | None = None
        self.aside = -1  # the sentence that is about another problem, while nothing was said of this one
        self.retracted = False  # what stood so far was taken back
        self.seen = False  # the requester tried it
        self.angry = False
        self.new_problem = False
        self.stray = False  # something was said that is not understood

    def hear(self, one: Said) -> None:
        """Take one clause into account."""
        clause = one.clause
        if clause.has(Sign.RETRACTION):
            self.retracted = True
        self.seen = self.seen or (clause.has(Sign.SEEN) and one.vote not in (Vote.BROKEN, Vote.DOUBTED))
        self.angry = self.angry or clause.has(Sign.ANGER)
        if clause.has(Sign.OTHER) and self.standing is None and not clause.has(*_SAME_MATTER):
            self.aside = clause.sentence
        if self._is_other_matter(one):
            self.new_problem = True
            return
        self._weigh(one)

    def _is_other_matter(self, one: Said) -> bool:
        """Whether the clause tells of something else than the problem that is gone; what lasts is never new."""
        if not self._is_yes() or one.vote not in _OTHER_MATTER or one.clause.has(*_SAME_MATTER):
            return False
        return self.new_problem or one.clause.has(Sign.OTHER)

    def _weigh(self, one: Said) -> None:
        if one.vote is Vote.BROKEN and one.clause.sentence == self.aside and not one.clause.has(*_SAME_MATTER):
            self._hear_doubt(one)
        elif one.vote is Vote.BROKEN:
            self._hear_fault(one)
        elif one.vote in (Vote.SURE, Vote.AGREED, Vote.BELIEVED):
            self._hear_yes(one)
        elif one.vote is Vote.DOUBTED:
            self._hear_doubt(one)
        elif one.vote is Vote.UNKNOWN:
            self._hear_unknown(one)
        elif one.vote is Vote.ASKED:
            self._hear_question(one)

    def _hear_fault(self, one: Said) -> None:
        past = one.clause.has(Sign.PAST, Sign.BEFORE) and not one.clause.has(Sign.LASTS, Sign.STILL, Sign.NOW)
        if not (past and self.standing and self.standing.vote is Vote.SURE):
            self.standing, self.retracted = one, False
        elif not one.clause.has(Sign.BEFORE):
            self._hear_doubt(one)

    def _hear_yes(self, one: Said) -> None:
        standing = self.standing
        if standing is None or (self.retracted and one.vote is not Vote.BELIEVED):
            self.standing, self.retracted = one, False
        elif self.retracted:
            return
        elif standing.vote is Vote.BROKEN:
            self._answer_fault(one, standing)
        elif standing.vote is Vote.DOUBTED:
            self.standing = one if one.vote is Vote.SURE and one.clause.has(Sign.SEEN) else standing
        else:
            self._join_yes(one, standing)

    def _join_yes(self, one: Said, standing: Said) -> None:
        """A yes beside a yes: a statement is more than a word; "it works, I think" is no more than a belief."""
        if one.vote is Vote.BELIEVED:
            same = one.clause.sentence == standing.clause.sentence and not self.seen
            self.standing = one if same or standing.vote is Vote.AGREED else standing
        elif one.vote is Vote.SURE and not (one.closing and standing.vote is Vote.SURE):
            self.standing = one

    def _answer_fault(self, one: Said, fault: Said) -> None:
        """A yes after a fault replaces it only as news; after a bare no it is no more than a doubt."""
        past = fault.clause.has(Sign.PAST, Sign.BEFORE)
        if one.vote is Vote.SURE and not one.closing and (past or one.clause.has(Sign.NOW)):
            self.standing = one
        elif one.vote is Vote.SURE and fault.clause.has(Sign.NO) and fault.clause.sentence == one.clause.sentence:
            self.standing = Said(one.clause, Vote.DOUBTED)

    def _hear_doubt(self, one: Said) -> None:
        if self.standing is None or self.standing.vote is not Vote.BROKEN:
            self.standing, self.retracted = Said(one.clause, Vote.DOUBTED), False

    def _hear_unknown(self, one: Said) -> None:
        clause = one.clause
        past = clause.has(Sign.PAST, Sign.BEFORE)
        denies = clause.has(Sign.NOT, Sign.NOTHING, Sign.ENDED, Sign.CANNOT, Sign.CONTRAST) and not past
        if self._is_yes() and denies:
            self._hear_doubt(one)
        self.stray = self.stray or not past

    def _hear_question(self, one: Said) -> None:
        """A question mark behind nothing but a tag ("c'est réglé, non ?") makes a question of what stands before."""
        standing = self.standing
        short = len(one.clause.words) <= 2
        if standing and short and standing.vote is not Vote.BROKEN and standing.clause.sentence == one.clause.sentence:
            self._hear_doubt(one)
        self.stray = True

    def _is_yes(self) -> bool:
        return self.standing is not None and self.standing.vote in (Vote.SURE, Vote.AGREED, Vote.BELIEVED)

    def decide(self, text: str) -> Answer:
        """The verdict once everything was heard."""
        if self.standing is None:
            return Answer(Verdict.UNCLEAR, "")
        phrase = _phrase(text, self.standing)
        if self.standing.vote is Vote.BROKEN:
            return Answer(Verdict.NOT_FIXED, phrase)
        if self._holds(self.standing) and not self.retracted:
            return Answer(Verdict.RESOLVED, phrase, new_problem=self.new_problem)
        return Answer(Verdict.UNCLEAR, phrase)

    def _holds(self, yes: Said) -> bool:
        if yes.vote is Vote.SURE:
            return not (yes.closing and self.angry)
        if yes.vote is Vote.AGREED:
            return not (self.angry or self.stray) or self.seen
        return yes.vote is Vote.BELIEVED and self.seen and not yes.clause.has(Sign.REPORTED)
