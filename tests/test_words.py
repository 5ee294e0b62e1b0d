"""Words that docstrings, comments, documentation and help texts do not use, each with its replacement.

String literals that are no docstrings are not looked at, nor is what a text quotes: in double quotes, guillemets or
backticks, and in Markdown in code blocks and block quotes. `python -m tests.test_words PATH...` lists the hits in
these files and folders, and exits with 1 where there are any.

Texts that are read without the code have a second table: the pages, the comments of the example configuration, and the
help of the commands. docs/contributing.md has the style that both tables hold.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from mailgate.cli import cli
from tests.support.messages import collect
from tests.support.prose import Prose, read_python

ROOT = Path(__file__).parent.parent

# Each word with its replacement. White space in a pattern stands for any white space, a line break included.
BANNED: Mapping[str, str] = {
    "whoever": "anyone who, the person who; or the noun: the caller, the sender, the agent",
    "somebody": "a person; or the noun: the sender, the requester, an agent",
    "(?:of|in|inside) the house": "staff, internal",
    r"(?:is|are|was|were|be|been|being) (?:\w+ )?told(?! apart)": "is notified, gets an email, is passed, is listed",
    "fares?": "works, does; or the noun: the status, the health",
    "in vain": "rejected, without effect",
    "by leave": "if configured",
    "thus": "so; or leave it out",
    "likewise": "also, in the same way",
    "he|him|his|himself": "they, them, their; or the noun: the requester, the agent",
}
# In a name such as "mail server", the word is no message.
_MAIL_COMPOUNDS = (
    "account|address|administrator|carrier|client|delivery|domain|exchanger|filter|flow|folder|format|gateway|header|"
    "host|list|log|loop|merge|program|provider|queue|relay|server|service|side|software|spool|standard|system|template|"
    "traffic|transport|user"
)
# Words that texts for readers do not use either, each with its replacement as above.
BANNED_FOR_READERS: Mapping[str, str] = {
    rf"(?:a|an|this|the|each|one|every) mail(?![\s-](?:{_MAIL_COMPOUNDS})s?\b)": "an email, this email, the email",
    "(?<!--)mails": "emails; for the verb: sends, emails",
    "needs? not": "does not have to; or leave it out",
    "for want of": "because there is no, without",
    "worked off": "processed",
    "go(?:es|ing)? along|went along": "is attached, is sent with it",
    "(?:stands?|stood) (?:in|there)": "is in, is listed in, says",
    "on record": "recorded",
    "all the same": "anyway, still",
    r"(?<!files\s)besides?": "next to, with, together with; in addition, other than",
    "if need be": "if necessary",
    "home-?made": "custom, your own",
    "(?:is|are) to be": "must be, will be; or an active verb",
    "by return of mail": "by email",
    "(?:a|the|each|every|one|no) way in(?! which)|ways in(?! which)": "source, channel",
    "clocks? (?:stands?|stood)": "the clock is paused",
    "late or nearly": "overdue or due soon",
    "unproven": "unverified, the sender could not be verified",
    "anew": "again, from the start",
    "for ever": "permanently, always, no longer ends",
    "mend(?:s|ed|ing)?": "fix, repair, correct",
}
# How the first line of a docstring does not begin: it is read in a tooltip, without its neighbours.
BANNED_BEGINNINGS: Mapping[str, str] = {
    "The same": "say it in full",
    "Whether": 'a verb in the third person, such as "Tells whether" or "Checks that", or "True if"',
    "What": 'a verb in the third person, or the noun with its standard term ("The fields of", "Reads the")',
}
# Words that a file, by its path, may still use: it quotes emails without quotation marks.
ALLOWED: Mapping[str, frozenset[str]] = {}


def _compile(words: Mapping[str, str]) -> list[tuple[re.Pattern[str], str]]:
    return [
        (re.compile(rf"\b(?:{pattern.replace(' ', chr(92) + 's+')})\b", re.IGNORECASE), advice)
        for pattern, advice in words.items()
    ]


_WORDS = _compile(BANNED)
_WORDS_FOR_READERS = _compile(BANNED_FOR_READERS)
_BEGINNINGS = [(re.compile(rf"\s*({words})\b"), advice) for words, advice in BANNED_BEGINNINGS.items()]
_QUOTED = re.compile(r'"[^"\n]*(?:\n[^"\n]+)?"|“[^“”]*”|«[^«»]*»|`+[^`\n]*(?:\n[^`\n]+)?`+')
_RELEASED = re.compile(r"(?<=\n)## (?!Unreleased).*", re.DOTALL)
_MARKDOWN_QUOTED = re.compile(r"^ *```.*?^ *```|^>.*?$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Hit:
    """A banned word at its place."""

    place: str
    line: int
    word: str
    advice: str

    def __str__(self) -> str:
        return f"{self.place}:{self.line}: {self.word} -> {self.advice}"


# -- reading -----------------------------------------------------------------------------------------------------------


def read_markdown(text: str) -> Iterator[Prose]:
    """A page without its code blocks and block quotes; of a list of changes, what is not released yet."""
    yield Prose(_blank(_MARKDOWN_QUOTED, _RELEASED.sub("", text) if "\n## Unreleased" in text else text))


def read_comments_only(text: str) -> Iterator[Prose]:
    """The comments of a TOML file."""
    for number, line in enumerate(text.splitlines(), 1):
        if "#" in line:
            yield Prose(line.partition("#")[2], number)


_READERS = {".py": read_python, ".md": read_markdown, ".toml": read_comments_only}


def _blank(pattern: re.Pattern[str], text: str) -> str:
    """The text with spaces in place of what the pattern finds; line breaks stay."""
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


# -- finding -----------------------------------------------------------------------------------------------------------


def find_hits(
    prose: Prose,
    place: str,
    *,
    allowed: frozenset[str] = frozenset(),
    words: Iterable[tuple[re.Pattern[str], str]] = _WORDS,
) -> Iterator[Hit]:
    """The banned words of a text, in their order."""
    if prose.docstring:
        for pattern, advice in _BEGINNINGS:
            if found := pattern.match(prose.text):
                yield Hit(place, prose.line, f"{found[1]} …", advice)
    own = _blank(_QUOTED, prose.text)
    for pattern, advice in words:
        for found in pattern.finditer(own):
            word = " ".join(found[0].split())
            if word.casefold() not in allowed:
                yield Hit(place, prose.line + own.count("\n", 0, found.start()), word, advice)


def find_in_file(path: Path) -> list[Hit]:
    """The banned words of a file, by line; a page or a configuration has those of texts for readers, too."""
    place = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
    texts = _READERS[path.suffix](path.read_text(encoding="utf-8"))
    allowed = ALLOWED.get(place, frozenset())
    words = [*_WORDS, *([] if path.suffix == ".py" else _WORDS_FOR_READERS)]
    hits = (hit for text in texts for hit in find_hits(text, place, allowed=allowed, words=words))
    return sorted(hits, key=lambda hit: hit.line)


def read_help() -> Iterator[tuple[str, Prose]]:
    """The text that `mailgate --help` and `mailgate COMMAND --help` print, each with its command line."""
    top = click.Context(cli, info_name="mailgate", **cli.context_settings)
    yield "mailgate --help", Prose(cli.get_help(top))
    for name in cli.list_commands(top):
        command = cli.get_command(top, name)
        assert command is not None
        yield f"mailgate {name} --help", Prose(command.get_help(click.Context(command, parent=top, info_name=name)))


def read_notices() -> Iterator[tuple[str, Prose]]:
    """The English messages of the notices and of their words, each with the file that has it."""
    for message in collect():
        for text in (message.id,) if isinstance(message.id, str) else message.id:
            yield ", ".join(file for file, _ in message.locations), Prose(text)


# The texts for readers that are not pages.
TEXTS_FOR_READERS: Mapping[str, Callable[[], Iterator[tuple[str, Prose]]]] = {
    "help": read_help,
    "notices": read_notices,
}


# -- the tests ---------------------------------------------------------------------------------------------------------


def list_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files among these that can be looked at, and those in the folders among these."""
    for path in paths:
        if path.is_dir():
            yield from sorted(one for one in path.rglob("*") if one.suffix in (".py", ".md") and one.is_file())
        elif path.suffix in _READERS:
            yield path


