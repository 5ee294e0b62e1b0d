"""Errors of an IMAP connection. Their words are the server's own, or the network's, on one line."""

from __future__ import annotations


class ConnectionLost(Exception):
    """Raised where the connection is lost or could not be opened: reconnect after a pause."""


class MailboxUnavailable(Exception):
    """Raised where the server rejects the login or cannot open the folder: the operator must correct that."""


class CommandRejected(Exception):
    """Raised where the server rejects one command; the connection remains usable."""


def words_of(error: BaseException) -> str:
    """Returns the message of an exception on one line; its class where it has none."""
    text = " ".join(str(error).split())
    if text.startswith(("b'", 'b"')) and text.endswith(text[1]):  # as imaplib hands on what it read
        text = text[2:-1]
    return text[:500] or type(error).__name__
