"""How the relay fares, told from what it says of each notice; kept as the way "relay" of the table `ways`.

The courier sends hundreds of notices in a second: what is no news is not written. Never fails by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from mailgate.config import RELAY
from mailgate.store.source_status import note_failure, note_success
from mailgate.transport.relay import Deferred, Outcome, Rejected, Sent

_RARELY = timedelta(seconds=15)  # the same is not written more often


@dataclass(frozen=True, slots=True)
class RelayState:
    """That the relay takes notices, or the words with which it puts them off, and when that was."""

    at: datetime
    error: str = ""


class RelayStatus:
    """Knows what was written last, and what would be news."""

    def __init__(self) -> None:
        self._kept: RelayState | None = None

    def hear(self, outcomes: Iterable[Outcome], now: datetime) -> RelayState | None:
        """What is to be written after these outcomes; None where it is no news.

        One notice that was sent, or refused for good, shows that the relay works, whatever it puts off beside it. What
        it puts off for its recipient's sake, and what was not offered to it, tells nothing.
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
        """A commit holds it."""
        self._kept = state or self._kept


def write_state(connection: Connection, state: RelayState) -> None:
    """Write it down, in the transaction that holds the outcomes."""
    if state.error:
        note_failure(connection, RELAY, state.at, state.error)
    else:
        note_success(connection, RELAY, state.at)
