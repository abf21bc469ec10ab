"""What follows from pairs of entries that belong together or must stay apart. Pure.

Who belongs together does so through others too: the pairs make groups, and what keeps two entries apart keeps their
groups apart. A chain that leads from an entry to one that it must stay apart from is a contradiction.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from aggregator.model import EntryId, EventId

GroupId = EntryId  # a group is named by its first entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraints:
    """What people put right, as pairs of entries."""

    together: frozenset[tuple[EntryId, EntryId]] = frozenset()
    apart: frozenset[tuple[EntryId, EntryId]] = frozenset()
    placed: Mapping[EntryId, EventId] = field(default_factory=dict)  # the events of those that have left the window


NONE = Constraints()


@dataclass(frozen=True, slots=True)
class Groups:
    """Entries that belong together, and which of their groups must stay apart; a group may be of one entry."""

    of: Mapping[EntryId, GroupId]
    members: Mapping[GroupId, tuple[EntryId, ...]]
    apart: Mapping[GroupId, frozenset[GroupId]]


def grouped(constraints: Constraints) -> Groups:
    """Close the pairs: who is with whom through others, and who is therefore apart."""
    root: dict[EntryId, EntryId] = {}

    def find(entry: EntryId) -> EntryId:
        top = entry
        while (above := root.setdefault(top, top)) != top:
            top = above
        while root[entry] != top:
            root[entry], entry = top, root[entry]
        return top

    for one, other in constraints.together:
        first, second = sorted((find(one), find(other)))
        root[second] = first
    kept: dict[GroupId, set[GroupId]] = {}
    for one, other in constraints.apart:
        a, b = find(one), find(other)
        kept.setdefault(a, set()).add(b)
        kept.setdefault(b, set()).add(a)
    of = {entry: find(entry) for entry in sorted(root)}
    members: dict[GroupId, list[EntryId]] = {}
    for entry, group in of.items():
        members.setdefault(group, []).append(entry)
    return Groups(
        of=of,
        members={group: tuple(entries) for group, entries in members.items()},
        apart={group: frozenset(others) for group, others in kept.items()},
    )


def mend(groups: Groups, event_of: Mapping[EntryId, EventId]) -> dict[EntryId, EventId]:
    """Give the moves after which every constraint holds, for the entries that are in an event; none where all do.

    A group gathers where most of it is. In an event that holds groups which must be apart, who has most against it
    leaves; who leaves goes to events that are new, numbered -1, -2 ..., as few as will do.
    """
    placed = {group: [e for e in members if e in event_of] for group, members in groups.members.items()}
    placed = {group: members for group, members in placed.items() if members}
    home = {group: _most(event_of[entry] for entry in members) for group, members in placed.items()}
    inside: dict[EventId, set[GroupId]] = {}
    for group, event in home.items():
        inside.setdefault(event, set()).add(group)
    fresh = 0
    for event in sorted(inside):
        rooms: list[tuple[EventId, set[GroupId]]] = []
        for group in _leaving(groups, inside[event], placed):
            room = next((room for room in rooms if not groups.apart[group] & room[1]), None)
            if room is None:
                fresh -= 1
                room = fresh, set()
                rooms.append(room)
            room[1].add(group)
            home[group] = room[0]
    return {
        entry: home[group]
        for group, members in sorted(placed.items())
        for entry in members
        if event_of[entry] != home[group]
    }


def _most(events: Iterable[EventId]) -> EventId:
    """Give the event that stands most often, the oldest among equals."""
    counted = Counter(events)
    return min(counted, key=lambda event: (-counted[event], event))


def _leaving(groups: Groups, inside: Iterable[GroupId], placed: Mapping[GroupId, list[EntryId]]) -> Iterable[GroupId]:
    """Give the groups that leave an event until those which stay may be together: few entries, of many conflicts."""
    there = {group for group in inside if group in groups.apart}

    def against(group: GroupId) -> float:
        return len(groups.apart[group] & there) / len(placed[group])

    leaving = []
    while there and against(worst := max(there, key=lambda group: (against(group), group))) > 0:
        there.discard(worst)
        leaving.append(worst)
    return leaving


# --- contradictions


@dataclass(frozen=True, slots=True)
class Link:
    """A pair of entries that a correction binds together, or keeps apart."""

    one: EntryId
    other: EntryId
    apart: bool
    correction: int


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two entries that are kept apart, and the chain of links by which they are together."""

    apart: Link
    chain: tuple[Link, ...]  # from apart.one to apart.other


def contradiction(links: Iterable[Link]) -> Contradiction | None:
    """Find the first pair that is kept apart and yet together through others, by the shortest chain; None: none is."""
    links = list(links)
    near: dict[EntryId, list[tuple[EntryId, Link]]] = {}
    for link in links:
        if not link.apart:
            near.setdefault(link.one, []).append((link.other, link))
            near.setdefault(link.other, []).append((link.one, link))
    pairs = frozenset((link.one, link.other) for link in links if not link.apart)
    group = grouped(Constraints(together=pairs)).of
    for link in links:
        if link.apart and group.get(link.one, link.one) == group.get(link.other, link.other):
            return Contradiction(link, _chain(near, link.one, link.other))
    return None


def _chain(near: Mapping[EntryId, list[tuple[EntryId, Link]]], start: EntryId, end: EntryId) -> tuple[Link, ...]:
    """Find the shortest way from an entry to another, each link in the direction in which it is gone."""
    came: dict[EntryId, Link | None] = {start: None}
    waiting = deque([start])
    while waiting and end not in came:
        here = waiting.popleft()
        for there, link in near.get(here, ()):
            if there not in came:
                came[there] = Link(here, there, apart=False, correction=link.correction)
                waiting.append(there)
    chain: list[Link] = []
    step = came.get(end)
    while step is not None:
        chain.append(step)
        step = came[step.one]
    return tuple(_shortened(reversed(chain)))


def _shortened(chain: Iterable[Link]) -> Iterable[Link]:
    """Take the links of one correction that follow one another for one."""
    last: Link | None = None
    for link in chain:
        if last is not None and last.correction == link.correction:
            last = Link(last.one, link.other, apart=False, correction=link.correction)
            continue
        if last is not None:
            yield last
        last = link
    if last is not None:
        yield last
