"""Combines the votes of a text's clauses into one answer, by the rules.

Courtesy alone, and option words left side by side, decide nothing. Returns the deciding words, too. Pure, never raises.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from mailgate.parsers.replies.categories import Category
from mailgate.parsers.replies.clause_vote import Vote, VotedClause
from mailgate.parsers.replies.clauses import Clause
from mailgate.parsers.replies.lexicon import Lexicon
from mailgate.parsers.replies.sequence import AnswerVerdict, ClauseSequence
from mailgate.parsers.replies.spelling import WORD, has_kana, is_unspaced

_LONGEST_PHRASE = 200
_OPENED = {'"': '"', "»": "«", "”": "“", "“": "„", "›": "‹", "’": "‘", ")": "(", "]": "["}
_CLOSING = re.compile(rf"[.!?]?[ \xa0\u202f]?([{re.escape(''.join(_OPENED))}])")
_LONGEST_NAME = 4
_NAMES = frozenset({"jo"})  # more often a name than a yes, below thanks
_DENIALS = Category.NO | Category.NOT
_BARE = Category.YES | Category.NO
_HEALTH = Category.OPTION_YES | Category.FIXED | Category.CURED | Category.WORKS
_OPTIONS = Category.OPTION_YES | Category.OPTION_NO


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict and the words that decided it, verbatim ("" if none did).

    `new_problem`: beside the yes an unrelated problem is reported. `thanks_only`: courtesy and nothing else.
    `explicit`: the rules heard a statement that it is solved or works, no bare yes and no mere wish to close.
    """

    verdict: AnswerVerdict
    phrase: str
    new_problem: bool = False
    thanks_only: bool = False
    explicit: bool = False


def score_votes(text: str, voted: Sequence[VotedClause], *, asked: bool = True) -> Answer:
    """The answer that the votes of a text's clauses give; where nobody `asked`, a bare yes is none."""
    if not voted:
        return Answer(AnswerVerdict.UNCLEAR, "")
    if _is_name(text, voted):
        voted = voted[:-1]
    if all(one.vote is Vote.COURTESY for one in voted):
        return Answer(AnswerVerdict.UNCLEAR, find_phrase(text, voted[0]), thanks_only=True)
    categories = _all_categories(voted)
    if categories & Category.STRANGER:
        stranger = next((one for one in voted if one.vote is Vote.STRANGE), voted[0])
        return Answer(AnswerVerdict.UNCLEAR, find_phrase(text, stranger))
    if says_both(voted):
        return Answer(AnswerVerdict.UNCLEAR, find_phrase(text, voted[0]))
    sequence = ClauseSequence()
    for one in voted:
        sequence.add(one)
    verdict, standing = sequence.verdict, sequence.standing
    phrase = find_phrase(text, standing) if standing else ""
    if not asked and standing is not None and standing.vote is Vote.AGREED:
        verdict = AnswerVerdict.UNCLEAR
    resolved = verdict is AnswerVerdict.RESOLVED
    explicit = resolved and standing is not None and standing.vote is Vote.SURE and not standing.closing
    return Answer(verdict, phrase, new_problem=sequence.new_problem and resolved, explicit=explicit)


def without_signer(text: str, voted: Sequence[VotedClause]) -> Sequence[VotedClause]:
    """Drops a name at the end that is a yes in some language: "niet opgelost!", signed "Jo"."""
    if len(voted) < 2 or voted[-1].vote is not Vote.AGREED:
        return voted
    above, last = voted[-2].clause, voted[-1].clause
    word = text[last.start : last.end].strip()
    is_name = word.isalpha() and word.istitle() and len(word) <= _LONGEST_NAME
    if not is_name or "\n" not in text[above.end : last.start + 1]:
        return voted
    if voted[-2].vote is Vote.COURTESY:
        return voted[:-1] if word.casefold() in _NAMES else voted
    return voted[:-1] if score_votes(text, voted[:-1]).verdict is AnswerVerdict.NOT_FIXED else voted


def says_both(voted: Sequence[VotedClause]) -> bool:
    """Tells whether both option words, or a bare yes and a bare no, stand side by side."""
    categories = _all_categories(voted)
    both = categories & _OPTIONS == _OPTIONS and _both_options(voted)
    return both or (categories & _BARE == _BARE and _yes_and_no(voted))


def _all_categories(voted: Sequence[VotedClause]) -> int:
    categories = 0
    for one in voted:
        categories |= one.clause.categories
    return categories


def _is_name(text: str, voted: Sequence[VotedClause]) -> bool:
    """Tells whether the text ends in a courtesy and a name below it."""
    if len(voted) < 2 or voted[-2].vote is not Vote.COURTESY or voted[-1].vote is not Vote.UNKNOWN:
        return False
    clause = voted[-1].clause
    words = WORD.findall(text, clause.start, clause.end)
    return len(words) <= 3 and not clause.marks and all(word[0].isupper() or _is_family_name(word) for word in words)


def _is_family_name(word: str) -> bool:
    """Tells whether a word may be a Chinese or Japanese family name: short, without kana."""
    return len(word) <= _LONGEST_NAME and is_unspaced(word) and not has_kana(word)


def _both_options(voted: Sequence[VotedClause]) -> bool:
    """Tells whether both option words were left standing side by side, as in the notice."""
    both = {Category.OPTION_YES, Category.OPTION_NO}
    categories = [_option(one.clause) for one in voted]
    beside = any({left, right} == both for left, right in pairwise(categories))
    return beside or any(_has_both(one.clause) for one in voted)


def _has_both(clause: Clause) -> bool:
    """Tells whether a clause has both option words; in "not yet resolved" the one denies the other."""
    denials = [mark.end for mark in clause.marks if mark.category == Category.OPTION_NO]
    yes = [mark.start for mark in clause.marks if mark.category == Category.OPTION_YES]
    denied = {end for end in denials if not _is_health(clause.lexicon, clause.words[end - 1])}
    return bool(denials) and any(start not in denied for start in yes)


def _is_health(lexicon: Lexicon, word: str) -> bool:
    """Tells whether a word alone says that something is solved or works."""
    return any(mark.category & _HEALTH for mark in lexicon.marks(lexicon.read([word])))


def _yes_and_no(voted: Sequence[VotedClause]) -> bool:
    """Tells whether a bare yes and a bare no are neighbours in one sentence: "и да, и нет"."""
    return any(
        left.clause.sentence == right.clause.sentence
        and {_bare(left.clause), _bare(right.clause)} == {Category.YES, Category.NO}
        for left, right in pairwise(voted)
    )


def _bare(clause: Clause) -> int:
    """YES or NO if the clause is nothing else but a word that joins; 0 if it is more."""
    if len(clause.words) > 2 or clause.unmarked > 1:
        return 0
    if clause.categories == Category.YES:
        return Category.YES
    return Category.NO if clause.has(Category.NO) and not clause.categories & ~_DENIALS else 0


def _option(clause: Clause) -> int | None:
    """The option that a clause is, if it is nothing else."""
    for mark in () if clause.has(Category.RETRACTION) else clause.marks:
        if mark.category & _OPTIONS and mark.end - mark.start == len(clause.words):
            return mark.category
    return None


def find_phrase(text: str, one: VotedClause) -> str:
    """The words of a clause, verbatim, with the quotation marks and brackets that close behind them."""
    places = [found.span() for found in WORD.finditer(text, one.clause.start, one.clause.end)]
    start, end = places[0][0], places[-1][1]
    while (found := _CLOSING.match(text, end)) and _OPENED[found[1]] in text[start:end]:
        end = found.end()
    return text[start:end][:_LONGEST_PHRASE]
