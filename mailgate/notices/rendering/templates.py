"""Renders notices from the templates that come with mailgate and from the operator's.

A notice is a file such as "receipt.txt", for all languages: its sentences are English and are translated
(`translations`). It begins with a line "Subject: …". Further lines may follow: "Heading: …" is the news, with which the
text begins, too; "Banner: …" is a label of a few words; "Preheader: …" is shown beside the subject in lists of mails.
The text comes after a blank line. "receipt.html", where it exists, is its HTML alternative; else `layout.html` sets the
text.

A file of the operator's folder takes the place of ours of the same name. It is for one language in a folder of that
language, such as "fr/receipt.txt", else for all. Their `XX/words.toml` is laid over our words key by key, and the
messages of their catalogues, such as "fr/mailgate.po", come before ours.

Templates are compiled at first use, once: ours by `compiler`, and one of the operator's, or that includes one of these,
for the sandbox. A notice is complete in one language: where something that it needs is not there in a language
(`lint`), it is rendered in the next one.

Rendering a template of ours can only fail by a bug. One of the operator's that fails is logged and ours is used: a
mistake in a text must not delay a ticket; `samples.check_templates` finds such mistakes beforehand.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import cache, cached_property, partial
from operator import attrgetter
from pathlib import Path
from typing import Any

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
    pass_context,
)
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape
from wcwidth import wcswidth

from mailgate.core.workflow.notice_catalogue import Asks, Audience, Notice
from mailgate.notices.rendering.branding import Branding
from mailgate.notices.rendering.colours import make_banner
from mailgate.notices.rendering.compiler import Messages, OurEnvironment, list_messages
from mailgate.notices.rendering.content import (
    NoticeContent,
    QuotedMail,
    Rendered,
    hide_requester_words,
    shorten_timeline,
)
from mailgate.notices.rendering.html import ANSWERS, CLOSING, Highlights, lay_line, lay_out
from mailgate.notices.rendering.lint import find_lacks, list_included
from mailgate.notices.rendering.locales import list_words
from mailgate.notices.rendering.trans_tag import install
from mailgate.notices.rendering.words import (
    FILTERS,
    BadWords,
    Words,
    has_history,
    lay_over,
    read_words,
    said,
    spell_history,
    translate_words,
    visible,
)
from mailgate.parsers.translations import (
    DOMAIN,
    SOURCE,
    BadTranslations,
    Translations,
    languages_of_ours,
    translate,
)

OURS = Path(__file__).parent.parent.parent / "templates"
SHIPPED = languages_of_ours()
"""Languages that come with mailgate."""

TEMPLATE_ERRORS = (TemplateError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError, OSError)
"""Exceptions that a wrong template may raise."""

_LOG = logging.getLogger("mailgate.notices.templates")
# What the layout includes only where a notice has such links.
_PARTS_OF_PAGES = {
    "buttons.html": Asks.YES_OR_NO, "approval_buttons.html": Asks.APPROVAL, "ratings.html": Asks.RATING,
}  # fmt: skip
# What differs from page to page of a notice in our layout; in the frame of a page, its name stands between two marks.
_SLOTS = ("preheader", "banner", "heading", "reference", "body", "foot", "quoted_history")
_SLOT = "\ue014"
_MOST_FRAMES = 256  # 4 kB each
_FIELDS = tuple(one.name for one in fields(NoticeContent))
_read_fields = attrgetter(*_FIELDS)
NO_COUNTRIES: Mapping[str, str] = {}
_HEAD = ("Subject", "Heading", "Banner", "Preheader")
_SPACES = re.compile(r"[ \t]+")  # of a heading, whose no-break spaces stay
_ANY_SPACES = re.compile(r"\s+")  # of a subject, which people search for and programs compare
_WORDS = "words.toml"
_WIDTH = 72  # columns of a text part
_FROM_THE_RIGHT = frozenset({"ar", "fa", "he", "ur", "yi"})  # languages that are written from right to left
_LARGEST_PAGE = 60_000  # bytes of HTML: Gmail hides what is behind 102 kB, and encoded for transport they are more
_LEAST_TIMELINE = 1_000  # bytes, with which a page is taken however large it is


class Templates:
    """Renders notices in every language; a folder of the operator's overrides single ones.

    `default` is the language of a notice that is missing in the one asked for; English comes after it. `countries`
    are those whose texts a language has here: `{"pt": "pt-br"}`.
    """

    def __init__(
        self, override: Path | None = None, default: str = "en", countries: Mapping[str, str] = NO_COUNTRIES
    ) -> None:
        self._default = default
        self._countries = countries
        self._folders = [OURS] if override is None else [override, OURS]
        self._override = override
        self._environments: dict[str, SandboxedEnvironment] = {}
        self._translations: dict[str, Translations] = {}
        self._messages: dict[str, Mapping[str, Messages]] = {}
        self._are_ours: dict[tuple[str, str], bool] = {}
        self._frames: dict[tuple[str, Notice, Branding, str, frozenset[str]], list[str]] = {}
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
            name = content.notice.value
            _LOG.error("the desk's template for %s failed, so the built-in one is used: %s", name, mistake)
            return self._built_in.render(content)

    def render_strictly(self, content: NoticeContent) -> Rendered:
        """Renders a notice as `render` does, but raises one of TEMPLATE_ERRORS for a wrong template."""
        language = self._language(content.language, content.notice)
        lacks = self._lacks_of(language, content.notice)
        if lacks:
            raise ValueError(lacks[0])
        return self._render(content, language)

    def _render(self, content: NoticeContent, language: str) -> Rendered:
        """Renders a notice; where its page is too large, the page alone has a shorter timeline."""
        rendered = self._render_whole(content, language, may_lack_page=bool(content.story))
        page, room = rendered.html, _LARGEST_PAGE
        while content.story and (not page or len(page.encode()) > _LARGEST_PAGE) and room > _LEAST_TIMELINE:
            room = room * 2 // 3
            shorter, is_last = shorten_timeline(content, room), room <= _LEAST_TIMELINE
            page = self._render_whole(shorter, language, may_lack_page=not is_last).html
        return replace(rendered, html=page)

    def _render_whole(self, content: NoticeContent, language: str, *, may_lack_page: bool = False) -> Rendered:
        """Renders a notice as it is; with `may_lack_page`, without a page where that is too large for sure."""
        values = self._values(content, language)
        head, text = _split(self._fill_file(self._text(language, content.notice), values, language))
        body, foot = _part_foot(text, content)
        lacks_page = may_lack_page and values["picture"] is None and _fills_page(body)
        body = "" if lacks_page else body
        subject = head["Subject"]
        heading = head.get("Heading") or subject.replace(f"[{content.reference}]", "").strip()
        history = self._history_of(content, values["history"], language)
        highlights = self._highlights_of(content, values, language)
        values["body"] = lay_out(body, values["pictures"], values["formatted"], highlights)
        values |= {"heading": lay_line(heading), "banner": lay_line(head.get("Banner", "")), "foot": foot}
        values |= {"preheader": head.get("Preheader", ""), "direction": _direction_of(language)}
        values["banner_colours"] = make_banner(content.notice.info.tone, content.look.colours)
        values["quoted_history"] = lay_out(history)
        page = "" if lacks_page else self._fill_page(content, values, language)
        picture = values["picture"]
        shown = picture is not None and picture.source in page
        if "Heading" in head:
            title = f"{head['Banner']} – {heading}" if "Banner" in head else heading
            text = f"{title}\n{'=' * min(_WIDTH, max(3, wcswidth(title)))}\n\n{text}"
        return Rendered(subject, text, page, language, picture.logo if shown else None, history)

    def _fill_file(self, name: str, values: Mapping[str, Any], language: str) -> str:
        """Renders one template: ours as it is compiled, in the sandbox where one of the operator's is part of it."""
        if not self._is_ours(name, language):
            return self._environment(language).get_template(name).render(values)
        if language not in self._messages:
            self._messages[language] = list_messages(self._translations_of(language))
        try:
            return _our_environment().render(name, values, self._messages[language])
        except TEMPLATE_ERRORS:
            if not self.own_files:
                raise
            # A mistake in a catalogue: described here with the file that has the message, and not with one around it.
            return self._environment(language).get_template(name).render(values)

    def _fill_page(self, content: NoticeContent, values: Mapping[str, Any], language: str) -> str:
        """Renders the page of a notice; of our layout only what differs from notice to notice is put in anew."""
        name = self._page(language, content.notice)
        has_links = content.yes_link or content.rating_links
        if name != "layout.html" or has_links or not self._is_ours(name, language):
            return self._fill_file(name, values, language)
        filled = frozenset(slot for slot in _SLOTS if values[slot])
        key = language, content.notice, content.look, content.desk_name, filled
        if key not in self._frames:
            if len(self._frames) >= _MOST_FRAMES:
                self._frames.clear()
            marks = {slot: Markup(f"{_SLOT}{slot}{_SLOT}") for slot in filled}
            self._frames[key] = self._fill_file(name, {**values, **marks}, language).split(_SLOT)
        frame = self._frames[key]
        slots = {**values, "body": _place_links(values["body"], "")}
        shown = {slot: escape(slots[slot]) for slot in filled}  # all come from the text, which is without order marks
        return "".join([shown.get(part, part) for part in frame])

    def _is_ours(self, name: str, language: str) -> bool:
        """Tells whether a template, and all that it may include, is ours and the same for all languages; cached."""
        key = language, name
        if key not in self._are_ours:
            self._are_ours[key] = self._includes_only_ours(name, language)
        return self._are_ours[key]

    def _includes_only_ours(self, name: str, language: str) -> bool:
        if not self._has_templates:
            return True
        try:
            names = list_included(self._environment(language), name, self._files, partial(self._find_file, language))
        except TEMPLATE_ERRORS:
            return False  # rendering says what is wrong with it
        return all("/" not in one and one not in self.own_files for one in names)

    @cached_property
    def _has_templates(self) -> bool:
        """Tells whether there are templates of the operator's, or of one language."""
        return any("/" in name or name in self.own_files for name in self._files if name.endswith((".txt", ".html")))

    def _highlights_of(self, content: NoticeContent, values: dict[str, Any], language: str) -> Highlights:
        """Returns what the page of a notice sets apart: to requesters the solution, to staff a foreign language."""
        to_requester = content.notice.info.audience is Audience.REQUESTER
        requester, author = content.requester, content.author
        theirs = requester is not None and (author is None or author.key == requester.key) and not to_requester
        foreign = content.requester_language if theirs and content.requester_language != language else ""
        return Highlights(
            accent=content.look.colours.accent,
            solution=values["solution"] if to_requester else "",
            answers=self.options(language, content.notice) if content.yes_link and content.no_link else (),
            closing=values["signature"],
            quoted=content.text if foreign else "",
            language=foreign,
        )

    def _history_of(self, content: NoticeContent, shown: tuple[QuotedMail, ...], language: str) -> str:
        """Writes the history below a notice; "" where the language has no words for it."""
        words = self._words_of(language)
        own = self._lay_words((language.partition("-")[0], language))
        return visible(spell_history(words, replace(content, history=shown))) if shown and has_history(own) else ""

    def _values(self, content: NoticeContent, language: str) -> dict[str, Any]:
        """Returns the variables of a template."""
        values: dict[str, Any] = dict(zip(_FIELDS, _read_fields(content), strict=True))
        values |= hide_requester_words(content)
        words = self._words_of(language)
        values |= {"language": language, "words": words, "signature": content.look.signature or content.desk_name}
        values["translations"] = self._translations_of(language)
        values["picture"] = content.look.picture if content.notice.info.logo else None
        if content.notice.info.audience is not Audience.REQUESTER:
            values["reason"] = said(content.reason, content.command, words)
        return values

    def fill(self, template: str, content: NoticeContent) -> str:
        """Renders a text of the operator's with the variables of notices; raises one of TEMPLATE_ERRORS where it is
        wrong."""
        language = self._language(content.language, content.notice)
        return self._environment(language).from_string(template).render(self._values(content, language)).strip()

    def fill_part(self, name: str, content: NoticeContent) -> str:
        """Renders a file that notices include, such as `_too_large`, in the recipient's language, as `render` does."""
        language = self._language(content.language, content.notice)
        try:
            return self.fill(f'{{% include "{self._find_file(language, f"{name}.txt")}" %}}', content)
        except TEMPLATE_ERRORS as mistake:
            if not self.own_files:
                raise
            _LOG.error("the desk's template for %s failed, so the built-in one is used: %s", name, mistake)
            return self._built_in.fill_part(name, content)

    def words(self, language: str) -> Words:
        """Returns the words of a language that notices have, else those of the default or English; ours where the
        operator's cannot be read."""
        return self._readable_words(self._language(language, Notice.REQUEST))

    def _readable_words(self, language: str) -> Words:
        try:
            return self._words_of(language)
        except TEMPLATE_ERRORS as mistake:
            if not self.own_files:
                raise
            _LOG.error("the desk's words cannot be read, so the built-in ones are used: %s", mistake)
            return self._built_in.words(language)

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of all languages that have a notice."""
        inner = [name.partition("/") for name in self.own_files if name.count("/") == 1]
        own = {folder for folder, _, file in inner if file.endswith(".txt") or file == f"{DOMAIN}.po"}
        return tuple(sorted(SHIPPED | own))

    def has(self, language: str, notice: Notice) -> bool:
        """Tells whether there is a text of that notice in this language, or one for all that is translated into it."""
        text = self._find_file(language, f"{notice.value}.txt")
        is_begun = text.startswith(f"{language}/") or f"{language}/{DOMAIN}.po" in self.own_files
        return bool(text) and (language in SHIPPED or is_begun)

    def options(self, language: str, notice: Notice = Notice.CONFIRM) -> tuple[str, str]:
        """Returns the two words that answer a notice in `language`: it is solved, it is not."""
        words = self._readable_words(self._language(language, notice))
        if notice.info.asks is Asks.APPROVAL:
            return str(words["approval"]["approved"]), str(words["approval"]["rejected"])
        return str(words["options"]["yes"]), str(words["options"]["no"])

    @cached_property
    def _files(self) -> frozenset[str]:
        return _names(OURS) | self.own_files

    @cached_property
    def _built_in(self) -> Templates:
        return Templates(None, self._default, self._countries)

    def find_lacks(self, language: str, notice: Notice) -> tuple[str, ...]:
        """Lists in words what the notice needs and this language lacks; empty where it is complete or not there.

        Our own languages have everything; what the operator adds to them may not. Raises one of TEMPLATE_ERRORS.
        """
        folders = ("", language, language.partition("-")[0])
        if language in SHIPPED and not any(name.rpartition("/")[0] in folders for name in self.own_files):
            return ()
        if not self.has(language, notice):
            return ()
        roots = (self._text(language, notice), self._page(language, notice))
        alone, english = self._lay_words((language.partition("-")[0], language)), self._lay_words((SOURCE,))
        unused = [name for name, asks in _PARTS_OF_PAGES.items() if notice.info.asks is not asks]
        return find_lacks(
            self._environment(language), roots, language, self._files, partial(self._find_file, language),
            self._translations_of(language), alone, english, unused,
        )  # fmt: skip

    def _language(self, language: str, notice: Notice) -> str:
        """Chooses the language of a notice: the one asked for, its primary language, the default or English."""
        asked = language.lower()
        asked = self._countries.get(asked, asked)
        default = self._countries.get(self._default, self._default)
        choices = (asked, asked.partition("-")[0], default, self._default, SOURCE)
        return next((one for one in choices if self.is_whole(one, notice)), "en")

    def is_whole(self, language: str, notice: Notice) -> bool:
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
            name = notice.value
            _LOG.warning("the desk's %s in %s is not used because it is incomplete: %s", name, language, lacks[0])
        return lacks

    def _text(self, language: str, notice: Notice) -> str:
        return self._find_file(language, f"{notice.value}.txt")

    def _page(self, language: str, notice: Notice) -> str:
        """Chooses the HTML template of a notice: ours have no sentences that a text in other words would not match."""
        return self._find_file(language, f"{notice.value}.html") or "layout.html"

    def _find_file(self, language: str, name: str) -> str:
        """Returns the template that a name means in a language: the operator's before ours, one in the language before
        one for all; "" where there is none."""
        folder, slash, inner = name.rpartition("/")
        codes = (folder,) if slash else dict.fromkeys((language, language.partition("-")[0]))
        names = [*(f"{code}/{inner}" for code in codes), inner]
        choices = [one for one in names if one in self.own_files] + [one for one in names if one in self._files]
        return next(iter(choices), "")

    def _environment(self, language: str) -> SandboxedEnvironment:
        """Returns the environment of a language: of its own where it has templates of its own, else that of all."""
        codes = {language, language.partition("-")[0]}
        key = language if codes & self._own_languages else ""
        if key not in self._environments:
            self._environments[key] = _make_environment(self._folders, partial(self._find_file, key))
        return self._environments[key]

    @cached_property
    def _own_languages(self) -> frozenset[str]:
        """The languages that have templates of their own."""
        names = [name.partition("/") for name in self._files]
        return frozenset(folder for folder, slash, file in names if slash and file not in (_WORDS, f"{DOMAIN}.po"))

    def _translations_of(self, language: str) -> Translations:
        if language not in self._translations:
            self._translations[language] = translate(language, self._override)
        return self._translations[language]

    def _words_of(self, language: str) -> Words:
        return self._lay_words((SOURCE, language.partition("-")[0], language))

    def _lay_words(self, languages: tuple[str, ...]) -> Words:
        """Returns the words of these languages, each laid over those before it."""
        if languages not in self._words:
            layers = []
            for code in dict.fromkeys(languages):
                layers += [list_words(code), self._our_words(code)]
                if self._override is not None:
                    layers.append(read_words(self._override / code / _WORDS))
            self._words[languages] = lay_over(layers)
        return self._words[languages]

    def _our_words(self, language: str) -> Words:
        return translate_words(_english_words(), self._translations_of(language))


class _Environment(SandboxedEnvironment):
    """Environment of one language, or of all that have no templates of their own."""

    find_file: Callable[[str], str]

    def join_path(self, template: str, parent: str) -> str:  # noqa: ARG002
        """Finds a file that a template includes or extends; a name without a file stays, which is a mistake."""
        return self.find_file(template) or template


def _make_environment(folders: list[Path], find_file: Callable[[str], str]) -> SandboxedEnvironment:
    environment = _Environment(loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]), **_SETTINGS)
    environment.find_file = find_file
    _equip(environment)
    return environment


@cache
def _english_words() -> Words:
    """Reads our words as they are written, from which those of each language are made. Cached."""
    return read_words(OURS / _WORDS)


@cache
def _our_environment() -> OurEnvironment:
    environment = OurEnvironment(loader=FileSystemLoader(OURS), **_SETTINGS)
    _equip(environment)
    return environment


_SETTINGS: Mapping[str, Any] = {
    "undefined": StrictUndefined,
    "autoescape": lambda name: name is not None and name.endswith(".html"),
    "trim_blocks": True,
    "lstrip_blocks": True,
    "auto_reload": False,
    "cache_size": -1,
    "finalize": visible,
    "keep_trailing_newline": True,
}


def _equip(environment: Environment) -> None:
    """Gives an environment what templates use."""
    install(environment)
    environment.filters.update(FILTERS)
    environment.filters["laid_out"] = _laid_out
    environment.filters["laid_line"] = lay_line
    environment.filters["placed"] = _place_links


@pass_context
def _laid_out(context: Context, text: str) -> Markup:
    return lay_out(text, context["pictures"], context["formatted"])


def _place_links(body: Markup, links: str) -> Markup:
    """Puts buttons into a text: in place of the list of their words, else before its closing, else at its end."""
    mark = next((one for one in (ANSWERS, CLOSING) if one in body), "")
    before, _, after = body.partition(Markup(mark)) if mark else (body, "", Markup())
    return Markup(before + Markup(links) + after).replace(Markup(CLOSING), Markup())


def _direction_of(language: str) -> str:
    return "rtl" if language.partition("-")[0] in _FROM_THE_RIGHT else "ltr"


def _names(folder: Path) -> frozenset[str]:
    return frozenset(one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file())


def _split(page: str) -> tuple[dict[str, str], str]:
    """Splits a rendered text template into the lines of its head, by name, and the text."""
    first, _, rest = page.partition("\n")
    head: dict[str, str] = {}
    while first.partition(":")[0] in _HEAD:
        name, _, value = first.partition(":")
        spaces = _ANY_SPACES if name == "Subject" else _SPACES
        head[name] = spaces.sub(" ", value).strip()
        first, _, rest = rest.partition("\n")
    if not head.get("Subject"):
        raise ValueError("the first line is not `Subject: …`")
    text = f"{first}\n{rest}".strip()
    if not text:
        raise ValueError("there is no text below the subject")
    return {name: value for name, value in head.items() if value}, text + "\n"


def _fills_page(body: str) -> bool:
    """Tells whether a text makes a page too large, whatever else is on it: all its letters and figures are."""
    return len(body) > _LARGEST_PAGE and sum(map(str.isalnum, body)) > _LARGEST_PAGE


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
    if isinstance(mistake, (BadWords, BadTranslations)):
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
