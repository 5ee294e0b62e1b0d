"""Source keys: the names by which the journal knows the mails of a mailbox, and the places that they stand for. Pure.

A mail with a source key was read from a mailbox and came without an envelope. A source whose keys people can read as
they are needs nothing here.
"""

from __future__ import annotations

import re
from pathlib import Path

_IMAP = re.compile(r"imap://(?P<user>.*)@(?P<host>[^@/]*?)(?::\d+)?/(?P<folder>.*);UIDVALIDITY=\d+/;UID=(?P<uid>\d+)")
_MAILDIR = "maildir:"
_WRITTEN = re.compile(r";\d+$")  # when the file was written


def imap_key(user: str, host: str, port: int, folder: str, uidvalidity: int, uid: int) -> str:
    """Names a mail of an IMAP folder, in the form of RFC 5092."""
    return f"imap://{user}@{host}:{port}/{folder};UIDVALIDITY={uidvalidity}/;UID={uid}"


def maildir_key(path: Path, label: str) -> str:
    """Names a mail of a Maildir; `label` is the name of its file with the time at which it was written."""
    return f"{_MAILDIR}{path}/{label}"


def describe_place(key: str | None) -> str:
    """Describes for people where the mail of a source key lies; "" where it has none."""
    found = _IMAP.fullmatch(key or "")
    if found is not None:
        return f"{found['folder']}, UID {found['uid']} ({found['user']}, {found['host']})"
    return _WRITTEN.sub("", (key or "").removeprefix(_MAILDIR))
