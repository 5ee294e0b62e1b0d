"""Combines the answer of the rules with the learnt classifier's.

The rules know the meaning of some words; the classifier has seen many phrasings, each in a few sentences. A yes is one
that the rules read and the classifier seconds, or one of which the classifier is sure and the rules hear a word: what
was learnt alone makes none. Of a long text the classifier is only asked to second a yes. Pure, never raises.
"""

from __future__ import annotations

from collections.abc import Sequence

from mailgate.parsers.replies.categories import Category
from mailgate.parsers.replies.classifier import AnswerClass, Likelihoods, load_classifier
from mailgate.parsers.replies.clause_vote import Vote, VotedClause
from mailgate.parsers.replies.clauses import Clause
from mailgate.parsers.replies.features import FEW, choose_clauses, find_features
from mailgate.parsers.replies.score import Answer, find_phrase, says_both, score_votes
from mailgate.parsers.replies.sequence import AnswerVerdict

_HEARD = 0.3  # the likelihood that the verdict of the rules needs
_STATED = 0.95  # that their yes needs, if it is a statement among words that say nothing to them
_FEW_WORDS = 3  # that may say nothing to them
_CERTAIN = 0.97  # that a yes needs of which they hear a word only
_HEALTH = (
    Category.OPTION_YES
    | Category.YES
    | Category.FINE
    | Category.CURED
    | Category.FIXED
    | Category.WORKS
    | Category.ACTS
    | Category.GONE
    | Category.ENDED
    | Category.NOW
    | Category.SEEN
)
_OF_ANOTHER = frozenset({Vote.ELSEWHERE, Vote.STRANGE, Vote.ABSENT})
_BUILT = Category.DISCLAIMS | Category.NONE_LEFT
_SURE = 0.97  # the chance of an answer in which both option words stand
_OUTCOMES = {
    AnswerVerdict.RESOLVED: (AnswerClass.RESOLVED, AnswerClass.NEW_PROBLEM),
    AnswerVerdict.NOT_FIXED: (AnswerClass.NOT_FIXED,),
    AnswerVerdict.UNCLEAR: (AnswerClass.UNCLEAR, AnswerClass.THANKS_ONLY),
}


def combine_verdicts(text: str, voted: Sequence[VotedClause], *, asked: bool) -> Answer:
    """The answer of a text by the rules and the classifier; `voted` are its clauses with their votes."""
    by_rules = score_votes(text, voted, asked=asked)
    is_long = len(voted) > FEW and by_rules.verdict is not AnswerVerdict.RESOLVED
    if not voted or is_long or not any(letter.isalpha() for letter in text):  # figures and emoji: the rules know them
        return by_rules
    chosen = choose_clauses(voted)
    features = find_features(text, chosen, by_rules)
    likelihoods = load_classifier().predict(features)
    verdict = by_rules.verdict if _is_built(voted, by_rules) else _decide(likelihoods, by_rules, voted)
    if verdict is not by_rules.verdict and says_both(voted) and max(likelihoods) < _SURE:
        verdict = AnswerVerdict.UNCLEAR
    new_problem = verdict is AnswerVerdict.RESOLVED and likelihoods.new_problem > likelihoods.resolved
    thanks = by_rules.thanks_only or likelihoods.thanks_only == max(likelihoods)
    thanks_only = thanks and verdict is AnswerVerdict.UNCLEAR
    phrase = (
        by_rules.phrase if verdict is by_rules.verdict else find_phrase(text, _find_decisive(chosen, features, verdict))
    )
    explicit = by_rules.explicit and verdict is AnswerVerdict.RESOLVED
    return Answer(verdict, phrase, new_problem, thanks_only, explicit)


def _find_decisive(voted: Sequence[VotedClause], features: Sequence[set[int]], verdict: AnswerVerdict) -> VotedClause:
    """The clause that speaks most for a verdict; a courtesy only if there is nothing else."""
    pairs = list(zip(voted, features, strict=False))  # behind those of the clauses stand the features of the whole
    pairs = [pair for pair in pairs if pair[0].vote is not Vote.COURTESY] or pairs
    return pairs[load_classifier().find_strongest([group for _, group in pairs], _OUTCOMES[verdict])][0]


def _is_built(voted: Sequence[VotedClause], by_rules: Answer) -> bool:
    """Tells whether a statement rests on how its sentences are built, which no words or pairs of words show.

    That is: what is denied twice or from afar.
    """
    return by_rules.verdict is not AnswerVerdict.UNCLEAR and any(one.clause.has(_BUILT) for one in voted)


def _is_heard(voted: Sequence[VotedClause]) -> bool:
    """Tells whether a text has a word of health or of news, and says nothing of another thing, place or person."""
    of_another = any(one.vote in _OF_ANOTHER for one in voted)
    return not of_another and any(one.clause.has(_HEALTH) for one in voted)


def _decide(likelihoods: Likelihoods, by_rules: Answer, voted: Sequence[VotedClause]) -> AnswerVerdict:
    """Returns what the rules read and the classifier seconds, else what is likeliest; a yes only if it is heard."""
    chance = {verdict: sum(likelihoods[one.value] for one in outcomes) for verdict, outcomes in _OUTCOMES.items()}
    yes = chance.pop(AnswerVerdict.RESOLVED)
    if by_rules.verdict is AnswerVerdict.RESOLVED:
        is_clear = not by_rules.explicit or _is_understood(voted) or any(map(_is_bare_statement, voted))
        is_yes = yes > (_HEARD if is_clear else _STATED)
    else:
        is_yes = yes > _CERTAIN and _is_heard(voted)
    if is_yes:
        return AnswerVerdict.RESOLVED
    is_no = by_rules.verdict is AnswerVerdict.NOT_FIXED and _is_understood(voted)
    if is_no or chance.get(by_rules.verdict, 0) > _HEARD:
        return by_rules.verdict
    likeliest = max(chance, key=chance.__getitem__)
    return likeliest if chance[likeliest] > yes else AnswerVerdict.UNCLEAR


def _is_understood(voted: Sequence[VotedClause]) -> bool:
    """Tells whether nearly every word of a text says something to the rules, its figures aside."""
    return sum(_count_silent(one.clause) for one in voted) <= _FEW_WORDS


def _is_bare_statement(one: VotedClause) -> bool:
    """Tells whether a clause says that it is solved, and hardly anything else: "it works", beside other sentences."""
    return one.vote is Vote.SURE and _count_silent(one.clause) <= 1


def _count_silent(clause: Clause) -> int:
    """The number of words that say nothing to the rules; figures do not count."""
    return clause.unmarked - sum(word.isdigit() for word in clause.words)
