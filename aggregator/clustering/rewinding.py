"""What was known before some entries came: the counts of words without theirs."""

from collections.abc import Iterable, Iterator

from aggregator.clustering.evidence import Versions
from aggregator.clustering.records import StoredEntry, unpack
from aggregator.clustering.result import EntryRecord, Frequency


def rewound(
    frequencies: Iterable[Frequency], later: Iterable[EntryRecord], earlier: Iterable[EntryRecord], versions: Versions
) -> tuple[Frequency, ...]:
    """Give the frequencies as they were before the entries of `later` were counted; what comes to nothing stays, at 0.

    `earlier` are the records before them: of an entry that was edited since, what it said before counts again.

    Raises:
        OtherRules: the records were made by other rules.
    """
    counts = {(one.space, one.token): one.count for one in frequencies}
    taken = _newest(later, versions)
    given = {entry: stored for entry, stored in _newest(earlier, versions).items() if entry in taken}
    for entries, sign in ((taken, -1.0), (given, 1.0)):
        for stored in entries.values():
            for key in _counted(stored):
                counts[key] = max(0.0, counts.get(key, 0.0) + sign)
    return tuple(Frequency(space=space, token=token, count=count) for (space, token), count in sorted(counts.items()))


def _newest(records: Iterable[EntryRecord], versions: Versions) -> dict[int, StoredEntry]:
    """Read the last revision of each entry; an edit's words count in the place of what it said before."""
    newest: dict[int, EntryRecord] = {}
    for record in records:
        known = newest.get(record.entry)
        if known is None or known.revision < record.revision:
            newest[record.entry] = record
    return {entry: unpack(record.data, versions) for entry, record in newest.items()}


def _counted(stored: StoredEntry) -> Iterator[tuple[str, str]]:
    yield stored.space, ""
    yield from ((stored.space, token) for token in stored.tokens)
