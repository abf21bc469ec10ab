"""What subscribers of ten readers see of growing, merging and splitting events over 90 hours."""

import random
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from aggregator.model import Event, EventId, Source
from aggregator.publishing import atom, rss
from aggregator.publishing.channel import Channel, compose
from aggregator.publishing.publication import OutputFeed, Publication, Updates, standard_feeds
from aggregator.publishing.release import decide, in_document
from tests.publishing.values import NOW, OLD_STORE, PLACE, event, source
from tests.readers import READERS, Subscriber

HOURS = 90
STEP = timedelta(minutes=30)
INTERVALS = (timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8))


def history(seed: int, number: int) -> list[Event]:
    """Give events in their last state: reports spread over hours, most with one outlet, few with thirty."""
    chance = random.Random(seed)  # the same events in each run
    found = []
    for n in range(1, number + 1):
        start = chance.uniform(0, (HOURS - 20) * 60)
        size = min(30, int(chance.paretovariate(0.9)))
        minutes = sorted(start + chance.expovariate(1 / 150) * bool(k) for k in range(size))
        sources = [source(100 * n + k, f"Outlet {k}", at, title=f"Event {n} told") for k, at in enumerate(minutes)]
        found.append(event(*sources, number=n))
    return found


@dataclass
class World:
    """The events as they are at a time, and what was told of them."""

    feeds: tuple[OutputFeed, ...]
    events: dict[EventId, Event] = field(default_factory=dict)
    told: dict[tuple[str, EventId, int], Publication] = field(default_factory=dict)
    newest: dict[tuple[str, EventId], Publication] = field(default_factory=dict)

    def advance(self, states: Mapping[EventId, Event], elapsed: timedelta) -> None:
        self.events = dict(states)
        for feed in self.feeds:
            for one in states.values():
                previous = self.latest(feed.name, one.id)
                elsewhere = feed.unless is not None and self.latest(feed.unless, one.id) is not None
                found = decide(
                    feed, one, previous, now=NOW + elapsed, store_age=OLD_STORE, released_elsewhere=elsewhere
                )
                if found is not None:
                    self.told[feed.name, one.id, found.serial] = found
                    self.newest[feed.name, one.id] = found

    def latest(self, feed: str, number: EventId) -> Publication | None:
        return self.newest.get((feed, number))

    def channel(self, feed: OutputFeed) -> Channel:
        told = [one for key, one in self.told.items() if key[0] == feed.name]
        return compose(feed, in_document(feed, told)[0], self.events, PLACE)


def states(history: list[Event], elapsed: timedelta) -> dict[EventId, Event]:
    """Give the events with the reports that have come by then; number 2 is absorbed by number 1 at half time."""
    found = {}
    for one in history:
        seen = tuple(one for one in one.sources if one.first_seen <= NOW + elapsed)
        if seen:
            found[one.id] = replace(one, sources=seen)
    if elapsed >= timedelta(hours=HOURS / 2) and {1, 2} <= found.keys():
        both = sorted((*found[1].sources, *found[2].sources), key=lambda one: one.first_seen)
        found[1] = replace(found[1], sources=tuple(both))
        found[2] = replace(found[2], sources=(), merged_into=1)
    return found


