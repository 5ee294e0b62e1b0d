"""After an agent's mail was carried out: he is told what came of it, and the step is kept so that he can take it back.

Writes the transcript and the step in the transaction of the mail. What is answered by a notice of its own gets no
transcript; what cannot come back is kept with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mailgate.dispatch import Dispatch
from mailgate.happening import Happening
from mailgate.notices import Sent
from mailgate.objections import ANSWERED_OTHERS, DECIDED, MERGED, TICKET_OPENED
from mailgate.process.effects import Notice, Send, To
from mailgate.process.engine import Decision
from mailgate.process.events import Event
from mailgate.store.batch import Batch
from mailgate.store.steps import Standing, keep_step
from mailgate.store.tickets import Ticket, save_ticket
from mailgate.transcripts import account_of, is_told_already, mails_of, may_be_undone, wants_transcript

Steps = Sequence[tuple[Happening, Decision]]
"""What happened by one mail, in order, each with what was decided."""

_FINAL = {
    Event.MERGE: MERGED, Event.SPLIT: TICKET_OPENED, Event.REOPEN: DECIDED, Event.APPROVE: DECIDED,
    Event.REJECT: DECIDED,
}  # fmt: skip
"""Why such a step stays."""


class Aftermath:
    """Tells agents and keeps their steps, for one desk."""

    def __init__(self, dispatch: Dispatch) -> None:
        self._dispatch = dispatch

    def settle(
        self, batch: Batch, was: Ticket, ticket: Ticket, steps: Steps, standing: Standing, others: tuple[Sent, ...]
    ) -> Ticket:
        """Send the transcript and keep the step from `was`; `others` is what other tickets' people got."""
        ticket = self._tell(batch, was, ticket, steps, others)
        batch.write()
        events = [happening.event for happening, _ in steps]
        if Event.UNDO not in events:  # what he took back himself is no step
            final = ANSWERED_OTHERS if others else next((_FINAL[event] for event in events if event in _FINAL), "")
            happening, happened = steps[-1][0], [event.value for event in events]
            keep_step(batch.connection, was, ticket, standing, happening.at, happening.by, happened, final)
        return ticket

    def _tell(self, batch: Batch, was: Ticket, ticket: Ticket, steps: Steps, others: tuple[Sent, ...]) -> Ticket:
        if is_told_already(steps) or not wants_transcript((happening for happening, _ in steps), others):
            return ticket
        opened = tuple(Sent(*mail) for mail in batch.elsewhere)
        sent = mails_of(batch.sent) + opened + others
        undoable = may_be_undone((happening.event for happening, _ in steps), sent)
        told = replace(steps[-1][0], done=account_of(steps), sent=sent, undoable=undoable, text="", files=())
        after = self._dispatch.send(batch, ticket, was, Send(Notice.TRANSCRIPT, To.AUTHOR), told)
        if after is ticket:
            return ticket
        save_ticket(batch.connection, ticket, after)
        return replace(after, version=ticket.version + 1)
