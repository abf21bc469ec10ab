"""What feeds repeat in each entry is learnt, and stored."""

from alembic import op

from aggregator.database.tables import boilerplate

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add a table; the first migration makes the newest schema where there was none."""
    boilerplate.create(op.get_bind(), checkfirst=True)
