"""What each way in is called: in the table `ways`, in the log, in `status` and in the operator's mails.

Pure. A name says whose mailbox it is and where; two ways of one configuration never share a name, since what is one
folder of one mailbox is refused a second time (checks.py).
"""

from __future__ import annotations

from mailgate.config.settings import Settings
from mailgate.config.tables import ImapTable, MaildirTable

DESK = "desk"
"""Not a way, but kept like one: that a desk works on the database, told each minute."""

RELAY = "relay"
"""The way out. It is watched like a way in, but no mail can tell of it."""

ARCHIVE = "archive"
"""The folder of archives. It is kept like the relay: only a failure counts."""

ROUND_TRIP = "round trip"
"""The way out and in again, which the probe measures."""

_USUAL_PORT = 993


def name_ways(settings: Settings) -> tuple[str, ...]:
    """The names of all configured ways in that are watched, in the order of the configuration, the probe's last."""
    intake = settings.intake
    names = [*map(name_mailbox, intake.imap), *map(name_maildir, intake.maildir)]
    if intake.probe_every is not None:
        names.append(ROUND_TRIP)
    return tuple(dict.fromkeys(names))


def name_mailbox(imap: ImapTable) -> str:
    """The name of a folder of an IMAP mailbox: `imap support@imap.example.com INBOX`."""
    host = imap.host
    if imap.port != _USUAL_PORT:
        host = f"[{host}]:{imap.port}" if ":" in host else f"{host}:{imap.port}"
    return f"imap {imap.user} on {host} {imap.folder}" if "@" in imap.user else f"imap {imap.user}@{host} {imap.folder}"


def name_maildir(folder: MaildirTable) -> str:
    """The name of a Maildir: `maildir /var/mail/support`."""
    return f"maildir {folder.path}"
