"""Who of many processes does what only one may do: the clock of a desk, the poller of a mailbox.

A lease is a name, a holder and an end. It is taken when free or run out and renewed by its holder; a holder that is
killed loses it when it runs out. The hosts' clocks must agree to within the lease.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, or_
from sqlalchemy.dialects import postgresql, sqlite

from mailgate.store.schema import leases


def hold_lease(connection: Connection, name: str, holder: str, now: datetime, until: datetime) -> bool:
    """Take or renew a lease; False while another holds it."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    mine = {"holder": holder, "until": until}
    statement = dialect.insert(leases).values(name=name, **mine)
    free = or_(leases.c.holder == holder, leases.c.until <= now)
    return (
        connection.execute(
            statement.on_conflict_do_update(index_elements=["name"], set_=mine, where=free).returning(leases.c.name)
        ).first()
        is not None
    )


def free_lease(connection: Connection, name: str, holder: str) -> None:
    """Give a lease back, so that another need not wait for its end."""
    connection.execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))
