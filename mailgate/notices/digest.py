"""Daily digests: who gets one, when it is due, and what it lists.

An agent of any level gets one digest for all the places where they are listed; a level without agents gets it in its
mailbox. Reads only; nothing fails but the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from mailgate.config import Queue, Settings
from mailgate.config.directory.entries import Directory
from mailgate.config.people import language_of
from mailgate.core.domains import fold_address
from mailgate.core.mail import Address
from mailgate.core.workflow.events import State
from mailgate.notices.rendering.digest import AbsentAgent, Digest, SpamMessage
from mailgate.notices.rendering.replies import ListSection, ticket_line
from mailgate.parsers.message import read_mail
from mailgate.store.blobs import get_blob
from mailgate.store.journal import SpamRow, list_spam
from mailgate.store.people import list_absences, read_contact
from mailgate.store.queries.worklists import Worklist, list_assigned, list_breaching, list_due, list_fresh, list_waiting

_DAY = timedelta(days=1)
_SEARCH = 400  # days; no calendar has a longer pause
_HEAD = 65_536  # bytes in which the head of a spam mail is looked for


@dataclass(frozen=True, slots=True)
class DigestRecipient:
    """Recipient of a digest, with the (queue, level) pairs where they are listed; `queue` is the first one's."""

    address: str
    places: tuple[tuple[str, str], ...]
    queue: Queue

    @property
    def key(self) -> str:
        """Address by which recipients are compared."""
        return fold_address(self.address)


def list_recipients(settings: Settings) -> tuple[DigestRecipient, ...]:
    """Lists all recipients of digests, each once."""
    places: dict[str, list[tuple[str, str]]] = {}
    spelled: dict[str, str] = {}
    default = settings.default_queue
    for queue in (default, *(other for other in settings.queues.values() if other is not default)):
        for name, level in queue.levels.items():
            for address in level.agents or (level.mailbox,):
                spelled.setdefault(fold_address(address), address)
                places.setdefault(fold_address(address), []).append((queue.name, name))
    return tuple(
        DigestRecipient(spelled[key], tuple(dict.fromkeys(there)), settings.queues[there[0][0]])
        for key, there in places.items()
    )


