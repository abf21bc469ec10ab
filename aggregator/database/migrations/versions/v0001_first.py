"""The first schema."""

from alembic import op

from aggregator.database.tables import SEARCH, metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables."""
    metadata.create_all(op.get_bind())
    op.execute(SEARCH)
