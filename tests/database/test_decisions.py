"""What clustering decides from, stored and read back."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.clustering.result import BatchResult, Frequency
from aggregator.database import decisions, store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_count_that_has_come_to_nothing_is_forgotten(tmp_path: Path) -> None:
    database = store.open_store(tmp_path, NOW)
    first = (Frequency(space="en", token="quake", count=2.0), Frequency(space="en", token="vigan", count=1.0))
    later = (Frequency(space="en", token="quake", count=1.5), Frequency(space="en", token="vigan", count=0.0))
    for number, changed in enumerate((first, later), 1):
        with database.write() as connection:
            decisions.save(connection, BatchResult(number=number, frequencies=changed), NOW)
    with database.read() as connection:
        kept = decisions.snapshot(connection, NOW - timedelta(days=3)).frequencies
    database.close()
    assert kept == (Frequency(space="en", token="quake", count=1.5),)