def _group() -> dict[str, list[Path]]:
    """The files of the project by package, so that each package is a test of its own."""
    groups: dict[str, list[Path]] = defaultdict(list)
    for path in list_files((ROOT / "mailgate", ROOT / "tests")):
        if path.suffix == ".py":
            top, *rest = path.relative_to(ROOT).parts
            groups["/".join((top, *rest[:-1][:1]))].append(path)
    for path in (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")), ROOT / "config.example.toml"):
        groups[str(path.relative_to(ROOT))].append(path)
    return groups


GROUPS = _group()


@pytest.mark.parametrize("group", GROUPS)
def test_no_banned_word_is_used(group: str) -> None:
    hits = [str(hit) for path in GROUPS[group] for hit in find_in_file(path)]
    if hits:
        pytest.fail("\n".join((f"{len(hits)} banned words", *hits)), pytrace=False)


@pytest.mark.parametrize("texts", TEXTS_FOR_READERS)
def test_no_banned_word_is_used_in_texts_for_readers(texts: str) -> None:
    words = [*_WORDS, *_WORDS_FOR_READERS]
    if hits := [str(hit) for place, text in TEXTS_FOR_READERS[texts]() for hit in find_hits(text, place, words=words)]:
        pytest.fail("\n".join(hits), pytrace=False)


def test_each_allowance_is_needed() -> None:
    for place, words in ALLOWED.items():
        texts = list(_READERS[Path(place).suffix]((ROOT / place).read_text(encoding="utf-8")))
        assert words <= {hit.word.casefold() for text in texts for hit in find_hits(text, place)}, place


def _find(source: str) -> list[tuple[int, str]]:
    return [(hit.line, hit.word) for text in read_python(source) for hit in find_hits(text, "x.py")]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('"""Whether it is so."""', [(1, "Whether …")]),
        ('def f():\n    """The same of\n\n    an agent, who is\n    told."""', [(2, "The same …"), (4, "is told")]),
        ("x = 1\n'''What he\nwrote.'''", [(2, "What …"), (2, "he")]),
        (
            "x = 1  # whoever\n# fares, likewise\n# In vain",
            [(1, "whoever"), (2, "fares"), (3, "In vain"), (2, "likewise")],
        ),
        ("# staff of the\n# house", [(1, "of the house")]),
        ('"""Reads "is it his?", `somebody` and «he».\n\nThis, then the hero: they are told apart. Whatsoever."""', []),
        ('x = "he thus fares in vain"', []),
    ],
)
def test_banned_words_are_found_where_people_read(source: str, expected: list[tuple[int, str]]) -> None:
    assert _find(source) == expected


