"""Attaches the logo that a notice shows; it is stored once, however many notices show it.

The blob is remembered only after a later transaction has found it, since the one that inserts it may be rolled back.
"""

from __future__ import annotations

from sqlalchemy import Connection, RootTransaction

from mailgate.notices.rendering.content import Rendered
from mailgate.store.blobs import find_logo, keep_logo
from mailgate.tickets.values import FileRef


class Logos:
    """Remembers the blobs of the logos that this process has sent."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._put_in: RootTransaction | None = None

    def attach(self, connection: Connection, rendered: Rendered) -> FileRef | None:
        """Returns the logo's file where the page shows one; else None."""
        logo = rendered.logo
        if logo is None:
            return None
        blob = self._known.get(logo.digest)
        if blob is None:
            blob = self._find(connection, logo.digest, logo.data)
        return FileRef(logo.filename, logo.mime_type, blob, len(logo.data), content_id=logo.content_id)

    def _find(self, connection: Connection, digest: str, data: bytes) -> int:
        blob = find_logo(connection, digest)
        if blob is None:
            self._put_in = connection.get_transaction()
            return keep_logo(connection, digest, data)
        if connection.get_transaction() is not self._put_in:
            self._known[digest] = blob
        return blob
