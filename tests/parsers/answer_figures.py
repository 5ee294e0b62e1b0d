"""How many answers of the corpus are read rightly: `python -m tests.parsers.answer_figures [LL …]`.

Prints a table per language and half; with languages named, also every line of them that is read wrongly.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mailgate.parsers.answers.answer import Answer, Verdict, read_answer

TUNED = Path(__file__).parents[1] / "corpus" / "answers"
HELD_OUT = TUNED / "held-out"


@dataclass(frozen=True, slots=True)
class Line:
    """A labelled answer and how it is read."""

    label: str
    flag: str
    text: str
    answer: Answer

    @property
    def right(self) -> bool:
        """Whether verdict and flags are as labelled. An "ok" may be taken for courtesy or not."""
        if self.flag == "thanks_only" and not self.answer.thanks_only:
            return False
        return (self.answer.verdict, self.answer.new_problem) == (self.label, self.flag == "new_problem")

    @property
    def falsely_resolved(self) -> bool:
        """Whether the ticket would be closed wrongly: the worst error."""
        return self.answer.verdict is Verdict.RESOLVED and self.label != "resolved"


def find_languages(folder: Path) -> list[str]:
    """The languages that a folder has lines of: `LL.tsv`, `LL-….tsv`."""
    return sorted({path.stem.partition("-")[0] for path in folder.glob("*.tsv")})


def read_lines(folder: Path, language: str) -> list[Line]:
    """Every line of a language in a folder."""
    files = [*sorted(folder.glob(f"{language}.tsv")), *sorted(folder.glob(f"{language}-*.tsv"))]
    return [line for path in files for line in _read_file(path)]


def _read_file(path: Path) -> Iterator[Line]:
    for row in path.read_text("utf-8").splitlines():
        if row.strip() and not row.startswith("#"):
            label, flag, text = row.split("\t")
            text = text.replace("\\n", "\n")
            yield Line(label, flag, text, read_answer(text))


def main(chosen: list[str]) -> None:
    """Print the figures."""
    print(f"{'language':10}{'half':10}{'lines':>7}{'right':>9}{'falsely resolved':>19}")
    for folder, half in ((TUNED, "tuned"), (HELD_OUT, "held out")):
        for language in find_languages(folder):
            lines = read_lines(folder, language)
            right, false = sum(line.right for line in lines), sum(line.falsely_resolved for line in lines)
            print(f"{language:10}{half:10}{len(lines):7}{right / len(lines):9.1%}{false:19}")
    for language in chosen:
        for line in read_lines(TUNED, language):
            if not line.right:
                print(f"\n{language}: {line.label} {line.flag}, read {line.answer}\n{line.text}")


if __name__ == "__main__":
    main(sys.argv[1:])
