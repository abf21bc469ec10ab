"""What outlets contribute is read from the index alone: half the time."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Replace an index; the first migration makes the newest schema where there was none."""
    op.execute("DROP INDEX IF EXISTS ix_entries_outlet")
    op.execute("CREATE INDEX ix_entries_outlet ON entries (outlet, event_id, first_seen, copy_of)")
