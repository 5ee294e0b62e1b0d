"""Errors of an IMAP connection. Their words are the server's own, or the network's, on one line."""

from __future__ import annotations


class ConnectionLost(Exception):
    """The connection is lost, or was never there: connect anew after a pause."""


class MailboxUnavailable(Exception):
    """The server rejects the login or has no such folder: the operator must mend that."""


class CommandRejected(Exception):
    """One command was not done; the connection is well."""


def words_of(error: BaseException) -> str:
    """Returns the message of an exception on one line; its class where it has none."""
    text = " ".join(str(error).split())
    if text.startswith(("b'", 'b"')) and text.endswith(text[1]):  # as imaplib hands on what it read
        text = text[2:-1]
    return text[:500] or type(error).__name__
