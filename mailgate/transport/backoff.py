"""How long a way in waits after failures, one after the other. Pure."""

from __future__ import annotations

from dataclasses import dataclass

_REFUSED = 16  # a server that refuses us is asked that much more rarely from the start


@dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds: the first pause, which doubles up to the longest."""

    first: float = 1.0
    longest: float = 60.0

    def longer(self, pause: float, *, refused: bool = False) -> float:
        """The pause after this one; the first after 0. `refused`: somebody must mend something first, and a server that
        is asked too often may lock the account."""
        least = self.first * _REFUSED if refused else self.first
        return min(max(pause * 2, least), self.longest)
