"""The typed rows say of each column what the schema says of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

import pytest
from sqlalchemy import JSON, BigInteger, Boolean, Integer, LargeBinary, Table, Text

from mailgate.store.events import EventRow
from mailgate.store.holds import HoldRow
from mailgate.store.journal import JournalRow, SpamRow
from mailgate.store.messages import AttachmentRow, MailHeadRow, MailRow, MessageRow
from mailgate.store.outbox import NoticeRow, OutboxRow
from mailgate.store.people import AbsenceRow, ContactRow, ParticipantRow
from mailgate.store.probes import ProbeRow
from mailgate.store.queries.export import ExportedNotice
from mailgate.store.schema import (
    Compressed,
    Moment,
    absences,
    attachments,
    contacts,
    events,
    holds,
    journal,
    messages,
    outbox,
    participants,
    plans,
    tickets,
    timers,
    ways,
)
from mailgate.store.sla_plans import PlanRow
from mailgate.store.source_status import SourceStatusRow
from mailgate.store.tickets import EarlierTicket
from mailgate.store.timers import RunningTimer, TimerRow

ROWS: list[tuple[type[NamedTuple], Table]] = [
    (AbsenceRow, absences),
    (AttachmentRow, attachments),
    (ContactRow, contacts),
    (EarlierTicket, tickets),
    (EventRow, events),
    (ExportedNotice, outbox),
    (HoldRow, holds),
    (JournalRow, journal),
    (MailHeadRow, messages),
    (MailRow, messages),
    (MessageRow, messages),
    (NoticeRow, outbox),
    (OutboxRow, outbox),
    (ParticipantRow, participants),
    (PlanRow, plans),
    (ProbeRow, outbox),
    (RunningTimer, timers),
    (SourceStatusRow, ways),
    (SpamRow, journal),
    (TimerRow, timers),
]
TYPES: dict[type[Any], tuple[type[Any], ...]] = {
    Text: (str,),
    Moment: (datetime,),
    Boolean: (bool,),
    Integer: (int,),
    BigInteger: (int,),
    LargeBinary: (bytes,),
    Compressed: (bytes,),
    JSON: (list, dict),
}


@pytest.mark.parametrize(("row", "table"), ROWS, ids=lambda value: getattr(value, "__name__", ""))
def test_each_field_has_the_type_of_its_column(row: type[NamedTuple], table: Table) -> None:
    for name, hint in get_type_hints(row).items():
        column, parts = table.c[name], get_args(hint)
        assert (type(None) in parts) == bool(column.nullable), name
        [kept] = [part for part in parts if part is not type(None)] if type(None) in parts else [hint]
        python = str if str(get_origin(kept)) == "typing.Literal" else get_origin(kept) or kept
        assert python in TYPES[type(column.type)], name


@pytest.mark.parametrize(("row", "table"), [(JournalRow, journal), (OutboxRow, outbox), (TimerRow, timers)])
def test_the_row_of_a_queue_has_all_columns_in_their_order(row: type[NamedTuple], table: Table) -> None:
    assert row._fields == tuple(column.name for column in table.c)
