"""How many answers of the corpus are read rightly: `python -m tests.support.answer_figures [LL … | FOLDER]`.

Prints a table per language: the lines that the words were tuned on, the families of lines, those that the weights were
learnt from, and those that nobody looked at. With languages named, also every tuned or learnt line of them that is read
wrongly. A folder of `LL.tsv` is scored alone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from mailgate.parsers.replies.answer import Answer, AnswerVerdict, find_answer_features, read_answer
from mailgate.parsers.replies.classifier import load_classifier
from tests.support.paths import CORPUS

TUNED = CORPUS / "answers"
FAMILIES = TUNED / "families"
LEARNED = TUNED / "learned"
HELD_OUT = TUNED / "held-out"


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled answer as it stands in a file."""

    label: str
    flag: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A labelled answer and how it is read."""

    label: str
    flag: str
    text: str
    answer: Answer

    @property
    def right(self) -> bool:
        """True if verdict and flags are as labelled. An "ok" may be taken for courtesy or not."""
        if self.flag == "thanks_only" and not self.answer.thanks_only:
            return False
        return (self.answer.verdict, self.answer.new_problem) == (self.label, self.flag == "new_problem")

    @property
    def falsely_resolved(self) -> bool:
        """True if the ticket would be closed wrongly: the worst error."""
        return self.answer.verdict is AnswerVerdict.RESOLVED and self.label != "resolved"


def find_languages(folder: Path) -> list[str]:
    """The languages that a folder has lines of: `LL.tsv`, `LL-….tsv`."""
    return sorted({path.stem.partition("-")[0] for path in folder.glob("*.tsv")})


def read_lines(folder: Path, language: str, every: int = 1) -> list[Line]:
    """The lines of a language in a folder, or one of so many, and how each is read."""
    rows = islice(read_rows(folder, language), 0, None, every)
    return [Line(row.label, row.flag, row.text, read_answer(row.text)) for row in rows]


def read_rows(folder: Path, language: str) -> list[Row]:
    """Every line of a language in a folder."""
    files = [*sorted(folder.glob(f"{language}.tsv")), *sorted(folder.glob(f"{language}-*.tsv"))]
    return [row for path in files for row in _read_file(path)]


def _read_file(path: Path) -> Iterator[Row]:
    for line in path.read_text("utf-8").split("\n"):
        if line.strip() and not line.startswith("#"):
            label, flag, text = line.split("\t")
            yield Row(label, flag, text.replace("\\n", "\n"))


def find_likeliest(text: str) -> str:
    """The verdict that the classifier finds likeliest, whatever the rules hear."""
    likelihoods = load_classifier().predict([find_answer_features(text)])
    yes, unclear = likelihoods.resolved + likelihoods.new_problem, likelihoods.unclear + likelihoods.thanks_only
    return max((yes, "resolved"), (likelihoods.not_fixed, "not_fixed"), (unclear, "unclear"))[1]


def main(chosen: list[str]) -> None:
    """Print the figures."""
    print(f"{'language':10}{'lines':10}{'number':>7}{'right':>9}{'falsely resolved':>19}{'clear right':>14}")
    folders: tuple[tuple[Path, str], ...] = (
        (TUNED, "tuned"),
        (FAMILIES, "families"),
        (LEARNED, "learnt"),
        (HELD_OUT, "held out"),
    )
    if chosen and "/" in chosen[0]:
        folders, chosen = ((Path(chosen[0]), "given"),), []
    for folder, name in folders:
        whole: list[Line] = []
        for language in find_languages(folder):
            lines = read_lines(folder, language)
            _print_row(language, name, lines)
            whole += lines
        _print_row("all", name, whole)
    for language in chosen:
        for line in (*read_lines(TUNED, language), *read_lines(LEARNED, language)):
            if not line.right:
                print(f"\n{language}: {line.label} {line.flag}, read {line.answer}\n{line.text}")


def _print_row(language: str, name: str, lines: list[Line]) -> None:
    right, false = sum(line.right for line in lines), sum(line.falsely_resolved for line in lines)
    clear = [line.answer.verdict == line.label for line in lines if line.label != "unclear"]
    share = sum(clear) / max(1, len(clear))
    print(f"{language:10}{name:10}{len(lines):7}{right / len(lines):9.1%}{false:19}{share:14.1%}")


if __name__ == "__main__":
    main(sys.argv[1:])
