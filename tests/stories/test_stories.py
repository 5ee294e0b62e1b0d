"""Whole tickets, told so that a support agent can read them: every `*.story` beside this file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.teller import Teller

STORIES = sorted(Path(__file__).parent.glob("*.story"))


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_story(path: Path, tmp_path: Path, database_url: str) -> None:
    teller = Teller(tmp_path, path.read_text(encoding="utf-8"), database_url)
    try:
        teller.tell()
    finally:
        teller.desk.close()
