"""Combines the answer of the rules with the learnt classifier's.

The rules know the meaning of some words; the classifier has seen many phrasings, each in a few sentences. A yes needs
the highest likelihood. Of a long text the classifier is only asked to confirm a yes. Pure, never raises.
"""

from __future__ import annotations

from collections.abc import Sequence

from mailgate.parsers.replies.categories import Category
from mailgate.parsers.replies.classifier import AnswerClass, Likelihoods, load_classifier
from mailgate.parsers.replies.clause_vote import Vote, VotedClause
from mailgate.parsers.replies.features import FEW, choose_clauses, find_features
from mailgate.parsers.replies.score import Answer, find_phrase, says_both, score_votes
from mailgate.parsers.replies.sequence import AnswerVerdict

_AGREED = 0.6  # the likelihood that a yes needs if the rules find one too
_ALONE = 0.94  # the likelihood that a yes needs if the rules find none
_STATES = (
    Category.FIXED
    | Category.WORKS
    | Category.CURED
    | Category.OPTION_YES
    | Category.YES
    | Category.FINE
    | Category.ACTS
    | Category.GONE
)
_SURE = 0.97  # the chance of an answer in which both option words stand
_OUTCOMES = {
    AnswerVerdict.RESOLVED: (AnswerClass.RESOLVED, AnswerClass.NEW_PROBLEM),
    AnswerVerdict.NOT_FIXED: (AnswerClass.NOT_FIXED,),
    AnswerVerdict.UNCLEAR: (AnswerClass.UNCLEAR, AnswerClass.THANKS_ONLY),
}


def combine_verdicts(text: str, voted: Sequence[VotedClause], *, asked: bool) -> Answer:
    """The answer of a text by the rules and the classifier; `voted` are its clauses with their votes.

    The classifier was trained on answers to a question: without one (`asked`), only the rules' yes counts.
    """
    by_rules = score_votes(text, voted)
    is_long = len(voted) > FEW and by_rules.verdict is not AnswerVerdict.RESOLVED
    if not voted or is_long or not any(letter.isalpha() for letter in text):  # figures and emoji: the rules know them
        return by_rules
    chosen = choose_clauses(voted)
    features = find_features(text, chosen, by_rules)
    likelihoods = load_classifier().predict(features)
    verdict = _decide(likelihoods, by_rules.verdict)
    if verdict is not by_rules.verdict and _is_doubtful(voted, verdict, likelihoods, asked=asked):
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


def _is_doubtful(
    voted: Sequence[VotedClause], verdict: AnswerVerdict, likelihoods: Likelihoods, *, asked: bool
) -> bool:
    """Tells whether the classifier must not overrule the rules.

    That is: a yes without a question; a request to close that the rules reject (anger, a condition) without a
    statement; and both option words in one answer, unless the likelihood is very high.
    """
    if verdict is AnswerVerdict.RESOLVED and not asked:
        return True
    if verdict is AnswerVerdict.RESOLVED and _has(voted, Category.CLOSE) and not _has(voted, _STATES):
        return True
    return says_both(voted) and max(likelihoods) < _SURE


def _has(voted: Sequence[VotedClause], categories: int) -> bool:
    return any(one.clause.has(categories) for one in voted)


def _decide(likelihoods: Likelihoods, by_rules: AnswerVerdict) -> AnswerVerdict:
    chance = {verdict: sum(likelihoods[one.value] for one in outcomes) for verdict, outcomes in _OUTCOMES.items()}
    likeliest = max(chance, key=chance.__getitem__)
    if likeliest is not AnswerVerdict.RESOLVED:
        return likeliest
    needed = _AGREED if by_rules is AnswerVerdict.RESOLVED else _ALONE
    return AnswerVerdict.RESOLVED if chance[likeliest] > needed else AnswerVerdict.UNCLEAR
