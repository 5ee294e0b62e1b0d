"""New work is announced after the commit: the triggers that told of it within the transaction are dropped."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in ("journal", "timers", "outbox"):
            op.execute(f"DROP TRIGGER IF EXISTS tell_of_new ON {table}")
            op.execute(f"DROP TRIGGER IF EXISTS tell_of_earlier ON {table}")
        op.execute("DROP FUNCTION IF EXISTS mailgate_tell")
