"""Puts stored mails away in their mailbox: moved (RFC 6851), flagged or deleted, by UID only.

Raises CommandRejected where the server does not do it, ConnectionLost where the connection is lost; a mail that is not
put away stays where it is, and the journal knows it.
"""

from __future__ import annotations

import logging
from contextlib import suppress

from mailgate.core.log_fields import Fields
from mailgate.transport.imap.client import Client, translated_errors
from mailgate.transport.imap.errors import CommandRejected
from mailgate.transport.imap.settings import MailboxSettings

log = logging.getLogger("mailgate.intake")

KEYWORD = "Mailgate"  # of a mail that is stored, where `after` is "flag"


def put_away(client: Client, settings: MailboxSettings, uids: list[int], *, keywords: bool) -> None:
    """Moves, flags or deletes mails as configured; `keywords` tells whether the folder keeps keywords."""
    after = settings.after
    with translated_errors(client):
        if after.action == "move":
            _move(client, settings, uids)
        elif after.action == "flag":
            client.add_flags(uids, ["\\Seen", *([KEYWORD] if keywords else [])], silent=True)
        else:
            _delete(client, uids)


def _move(client: Client, settings: MailboxSettings, uids: list[int]) -> None:
    """Moves mails, by COPY and deletion where the server has no MOVE; creates a missing folder."""
    moves = client.has_capability("MOVE")
    put = client.move if moves else client.copy
    try:
        with translated_errors():
            put(uids, settings.after.folder)
    except CommandRejected:
        _make(client, settings)
        put(uids, settings.after.folder)
    if not moves:
        _delete(client, uids)


def _make(client: Client, settings: MailboxSettings) -> None:
    with (
        suppress(CommandRejected),
        translated_errors(),
    ):  # it may be there, and something else be wrong: the next try tells
        client.create_folder(settings.after.folder)
        client.subscribe_folder(settings.after.folder)
        log.info(Fields(way=settings.name, action="create", folder=settings.after.folder))


def _delete(client: Client, uids: list[int]) -> None:
    """Marks mails as deleted and expunges only these (RFC 4315); without UIDPLUS they stay marked."""
    client.add_flags(uids, ["\\Deleted"], silent=True)
    if client.has_capability("UIDPLUS"):
        client.uid_expunge(uids)
