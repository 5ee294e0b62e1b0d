"""The answer of the rules beside what was learnt from labelled answers: which of the two stands.

Answers for how sure either must be. The rules know the sense of some words and no more; what was learnt has seen many
ways to say a thing, each in a few sentences. Of a long text it is only asked to second a yes, which must be the surest.
Pure, never raises.
"""

from __future__ import annotations

from collections.abc import Sequence

from mailgate.parsers.replies.categories import Sign
from mailgate.parsers.replies.classifier import Likelihoods, Outcome, load_experience
from mailgate.parsers.replies.clause_vote import Vote, VotedClause
from mailgate.parsers.replies.features import FEW, choose_clauses, find_features
from mailgate.parsers.replies.score import Answer, find_phrase, says_both, weigh
from mailgate.parsers.replies.sequence import AnswerVerdict

_AGREED = 0.6  # the chance that a yes of the rules needs
_ALONE = 0.94  # the chance that a yes needs which the rules do not hear
_STATES = Sign.FIXED | Sign.WORKS | Sign.CURED | Sign.OPTION_YES | Sign.YES | Sign.FINE | Sign.ACTS | Sign.GONE
_SURE = 0.97  # the chance of an answer in which both option words stand
_OUTCOMES = {
    AnswerVerdict.RESOLVED: (Outcome.RESOLVED, Outcome.NEW_PROBLEM),
    AnswerVerdict.NOT_FIXED: (Outcome.NOT_FIXED,),
    AnswerVerdict.UNCLEAR: (Outcome.UNCLEAR, Outcome.THANKS_ONLY),
}


def settle(text: str, said: Sequence[VotedClause], *, asked: bool) -> Answer:
    """The answer of a text by the rules and by what was learnt; `said` are its clauses with their votes. What was
    learnt are answers to a question: to one who was not `asked` only the rules' yes is one."""
    ruled = weigh(text, said)
    is_long = len(said) > FEW and ruled.verdict is not AnswerVerdict.RESOLVED
    if not said or is_long or not any(letter.isalpha() for letter in text):  # figures and emoji: the rules know them
        return ruled
    chosen = choose_clauses(said)
    features = find_features(text, chosen, ruled)
    chances = load_experience().weigh(features)
    verdict = _decide(chances, ruled.verdict)
    if verdict is not ruled.verdict and _is_doubtful(said, verdict, chances, asked=asked):
        verdict = AnswerVerdict.UNCLEAR
    new_problem = verdict is AnswerVerdict.RESOLVED and chances.new_problem > chances.resolved
    thanks = ruled.thanks_only or chances.thanks_only == max(chances)
    thanks_only = thanks and verdict is AnswerVerdict.UNCLEAR
    phrase = ruled.phrase if verdict is ruled.verdict else find_phrase(text, _find_telling(chosen, features, verdict))
    return Answer(verdict, phrase, new_problem, thanks_only)


def _find_telling(said: Sequence[VotedClause], features: Sequence[set[int]], verdict: AnswerVerdict) -> VotedClause:
    """The clause that speaks most for a verdict; a courtesy only where there is nothing else."""
    pairs = list(zip(said, features, strict=False))  # behind those of the clauses stand the features of the whole
    pairs = [pair for pair in pairs if pair[0].vote is not Vote.COURTESY] or pairs
    return pairs[load_experience().find_strongest([group for _, group in pairs], _OUTCOMES[verdict])][0]


def _is_doubtful(said: Sequence[VotedClause], verdict: AnswerVerdict, chances: Likelihoods, *, asked: bool) -> bool:
    """Whether what was learnt must not overrule the rules: a yes to no question, a request to close which the rules do
    not take for one (in anger, on a condition) with no word on how things are, and both option words in one answer,
    unless it is clear which one counts."""
    if verdict is AnswerVerdict.RESOLVED and not asked:
        return True
    if verdict is AnswerVerdict.RESOLVED and _has(said, Sign.CLOSE) and not _has(said, _STATES):
        return True
    return says_both(said) and max(chances) < _SURE


def _has(said: Sequence[VotedClause], signs: int) -> bool:
    return any(one.clause.has(signs) for one in said)


def _decide(chances: Likelihoods, ruled: AnswerVerdict) -> AnswerVerdict:
    chance = {verdict: sum(chances[one.value] for one in outcomes) for verdict, outcomes in _OUTCOMES.items()}
    likeliest = max(chance, key=chance.__getitem__)
    if likeliest is not AnswerVerdict.RESOLVED:
        return likeliest
    needed = _AGREED if ruled is AnswerVerdict.RESOLVED else _ALONE
    return AnswerVerdict.RESOLVED if chance[likeliest] > needed else AnswerVerdict.UNCLEAR
