"""Cluster the stored window anew beside the present events; say what would change, and change it.

A fresh clusterer takes the stored entries in the batches in which they came, knowing what was known before the first of
them: the counts of words without theirs, and the entries whose records lie before the window, in the events in which
they are. What it makes of them gets the present ids by majority (clustering.surviving), so that what nobody
disputes stays as it is. What changes is stored as one batch of moves; records and counts take the place of the stored
ones, so that a restart goes on from what was made anew.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from aggregator.clustering.assign import Clusterer
from aggregator.clustering.constraints import NONE, Constraints
from aggregator.clustering.evidence import Evidence
from aggregator.clustering.result import BatchResult, Copy, EntryRecord, Frequency, Move, Snapshot
from aggregator.clustering.rewinding import rewound
from aggregator.clustering.settings import Settings
from aggregator.clustering.surviving import Survival, surviving
from aggregator.database import decisions
from aggregator.database.past import Past, past
from aggregator.errors import OtherRules
from aggregator.model import EntryId, EventId, FeedId
from aggregator.pipeline.batch import Clustering, assigned

CORRECTED = Evidence(rule="correction")
ALONE = Evidence(rule="founded")  # entries from before that keep together, but not their id


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What clustering anew would change, in ids that survive."""

    entries: int
    events: int
    survival: Survival
    moves: tuple[Move, ...]  # every entry whose event changes, those of merges and splits too
    copies: tuple[Copy, ...]
    frequencies: tuple[Frequency, ...]
    records: Mapping[int, tuple[EntryRecord, ...]]

    @property
    def moved(self) -> tuple[Move, ...]:
        """Give the entries that went from one event to another while both stay."""
        absorbed = {merge.absorbed for merge in self.survival.merges}
        parted = {split.event for split in self.survival.splits}
        return tuple(one for one in self.moves if one.from_event not in absorbed and one.to_event not in parted)


@dataclass(slots=True, kw_only=True)
class Reclustering:
    """One run over the stored window."""

    past: Past
    settings: Settings
    constraints: Constraints = NONE
    alone: frozenset[FeedId] = frozenset()  # feeds with `cluster: off`
    _event_of: dict[EntryId, EventId] = field(default_factory=dict, init=False)
    _evidence: dict[EntryId, Evidence] = field(default_factory=dict, init=False)
    _copy_of: dict[EntryId, EntryId | None] = field(default_factory=dict, init=False)
    _counts: dict[tuple[str, str], Frequency] = field(default_factory=dict, init=False)
    _records: dict[int, tuple[EntryRecord, ...]] = field(default_factory=dict, init=False)

    def run(self) -> Iterator[int]:
        """Take batch after batch; yields how many entries were decided about in each."""
        clusterer, known = self._before()
        self._event_of = {one.entry: known.event_of[one.entry] for one in known.records}
        self._counts = {(one.space, one.token): one for one in known.frequencies}
        left = {entry: event for entry, event in self.constraints.placed.items() if entry not in known.event_of}
        constraints = replace(self.constraints, placed=left)
        for number, reports in self.past.batches:
            judged = [one for one in reports if not self.past.is_edit(one, number) or clusterer.holds(one.id)]
            self._take(assigned(clusterer, judged, number, self.alone, constraints))
            yield len(reports)

    def _before(self) -> tuple[Clusterer, Snapshot]:
        """Give a clusterer that knows what was known before the first batch, and what that is."""
        clusterer, now = Clusterer(self.settings), self.past.known
        if self.past.whole:  # nothing came before: all of it is learnt again
            known = replace(now, boilerplate={}, frequencies=())
            clusterer.restore(known)
            return clusterer, known
        try:
            earlier = self.past.before
            counts = rewound(now.frequencies, self.past.records, earlier, clusterer.versions)
            known = replace(now, records=earlier, frequencies=counts)
            clusterer.restore(known)
        except OtherRules:  # an upgrade, or other bands: nothing that is stored can be compared
            clusterer, known = Clusterer(self.settings), replace(now, records=(), frequencies=())
            clusterer.restore(known)
        return clusterer, known

    def _take(self, result: BatchResult) -> None:
        for new in result.assignments:
            self._event_of[new.entry], self._evidence[new.entry] = new.event, new.evidence
        for move in result.moves:
            self._event_of[move.entry], self._evidence[move.entry] = move.to_event, move.evidence
        for merge in result.merges:  # with what has left the window
            why = next(move.evidence for move in result.moves if move.from_event == merge.absorbed)
            for entry, event in self._event_of.items():
                if event == merge.absorbed:
                    self._event_of[entry], self._evidence[entry] = merge.survivor, why
        self._copy_of |= {one.entry: one.original for one in result.copies}
        self._counts |= {(one.space, one.token): one for one in result.frequencies}
        self._records[result.number] = result.records

    def changes(self) -> Changes:
        """Say what is other than it was."""
        known, present = self.past.known, self.past.known.event_of
        survival = surviving(self._event_of, present, self.past.outside, known.next_event, self.constraints)
        was = {**self.constraints.placed, **present}
        moves = tuple(
            Move(
                entry=entry,
                from_event=was[entry],
                to_event=event,
                reason="recluster",
                evidence=CORRECTED if entry in survival.corrected else self._why(entry),
            )
            for entry, event in sorted(survival.event_of.items())
            if event != was[entry]
        )
        return Changes(
            entries=len(self._event_of),
            events=len(set(survival.event_of.values())),
            survival=survival,
            moves=moves,
            copies=tuple(self._changed_copies()),
            frequencies=tuple(self._changed_counts()),
            records=self._records,
        )

    def _why(self, entry: EntryId) -> Evidence:
        """Give why an entry is where it is; one from before goes with the first of its event that was decided about."""
        if entry in self._evidence:
            return self._evidence[entry]
        event = self._event_of[entry]
        decided = (other for other in sorted(self._evidence) if self._event_of[other] == event)
        return next((self._evidence[other] for other in decided), ALONE)

    def _changed_copies(self) -> Iterator[Copy]:
        clustered = {report.id for _, reports in self.past.batches for report in reports}
        for entry in sorted(clustered | self._copy_of.keys()):
            original = self._copy_of.get(entry)
            if original != self.past.copy_of.get(entry):
                yield Copy(entry=entry, original=original)

    def _changed_counts(self) -> Iterator[Frequency]:
        stored = {(one.space, one.token): one.count for one in self.past.known.frequencies}
        for key, one in sorted(self._counts.items()):
            if one.count != stored.get(key, 0.0):
                yield one
        for space, token in sorted(stored.keys() - self._counts.keys()):
            yield Frequency(space=space, token=token, count=0.0)


def read_past(connection: Connection, settings: Settings) -> Past:
    """Read what is to be clustered anew."""
    return past(connection, settings.window)


def carry_out(clustering: Clustering, before: Past, changes: Changes, now: datetime) -> frozenset[EventId]:
    """Store what was made anew, as a batch of its own; gives the events that changed."""
    with clustering.database.write() as connection:
        result = BatchResult(
            number=decisions.last_batch(connection) + 1,
            moves=changes.moves,
            merges=changes.survival.merges,
            splits=changes.survival.splits,
            copies=changes.copies,
            frequencies=changes.frequencies,
            next_event=changes.survival.next_event,
        )
        decisions.save(connection, result, now)
        decisions.replace_records(connection, before.records, changes.records)
        changed = clustering.save_events(connection, result, now)
    clustering.forget()
    return changed
