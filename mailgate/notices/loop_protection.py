"""Loop protection: limits on automatic notices per address, domain and ticket (rule 24).

Only notices that no person wrote count and are stopped. The dispatcher writes what is stopped to the ticket.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from mailgate.config import Limits
from mailgate.notices.alarms import TOO_MANY_OF_TICKET, TOO_MANY_TO_ADDRESS, Alarm
from mailgate.notices.recipients import REQUESTER, Recipient
from mailgate.store.outbox import count_automatic, count_automatic_of_ticket, count_automatic_to_domain
from mailgate.store.tickets import Ticket

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def find_exceeded_limit(
    connection: Connection, limits: Limits, ticket: Ticket, recipient: Recipient, now: datetime
) -> Alarm | None:
    """Returns an alarm for the limit that another automatic notice to this recipient would exceed; else None."""
    address = recipient.address.address
    if recipient.internal:
        most = limits.agent_mails_per_hour
        sent = count_automatic(connection, address, now - _HOUR, most=most) if most else 0
        return Alarm(TOO_MANY_TO_ADDRESS, (address, sent)) if 0 < most <= sent else None
    breach = find_exceeded_limit_outside(connection, limits, address, now)
    if breach is not None or not limits.automatic_per_ticket_day:
        return breach
    most = limits.automatic_per_ticket_day
    sent = count_automatic_of_ticket(connection, ticket.id, REQUESTER, now - _DAY, most=most)
    return Alarm(TOO_MANY_OF_TICKET, (ticket.reference, sent)) if most <= sent else None


def find_exceeded_limit_outside(connection: Connection, limits: Limits, address: str, now: datetime) -> Alarm | None:
    """Returns an alarm for the limit that another mail of no ticket to an external address would exceed; else None."""
    most = limits.automatic_per_address_hour
    sent = count_automatic(connection, address, now - _HOUR, most=most) if most else 0
    if 0 < most <= sent:
        return Alarm(TOO_MANY_TO_ADDRESS, (address, sent))
    most = limits.automatic_per_domain_hour
    domain = address.rpartition("@")[2]
    sent = count_automatic_to_domain(connection, domain, now - _HOUR) if most else 0
    return Alarm(TOO_MANY_TO_ADDRESS, (domain, sent)) if 0 < most <= sent else None
