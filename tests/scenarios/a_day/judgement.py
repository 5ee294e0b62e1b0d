"""Which mails the staff got, and which of them told their readers nothing that they did not know.

A mail is needless if
(a) its readers are its only cause, and it holds no surprise,
(b) its readers have what it says by another mail about the same event,
(c) it is a digest of which each line stood in the one before, and nothing in it is due,
(d) it asks for a decision, and the requester only said thanks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from mailgate.core.workflow.events import Event
from mailgate.core.workflow.notice_catalogue import Audience, Notice
from mailgate.notices.rendering.templates import Templates
from mailgate.store.events import EventRow, list_events
from tests.scenarios.a_day.office import READERS, Act, StaffOffice
from tests.support.desk import Delivered

_WORDS = Templates().words("en")["mornings"]
DUE = ("Overdue", "Due soon", _WORDS["breaching"], _WORDS["due"])
"""The headings of a digest below which stands what is due, whether it is new or not."""
_REPLAN = (Event.TYPE, Event.PRIORITY)
_REFERENCE = re.compile(r"\bSUP-\d+\b")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


@dataclass(frozen=True, slots=True)
class StaffMail:
    """A mail to the staff, and why it is needless; "" where it is not."""

    mail: Delivered
    act: Act | None  # None: a time was over
    needless: str

    @property
    def readers(self) -> frozenset[str]:
        """The addresses of the people who read it."""
        return READERS[self.mail.recipient]


def judge(office: StaffOffice) -> list[StaffMail]:
    """Lists the mails to the staff, oldest first; the operator's alarms are not among them."""
    return list(_Judge(office).judge())


class _Judge:
    def __init__(self, office: StaffOffice) -> None:
        self._sent = office.relay.mails
        self._mails = [(place, mail) for place, mail in enumerate(self._sent) if mail.recipient in READERS]
        self._acts = {place: act for act in office.acts for place in range(act.first, act.end)}
        self._tickets = {ticket.reference: ticket for ticket in office.all_tickets()}
        with office.desk.database.read() as connection:
            self._events = {name: list_events(connection, one.id) for name, one in self._tickets.items()}

    def judge(self) -> Iterator[StaffMail]:
        digests: dict[str, set[tuple[str, str]]] = {}
        for place, mail in self._mails:
            by_itself = Notice(mail.notice).info.audience is Audience.STAFF  # its time has come, and no mail caused it
            act = None if by_itself else self._acts.get(place)
            reason = ""
            if self._is_echo(mail, act):
                reason = "its readers did it"
            elif reference_of(mail) and self._is_told(place, mail, act):
                reason = "its readers have it by another mail"
            elif self._is_thanks(mail, act):
                reason = "thanks are no decision"
            elif mail.notice == Notice.DIGEST:
                lines = digest_lines(mail.text)
                if lines <= digests.get(mail.recipient, set()) and not any(heading in DUE for heading, _ in lines):
                    reason = "its lines stood in the last one"
                digests[mail.recipient] = lines
            yield StaffMail(mail, act, reason)

    # -- what the author knows -----------------------------------------------------------------------------------------

    def _is_echo(self, mail: Delivered, act: Act | None) -> bool:
        """(a) Its only readers did what caused it, and it says no more than that."""
        if act is None or READERS[mail.recipient] != {act.author}:
            return False
        if mail.notice == Notice.TRANSCRIPT:
            return not self._surprises(reference_of(mail), act)
        return Notice(mail.notice).info.audience is Audience.LEVEL

    def _surprises(self, reference: str, act: Act) -> bool:
        """Tells whether a transcript says something that its author may not expect."""
        before = [one for one in self._events[reference] if (one.journal_id or 0) <= act.journal_id]
        happened = [one for one in before if one.journal_id == act.journal_id]
        is_undone = any(one.event == Event.UNDO for one in happened)
        both = {act.assignees.get(reference, act.author) or act.author, act.author}
        is_colleagues = len(both) > 1 and any(both <= readers for readers in READERS.values())
        is_away = any(one.event == Event.AUTOMATIC for one in before)
        return is_undone or is_colleagues or is_away or self._is_replanned(before, act) or self._reaches(reference, act)

    @staticmethod
    def _is_replanned(events: list[EventRow], act: Act) -> bool:
        """Tells whether the act gave the ticket's level other times than it had."""
        planned = [one for one in events if one.facts]
        return any(
            now.journal_id == act.journal_id and now.event in _REPLAN and _times(was) != _times(now)
            for was, now in pairwise(planned)
        )

    def _reaches(self, reference: str, act: Act) -> bool:
        """Tells whether the act sent mail to a person outside who is neither the requester nor named in it."""
        got = {mail.recipient for mail in self._sent[act.first : act.end]}
        named = {self._tickets[reference].requester, *_ADDRESS.findall(act.text)}
        return bool(got - named - set(READERS))

    # -- what the reader has by another mail ---------------------------------------------------------------------------

    def _is_told(self, place: int, mail: Delivered, act: Act | None) -> bool:
        """(b) Each reader has another mail of the same event that says the same; of two equal ones the later counts."""
        told: set[str] = set()
        for other_place, other in self._mails:
            same_event = other.at == mail.at and self._acts.get(other_place) is act and other_place != place
            readers = READERS[other.recipient]
            is_kept = readers > READERS[mail.recipient] or (
                other_place < place and not readers < READERS[mail.recipient]
            )
            if same_event and is_kept and _says(other, mail):
                told |= readers
        return READERS[mail.recipient] <= told

    def _is_thanks(self, mail: Delivered, act: Act | None) -> bool:
        """(d) It asks for a decision for no other reason than that the requester said thanks."""
        if act is None or mail.notice != Notice.UNCLEAR:
            return False
        happened = [one.event for one in self._events[reference_of(mail)] if one.journal_id == act.journal_id]
        return happened == [Event.SAID_THANKS]


def _times(event: EventRow) -> dict[str, object]:
    """The times that a ticket's level has from this event on."""
    return {name: value for name, value in (event.facts or {}).items() if name not in ("type", "priority")}


def reference_of(mail: Delivered) -> str:
    """The reference of the ticket that a mail is about; "" for none."""
    found = _REFERENCE.search(str(mail.message["X-Mailgate"] or ""))
    return found[0] if found else ""


def digest_lines(text: str) -> set[tuple[str, str]]:
    """The lines of a digest: the heading above each, and the ticket that it names."""
    found, heading = set(), ""
    lines = text.splitlines()
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if re.fullmatch("-{3,}", below):
            heading = line.rpartition(" (")[0] or line
        elif line.startswith("- "):
            reference = _REFERENCE.search(line)
            found.add((heading, reference[0] if reference else line))
    return found


def _says(other: Delivered, mail: Delivered) -> bool:
    """Tells whether a mail says what another one says: it is of the same kind, or quotes the same words."""
    if reference_of(other) != reference_of(mail):
        return False
    words = _quoted(mail)
    return other.notice == mail.notice or bool(words and words <= _quoted(other))


def _quoted(mail: Delivered) -> frozenset[str]:
    lines = (line.lstrip("> ").strip() for line in mail.text.splitlines() if line.startswith(">"))
    return frozenset(line for line in lines if line)
