"""Gives templates `{% trans %}` and `_()`, which translate into the language of the notice that is rendered."""

from __future__ import annotations

from jinja2 import Environment, pass_context
from jinja2.runtime import Context

from mailgate.parsers.translations import Translations


@pass_context
def _gettext(context: Context, message: str) -> str:
    """Translates a message; in a page, "" where there is no translation: its text says everything without it."""
    translations: Translations = context["translations"]
    return translations.find(message) if (context.name or "").endswith(".html") else translations.gettext(message)


@pass_context
def _pgettext(context: Context, where: str, message: str) -> str:
    return str(context["translations"].pgettext(where, message))


@pass_context
def _ngettext(context: Context, one: str, many: str, count: int) -> str:
    return str(context["translations"].ngettext(one, many, count))


@pass_context
def _npgettext(context: Context, where: str, one: str, many: str, count: int) -> str:
    return str(context["translations"].npgettext(where, one, many, count))


def install(environment: Environment) -> None:
    """Gives templates `{% trans %}` and `_()`, which translate into the language of the notice that is rendered."""
    environment.add_extension("jinja2.ext.i18n")
    environment.policies["ext.i18n.trimmed"] = True  # a sentence may go over several lines of its template
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        _gettext, _ngettext, newstyle=True, pgettext=_pgettext, npgettext=_npgettext
    )
