"""One batch of reports becomes assignments.

How an event comes about: the words of a batch are counted, then each entry is weighed (rare words weigh more; weights
are frozen on arrival), signed and indexed (linking.py). Entries that share MinHash bands with it are its candidates, those
with enough cosine its neighbours. Each event of its nearest neighbours is scored (scoring.py): the best one takes it if
that is enough, else it founds an event. After the batch new entries and their nearest neighbours are placed again
(repair.py), events that turn out to be one are merged (merging.py), those that hold two are split (splitting.py).

What is decided is a function of the stream as it was cut into batches; inside a batch, order is (time, feed, id). All
state is that of entries in the window, of document frequencies and of the next event number: `restore` brings it back.
"""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from aggregator.clustering.deciding import place
from aggregator.clustering.events import Events
from aggregator.clustering.evidence import Evidence
from aggregator.clustering.linking import AT_ONCE, Linker, Pairs
from aggregator.clustering.merging import merge
from aggregator.clustering.repair import repair
from aggregator.clustering.result import NONE, Assignment, BatchResult, Constraints, Move
from aggregator.clustering.settings import DEFAULT, Settings
from aggregator.model import Report
from aggregator.text.features import Features, analyse

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Clusterer:
    """The one place that decides which reports are of one event."""

    def __init__(self, settings: Settings = DEFAULT, *, languages: Collection[str] = (), explain: bool = True) -> None:
        self.settings = settings
        self.languages = languages
        self.explain = explain
        self.linker = Linker(settings, lambda space, token: 0.0)
        self.events = Events(self.linker.window, settings)

    def assign(self, batch: Sequence[Report], number: int, constraints: Constraints = NONE) -> BatchResult:
        """Decide for new entries, in any order, where they belong."""
        reports = sorted(batch, key=lambda report: (report.time, report.feed, report.id))
        features = [
            analyse(report.title, report.summary, declared=report.language, languages=self.languages)
            for report in reports
        ]
        window = self.linker.window
        if reports:
            self.expire(int(reports[-1].time.timestamp()))
        fresh = range(window.end, window.end + len(reports))
        before = window.event[: window.end - window.base].copy()
        self.learn(reports, features)
        self.decide(fresh.start)
        return self._result(number, reports, before, fresh)

    def _result(self, number: int, reports: Sequence[Report], before: "NDArray[np.int64]", fresh: range) -> BatchResult:
        window = self.linker.window
        now = window.event[: len(before)]
        event = window.event[len(before) : len(before) + len(fresh)].tolist()
        changed = np.flatnonzero((before != now) & (before >= 0)).tolist()
        return BatchResult(
            number=number,
            assignments=tuple(
                Assignment(entry=report.id, event=each, evidence=Evidence(rule="joined"))
                for report, each in zip(reports, event, strict=True)
            ),
            moves=tuple(
                Move(
                    entry=int(window.id[row]),
                    from_event=int(before[row]),
                    to_event=int(now[row]),
                    reason="repair",
                    evidence=Evidence(rule="repair"),
                )
                for row in changed
            ),
            next_event=self.events.next_id,
        )

    def learn(self, reports: Sequence[Report], features: Sequence[Features]) -> list[Pairs]:
        """Count, weigh, sign and link new entries."""
        self.linker.count(features)
        return [
            self.linker.add(reports[at : at + AT_ONCE], features[at : at + AT_ONCE])
            for at in range(0, len(reports), AT_ONCE)
        ]

    def expire(self, now: int) -> None:
        """Let entries leave that are older than the window."""
        w = self.linker.window
        oldest = now - int(self.settings.window.total_seconds())
        until = w.first
        while until < w.end and w.time[until - w.base] < oldest:
            if w.event[until - w.base] >= 0:
                self.events.leave(until)
            until += 1
        w.drop(until)

    def decide(self, first: int) -> None:
        """Place the entries from `first` on, and give what they touch a second thought."""
        events, w = self.events, self.linker.window
        fresh = range(first, w.end)
        for space in w.space[first - w.base : w.end - w.base].tolist():
            events.sizes[space] = events.sizes.get(space, 0) + 1
        for position in fresh:
            place(events, position)
        repair(events, fresh)
        merge(events, fresh)
        events.forget_terms()
