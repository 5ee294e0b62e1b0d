"""Takes a person out of the desk (GDPR, article 17): what it would do, doing it, and the certificate.

Work is done in small transactions, one for each ticket, so that a running desk goes on; one that is interrupted is
continued by the next run. The tickets of other people come first: the person's own have the names by which theirs are
searched. Figures and events stay, without names.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.config.people import People
from mailgate.core.clock import Clock
from mailgate.core.domains import fold_address
from mailgate.core.stand_ins import stand_in_of_erasure
from mailgate.core.workflow.events import State
from mailgate.parsers.traces import Traces
from mailgate.store.archives import ArchivedFile, list_archived_files, note_removed
from mailgate.store.database import Database, NotCompacted
from mailgate.store.erasures import (
    PERSON,
    ErasureRow,
    begin_erasure,
    list_erasures,
    note_certificate,
    note_parts,
    open_history,
    read_certificate,
)
from mailgate.store.events import NewEvent, add_event
from mailgate.store.legal_holds import find_held_address, find_held_tickets
from mailgate.store.mentions import (
    count_holds,
    empty_mails,
    empty_notice,
    find_mentions,
    has_contact,
    hide_holds,
    hide_in_articles,
    hide_in_statuses,
    hide_in_ticket,
    list_loose_mails,
    list_loose_notices,
    list_names,
    list_own_lines,
    list_own_tickets,
    list_references,
    remove_contact,
    remove_hook_calls,
    remove_tags,
)
from mailgate.store.removal import (
    Names,
    count_rows,
    find_unfinished,
    lock_row,
    remove_files,
    remove_names,
    remove_texts,
)
from mailgate.store.tickets import get_ticket

ERASED = "erased"
"""Event that is added to the history of a ticket whose person was erased."""
ALL = "tickets"
"""The part of a ticket (`erased_parts`) that is all of it: words, files and names."""


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """The effects of an erasure before it is done. Tickets are by their ids, with their references."""

    address: str  # folded
    own: Mapping[int, str]  # the person is the requester
    others: Mapping[int, str]  # they are named in them
    opened: tuple[str, ...]  # of `own`: still open
    held: Mapping[str, str]  # under a legal hold, with its reason; not among the others
    unfinished: tuple[str, ...]  # have mail to be processed or sent first; among the others all the same
    by_name: tuple[str, ...]  # a name like theirs stands in them, without the address
    counts: Mapping[str, int]
    names: tuple[str, ...] = ()
    own_bundles: tuple[ArchivedFile, ...] = ()
    other_bundles: tuple[ArchivedFile, ...] = ()
    waiting: int = 0  # mails and notices of no ticket that name them and are still to be processed or sent

    @property
    def is_empty(self) -> bool:
        """Tells whether the desk has nothing of the person."""
        return not (self.own or self.others or self.held or any(self.counts.values()) or self.waiting)


@dataclass(slots=True)
class _Run:
    """A run of an erasure: its number, and the certificate as it grows."""

    number: int
    traces: Traces
    names: Names
    certificate: dict[str, Any]


def fingerprint_of(key: bytes, address: str) -> str:
    """Returns the keyed fingerprint of an address: only the desk's secret can tell whose it is."""
    return hmac.new(key, b"erasure\0" + fold_address(address).encode(), hashlib.sha256).hexdigest()


def find_certificates(connection: Connection, settings: Settings, address: str) -> list[ErasureRow]:
    """Finds the certificates of an address, oldest first, by each key of the secret file."""
    prints = [fingerprint_of(key, address) for key in settings.desk.keys]
    return list_erasures(connection, PERSON, prints)


