"""`Templates`: the words of every notice, from our folder and the operator's.

A notice is `fr/receipt.txt`: a line `Subject: …`, a blank line, the text. `fr/receipt.html`, where it exists, is its
HTML alternative, else `layout.html` sets the text. A file of the operator's folder takes the place of ours of the
same name, and its `fr/words.toml` lies over ours key by key. Templates are compiled at first use, once.

Rendering a template of ours can only fail by a bug. One of the operator's that fails is logged and ours is used: a
slip in a text must not hold up a ticket; `prove` finds such slips beforehand.
"""

from __future__ import annotations

import logging
from dataclasses import fields
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from mailgate.notices.content import REQUESTER_NOTICES, Content, Rendered, unspoken
from mailgate.notices.hypertext import lay_out
from mailgate.notices.words import FILTERS, Words, read_words, said, visible
from mailgate.process.effects import Notice

OURS = Path(__file__).parent.parent / "templates"
SAID_BADLY = (TemplateError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError, OSError)
"""What a template that is wrong may raise."""

_LOG = logging.getLogger(__name__)
_FIELDS = tuple(one.name for one in fields(Content))


class Templates:
    """The notices of every language; a folder of the operator's overrides single ones.

    `default` is the language of a notice that is not there in the one asked for; English comes after it.
    """

    def __init__(self, override: Path | None = None, default: str = "en") -> None:
        self._default = default
        self._folders = [OURS] if override is None else [override, OURS]
        self._environment = _environment(self._folders)
        self._words: dict[str, Words] = {}
        self.own_files = frozenset() if override is None else _names(override)

    def render(self, content: Content) -> Rendered:
        """The notice in words, in the reader's language where it is there, and whole in one language."""
        try:
            return self.render_strictly(content)
        except SAID_BADLY as mistake:
            if not self.own_files:
                raise
            _LOG.error("the desk's template of %s failed, the built-in one is used: %s", content.notice.value, mistake)
            return self._built_in.render(content)

    def render_strictly(self, content: Content) -> Rendered:
        """As `render`, but a template that is wrong raises one of SAID_BADLY."""
        language = self._language(content.language, content.notice)
        name = f"{language}/{content.notice.value}"
        values = self._values(content, language)
        subject, text = _split(self._environment.get_template(f"{name}.txt").render(values))
        values |= {"heading": subject.replace(f"[{content.reference}]", "").strip(), "body": lay_out(text)}
        page = self._environment.get_template(self._page(name)).render(values)
        return Rendered(subject, text, page, language)

    def _values(self, content: Content, language: str) -> dict[str, Any]:
        """What a template may show."""
        shown = unspoken(content)
        values: dict[str, Any] = {one: getattr(shown, one) for one in _FIELDS}
        words = self._words_of(language)
        values |= {"language": language, "words": words}
        if content.notice not in REQUESTER_NOTICES:
            values["reason"] = said(shown.reason, shown.command, words)
        return values

    def fill(self, template: str, content: Content) -> str:
        """A text of the operator's with what a notice may show; raises one of SAID_BADLY where it is wrong."""
        values = self._values(content, self._language(content.language, content.notice))
        return self._environment.from_string(template).render(values).strip()

    def words(self, language: str) -> Words:
        """The words of a language that notices have, else those of the default or English."""
        return self._words_of(self._language(language, Notice.REQUEST))

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes of all languages that have a notice."""
        found = {name.partition("/")[0] for name in self._files if name.count("/") == 1 and name.endswith(".txt")}
        return tuple(sorted(found))

    def options(self, language: str) -> tuple[str, str]:
        """The two words that answer a confirm notice to a reader of `language`: it is solved, it is not."""
        options = self._words_of(self._language(language, Notice.CONFIRM))["options"]
        return str(options["yes"]), str(options["no"])

    @cached_property
    def _files(self) -> frozenset[str]:
        return _names(OURS) | self.own_files

    @cached_property
    def _built_in(self) -> Templates:
        return Templates(None, self._default)

    def _language(self, language: str, notice: Notice) -> str:
        """The language that a notice is there in: the one asked for, its mother, the default or English."""
        asked = language.lower()
        choices = (asked, asked.partition("-")[0], self._default, "en")
        return next((one for one in choices if f"{one}/{notice.value}.txt" in self._files), "en")

    def _page(self, name: str) -> str:
        """The HTML template; ours does not fit to a text that the operator has put in other words."""
        page, text = f"{name}.html", f"{name}.txt"
        fits = page in self.own_files or text not in self.own_files
        return page if page in self._files and fits else "layout.html"

    def _words_of(self, language: str) -> Words:
        if language not in self._words:
            files = [folder / code / "words.toml" for code in ("en", language) for folder in reversed(self._folders)]
            self._words[language] = read_words(one.read_text("utf-8") for one in files if one.is_file())
        return self._words[language]


def _environment(folders: list[Path]) -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        undefined=StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith(".html"),
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
        finalize=visible,
    )
    environment.filters.update(FILTERS)
    environment.filters["laid_out"] = lay_out
    return environment


def _names(folder: Path) -> frozenset[str]:
    return frozenset(one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file())


def _split(page: str) -> tuple[str, str]:
    """Subject and text of a rendered text template."""
    first, _, rest = page.partition("\n")
    if not first.startswith("Subject:") or not first.removeprefix("Subject:").strip():
        raise ValueError("the first line is not `Subject: …`")
    text = rest.strip()
    if not text:
        raise ValueError("there is no text below the subject")
    return " ".join(first.removeprefix("Subject:").split()), text + "\n"


def described(name: str, mistake: Exception) -> str:
    """A mistake in a template as one line for its author."""
    if isinstance(mistake, TemplateSyntaxError):
        return f"{mistake.name or name}, line {mistake.lineno}: {mistake.message}"
    return f"{name}: {mistake}"
