"""Derives the status of the relay from its outcomes; kept as the row "relay" of the table `ways`.

The courier sends hundreds of notices a second: only a change is written, or the same status every 15 seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from mailgate.config import RELAY
from mailgate.store.source_status import note_failure, note_success
from mailgate.transport.relay import Deferred, Outcome, Rejected, Sent

_RARELY = timedelta(seconds=15)  # between two writes of the same status


@dataclass(frozen=True, slots=True)
class RelayState:
    """The state of the relay at a time: it accepts notices, or `error` is the reason why it defers them."""

    at: datetime
    error: str = ""


class RelayStatus:
    """Remembers the state that was written last, and decides when to write another."""

    def __init__(self) -> None:
        self._kept: RelayState | None = None

    def assess(self, outcomes: Iterable[Outcome], now: datetime) -> RelayState | None:
        """Returns the state to write after these outcomes; None where none is.

        One notice that was sent, or rejected for good, shows that the relay works, even if it defers others. A notice
        deferred because of its recipient, or skipped, shows nothing.
        """
        error = ""
        for outcome in outcomes:
            if isinstance(outcome, Sent | Rejected):
                return self._news(RelayState(now))
            if isinstance(outcome, Deferred) and not outcome.of_recipient:
                error = outcome.words or "no reason given"
        return self._news(RelayState(now, error)) if error else None

    def _news(self, state: RelayState) -> RelayState | None:
        kept = self._kept
        same = kept is not None and bool(kept.error) == bool(state.error) and state.at - kept.at < _RARELY
        return None if same else state

    def keep(self, state: RelayState | None) -> None:
        """Remembers a state that was committed; None changes nothing."""
        self._kept = state or self._kept


def write_state(connection: Connection, state: RelayState) -> None:
    """Writes a state, in the transaction that holds the outcomes."""
    if state.error:
        note_failure(connection, RELAY, state.at, state.error)
    else:
        note_success(connection, RELAY, state.at)
