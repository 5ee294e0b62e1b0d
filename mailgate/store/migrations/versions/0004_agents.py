"""Tables for agents who work by mail alone: knowledge, holds, absences, steps to undo."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels: str | None = None
depends_on: str | None = None

MOMENT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")

_INDEX_OF_SQLITE = (
    "CREATE VIRTUAL TABLE articles_fts USING fts5"
    "(folded, content='articles', content_rowid='id', tokenize='unicode61 remove_diacritics 0')",
    "CREATE VIRTUAL TABLE articles_terms USING fts5vocab('articles_fts', 'row')",
    "CREATE TRIGGER articles_indexed AFTER INSERT ON articles BEGIN"
    " INSERT INTO articles_fts (rowid, folded) VALUES (new.id, new.folded); END",
    "CREATE TRIGGER articles_reindexed AFTER UPDATE OF id, folded ON articles BEGIN"
    " INSERT INTO articles_fts (articles_fts, rowid, folded) VALUES ('delete', old.id, old.folded);"
    " INSERT INTO articles_fts (rowid, folded) VALUES (new.id, new.folded); END",
    "CREATE TRIGGER articles_forgotten AFTER DELETE ON articles BEGIN"
    " INSERT INTO articles_fts (articles_fts, rowid, folded) VALUES ('delete', old.id, old.folded); END",
)
_INDEX_OF_POSTGRES = (
    "ALTER TABLE articles ADD COLUMN words tsvector"
    " GENERATED ALWAYS AS (array_to_tsvector(string_to_array(folded, ' '))) STORED",
    "ALTER TABLE articles SET (toast_tuple_target = 256)",
    "ALTER TABLE articles ALTER COLUMN words SET STATISTICS 300",
    "CREATE INDEX ix_articles_words ON articles USING gin (words) WITH (fastupdate = off)",
)


def upgrade() -> None:
    _add_columns()
    _create_steps()
    _create_knowledge()
    _create_holds()
    _create_calendar()


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.text("false"))


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default="0")


def _add_columns() -> None:
    op.add_column("journal", _text("proven", ""))
    op.add_column("contacts", _flag("accepted"))
    op.add_column("events", _flag("undone"))
    op.add_column("tickets", _text("submitter", ""))
    op.add_column("tickets", _text("form", ""))
    op.add_column("tickets", _count("form_asked"))
    op.create_index("ix_journal_ticket_id", "journal", ["ticket_id"])
    op.create_index("ix_events_at", "events", ["at"])


def _create_steps() -> None:
    op.create_table(
        "steps",
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        _text("by"),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("events", "before", "timers", "people", "links")),
        sa.Column("contact", sa.JSON(), nullable=False),
        sa.Column("event_before", ID, nullable=False),
        sa.Column("last_event", ID, nullable=False),
        sa.Column("notice_before", sa.Integer(), nullable=False),
        sa.Column("last_notice", sa.Integer(), nullable=False),
        _text("final", ""),
        sa.PrimaryKeyConstraint("ticket_id", name="pk_steps"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_steps_ticket_id"),
    )


def _create_knowledge() -> None:
    op.create_table(
        "articles",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        *(_text(name) for name in ("kind", "source", "title", "body", "folded")),
        *(_text(name, "") for name in ("language", "queue")),
        _flag("public"),
        _count("confirmed"),
        _count("refuted"),
        _text("fingerprint", ""),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_articles"),
        sa.UniqueConstraint("source", name="uq_articles_source"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_articles_seen", "articles", ["id", "kind", "queue", "public"])
    op.create_index("ix_articles_kind_confirmed", "articles", ["kind", "confirmed"])
    op.create_index("ix_articles_fingerprint", "articles", ["fingerprint"])
    for statement in _INDEX_OF_SQLITE if op.get_bind().dialect.name == "sqlite" else _INDEX_OF_POSTGRES:
        op.execute(statement)
    op.create_table(
        "ticket_articles",
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        _text("by"),
        sa.PrimaryKeyConstraint("ticket_id", "article_id", name="pk_ticket_articles"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_ticket_articles_ticket_id"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_ticket_articles_article_id"),
    )


def _create_holds() -> None:
    op.create_table(
        "holds",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        _text("kind"),
        _text("state", "open"),
        *(_text(name) for name in ("subject", "asked", "queue")),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        _count("askings"),
        _text("answered_by", ""),
        sa.PrimaryKeyConstraint("id", name="pk_holds"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_holds_subject_kind", "holds", ["subject", "kind"])
    op.create_index("ix_holds_state_due_at", "holds", ["state", "due_at"])
    op.create_table(
        "held_mails",
        sa.Column("hold_id", ID, nullable=False),
        sa.Column("journal_id", ID, nullable=False),
        sa.Column("ticket_id", ID),
        _flag("shown"),
        sa.PrimaryKeyConstraint("hold_id", "journal_id", name="pk_held_mails"),
        sa.ForeignKeyConstraint(["hold_id"], ["holds.id"], name="fk_held_mails_hold_id"),
        sa.ForeignKeyConstraint(["journal_id"], ["journal.id"], name="fk_held_mails_journal_id"),
    )
    op.create_index("ix_held_mails_journal_id", "held_mails", ["journal_id"])


def _create_calendar() -> None:
    op.create_table(
        "absences",
        _text("address"),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("address", name="pk_absences"),
    )
    op.create_table("digests", _text("address"), _text("day"), sa.PrimaryKeyConstraint("address", name="pk_digests"))
