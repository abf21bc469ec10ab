"""Pending entries -> events. A batch is one transaction; what it was decided from is stored with it.

The clusterer's window is in memory and is restored from the store when the program starts, or when a transaction failed
after the clusterer had moved on: memory never knows more than the database.
"""

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from aggregator.clustering.assign import Clusterer
from aggregator.clustering.constraints import NONE, Constraints
from aggregator.clustering.corrections import mended
from aggregator.clustering.evidence import Evidence
from aggregator.clustering.result import Assignment, BatchResult, Snapshot
from aggregator.clustering.settings import Settings
from aggregator.database import corrections, decisions, entries, overview, search, twins
from aggregator.database import events as event_rows
from aggregator.database.engine import Database
from aggregator.database.retention import forget_records
from aggregator.errors import OtherRules, StoreError
from aggregator.model import EventId, FeedId, Report
from aggregator.pipeline.carrying import carry_out
from aggregator.pipeline.composing import ANYBODY, Speakers, composed
from aggregator.text.features import analyse

log = logging.getLogger(__name__)

MOST = 500  # entries a batch: a few hundred milliseconds, and no reader waits for longer


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReport:
    """What a batch came to."""

    number: int
    entries: int
    founded: int
    joined: int
    moved: int
    changed: frozenset[EventId]
    correction: int | None = None  # that was carried out


def changed_by(batches: Iterable[BatchReport]) -> frozenset[EventId]:
    """Give every event that some batches changed."""
    return frozenset[EventId]().union(*(batch.changed for batch in batches))


def corrected(batches: Iterable[BatchReport]) -> bool:
    """Tell whether a correction was carried out."""
    return any(batch.correction is not None for batch in batches)


@dataclass(slots=True, kw_only=True)
class Clustering:
    """The one clusterer of a store."""

    database: Database
    settings: Settings
    speakers: Speakers = ANYBODY
    alone: frozenset[FeedId] = frozenset()  # feeds with `cluster: off`
    _clusterer: Clusterer | None = field(default=None, init=False)
    _number: int = field(default=0, init=False)
    _failed: set[int] = field(default_factory=set, init=False)  # corrections that cannot be carried out
    _stale: bool = field(default=False, init=False)  # the stored records are of no use: they go with the next batch

    def configure(self, settings: Settings) -> None:
        """Decide by other settings from the next batch on; what was decided stays."""
        if settings != self.settings:
            self.settings = settings
            self._clusterer = None

    def hear(self, speakers: Speakers, since: datetime, now: datetime) -> set[EventId]:
        """Have these speak for events from now on; gives those updated `since` that have another headline by it."""
        silenced = speakers.silent - self.speakers.silent
        if not silenced:
            self.speakers = speakers
            return set()
        with self.database.write() as connection:
            pinned = corrections.pinned(connection)
            told = event_rows.by_ids(connection, overview.spoken_for(connection, silenced, since))
            changed = [(event, composed(event, now, speakers, pinned.get(event.id))) for event in told]
            restated = [new for old, new in changed if new.representative != old.representative]
            for event in restated:
                event_rows.save(connection, event)
        self.speakers = speakers  # once it is stored: where that fails, it is done again
        return {event.id for event in restated}

    def correct(self, now: datetime) -> BatchReport | None:
        """Carry out the next correction that waits; None where none does.

        One that cannot be carried out is told and left to the next start: news must not wait for it.

        Raises:
            StoreError: it could not be stored.
        """
        with self.database.read() as connection:
            wanted = next((one.id for one in corrections.waiting(connection) if one.id not in self._failed), None)
            if wanted is None:
                return None
            number = 1 + (self._number if self._clusterer is not None else decisions.last_batch(connection))
        try:
            with self.database.write() as connection:
                carried = carry_out(connection, corrections.by_number(connection, wanted), number, now, self.speakers)
            if self._clusterer is not None:
                self._clusterer.relocate(carried.moves, carried.first_seen, carried.next_event)
        except StoreError:
            self._clusterer = None
            raise
        except Exception:
            log.exception("correction %d cannot be carried out; it is tried again at the next start", wanted)
            self._clusterer = None
            self._failed.add(wanted)
            return self.correct(now)
        self._number = number
        return BatchReport(
            number=number,
            entries=0,
            founded=0,
            joined=0,
            moved=len(carried.moves),
            changed=carried.changed,
            correction=carried.correction.id,
        )

    def run(self, now: datetime) -> BatchReport | None:
        """Decide about the next pending and edited entries; None where there are none."""
        with self.database.read() as connection:
            waiting = entries.pending(connection, MOST)
            edits = entries.edited(connection, MOST)
            if not waiting and not edits:
                return None
            clusterer = self._restored(connection, min([now, *(report.time for report in waiting)]))
            constraints = corrections.constraints(connection)
        try:
            return self._decide(clusterer, waiting, edits, constraints, now)
        except BaseException:
            self._clusterer = None
            raise

    def _restored(self, connection: Connection, since: datetime) -> Clusterer:
        """Give the clusterer with its window as of `since`: entries that wait since a crash look back from then."""
        if self._clusterer is None:
            snapshot = decisions.snapshot(connection, since - self.settings.window)
            self._clusterer, self._stale = _restored(self.settings, snapshot)
            self._number = decisions.last_batch(connection)
        return self._clusterer

    def _decide(
        self, clusterer: Clusterer, waiting: list[Report], edits: list[Report], constraints: Constraints, now: datetime
    ) -> BatchReport:
        judged = [edit for edit in edits if clusterer.holds(edit.id)]
        known = clusterer.events.next_id  # events below were there before
        seen = assigned(clusterer, [*judged, *waiting], self._number + 1, self.alone, constraints)
        result = mended(seen, constraints)
        if result is not seen:
            self._clusterer = None  # it knows nothing of these moves: it is restored from what is stored
        with self.database.write() as connection:
            changed = _changed(result) | entries.events_of(connection, [edit.id for edit in edits])
            if self._stale:
                decisions.forget_records(connection)
            decisions.save(connection, result, now)
            entries.judged(connection, [edit.id for edit in edits])
            search.index(connection, [(report.id, report.title, report.summary) for report in (*edits, *waiting)])
            self.save_events(connection, result, now, changed)
            forget_records(connection, now - self.settings.window)
        self._number, self._stale = result.number, False
        founded = {assignment.event for assignment in result.assignments if assignment.event >= known}
        return BatchReport(
            number=result.number,
            entries=len(result.assignments),
            founded=len(founded),
            joined=len(result.assignments) - len(founded),
            moved=len(result.moves),
            changed=frozenset(changed),
        )

    def save_events(
        self, connection: Connection, result: BatchResult, now: datetime, changed: Collection[EventId] = ()
    ) -> frozenset[EventId]:
        """Compose the events that a stored batch changed, and those of `changed`, anew; gives all of them."""
        repeating = entries.events_of(connection, [copy.entry for copy in result.copies])
        all_changed, pinned = _changed(result).union(changed, repeating), corrections.pinned(connection)
        twins.part(connection, all_changed)
        for event in event_rows.with_members(connection, all_changed):
            event_rows.save(connection, composed(event, now, self.speakers, pinned.get(event.id)))
        for merge in result.merges:
            event_rows.absorb(connection, merge.absorbed, merge.survivor, now)
        return frozenset(all_changed)

    def forget(self) -> None:
        """Let go of the clusterer: the next batch begins from what is stored."""
        self._clusterer = None


