"""Queues the calls of hooks: what happened to a ticket, or an alarm, as JSON for other programs.

In the transaction of the event, so that a call exists exactly if its event does. Without hooks nothing is written or
read. The JSON is described in docs/hooks.md, and is a contract.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import Connection

from mailgate.config import Hook, Settings
from mailgate.core.workflow.events import State
from mailgate.core.workflow.topics import find_topic
from mailgate.store.hook_calls import QueuedCall, put_calls
from mailgate.store.tickets import Ticket
from mailgate.tickets.events import TicketEvent

ALARM, RECOVERY, PING = "alarm", "recovery", "ping"
"""The types of calls that are of no ticket: a trouble, its end where the desk notices it, and a test."""


class HookCaller:
    """Queues calls of the configured hooks, in the caller's transaction."""

    def __init__(self, settings: Settings) -> None:
        self._hooks = settings.hooks

    def call(
        self, connection: Connection, before: Ticket, after: Ticket, from_state: str | None, ticket_event: TicketEvent
    ) -> None:
        """Queues the calls for an event that was not refused; an import that is to stay quiet has none.

        `after` is the ticket once the event is carried out, `from_state` its state before, None for a new ticket.
        """
        if not self._hooks or ticket_event.quiet:
            return
        calls = self._list_calls(before, after, from_state, ticket_event)
        put_calls(connection, tuple(calls), ticket_event.at)

    def _list_calls(
        self, before: Ticket, after: Ticket, from_state: str | None, ticket_event: TicketEvent
    ) -> Iterator[QueuedCall]:
        event = ticket_event.event
        topic = find_topic(event, State(from_state) if from_state is not None else None, State(after.state))
        for hook in self._hooks:
            # A ticket that leaves a queue is news for both.
            if any(hook.wants(topic, event, queue) for queue in {before.queue, after.queue}):
                kind = f"ticket.{topic.value}"
                data = _describe_step(after, from_state, ticket_event, with_text=hook.with_text)
                yield QueuedCall(hook.name, kind, write_call(kind, ticket_event.at, data), after.id)

    def call_for_alarm(
        self, connection: Connection, kind: str, text: str, host: str, now: datetime, reference: str = ""
    ) -> None:
        """Queues the calls for an alarm, or for the end of one; `text` is in English, `host` where it was noticed."""
        hooks = [hook for hook in self._hooks if hook.wants_alarms]
        data: dict[str, object] = {"text": text, "host": host, "reference": reference or None}
        calls = [QueuedCall(hook.name, kind, write_call(kind, now, data)) for hook in hooks]
        put_calls(connection, calls, now)


def make_test_call(hook: Hook, host: str, now: datetime) -> QueuedCall:
    """Makes the call by which an operator tries a hook; it is not queued."""
    text = "This is a test of a hook of mailgate. Nothing has happened."
    return QueuedCall(hook.name, PING, write_call(PING, now, {"text": text, "host": host, "reference": None}))


def write_call(kind: str, at: datetime, data: dict[str, object]) -> str:
    """Writes the JSON of a call."""
    return json.dumps({"type": kind, "timestamp": _iso(at), "data": data}, ensure_ascii=False)


def _describe_step(
    ticket: Ticket, from_state: str | None, ticket_event: TicketEvent, *, with_text: bool
) -> dict[str, object]:
    data: dict[str, object] = {
        "reference": ticket.reference,
        "queue": ticket.queue,
        "event": ticket_event.event.value,
        "from_state": from_state,
        "to_state": ticket.state,
        "level": ticket.level,
        "by": ticket_event.by,
        "assignee": ticket.assignee or None,
        "priority": ticket.priority,
        "requester": ticket.requester,
        "subject": ticket.subject,
        "due": _iso(ticket.due) if ticket.due is not None else None,
    }
    return data | {"text": ticket_event.text} if with_text else data


def _iso(moment: datetime) -> str:
    """Formats a time as all JSON of the desk has it: UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
