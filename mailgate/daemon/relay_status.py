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
    """The state of the relay at a time: it accepts notices, or `error` is the reason why it defers them.

    `size_limit` is the most bytes that it takes in a message: 0 where it names no limit, None while that is unknown.
    """

    at: datetime
    error: str = ""
    size_limit: int | None = None


class RelayStatus:
    """Remembers the state that was written last, and decides when to write another."""

    def __init__(self) -> None:
        self._kept: RelayState | None = None

    def assess(self, outcomes: Iterable[Outcome], now: datetime, size_limit: int | None = None) -> RelayState | None:
        """Returns the state to write after these outcomes; None where none is.

        One notice that was sent, or rejected for good, shows that the relay works, even if it defers others. A notice
        deferred because of its recipient, or skipped, shows nothing.
        """
        error = ""
        for outcome in outcomes:
            if isinstance(outcome, Sent | Rejected):
                return self._news(RelayState(now, size_limit=size_limit))
            if isinstance(outcome, Deferred) and not outcome.of_recipient:
                error = outcome.words or "no reason given"
        return self._news(RelayState(now, error, size_limit)) if error else None

    def _news(self, state: RelayState) -> RelayState | None:
        kept = self._kept
        if kept is None or bool(kept.error) != bool(state.error) or kept.size_limit != state.size_limit:
            return state
        return state if abs(state.at - kept.at) >= _RARELY else None  # a clock may go back

    def keep(self, state: RelayState | None) -> None:
        """Remembers a state that was committed; None changes nothing."""
        self._kept = state or self._kept


def write_state(connection: Connection, state: RelayState) -> bool:
    """Writes a state, in the transaction that holds the outcomes; True where the relay works again.

    The table tells, so that a success after a restart counts as well.
    """
    if state.error:
        note_failure(connection, RELAY, state.at, state.error)
        return False
    figures = {} if state.size_limit is None else {"size": state.size_limit}
    return note_success(connection, RELAY, state.at, **figures)
