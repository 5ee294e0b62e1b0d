"""What stands of a text's statements while they are heard in order.

Answers for: that the last word wins, that a fault outlasts an unrelated yes, that a plan or a condition spoils a yes,
that small talk does not, and that a new problem is told apart. Pure, never raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from mailgate.parsers.replies.categories import Sign
from mailgate.parsers.replies.clause_vote import Vote, VotedClause
from mailgate.parsers.replies.negation import denies_itself

_SAME_MATTER = (
    Sign.HARMLESS | Sign.SIDE | Sign.PARTIAL | Sign.LASTS | Sign.STILL | Sign.OPTION_NO | Sign.RETRACTION | Sign.LATER
)
_OVER = Sign.PAST | Sign.BEFORE
_HEARD = Sign.BELIEF | Sign.REPORTED
_PRESENT = Sign.LASTS | Sign.STILL | Sign.NOW
_DENIES = Sign.NOT | Sign.NOTHING | Sign.ENDED | Sign.CANNOT | Sign.CONTRAST
_AFFIRMS = Sign.THANKS | Sign.HARMLESS | Sign.SEEN | Sign.YES | Sign.NOW
_TURNS = Sign.RETRACTION | Sign.SEEN | Sign.ANGER | Sign.OTHER
_YES = frozenset({Vote.SURE, Vote.AGREED, Vote.BELIEVED})
_UNSEEN = frozenset({Vote.BROKEN, Vote.DOUBTED, Vote.ASKED})
_STATED = frozenset({Vote.SURE, Vote.BROKEN})
_OTHER_MATTER = frozenset({Vote.BROKEN, Vote.DOUBTED, Vote.DATED, Vote.UNKNOWN, Vote.ASKED, Vote.PLAIN})


class AnswerVerdict(StrEnum):
    """What the requester said (S8, S11)."""

    RESOLVED = "resolved"
    NOT_FIXED = "not_fixed"
    UNCLEAR = "unclear"


class ClauseSequence:
    """What stands while the clauses of a text are heard in order; `verdict` tells it at the end."""

    def __init__(self) -> None:
        self.standing: VotedClause | None = None
        self.aside = -1  # the sentence that is about another problem, while nothing was said of this one
        self.retracted = False  # what stood so far was taken back
        self.seen = False  # the requester tried it
        self.angry = False
        self.new_problem = False
        self.absent = False  # the requester is away
        self.previous: VotedClause | None = None
        self.contrast: VotedClause | None = None  # a bare "but", whose sentence goes on
        self.turned = False  # another matter was announced
        self.dated = -1  # the sentence that names a time to come
        self.stray = False  # something was said that is not understood
        self.strays: set[int] = set()  # in these sentences

    def hear(self, one: VotedClause) -> None:
        """Take one clause into account."""
        above, self.previous = self.previous, one
        if one.vote is Vote.SURE and above is not None:
            one = self._hang(one, above)
            if self.standing is not None and self.standing.vote is Vote.BROKEN and self._is_doubted_by(above, one):
                one = VotedClause(one.clause, Vote.BELIEVED)  # "it did not work. Perhaps, it does now": no news
        clause, vote = one.clause, one.vote
        signs = clause.signs
        if signs == Sign.CONTRAST and clause.unmarked == 0:
            self.contrast = one
            return
        if signs & _TURNS:
            self._hear_turns(one)
        if self._is_other_matter(one):
            self._turn(one)
        else:
            self.turned = False
            if vote in _HEARERS:
                _HEARERS[vote](self, one)
        self.contrast = None

    def _hear_turns(self, one: VotedClause) -> None:
        """Take into account what a clause says of the others, of its writer, and of what it is about."""
        clause = one.clause
        if clause.has(Sign.RETRACTION):
            self.retracted = True
        self.seen = self.seen or (clause.has(Sign.SEEN) and one.vote not in _UNSEEN)
        self.angry = self.angry or clause.has(Sign.ANGER)
        if clause.has(Sign.OTHER) and self.standing is None and not clause.has(_SAME_MATTER):
            self.aside = clause.sentence

    @staticmethod
    def _hang(one: VotedClause, above: VotedClause) -> VotedClause:
        """A clause that hangs on the one before it ("…, że działa") is believed, unless that one affirms it."""
        clause = one.clause
        if clause.words[0] not in clause.lexicon.thats:
            return one
        if above.clause.sentence != clause.sentence or above.clause.has(_AFFIRMS):
            return one
        return VotedClause(clause._replace(signs=clause.signs | (above.clause.signs & Sign.REPORTED)), Vote.BELIEVED)

    def _is_other_matter(self, one: VotedClause) -> bool:
        """Whether the clause tells of something else than the problem that is gone; what lasts is never new."""
        if not self._is_yes() or one.vote not in _OTHER_MATTER or one.clause.has(_SAME_MATTER):
            return False
        return self.new_problem or self.turned or one.clause.has(Sign.OTHER)

    def _turn(self, one: VotedClause) -> None:
        """A bare "by the way" waits for what follows; praise behind it is no problem ("nice logo, by the way")."""
        clause = one.clause
        waits = clause.has(Sign.OTHER) and clause.unmarked == 0
        praises = one.vote in (Vote.PLAIN, Vote.UNKNOWN) and clause.has(Sign.THANKS | Sign.FINE)
        self.new_problem = self.new_problem or not (waits or praises)
        self.turned = waits

    def _hear_broken(self, one: VotedClause) -> None:
        """A fault; one in a sentence about something else is a doubt as long as nothing was said of this problem."""
        if one.clause.sentence == self.aside and not one.clause.has(_SAME_MATTER):
            self._hear_doubt(one)
        else:
            self._hear_fault(one)

    def _hear_fault(self, one: VotedClause) -> None:
        past = one.clause.has(_OVER) and not one.clause.has(_PRESENT)
        if not (past and self.standing and self.standing.vote is Vote.SURE):
            self.standing, self.retracted = one, False
        elif not one.clause.has(Sign.BEFORE):
            self._hear_doubt(one)

    def _hear_yes(self, one: VotedClause) -> None:
        standing = self.standing
        if one.clause.sentence == self.dated and not one.clause.has(Sign.NOW | Sign.SEEN):
            self._hear_doubt(one)  # "Thursday at ten, that works": an appointment
        elif standing is None or (self.retracted and one.vote is not Vote.BELIEVED):
            self.standing, self.retracted = one, False
        elif self.retracted:
            return
        elif standing.vote is Vote.BROKEN:
            self._answer_fault(one, standing)
        elif standing.vote is Vote.DOUBTED:
            tried = one.vote is Vote.SURE and one.clause.has(Sign.SEEN) and not one.closing
            self.standing = one if tried else standing
        elif not self._is_doubted_by(standing, one):
            self._join_yes(one, standing)

    @staticmethod
    def _is_doubted_by(belief: VotedClause, one: VotedClause) -> bool:
        """Whether a statement is what the belief right before it is about: "ich glaube, es geht"."""
        same = belief.clause.sentence == one.clause.sentence and belief.clause.has(_HEARD)
        return same and belief.vote is Vote.BELIEVED and not one.clause.has(Sign.SEEN | Sign.CONTRAST)

    def _join_yes(self, one: VotedClause, standing: VotedClause) -> None:
        """A yes beside a yes: a statement is more than a word; "it works, I think" is no more than a belief."""
        if one.vote is Vote.BELIEVED:
            same = one.clause.sentence == standing.clause.sentence and not self.seen
            self.standing = one if same or standing.vote is Vote.AGREED else standing
        elif one.vote is Vote.SURE and not (one.closing and standing.vote is Vote.SURE):
            self.standing = one

    def _answer_fault(self, one: VotedClause, fault: VotedClause) -> None:
        """A yes after a fault replaces it only as news; after a bare no it is no more than a doubt, unless it only says
        what is no longer there ("no, no more errors")."""
        past = fault.clause.has(_OVER)
        if one.vote is Vote.SURE and not one.closing and (past or one.clause.has(Sign.NOW)):
            self.standing = one
        elif one.vote is Vote.SURE and fault.clause.has(Sign.NO) and fault.clause.sentence == one.clause.sentence:
            cured = any(mark.sign == Sign.CURED and denies_itself(one.clause, mark) for mark in one.clause.marks)
            self.standing = one if cured else VotedClause(one.clause, Vote.DOUBTED)

    def _hear_doubt(self, one: VotedClause) -> None:
        if self.standing is None or self.standing.vote is not Vote.BROKEN:
            self.standing, self.retracted = VotedClause(one.clause, Vote.DOUBTED), False

    def _hear_date(self, one: VotedClause) -> None:
        """A time to come makes a plan of its sentence; in a sentence of its own it is small talk beside a statement
        ("It works. Tomorrow we move."), and no longer a bare yes."""
        standing = self.standing
        self.dated, self.stray = one.clause.sentence, True
        if standing and standing.clause.sentence == one.clause.sentence and not standing.clause.has(Sign.SEEN):
            self._hear_doubt(one)

    def _hear_absence(self, one: VotedClause) -> None:
        """Who is away has seen nothing, unless it was stated before."""
        if not (self.standing and self.standing.vote in _STATED):
            self.absent = True
            self._hear_doubt(one)

    def _hear_unknown(self, one: VotedClause) -> None:
        clause = one.clause
        past = clause.has(_OVER)
        denies = (clause.has(_DENIES) and not past) or self.contrast is not None
        if self._is_yes() and denies:
            self._hear_doubt(one)
        if not past:
            self._hear_stray(one)

    def _hear_question(self, one: VotedClause) -> None:
        """A question mark behind nothing but a tag ("c'est réglé, non ?") makes a question of what stands before."""
        standing = self.standing
        short = len(one.clause.words) <= 2
        if standing and short and standing.vote is not Vote.BROKEN and standing.clause.sentence == one.clause.sentence:
            self._hear_doubt(one)
        self._hear_stray(one)

    def _hear_stray(self, one: VotedClause) -> None:
        """What is not understood spoils a bare yes; "all is fine" only within its sentence."""
        self.stray = True
        self.strays.add(one.clause.sentence)

    def _is_yes(self) -> bool:
        return self.standing is not None and self.standing.vote in _YES

    @property
    def verdict(self) -> AnswerVerdict:
        """The verdict once everything was heard."""
        if self.contrast and self._is_yes():
            self._hear_doubt(self.contrast)  # "it works, but …"
        standing = self.standing
        if standing is None or self.absent:
            return AnswerVerdict.UNCLEAR
        if standing.vote is Vote.BROKEN:
            return AnswerVerdict.NOT_FIXED
        return AnswerVerdict.RESOLVED if self._holds(standing) and not self.retracted else AnswerVerdict.UNCLEAR

    def _holds(self, yes: VotedClause) -> bool:
        if yes.vote is Vote.SURE:
            return not (yes.closing and self.angry)
        if yes.vote is Vote.AGREED:
            stray = yes.clause.sentence in self.strays if yes.stated else self.stray
            angry = self.angry and not (yes.stated and yes.clause.has(Sign.YES))
            return not (angry or stray) or self.seen
        return yes.vote is Vote.BELIEVED and self.seen and not yes.clause.has(Sign.REPORTED)


_HEARERS: Mapping[Vote, Callable[[ClauseSequence, VotedClause], None]] = {
    Vote.SURE: ClauseSequence._hear_yes,
    Vote.AGREED: ClauseSequence._hear_yes,
    Vote.BELIEVED: ClauseSequence._hear_yes,
    Vote.BROKEN: ClauseSequence._hear_broken,
    Vote.DOUBTED: ClauseSequence._hear_doubt,
    Vote.ASKED: ClauseSequence._hear_question,
    Vote.ABSENT: ClauseSequence._hear_absence,
    Vote.DATED: ClauseSequence._hear_date,
    Vote.UNKNOWN: ClauseSequence._hear_unknown,
}
