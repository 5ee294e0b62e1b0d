"""Prefetch: what several mails will ask of the database, read for all of them at once.

Only a hint: what is not read here is read when it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection

from mailgate.core.mail import Mail
from mailgate.inbound.duplicates import answered_by, fingerprint
from mailgate.store.journal import JournalRow, prefetch_journal
from mailgate.store.messages import prefetch_owners
from mailgate.store.outbox import prefetch_counts
from mailgate.store.people import prefetch_contacts

_HOUR = timedelta(hours=1)  # for which loop protection counts notices to an address
_MOST_ANSWERED = 20  # Message-IDs of a mail, the last ones: a mail may name hundreds


def prefetch(connection: Connection, mails: Sequence[tuple[JournalRow, Mail]]) -> None:
    """Reads for these mails: copies, mails that they answer, contacts, owners of Message-IDs, counts of notices."""
    if not mails:
        return
    answered = [one for _, mail in mails for one in answered_by(mail)[-_MOST_ANSWERED:]]
    prefetch_journal(connection, [fingerprint(mail, whole=not row.oversized) for row, mail in mails], answered)
    prefetch_contacts(connection, _senders([mail for _, mail in mails]))
    prefetch_owners(connection, [*answered, *(mail.message_id for _, mail in mails if mail.message_id)])
    new = [mail for _, mail in mails if not answered_by(mail)]  # which will have a receipt
    prefetch_counts(connection, _senders(new), min(row.received_at for row, _ in mails) - _HOUR)


def _senders(mails: Sequence[Mail]) -> list[str]:
    return [mail.sender.address for mail in mails if mail.sender is not None]
