"""Commands: where they stand, how they are spelled, and what stops a mail."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgate.parsers.commands import (
    LATER,
    CloseKind,
    Command,
    CommandError,
    Reason,
    read_close_reason,
    read_commands,
    read_minutes,
)
from mailgate.parsers.vocabulary import LANGUAGES, NOW, fold


def orders(text: str) -> list[tuple[str, str]]:
    return [(command.name, command.args) for command in read_commands(text).commands]


def reasons(text: str) -> list[Reason]:
    return [error.reason for error in read_commands(text).errors]


def test_top_block_and_closing_run_are_commands() -> None:
    read = read_commands("#take\n#time 15m\n\nHello,\nplease restart.\n\n#resolve restart\n#priority low\n")
    assert read.commands == (
        Command("take", ""),
        Command("time", "15m"),
        Command("resolve", "restart"),
        Command("priority", "low"),
    )
    assert read.public_text == "Hello,\nplease restart."


def test_a_command_in_the_middle_is_text() -> None:
    read = read_commands("Hello\n\n#time 15m\n\nmore")
    assert not read.commands
    assert read.public_text == "Hello\n\n#time 15m\n\nmore"


def test_nothing_that_is_quoted_leaves_with_an_answer_below_it() -> None:
    quote = "On Tue, Nov 24, 2026 at 06:20:00PM, Dev via Support wrote:\n> Priority: high\n> > it hangs\n> a note\n\n"
    read = read_commands(f"{quote}#resolve\n#time 15m\n\nThe disk was full.\n> it hangs\nNot any more.")
    assert read.commands == (Command("resolve", ""), Command("time", "15m"))
    assert read.public_text == "The disk was full.\nNot any more."
    assert read_commands("```\n> dir\n```").public_text == "```\n> dir\n```"


def test_beside_a_command_a_bare_close_is_no_answer() -> None:
    assert read_commands("#escalate no key\n\nKind regards,\nBob").public_text == ""
    assert read_commands("#escalate no key\n\nSorry for the wait.\n\nKind regards,\nBob").public_text


def test_the_closing_run_ends_before_the_signature() -> None:
    assert orders("Hello\n\nit was the cable\n\n#resolve cable\n\n-- \nJo Martin\nLevel 1") == [("resolve", "cable")]


@pytest.mark.parametrize(
    "spacing",
    ["#take\n\n#time 2 h\n\nHello", "\n\n #take\xa0\n\n\t#time\xa02 h\n\nHello", "#take\r\n＃time 2 h\r\n\r\nHello"],
)
def test_what_clients_do_to_lines_changes_nothing(spacing: str) -> None:
    assert orders(spacing) == [("take", ""), ("time", "2 h")]
    assert read_commands(spacing).public_text == "Hello"


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("résoudre", "resolve"),
        ("résolu", "resolve"),
        ("RESOLU", "resolve"),
        ("resolved", "resolve"),
        ("escalade", "escalate"),
        ("lösen", "resolve"),
        ("notiz", "note"),
        ("attente", "waiting"),
        ("rendre", "handback"),
        ("clôturer", "close"),
        ("rouvrir", "reopen"),
        ("prendre", "take"),
        ("transférer", "route"),
        ("Status", "status"),
        ("aide", "help"),
        ("approuver", "approve"),
        ("refuser", "reject"),
        ("cerrar", "close"),
        ("fechar", "close"),
    ],
)
def test_aliases_reach_the_code_in_english(word: str, name: str) -> None:
    assert orders(f"#{word} something") == [(name, "something")]


def test_only_the_asked_languages_count() -> None:
    assert not read_commands("#lösen x", ["fr"]).commands
    assert read_commands("#résolu x", ["fr"]).commands
    assert read_commands("#resolve x", ["fr"]).commands


def test_an_alias_means_one_thing_in_all_languages() -> None:
    meanings: dict[str, set[str]] = {}
    for language in LANGUAGES.values():
        for name, words in language["commands"]["words"].items():
            assert name in NOW | LATER
            for word in words:
                meanings.setdefault(fold(word), set()).add(name)
    assert {word: names for word, names in meanings.items() if len(names) > 1} == {}
    assert all(meanings[word] == {word} for word in meanings if word in NOW | LATER)


@pytest.mark.parametrize("word", sorted(LATER))
def test_words_that_are_not_built_yet_are_known(word: str) -> None:
    assert orders(f"#{word} x") == [(word, "x")]


@pytest.mark.parametrize(
    ("line", "nearest"),
    [
        ("#reslove x", "resolve"),
        ("#tmie 15m", "time"),
        ("#esclate", "escalate"),
        ("#nte x", "note"),
        ("#clotrer", "clôturer"),
    ],
)
def test_a_mistyped_line_stops_the_mail(line: str, nearest: str) -> None:
    read = read_commands(f"{line}\n#take\n\nHello")
    assert read.errors == (CommandError(line, nearest, Reason.MISTYPED),)
    assert (read.commands, read.public_text) == ((), "")


@pytest.mark.parametrize(
    "line", ["#42", "# Heading", "#include <stdio.h>", "#winning", "#c", "#", "##note", "#ccc", "#resolve-it"]
)
def test_ordinary_hashes_are_text(line: str) -> None:
    read = read_commands(f"{line}\n\nHello")
    assert (read.commands, read.errors) == ((), ())
    assert read.public_text == f"{line}\n\nHello"


def test_a_note_is_internal() -> None:
    read = read_commands("#note the client is angry\nHello")
    assert (read.commands, read.public_text) == ((Command("note", "the client is angry"),), "Hello")
    assert read_commands("#note, quietly\nHello").public_text == "Hello"


def test_a_bare_note_makes_the_whole_mail_internal() -> None:
    read = read_commands("#note\n#take\nThe client is angry.\n\nVery.")
    assert read.commands == (Command("note", "The client is angry.\n\nVery."), Command("take", ""))
    assert read.public_text == ""
    assert reasons("#note") == [Reason.MISSING_ARGUMENT]


@pytest.mark.parametrize("line", ["#note secret", "#ask bob@example.com", "  ＃Notiz geheim", "#note"])
def test_internal_text_out_of_place_stops_the_mail(line: str) -> None:
    read = read_commands(f"Hello\n\nfirst\n{line}\n\nlast")
    assert [error.reason for error in read.errors] == [Reason.INTERNAL_TEXT_OUT_OF_PLACE]
    assert read.public_text == ""


def test_quoted_and_fenced_lines_never_run() -> None:
    assert not orders("> #resolve x\n\nHello")
    assert not orders("```\n#resolve x\n#note y\n```\nHello")
    assert not reasons("Hello\n\n~~~\n#note y\n~~~\n\nbye")


@pytest.mark.parametrize(
    ("line", "args"),
    [
        ("#type panne", "incident"),
        ("#type Service", "service"),
        ("#priority élevée", "high"),
        ("#priorité basse", "low"),
        ("#ask Bob <bob@example.com>", "bob@example.com"),
        ("#assign bob@example.com<mailto:bob@example.com>", "bob@example.com"),
        ("#merge sup-12", "SUP-12"),
        ("#merge [SUP-12] oui", "SUP-12 yes"),
        ("#route network", "network"),
        ("#close", ""),
        ("#time 1h30", "1h30"),
        ("#handback: not ours", "not ours"),
    ],
)
def test_arguments_are_checked_and_spelled_one_way(line: str, args: str) -> None:
    assert [command.args for command in read_commands(line).commands] == [args]


@pytest.mark.parametrize(
    "line", ["#time soon", "#type car", "#priority asap", "#ask bob", "#assign a b@c", "#merge it", "#time 0"]
)
def test_bad_arguments_stop_the_mail(line: str) -> None:
    assert reasons(line) == [Reason.BAD_ARGUMENT]


@pytest.mark.parametrize("name", ["handback", "ask", "time", "type", "priority", "cause", "assign", "route", "merge"])
def test_missing_arguments_stop_the_mail(name: str) -> None:
    assert read_commands(f"#{name}").errors == (CommandError(f"#{name}", name, Reason.MISSING_ARGUMENT),)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("15m", 15),
        ("15 min", 15),
        ("1h30", 90),
        ("1 h 30 min", 90),
        ("2 h", 120),
        ("90 min", 90),
        ("1,5 h", 90),
        ("1:30", 90),
        ("2 heures", 120),
        ("1 Stunde", 60),
        ("15", 15),
        ("0", None),
        ("", None),
        ("a while", None),
        ("99999 h", None),
    ],
)
def test_minutes(text: str, minutes: int | None) -> None:
    assert read_minutes(text) == minutes


@pytest.mark.parametrize(
    ("text", "kind", "detail"),
    [
        ("", CloseKind.BARE, ""),
        ("withdrawn", CloseKind.WITHDRAWN, ""),
        ("Retiré", CloseKind.WITHDRAWN, ""),
        ("duplicate SUP-3", CloseKind.DUPLICATE, "SUP-3"),
        ("doublon de sup-3", CloseKind.DUPLICATE, "SUP-3"),
        ("doublon", CloseKind.FREE, "doublon"),
        ("no answer", CloseKind.NO_ANSWER, ""),
        ("sans réponse", CloseKind.NO_ANSWER, ""),
        ("spam", CloseKind.SPAM, ""),
        ("indésirable", CloseKind.SPAM, ""),
        ("spam filter was wrong", CloseKind.FREE, "spam filter was wrong"),
        ("transferred to finance", CloseKind.TRANSFERRED, "finance"),
        ("transmis à la compta", CloseKind.TRANSFERRED, "la compta"),
        ("weitergegeben an Einkauf", CloseKind.TRANSFERRED, "Einkauf"),
        ("the user left", CloseKind.FREE, "the user left"),
    ],
)
def test_close_reasons(text: str, kind: CloseKind, detail: str) -> None:
    read = read_close_reason(text)
    assert (read.kind, read.detail) == (kind, detail)


_LINES = st.sampled_from(
    ["#note x", "#note", "#take", "#tmie", "hello", "", "```", "> #take", "-- ", "＃close spam", "#merge a", "\xa0"]
)


@given(st.one_of(st.text(max_size=300), st.lists(_LINES, max_size=20).map("\n".join)))
@settings(max_examples=200, deadline=None)
def test_never_raises_and_errors_let_nothing_out(text: str) -> None:
    read = read_commands(text)
    assert not read.errors or (read.commands, read.public_text) == ((), "")


@pytest.mark.parametrize("piece", ["#take\n", "#zzzzz\n", "\n", "#note x\n\n", "```\n", " ", "#reslove\n", "\xa0\n"])
def test_time_is_linear(piece: str) -> None:
    begin = time.perf_counter()
    read_commands(piece * (200_000 // len(piece)))
    assert time.perf_counter() - begin < 3
