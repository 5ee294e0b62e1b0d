"""Collects the texts of notices for translators: `python -m tests.support.messages`, as `make messages`.

Reads the templates, `words.toml` and the durations that CLDR lacks, and brings every catalogue of `mailgate/locale` up
to date: new messages come empty, those that are gone leave, and a message that changed counts as a new one, since a
translation of another sentence misleads. `--check` changes nothing and exits with 1 where a catalogue is not up to date
or a message is not translated. `--new LL` begins a language.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po, write_po

from mailgate.notices.rendering.templates import OURS
from mailgate.notices.rendering.words import BUSINESS_UNITS
from mailgate.parsers.translations import DOMAIN, LOCALE

_OPTIONS = {"trimmed": "true", "newstyle_gettext": "true", "trim_blocks": "true", "lstrip_blocks": "true"}
_COMMENT = "Translators:"
_TABLE = re.compile(r"\[(\w+)\]\s*(?:#\s*(.*))?")
_ENTRY = re.compile(r'(?:"(?:[^"]*)"|[\w-]+) = (.*?)(?:    # (.*))?')
_STRING = re.compile(r'"([^"]*)"')
_VOLATILE = re.compile(rb'"(?:POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By):[^\n]*\n')
_HEADER = """Translations of mailgate's notices.
See docs/translating.md. `make messages` brings this file up to date."""


def collect() -> Catalog:
    """Returns every message, with its context, the templates that use it, and what translators need to know."""
    catalog = Catalog(domain=DOMAIN, charset="utf-8")
    for path in sorted(OURS.iterdir()):
        if path.suffix not in (".txt", ".html"):
            continue
        for _, message, comments, context in extract_from_file(
            "jinja2.ext:babel_extract", path, DEFAULT_KEYWORDS, (_COMMENT,), _OPTIONS, strip_comment_tags=True
        ):
            catalog.add(message, locations=[(path.name, 0)], auto_comments=comments, context=context)
    for message, context, comment in read_words(OURS / "words.toml"):
        flags = ("python-brace-format",) if "{" in message else ()
        notes = [comment] if comment else []
        catalog.add(message, locations=[("words.toml", 0)], auto_comments=notes, context=context, flags=flags)
    for forms in BUSINESS_UNITS.values():
        catalog.add(forms, locations=[("words.py", 0)], context="duration")
    return catalog


def read_words(file: Path) -> Iterator[tuple[str, str, str]]:
    """Yields the texts of a file of words, each with its context (its table) and the comment on it, "" for none."""
    table, note = "words", ""
    for line in file.read_text("utf-8").splitlines():
        if (head := _TABLE.fullmatch(line)) is not None:
            table, note = head[1], head[2] or ""
        elif (entry := _ENTRY.fullmatch(line)) is not None:
            for text in _STRING.findall(entry[1]):
                if text:
                    yield text, table, entry[2] or note


def update(file: Path, messages: Catalog, language: str) -> bytes:
    """Returns the catalogue of a language with just these messages, in the form in which it is kept."""
    catalog = Catalog(locale=language, domain=DOMAIN, charset="utf-8")
    if file.is_file():
        with file.open("rb") as source:
            catalog = read_po(source, locale=language, domain=DOMAIN)
    catalog.update(messages, no_fuzzy_matching=True)
    catalog.header_comment = "\n".join(f"# {line}" for line in _HEADER.splitlines())
    catalog.fuzzy = False
    written = BytesIO()
    write_po(written, catalog, width=120, ignore_obsolete=True, include_lineno=False, sort_by_file=True)
    return _VOLATILE.sub(b"", written.getvalue())


def find_untranslated(file: Path) -> list[str]:
    """Lists the messages of a catalogue that are not translated, or whose translation is marked as doubtful."""
    with file.open("rb") as source:
        return [str(one.id) for one in read_po(source) if one.id and (one.fuzzy or not _is_whole(one.string))]


def _is_whole(string: str | list[str] | tuple[str, ...] | None) -> bool:
    return bool(string) and all(string or ())


def catalogues() -> dict[str, Path]:
    """Returns the catalogues of our languages, by their folder's name, such as "pt_BR"."""
    return {file.parent.parent.name: file for file in sorted(LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))}


def _main() -> int:
    parser = argparse.ArgumentParser(description="Brings the catalogues of translations up to date.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 where something is missing")
    parser.add_argument("--new", metavar="LL", help="begin this language, such as pl or pt_BR")
    arguments = parser.parse_args()
    messages, failed = collect(), False
    if arguments.new:
        file = LOCALE / arguments.new / "LC_MESSAGES" / f"{DOMAIN}.po"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(update(file, messages, arguments.new))
    for language, file in catalogues().items():
        written = update(file, messages, language)
        current = written == file.read_bytes()
        if not arguments.check:
            file.write_bytes(written)
        missing = find_untranslated(file)
        failed |= bool(missing) or not current
        state = "up to date" if current or not arguments.check else "not up to date: run make messages"
        print(f"{language}: {state}, {len(missing)} of {len(messages)} messages not translated")
        for one in missing[:20]:
            print(f"  {one}")
    return int(failed and arguments.check)


if __name__ == "__main__":
    sys.exit(_main())
