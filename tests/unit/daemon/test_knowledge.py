"""The folder of articles and the knowledge base: in step whatever lies there, and nothing written without need."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mailgate.__main__ import main
from mailgate.daemon.periodic import PeriodicJob
from mailgate.daemon.workers.knowledge import KnowledgeWorker
from mailgate.store.article_search import search
from mailgate.store.knowledge import get_article
from mailgate.store.queries.listings import count_states
from mailgate.store.schema import articles
from mailgate.tickets.knowledge.articles import MOST_BYTES
from tests.support.desk import CONFIG, TestDesk

EVERY = PeriodicJob.ARTICLES.every
LATER = EVERY + timedelta(seconds=1)


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    found = TestDesk(tmp_path, database=database_url, config=f'{CONFIG}\n[knowledge]\narticles = "articles"\n')
    yield found
    found.close()


@pytest.fixture
def folder(desk: TestDesk) -> Path:
    return desk.folder / "articles"


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _look(desk: TestDesk) -> int:
    """The next look: how many articles it changed."""
    desk.clock.set(desk.clock.now() + LATER)
    return desk.shelf.step()


def _found(desk: TestDesk, words: str) -> list[tuple[int, str]]:
    with desk.desk.database.read() as connection:
        return [(one.number, one.source) for one in search(connection, words)]


def test_files_come_change_go_and_come_back(desk: TestDesk, folder: Path) -> None:
    paper = _write(folder / "printing" / "paper.md", "# Paper jam\n\nOpen the lid.")
    _write(folder / "toner.MD", "# Toner\n\nShake it.")
    _write(folder / "picture.png", "no article")
    _write(folder / ".draft.md", "# Draft\n\nDraft")
    assert _look(desk) == 2
    assert _found(desk, "paper lid") == [(2, "printing/paper.md")]
    assert _look(desk) == 0
    _write(paper, "# Paper jam\n\nOpen the flap.")
    assert _look(desk) == 1
    assert (_found(desk, "lid"), _found(desk, "flap")) == ([], [(2, "printing/paper.md")])
    paper.unlink()
    assert _look(desk) == 1
    assert _found(desk, "paper") == []
    _write(paper, "# Paper jam\n\nOpen the flap.")
    assert (_look(desk), _found(desk, "paper")) == (1, [(2, "printing/paper.md")])


def test_nothing_is_written_where_nothing_is_new(desk: TestDesk, folder: Path) -> None:
    path = _write(folder / "one.md", "# One\n\nText one")
    assert _look(desk) == 1
    writes: list[object] = []
    write = desk.desk.database.write
    desk.desk.database.write = lambda **how: writes.append(how) or write(**how)  # type: ignore[method-assign,func-returns-value]
    os.utime(path, (1, 1))  # touched, and the same
    assert [_look(desk) for _ in range(3)] == [0, 0, 0]
    other = KnowledgeWorker(desk.desk)  # the desk starts again
    assert (other.step(), writes) == (0, [])


def test_it_looks_about_every_minute(desk: TestDesk, folder: Path) -> None:
    desk.shelf.step()
    _write(folder / "one.md", "# One\n\nText one")
    desk.clock.set(desk.clock.now() + EVERY / 2)
    assert desk.shelf.step() == 0
    desk.clock.set(desk.shelf.next_due() or desk.clock.now())
    assert desk.shelf.step() == 1


def test_no_file_stops_it(desk: TestDesk, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    _write(folder / "good.md", "# Good\n\nGood text")
    (folder / "latin.md").write_bytes("# Café\n\nnoir".encode("latin-1"))
    (folder / "huge.md").write_bytes(b"x " * MOST_BYTES)
    (folder / "empty.md").write_bytes(b"")
    (folder / "loop.md").symlink_to("loop.md")
    (folder / "nothing.md").symlink_to("not there")
    (folder / "around").symlink_to(folder)
    (folder / "folder.md").mkdir()
    os.mkfifo(folder / "pipe.md")
    (folder / os.fsdecode(b"odd\xff.md")).write_bytes(b"# Odd\n\nOdd")
    assert _look(desk) == 1
    assert _found(desk, "good") == [(1, "good.md")]
    said = [record.getMessage() for record in caplog.records]
    wanted = {
        "latin.md": "line 1 is not UTF-8", "huge.md": "larger than", "empty.md": "it is empty", "loop.md": "symbolic",
        "nothing.md": "broken link", "pipe.md": "not a file", "odd\\\\xff.md": "name is not UTF-8",
    }  # fmt: skip
    for name, words in wanted.items():
        assert [line for line in said if f"{name}: " in line and words in line], (name, said)
    caplog.clear()
    assert (_look(desk), caplog.records) == (0, [])  # said once


def test_what_was_read_before_stays(desk: TestDesk, folder: Path) -> None:
    """A file that breaks, or a folder that is away, takes nothing back."""
    path = _write(folder / "one.md", "# One\n\nText one")
    assert _look(desk) == 1
    path.write_bytes(b"\xff")
    assert (_look(desk), _found(desk, "text")) == (0, [(1, "one.md")])
    folder.rename(desk.folder / "elsewhere")
    assert (_look(desk), _found(desk, "text")) == (0, [(1, "one.md")])
    (desk.folder / "elsewhere").rename(folder)
    _write(path, "# One\n\nText two")
    assert (_look(desk), _found(desk, "two")) == (1, [(1, "one.md")])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read(desk: TestDesk, folder: Path) -> None:
    path = _write(folder / "inside" / "one.md", "# One\n\nText one")
    assert _look(desk) == 1
    path.parent.chmod(0)
    assert (_look(desk), _found(desk, "text")) == (0, [(1, "inside/one.md")])
    path.parent.chmod(0o755)


def test_without_a_folder_its_articles_are_gone(desk: TestDesk, folder: Path) -> None:
    _write(folder / "one.md", "# One\n\nText one")
    assert _look(desk) == 1
    settings = desk.settings.model_copy(
        update={"knowledge": desk.settings.knowledge.model_copy(update={"articles": None})}
    )
    shelf = KnowledgeWorker(replace(desk.desk, settings=settings))
    assert (shelf.step(), shelf.next_due(), _found(desk, "text")) == (1, None, [])
    with desk.desk.database.read() as connection:
        assert (count_states(connection, articles, "kind"), get_article(connection, 1)) == ({"gone": 1}, None)


def test_check_tells_what_there_is(desk: TestDesk, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _write(folder / "one.md", "---\npublic: yes\n---\nText one")
    _write(folder / "two.md", "---\nqueue: nowhere\npublic: perhaps\n---\nText two")
    (folder / "three.md").write_bytes(b"\xff")
    assert main(["check", "--config", str(desk.folder / "mailgate.toml")], desk.clock) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "2 articles in " in said
    assert "1 of them public" in said
    assert "three.md: line 1 is not UTF-8 text" in said
    assert 'two.md: queue: there is no queue "nowhere"' in said
    assert 'two.md: public: "perhaps" is neither yes nor no' in said