def plan_erasure(connection: Connection, settings: Settings, address: str) -> ErasurePlan:
    """Finds what the desk has of a person; changes nothing. Reads every text of the database once."""
    key = fold_address(address)
    earlier = [row for row in find_certificates(connection, settings, key) if row.ended_at is None]
    names = [*list_names(connection, key), *(name for row in earlier for name in row.certificate.get("names", ()))]
    traces = Traces(key, names)
    own = list_own_tickets(connection, key)
    mentions = find_mentions(connection, traces, own)
    held_ids = find_held_tickets(connection, {*own, *mentions.tickets})
    references = list_references(connection, {*own, *mentions.tickets, *mentions.by_name})
    mails, mails_waiting = _count_mails(connection, traces)
    notices, notices_waiting = _count_notices(connection, traces, list(own.values()))
    kept = {ticket_id: reference for ticket_id, reference in own.items() if ticket_id not in held_ids}
    others = {one: references[one] for one in sorted(mentions.tickets) if one not in held_ids}
    unfinished = {
        *find_unfinished(connection, list(kept), notices=False),
        *find_unfinished(connection, list(others), notices=True),
    }
    states = {one: get_ticket(connection, one) for one in kept}
    return ErasurePlan(
        address=key,
        own=kept,
        others=others,
        opened=tuple(kept[one] for one, row in states.items() if row is not None and row.state != State.CLOSED),
        held={references[one]: reason for one, reason in sorted(held_ids.items())},
        unfinished=tuple(references[one] for one in sorted(unfinished)),
        by_name=tuple(references[one] for one in sorted(mentions.by_name)),
        counts={
            **count_rows(connection, kept),
            "tickets": len(kept),
            "tickets_of_others": len(others),
            "mails_of_no_ticket": mails,
            "notices_of_no_ticket": notices,
            "holds": count_holds(connection, traces),
            "contacts": int(has_contact(connection, key)),
        },
        names=traces.names,
        own_bundles=tuple(list_archived_files(connection, kept.keys())),
        other_bundles=tuple(list_archived_files(connection, others.keys())),
        waiting=mails_waiting + notices_waiting,
    )


def find_refusal(connection: Connection, settings: Settings, address: str) -> str:
    """Returns why a person cannot be erased; "" where they can."""
    key = fold_address(address)
    if reason := find_held_address(connection, key):
        return f"{address} is under a legal hold: {reason}. Lift it first: mailgate legal-hold {address} --lift"
    people = People(settings)
    if people.is_system_address(key):
        return f"{address} is an address of the desk"
    if people.is_staff(key):
        return (
            f"{address} is staff in the configuration: take it out of the levels, [desk] and the directory files, "
            "restart the desk, and run this again. What they wrote as an agent then stays, without their name"
        )
    return ""


def _count_mails(connection: Connection, traces: Traces) -> tuple[int, int]:
    count, waiting, after = 0, 0, 0
    while after is not None:
        found, waits, after = list_loose_mails(connection, traces, after)  # type: ignore[assignment]
        count, waiting = count + len(found), waiting + len(waits)
    return count, waiting


def _count_notices(connection: Connection, traces: Traces, references: Sequence[str]) -> tuple[int, int]:
    count, waiting, after = 0, 0, 0
    while after is not None:
        found, waits, after = list_loose_notices(connection, traces, references, after)  # type: ignore[assignment]
        count, waiting = count + len(found), waiting + waits
    return count, waiting


