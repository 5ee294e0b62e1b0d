"""Renders notices from the templates that come with mailgate and from the operator's.

A notice is a file such as "fr/receipt.txt": a line "Subject: …", a blank line, the text. "fr/receipt.html", where it
exists, is its HTML alternative, or "receipt.html" for all languages; else `layout.html` sets the text. A file of the
operator's folder takes the place of ours of the same name, and its `XX/words.toml` is laid over ours key by key.
Templates are compiled at first use, once.

A notice is complete in one language: where the operator's folder has it in a language of its own, but not all that it
needs (`lint`), it is rendered in the next one.

Rendering a template of ours can only fail by a bug. One of the operator's that fails is logged and ours is used: a
mistake in a text must not delay a ticket; `samples.check_templates` finds such mistakes beforehand.
"""

from __future__ import annotations

import logging
from dataclasses import fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from mailgate.core.workflow.notice_catalogue import Asks, Audience, Notice
from mailgate.notices.rendering.content import NoticeContent, QuotedMail, Rendered, without_requester_words
from mailgate.notices.rendering.html import lay_out
from mailgate.notices.rendering.lint import find_lacks
from mailgate.notices.rendering.words import (
    FILTERS,
    BadWords,
    Words,
    has_history,
    read_words,
    said,
    spell_history,
    visible,
)

OURS = Path(__file__).parent.parent.parent / "templates"
SHIPPED = frozenset(one.name for one in OURS.iterdir() if one.is_dir())
"""Languages that come with mailgate."""

TEMPLATE_ERRORS = (TemplateError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError, OSError)
"""Exceptions that a wrong template may raise."""

_LOG = logging.getLogger("mailgate.notices.templates")
# What the layout includes only where a notice has such links.
_PARTS_OF_PAGES = {
    "buttons.html": Asks.YES_OR_NO, "approval_buttons.html": Asks.APPROVAL, "ratings.html": Asks.RATING,
}  # fmt: skip
_FIELDS = tuple(one.name for one in fields(NoticeContent))