def assigned(
    clusterer: Clusterer,
    reports: Sequence[Report],
    number: int,
    alone: Collection[FeedId] = (),
    constraints: Constraints = NONE,
) -> BatchResult:
    """Decide about a batch; new entries of feeds that are not clustered found an event each, numbered after the rest.

    The clusterer never sees these, so that they neither join an event, nor attract anything, nor change frequencies.
    """
    apart = [report for report in reports if report.feed in alone and not clusterer.holds(report.id)]
    if not apart:
        return clusterer.assign(reports, number, constraints)
    apart.sort(key=lambda report: (report.time, report.id))
    ids = {report.id for report in apart}
    result = clusterer.assign([report for report in reports if report.id not in ids], number, constraints)
    founded = tuple(
        Assignment(
            entry=report.id,
            event=result.next_event + place,
            language=analyse(report.title, report.summary, declared=report.language).language,
            evidence=Evidence(rule="founded"),
        )
        for place, report in enumerate(apart)
    )
    clusterer.events.next_id += len(founded)
    return replace(result, assignments=result.assignments + founded, next_event=clusterer.events.next_id)


def _restored(settings: Settings, snapshot: Snapshot) -> tuple[Clusterer, bool]:
    """Restore a clusterer, and tell whether the stored records are of no use to it.

    After an upgrade that compares otherwise it begins with an empty window, and says so.
    """
    clusterer = Clusterer(settings)
    try:
        clusterer.restore(snapshot)
    except OtherRules as error:
        log.warning("%s: new reports are compared with those that come from now on; events stay as they are", error)
        clusterer = Clusterer(settings)
        clusterer.restore(replace(snapshot, records=()))
        return clusterer, True
    return clusterer, False


def _changed(result: BatchResult) -> set[EventId]:
    """Give every event that gained or lost an entry."""
    changed = {assignment.event for assignment in result.assignments}
    for move in result.moves:
        changed |= {move.from_event, move.to_event}
    for merge in result.merges:
        changed |= {merge.absorbed, merge.survivor}
    for split in result.splits:
        changed |= {split.event, split.parted_from}
    return changed