def run(
    feeds: tuple[OutputFeed, ...], write: Callable[[Channel], bytes], seed: int = 1, number: int = 20
) -> tuple[World, list[Subscriber]]:
    """Let 90 hours pass; every reader polls at every interval."""
    world, whole = World(feeds), history(seed, number)
    # Two events that will be merged have been told by then.
    whole[:2] = [event(*pair(n), number=n) for n in (1, 2)]
    subscribers = [(Subscriber(how), every) for how in READERS for every in INTERVALS]
    for step in range(int(HOURS / (STEP / timedelta(hours=1))) + 17):
        world.advance(states(whole, step * STEP), step * STEP)
        documents = {feed.name: write(world.channel(feed)) for feed in feeds}
        for subscriber, every in subscribers:
            if step % (every // STEP) == 0:
                subscriber.poll(documents)
    return world, [subscriber for subscriber, _ in subscribers]


def pair(number: int) -> tuple[Source, ...]:
    return tuple(source(100 * number + k, f"Outlet {k}", 10 * k, title=f"Event {number} told") for k in range(3))


def base(id_: str) -> str:
    return re.sub(r"/m\d+$", "", id_)


EVENTS, SINGLES, ALL = standard_feeds("Events", hold=timedelta(minutes=20), keep=timedelta(hours=48), limit=2_000)


@pytest.fixture(scope="module")
def stable() -> tuple[World, list[Subscriber]]:
    return run((EVENTS,), atom.FORMAT.write)


def test_nobody_misses_an_event(stable: tuple[World, list[Subscriber]]) -> None:
    world, subscribers = stable
    released = {PLACE.installation.event_id(world.events[number].name) for _, number, _ in world.told}
    assert len(released) >= 10
    for subscriber in subscribers:
        assert {base(item.id) for item in subscriber.items.values()} == released, subscriber.behaviour.name


def test_every_event_appears_once_and_an_absorbed_one_under_its_own_id(stable: tuple[World, list[Subscriber]]) -> None:
    world, subscribers = stable
    for subscriber in subscribers:
        counts = Counter(item.id for item in subscriber.items.values())
        assert set(counts.values()) == {1}, subscriber.behaviour.name
    absorbed = PLACE.installation.event_id(world.events[2].name)
    for subscriber in subscribers:
        (item,) = (item for item in subscriber.items.values() if item.id == absorbed)
        assert ("Merged:" in item.content) is subscriber.behaviour.replaces


def test_a_version_that_is_kept_for_ever_has_its_source_list(stable: tuple[World, list[Subscriber]]) -> None:
    _, subscribers = stable
    for subscriber in subscribers:
        for item in subscriber.items.values():
            assert len(set(re.findall(r"<strong>(Outlet \d+)</strong>", item.first_content))) >= 2


def test_readers_that_replace_end_with_every_source(stable: tuple[World, list[Subscriber]]) -> None:
    world, subscribers = stable
    by_id = {PLACE.installation.event_id(one.name): one for one in world.events.values()}
    for subscriber in subscribers:
        if not subscriber.behaviour.replaces:
            continue
        for item in subscriber.items.values():
            one = by_id[item.id]
            if one.merged_into is None:
                named = set(re.findall(r"Outlet \d+", item.content))
                assert named == {report.outlet for report in one.sources}


def test_milestones_are_one_more_each_for_every_reader() -> None:
    feed = replace(EVENTS, updates=Updates.MILESTONES)
    world, subscribers = run((feed,), rss.FORMAT.write, seed=2)
    told = Counter(number for _, number, _ in world.told)
    assert max(told.values()) > 2
    for subscriber in subscribers:
        counts = Counter(base(item.id) for item in subscriber.items.values())
        for number, entries in told.items():
            assert counts[PLACE.installation.event_id(world.events[number].name)] == entries


def test_who_keys_by_id_alone_sees_an_event_once_in_all_three_feeds() -> None:
    world, subscribers = run((EVENTS, SINGLES, ALL), atom.FORMAT.write, seed=3, number=8)
    for subscriber in subscribers:
        if subscriber.behaviour.across_feeds:
            assert len(subscriber.items) == len(world.events)


def test_ids_of_one_feed_alone_show_an_event_in_each_feed_to_every_reader() -> None:
    feeds = tuple(replace(feed, own_ids=True) for feed in (EVENTS, ALL))
    world, subscribers = run(feeds, rss.FORMAT.write, seed=4, number=8)
    expected = len({(feed, number) for feed, number, _ in world.told})
    for subscriber in subscribers:
        assert len(subscriber.items) == expected


def test_an_http_id_would_have_shown_some_events_twice() -> None:
    """The simulated readers can tell a bad feed from a good one."""
    _, subscribers = run((EVENTS,), lambda one: atom.FORMAT.write(one).replace(b"<id>tag:", b"<id>http://"), number=8)
    twice = {
        subscriber.behaviour.name
        for subscriber in subscribers
        if len({item.id for item in subscriber.items.values()}) < len(subscriber.items)
    }
    assert twice == {"yarr"}
