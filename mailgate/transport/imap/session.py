"""A connection that is logged in and has its folder open: looking, fetching without a trace, and putting mails away.

UIDs go to the library as integers in lists only: it mistakes ranges. Raises ConnectionLost where the connection
is lost, CommandRejected where the server rejects one command, MailboxUnavailable where it does not open the folder.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from mailgate.store.spool import HEAD, PIECE, Spool
from mailgate.transport.imap.client import Client, close, translated_errors
from mailgate.transport.imap.errors import CommandRejected, ConnectionLost, MailboxUnavailable
from mailgate.transport.imap.login import connect
from mailgate.transport.imap.put_away import KEYWORD, put_away
from mailgate.transport.imap.settings import MailboxSettings
from mailgate.transport.imap.watchdog import Wake

_WINDOW = 20_000  # mails of one answer to SEARCH: longer lines than a million bytes are cut
_NAMED = 12  # folders that are named to the operator
_CHUNK = 500  # mails of one command
_SETTLED = 1.0  # seconds; a wait that ends sooner, without a mail, counts as a wake-up for nothing
_RESTLESS = 3  # such waits in a row; then the next one is for a second
_LONGEST_LOGOUT = 2.0  # seconds


class Session:
    """One connection to one folder, for one thread."""

    def __init__(self, client: Client, settings: MailboxSettings) -> None:
        self._client = client
        self._settings = settings
        self._restless = 0
        self._mute = False
        self.uidvalidity = 0
        self.next_uid = 0
        self._count = 0
        self.keeps_keywords = False
        self.select()

    def select(self) -> None:
        """Opens the folder, or reopens it for its present state. Raises MailboxUnavailable."""
        settings = self._settings
        try:
            with translated_errors(self._client):
                found = self._client.select_folder(settings.folder, readonly=settings.untouched)
        except CommandRejected as refused:
            raise MailboxUnavailable(
                f"the folder {settings.folder} cannot be opened: {refused}{self._name_folders()}"
            ) from None
        self.uidvalidity = int(found.get(b"UIDVALIDITY", 0))
        self.next_uid = int(found.get(b"UIDNEXT", 0))
        self._count = int(found.get(b"EXISTS", 0))
        self.keeps_keywords = b"\\*" in found.get(b"PERMANENTFLAGS", ())
        if not self.uidvalidity:
            raise MailboxUnavailable(
                f"the server gives no UIDVALIDITY for {settings.folder}, so new emails cannot be recognised"
            )

    def _name_folders(self) -> str:
        """Names the folders that there are, for the operator."""
        try:
            with translated_errors(self._client):
                names = [str(name) for _, _, name in self._client.list_folders()]
        except CommandRejected:
            return ""
        return f"; the folders are {', '.join(names[:_NAMED])}{' and others' if len(names) > _NAMED else ''}"

    # -- looking ---------------------------------------------------------------------------------------------------

    def find_after(self, uid: int) -> list[int]:
        """The mails behind a UID, in ascending order; deleted ones are none."""
        with translated_errors(self._client):
            found = self._client.search(f"UID {uid + 1}:* UNDELETED")
        return sorted(one for one in map(int, found) if one > uid)  # the range always holds the newest

    def find_all(self, *, unfinished: bool = False) -> list[int]:
        """Finds all UIDs of mails not marked as deleted, ascending; with `unfinished` only those without KEYWORD."""
        also = f" UNKEYWORD {KEYWORD}" if unfinished and self.keeps_keywords else ""
        found: set[int] = set()
        # From the end: a mail that is deleted meanwhile moves those behind it, which were looked at already.
        for top in range(self._count, 0, -_WINDOW):
            with translated_errors(self._client):
                found.update(map(int, self._client.search(f"{max(1, top - _WINDOW + 1)}:{top} UNDELETED{also}")))
        return sorted(found)

    def find_since(self, moment: datetime) -> list[int]:
        """Finds the UIDs of mails received since that moment, and of some a day older: SEARCH knows no time zones."""
        day = moment - timedelta(days=1)
        with translated_errors(self._client):
            return sorted(map(int, self._client.search(["SINCE", day.date(), "UNDELETED"])))

    def get_dates(self, uids: Sequence[int]) -> dict[int, datetime]:
        """When the server received each of these mails; those are left out of which it tells no date."""
        dates = {}
        for uid, data in self._fetch_apart(uids, "INTERNALDATE"):
            date = data.get(b"INTERNALDATE")
            if isinstance(date, datetime):
                with suppress(ValueError, OverflowError):  # of a zone that cannot be
                    dates[uid] = (date if date.tzinfo is not None else date.replace(tzinfo=UTC)).astimezone(UTC)
        return dates

    def get_sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """The size of each of these mails that is still there, in bytes; 0 where the server tells none."""
        sizes = {}
        for uid, data in self._fetch_apart(uids, "RFC822.SIZE"):
            size = data.get(b"RFC822.SIZE")
            sizes[uid] = size if isinstance(size, int) and size >= 0 else 0
        return sizes

    # -- fetching --------------------------------------------------------------------------------------------------

    def get_mails(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Whole mails, held in memory; one that is gone is left out, one that the server gives nothing of is b""."""
        return {uid: bytes(data[b"BODY[]"] or b"") for uid, data in self._fetch(uids, "BODY.PEEK[]")}

    def get_large_mail(self, uid: int, size: int, most: int) -> Spool | None:
        """Fetches a mail in pieces into a Spool, and stops once it exceeds `most` bytes; None where it is gone.

        `size` is what the server told, which need not be true: the end is an empty piece, or nothing behind a short
        one. Raises CommandRejected where the server stops in the middle.
        """
        spool = Spool()
        try:
            while len(spool) <= most:
                piece = self._get_next(uid, len(spool), size)
                if piece is None:
                    if uid not in self.get_sizes([uid]):
                        spool.close()
                        return None
                    if len(spool) % PIECE == 0:
                        raise CommandRejected(f"the server returns only {len(spool)} of {size} bytes")
                if not piece:
                    break
                spool.write(piece)
                if len(piece) > PIECE:  # the server knows no pieces, and gives all at once
                    break
        except BaseException:
            spool.close()
            raise
        return spool

    def _get_next(self, uid: int, start: int, size: int) -> bytes | None:
        """Fetches the next piece of a mail; b"" at its end, also where the server rejects a range beyond it."""
        try:
            piece = self._get_piece(uid, f"BODY[]<{start}", PIECE)
        except CommandRejected:
            if start < size:
                raise
            return b""
        return b"" if piece is None and start >= size else piece

    def get_head(self, uid: int) -> bytes | None:
        """The header of a mail, at most HEAD bytes of it; None where it is gone."""
        return self._get_piece(uid, "BODY[HEADER]<0", HEAD)

    def _get_piece(self, uid: int, part: str, size: int) -> bytes | None:
        """Some bytes of a mail, none behind its end; None where the server has nothing to give any more."""
        item = f"{part.replace('BODY[', 'BODY.PEEK[')}.{size}>"
        for _, data in self._fetch([uid], item):
            found = data.get(f"{part}>".encode())
            if found is None and part.endswith("<0"):
                found = data.get(part.removesuffix("<0").encode())
            return None if found is None else bytes(found)
        return None

    def _fetch_apart(self, uids: Sequence[int], item: str) -> Iterator[tuple[int, Mapping[bytes, Any]]]:
        """Fetches an item of several mails, singly where that fails; leaves out those that fail by themselves."""
        try:
            yield from list(self._fetch(uids, item))
        except CommandRejected:
            for uid in uids:
                with suppress(CommandRejected):
                    yield from list(self._fetch([uid], item))

    def _fetch(self, uids: Sequence[int], item: str) -> Iterator[tuple[int, Mapping[bytes, Any]]]:
        for chunk in _chunks(uids):
            with translated_errors(self._client):
                found = self._client.fetch(chunk, [item])
            wanted = set(chunk)
            asked = item.partition("[")[0].replace("BODY.PEEK", "BODY").encode()
            for uid, data in found.items():  # it may tell of others too, or of flags only
                if uid in wanted and any(key.startswith(asked) for key in data):
                    yield uid, data

    # -- putting away ----------------------------------------------------------------------------------------------

    def put_away(self, uids: Sequence[int]) -> None:
        """Moves, flags or deletes stored mails. Raises CommandRejected where the server refuses."""
        for chunk in _chunks(uids):
            put_away(self._client, self._settings, chunk, keywords=self.keeps_keywords)

    def mark(self, uid: int) -> None:
        """Flags a mail of which only the head was stored, so that people notice it."""
        with suppress(CommandRejected), translated_errors(self._client):
            self._client.add_flags([uid], ["\\Flagged"], silent=True)

    # -- waiting ---------------------------------------------------------------------------------------------------

    @property
    def can_idle(self) -> bool:
        """Tells whether the server announces new mail by itself (IDLE, RFC 2177)."""
        return not self._mute and bool(self._client.has_capability("IDLE"))

    def wait(self, seconds: float) -> bool:
        """Waits in IDLE until the server sends something or the time is over.

        The caller looks for mail afterwards in any case, since a wake-up may be lost. False where the server woke us
        without a mail several times: pause before the next call.
        """
        began = time.monotonic()
        try:
            with translated_errors(self._client):
                self._client.idle()
        except CommandRejected:  # it offers what it does not do: it is asked from now on
            self._mute = True
            return True
        with translated_errors():  # the watchdog has nothing to count while no command is in progress
            self._client.wait_for_news(seconds)
        with translated_errors(self._client):
            self._client.idle_done()  # raises where the connection is dead
        self._restless = self._restless + 1 if time.monotonic() - began < min(_SETTLED, seconds) else 0
        return self._restless <= _RESTLESS

    def note_mail(self) -> None:
        """Resets the count of wake-ups without a mail, after one that brought a mail."""
        self._restless = 0

    def keep_alive(self) -> None:
        """Keeps the connection alive where the server has no IDLE."""
        with translated_errors(self._client):
            self._client.noop()

    def end(self) -> None:
        """Logs out, without waiting long for a server that hangs."""
        with suppress(Exception):
            self._client.socket().settimeout(_LONGEST_LOGOUT)
            self._client.logout()
        close(self._client)


@contextmanager
def open_session(settings: MailboxSettings, wake: Wake) -> Iterator[Session]:
    """Opens a session for the time of the block. Raises ConnectionLost or MailboxUnavailable."""
    client = connect(settings, wake)
    try:
        session = Session(client, settings)
    except BaseException:
        close(client)
        raise
    try:
        yield session
    except ConnectionLost:
        close(client)
        raise
    finally:
        session.end()


def _chunks(uids: Iterable[int]) -> Iterator[list[int]]:
    listed = list(uids)
    for start in range(0, len(listed), _CHUNK):
        yield listed[start : start + _CHUNK]
