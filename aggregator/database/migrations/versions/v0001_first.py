"""The first schema."""

from alembic import op

from aggregator.database.search import TABLE
from aggregator.database.tables import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables."""
    metadata.create_all(op.get_bind())
    op.execute(TABLE)
