"""Catalogues of the languages: whole, with the placeholders of their messages, and up to date with the templates."""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from weakref import ref

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from mailgate.core.text import fold_case_accents
from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.notices.rendering.samples import check_templates, find_gaps, sample
from mailgate.notices.rendering.templates import SHIPPED, Templates
from mailgate.parsers import read_answer
from mailgate.parsers.replies.sequence import AnswerVerdict
from mailgate.parsers.translations import LOCALE, SOURCE, BadTranslations, translate
from mailgate.parsers.vocabulary import vocabulary
from tests.support.messages import catalogues, collect, find_untranslated, update

CATALOGUES = catalogues()
_PLACEHOLDER = re.compile(r"%\(\w+\)s|\{[^{}]*\}")
_COMMAND = re.compile(r"(?<![\w&])#([^\W\d_]+(?:-[^\W\d_]+)*)")


def read(language: str) -> Catalog:
    with CATALOGUES[language].open("rb") as source:
        return read_po(source, locale=language)


def messages(language: str) -> list[Message]:
    return [one for one in read(language) if one.id]


def forms(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


@pytest.mark.parametrize("language", CATALOGUES)
def test_every_message_is_translated(language: str) -> None:
    assert find_untranslated(CATALOGUES[language]) == []


@pytest.mark.parametrize("language", CATALOGUES)
def test_a_catalogue_has_just_the_messages_of_the_templates(language: str) -> None:
    """`make messages` brings them up to date."""
    file = CATALOGUES[language]
    assert update(file, collect(), language) == file.read_bytes()


@pytest.mark.parametrize("language", CATALOGUES)
def test_every_placeholder_of_a_message_stands_in_its_translation(language: str) -> None:
    wrong = []
    for one in messages(language):
        wanted = {frozenset(Counter(_PLACEHOLDER.findall(form)).items()) for form in forms(one.id)}
        for form in forms(one.string):
            if frozenset(Counter(_PLACEHOLDER.findall(form)).items()) not in wanted:
                wrong.append(form)
    assert wrong == []


def test_no_french_sentence_puts_a_name_where_a_vowel_would_contract_the_word_before() -> None:
    """ "de Alice" is wrong; times, numbers and cities (`locales.contract`) may follow "de"."""
    safe = {"rating", "count", "duration", "size", "limit", "most", "city"}
    names = re.compile(r"\b(?:de|que)\s(?:%\((\w+)\)s|\{(\w*)\})", re.IGNORECASE)
    contracted = [
        form
        for one in messages("fr")
        for form in forms(one.string)
        for found in names.finditer(form)
        if (found[1] or found[2]) not in safe and one.context != "troubles"  # numbers, folders and durations
    ]
    assert contracted == []


@pytest.mark.parametrize("language", CATALOGUES)
def test_a_translation_keeps_the_lines_of_its_message(language: str) -> None:
    """A line break, or a space at an end, would come out in the text of a notice."""
    for one in messages(language):
        for form in forms(one.string):
            source = forms(one.id)[0]
            assert form.count("\n") == source.count("\n"), form
            assert (form[:1] == " ", form[-1:] == " ") == (source[:1] == " ", source[-1:] == " "), form
            assert form.count("`") == source.count("`"), form


@pytest.mark.parametrize("language", CATALOGUES)
def test_every_command_in_a_text_is_read_in_that_language(language: str) -> None:
    """An agent writes what they have read."""
    code = language.partition("_")[0]
    names = vocabulary((code,)).names
    unread = set()
    for one in messages(language):
        for form in forms(one.string):
            unread |= {word for word in _COMMAND.findall(form) if fold_case_accents(word) not in names}
    assert unread == set()


@pytest.mark.parametrize("language", [SOURCE, *CATALOGUES])
def test_the_words_that_keep_a_request_open_are_read_so(language: str) -> None:
    """A final notice without a solution quotes them for the requester to reply."""
    content = replace(sample(Notice.FINAL, language.replace("_", "-").lower()), solution="", reason="")
    words = translate(content.language).pgettext("answer", "I still need help")
    assert words in " ".join(Templates().render(content).text.split())
    assert read_answer(words, asked=False).verdict is AnswerVerdict.NOT_FIXED


@pytest.mark.parametrize("language", sorted(SHIPPED))
def test_the_plural_of_a_number_is_that_of_the_language(language: str) -> None:
    translations = translate(language)
    one, many = "%(count)s business day", "%(count)s business days"
    found = {count: translations.npgettext("duration", one, many, count) for count in (1, 2, 5, 22)}
    assert all("%(count)s" in text for text in found.values())
    assert found[1] != found[5]
    if language == "pl":
        assert found[2] == found[22] != found[5]


# A language that an operator adds


def test_a_catalogue_in_the_operators_folder_makes_a_language(tmp_path: Path) -> None:
    """Every message of a notice in a language that mailgate does not have, dropped in as one file."""
    folder = tmp_path / "xh"
    folder.mkdir()
    (folder / "mailgate.po").write_bytes(_translate_all("xh"))
    templates = Templates(tmp_path, "fr")
    assert "xh" in templates.languages
    assert find_gaps(templates) == ()
    assert check_templates(templates, ["xh"]) == ()
    for notice in Notice:
        rendered = templates.render(sample(notice, "xh"))
        assert rendered.language == "xh", notice
    assert "«We’ve received your request»" in templates.render(sample(Notice.RECEIPT, "xh")).subject


def test_a_notice_with_a_message_that_is_not_translated_comes_whole_in_the_next_language(tmp_path: Path) -> None:
    folder = tmp_path / "xh"
    folder.mkdir()
    catalogue = _translate_all("xh").decode()
    assert "«We’ve received your request»" in catalogue
    (folder / "mailgate.po").write_text(catalogue.replace("«We’ve received your request»", ""), "utf-8")
    templates = Templates(tmp_path, "fr")
    assert templates.render(sample(Notice.RECEIPT, "xh")).language == "fr"
    assert templates.render(sample(Notice.FINAL, "xh")).language == "xh"
    gaps = find_gaps(templates)
    assert gaps == ("xh/receipt.txt is not used: receipt.txt: “We’ve received your request” is not translated",)


def test_a_message_of_the_operator_comes_before_ours(tmp_path: Path) -> None:
    folder = tmp_path / "fr"
    folder.mkdir()
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    own = head + 'msgid "Kind regards,"\nmsgstr "À bientôt,"\n'
    (folder / "mailgate.po").write_text(own, "utf-8")
    templates = Templates(tmp_path, "fr")
    rendered = templates.render(sample(Notice.RECEIPT, "fr"))
    assert rendered.language == "fr"
    assert "À bientôt,\n" in rendered.text


def test_a_template_of_the_operator_for_all_languages_is_translated(tmp_path: Path) -> None:
    (tmp_path / "receipt.txt").write_text('Subject: {{ reference }}\n\n{{ _("Kind regards,") }}\n', "utf-8")
    templates = Templates(tmp_path, "fr")
    for language in sorted(SHIPPED):
        rendered = templates.render(sample(Notice.RECEIPT, language))
        assert (rendered.language, rendered.text) == (language, translate(language).gettext("Kind regards,") + "\n")


def test_a_damaged_catalogue_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "xh"
    folder.mkdir()
    (folder / "mailgate.po").write_text('msgid "a"\nthis is no catalogue\n', "utf-8")
    with pytest.raises(BadTranslations, match=r"xh/mailgate\.po"):
        translate("xh", tmp_path)


def test_a_compiled_catalogue_is_read_only_while_it_is_current(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailgate.parsers.translations.LOCALE", tmp_path)
    folder = tmp_path / "xh" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "mailgate.po").write_bytes(_translate_all("xh"))
    (folder / "mailgate.mo").write_bytes(b"compiled from something else")
    os.utime(folder / "mailgate.mo", ns=(0, 0))
    assert translate("xh").gettext("Kind regards,") == "«Kind regards,»"


def test_compiled_catalogues_that_nobody_holds_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailgate.parsers.translations.LOCALE", tmp_path)
    catalogue = Catalog(locale="fr", charset="utf-8")
    catalogue.add("Kind regards,", "Cordialement,")
    for language in ("xh", "zu", "xh_ZA", "zu_ZA"):
        folder = tmp_path / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "mailgate.po").touch()
        with (folder / "mailgate.mo").open("wb") as compiled:
            write_mo(compiled, catalogue)
    held = [ref(one) for code in ("xh-za", "zu-za") for one in translate(code)._catalogues]
    assert [one() is not None for one in held] == [False, False, True, True]