def test_code_blocks_and_quotes_of_a_page_are_passed_over() -> None:
    page = "He wrote:\n\n> his words\n\n```\nhis code\n```\n\nBut\nhis page.\n"
    hits = [(hit.line, hit.word) for text in read_markdown(page) for hit in find_hits(text, "x.md")]
    assert hits == [(1, "He"), (10, "his")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Each mail is stored; the mails\nwait.", ["Each mail", "mails"]),
        ("You need not reply, if need be by phone.", ["need not", "if need be"]),
        ("The key stands in the file. It goes along, besides.", ["stands in", "goes along", "besides"]),
        ("A mail server and the mail-system take mail by email.", []),
        ("The files beside a database; understands, standing in a way in which it is.", []),
    ],
)
def test_banned_words_of_texts_for_readers_are_found(text: str, expected: list[str]) -> None:
    hits = [hit.word for prose in read_markdown(text) for hit in find_hits(prose, "x.md", words=_WORDS_FOR_READERS)]
    assert sorted(hits) == sorted(expected)


def test_released_changes_are_passed_over() -> None:
    page = "# Changes\n\n## Unreleased: 2\n\n- His mail.\n\n## 1\n\n- His old mail.\n"
    assert [hit.line for text in read_markdown(page) for hit in find_hits(text, "x.md")] == [5]


def main(paths: Sequence[str]) -> int:
    """List the hits in these files and folders; the exit status."""
    found = [hit for path in list_files(map(Path.resolve, map(Path, paths))) for hit in find_in_file(path)]
    print(*found, f"{len(found)} banned words", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
