"""Tells the beginning and the end of an outage from the failures in between, so that a log gets one line for each.

Pure; safe to use from several threads.
"""

from __future__ import annotations

import threading

_MOST_REASONS = 10  # of one outage that get a line of their own


class Outage:
    """Counts the failures of one resource: a database that does not store, a server that does not answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reasons: set[str] = set()
        self._failures = 0

    def fail(self, reason: str) -> bool:
        """Counts a failure; True where this outage did not have the reason before: only then is it worth a line."""
        with self._lock:
            self._failures += 1
            if reason in self._reasons or len(self._reasons) >= _MOST_REASONS:
                return False
            self._reasons.add(reason)
            return True

    def end(self) -> int:
        """Ends the outage, and returns how many failures it had; 0 where there was none."""
        if not self._failures:  # read without the lock: this is asked after each success
            return 0
        with self._lock:
            failures, self._failures = self._failures, 0
            self._reasons.clear()
            return failures
