"""Settings of one IMAP folder. Frozen; nothing here can fail."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from mailgate.config import PutAwayAction
from mailgate.core.source_keys import imap_key
from mailgate.transport.oauth.account import Tokens


@dataclass(frozen=True, slots=True)
class MailboxSettings:
    """A folder. `tls` is "implicit", "starttls" or "none"; sizes are in bytes, times in seconds unless they say else.

    `address` is whose mail it holds, "" where only its headers tell. With `access` the login is by OAuth2.
    `untouched` leaves every mail as it is (rule 31).
    """

    name: str
    host: str
    user: str
    port: int = 993
    tls: str = "implicit"
    ca_file: Path | None = None
    password: str = field(default="", repr=False)
    access: Tokens | None = field(default=None, repr=False)
    folder: str = "INBOX"
    after: PutAwayAction = field(default_factory=lambda: PutAwayAction("move", "Processed"))
    first_start: str = "recent"
    first_age: timedelta = timedelta(days=7)
    first_mails: int = 500
    address: str = ""
    max_size: int = 25 * 2**20
    poll_every: float = 60.0
    idle_window: float = 120.0
    timeout: float = 60.0
    first_pause: float = 1.0
    longest_pause: float = 300.0
    reconcile_every: float = 86_400.0
    untouched: bool = False

    def source_key(self, uidvalidity: int, uid: int) -> str:
        """Returns the source key of a mail."""
        return imap_key(self.user, self.host, self.port, self.folder, uidvalidity, uid)