class Templates:
    """Renders notices in every language; a folder of the operator's overrides single ones.

    `default` is the language of a notice that is missing in the one asked for; English comes after it.
    """

    def __init__(self, override: Path | None = None, default: str = "en") -> None:
        self._default = default
        self._folders = [OURS] if override is None else [override, OURS]
        self._environment = _environment(self._folders)
        self._words: dict[tuple[str, ...], Words] = {}
        self._lacks: dict[tuple[str, Notice], tuple[str, ...] | None] = {}
        self.own_files = frozenset() if override is None else _names(override)

    def render(self, content: NoticeContent) -> Rendered:
        """Renders a notice in the recipient's language where it is there, and complete in one language."""
        try:
            return self.render_strictly(content)
        except TEMPLATE_ERRORS as mistake:
            if not self.own_files:
                raise
            _LOG.error("the desk's template of %s failed, the built-in one is used: %s", content.notice.value, mistake)
            return self._built_in.render(content)

    def render_strictly(self, content: NoticeContent) -> Rendered:
        """Renders a notice as `render` does, but raises one of SAID_BADLY for a wrong template."""
        language = self._language(content.language, content.notice)
        lacks = self._lacks_of(language, content.notice)
        if lacks:
            raise ValueError(lacks[0])
        return self._render(content, language)

    def _render(self, content: NoticeContent, language: str) -> Rendered:
        name = f"{language}/{content.notice.value}"
        values = self._values(content, language)
        subject, text = _split(self._environment.get_template(f"{name}.txt").render(values))
        body, foot = _part_foot(text, content)
        heading = subject.replace(f"[{content.reference}]", "").strip()
        history = self._history_of(content, values["history"], language)
        values |= {"heading": heading, "body": lay_out(body, values["pictures"], values["formatted"]), "foot": foot}
        values["quoted_history"] = lay_out(history)
        page = self._environment.get_template(self._page(name)).render(values)
        picture = values["picture"]
        shown = picture is not None and picture.source in page
        return Rendered(subject, text, page, language, picture.logo if shown else None, history)

    def _history_of(self, content: NoticeContent, shown: tuple[QuotedMail, ...], language: str) -> str:
        """Writes the history below a notice; "" where the language has no words for it."""
        words = self._words_of(language)
        own = self._lay_words((language.partition("-")[0], language))
        return visible(spell_history(words, replace(content, history=shown))) if shown and has_history(own) else ""

    def _values(self, content: NoticeContent, language: str) -> dict[str, Any]:
        """Returns the variables of a template."""
        shown = without_requester_words(content)
        values: dict[str, Any] = {one: getattr(shown, one) for one in _FIELDS}
        words = self._words_of(language)
        values |= {"language": language, "words": words, "signature": shown.look.signature or shown.desk_name}
        values["picture"] = shown.look.picture if content.notice.info.logo else None
        if content.notice.info.audience is not Audience.REQUESTER:
            values["reason"] = said(shown.reason, shown.command, words)
        return values

    def fill(self, template: str, content: NoticeContent) -> str:
        """Renders a text of the operator's with the variables of notices; raises one of SAID_BADLY where it is
        wrong."""
        values = self._values(content, self._language(content.language, content.notice))
        return self._environment.from_string(template).render(values).strip()

    def fill_part(self, name: str, content: NoticeContent) -> str:
        """Renders a file that notices include, such as `_too_large`, in the recipient's language, as `render` does."""
        language = self._language(content.language, content.notice)
        try:
            return self.fill(f'{{% include "{language}/{name}.txt" %}}', content)
        except TEMPLATE_ERRORS as mistake:
            if not self.own_files:
                raise
            _LOG.error("the desk's template of %s failed, the built-in one is used: %s", name, mistake)
            return self._built_in.fill_part(name, content)

    def words(self, language: str) -> Words:
        """Returns the words of a language that notices have, else those of the default or English."""
        return self._words_of(self._language(language, Notice.REQUEST))

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of all languages that have a notice."""
        found = {name.partition("/")[0] for name in self._files if name.count("/") == 1 and name.endswith(".txt")}
        return tuple(sorted(found))

    def has(self, language: str, notice: Notice) -> bool:
        """Tells whether there is a text of that notice in just this language."""
        return f"{language}/{notice.value}.txt" in self._files

    def options(self, language: str, notice: Notice = Notice.CONFIRM) -> tuple[str, str]:
        """Returns the two words that answer a notice in `language`: it is solved, it is not."""
        words = self._words_of(self._language(language, notice))
        if notice.info.asks is Asks.APPROVAL:
            return str(words["approval"]["approved"]), str(words["approval"]["rejected"])
        return str(words["options"]["yes"]), str(words["options"]["no"])

    @cached_property
    def _files(self) -> frozenset[str]:
        return _names(OURS) | self.own_files

    @cached_property
    def _built_in(self) -> Templates:
        return Templates(None, self._default)

    def find_lacks(self, language: str, notice: Notice) -> tuple[str, ...]:
        """Lists in words what the notice needs and this language lacks; empty where it is complete or not there.

        Our own languages have everything; what the operator lays over them may not. Raises one of SAID_BADLY.
        """
        text, mother = f"{language}/{notice.value}.txt", language.partition("-")[0]
        ours = not any(name.startswith((f"{language}/", f"{mother}/")) for name in self.own_files)
        if ours or text not in self._files:
            return ()
        roots = (text, self._page(text.removesuffix(".txt")))
        alone, english = self._lay_words((mother, language)), self._lay_words(("en",))
        unused = [name for name, asks in _PARTS_OF_PAGES.items() if notice.info.asks is not asks]
        return find_lacks(self._environment, roots, language, self._files, alone, english, unused)

    def _language(self, language: str, notice: Notice) -> str:
        """Chooses the language of a notice: the one asked for, its primary language, the default or English."""
        asked = language.lower()
        choices = (asked, asked.partition("-")[0], self._default, "en")
        return next((one for one in choices if self._is_whole(one, notice)), "en")

    def _is_whole(self, language: str, notice: Notice) -> bool:
        """Tells whether a notice is there with all that it needs.

        One of ours always is: were the operator's own text of it not, rendering fails and ours is used.
        """
        lacks = self._lacks_of(language, notice)
        return lacks is not None and (not lacks or language in SHIPPED)

    def _lacks_of(self, language: str, notice: Notice) -> tuple[str, ...] | None:
        """Returns what a notice lacks in a language, cached and logged once; None where it is not there at all."""
        key = language, notice
        if key not in self._lacks:
            self._lacks[key] = self._look_for_lacks(language, notice)
        return self._lacks[key]

    def _look_for_lacks(self, language: str, notice: Notice) -> tuple[str, ...] | None:
        if not self.has(language, notice):
            return None
        try:
            lacks = self.find_lacks(language, notice)
        except TEMPLATE_ERRORS:
            return ()  # rendering says what is wrong with it
        if lacks:
            _LOG.warning("the desk's %s in %s is not used, for it is not whole: %s", notice.value, language, lacks[0])
        return lacks

    def _page(self, name: str) -> str:
        """Chooses the HTML template: of the language, else the one without words for all of them.

        Ours in a language does not match a text that the operator has put in other words.
        """
        page, text = f"{name}.html", f"{name}.txt"
        fits = page in self.own_files or text not in self.own_files
        wordless = f"{name.partition('/')[2]}.html"
        choices = (page, wordless) if fits else (wordless,)
        return next((one for one in choices if one in self._files), "layout.html")

    def _words_of(self, language: str) -> Words:
        return self._lay_words(("en", language.partition("-")[0], language))

    def _lay_words(self, languages: tuple[str, ...]) -> Words:
        """Returns the words of these languages, each laid over those before it."""
        if languages not in self._words:
            files = [folder / code / "words.toml" for code in languages for folder in reversed(self._folders)]
            self._words[languages] = read_words(one for one in dict.fromkeys(files) if one.is_file())
        return self._words[languages]


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
    environment.filters["laid_out"] = _laid_out
    return environment


@pass_context
def _laid_out(context: Context, text: str) -> Markup:
    return lay_out(text, context["pictures"], context["formatted"])


def _names(folder: Path) -> frozenset[str]:
    return frozenset(one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file())


def _split(page: str) -> tuple[str, str]:
    """Splits a rendered text template into subject and text."""
    first, _, rest = page.partition("\n")
    if not first.startswith("Subject:") or not first.removeprefix("Subject:").strip():
        raise ValueError("the first line is not `Subject: …`")
    text = rest.strip()
    if not text:
        raise ValueError("there is no text below the subject")
    return " ".join(first.removeprefix("Subject:").split()), text + "\n"


def _part_foot(text: str, content: NoticeContent) -> tuple[str, str]:
    """Splits off the line at the end that names the desk; "" where the text has none, as most notices."""
    body, _, last = text.rstrip("\n").rpartition("\n\n")
    is_foot = body and last.startswith(f"{content.desk_name} · ") and "\n" not in last
    return (body, last) if is_foot else (text, "")


def described(name: str, mistake: Exception) -> str:
    """Describes a mistake in a template in one line for its author: the file, the line where known, and what is
    wrong."""
    if isinstance(mistake, TemplateSyntaxError):
        return f"{mistake.name or name}, line {mistake.lineno}: {mistake.message}"
    if isinstance(mistake, BadWords):
        return str(mistake)
    what = f"nothing is called {mistake}" if isinstance(mistake, KeyError) else str(mistake) or type(mistake).__name__
    return f"{_place(mistake) or name}: {what}"


def _place(mistake: Exception) -> str:
    """Returns where in the templates a mistake was met, as `en/receipt.txt, line 3`; "" for one that was met
    elsewhere."""
    place, frame = "", mistake.__traceback__
    while frame is not None:
        file = Path(frame.tb_frame.f_code.co_filename)
        if file.suffix in (".txt", ".html"):
            place = f"{file.parent.name}/{file.name}, line {frame.tb_lineno}"
        frame = frame.tb_next
    return place
