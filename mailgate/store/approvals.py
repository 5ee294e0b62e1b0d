"""Approvals: the third persons who were asked to approve a request, each by its notice, and what they decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Select, bindparam, delete, insert, select, update

from mailgate.core.domains import fold_address
from mailgate.store.rows import columns_of, make_first, make_rows
from mailgate.store.schema import approvals

WITHDRAWN = "withdrawn"


class ApprovalRow(NamedTuple):
    """One approval: the columns of the table. `decision` is "" until it is approved, rejected or withdrawn."""

    ticket_id: int
    notice: int
    address: str
    question: str
    asked_by: str
    asked_at: datetime
    decision: str
    decided_at: datetime | None
    words: str


_OF_TICKET: Select[tuple[object, ...]] = (
    select(*columns_of(approvals, ApprovalRow))
    .where(approvals.c.ticket_id == bindparam("ticket"))
    .order_by(approvals.c.notice)
)


def add_approval(
    connection: Connection, ticket_id: int, notice: int, address: str, question: str, asked_by: str, at: datetime
) -> None:
    """Adds the approval that a notice asks for."""
    values = {"ticket_id": ticket_id, "notice": notice, "address": fold_address(address), "question": question}
    connection.execute(insert(approvals).values(**values, asked_by=asked_by, asked_at=at))


def put_approvals(connection: Connection, ticket_id: int, rows: Sequence[dict[str, object]]) -> None:
    """Adds the approvals of a ticket that is brought in."""
    if rows:
        connection.execute(insert(approvals), [{**row, "ticket_id": ticket_id} for row in rows])


def list_approvals(connection: Connection, ticket_id: int) -> Sequence[ApprovalRow]:
    """Lists the approvals of a ticket, in the order in which they were asked for."""
    return make_rows(ApprovalRow._make, connection.execute(_OF_TICKET, {"ticket": ticket_id}))


def find_approval(connection: Connection, ticket_id: int, notice: int) -> ApprovalRow | None:
    """Finds the approval that a notice asked for."""
    query = _OF_TICKET.where(approvals.c.notice == notice)
    return make_first(ApprovalRow._make, connection.execute(query, {"ticket": ticket_id}))


def note_decision(connection: Connection, ticket_id: int, notice: int, decision: str, at: datetime, words: str) -> None:
    """Records a decision; the first one stands."""
    open_one = approvals.c.ticket_id == ticket_id, approvals.c.notice == notice, approvals.c.decision == ""
    connection.execute(update(approvals).where(*open_one).values(decision=decision, decided_at=at, words=words))


def withdraw_approvals(connection: Connection, ticket_id: int, at: datetime, *, of: str = "") -> None:
    """Withdraws the approvals that nobody has decided: all of a ticket, or those asked of one address."""
    open_ones = [approvals.c.ticket_id == ticket_id, approvals.c.decision == ""]
    if of:
        open_ones.append(approvals.c.address == fold_address(of))
    connection.execute(update(approvals).where(*open_ones).values(decision=WITHDRAWN, decided_at=at))


def take_back_approvals(connection: Connection, ticket_id: int, notice_before: int, at: datetime) -> None:
    """Undoes a step: deletes what it asked for after that notice, and opens again what it withdrew at that time."""
    mine = approvals.c.ticket_id == ticket_id
    connection.execute(delete(approvals).where(mine, approvals.c.notice > notice_before))
    withdrawn = mine, approvals.c.decision == WITHDRAWN, approvals.c.decided_at == at
    connection.execute(update(approvals).where(*withdrawn).values(decision="", decided_at=None))
