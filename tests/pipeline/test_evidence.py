"""Over the newsroom: stored evidence gives the stored decisions, and stored batches give the stored events."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from aggregator.clustering.evidence import Evidence
from aggregator.clustering.replaying import adds_up, replayed
from aggregator.clustering.settings import DEFAULT
from aggregator.config import Instance
from aggregator.database.engine import Database
from aggregator.database.past import past
from aggregator.database.tables import entries, evidence
from aggregator.pipeline.recluster import Reclustering
from tests.newsroom import replaying
from tests.pipeline.newsstand import cycle, working


@pytest.mark.parametrize(
    ("cycles", "every"),
    [
        pytest.param(3, timedelta(hours=8), id="sample"),
        pytest.param(91, timedelta(hours=1), id="whole", marks=[pytest.mark.soak, pytest.mark.timeout(3600)]),
    ],
)
async def test_what_is_stored_gives_what_was_decided(
    shared: Path, tmp_path: Path, cycles: int, every: timedelta
) -> None:
    instance = Instance(config=tmp_path / "feeds.yaml", store=tmp_path / "store")
    with replaying(shared, tmp_path) as newsroom:
        now = newsroom.now()
        async with working(instance, now) as pipeline:
            for _ in range(cycles):
                await cycle(pipeline, now)
                now = newsroom.now(every)
            rules = checked(pipeline.database)
            repeated(pipeline.database)
    assert rules.keys() >= {"founded", "joined", "copy"}
    assert rules.total() > 200
    print(f"{rules.total()} decisions: {dict(rules)}")


def checked(database: Database) -> Counter[str]:
    """See that each stored decision follows from its stored evidence, and that this names what it judged."""
    with database.read() as connection:
        rows = connection.execute(select(evidence.c.entry_id, evidence.c.reason, evidence.c.detail)).all()
        revision_of = {row.id: row.revision for row in connection.execute(select(entries.c.id, entries.c.revision))}
    for row in rows:
        why = Evidence.from_json(row.detail)
        assert adds_up(why), row
        assert replayed(why) == row.reason, row
        assert why.revision is not None
        assert why.revision <= revision_of[row.entry_id]
        assert (why.compared is None) == (why.compared_revision is None)
    return Counter(row.reason for row in rows)


def repeated(database: Database) -> None:
    """See that the stored batches, clustered again, give the stored events where the whole stream is in the window."""
    with database.read() as connection:
        run = Reclustering(past=past(connection, DEFAULT.window), settings=DEFAULT)
    for _ in run.run():
        pass
    changes = run.changes()
    if run.past.whole:
        assert (changes.moves, changes.copies, changes.frequencies) == ((), (), ())
    stayed = 1 - len(changes.moves) / changes.entries
    print(f"{changes.entries} entries clustered anew, {stayed:.1%} stay where they are")
    assert stayed > 0.9
