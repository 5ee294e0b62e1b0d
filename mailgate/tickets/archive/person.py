"""Writes all that the desk has of a person to one ZIP file (GDPR, articles 15 and 20).

Their own tickets are in it as bundles, internal notes included and marked as such: who hands the file out reads it
first. Of other people's tickets it has only the emails that the person wrote or got.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from html import escape
from json import dumps
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.core.domains import fold_address
from mailgate.parsers.traces import Traces
from mailgate.store.blobs import read_blob
from mailgate.store.mentions import find_mentions, list_names, list_own_tickets, list_references
from mailgate.store.people import get_contact
from mailgate.store.queries.person import (
    PersonHold,
    PersonMail,
    PersonMessage,
    list_person_holds,
    list_person_mails,
    list_person_messages,
)
from mailgate.store.tickets import get_ticket
from mailgate.tickets.archive.export import gather, stream_notice
from mailgate.tickets.archive.writer import write_bundle

_PIECE = 2**20  # bytes


@dataclass(frozen=True, slots=True)
class PersonExport:
    """All that the desk has of a person; tickets by their ids, with their references."""

    address: str
    names: tuple[str, ...]
    contact: Mapping[str, Any]
    own: Mapping[int, str]
    messages: tuple[PersonMessage, ...]
    mails: tuple[PersonMail, ...]
    holds: tuple[PersonHold, ...]
    named_in: tuple[str, ...]  # other people's tickets that name them; what others wrote there is not exported

    @property
    def is_empty(self) -> bool:
        """Tells whether the desk has nothing of the person."""
        return not (self.own or self.messages or self.mails or self.holds or self.contact or self.named_in)


def gather_person(connection: Connection, address: str) -> PersonExport:
    """Reads what the desk has of a person; the bytes are read when it is written, from the same view."""
    key = fold_address(address)
    names = list_names(connection, key)
    traces = Traces(key, names)
    own = list_own_tickets(connection, key)
    others = find_mentions(connection, traces, own).tickets
    contact = get_contact(connection, key)
    spellings = tuple(one.lower() for one in traces.spellings)
    return PersonExport(
        address=key,
        names=tuple(names),
        contact=contact._asdict() if contact is not None else {},
        own=own,
        messages=tuple(list_person_messages(connection, others, key)),
        mails=tuple(list_person_mails(connection, spellings)),
        holds=tuple(list_person_holds(connection, spellings)),
        named_in=tuple(list_references(connection, others).values()),
    )


def write_person(
    file: BinaryIO, connection: Connection, settings: Settings, found: PersonExport, now: datetime
) -> None:
    """Writes the export of a person to a seekable file; only one ticket's record is in memory at a time."""
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        record = _record(found, settings.default_queue.address, now)
        archive.writestr("person.json", dumps(record, indent=2, default=_plain, ensure_ascii=False))
        archive.writestr("index.html", _draw_page(record))
        for ticket_id, reference in found.own.items():
            ticket = get_ticket(connection, ticket_id)
            assert ticket is not None
            with tempfile.TemporaryFile() as bundle:
                write_bundle(bundle, gather(connection, ticket, settings.default_queue.address))
                bundle.seek(0)
                _add(archive, f"tickets/{reference}.zip", iter(lambda: bundle.read(_PIECE), b""), ZIP_STORED)
        for number, message in enumerate(found.messages, 1):
            if message.blob_id is not None:
                _add(archive, _place(number), _read(connection, message.blob_id))
            elif message.outbox_id is not None:
                _add(archive, _place(number), stream_notice(connection, message.outbox_id))
        for mail in found.mails:
            _add(archive, f"other/{mail.id}.eml", _read(connection, mail.blob_id))


def _read(connection: Connection, blob: int) -> Iterable[bytes]:
    return read_blob(lambda: nullcontext(connection), blob)


def _add(archive: ZipFile, name: str, pieces: Iterable[bytes], compression: int = ZIP_DEFLATED) -> None:
    from zipfile import ZipInfo

    info = ZipInfo(name)
    info.compress_type, info.external_attr = compression, 0o600 << 16
    with archive.open(info, "w", force_zip64=True) as target:
        for piece in pieces:
            target.write(piece)


def _place(number: int) -> str:
    return f"shared/{number:04}.eml"


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _record(found: PersonExport, desk: str, now: datetime) -> dict[str, Any]:
    return {
        "person": 1,
        "desk": desk,
        "made_at": now,
        "address": found.address,
        "names": list(found.names),
        "contact": dict(found.contact),
        "tickets": [{"reference": one, "file": f"tickets/{one}.zip"} for one in found.own.values()],
        "emails_in_tickets_of_others": [
            {
                "reference": one.reference,
                "direction": one.direction,
                "from": one.sender,
                "to": one.recipients,
                "subject": one.subject,
                "at": one.at,
                "text": one.text,
                "file": _place(number) if one.blob_id is not None or one.outbox_id is not None else None,
            }
            for number, one in enumerate(found.messages, 1)
        ],
        "emails_of_no_ticket": [
            {
                "number": one.id,
                "received_at": one.received_at,
                "subject": one.subject,
                "outcome": one.outcome or one.state,
                "file": f"other/{one.id}.eml",
            }
            for one in found.mails
        ],
        "holds": [one._asdict() for one in found.holds],
        "named_in_tickets_of_others": list(found.named_in),
    }


def _draw_page(record: Mapping[str, Any]) -> str:
    """Returns the export as an HTML page without scripts that loads nothing."""
    sections = [
        ("Requests", [(one["reference"], one["file"]) for one in record["tickets"]]),
        (
            "Emails in requests of other people",
            [
                (f"{_plain(one['at'])} {one['reference']} {one['from']}: {one['subject']}", one["file"] or "")
                for one in record["emails_in_tickets_of_others"]
            ],
        ),
        (
            "Emails that became no request",
            [
                (f"{_plain(one['received_at'])} {one['subject']} ({one['outcome']})", one["file"])
                for one in record["emails_of_no_ticket"]
            ],
        ),
        ("Questions about your emails", [(f"{one['kind']}, {one['state']}", "") for one in record["holds"]]),
        ("What the desk notes of the address", [(f"{name}: {value}", "") for name, value in record["contact"].items()]),
    ]
    parts = [
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Your data</title>',
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'"></head><body>',
        f"<h1>Data of {escape(record['address'])} at {escape(record['desk'])}</h1>",
        f"<p>Made {escape(str(_plain(record['made_at'])))}. Names: {escape(', '.join(record['names']) or '-')}. ",
        "The same for programs is in person.json. Each request is a ZIP file; open index.html in it.</p>",
    ]
    for title, lines in sections:
        parts.append(f"<h2>{title}</h2><ul>")
        for words, file in lines:
            link = f' <a href="{escape(file)}">{escape(file)}</a>' if file else ""
            parts.append(f"<li>{escape(words)}{link}</li>")
        parts.append("</ul>" if lines else "<li>none</li></ul>")
    return "\n".join((*parts, "</body></html>\n"))
