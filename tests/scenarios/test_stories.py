"""Whole tickets, told so that a support agent can read them: every `*.story` in the folders beside this file.

The first line of a story is its title: one sentence that says who does what and what follows. It is the test's id, so
that `pytest --collect-only -q tests/scenarios/test_stories.py` prints a table of contents.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.support.story_runner import StoryRunner

STORIES = sorted(Path(__file__).parent.glob("*/*.story"))
TITLE_LENGTH = 130


def title_of(path: Path) -> str:
    """The folder of a story and its first line."""
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    return f"{path.parent.name}: {first.removeprefix('# ')}"


@pytest.mark.parametrize("path", STORIES, ids=title_of)
def test_story(path: Path, tmp_path: Path, database_url: str) -> None:
    runner = StoryRunner(tmp_path, path.read_text(encoding="utf-8"), database_url)
    try:
        runner.run()
    finally:
        runner.desk.close()


def test_titles_are_sentences_and_unique() -> None:
    firsts = [path.read_text(encoding="utf-8").partition("\n")[0] for path in STORIES]
    assert [title for title in firsts if not _is_title(title)] == []
    assert [title for title, count in Counter(firsts).items() if count > 1] == []


def _is_title(line: str) -> bool:
    return line.startswith("# ") and line.isascii() and line.endswith(".") and len(line) <= TITLE_LENGTH
