"""Hooks: [[hooks]], the programs and addresses that are called when something happens to a ticket.

The class is a table of the TOML file and every field a key of it, as in tables.py. `check_hooks` compares hooks with
the queues and with each other; it is pure, and each finding is a line that begins with the key to change.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from mailgate.config.paths import FileRead, PasswordFileRead
from mailgate.config.tables import ConfigTable
from mailgate.config.types import ClockTime, OptionalHttpsUrl, Program
from mailgate.core.calendar.business_time import read_duration
from mailgate.core.workflow.events import Event, Topic

ALARM, EVERYTHING = "alarm", "*"
_TOPICS = tuple(topic.value for topic in Topic if topic is not Topic.NONE)
_NAMES = frozenset((*_TOPICS, *(event.value for event in Event if event.info.topic is not Topic.NONE)))
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_SECRET = b"whsec_"  # what a key of Standard Webhooks begins with
_LEAST_KEY = 24  # bytes, as Standard Webhooks asks for
_LONGEST = timedelta(minutes=10)  # of a call: each hook makes one call at a time


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError("must be at most 32 lower-case letters, digits, hyphens and underscores")
    return text


def _event(text: str) -> str:
    if text not in _NAMES and text not in (ALARM, EVERYTHING):
        raise ValueError(
            f'there is no event "{text}"; write one or more of {", ".join(_TOPICS)}, "{ALARM}", or "{EVERYTHING}" '
            "for all that happens to tickets"
        )
    return text


class Hook(ConfigTable):
    """One [[hooks]]: the events that call it, and what is called: a command, or an address by POST."""

    name: Annotated[str, AfterValidator(_name)]
    events: tuple[Annotated[str, AfterValidator(_event)], ...] = Field(min_length=1)
    queues: tuple[str, ...] = ()
    command: Program = ()
    url: OptionalHttpsUrl = ""
    secret_file: PasswordFileRead | None = None
    ca_file: FileRead = None
    timeout: ClockTime = read_duration("30 seconds")
    with_text: bool = False

    @property
    def keys(self) -> tuple[bytes, ...]:
        """The keys that sign its calls, the newest first; empty where they are not signed."""
        return tuple(map(_read_key, self.secret_file.lines)) if self.secret_file else ()

    @property
    def wants_alarms(self) -> bool:
        return ALARM in self.events

    def wants(self, topic: Topic, event: Event, queue: str) -> bool:
        """Tells whether an event of a ticket calls this hook."""
        if topic is Topic.NONE or (self.queues and queue not in self.queues):
            return False
        return any(word in self.events for word in (EVERYTHING, topic.value, event.value))


def check_hooks(hooks: Sequence[Hook], queues: Mapping[str, object]) -> Iterator[str]:
    """Yields the mistakes of hooks whose single keys are valid."""
    names: set[str] = set()
    for place, hook in enumerate(hooks):
        key = f"hooks[{place}]"
        if hook.name in names:
            yield f'{key}.name: there is already a hook "{hook.name}"; each hook needs its own name'
        names.add(hook.name)
        for name in hook.queues:
            if name not in queues:
                yield f'{key}.queues: there is no queue "{name}"; the queues are {", ".join(queues)}'
        if bool(hook.command) == bool(hook.url):
            yield f"{key}: needs either command or url{', not both' if hook.url else ''}"
        for name in ("secret_file", "ca_file"):
            if getattr(hook, name) is not None and not hook.url:
                yield f"{key}.{name}: belongs to a hook with a url; remove it"
        if hook.timeout.span > _LONGEST:
            yield f'{key}.timeout: must be at most "10 minutes", because the next call of the hook waits for this one'
        if hook.secret_file is not None:
            yield from (f"{key}.secret_file: {words}" for words in _check_keys(hook.secret_file.lines))


def _check_keys(lines: Sequence[bytes]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        key = _read_key(line)
        if not key:
            yield f'line {number} is no key: write "whsec_" and base64, as the receiver shows it'
        elif len(key) < _LEAST_KEY:
            yield f"line {number} is a key of {len(key)} bytes; it needs {_LEAST_KEY} at least"


def _read_key(line: bytes) -> bytes:
    """Returns the bytes of a key of Standard Webhooks, b"" where the line is none."""
    if not line.startswith(_SECRET):
        return b""
    try:
        return base64.b64decode(line.removeprefix(_SECRET).strip(), validate=True)
    except binascii.Error:
        return b""
