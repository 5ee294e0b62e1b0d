"""Forms for recurring kinds of requests: [forms.NAME] and its fields.

Every class is a table of the TOML file and every field a key of it, as in tables.py. `check_forms` compares forms with
each other and with the desk's addresses; it is pure, and each finding is a line that begins with the key to change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, PlainValidator

from mailgate.config.tables import ConfigTable
from mailgate.core.domains import fold_address
from mailgate.core.form_fields import FieldKind, Texts
from mailgate.core.text import fold_alnum
from mailgate.core.tokens import read_tags

MOST_FORMS = 100
MOST_FIELDS = 30  # a mail that asks for more is not answered
MOST_CHOICES = 30
LONGEST_LABEL = 60  # with the mark of a quote a label must fit on one line of a mail
LONGEST_CHOICE = 60
LONGEST_TEXT = 300  # of a title or a help
_LOCAL_PART = 64  # octets, RFC 5321 §4.5.3.1.1

_CODE = re.compile(r"[a-z]{2,3}")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")  # no dot: a signed token has two

TAKEN = frozenset({"knowledge"})  # names of a ticket's fields that no form fills in

# What mail programs write above a quoted mail: in a reply nobody could tell it from an answer.
_HEADING_WORDS = """
from sent date to cc bcc subject reply-to received importance de envoyé à objet von gesendet datum an betreff da inviato
oggetto enviado para asunto assunto van verzonden aan onderwerp
"""
_HEADINGS = frozenset(map(fold_alnum, _HEADING_WORDS.split()))


def _texts(value: object) -> Texts:
    if isinstance(value, Texts):
        return value
    if isinstance(value, str):
        return Texts((("", _line(value)),) if value else ())
    if isinstance(value, dict) and value:
        for code in value:
            if not _CODE.fullmatch(code):
                raise ValueError(f'"{code}" is not a language code: write it in lower case, such as fr')
        return Texts(tuple((code, _line(text)) for code, text in value.items()))
    raise ValueError('must be text in quotes, or a table of languages such as { en = "…", fr = "…" }')


def _line(text: object) -> str:
    if not isinstance(text, str) or not text.strip():
        raise ValueError("must be text in quotes, and not empty")
    if not text.isprintable():
        raise ValueError("must be text on one line")
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"must have at most {LONGEST_TEXT} characters")
    return " ".join(text.split(" "))


def _said(texts: Texts) -> Texts:
    if not texts:
        raise ValueError("must not be empty")
    return texts


def _label(texts: Texts) -> Texts:
    for text in _said(texts).all:
        if not fold_alnum(text):
            raise ValueError(f'"{text}" must contain a letter or a digit')
        if len(text) > LONGEST_LABEL:
            raise ValueError(f"must have at most {LONGEST_LABEL} characters, or mail clients break it into two lines")
        if fold_alnum(text) in _HEADINGS:
            raise ValueError(
                f'mail clients write "{text}" above every quoted email; choose a longer label, such as "{text} wanted"'
            )
        if any(sign in text for sign in ":=|\t()"):
            raise ValueError("must not contain colons, brackets, = or |: they end a label")
    return texts


def _choice(text: str) -> str:
    if not fold_alnum(text) or not text.isprintable():
        raise ValueError("must have letters or digits, and be on one line")
    if len(text) > LONGEST_CHOICE:
        raise ValueError(f"must have at most {LONGEST_CHOICE} characters")
    return " ".join(text.split())


def _name(text: str) -> str:
    if text in TAKEN:
        raise ValueError("this name is reserved; choose another")
    if not _NAME.fullmatch(text):
        raise ValueError("must be at most 32 lower-case letters, digits, hyphens and underscores")
    return text


def _tag(text: str) -> str:
    if not text:
        return text
    if len(fold_alnum(text)) < 3 or not text.isprintable():
        raise ValueError("must have at least three letters or digits, or it would match by accident")
    if any(read_tags(text)):
        raise ValueError(f"{text} looks like the tag of a ticket; choose other words")
    return " ".join(text.split())


TextsRead = Annotated[Texts, PlainValidator(_texts)]
TitleRead = Annotated[Texts, PlainValidator(_texts), AfterValidator(_said)]
LabelRead = Annotated[Texts, PlainValidator(_texts), AfterValidator(_label)]
Choice = Annotated[str, AfterValidator(_choice)]
FieldName = Annotated[str, AfterValidator(_name)]
Tag = Annotated[str, AfterValidator(_tag)]


class FormFieldTable(ConfigTable):
    """One [[forms.NAME.fields]]: a field to fill in. Its value is kept under `name`."""

    name: FieldName
    label: LabelRead
    kind: Literal["text", "long", "choice", "date", "number", "address"] = "text"
    required: bool = False
    choices: tuple[Choice, ...] = Field(default=(), max_length=MOST_CHOICES)
    help: TextsRead = Texts()

    @property
    def field_kind(self) -> FieldKind:
        return FieldKind(self.kind)


class Form(ConfigTable):
    """[forms.NAME]: a kind of request. It comes to the desk's address with +NAME, or with its tag in the subject."""

    title: TitleRead
    tag: Tag = ""
    queue: str = ""
    type: Literal["", "incident", "service", "question"] = ""
    priority: Literal["", "low", "normal", "high", "urgent"] = ""
    fields: tuple[FormFieldTable, ...] = Field(min_length=1, max_length=MOST_FIELDS)


