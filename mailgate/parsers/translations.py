"""Translations of the texts of notices: gettext catalogues, ours and the operator's.

The source of every text is English: the sentences of the templates and the words of `words.toml`. The translations
into a language are in a catalogue, such as "locale/fr/LC_MESSAGES/mailgate.po"; the package has it compiled as well.
The operator may add a catalogue such as "fr/mailgate.po" to their folder of templates: its messages come first. The
parsers read ours, too, since a reply quotes them.

A language is a code such as "fr" or "pt_BR", which mailgate writes as "pt-br". Reading a damaged catalogue raises
BadTranslations.

Without a translation a message comes in English, but in a page with `_()` it is left out.
"""

from __future__ import annotations

from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

LOCALE = Path(__file__).parent.parent / "locale"
DOMAIN = "mailgate"
SOURCE = "en"  # the language in which the messages themselves are written


class BadTranslations(ValueError):
    """A catalogue cannot be read; the text names it, and the line."""


class _Absent(NullTranslations):
    """Answers for what a catalogue does not have: with an empty text, which no translation is."""

    def gettext(self, message: str) -> str:  # noqa: ARG002
        return ""

    def pgettext(self, context: str, message: str) -> str:  # noqa: ARG002
        return ""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:  # noqa: ARG002
        return ""

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:  # noqa: ARG002
        return ""


class Translations:
    """The messages of one language. A message without a translation comes in English.

    The first of the `catalogues` that has a message decides; English needs none.
    """

    def __init__(self, language: str, catalogues: tuple[NullTranslations, ...] = ()) -> None:
        self._catalogues = catalogues
        self._is_source = language.partition("-")[0] == SOURCE

    def find(self, message: str, context: str = "") -> str:
        """Returns the translation of a message, in English the message itself; "" where there is none."""
        for one in self._catalogues if message else ():
            if found := one.pgettext(context, message) if context else one.gettext(message):
                return found
        return message if self._is_source else ""

    def find_number(self, one: str, many: str, count: int, context: str = "") -> str:
        """Returns the translation of a message in the form that `count` asks for; "" where there is none."""
        for each in self._catalogues:
            if found := each.npgettext(context, one, many, count) if context else each.ngettext(one, many, count):
                return found
        return _choose(one, many, count) if self._is_source else ""

    def gettext(self, message: str) -> str:
        """Translates a message."""
        return self.find(message) or message

    def pgettext(self, context: str, message: str) -> str:
        """Translates a message whose context tells it from the same English words elsewhere."""
        return self.find(message, context) or message

    def ngettext(self, one: str, many: str, count: int) -> str:
        """Translates a message with a number."""
        return self.find_number(one, many, count) or _choose(one, many, count)

    def npgettext(self, context: str, one: str, many: str, count: int) -> str:
        """Translates a message with a number and a context."""
        return self.find_number(one, many, count, context) or _choose(one, many, count)


def _choose(one: str, many: str, count: int) -> str:
    return one if count == 1 else many


def languages_of_ours() -> frozenset[str]:
    """Returns the codes of the languages that come with mailgate, English among them."""
    return frozenset({SOURCE, *(one.parent.name.replace("_", "-").lower() for one in LOCALE.glob("*/LC_MESSAGES"))})


def translate(language: str, override: Path | None = None) -> Translations:
    """Returns the translations into a language, whose region stands on its primary language: "pt-br" on "pt"."""
    codes = tuple(dict.fromkeys((language, language.partition("-")[0])))
    files = [] if override is None else [override / code / f"{DOMAIN}.po" for code in codes]
    files += [_catalogue_of(code) for code in codes]
    return Translations(language, tuple(_read(file) for file in files if file.is_file()))


def _catalogue_of(language: str) -> Path:
    primary, _, region = language.partition("-")
    return LOCALE / (f"{primary}_{region.upper()}" if region else primary) / "LC_MESSAGES" / f"{DOMAIN}.po"


def _read(file: Path) -> NullTranslations:
    """Reads a catalogue: compiled, where that is not older than its source."""
    compiled, changed = file.with_suffix(".mo"), file.stat().st_mtime_ns
    current = compiled.is_file() and compiled.stat().st_mtime_ns >= changed
    return _read_compiled(compiled, compiled.stat().st_mtime_ns) if current else _compile(file, changed)


@lru_cache(maxsize=2)  # of a region and its language: read fast, while those of all languages would take 5 MB
def _read_compiled(file: Path, _changed: int) -> NullTranslations:
    with file.open("rb") as source:
        return _with_absent(GNUTranslations(source))


@cache
def _compile(file: Path, _changed: int) -> NullTranslations:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import PoFileError, read_po

    compiled = BytesIO()
    try:
        with file.open("rb") as source:
            write_mo(compiled, read_po(source, abort_invalid=True))
    except (PoFileError, ValueError, LookupError) as mistake:
        raise BadTranslations(f"{file.parent.name}/{file.name}: {mistake}") from None
    compiled.seek(0)
    return _with_absent(GNUTranslations(compiled))


def _with_absent(catalogue: GNUTranslations) -> NullTranslations:
    catalogue.add_fallback(_Absent())
    return catalogue
