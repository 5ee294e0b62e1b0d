"""Combines the votes of clauses in the order of the text.

The last word wins. A reported fault overrides an unrelated yes; a plan or a condition cancels a yes, small talk does
not; a new problem is distinguished. Pure, never raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from mailgate.parsers.replies.categories import Category
from mailgate.parsers.replies.clause_vote import Vote, VotedClause
from mailgate.parsers.replies.double_negation import DENIED, EXCEPTED, FAULTY, TURNING, turn_statement
from mailgate.parsers.replies.negation import denies_itself

_SAME_MATTER = (
    Category.HARMLESS
    | Category.SIDE
    | Category.PARTIAL
    | Category.LASTS
    | Category.STILL
    | Category.OPTION_NO
    | Category.RETRACTION
    | Category.LATER
)
_OVER = Category.PAST | Category.BEFORE
_HEARSAY = Category.BELIEF | Category.REPORTED
_PRESENT = Category.LASTS | Category.STILL | Category.NOW
_DENIES = Category.NOT | Category.NOTHING | Category.ENDED | Category.CANNOT | Category.CONTRAST
_AFFIRMS = Category.THANKS | Category.HARMLESS | Category.SEEN | Category.YES | Category.NOW
_TURNS = Category.RETRACTION | Category.SEEN | Category.ANGER | Category.OTHER | Category.RETURNS
_YES = frozenset({Vote.SURE, Vote.AGREED, Vote.BELIEVED})
_KIND = Category.THANKS | Category.HARMLESS
_DONE = Category.FIXED | Category.CURED | Category.OPTION_YES | Category.CLOSE
_REPAIRED = Category.FIXED | Category.CURED
_FEW = 1  # words that say nothing, beside a bare yes
_UNSEEN = frozenset({Vote.BROKEN, Vote.DOUBTED, Vote.ASKED, Vote.ELSEWHERE})
_STATED = frozenset({Vote.SURE, Vote.BROKEN})
_OTHER_MATTER = frozenset({Vote.BROKEN, Vote.DOUBTED, Vote.DATED, Vote.UNKNOWN, Vote.ASKED, Vote.PLAIN, Vote.ELSEWHERE})


class AnswerVerdict(StrEnum):
    """The verdict of a requester's reply (docs/process.md S8, S11)."""

    RESOLVED = "resolved"
    NOT_FIXED = "not_fixed"
    UNCLEAR = "unclear"


