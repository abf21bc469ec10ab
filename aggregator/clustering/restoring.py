"""The state of a clusterer as records of its entries, and back: decisions go on as if it had never stopped."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import numpy as np

from aggregator.clustering.candidates import link, shared_terms
from aggregator.clustering.copies import recognise
from aggregator.clustering.events import Events
from aggregator.clustering.evidence import Versions
from aggregator.clustering.linking import Linker, Pairs, weigh
from aggregator.clustering.records import Links, StoredEntry, pack, unpack
from aggregator.clustering.result import EntryRecord, Snapshot
from aggregator.clustering.window import GONE
from aggregator.errors import OtherRules


def records(linker: Linker, pairs: Sequence[Pairs], fresh: range, versions: Versions) -> tuple[EntryRecord, ...]:
    """Write the entries of a batch; `pairs` are the links that they had on arrival."""
    new = np.concatenate([each.new for each in pairs]) if pairs else np.zeros(0, np.int64)
    old = np.concatenate([each.old for each in pairs]) if pairs else np.zeros(0, np.int64)
    cosine = np.concatenate([each.cosine for each in pairs]) if pairs else np.zeros(0, np.float32)
    starts = np.searchsorted(new, np.arange(fresh.start, fresh.stop + 1))
    return tuple(
        _record(
            linker,
            Links(position=position, near=old[begin:end].astype(np.int32), cosine=cosine[begin:end]),
            versions,
        )
        for position, begin, end in zip(fresh, starts[:-1], starts[1:], strict=True)
    )


def _record(linker: Linker, links: Links, versions: Versions) -> EntryRecord:
    window, row = linker.window, links.position - linker.window.base
    where = window.terms(links.position)
    stored = StoredEntry(
        entry=int(window.id[row]),
        time=int(window.time[row]),
        told=int(window.told[row]),
        feed=int(window.feed[row]),
        revision=int(window.revision[row]),
        words=int(window.words[row]),
        space=linker.space(int(window.space[row])),
        tokens=tuple(linker.frequencies.token(number) for number in window.token[where].tolist()),
        tf=window.tf[where],
        rarity=window.rarity[where],
        bands=window.bands[row],
        signature=window.signature[row],
        twin=int(window.twin[row]),
        likeness=float(window.likeness[row]),
        links=links,
    )
    time = datetime.fromtimestamp(stored.time, UTC)
    return EntryRecord(entry=stored.entry, revision=stored.revision, time=time, data=pack(stored, versions))


def restore(linker: Linker, events: Events, snapshot: Snapshot, versions: Versions) -> None:
    """Fill an empty linker and its events from what was stored.

    Raises:
        OtherRules: the records were made by other rules, or with other bands.
    """
    linker.frequencies.restore(snapshot.frequencies)
    events.next_id = snapshot.next_event
    stored = _in_order(unpack(one.data, versions) for one in snapshot.records)
    if not stored:
        return
    if any(len(each.bands) != linker.settings.bands for each in stored):
        raise OtherRules(f"a stored signature has other bands than the {linker.settings.bands} of this program")
    newest = {each.entry: each.links.position for each in stored}  # of an entry's revisions
    _fill(linker, stored)
    for each in stored:
        position = each.links.position
        event = snapshot.event_of.get(each.entry)
        if newest[each.entry] != position or event is None:
            linker.window.event[position - linker.window.base] = GONE
            continue
        space = linker.spaces[each.space]
        events.sizes[space] = events.sizes.get(space, 0) + 1
        events.add(position, events.opened(event))
    for open_event in events.open.values():
        first = snapshot.first_seen.get(open_event.id)
        if first is not None:
            events.begin(open_event, int(first.timestamp()))
    recognise(linker.window)  # as it stood; only what changes from here on is told
    events.forget_terms()


def _in_order(stored: Iterable[StoredEntry]) -> list[StoredEntry]:
    """Sort by position; of two at one, the earlier has left the window.

    After a restart positions go on from those of the window; an edit of an entry that has left it may have had higher.
    """
    by_time = sorted(stored, key=lambda each: each.time)
    at = {each.links.position: each for each in by_time}
    return [at[position] for position in sorted(at)]


def _fill(linker: Linker, stored: Sequence[StoredEntry]) -> None:
    """Put the rows at the positions that they had, then index and link them in that order; a gap stays GONE."""
    window = linker.window
    window.base = window.first = window.end = stored[0].links.position
    rows = window.extend(stored[-1].links.position + 1 - window.base, sum(len(each.tokens) for each in stored))
    window.event[rows], window.id[rows], window.length[rows], window.words[rows] = GONE, -1, 0, 0
    window.time[rows], window.told[rows], window.space[rows] = stored[0].time, stored[0].told, 0
    at = 0
    for each in stored:
        row = each.links.position - window.base
        numbers = linker.frequencies.numbers(each.space, each.tokens)
        where = slice(at, at + len(numbers))
        window.id[row], window.revision[row], window.feed[row] = each.entry, each.revision, each.feed
        window.time[row], window.told[row], window.words[row] = each.time, each.told, each.words
        window.space[row] = linker.number_of(each.space)
        window.length[row] = len(numbers)
        window.token[where], window.tf[where], window.rarity[where] = numbers, each.tf, each.rarity
        window.number[where] = [token[0].isdigit() for token in each.tokens]
        window.bands[row], window.signature[row] = each.bands, each.signature
        window.twin[row], window.likeness[row] = each.twin, each.likeness
        at += len(numbers)
    window.terms_end = at
    window.start[rows] = np.concatenate(([0], np.cumsum(window.length[rows])[:-1]))
    weigh(window, window.base)
    linker.enter(window.base)
    for each in stored:
        _relink(linker, each.links)


def _relink(linker: Linker, links: Links) -> None:
    """Note an entry's links in its own list, and in those of the others that are still in the window."""
    old = links.near.astype(np.int64)
    new = np.full(len(old), links.position, np.int64)
    link(linker.window, new, old, links.cosine, shared_terms(linker.window, len(linker.frequencies), new, old))
