"""Why a ticket is where it is: which key brought each mail, and which row of the table made each step.

Steps and keys are told as they were written down when they happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mailgate.cli.output import iso
from mailgate.cli.ticket_view import TicketView, in_order
from mailgate.core.workflow.transitions import ROWS
from mailgate.parsers import read_mail
from mailgate.store.blobs import get_blob
from mailgate.store.events import EventRow
from mailgate.store.journal import JournalRow
from mailgate.store.queries.listings import received_mails

_STEPS = {row.name: row.step for row in ROWS}


@dataclass(frozen=True, slots=True)
class ExplainedMail:
    """A mail that came in: `key` is what led it to the ticket, `defects` what was wrong with it."""

    journal_id: int
    at: datetime
    sender: str
    subject: str
    message_id: str
    kind: str
    key: str
    defects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExplainedEvent:
    """Something that happened: `row` is the row of the table, `step` the process step, `sent` the notices it made."""

    number: int
    at: datetime
    event: str
    from_state: str | None
    to_state: str
    by: str
    reason: str
    row: str
    step: str
    sent: tuple[str, ...]
    journal_id: int | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """All mails and all steps of a ticket, oldest first."""

    mails: tuple[ExplainedMail, ...]
    steps: tuple[ExplainedEvent, ...]


def explain(connection: Connection, dossier: TicketView) -> Explanation:
    """Account for every mail and every step of a ticket."""
    mails = received_mails(connection, dossier.ticket.id)
    landed = tuple(_landed(connection, row) for row in mails)
    return Explanation(landed, tuple(_steps(dossier)))


def _landed(connection: Connection, row: JournalRow) -> ExplainedMail:
    mail = read_mail(get_blob(connection, row.blob_id), row.sender)
    sender = mail.sender.address if mail.sender is not None else row.sender or ""
    return ExplainedMail(
        journal_id=row.id,
        at=row.received_at,
        sender=sender,
        subject=mail.subject,
        message_id=row.message_id,
        kind=mail.kind.value,
        key=row.outcome,
        defects=mail.defects,
    )


def _steps(dossier: TicketView) -> Iterable[ExplainedEvent]:
    """The steps with their notices: those of several things done by one mail stand with the last of them."""
    sent: dict[int, list[str]] = {}
    last = 0
    for row in in_order(dossier):
        if isinstance(row, EventRow):
            last = row.id
        elif row.direction == "out":
            sent.setdefault(last, []).append(f"{row.notice} to {', '.join(row.recipients)}")
    for number, row in enumerate(dossier.events, 1):
        yield ExplainedEvent(
            number=number,
            at=row.at,
            event=row.event,
            from_state=row.from_state,
            to_state=row.to_state,
            by=row.by,
            reason=row.reason,
            row=row.row,
            step=_STEPS.get(row.row, ""),
            sent=tuple(sent.get(row.id, ())),
            journal_id=row.journal_id,
        )


def as_json(dossier: TicketView, explanation: Explanation) -> dict[str, object]:
    """The explanation as programs read it."""
    return {
        "reference": dossier.ticket.reference,
        "state": dossier.ticket.state,
        "mails": [_values(mail) for mail in explanation.mails],
        "steps": [_values(step) for step in explanation.steps],
    }


def _values(told: ExplainedMail | ExplainedEvent) -> dict[str, object]:
    values = {name: getattr(told, name) for name in told.__slots__}
    return {name: iso(value) if isinstance(value, datetime) else _plain(value) for name, value in values.items()}


def _plain(value: object) -> object:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