def _translate_all(language: str) -> bytes:
    """A catalogue in which the translation of each message is the message within guillemets."""
    catalogue = Catalog(locale=language, charset="utf-8")
    for one in collect():
        if not one.id:
            continue
        texts = forms(one.id)
        if one.context not in ("words", "spent"):
            texts = tuple(f"«{text}»" for text in texts)
        translated = texts if len(texts) > 1 else texts[0]
        catalogue.add(one.id, translated, context=one.context)
    written = BytesIO()
    write_po(written, catalogue)
    return written.getvalue()


def test_the_folders_of_our_catalogues_are_languages() -> None:
    assert {path.name.replace("_", "-").lower() for path in LOCALE.iterdir()} <= SHIPPED if LOCALE.is_dir() else True


def test_a_damaged_catalogue_delays_no_notice(tmp_path: Path) -> None:
    folder = tmp_path / "fr"
    folder.mkdir()
    (folder / "mailgate.po").write_text('msgid "a"\nthis is no catalogue\n', "utf-8")
    templates = Templates(tmp_path, "fr")
    assert templates.render(sample(Notice.RECEIPT, "fr")) == Templates().render(sample(Notice.RECEIPT, "fr"))
    assert templates.words("fr")["options"] == Templates().words("fr")["options"]
    assert templates.options("fr") == Templates().options("fr")
    assert any("fr/mailgate.po" in one for one in check_templates(templates, ["fr"]))