class Eraser:
    """Carries erasures out, for one desk; each step is a transaction of its own."""

    def __init__(self, database: Database, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._people = People(settings)

    def erase(
        self, plan: ErasurePlan, *, archive: bool, tell: Callable[[str], None] = lambda _: None
    ) -> dict[str, Any]:
        """Erases a person as planned and returns the certificate; `tell` gets a line before each longer step.

        With `archive` the bundles of their own tickets are removed from the archive folder.
        """
        run = self._begin(plan)
        for ticket_id, reference in plan.others.items():
            if reference not in plan.unfinished:
                self._hide(run, ticket_id, reference)
        tell("emails and notices of no ticket")
        self._empty_loose(run, plan)
        with self._step(run) as (connection, counts):
            counts["holds"] += hide_holds(connection, run.traces, run.names.stand_in)
            counts["articles"] += hide_in_articles(connection, run.traces)
            counts["statuses"] += hide_in_statuses(connection, run.traces)
            counts["hook_calls"] += remove_hook_calls(connection, run.traces)
            counts["contacts"] += remove_contact(connection, run.traces)
        for ticket_id, reference in plan.own.items():
            if reference not in plan.unfinished:
                self._empty(run, ticket_id, reference)
        self._remove_bundles(run, plan, archive=archive)
        tell("rewriting the database")
        return self._end(run, plan)

    @contextmanager
    def _step(self, run: _Run) -> Iterator[tuple[Connection, Counter[str]]]:
        """One transaction, in which the certificate counts what it does."""
        with self._database.write() as connection:
            run.certificate = read_certificate(connection, run.number) or run.certificate
            counts: Counter[str] = Counter()
            yield connection, counts
            total = Counter(run.certificate.get("counts", {})) + counts
            run.certificate["counts"] = dict(sorted(total.items()))
            note_certificate(connection, run.number, run.certificate)

    def _begin(self, plan: ErasurePlan) -> _Run:
        now = self._clock.now()
        with self._database.write() as connection:
            number = begin_erasure(connection, PERSON, fingerprint_of(self._settings.desk.keys[0], plan.address), now)
            certificate = read_certificate(connection, number)
            # Gone with the end; an erasure that goes on needs the names that its first part has removed.
            certificate["names"] = list(plan.names)
            note_certificate(connection, number, certificate)
            lines = list_own_lines(connection, list_own_tickets(connection, plan.address), plan.address)
        stand_in = stand_in_of_erasure(number)
        return _Run(number, Traces(plan.address, plan.names, lines), self._names(stand_in, plan.address), certificate)

    def _names(self, stand_in: str, erased: str) -> Names:
        people = self._people
        return Names(lambda one: people.is_staff(one) or people.is_system_address(one), stand_in, erased)

    def _hide(self, run: _Run, ticket_id: int, reference: str) -> None:
        with self._step(run) as (connection, counts):
            lock_row(connection, ticket_id)
            with open_history(connection, run.number, ticket_id):
                counts.update(hide_in_ticket(connection, ticket_id, run.traces, run.names.stand_in))
            _note_reference(run.certificate, "tickets_of_others", reference)

    def _empty(self, run: _Run, ticket_id: int, reference: str) -> None:
        now = self._clock.now()
        with self._step(run) as (connection, counts):
            state = lock_row(connection, ticket_id)
            with open_history(connection, run.number, ticket_id):
                counts.update(remove_files(connection, ticket_id))
                counts.update(remove_texts(connection, ticket_id))
                counts.update(remove_names(connection, ticket_id, run.names, now))
            remove_tags(connection, (ticket_id,), run.traces.with_words(()))
            closed = State.CLOSED.value
            add_event(connection, ticket_id, NewEvent(now, ERASED, state, closed, f"erasure {run.number}", "operator"))
            note_parts(connection, ticket_id, (ALL,), now)
            _note_reference(run.certificate, "tickets", reference)

    def _empty_loose(self, run: _Run, plan: ErasurePlan) -> None:
        after: int | None = 0
        while after is not None:
            with self._database.read() as connection:
                mails, _, after = list_loose_mails(connection, run.traces, after)
            if mails:
                with self._step(run) as (connection, counts):
                    empty_mails(connection, mails, run.names.stand_in)
                    counts["mails_of_no_ticket"] += len(mails)
        after = 0
        while after is not None:
            with self._database.read() as connection:
                rows, _, after = list_loose_notices(connection, run.traces, list(plan.own.values()), after)
            if rows:
                with self._step(run) as (connection, counts):
                    for row in rows:
                        empty_notice(connection, row, run.traces, run.names.stand_in)
                    counts["notices_of_no_ticket"] += len(rows)

    def _remove_bundles(self, run: _Run, plan: ErasurePlan, *, archive: bool) -> None:
        folder = self._settings.archive.folder
        done = [one for one in plan.own_bundles if plan.own[one.ticket_id] not in plan.unfinished]
        if folder is None or not archive:
            return
        for one in done:
            (folder / one.path).unlink(missing_ok=True)
            with self._step(run) as (connection, counts):
                note_removed(connection, one.id, self._clock.now())
                counts["bundles"] += 1
                run.certificate.setdefault("removed_bundles", []).append(one.path)

    def _end(self, run: _Run, plan: ErasurePlan) -> dict[str, Any]:
        pending = [f"{one}: emails or notices of it are still to be processed or sent" for one in plan.unfinished]
        if plan.waiting:
            pending.append(f"emails or notices of no ticket that are still to be processed or sent: {plan.waiting}")
        with self._database.write() as connection:
            certificate = read_certificate(connection, run.number)
            if not pending:  # else the next run needs them
                certificate.pop("names", None)
            note_certificate(connection, run.number, certificate)
        old_bytes = self._compact()
        certificate |= {"held": dict(plan.held), "pending": pending}
        certificate["by_hand"] = self._list_by_hand(certificate, plan, old_bytes)
        with self._database.write() as connection:
            note_certificate(connection, run.number, certificate, None if pending else self._clock.now())
        return certificate

    def _compact(self) -> str:
        """Rewrites a SQLite database; returns why old bytes may remain, "" where none do."""
        if not self._database.sqlite:
            return (
                "PostgreSQL: a dump has nothing of what was erased; the files of the server keep old rows until VACUUM "
                "FULL, and base backups and archived WAL until they expire"
            )
        try:
            self._database.compact()
        except NotCompacted as error:
            return f"the file of the database still has old bytes ({error}): run `mailgate retain --compact` later"
        return ""

    def _list_by_hand(self, certificate: Mapping[str, Any], plan: ErasurePlan, database: str) -> list[str]:
        """Lists where the person may still be found, each with what to do there."""
        settings = self._settings
        removed = set(certificate.get("removed_bundles", ()))
        folder = settings.archive.folder or Path("archive")
        own = [str(folder / one.path) for one in plan.own_bundles if one.path not in removed]
        others = [str(folder / one.path) for one in plan.other_bundles]
        found = [
            *([database] if database else []),
            *(
                f"archive: {path} is a bundle of the person's ticket; delete it, or run this with --archive"
                for path in own
            ),
            *(
                f"archive: {path} is of another person's ticket and names them; edit no bundle, decide"
                for path in others
            ),
            *(
                f"{one}: a name like theirs stands in this ticket; read it, it may be another person's"
                for one in plan.by_name
            ),
            "files attached to other people's tickets are not searched, except emails: think of lists and pictures",
            "backups of the database and the archive: delete them when they expire; after a restore, run this again",
            "databases that a restore kept (before-restore-DATE): delete them",
            "the log (`journalctl -u mailgate`): search it for the address, and let it expire (MaxRetentionSec=)",
            "mailboxes of agents and levels: search them for the address, the name and the references of the tickets",
        ]
        found += [
            f"IMAP: {imap.user} on {imap.host}, folder {imap.folder} and where emails are moved to"
            for imap in settings.intake.imap
        ]
        found += [f"Maildir: {maildir.path}/cur has the emails that were read" for maildir in settings.intake.maildir]
        files = settings.directory.people
        if files is not None:
            found.append(f"the directory of people ({getattr(files, 'path', files)}), and the configuration")
        found.append("mail servers between the person and the desk: their queues and logs")
        return found


def _note_reference(certificate: dict[str, Any], name: str, reference: str) -> None:
    listed = certificate.setdefault(name, [])
    if reference not in listed:
        listed.append(reference)
