"""Small blobs are compressed from this version on; earlier ones stay as they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("blobs", sa.Column("size", sa.Integer()))
