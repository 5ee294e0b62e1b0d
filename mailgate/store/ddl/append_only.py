"""Triggers that keep the event history append-only: they refuse to delete or change a row.

The one change that is allowed: an agent undoes a step, and its rows are marked `undone`. The owner of the database can
drop the triggers; they guard against mistakes, not against the owner.
"""

from __future__ import annotations

from sqlalchemy import Connection

_WORDS = "the history of tickets is append-only"
_DELETED, _CHANGED = f"{_WORDS}: no event is deleted", f"{_WORDS}: an event can only be marked as undone"
_COLUMNS = (
    "id", "ticket_id", "at", "event", "from_state", "to_state", "reason", "by", "row", "text", "journal_id", "facts",
)  # fmt: skip
_DIFFERS = " OR ".join(f'old."{name}" IS NOT new."{name}"' for name in _COLUMNS)

_SQLITE = (
    f"CREATE TRIGGER events_stay BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, '{_DELETED}'); END",
    "CREATE TRIGGER events_stay_as_they_are BEFORE UPDATE ON events"
    f" WHEN {_DIFFERS} OR old.undone > new.undone OR new.undone NOT IN (0, 1)"
    f" BEGIN SELECT RAISE(ABORT, '{_CHANGED}'); END",
    # INSERT OR REPLACE takes the old row away and asks no trigger for deletions, by SQLite's default.
    "CREATE TRIGGER events_stay_in_place BEFORE INSERT ON events"
    " WHEN EXISTS (SELECT 1 FROM events WHERE id = new.id)"
    f" BEGIN SELECT RAISE(ABORT, '{_CHANGED}'); END",
)
_POSTGRES = (
    f"""
CREATE FUNCTION mailgate_keep_events() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    same events;
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        RAISE EXCEPTION '{_DELETED}';
    END IF;
    same := NEW;
    same.undone := OLD.undone;
    IF OLD.undone > NEW.undone OR same::text IS DISTINCT FROM OLD::text THEN
        RAISE EXCEPTION '{_CHANGED}';
    END IF;
    RETURN NEW;
END $$
""",
    "CREATE TRIGGER events_stay_as_they_are BEFORE UPDATE OR DELETE ON events"
    " FOR EACH ROW EXECUTE FUNCTION mailgate_keep_events()",
    "CREATE TRIGGER events_stay BEFORE TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION mailgate_keep_events()",
)


def create_append_only(connection: Connection) -> None:
    """Makes the triggers, once the table of the events is there."""
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRES:
        connection.exec_driver_sql(statement)


def drop_append_only(connection: Connection) -> None:
    """Removes the triggers while a desk is copied: its history is then compared and corrected row by row."""
    on = "" if connection.dialect.name == "sqlite" else " ON events"
    for name in ("events_stay", "events_stay_as_they_are", "events_stay_in_place"):
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}{on}")
    drop_append_only_function(connection)


def drop_append_only_function(connection: Connection) -> None:
    """Removes the function that remains after the table is dropped."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DROP FUNCTION IF EXISTS mailgate_keep_events")
