"""The folder of saved replies: what is read of it, what is wrong with it, and which reply a ticket gets."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mailgate.cli.checks.desk import CheckResult
from mailgate.cli.checks.knowledge import check_knowledge
from mailgate.config import read_config
from mailgate.parsers.saved_replies import SavedReply
from mailgate.tickets.knowledge.saved_replies import SavedReplies, choose_reply
from tests.support.desk import CONFIG


def write(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / f"{name.replace('_', '.')}.md").write_text(text)
    return folder


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    replies = SavedReplies(write(tmp_path, reset_en="Reset."), ["default"])
    assert [one.text for one in replies.status().replies] == ["Reset."]
    write(tmp_path, reset_en="It is reset.", visit_en="We come.")
    os.utime(tmp_path / "reset.en.md", ns=(1, 1))
    assert [one.text for one in replies.status().replies] == ["It is reset.", "We come."]
    (tmp_path / "reset.en.md").unlink()
    assert [one.text for one in replies.status().replies] == ["We come."]


def test_no_folder_and_one_that_is_gone_have_no_replies(tmp_path: Path) -> None:
    assert SavedReplies(None, []).status().replies == ()
    gone = SavedReplies(tmp_path / "gone", []).status()
    assert (gone.replies, bool(gone.error)) == ((), True)


def test_the_check_names_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a key that only the tests know\n")
    folder = tmp_path / "replies"
    (folder / "more").mkdir(parents=True)
    write(folder, good_en="Hello {name}.", bad_en="Hello {nickname}.", empty="# Title")
    write(folder, lost_en="---\nqueue: x\n---\nHi.", good_fr="Bonjour.", open_en="Hello {name.")
    write(folder / "more", good_en="Hello once more.")
    path = tmp_path / "mailgate.toml"
    path.write_text(f'{CONFIG}\n[knowledge]\nreplies = "replies"\n[store]\ndatabase = "sqlite:///{tmp_path}/desk.db"\n')
    found = list(check_knowledge(read_config(path)))
    assert (found[0].verdict, found[0].words) == (CheckResult.OK, f"2 saved replies in {folder}")
    words = "\n".join(finding.words for finding in found[1:])
    assert "bad.en.md: it is never sent: unknown field {nickname}; the fields are {address}, {agent}," in words
    assert "open.en.md: it is never sent: a { by itself, which no field can hold; the fields are" in words
    assert "empty.md: it has only a title and no text" in words
    assert 'lost.en.md: queue: there is no queue "x"' in words
    assert 'more/good.en.md: good.en.md has the reply "good" in the same language, and is used' in words
    assert len(found) == 6


@pytest.mark.parametrize(
    ("queue", "languages", "chosen"),
    [
        ("default", ("fr", "en"), "French"),
        ("default", ("pl", "en"), "English"),
        ("default", ("pl", "it"), "English"),  # any
        ("hr", ("en",), "English of HR"),
        ("hr", ("fr", "en"), "French"),
    ],
)
def test_the_requesters_language_and_the_tickets_queue_choose(
    queue: str, languages: tuple[str, ...], chosen: str
) -> None:
    replies = [
        SavedReply("reset", "English", "en"),
        SavedReply("reset", "French", "fr"),
        SavedReply("reset", "English of HR", "en", "hr"),
        SavedReply("other", "Other", "pl"),
    ]
    found = choose_reply(replies, "reset", queue, languages)
    assert found is not None
    assert found.text == chosen
    assert choose_reply(replies[2:], "reset", "default", languages) is None
