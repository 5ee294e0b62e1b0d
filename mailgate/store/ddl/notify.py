"""Triggers that send a NOTIFY at the commit of new work in the three queues, on PostgreSQL.

A row that is leased or postponed is not new work: the triggers skip it, so that no role wakes itself.
"""

from __future__ import annotations

from sqlalchemy import Connection

CHANNEL = "mailgate"  # the payload is the name of the queue

_FUNCTION = f"""
CREATE FUNCTION mailgate_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('{CHANNEL}', TG_TABLE_NAME);
    RETURN NULL;
END $$
"""
_OF_NEW = """
CREATE TRIGGER tell_of_new AFTER INSERT ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION mailgate_tell()
"""
_OF_EARLIER = """
CREATE TRIGGER tell_of_earlier AFTER UPDATE OF state, due_at ON {table}
FOR EACH ROW WHEN (NEW.state = 'waiting' AND (OLD.state <> 'waiting' OR NEW.due_at < OLD.due_at))
EXECUTE FUNCTION mailgate_tell()
"""


def create_notify_triggers(connection: Connection) -> None:
    """Makes the triggers, once the tables are there."""
    connection.exec_driver_sql(_FUNCTION)
    for table in ("journal", "timers", "outbox"):
        connection.exec_driver_sql(_OF_NEW.format(table=table))
        connection.exec_driver_sql(_OF_EARLIER.format(table=table))


def drop_notify_function(connection: Connection) -> None:
    """Removes the function that remains after the tables are dropped."""
    connection.exec_driver_sql("DROP FUNCTION IF EXISTS mailgate_tell")
