"""Saved replies: their names and languages, and fields that are filled all or not at all."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgate.parsers.articles import InvalidArticle
from mailgate.parsers.commands import Command, Reason, read_commands
from mailgate.parsers.saved_replies import (
    FIELDS,
    SavedReply,
    fill,
    find_nearest,
    fold_name,
    list_fields,
    part_file_name,
    read_saved_reply,
)
from tests.support.examples import examples

VALUES = {"name": "Anna Martin", "first_name": "Anna", "desk": "Support", "department": ""}


@pytest.mark.parametrize(
    ("path", "name", "language"),
    [
        ("password-reset.md", "password-reset", ""),
        ("password-reset.fr.md", "password-reset", "fr"),
        ("hr/Password Reset.FR.markdown", "password-reset", "fr"),
        ("Mot_de passé.md", "mot-de-passe", ""),
        ("release.v2.md", "release.v2", ""),
        ("en.md", "en", ""),
    ],
)
def test_a_file_name_is_a_name_and_a_language(path: str, name: str, language: str) -> None:
    assert part_file_name(path) == (name, language)


def test_a_reply_is_a_file_as_an_article() -> None:
    raw = b"---\nqueue: hr\nlanguage: de\n---\n# Passwort\n\nHallo {first_name},\n\nes ist neu: {nickname}.\n"
    text = "Hallo {first_name},\n\nes ist neu: {nickname}."
    assert read_saved_reply(raw, "reset.md") == SavedReply("reset", text, "de", "hr", ("nickname",))
    named = read_saved_reply(raw, "reset.fr.md")
    assert isinstance(named, SavedReply)
    assert named.language == "fr"  # the file's name goes first
    assert isinstance(read_saved_reply(b"# Only a title", "reset.md"), InvalidArticle)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Hello {name},", "Hello Anna Martin,"),
        ("Hello {{ first_name }}, {First Name}, {first-name}", "Hello Anna, Anna, Anna"),
        ("No field.", "No field."),
    ],
)
def test_fields_are_filled(text: str, filled: str) -> None:
    assert fill(text, VALUES).text == filled


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Hello {nickname} of {department} {name}", ("nickname", "department")),
        ("Hello {name", ("{",)),
        ("Hello name}", ("}",)),
        ("{}", ("{}",)),
        ("{name.__class__}", ("name._class_",)),
        ("{name!r} {0}", ("name!r", "0")),
        ("{first\nname}", ("{", "}")),
    ],
)
def test_nothing_is_half_filled(text: str, missing: tuple[str, ...]) -> None:
    found = fill(text, VALUES)
    assert (found.text, found.missing) == ("", missing)


def test_a_value_is_no_text_with_fields() -> None:
    assert fill("{name} {desk}", {"name": "{desk}", "desk": "Support"}).text == "{desk} Support"


@given(st.text(), st.dictionaries(st.sampled_from(sorted(FIELDS)), st.text(alphabet="ab {}")))
@settings(max_examples=examples(100))
def test_what_is_filled_has_no_brace_of_the_file_left(text: str, values: dict[str, str]) -> None:
    found = fill(text, values)
    if found.missing:
        assert not found.text
    else:
        assert all(values.get(field) for field in list_fields(text))
        if not any("{" in value or "}" in value for value in values.values()):
            assert "{" not in found.text
            assert "}" not in found.text


def test_braces_without_end_cost_linear_time() -> None:
    start = time.process_time()
    fill("{" * 200_000 + "a" * 200_000, VALUES)
    assert time.process_time() - start < 2


def test_the_nearest_names_are_found() -> None:
    known = ["password-reset", "password-change", "vpn", "paper-jam"]
    assert find_nearest("passwort-reset", known)[0] == "password-reset"
    assert set(find_nearest("password", known)) == {"password-reset", "password-change"}
    assert find_nearest("frobnicate", known) == ()
    assert fold_name(" Password  Reset ") == "password-reset"


def test_the_command_names_one_reply_and_gives_it_words() -> None:
    assert read_commands("#reply visit on Friday\n\nBye.").commands == (Command("reply", "visit on Friday"),)
    assert read_commands("#antwort „visit“:").commands == (Command("reply", "visit"),)
    assert read_commands("Bye.\n\n#reply visit").commands == (Command("reply", "visit", below=True),)
    assert [one.reason for one in read_commands("#reply").errors] == [Reason.MISSING_ARGUMENT]
    assert [one.reason for one in read_commands("#reply {name}").errors] == [Reason.BAD_ARGUMENT]
    assert [one.reason for one in read_commands("#macro visit").errors] == [Reason.OF_ANOTHER_DESK]


def test_the_command_for_an_article_takes_numbers_or_one_name() -> None:
    assert read_commands("#kb 3, 4 and 5").commands == (Command("kb", "3 4 5"),)
    assert read_commands("#kb Paper jam").commands == (Command("kb", "Paper jam"),)
    assert [one.reason for one in read_commands("#kb 3 printers").errors] == [Reason.BAD_ARGUMENT]
    assert [one.reason for one in read_commands("#kb yes").errors] == [Reason.BAD_ARGUMENT]
    assert read_commands("#kb ²").commands == (Command("kb", "²"),)
    heading = "# KB for printers\n\nSee above."
    assert read_commands(heading).public_text == heading


@pytest.mark.parametrize(
    "line", ["#help replies", "#hilfe Antworten", "#aide réponses", "#ayuda respuestas", "#ヘルプ 返信"]
)
def test_help_on_replies_is_asked_for_in_each_language(line: str) -> None:
    assert read_commands(line).commands == (Command("help", "replies"),)
    assert read_commands("#help resolve").commands == (Command("help", "resolve"),)
