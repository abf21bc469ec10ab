"""Records say in which batch their revision was judged."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column; the first migration makes the newest schema where there was none, so it may be there."""
    columns = sa.inspect(op.get_bind()).get_columns("records")
    if not any(column["name"] == "batch" for column in columns):
        op.add_column("records", sa.Column("batch", sa.Integer))