def check_forms(forms: Mapping[str, Form], addresses: Mapping[str, str], mark: str) -> Iterator[str]:
    """Yields the mistakes of forms whose single keys are valid. `addresses` are those of the queues by name."""
    if len(forms) > MOST_FORMS:
        yield f"forms: at most {MOST_FORMS} forms are supported; there are {len(forms)}"
    tags: dict[str, str] = {}
    for name, form in forms.items():
        key = f"forms.{name}"
        if not _NAME.fullmatch(name):
            yield f"{key}: a form's name must be at most 32 lower-case letters, digits, hyphens and underscores"
        else:
            yield from _check_addresses(key, name, addresses, mark)
        if form.queue and form.queue not in addresses:
            yield f'{key}.queue: there is no queue "{form.queue}"; the queues are {", ".join(addresses)}'
        other = tags.setdefault(form.tag.casefold(), name) if form.tag else name
        if other != name:
            yield f"{key}.tag: {form.tag} is already the tag of forms.{other}; each form needs its own"
        yield from _check_fields(key, form)


def _check_addresses(key: str, name: str, addresses: Mapping[str, str], mark: str) -> Iterator[str]:
    taken = {fold_address(address) for address in addresses.values()}
    for address in addresses.values():
        local, _, domain = fold_address(address).rpartition("@")
        own = f"{local}{mark}{name}"
        if f"{own}@{domain}" in taken:
            yield f"{key}: {own}@{domain} is already the address of a queue; choose another name"
        if len(own.encode()) > _LOCAL_PART:
            yield f"{key}: {own} would be longer than the {_LOCAL_PART} octets that email allows before the @"


def _check_fields(key: str, form: Form) -> Iterator[str]:
    labels: dict[str, str] = {}
    names: set[str] = set()
    for place, field in enumerate(form.fields):
        at = f"{key}.fields[{place}]"
        if field.name in names:
            yield f"{at}.name: there is already a field {field.name}; each field needs its own name"
            continue
        names.add(field.name)
        for label in dict.fromkeys(map(fold_alnum, (field.name, *field.label.all))):
            other = labels.setdefault(label, field.name)
            if other != field.name:
                yield f"{at}.label: answers could not tell it from the field {other}; choose other words"
        if field.kind == "choice":
            if len(field.choices) < 2:
                yield f"{at}.choices: a choice needs at least two"
            if len(set(map(fold_alnum, field.choices))) < len(field.choices):
                yield f"{at}.choices: two of them differ only in case, accents or signs"
        elif field.choices:
            yield f'{at}.choices: only allowed with kind = "choice"'
