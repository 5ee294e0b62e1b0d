"""Tables for several processes: leases, and on PostgreSQL the triggers that tell of new work. Blobs in pieces."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels: str | None = None
depends_on: str | None = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_FUNCTION = """
CREATE FUNCTION mailgate_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('mailgate', TG_TABLE_NAME);
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


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
    op.create_table(
        "blob_parts",
        sa.Column("blob_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["blob_id"], ["blobs.id"], name="fk_blob_parts_blob_id"),
        sa.PrimaryKeyConstraint("blob_id", "position", name="pk_blob_parts"),
    )
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(_FUNCTION)
    for table in ("journal", "timers", "outbox"):
        op.execute(_OF_NEW.format(table=table))
        op.execute(_OF_EARLIER.format(table=table))
