"""Reads whether a requester's reply says resolved, not fixed, or neither.

Finds the text that counts as the answer, the verdict and the words that decided it (docs/process.md S8, S11). Closing
wrongly is the worst error, so doubt is unclear. `clauses` splits the text, `clause_vote` judges each clause, `sequence`
combines them in order; the phrases are in `languages/answers/*.toml`, read at the first answer. Pure, never raises on
mail, linear in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from functools import lru_cache

from mailgate.parsers.quoting.business_cards import is_own_name
from mailgate.parsers.quoting.quote_lines import is_quoted
from mailgate.parsers.quoting.strip import cut_closing, cut_quotes, cut_signature
from mailgate.parsers.replies.categories import Category
from mailgate.parsers.replies.clause_vote import vote_on_clauses
from mailgate.parsers.replies.clauses import Clause, read_clauses
from mailgate.parsers.replies.combine import combine_verdicts
from mailgate.parsers.replies.features import choose_clauses, find_features
from mailgate.parsers.replies.languages import find_denials, part_options
from mailgate.parsers.replies.score import Answer, score_votes, without_signer
from mailgate.parsers.replies.sequence import AnswerVerdict
from mailgate.parsers.replies.spelling import fold_word
from mailgate.parsers.replies.subject import find_written_subject

__all__ = ["MOST_CHARACTERS", "MOST_CLAUSES", "Answer", "AnswerVerdict", "drop_name", "find_written", "read_answer"]

MOST_CHARACTERS = 4_000
MOST_CLAUSES = 100
_THUMB_DOWN = "👎"
_OPTIONS = Category.OPTION_YES | Category.OPTION_NO | Category.YES | Category.NO
_FOREIGN_SHARE = 0.6
_FEW_WORDS = 4
_LONGEST_NAME = 4  # words
_LONGEST_PARTICLE = 3  # letters of a word of a name without a capital
_NAME = re.compile(r"[^\W\d_]\.|[^\W\d_][^\W\d_'’-]*(?:['’-][^\W\d_]+)*")
_AROUND_NAME = " \t\xa0.,-–—~*_/"
_STATES = (
    Category.FIXED
    | Category.WORKS
    | Category.CURED
    | Category.OPTION_YES
    | Category.CLOSE
    | Category.ACTS
    | Category.GONE
)
# words that deny in languages not understood here: a text with one of them is never a yes
_FOREIGN_WORDS = """
nicht nichts kein keine keinen nein nie noch aber niemals niet geen nog maar nooit nee nao nem nunca ainda mas sin pero
tampoco ningun ninguna todavia aun sigue non ma ancora niente nessun nessuna purtroppo ne nu nej inte ikke ei ej
"""
_FOREIGN_NO = frozenset(_FOREIGN_WORDS.split())


def read_answer(
    text: str,
    subject: str = "",
    *,
    asked: bool = True,
    others: Sequence[str] = (),
    names: Collection[str] = (),
) -> Answer:
    """Reads the answer of a reply, without its quotes, signature and footers.

    `asked` says that its writer was asked whether the problem is solved; without the question a bare yes is none.
    `names` are what its writer may sign with, folded (`quoting.names_of`); a name below the answer says nothing.

    The subject counts only if nothing was written, without the words of others there: the desk's notices, and
    `others` (the subject of the ticket). Without `others` a reply's subject may be that of an older mail: then only an
    option word, a bare yes or no, and words behind a reference count. At most 4,000 characters and 100 clauses are
    read; a yes with unread text behind it is unclear.
    """
    new, written = find_written(text)
    if written:
        return _read_text(drop_name(written, names), asked=asked)
    answer = _read_subject(subject[:MOST_CHARACTERS], others, asked=asked)
    if answer.phrase:
        return answer
    # "Cheers" alone closes a letter and thanks in one
    closing = _read_text(_without_quotes(cut_signature(new)), asked=asked)
    return closing if closing.thanks_only else answer


def find_answer_features(text: str) -> set[int]:
    """Computes the features of a reply for the classifier's training."""
    new, written = find_written(text)
    read, clauses, _ = _part(written or new)
    voted = without_signer(read, vote_on_clauses(read, clauses))
    return set().union(*find_features(read, choose_clauses(voted), score_votes(read, voted)))


