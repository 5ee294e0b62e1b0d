"""Triggers that keep the event history append-only: they refuse to delete or change a row.

Two changes are allowed. An agent undoes a step, and its rows are marked `undone`. And while an erasure of their ticket
is open (`erasures.open_ticket`, in its own transaction only), rows may lose words: `reason` and `text` become empty or
get gaps, `by` becomes empty or the stand-in of an erased person, and the third party in `facts` becomes a gap. The
owner of the database can drop the triggers; they guard against mistakes, not against the owner.
"""

from __future__ import annotations

from sqlalchemy import Connection

from mailgate.parsers.anonymize import GAP

_WORDS = "the history of tickets is append-only"
_DELETED, _CHANGED = f"{_WORDS}: no event is deleted", f"{_WORDS}: an event can only be marked as undone"
_FIXED = ("id", "ticket_id", "at", "event", "from_state", "to_state", "row", "journal_id")
_EMPTIED = ("reason", "text", "by", "facts")
_COLUMNS = (*_FIXED, *_EMPTIED)


def _differ(names: tuple[str, ...], distinct: str) -> str:
    return " OR ".join(f'old."{name}" {distinct} new."{name}"' for name in names)


def _loses_words(name: str, distinct: str) -> str:
    """The condition that a text of the row stays, is emptied, or has parts replaced by a gap."""
    shorter = f'length(new."{name}") <= length(old."{name}") AND replace(new."{name}", \'{GAP}\', \'\') <> new."{name}"'
    return f'(NOT (old."{name}" {distinct} new."{name}") OR new."{name}" = \'\' OR ({shorter}))'


def _is_allowed(distinct: str, facts: str) -> str:
    """The condition under which an erasure may change a row; `facts` is that of its facts."""
    by = 'new."by"'
    stand_in = (
        f"NOT (old.\"by\" {distinct} {by}) OR {by} = ''"
        f" OR (substr({by}, 1, 7) = 'erased-' AND substr({by}, length({by}) - 7) = '@invalid')"
    )
    return (
        "EXISTS (SELECT 1 FROM erasures WHERE open_ticket = old.ticket_id)"
        f" AND {_loses_words('reason', distinct)} AND {_loses_words('text', distinct)} AND ({stand_in}) AND ({facts})"
    )


_IS_NOT = "IS NOT"
_SQLITE_FACTS = (
    "old.facts IS new.facts OR (json_type(old.facts, '$.waits_for') IS 'text'"
    f" AND json_extract(new.facts, '$.waits_for') IS '{GAP}'"
    " AND json_remove(old.facts, '$.waits_for') IS json_remove(new.facts, '$.waits_for'))"
)
_SQLITE = (
    f"CREATE TRIGGER events_stay BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, '{_DELETED}'); END",
    "CREATE TRIGGER events_stay_as_they_are BEFORE UPDATE ON events"
    f" WHEN {_differ(_FIXED, _IS_NOT)} OR old.undone > new.undone OR new.undone NOT IN (0, 1)"
    f" OR (({_differ(_EMPTIED, _IS_NOT)}) AND NOT coalesce({_is_allowed(_IS_NOT, _SQLITE_FACTS)}, 0))"
    f" BEGIN SELECT RAISE(ABORT, '{_CHANGED}'); END",
    # INSERT OR REPLACE takes the old row away and asks no trigger for deletions, by SQLite's default.
    "CREATE TRIGGER events_stay_in_place BEFORE INSERT ON events"
    " WHEN EXISTS (SELECT 1 FROM events WHERE id = new.id)"
    f" BEGIN SELECT RAISE(ABORT, '{_CHANGED}'); END",
)
_DISTINCT = "IS DISTINCT FROM"
# CASE: the other conditions may be evaluated in any order, and facts that are no object are an error to some of them.
_POSTGRES_FACTS = (
    "old.facts::text IS NOT DISTINCT FROM new.facts::text"
    " OR CASE WHEN json_typeof(old.facts) = 'object' AND json_typeof(new.facts) = 'object'"
    f" THEN json_typeof(old.facts -> 'waits_for') = 'string' AND new.facts ->> 'waits_for' = '{GAP}'"
    " AND old.facts::jsonb - 'waits_for' = new.facts::jsonb - 'waits_for' ELSE false END"
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
    IF same::text IS DISTINCT FROM OLD::text AND ({_is_allowed(_DISTINCT, _POSTGRES_FACTS)}) THEN
        same.reason := OLD.reason;
        same.text := OLD.text;
        same.by := OLD.by;
        same.facts := OLD.facts;
    END IF;
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
