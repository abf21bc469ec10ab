"""Entries say whose text they are; alerts remember which events they have met."""

import sqlalchemy as sa
from alembic import op

from aggregator.database.tables import alerts

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add a column and a table; the first migration makes the newest schema where there was none."""
    columns = sa.inspect(op.get_bind()).get_columns("entries")
    if not any(column["name"] == "agency" for column in columns):
        op.add_column("entries", sa.Column("agency", sa.Text, nullable=False, server_default=""))
    alerts.create(op.get_bind(), checkfirst=True)