class Digests:
    """Computes when digests are due, and collects them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._at = settings.digest.at or time()
        self._most = settings.limits.list_lines
        self._news = settings.digest.say == "news"

    def begins(self, recipient: DigestRecipient, day: date, directory: Directory) -> datetime | None:
        """Returns when the digest of that day is due; None on a day on which none of the recipient's queues works.

        Where there are no digests it is the opening of the recipient's queue, for what else is sent once a day.
        """
        if self._settings.digest.at is None:
            hours = recipient.queue.hours
            opens = min((interval.opens for interval in hours.intervals(day)), default=None)
            if opens is None:
                return None
            return datetime.combine(day, time(opens // 60, opens % 60), hours.zone).astimezone(UTC)
        if self._settings.digest.days == "business":
            queues = (self._settings.queues[name] for name in dict(recipient.places))
            if not any(queue.hours.intervals(day) for queue in queues):
                return None
        return datetime.combine(day, self._at, zone_of(recipient, directory)).astimezone(UTC)

    def next(self, recipient: DigestRecipient, after: datetime, directory: Directory) -> datetime | None:
        """Returns when the first digest after that time is due; None where no day is found."""
        first = after.astimezone(zone_of(recipient, directory)).date()
        days = (first + step * _DAY for step in range(_SEARCH))
        mornings = (self.begins(recipient, day, directory) for day in days)
        return next((one for one in mornings if one is not None and one > after), None)

    def gather(
        self, connection: Connection, recipient: DigestRecipient, last: date | None, directory: Directory, now: datetime
    ) -> Digest:
        """Collects a digest; `last` is the day of the recipient's last one, None for none.

        Unless the desk wants all, what is neither late nor due today is listed once, in the digest after it came: all
        in the first one. A ticket stands in one list then, what waits for the requester only where it is new, and what
        the recipient has worked on only where it is late or due.
        """
        most, places, zone = self._most, recipient.places, zone_of(recipient, directory)
        midnight = datetime.combine(now.astimezone(zone).date() + _DAY, time(), zone)
        since = datetime.combine(last, self._at, zone) if last is not None else None
        came = since if self._news else None
        found = {
            "breaching": list_breaching(connection, places, now, most),
            "due": list_due(connection, places, now, midnight, most),
            "mine": list_assigned(connection, places, recipient.address, most, came, unanswered=self._news),
            "fresh": list_fresh(connection, places, most, came),
        }
        if self._news:
            found = _once(found)
        else:
            found["waiting"] = list_waiting(connection, places, most)
        sections = tuple(self._section(recipient, what, work, now) for what, work in found.items() if work.total)
        spam: tuple[SpamMessage, ...] = ()
        more = 0
        if (self._settings.default_queue.name, State.LEVEL1.value) in places:
            rows = list_spam(connection, since or now - _DAY)
            spam, more = tuple(_kept(connection, row) for row in rows[:most]), len(rows[most:])
        return Digest(sections, spam, more, self._away(connection, recipient, directory, now), news=self._news)

    def _section(self, recipient: DigestRecipient, what: str, work: Worklist, now: datetime) -> ListSection:
        several = len(dict(recipient.places)) > 1
        lines = (ticket_line(one, self._settings.queues[one.queue].display_name if several else "", now)
                 for one in work.tickets)  # fmt: skip
        return ListSection(what, tuple(lines), work.more)

    def _away(
        self, connection: Connection, recipient: DigestRecipient, directory: Directory, now: datetime
    ) -> tuple[AbsentAgent, ...]:
        """Lists the recipient's colleagues who are away."""
        levels = (self._settings.queues[queue].levels[level] for queue, level in recipient.places)
        colleagues = {address for level in levels for address in level.addresses} - {recipient.key}
        away = (row for row in list_absences(connection, now) if row.address in colleagues)
        return tuple(AbsentAgent(row.address, _name(directory, row.address), row.until) for row in away)


def _once(found: Mapping[str, Worklist]) -> dict[str, Worklist]:
    """Leaves each ticket in the first of the lists that show it."""
    seen: set[int] = set()
    left: dict[str, Worklist] = {}
    for what, work in found.items():
        unseen = tuple(one for one in work.tickets if one.id not in seen)
        left[what] = Worklist(unseen, work.total - len(work.tickets) + len(unseen))
        seen.update(one.id for one in unseen)
    return left


def zone_of(recipient: DigestRecipient, directory: Directory) -> ZoneInfo:
    """Returns the recipient's own time zone, else the queue's."""
    return directory.zone_of(recipient.address, recipient.queue.zone)


def choose_language(connection: Connection, recipient: DigestRecipient, directory: Directory) -> str:
    """Chooses the language of a digest out of those of its queue."""
    written = read_contact(connection, recipient.address).language
    return language_of(recipient.queue.languages, written=written, person=directory.person(recipient.address))


def address_of(recipient: DigestRecipient, directory: Directory) -> Address:
    """Returns the recipient's address with the name that the directory has."""
    return Address(_name(directory, recipient.address), recipient.address)


def _name(directory: Directory, address: str) -> str:
    person = directory.person(address)
    return person.name if person is not None else ""


def _kept(connection: Connection, row: SpamRow) -> SpamMessage:
    """Reads the head of a spam mail. Its words are shown as text: no link in it can be followed by mistake."""
    try:
        head = get_blob(connection, row.blob_id, 0, _HEAD).partition(b"\r\n\r\n")[0]
        mail = read_mail(head + b"\r\n\r\n", row.sender)
    except Exception:  # as for mails that are held: a parser's bug must not cost a whole level its digests
        return SpamMessage(row.sender or "", "", row.id, row.received_at)
    sender = mail.sender.address if mail.sender is not None else row.sender or ""
    return SpamMessage(sender, mail.subject.replace("://", ":/ /"), row.id, row.received_at)