class ClauseSequence:
    """The state after each clause of a text; `verdict` is the result at the end."""

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
        self.elsewhere = -1  # the last sentence of which a statement is about another thing, place, person or time
        self.needed: int = Category.CONTRAST  # what a yes without news in that sentence needs, to be about this thing
        self.returns = -1  # the sentence about what the requester does if the fault returns
        self.turning = 0  # the category that turns the next statement
        self.turned_back = -1  # the last sentence in which a denial was turned

    def add(self, one: VotedClause) -> None:
        """Adds one clause."""
        above = self.previous
        one = self.previous = self._turn(one, above)
        if one.vote is Vote.TURNED_BACK:
            self.turned_back = one.clause.sentence
        if one.vote is Vote.SURE and above is not None:
            one = self._weaken_dependent(one, above)
            if self.standing is not None and self.standing.vote is Vote.BROKEN and self._is_doubted_by(above, one):
                one = VotedClause(one.clause, Vote.BELIEVED)  # "it did not work. Perhaps, it does now": no news
        clause, vote = one.clause, one.vote
        categories = clause.categories
        if categories == Category.CONTRAST and clause.unmarked == 0:
            self.contrast = one
            return
        if categories & _TURNS:
            self._note_context(one)
        if self._is_other_matter(one):
            self._note_other_problem(one)
        else:
            self.turned = False
            if vote in _HANDLERS:
                _HANDLERS[vote](self, one)
        self.contrast = None

    def _turn(self, one: VotedClause, above: VotedClause | None) -> VotedClause:
        """Turns a statement behind "I would not say", "there is nothing left", that stand in a clause before it."""
        clause = one.clause
        if above is None or above.clause.sentence != clause.sentence:
            self.turning = 0
        if one.vote is Vote.TURNED:
            self.turning = next(mark.category for mark in clause.marks if mark.category & TURNING)
            return one
        depends = clause.words[0] in clause.lexicon.thats  # "do not think, that it is still down"
        faults = FAULTY if depends and above is not None and above.vote is Vote.TURNED else DENIED
        if self.turning == Category.NONE_LEFT:
            faults = EXCEPTED
        if self.turning and (state := turn_statement(clause.categories, faults)) is not None:
            if state is False:
                return VotedClause(clause, Vote.BROKEN)
            turning, self.turning = self.turning, 0
            sure = turning == Category.NONE_LEFT
            return VotedClause(clause, Vote.SURE, stated=True) if sure else VotedClause(clause, Vote.TURNED_BACK)
        if one.vote is Vote.AGREED and clause.sentence == self.turned_back:
            return VotedClause(clause, Vote.SURE)  # "I cannot say that it does not work, because it does"
        return one

    def _note_context(self, one: VotedClause) -> None:
        """Notes retraction, testing, anger and a change of topic in a clause."""
        clause = one.clause
        if clause.has(Category.RETURNS):
            self.returns = clause.sentence
        if clause.has(Category.RETRACTION):
            self.retracted = True
        self.seen = self.seen or (clause.has(Category.SEEN) and one.vote not in _UNSEEN)
        self.angry = self.angry or clause.has(Category.ANGER)
        if clause.has(Category.OTHER) and self.standing is None and not clause.has(_SAME_MATTER):
            self.aside = clause.sentence

    @staticmethod
    def _weaken_dependent(one: VotedClause, above: VotedClause) -> VotedClause:
        """Lowers a clause that depends on the one before it ("…, że działa") to a belief.

        Unless that one affirms it.
        """
        clause = one.clause
        if clause.words[0] not in clause.lexicon.thats:
            return one
        if above.clause.sentence != clause.sentence or above.clause.has(_AFFIRMS):
            return one
        return VotedClause(
            clause._replace(categories=clause.categories | (above.clause.categories & Category.REPORTED)), Vote.BELIEVED
        )

    def _is_other_matter(self, one: VotedClause) -> bool:
        """Tells whether the clause is about another problem; one that lasts is never new."""
        if not self._is_yes() or one.vote not in _OTHER_MATTER or one.clause.has(_SAME_MATTER):
            return False
        return self.new_problem or self.turned or one.clause.has(Category.OTHER)

    def _note_other_problem(self, one: VotedClause) -> None:
        """Notes another problem.

        A bare "by the way" waits for the next clause; praise after it is no problem ("nice logo, by the way").
        """
        clause = one.clause
        waits = clause.has(Category.OTHER) and clause.unmarked == 0
        praises = one.vote in (Vote.PLAIN, Vote.UNKNOWN) and clause.has(Category.THANKS | Category.FINE)
        self.new_problem = self.new_problem or not (waits or praises)
        self.turned = waits

    def _add_broken(self, one: VotedClause) -> None:
        """Adds a fault; in a sentence about another topic it is a doubt at first."""
        if one.clause.sentence == self.aside and not one.clause.has(_SAME_MATTER):
            self._add_doubt(one)
        else:
            self._add_fault(one)

    def _add_fault(self, one: VotedClause) -> None:
        if self._confirms(one):
            return
        past = one.clause.has(_OVER) and not one.clause.has(_PRESENT)
        if not (past and self.standing and self.standing.vote is Vote.SURE):
            self.standing, self.retracted = one, False
        elif not one.clause.has(Category.BEFORE):
            self._add_doubt(one)

    def _confirms(self, one: VotedClause) -> bool:
        """Tells whether a bare no confirms what was denied before it: "nothing is broken any more, no"."""
        standing, clause = self.standing, one.clause
        if standing is None or standing.vote is not Vote.SURE or standing.clause.sentence != clause.sentence:
            return False
        bare = clause.categories == Category.NO and not clause.unmarked
        return bare and not clause.lexicon.deniers.isdisjoint(standing.clause.words)

    def _add_yes(self, one: VotedClause) -> None:
        standing = self.standing
        is_about_it = one.clause.is_news or one.clause.has(self.needed)
        if one.clause.sentence <= self.elsewhere and not is_about_it:
            self._add_stray(one)
            return
        if one.clause.sentence == self.dated and not one.clause.has(Category.NOW | Category.SEEN):
            self._add_doubt(one)  # "Thursday at ten, that works": an appointment
        elif standing is None or (self.retracted and one.vote is not Vote.BELIEVED):
            self.standing, self.retracted = one, False
        elif self.retracted:
            return
        elif standing.vote is Vote.BROKEN:
            self._answer_fault(one, standing)
        elif standing.vote is Vote.DOUBTED:
            tried = one.vote is Vote.SURE and one.clause.has(Category.SEEN) and not one.closing
            self.standing = one if tried else standing
        elif not self._is_doubted_by(standing, one):
            self._join_yes(one, standing)

    @staticmethod
    def _is_doubted_by(belief: VotedClause, one: VotedClause) -> bool:
        """Tells whether a statement is the content of the belief before it: "ich glaube, es geht"."""
        same = belief.clause.sentence == one.clause.sentence and belief.clause.has(_HEARSAY)
        return same and belief.vote is Vote.BELIEVED and not one.clause.has(Category.SEEN | Category.CONTRAST)

    def _join_yes(self, one: VotedClause, standing: VotedClause) -> None:
        """Joins two yeses: a statement outranks a word; "it works, I think" is only a belief."""
        if one.vote is Vote.BELIEVED:
            same = one.clause.sentence == standing.clause.sentence and not self.seen
            self.standing = one if same or standing.vote is Vote.AGREED else standing
        elif one.vote is Vote.SURE and self._is_turned_off(one):
            self._add_doubt(one)  # "it rings again, but the opener does not hum": what is denied may be wanted
        elif one.vote is Vote.SURE and not (one.closing and standing.vote is Vote.SURE):
            self.standing = one

    @staticmethod
    def _is_turned_off(one: VotedClause) -> bool:
        """Tells whether the only health in contrast to a yes is that something does not do what faults do."""
        clause = one.clause
        denied = clause.has(Category.FAILS) and clause.has(Category.NOT) and not clause.has(_DONE | Category.WORKS)
        return denied and clause.has(Category.CONTRAST) and not clause.has(Category.ENDED | Category.NOW)

    def _answer_fault(self, one: VotedClause, fault: VotedClause) -> None:
        """Handles a yes after a fault: only news replaces it.

        After a bare no it is only a doubt, unless it says what is no longer there ("no, no more errors").
        """
        past = fault.clause.has(_OVER)
        if one.vote is Vote.SURE and not one.closing and (past or one.clause.has(Category.NOW)):
            self.standing = one
        elif one.vote is Vote.SURE and fault.clause.has(Category.NO) and fault.clause.sentence == one.clause.sentence:
            cured = one.stated or any(
                mark.category == Category.CURED and denies_itself(one.clause, mark) for mark in one.clause.marks
            )
            self.standing = one if cured else VotedClause(one.clause, Vote.DOUBTED)

    def _add_doubt(self, one: VotedClause) -> None:
        if self.standing is None or self.standing.vote is not Vote.BROKEN:
            self.standing, self.retracted = VotedClause(one.clause, Vote.DOUBTED), False

    def _add_doubted(self, one: VotedClause) -> None:
        """Adds a condition, a plan or a wish to wait, unless the plan is only for a return of the fault."""
        if one.clause.sentence != self.returns or not one.clause.has(Category.LATER):
            self._add_doubt(one)

    def _add_date(self, one: VotedClause) -> None:
        """Adds a future time: it makes a plan of its sentence.

        In a sentence of its own it is small talk beside a statement ("It works. Tomorrow we move."), but spoils a bare
        yes.
        """
        standing = self.standing
        self.dated, self.stray = one.clause.sentence, True
        if standing and standing.clause.sentence == one.clause.sentence and not standing.clause.has(Category.SEEN):
            self._add_doubt(one)

    def _add_absence(self, one: VotedClause) -> None:
        """Adds an absence: an absent person has seen nothing, unless it was stated before."""
        if not (self.standing and self.standing.vote in _STATED):
            self.absent = True
            self._add_doubt(one)

    def _add_elsewhere(self, one: VotedClause) -> None:
        """Adds what is said of another thing, place, person or time.

        It spoils a bare yes, and a statement that hangs on it: "on my phone, it works", "it works, at home", "I tried
        it on my phone. It works."
        """
        standing, sentence = self.standing, one.clause.sentence
        tried = one.clause.has(Category.SEEN) and not one.stated
        if one.clause.has(Category.ELSEWHERE):
            self.needed = Category.CONTRAST
        elif sentence > self.elsewhere:  # only one of several: "the till in the canteen, repaired"
            self.needed = Category.CONTRAST | _REPAIRED
        self.elsewhere = sentence + 1 if tried else sentence
        depends = standing and standing.vote is Vote.SURE and not standing.clause.has(_DONE)
        if depends and standing and standing.clause.sentence == sentence and not one.stated:
            self._add_doubt(one)
        self._add_stray(one)

    def _add_turning(self, one: VotedClause) -> None:
        standing = self.standing
        if standing is not None and standing.vote is Vote.BROKEN and standing.clause.sentence == one.clause.sentence:
            depends = standing.clause.words[0] in standing.clause.lexicon.thats
            self.standing = None if depends else standing  # "that it is not fixed, I could not say"
        if self._is_yes():
            self._add_doubt(one)
        self._add_stray(one)

    def _add_plain(self, one: VotedClause) -> None:
        """Adds words that say nothing of the problem: many of them make another answer of a bare yes."""
        clause = one.clause
        kind = clause.question and clause.has(_KIND)  # "yes! What did you do?"
        if (clause.unmarked > _FEW and not kind) or clause.has(Category.SOON):
            self.stray = True

    def _add_courtesy(self, one: VotedClause) -> None:
        """Adds a courtesy: with several other words it answers something else ("Yes, you are welcome to call me")."""
        if one.clause.unmarked > _FEW and one.clause.has(Category.NOW | Category.SOON | Category.LATER):
            self.stray = True

    def _add_unknown(self, one: VotedClause) -> None:
        clause = one.clause
        past = clause.has(_OVER)
        denies = (clause.has(_DENIES) and not past) or self.contrast is not None
        if self._is_yes() and denies:
            self._add_doubt(one)
        if not past:
            self._add_stray(one)

    def _add_question(self, one: VotedClause) -> None:
        """Adds a question: a mere tag ("c'est réglé, non ?") questions the words before it."""
        standing = self.standing
        short = len(one.clause.words) <= 2
        if standing and short and standing.vote is not Vote.BROKEN and standing.clause.sentence == one.clause.sentence:
            self._add_doubt(one)
        self._add_stray(one)

    def _add_stray(self, one: VotedClause) -> None:
        """Notes words that are not understood: they spoil a bare yes, "all is fine" in its sentence."""
        self.stray = True
        self.strays.add(one.clause.sentence)

    def _is_yes(self) -> bool:
        return self.standing is not None and self.standing.vote in _YES

    @property
    def verdict(self) -> AnswerVerdict:
        """The verdict after all clauses."""
        if self.contrast and self._is_yes():
            self._add_doubt(self.contrast)  # "it works, but …"
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
            angry = self.angry and not (yes.stated and yes.clause.has(Category.YES))
            return not (angry or stray) or (self.seen and yes.stated)
        return yes.vote is Vote.BELIEVED and self.seen and not yes.clause.has(Category.REPORTED)


_HANDLERS: Mapping[Vote, Callable[[ClauseSequence, VotedClause], None]] = {
    Vote.SURE: ClauseSequence._add_yes,
    Vote.AGREED: ClauseSequence._add_yes,
    Vote.BELIEVED: ClauseSequence._add_yes,
    Vote.BROKEN: ClauseSequence._add_broken,
    Vote.DOUBTED: ClauseSequence._add_doubted,
    Vote.ASKED: ClauseSequence._add_question,
    Vote.ABSENT: ClauseSequence._add_absence,
    Vote.DATED: ClauseSequence._add_date,
    Vote.COURTESY: ClauseSequence._add_courtesy,
    Vote.UNKNOWN: ClauseSequence._add_unknown,
    Vote.ELSEWHERE: ClauseSequence._add_elsewhere,
    Vote.TURNED: ClauseSequence._add_turning,
    Vote.PLAIN: ClauseSequence._add_plain,
}
