"""OAuth2 account of a login: keeps an access token, and fetches a new one shortly before it expires.

Fails with `NoToken`. Nothing is asked before the first `token()`.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from mailgate.core.clock import Clock
from mailgate.transport.oauth.grants import fetch_access

if TYPE_CHECKING:
    from mailgate.config.tables import OAuth2Table

_MARGIN = timedelta(minutes=5)


class Tokens(Protocol):
    """Provides access tokens for a login; `OAuthAccount` does."""

    def token(self) -> str: ...

    def forget(self, refused: str = "") -> None: ...


@dataclass(frozen=True, slots=True)
class _Kept:
    token: str = field(repr=False)
    until: datetime


class OAuthAccount:
    """The tokens of one user, for any number of threads: while one fetches, the others wait for the same token."""

    def __init__(self, settings: OAuth2Table, user: str, clock: Clock) -> None:
        self._settings = settings
        self._user = user
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: _Kept | None = None

    def token(self) -> str:
        """Returns an access token that is valid for minutes to come. Raises NoToken; the caller backs off then."""
        with self._lock:
            if self._kept is None or self._clock.now() >= self._kept.until:
                self._kept = self._fetch()
            return self._kept.token

    def forget(self, refused: str = "") -> None:
        """Drops the token, which a server has refused; the next `token()` is a fresh one.

        With the refused token, only that one is forgotten: another thread may have fetched a fresh one already.
        """
        with self._lock:
            if self._kept is not None and refused in ("", self._kept.token):
                self._kept = None

    def _fetch(self) -> _Kept:
        now = self._clock.now()  # from before the request: the server counts from a moment after it
        access = fetch_access(self._settings, self._user, now)
        return _Kept(access.token, now + access.lifetime - min(_MARGIN, access.lifetime / 10))
