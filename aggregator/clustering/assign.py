"""One batch of reports becomes assignments.

How an event comes about: the words of a batch are counted, then each entry is weighed (rare words weigh more; weights
are frozen on arrival), signed and indexed (linking.py). Entries that share MinHash bands with it are its candidates,
those with enough cosine its neighbours. Each event of its nearest neighbours is scored (scoring.py): the best one takes
it if that is enough, else it founds an event. After the batch new entries and their nearest neighbours are placed again
(repair.py), and events that turn out to be one are merged (merging.py).

What is decided is a function of the stream as it was cut into batches; inside a batch, order is (time, feed, id). All
state is that of entries in the window, of document frequencies and of the next event number: `restore` brings it back.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from aggregator.clustering import restoring
from aggregator.clustering.constraints import NONE, Constraints
from aggregator.clustering.copies import recognise
from aggregator.clustering.corrections import enforce, note
from aggregator.clustering.deciding import place, place_again
from aggregator.clustering.events import Events, OpenEvent
from aggregator.clustering.evidence import Evidence, Versions
from aggregator.clustering.explaining import explain
from aggregator.clustering.linking import Linker, Pairs
from aggregator.clustering.merging import merge
from aggregator.clustering.reading import read, told_by
from aggregator.clustering.related import related
from aggregator.clustering.repair import repair
from aggregator.clustering.result import (
    Assignment,
    BatchResult,
    Copy,
    Merge,
    Move,
    Reason,
    Snapshot,
)
from aggregator.clustering.settings import DEFAULT, Settings
from aggregator.model import EntryId, EventId, Report
from aggregator.text.background import frequency
from aggregator.text.boilerplate import Boilerplate
from aggregator.text.features import Features

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNEXPLAINED = Evidence(rule="joined")
REASONS: dict[str, Reason] = {"merge": "merge", "split": "split", "correction": "correction"}
STEP = 100  # entries taken in at once: a large batch is decided about as small ones are


class Clusterer:
    """The one place that decides which reports are of one event."""

    def __init__(self, settings: Settings = DEFAULT, *, languages: Collection[str] = (), explain: bool = True) -> None:
        """`explain`: give evidence, and records for a restart; a run over a file needs neither."""
        self.settings = settings
        self.languages = languages
        self.explain = explain
        self.boilerplate = Boilerplate()
        self.versions = Versions(num_perm=settings.copy_rows)
        self.linker = Linker(settings, frequency)
        self.events = Events(self.linker.window, settings)

    def restore(self, snapshot: Snapshot) -> None:
        """Take up what was stored, into a clusterer that has decided nothing yet.

        Raises:
            OtherRules: it was made by other rules.
        """
        restoring.restore(self.linker, self.events, snapshot, self.versions)
        self.boilerplate = Boilerplate.from_values(snapshot.boilerplate)

    def assign(self, batch: Sequence[Report], number: int, constraints: Constraints = NONE) -> BatchResult:
        """Decide about new entries, and again about those in the window that were edited: the order does not matter."""
        reports = sorted(batch, key=lambda report: (report.time, report.feed, report.id))
        features = self._analysed(reports)
        window = self.linker.window
        if reports:
            self.expire(int(reports[-1].time.timestamp()))
            self.linker.age(int(reports[-1].time.timestamp()))
        before = window.event[: window.end - window.base].copy()
        edited = self._replace(reports)
        fresh = range(window.end, window.end + len(reports))
        note(self.events, constraints)
        enforce(self.events, constraints)
        pairs = [
            self._step(reports[at : at + STEP], features[at : at + STEP], edited, constraints)
            for at in range(0, len(reports), STEP)
        ]
        moves = self._moves(before, fresh, edited)
        result = BatchResult(
            number=number,
            assignments=self._assignments(reports, features, fresh, edited),
            moves=moves,
            merges=self._merges(moves),
            copies=tuple(self._copy(int(position)) for position in recognise(window)),
            related=related(self.events, fresh) if self.explain else (),
            records=restoring.records(self.linker, pairs, fresh, self.versions) if self.explain else (),
            frequencies=self.linker.frequencies.changes() if self.explain else (),
            next_event=self.events.next_id,
            boilerplate=self.boilerplate.to_values({told_by(report) for report in reports}) if self.explain else {},
        )
        self.linker.frequencies.settle()
        self.events.forget_terms()
        return result

    def _analysed(self, reports: Sequence[Report]) -> list[Features]:
        """Give the features of reports without what their feeds repeat, this batch included."""
        self.boilerplate.observe((told_by(one), one.title, one.summary) for one in reports if told_by(one))
        return [read(self.boilerplate, one, self.languages) for one in reports]

    def relocate(
        self, moves: Mapping[EntryId, EventId], first_seen: Mapping[EventId, datetime], next_event: EventId
    ) -> None:
        """Take over what corrections moved in the store, with when the events that they changed were first seen."""
        events = self.events
        for entry, number in moves.items():
            position = self._position(entry)
            if position is not None and events.event_of[position] != number:
                present = events.remove(position)
                events.add(position, events.opened(number))
                events.close_if_empty(present)
        for number, first in first_seen.items():
            if number in events.open:
                events.begin(events.open[number], int(first.timestamp()))
        recognise(self.linker.window)
        events.next_id = next_event
        events.forget_terms()

    def holds(self, entry: EntryId) -> bool:
        """Tell whether an entry is in the window, so that an edit of it can be judged."""
        return self._position(entry) is not None

    def _position(self, entry: EntryId) -> int | None:
        window = self.linker.window
        rows = slice(window.first - window.base, window.end - window.base)
        found = np.flatnonzero((window.id[rows] == entry) & (window.event[rows] >= 0))
        return int(found[0]) + window.first if len(found) else None

    def _replace(self, reports: Sequence[Report]) -> dict[EntryId, OpenEvent]:
        """Take the earlier revisions of edited entries out; give the events that they were in."""
        edited: dict[EntryId, OpenEvent] = {}
        for report in reports:
            position = self._position(report.id) if report.revision else None
            if position is not None:
                edited[report.id] = self.events.remove(position)
                self.events.sizes[int(self.linker.window.space[position - self.linker.window.base])] -= 1
                self.linker.replace(position)
        return edited

    def expire(self, now: int) -> None:
        """Let the entries leave that are older than the window, seen from `now` (seconds)."""
        window = self.linker.window
        oldest = now - int(self.settings.window.total_seconds())
        until = window.first
        while until < window.end and window.time[until - window.base] < oldest:
            until += 1
        leaving = [each for each in range(window.first, until) if window.event[each - window.base] >= 0]
        self.events.read(leaving)
        for position in leaving:
            self.events.leave(position)
        window.drop(until)

    def _step(
        self,
        reports: Sequence[Report],
        features: Sequence[Features],
        edited: Mapping[EntryId, OpenEvent],
        constraints: Constraints,
    ) -> Pairs:
        """Learn and place some entries of a batch, then think again about what is near them; give their links."""
        events, window = self.events, self.linker.window
        pairs = self.linker.add(reports, features)
        events.forget_near()
        note(events, constraints)
        fresh = range(window.end - len(reports), window.end)
        for space in window.space[fresh.start - window.base : fresh.stop - window.base].tolist():
            events.sizes[space] = events.sizes.get(space, 0) + 1
        events.look_around(fresh)
        for position in fresh:
            present = edited.get(int(window.id[position - window.base]))
            if present is None:
                place(events, position)
            else:
                place_again(events, position, present)
        now = int(window.time[fresh.stop - 1 - window.base])
        repair(events, fresh, now)
        merge(events, fresh, now)
        return pairs

    # --- what it came to

    def _assignments(
        self,
        reports: Sequence[Report],
        features: Sequence[Features],
        fresh: range,
        edited: Mapping[EntryId, OpenEvent],
    ) -> tuple[Assignment, ...]:
        return tuple(
            Assignment(
                entry=report.id,
                event=self._event(position),
                language=one.language,
                evidence=self._why(position, new=True),
            )
            for position, report, one in zip(fresh, reports, features, strict=True)
            if report.id not in edited
        )

    def _event(self, position: int) -> EventId:
        return int(self.linker.window.event[position - self.linker.window.base])

    def _why(self, position: int, *, new: bool) -> Evidence:
        if not self.explain:
            return UNEXPLAINED
        return explain(self.events, self.linker.frequencies, self.versions, position, new=new)

    def _moves(
        self, before: "NDArray[np.int64]", fresh: range, edited: Mapping[EntryId, OpenEvent]
    ) -> tuple[Move, ...]:
        """Give the entries that were in another event before the batch, in the order of the stream."""
        window = self.linker.window
        now = window.event[: len(before)]
        rows = np.flatnonzero((before != now) & (before >= 0) & (now >= 0)).tolist()
        moved = [(row + window.base, int(before[row])) for row in rows]
        for position in fresh if edited else ():
            present = edited.get(int(window.id[position - window.base]))
            if present is not None and present.id != self._event(position):
                moved.append((position, present.id))
        return tuple(
            Move(
                entry=int(window.id[position - window.base]),
                from_event=event,
                to_event=self._event(position),
                reason=REASONS.get(self.events.why[position].rule, "repair"),
                evidence=self._why(position, new=False),
            )
            for position, event in moved
        )

    def _merges(self, moves: Sequence[Move]) -> tuple[Merge, ...]:
        """Give the events that are no more, each with the one that took all of it, or the most where they were several.

        One that holds entries which have left the window is no more only when it was merged: it takes them along. They
        stay where people read them when a second thought about the rest, or an edit, leaves them behind.
        """
        events = self.events
        taken: dict[EventId, Counter[EventId]] = {}
        for move in moves:
            if move.from_event not in events.open and move.from_event not in events.bereft:
                taken.setdefault(move.from_event, Counter())[move.to_event] += 1
        merges = (
            Merge(absorbed=event, survivor=events.survivor(event) or min(by, key=lambda other: (-by[other], other)))
            for event, by in sorted(taken.items())
        )
        return tuple(merge for merge in merges if not events.kept_apart(merge.absorbed, merge.survivor))

    def _copy(self, position: int) -> Copy:
        window, row = self.linker.window, position - self.linker.window.base
        original = int(window.copy_of[row])
        return Copy(
            entry=int(window.id[row]), original=None if original < 0 else int(window.id[original - window.base])
        )
