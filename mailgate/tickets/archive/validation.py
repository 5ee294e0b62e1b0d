"""Checks that the record of a bundle can be that of a ticket: a bundle brings in nothing that a mail could not.

The schema checks the shape; this module checks the values against each other and against this desk. Pure; the result is
a line that says what is wrong, "" where nothing is. Linear in the size of the record.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel

from mailgate.config import Settings
from mailgate.parsers.addresses import read_addresses
from mailgate.tickets.archive.format import ArchivedTicket, Manifest

# Far from the ends of the calendar, where no deadline can be counted; what a ticket waits for is years away at most.
_EARLIEST, _FARTHEST = datetime(1980, 1, 1, tzinfo=UTC), timedelta(days=3660)
_MOST_NOTICES = 900_000  # the number of a notice has six digits in its token, and more notices will follow
_NO_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def find_fault(record: ArchivedTicket, manifest: Manifest, settings: Settings, now: datetime) -> str:
    """Returns the first fault of a record, "" where there is none."""
    return next(_faults(record, manifest, settings, now), "")


def _faults(record: ArchivedTicket, manifest: Manifest, settings: Settings, now: datetime) -> Iterator[str]:
    yield from _faults_of_values(record, now + _FARTHEST)
    for what, line in _lines(record):
        if _NO_LINE.search(line):
            yield f"{what} contains a line break or a control character"
    for what, address in _addresses(record):
        if not _is_address(address):
            yield f"{what} is not an address: {address[:100]!a}"
    yield from _faults_of_files(record, manifest)
    if len(record.people) > settings.limits.participants:
        yield f"it has {len(record.people):,} people, more than {settings.limits.participants:,} (limits.participants)"
    if not all(isinstance(value, str) for value in record.fields.values()):
        yield "fields has a value that is not text"
    last = max((one.number for one in record.sent), default=0)
    if max(last, record.confirm_notice, record.last_agent_notice) > record.notices or record.notices > _MOST_NOTICES:
        yield "the numbers of its notices are impossible"


def _faults_of_values(record: ArchivedTicket, latest: datetime) -> Iterator[str]:
    """Yields the faults of values anywhere in the record, also in those that the schema leaves open."""
    for what, value in _walk(record):
        if isinstance(value, str) and "\0" in value:
            yield f"{what} contains a NUL character, which no desk stores"
        elif isinstance(value, float) and not math.isfinite(value):
            yield f"{what} contains an invalid number"
        elif isinstance(value, datetime) and not _EARLIEST <= value <= latest:
            yield f"{what} contains an impossible time: {value.year:04}"


def _walk(record: ArchivedTicket) -> Iterator[tuple[str, object]]:
    """Yields every value of the record, and every name that the schema leaves open, with the part it belongs to."""
    waiting: list[tuple[str, object]] = [(name, getattr(record, name)) for name in type(record).model_fields]
    while waiting:
        what, value = waiting.pop()
        if isinstance(value, BaseModel):
            waiting.extend((what, getattr(value, name)) for name in type(value).model_fields)
        elif isinstance(value, dict):
            waiting.extend((what, one) for pair in value.items() for one in pair)
        elif isinstance(value, tuple | list):
            waiting.extend((what, one) for one in value)
        else:
            yield what, value


def _lines(record: ArchivedTicket) -> Iterator[tuple[str, str]]:
    """Yields the values that stand in headers of mails, sent or to be sent."""
    yield "subject", record.subject
    yield "requester_name", record.requester_name
    yield "assignee", record.assignee
    yield "submitter", record.submitter
    yield "last_agent", record.last_agent
    yield from (("people", one.name) for one in record.people)
    for message in record.messages:
        yield from (("messages", one) for one in (message.sender, message.subject, message.message_id))
        yield from (("messages", one) for file in message.attachments for one in (file.filename, file.mime_type))
    for sent in record.sent:
        yield from (("sent", one) for one in (sent.recipient, sent.return_path, sent.message_id))
    yield from (("seen", one.message_id) for one in record.seen)


def _addresses(record: ArchivedTicket) -> Iterator[tuple[str, str]]:
    yield "requester", record.requester
    yield from (("people", one.address) for one in record.people)


def _is_address(text: str) -> bool:
    """Tells whether the parser of addresses reads the text as exactly one address, unchanged."""
    found = read_addresses(text.encode("utf-8", "replace"))
    return [one.address for one in found] == [text] != [""]


def _faults_of_files(record: ArchivedTicket, manifest: Manifest) -> Iterator[str]:
    """Yields files that are named twice: otherwise a small bundle could become a large ticket."""
    files = [file for message in record.messages for file in message.attachments]
    twice = _first_twice((*(m.file for m in record.mails), *(s.file for s in record.sent), *(f.file for f in files)))
    if twice:
        yield f"it names {twice[:100]!a} twice"
    spans = sum(max(file.span[1] - file.span[0], 0) for file in files if file.span is not None)
    if spans > sum(entry.size for entry in manifest.files):
        yield "its files overlap"


def _first_twice(names: Iterable[str]) -> str:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return ""
