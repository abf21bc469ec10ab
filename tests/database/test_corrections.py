"""What people put right is stored, and kept as long as one of its entries is."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.database import corrections
from aggregator.database.corrections import Correction, Moved
from aggregator.database.engine import Database
from aggregator.database.retention import prune_step
from tests.database.test_retention import NOW, filled

HOUR = timedelta(hours=1)


def stored(database: Database, *asked: Correction) -> list[int]:
    with database.write() as connection:
        return [corrections.add(connection, one) for one in asked]


def together(*entries: int) -> Correction:
    pairs = tuple((entries[0], entry) for entry in entries[1:])
    return Correction(at=NOW, kind="merge", entries=entries, together=pairs)


def pruned(database: Database, hours: int) -> None:
    while prune_step(database, NOW - hours * HOUR, NOW):
        pass


def numbers(database: Database) -> Sequence[int]:
    with database.read() as connection:
        return [one.id for one in corrections.everything(connection)]


def test_a_correction_is_read_back_as_it_was_stored(tmp_path: Path) -> None:
    database = filled(tmp_path, 3)
    asked = Correction(
        at=NOW, kind="split", reason="two quakes", events=(1, 2), entries=(1,), together=(), apart=((1, 2), (1, 3))
    )
    [number] = stored(database, asked)
    with database.write() as connection:
        [found] = corrections.waiting(connection)
        done = datetime(2026, 3, 2, tzinfo=UTC)
        moved = (Moved(entry=1, from_event=1, to_event=9),)
        carried = Correction(**{**fields(found), "applied": 7, "moved": moved, "done": done})
        corrections.save(connection, carried)
    with database.read() as connection:
        assert corrections.numbered(connection, number) == carried
        assert corrections.waiting(connection) == []
        assert corrections.constraints(connection).apart == {(1, 2), (1, 3)}
        assert corrections.constraints(connection).placed == {1: 1, 2: 2, 3: 3}
    database.close()


def fields(correction: Correction) -> dict[str, object]:
    return {name: getattr(correction, name) for name in Correction.__slots__}


def test_a_correction_goes_with_the_last_of_its_entries(tmp_path: Path) -> None:
    database = filled(tmp_path, 10)
    first, second = stored(database, together(1, 2, 8), together(3, 4))
    pruned(database, 5)  # entries 1 to 4
    assert numbers(database) == [first]
    pruned(database, 1)
    assert numbers(database) == []
    assert second > first
    database.close()


def test_what_leads_from_stored_entry_to_stored_entry_stays(tmp_path: Path) -> None:
    database = filled(tmp_path, 10)
    kept = stored(database, together(1, 9), together(1, 2), together(2, 10), together(3, 4))
    pruned(database, 2)
    assert numbers(database) == kept[:3]
    database.close()


def test_entries_of_corrected_events_age_as_others(tmp_path: Path) -> None:
    database = filled(tmp_path, 10)
    stored(database, together(1, 10), Correction(at=NOW, kind="mute", events=(1,)))
    pruned(database, 5)
    with database.read() as connection:
        assert corrections.placed(connection, range(1, 11)).keys() == set(range(5, 11))
    database.close()
