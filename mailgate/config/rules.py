"""Rules at the door: [[rules]], which sort a new request or ignore it.

The class is a table of the TOML file and every field a key of it, as in tables.py. `check_rules` compares rules with
the queues and with each other; it is pure, and each finding is a line that begins with the key to change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from mailgate.config.tables import ConfigTable
from mailgate.config.types import Language, OptionalMailbox, check_mailbox_or_domain
from mailgate.core.domains import fold_address
from mailgate.core.rules import Conditions, fold_pattern, fold_value_pattern, split_pattern
from mailgate.core.text import TAG_FORM

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_HEADER_NAME = re.compile(r"[!-9;-~]+")
_TAG = re.compile(TAG_FORM)
_CONDITIONS = ("sender", "to", "subject", "body", "header", "form", "language", "has_files")
_SETS = ("queue", "assignee", "priority", "type", "tag")


def _list(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError("must be at most 32 lower-case letters, digits, hyphens and underscores")
    return text


def _address(text: str) -> str:
    check_mailbox_or_domain(f"@{text[2:]}" if text.startswith("*.") else text)
    return fold_pattern(text)


def _words(text: str) -> str:
    split_pattern(text)
    return text


def _header_name(text: str) -> str:
    if not _HEADER_NAME.fullmatch(text):
        raise ValueError(f'"{text}" is not the name of a header: write it without a colon, such as Importance')
    return text


def _tag(text: str) -> str:
    if not _TAG.fullmatch(text):
        raise ValueError("must be one word of at most 32 letters, digits, points, hyphens and underscores")
    return text.casefold()


AddressPatterns = Annotated[tuple[Annotated[str, AfterValidator(_address)], ...], BeforeValidator(_list)]
WordPatterns = Annotated[tuple[Annotated[str, AfterValidator(_words)], ...], BeforeValidator(_list)]
ValuePatterns = Annotated[tuple[Annotated[str, AfterValidator(fold_value_pattern)], ...], BeforeValidator(_list)]
HeaderName = Annotated[str, AfterValidator(_header_name)]
Names = Annotated[tuple[str, ...], BeforeValidator(_list)]


class Rule(ConfigTable):
    """One [[rules]]: conditions, all of which must hold, and what the first rule that matches sets.

    A rule that sets nothing leaves a request as it is, and keeps later rules from it.
    """

    name: Annotated[str, AfterValidator(_name)]
    sender: AddressPatterns = ()
    to: AddressPatterns = ()
    subject: WordPatterns = ()
    body: WordPatterns = ()
    header: Mapping[HeaderName, ValuePatterns] = Field(default_factory=dict)
    form: Names = ()
    language: Annotated[tuple[Language, ...], BeforeValidator(_list)] = ()
    has_files: bool | None = None
    queue: str = ""
    assignee: OptionalMailbox = ""
    priority: Literal["", "low", "normal", "high", "urgent"] = ""
    type: Literal["", "incident", "service", "question"] = ""
    tag: Annotated[tuple[Annotated[str, AfterValidator(_tag)], ...], BeforeValidator(_list)] = ()
    ignore: bool = False

    @cached_property
    def conditions(self) -> Conditions:
        """The conditions as they are matched."""
        return Conditions(
            sender=self.sender,
            to=self.to,
            subject=tuple(map(split_pattern, self.subject)),
            body=tuple(map(split_pattern, self.body)),
            headers=tuple((name.lower(), values) for name, values in self.header.items()),
            form=self.form,
            language=self.language,
            has_files=self.has_files,
        )

    def __str__(self) -> str:
        """The rule in one line: `vip: sender @vip.example → priority high`."""
        found = "; ".join(f"{key} {_show(getattr(self, key))}" for key in _CONDITIONS if self._has(key))
        done = "ignored" if self.ignore else ", ".join(f"{key} {_show(getattr(self, key))}" for key in self._sets)
        return f"{self.name}: {found or 'every request'} → {done or 'left as it is'}"

    @property
    def _sets(self) -> list[str]:
        return [key for key in _SETS if self._has(key)]

    def _has(self, key: str) -> bool:
        return getattr(self, key) not in ("", (), {}, None)


def check_rules(
    rules: Sequence[Rule], agents: Mapping[str, frozenset[str]], forms: Mapping[str, object]
) -> Iterator[str]:
    """Yields the mistakes of rules whose single keys are valid. `agents` are the addresses of Level 1 of each queue."""
    names: set[str] = set()
    for place, rule in enumerate(rules):
        key = f"rules[{place}]"
        if rule.name in names:
            yield f'{key}.name: there is already a rule "{rule.name}"; each rule needs its own name'
        names.add(rule.name)
        if rule.queue and rule.queue not in agents:
            yield f'{key}.queue: there is no queue "{rule.queue}"; the queues are {", ".join(agents)}'
        elif rule.assignee:
            queues = [rule.queue] if rule.queue else list(agents)
            if not any(fold_address(rule.assignee) in agents[queue] for queue in queues):
                where = f"of the queue {rule.queue}" if rule.queue else "of any queue"
                yield f"{key}.assignee: {rule.assignee} is not at Level 1 {where}, where requests start"
        for name in rule.form:
            if name not in forms:
                yield f'{key}.form: there is no form "{name}"; the forms are {", ".join(forms) or "none"}'
        if rule.ignore and rule.conditions == Conditions():
            yield f"{key}.ignore: without a condition, every request would be ignored; add a sender or words"
        if rule.ignore and rule._sets:
            yield f"{key}.ignore: an ignored email becomes no ticket; remove {' and '.join(rule._sets)}"


def find_unreachable(rules: Sequence[Rule]) -> Iterator[str]:
    """Yields a line for each rule that an earlier one leaves nothing to."""
    for place, rule in enumerate(rules):
        taker = next((one for one in rules[:place] if one.conditions.cover(rule.conditions)), None)
        if taker is not None:
            yield (
                f'rules[{place}]: "{rule.name}" never matches, because "{taker.name}" before it matches everything '
                "that it would; put it first, or remove it"
            )


def _show(value: Any) -> str:
    if isinstance(value, Mapping):
        return " and ".join(f"{name}: {_show(values)}" for name, values in value.items())
    if isinstance(value, tuple):
        return " or ".join(value)
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)
