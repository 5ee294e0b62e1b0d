"""Source keys tell people where a mail lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailgate.core.source_keys import describe_place, imap_key, maildir_key


@pytest.mark.parametrize(
    ("key", "place"),
    [
        (
            imap_key("help@a.example", "imap.a.example", 993, "INBOX", 3, 7),
            "INBOX, UID 7 (help@a.example, imap.a.example)",
        ),
        (maildir_key(Path("/var/mail/desk"), "1700000000.M1.host;1700000000"), "/var/mail/desk/1700000000.M1.host"),
        ("pop3://help@a.example/UIDL-1", "pop3://help@a.example/UIDL-1"),
        (None, ""),
    ],
)
def test_a_place_is_described_for_people(key: str | None, place: str) -> None:
    assert describe_place(key) == place