@lru_cache(maxsize=1)  # a reply is read as an answer, and as a single word
def find_written(text: str) -> tuple[str, str]:
    """A reply without its quotes, and the same without its closing: the words of its author."""
    new = cut_quotes(_with_plain_breaks(text), is_answer=True)
    return new, _without_quotes(cut_closing(new))


def drop_name(written: str, names: Collection[str]) -> str:
    """Drops the name below an answer: the writer's own, or words in capitals that the language above does not know."""
    lines = written.split("\n")
    while len(lines) > 1 and not lines[-1].strip():
        lines.pop()
    above = "\n".join(lines[:-1])
    return above if above.strip() and _is_name(lines[-1], above, names) else written


def _is_name(line: str, above: str, names: Collection[str]) -> bool:
    if is_own_name(line, names):
        return True
    words = line.strip(_AROUND_NAME).split()
    if not 0 < len(words) <= _LONGEST_NAME or not all(map(_NAME.fullmatch, words)):
        return False
    small = [at for at, word in enumerate(words) if not word[0].isupper()]  # "Jan de Vries"
    if any(len(words[at]) > _LONGEST_PARTICLE or at in (0, len(words) - 1) for at in small):
        return False
    if _is_option(line):
        return False
    clauses, _ = read_clauses(above[:MOST_CHARACTERS], 1)
    lexicon = clauses[0].lexicon if clauses else None
    entries = lexicon.read(words) if lexicon else []
    return lexicon is not None and not all(entry[1] for entry in entries) and not lexicon.marks(entries)


def _with_plain_breaks(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _without_quotes(text: str) -> str:
    """The text without the quoted lines that stayed because an answer follows them."""
    if ">" not in text:
        return text.strip()
    return "\n".join("" if is_quoted(line) else line for line in text.split("\n")).strip()


def _read_subject(subject: str, others: Sequence[str], *, asked: bool) -> Answer:
    written = find_written_subject(subject, [one[:MOST_CHARACTERS] for one in others])
    nothing = Answer(AnswerVerdict.UNCLEAR, "")
    if not written.words:
        return nothing
    answer = _read_text(written.words, asked=asked)
    own = others or written.removed or written.referenced or not written.replied or _is_option(written.words)
    if own or (written.tagged and answer.explicit):
        return answer
    return nothing


def _is_option(text: str) -> bool:
    """Tells whether the text is only one of the words that the notice offers, or a bare yes or no."""
    clauses, _ = read_clauses(text, 2)
    return len(clauses) == 1 and any(
        mark.category & _OPTIONS and mark.end - mark.start == len(clauses[0].words) for mark in clauses[0].marks
    )


def _read_text(text: str, *, asked: bool) -> Answer:
    read, clauses, complete = _part(text)
    if _THUMB_DOWN in read:
        return Answer(AnswerVerdict.NOT_FIXED, _THUMB_DOWN)
    answer = combine_verdicts(read, without_signer(read, vote_on_clauses(read, clauses)), asked=asked)
    if answer.thanks_only and _is_foreign(read, clauses):
        return Answer(AnswerVerdict.UNCLEAR, answer.phrase)
    if answer.verdict is AnswerVerdict.RESOLVED and (not complete or _is_foreign(read, clauses)):
        return Answer(AnswerVerdict.UNCLEAR, answer.phrase)
    return answer


def _part(text: str) -> tuple[str, list[Clause], bool]:
    """The part of a text that is read, its clauses, and whether that is all of it."""
    read = part_options(text[:MOST_CHARACTERS])
    if not unicodedata.is_normalized("NFC", read):
        read = unicodedata.normalize("NFC", read)
    clauses, complete = read_clauses(read, MOST_CLAUSES)
    return read, clauses, complete and len(text) <= MOST_CHARACTERS


def _is_foreign(text: str, clauses: Sequence[Clause]) -> bool:
    """Tells whether words of an unknown language may deny the rest."""
    strange = [word for clause in clauses for word in clause.strange]
    count = sum(len(clause.words) for clause in clauses)
    if len(strange) > _FOREIGN_SHARE * count:
        return True
    few = count <= _FEW_WORDS and not any(clause.has(_STATES) for clause in clauses)
    if few and any(word in text for word in strange):
        return True  # a word that is no name beside a bare "perfect"
    return any(word in _FOREIGN_NO or word in find_denials() for word in map(fold_word, strange))
