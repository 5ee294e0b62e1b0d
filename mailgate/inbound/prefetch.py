"""Prefetch: what several mails will ask of the database, read for all of them at once.

Only a hint: what is not read here is read when it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection

from mailgate.core.mail import Mail
from mailgate.core.workflow.events import LEVEL_NAMES
from mailgate.inbound.duplicates import answered_by, fingerprint
from mailgate.parsers.thread_keys import read_keys
from mailgate.store.journal import JournalRow, prefetch_journal
from mailgate.store.messages import prefetch_owners, prefetch_seen
from mailgate.store.outbox import prefetch_counts, prefetch_signed
from mailgate.store.people import prefetch_contacts, prefetch_participants
from mailgate.store.tickets import prefetch_requesters, prefetch_tickets
from mailgate.store.timers import prefetch_timers

_HOUR = timedelta(hours=1)  # for which loop protection counts notices to an address
_MOST_ANSWERED = 20  # Message-IDs of a mail, the last ones: a mail may name hundreds


def prefetch(connection: Connection, mails: Sequence[tuple[JournalRow, Mail]]) -> None:
    """Reads for these mails: copies, mails and tickets that they answer, contacts, Message-IDs, counts of notices."""
    if not mails:
        return
    answered = [one for _, mail in mails for one in answered_by(mail)[-_MOST_ANSWERED:]]
    prefetch_journal(connection, [fingerprint(mail, whole=not row.oversized) for row, mail in mails], answered)
    requesters = _prefetch_tickets(connection, mails)
    prefetch_contacts(connection, [*requesters, *_senders([mail for _, mail in mails])])
    prefetch_owners(connection, [*answered, *(mail.message_id for _, mail in mails if mail.message_id)])
    new = _senders([mail for _, mail in mails if not answered_by(mail)])  # who will have a receipt
    prefetch_counts(connection, new, min(row.received_at for row, _ in mails) - _HOUR)
    prefetch_requesters(connection, new)


def _prefetch_tickets(connection: Connection, mails: Sequence[tuple[JournalRow, Mail]]) -> list[str]:
    """Locks the tickets that mails name with their words, and reads what is asked of them; returns their requesters."""
    tokens = [key.token for row, mail in mails for key in read_keys(mail, tuple(row.recipients))[:1]]
    named = {(one.reference.upper(), one.notice): one.word for one in tokens if one is not None}
    found = prefetch_signed(connection, named.keys()) if named else {}
    answered = [one for key, one in found.items() if one.word == named[key]]
    if not answered:
        return []
    ticket_ids = {one.ticket_id for one in answered}
    tickets = prefetch_tickets(connection, ticket_ids)
    prefetch_participants(connection, ticket_ids)
    prefetch_seen(connection, ticket_ids)
    by_staff = {one.ticket_id for one in answered if one.notice is not None and one.notice.lane in LEVEL_NAMES}
    if by_staff:
        prefetch_timers(connection, by_staff)
    return [ticket.requester for ticket in tickets]


def _senders(mails: Sequence[Mail]) -> list[str]:
    return [mail.sender.address for mail in mails if mail.sender is not None]
