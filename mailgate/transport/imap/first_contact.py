"""The first contact with a folder, and the first after the server numbered its mails anew (rule 28).

What is decided here is written down once and holds until the next UIDVALIDITY, however often it is interrupted.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from mailgate.core.log_fields import Fields
from mailgate.store.imap_state import MailboxRecord
from mailgate.transport.imap.session import Session
from mailgate.transport.imap.settings import MailboxSettings

log = logging.getLogger("mailgate.intake")


def plan_first_contact(session: Session, settings: MailboxSettings, now: datetime) -> MailboxRecord:
    """Plans the first contact: which mails of the folder are taken."""
    held = _find_standing(session)
    planned = _choose(session, settings, now)
    taken = len(held) if planned is None else len(planned)
    log.info(
        Fields(
            way=settings.name,
            action="meet",
            held=len(held),
            taken=taken,
            left=len(held) - taken,
            first_start=settings.first_start,
        )
    )
    return MailboxRecord(session.uidvalidity, 0, now, _top(session, held), planned)


def plan_renumbered(session: Session, settings: MailboxSettings, known: MailboxRecord) -> MailboxRecord:
    """Plans the contact with a folder whose mails have new UIDs (RFC 9051 section 2.3.1.1).

    Mails that the first contact left are known by their age only, and those that were taken since are recognized by
    their fingerprints when they are taken again.
    """
    held = _find_standing(session)
    age = settings.first_age if settings.first_start == "recent" else timedelta()
    since = "all" if settings.first_start == "all" else "recent"
    again = replace(settings, first_start=since, first_age=age, first_mails=len(held) or 1)
    planned = _choose(session, again, known.contacted_at.replace(microsecond=0))  # a server's dates have none
    log.warning(
        Fields(
            way=settings.name,
            action="meet",
            uidvalidity=session.uidvalidity,
            before=known.uidvalidity,
            held=len(held),
            left=0 if planned is None else len(held) - len(planned),
            message="the emails have new numbers: each is checked again, and those received before are recognised",
        )
    )
    return MailboxRecord(session.uidvalidity, 0, known.contacted_at, _top(session, held), planned)


def _find_standing(session: Session) -> list[int]:
    """Finds the mails that were in the folder when it was opened; later ones are new."""
    return [uid for uid in session.find_all() if not session.next_uid or uid < session.next_uid]


def _top(session: Session, held: Sequence[int]) -> int:
    return session.next_uid - 1 if session.next_uid else max(held, default=0)


def _choose(session: Session, settings: MailboxSettings, moment: datetime) -> frozenset[int] | None:
    dates: dict[int, datetime] = {}
    if settings.first_start == "recent":
        since = session.find_since(moment - settings.first_age)
        dates = dict.fromkeys(since, moment) | session.get_dates(since)  # one of unknown date is taken
        dates = {uid: date for uid, date in dates.items() if not session.next_uid or uid < session.next_uid}
    return choose_first(dates, settings.first_start, moment, settings.first_age, settings.first_mails)


def choose_first(
    dates: Mapping[int, datetime], first_start: str, now: datetime, age: timedelta, most: int
) -> frozenset[int] | None:
    """Chooses which of the mails found at the first contact are taken, as UIDs; None for all of them.

    `dates` has for each UID when the server received it.
    """
    if first_start == "all":
        return None
    if first_start == "new":
        return frozenset()
    young = sorted((date, uid) for uid, date in dates.items() if date >= now - age)
    return frozenset(uid for _, uid in young[-most:])
