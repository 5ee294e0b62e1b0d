"""What a requester's reply says about the problem: resolved, not fixed, or unclear.

Answers for: which words of a mail are read as the answer, and for the verdict and the words that decided (process,
"What a requester may write", S8 and S11). Closing wrongly is the worst error, so doubt is unclear. Pure, never
raises on mail, linear in the text. `clauses` parts the text, `votes` judges each clause, `hearing` sets them against
each other; what the words mean stands in `languages/answers/*.toml`, read when the first answer is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from mailgate.parsers.quoting.quote_lines import is_quoted
from mailgate.parsers.quoting.strip import cut_closing, cut_quotes, cut_signature
from mailgate.parsers.replies.categories import Sign
from mailgate.parsers.replies.clause_vote import judge
from mailgate.parsers.replies.clauses import Clause, read_clauses
from mailgate.parsers.replies.combine import settle
from mailgate.parsers.replies.features import choose_clauses, find_features
from mailgate.parsers.replies.languages import find_denials
from mailgate.parsers.replies.score import Answer, weigh, without_signer
from mailgate.parsers.replies.sequence import AnswerVerdict
from mailgate.parsers.replies.spelling import fold_word

__all__ = ["MOST_CHARACTERS", "MOST_CLAUSES", "Answer", "AnswerVerdict", "find_written", "read_answer"]

MOST_CHARACTERS = 4_000
MOST_CLAUSES = 100
_PREFIX = re.compile(
    r"\s*(?:(?:re|fwd?|aw|wg|tr|rv|sv|vs|antw|ref|rif|res|enc|rép|rep)\s*(?:\[\d+\])?\s*[:：]|\[[^\]]{1,80}\])\s*",
    re.IGNORECASE,
)
_THUMB_DOWN = "👎"
_OPTIONS = Sign.OPTION_YES | Sign.OPTION_NO | Sign.YES | Sign.NO
_FOREIGN_SHARE = 0.6
_FEW_WORDS = 4
_STATES = Sign.FIXED | Sign.WORKS | Sign.CURED | Sign.OPTION_YES | Sign.CLOSE | Sign.ACTS | Sign.GONE
# words that deny in languages not understood here: a text with one of them is never a yes
_FOREIGN_WORDS = """
nicht nichts kein keine keinen nein nie noch aber niemals niet geen nog maar nooit nee nao nem nunca ainda mas sin pero
tampoco ningun ninguna todavia aun sigue non ma ancora niente nessun nessuna purtroppo ne nu nej inte ikke ei ej
"""
_FOREIGN_NO = frozenset(_FOREIGN_WORDS.split())


def read_answer(text: str, subject: str = "", *, asked: bool = True) -> Answer:
    """The answer in a reply, read without its quotes, signature and footers. `asked` says that its writer was asked
    whether the problem is solved: who was not means no yes by "I have it now".

    The subject counts only where nothing was written: after a reply prefix only an option word (or a bare yes or no)
    does, since the rest is the words of an older mail. At most 4,000 characters and 100 clauses are read; a yes
    with unread text behind it is unclear.
    """
    new, written = find_written(text)
    if written:
        return _read_text(written, asked=asked)
    answer = _read_subject(subject[:MOST_CHARACTERS], asked=asked)
    if answer.phrase:
        return answer
    # "Cheers" alone closes a letter and thanks in one
    closing = _read_text(_without_quotes(cut_signature(new)), asked=asked)
    return closing if closing.thanks_only else answer


def find_answer_features(text: str) -> set[int]:
    """What an answer looks like to `experience`, for those who learn."""
    new, written = find_written(text)
    read, clauses, _ = _part(written or new)
    said = without_signer(read, [judge(clause) for clause in clauses])
    return set().union(*find_features(read, choose_clauses(said), weigh(read, said)))


def find_written(text: str) -> tuple[str, str]:
    """A reply without its quotes, and without its closing as well: what its writer said."""
    new = cut_quotes(_with_plain_breaks(text), is_answer=True)
    return new, _without_quotes(cut_closing(new))


def _with_plain_breaks(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _without_quotes(text: str) -> str:
    """The text without the quoted lines that stayed because something answers them below."""
    if ">" not in text:
        return text.strip()
    return "\n".join("" if is_quoted(line) else line for line in text.split("\n")).strip()


def _read_subject(subject: str, *, asked: bool) -> Answer:
    bare, prefixed = subject, False
    while found := _PREFIX.match(bare):
        prefixed = prefixed or found[0].strip()[:1] != "["
        bare = bare[found.end() :]
    bare = re.sub(r"\s*\[[^\]]{1,80}\]\s*$", "", bare).strip()
    if not bare or (prefixed and not _is_option(bare)):
        return Answer(AnswerVerdict.UNCLEAR, "")
    return _read_text(bare, asked=asked)


def _is_option(text: str) -> bool:
    """Whether the text is no more than one of the words that the notice offers, or a bare yes or no."""
    clauses, _ = read_clauses(text, 2)
    return len(clauses) == 1 and any(
        mark.sign & _OPTIONS and mark.end - mark.start == len(clauses[0].words) for mark in clauses[0].marks
    )


def _read_text(text: str, *, asked: bool) -> Answer:
    read, clauses, complete = _part(text)
    if _THUMB_DOWN in read:
        return Answer(AnswerVerdict.NOT_FIXED, _THUMB_DOWN)
    answer = settle(read, without_signer(read, [judge(clause) for clause in clauses]), asked=asked)
    if answer.thanks_only and _is_foreign(read, clauses):
        return Answer(AnswerVerdict.UNCLEAR, answer.phrase)
    if answer.verdict is AnswerVerdict.RESOLVED and (not complete or _is_foreign(read, clauses)):
        return Answer(AnswerVerdict.UNCLEAR, answer.phrase)
    return answer


def _part(text: str) -> tuple[str, list[Clause], bool]:
    """As much of a text as is read, its clauses, and whether that is all of it."""
    read = text[:MOST_CHARACTERS]
    if not unicodedata.is_normalized("NFC", read):
        read = unicodedata.normalize("NFC", read)
    clauses, complete = read_clauses(read, MOST_CLAUSES)
    return read, clauses, complete and len(text) <= MOST_CHARACTERS


def _is_foreign(text: str, clauses: Sequence[Clause]) -> bool:
    """Whether a language that is not understood may deny what was understood."""
    strange = [word for clause in clauses for word in clause.strange]
    count = sum(len(clause.words) for clause in clauses)
    if len(strange) > _FOREIGN_SHARE * count:
        return True
    few = count <= _FEW_WORDS and not any(clause.has(_STATES) for clause in clauses)
    if few and any(word in text for word in strange):
        return True  # a word that is no name beside a bare "perfect"
    return any(word in _FOREIGN_NO or word in find_denials() for word in map(fold_word, strange))
