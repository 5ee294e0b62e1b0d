"""The query `#explain`: why each mail landed in a ticket and why each step was taken, as recorded at the time.

The facts of `mailgate explain` for a reader of mails: each is classified, so that a template has a word for it, and
tokens and names of rows are left out. Reads only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from mailgate.core.mail import Address
from mailgate.core.text import ellipsis
from mailgate.core.workflow.events import EVENTS, Event
from mailgate.core.workflow.transitions import ROWS
from mailgate.inbound.rules import rule_of
from mailgate.notices.mime.headers import clean_name
from mailgate.notices.rendering.replies import ExplainedStep, QueryReply
from mailgate.parsers.thread_keys import KeyKind
from mailgate.store.events import EventRow, in_order, list_events
from mailgate.store.messages import MessageRow, list_messages
from mailgate.store.outbox import list_statuses_of
from mailgate.store.people import list_participants
from mailgate.store.queries.listings import received_mails
from mailgate.store.tickets import Ticket

MOST = 60  # mails and steps that one answer explains: the newest, and the first one of all
_SAID = 300  # letters of the words that decided
_STEPS = {row.name: row.step for row in ROWS}
_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9]{0,15}-\d{1,12}\.(\d{1,6})")
_QUOTED = re.compile(r"(['\"])(.{1,2000})\1(?:, |$)", re.DOTALL)
_KEYS = tuple(kind.value for kind in KeyKind)


def explain_for(connection: Connection, ticket: Ticket, line: str) -> QueryReply:
    """Answers `#explain` for a ticket that the author sees."""
    messages = list_messages(connection, ticket.id)
    events = list_events(connection, ticket.id)
    landed = {row.id: row.outcome for row in received_mails(connection, ticket.id)}
    statuses = list_statuses_of(connection, ticket.id)
    unsent = frozenset(message_id for message_id, status in statuses.items() if not status.is_sent)
    whys = tuple(_tell(messages, events, landed, unsent))
    shown = whys if len(whys) <= MOST else (whys[0], *whys[1 - MOST :])
    return QueryReply(
        "explain", line, reference=ticket.reference, subject=ticket.subject, state=ticket.state, whys=shown,
        names=_names(connection, ticket), more=len(whys) - len(shown),
    )  # fmt: skip


def _names(connection: Connection, ticket: Ticket) -> tuple[tuple[str, str], ...]:
    """Lists the people whose names the ticket has: those outside, and the agent who answered last."""
    people = [Address(row.name, row.address) for row in list_participants(connection, ticket.id)]
    people += [ticket.person, Address(ticket.last_agent_name, ticket.last_agent)]
    return tuple((one.key, clean_name(one.name)) for one in people if one.name and one.address)


def _tell(
    messages: Sequence[MessageRow], events: Sequence[EventRow], landed: Mapping[int, str], unsent: frozenset[str]
) -> Iterator[ExplainedStep]:
    """Explains mails and steps in their order; `unsent` are the Message-IDs of notices that have not left."""
    numbered = {number: row for row in messages if row.direction == "out" and (number := _number(row.message_id))}
    sent: dict[int, list[MessageRow]] = {}
    last = 0
    rows = in_order(messages, events)
    for row in rows:
        if isinstance(row, EventRow):
            last = row.id
        elif row.direction == "out":
            sent.setdefault(last, []).append(row)
    for row in rows:
        if isinstance(row, EventRow):
            notices = sent.get(row.id, ())
            left = tuple(_name(one) for one in notices if one.message_id not in unsent)
            yield _step(row, left, tuple(_name(one) for one in notices if one.message_id in unsent))
        elif row.direction == "in":
            yield _mail(row, landed.get(row.journal_id or 0, ""), numbered)


def _name(row: MessageRow) -> tuple[str, str]:
    return row.notice, ", ".join(row.recipients)


def _number(message_id: str) -> int:
    found = _TOKEN.match(message_id)
    return int(found[1]) if found is not None else 0


def _mail(row: MessageRow, outcome: str, numbered: Mapping[int, MessageRow]) -> ExplainedStep:
    key = next((kind for kind in _KEYS if outcome.startswith(kind)), "")
    if not key:
        key = "stray" if "names no address of the desk" in outcome else "request" if "request" in outcome else "other"
    token = _TOKEN.search(outcome)
    answered = numbered.get(int(token[1])) if token is not None and key in _KEYS[:3] else None
    at: datetime | None = answered.at if answered is not None else None
    to = ", ".join(answered.recipients) if answered is not None else ""
    return ExplainedStep(row.at, row.sender, "mail", key=key, subject=row.subject, answered=at, answered_by=to)


def _step(row: EventRow, sent: tuple[tuple[str, str], ...], unsent: tuple[tuple[str, str], ...]) -> ExplainedStep:
    refused, info = row.row not in _STEPS, EVENTS.get(row.event)
    return ExplainedStep(
        row.at, "" if row.by in ("desk", row.event) else row.by, row.event,
        from_state=row.from_state or "", to_state=row.to_state,
        said="" if info is not None and info.by_timer else _said(row), step=_STEPS.get(row.row, ""),
        rule=rule_of(row.reason) if row.event == Event.REQUEST else "",
        undone=bool(row.undone), refused=refused and bool(row.row), sent=sent, unsent=unsent,
    )  # fmt: skip


def _said(row: EventRow) -> str:
    """Returns the words that decided: a phrase of the requester, or an agent's command; "" where there were none."""
    info = EVENTS.get(row.event)
    if info is not None and info.by_participant:
        found = _QUOTED.match(row.reason)
        return ellipsis(found[2], _SAID) if found is not None else ""
    _, _, command = row.reason.rpartition("; ") if row.row not in _STEPS else ("", "", row.reason)
    return ellipsis(command, _SAID) if command.startswith("#") else ""
