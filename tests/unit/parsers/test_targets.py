"""For which tickets a command is meant: references before its argument or behind it, in every shipped language."""

from __future__ import annotations

import pytest

from mailgate.parsers import read_commands
from mailgate.parsers.commands import Command, Reason, part_targets
from mailgate.parsers.vocabulary import COMMANDS, LANGUAGES, vocabulary


@pytest.mark.parametrize(
    ("name", "args", "targets", "rest"),
    [
        ("close", "SUP-3 SUP-7 no answer", "SUP-3 SUP-7", "no answer"),
        ("close", "SUP-3, SUP-7 and SUP-9: no answer", "SUP-3 SUP-7 SUP-9", "no answer"),
        ("close", "sup-3;[SUP-7] – spam", "SUP-3 SUP-7", "spam"),
        ("close", "no answer SUP-3 SUP-7", "SUP-3 SUP-7", "no answer"),
        ("close", "spam: SUP-3 und SUP-7.", "SUP-3 SUP-7", "spam"),
        ("close", "SUP-3 duplicate SUP-9", "SUP-3", "duplicate SUP-9"),
        ("close", "SUP-3 SUP-4 duplicate of SUP-9", "SUP-3 SUP-4", "duplicate of SUP-9"),
        ("close", "duplicate SUP-9", "", "duplicate SUP-9"),
        ("close", "duplicate SUP-9 SUP-3", "", "duplicate SUP-9 SUP-3"),
        ("close", "see SUP-9", "", "see SUP-9"),
        ("close", "spam filter was wrong SUP-9", "", "spam filter was wrong SUP-9"),
        ("close", "3 7 no answer", "", "3 7 no answer"),
        ("close", "SUP-3", "SUP-3", ""),
        ("close", "SUP-3 and so on", "SUP-3", "and so on"),
        ("close", "SUP-3 SUP-3 no answer", "SUP-3", "no answer"),
        ("take", "SUP-9", "SUP-9", ""),
        ("take", "SUP‑9 & SUP–10", "SUP-9 SUP-10", ""),
        ("spam", "SUP-9", "SUP-9", ""),
        ("undo", "SUP-9", "SUP-9", ""),
        ("assign", "bob@example.com SUP-4 SUP-5", "SUP-4 SUP-5", "bob@example.com"),
        ("assign", "SUP-4 and SUP-5: bob@example.com", "SUP-4 SUP-5", "bob@example.com"),
        ("priority", "high SUP-4", "SUP-4", "high"),
        ("time", "15 min SUP-4", "SUP-4", "15 min"),
        ("note", "SUP-3 she called about SUP-4", "SUP-3", "she called about SUP-4"),
        ("note", "she called about SUP-4", "", "she called about SUP-4"),
        ("note", "SUP-3: printed, and the log says\nSUP-4", "SUP-3", "printed, and the log says\nSUP-4"),
        ("note", "and SUP-3", "", "and SUP-3"),
        ("escalate", "no access SUP-4", "", "no access SUP-4"),
        ("escalate", "SUP-4 no access", "SUP-4", "no access"),
        ("route", "network SUP-4 SUP-5", "SUP-4 SUP-5", "network"),
        ("route", "SUP-4 network it is the firewall", "SUP-4", "network it is the firewall"),
        ("route", "network it is as SUP-5", "", "network it is as SUP-5"),
        ("merge", "SUP-4", "", "SUP-4"),
        ("link", "SUP-4 SUP-5", "", "SUP-4 SUP-5"),
        ("show", "SUP-4", "", "SUP-4"),
        ("status", "SUP-4", "", "SUP-4"),
        ("resolve", "", "", ""),
    ],
)
def test_targets_are_parted_from_the_argument(name: str, args: str, targets: str, rest: str) -> None:
    assert part_targets(name, args) == (tuple(targets.split()), rest)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_reasons_and_joins_of_each_language_are_read(language: str) -> None:
    words = vocabulary((language,))
    for joined in words.units["and"]:
        assert part_targets("take", f"SUP-3 {joined} SUP-7") == (("SUP-3", "SUP-7"), "")
    for phrase, kind in words.closings.items():
        assert part_targets("close", f"SUP-3 SUP-7 {phrase}") == (("SUP-3", "SUP-7"), phrase)
        expected = ((), f"{phrase} SUP-9") if kind in ("duplicate", "transferred") else (("SUP-9",), phrase)
        assert part_targets("close", f"{phrase} SUP-9") == expected
    for name, word in ((name, word) for word, name in words.names.items() if name in ("take", "priority")):
        line = f"#{word} SUP-3" if name == "take" else f"#{word} urgent SUP-3"
        assert read_commands(line, (language,)).commands[0].targets == ("SUP-3",), line


def test_a_command_with_a_checked_argument_names_its_tickets() -> None:
    read = read_commands("#assign bob@example.com SUP-4 SUP-5\n#priority SUP-4 hoch\n#take SUP-9\n#close SUP-3 spam")
    assert read.commands == (
        Command("assign", "bob@example.com", ("SUP-4", "SUP-5")),
        Command("priority", "high", ("SUP-4",)),
        Command("take", "", ("SUP-9",)),
        Command("close", "SUP-3 spam"),
    )
    assert str(read.commands[0]) == "#assign SUP-4 SUP-5 bob@example.com"


def test_what_is_left_must_be_an_argument() -> None:
    assert [error.reason for error in read_commands("#priority loud SUP-4").errors] == [Reason.BAD_ARGUMENT]
    assert [error.reason for error in read_commands("#assign SUP-4").errors] == [Reason.MISSING_ARGUMENT]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_any_argument_is_read(name: str) -> None:
    for args in (":", "SUP-1:", "SUP-1:SUP-2", ", ,", "and", "SUP-1 and", "SUP-1 " * 2_000, "&" * 9_000):
        targets, rest = part_targets(name, args)
        assert targets or rest == args
