from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model import Event
from aggregator.publishing.publication import ChangeKind, OutputFeed, Publication, Updates, standard_feeds
from aggregator.publishing.release import decide, fits, in_document, reach
from aggregator.text.query import parse
from tests.publishing.values import ALL, EVENTS, NOW, OLD_STORE, event, outlets, source

MINUTE = timedelta(minutes=1)


def tell(feed: OutputFeed, one: Event, previous: Publication | None = None, minutes: float = 0, **given: object):
    return decide(feed, one, previous, now=NOW + minutes * MINUTE, store_age=OLD_STORE, **given)  # type: ignore[arg-type]


def told(feed: OutputFeed, one: Event, previous: Publication | None = None, minutes: float = 60) -> Publication:
    found = tell(feed, one, previous, minutes)
    assert found is not None
    return found


def test_an_event_waits_for_its_source_list() -> None:
    one = event(source(1, "A"), source(2, "B", 5))
    assert tell(EVENTS, one, minutes=24) is None  # 20 minutes after the second outlet made it fit
    assert tell(EVENTS, one, minutes=25) is not None


def test_three_outlets_end_the_hold() -> None:
    assert tell(EVENTS, event(*outlets(3)), minutes=1) is not None


def test_a_young_store_holds_nothing() -> None:
    one = event(*outlets(2))
    assert decide(EVENTS, one, None, now=NOW, store_age=timedelta(minutes=59)) is not None
    assert decide(EVENTS, one, None, now=NOW, store_age=timedelta(minutes=61)) is None


def test_what_does_not_match_the_filter_is_not_released() -> None:
    one = event(*outlets(3))
    assert tell(replace(EVENTS, min_sources=4), one, minutes=60) is None
    assert tell(replace(EVENTS, languages=frozenset({"id"})), one, minutes=60) is None
    assert tell(replace(EVENTS, tags=frozenset({"asia"})), one, minutes=60) is None
    assert tell(replace(EVENTS, search=parse("kabul")), one, minutes=60) is None
    assert tell(replace(EVENTS, exclude=parse("panjshir")), one, minutes=60) is None
    assert tell(replace(EVENTS, search=parse("panjshir -kabul")), one, minutes=60) is not None
    assert tell(replace(EVENTS, languages=frozenset({"en"})), one, minutes=60) is not None


def test_copies_are_no_independent_sources() -> None:
    one = event(source(1, "A"), source(2, "B", copy_of=1), source(3, "C", copy_of=1))
    assert not fits(replace(EVENTS, min_independent=2), one)
    assert fits(replace(EVENTS, min_independent=1), one)


def test_minor_growth_is_told_without_moving_anything_else() -> None:
    first = told(EVENTS, event(*outlets(3)))
    grown = event(*outlets(3), source(9, "Z", 61), headline="A better headline", representative=9)
    second = told(EVENTS, grown, first, 62)
    assert second.entries == (1, 2, 3, 9)
    assert replace(second, entries=first.entries, changes=()) == first
    assert [(change.kind, change.entries) for change in second.changes] == [(ChangeKind.GREW, (9,))]


def test_the_next_class_of_independent_sources_is_significant() -> None:
    first = told(EVENTS, event(*outlets(3)))
    second = told(EVENTS, event(*outlets(5), headline="Panjshir falls", representative=2), first, 90)
    assert second.published == first.published
    assert second.updated > first.updated
    assert second.version_before == first.updated
    assert second.headline == "Panjshir falls"
    assert second.serial == 1


def test_a_headline_that_its_outlet_changed_is_significant() -> None:
    first = told(EVENTS, event(*outlets(3)))
    second = told(EVENTS, event(*outlets(3), headline="Taliban take Panjshir"), first, 90)
    assert second.headline == "Taliban take Panjshir"
    assert second.updated > first.updated
    assert second.changes[-1].text == first.headline


def test_punctuation_is_no_news() -> None:
    first = told(EVENTS, event(*outlets(3)))
    assert tell(EVENTS, event(*outlets(3), headline=first.headline.upper() + "."), first, 90) is None


def test_nothing_new_is_not_stored() -> None:
    one = event(*outlets(3))
    assert tell(EVENTS, one, told(EVENTS, one), 500) is None


def test_a_merged_event_says_so_once() -> None:
    first = told(EVENTS, event(*outlets(3)))
    absorbed = replace(event(*outlets(3)), sources=(), merged_into=7)
    second = told(EVENTS, absorbed, first, 90)
    assert second.merged_into == 7
    assert second.entries == first.entries
    assert second.updated > first.updated
    assert tell(EVENTS, absorbed, second, 95) is None


def test_an_event_that_was_never_told_is_merged_silently() -> None:
    assert tell(ALL, replace(event(*outlets(3)), merged_into=7), minutes=60) is None


def test_a_merge_that_is_undone_restores_the_entry() -> None:
    first = told(EVENTS, event(*outlets(3)))
    merged = told(EVENTS, replace(event(*outlets(3)), merged_into=7), first, 90)
    third = told(EVENTS, event(*outlets(3)), merged, 120)
    assert third.merged_into is None
    assert third.updated > merged.updated


def test_a_split_that_takes_the_representative_away_is_significant() -> None:
    first = told(EVENTS, event(*outlets(3)))
    rest = event(*outlets(3)[1:])
    second = told(EVENTS, rest, first, 90)
    assert second.updated > first.updated
    assert second.headline == rest.headline
    assert (ChangeKind.SHRANK, (1,)) in [(change.kind, change.entries) for change in second.changes]


def test_a_correction_is_significant() -> None:
    first = told(EVENTS, event(*outlets(3)))
    second = tell(EVENTS, event(*outlets(3)), first, 90, corrected_at=NOW + 80 * MINUTE)
    assert second is not None
    assert second.updated > first.updated
    assert tell(EVENTS, event(*outlets(3)), second, 95, corrected_at=NOW + 80 * MINUTE) is None


def test_a_muted_event_is_told_nowhere_and_goes_on_where_it_was() -> None:
    muted = event(*outlets(3), muted=True)
    assert not fits(EVENTS, muted)
    assert tell(EVENTS, muted, minutes=60) is None
    first = told(EVENTS, event(*outlets(3)))
    assert tell(EVENTS, event(*outlets(5), muted=True), first, 90) is None
    assert told(EVENTS, event(*outlets(5)), first, 120).published == first.published


def test_milestones_are_further_entries() -> None:
    feed = replace(EVENTS, updates=Updates.MILESTONES)
    first = told(feed, event(*outlets(3)))
    minor = told(feed, event(*outlets(4)), first, 70)
    assert minor.serial == 1
    second = told(feed, event(*outlets(5)), minor, 90)
    assert (second.serial, second.published) == (2, second.updated)
    assert second.published > first.published


def test_every_significant_update_is_an_entry_on_request() -> None:
    feed = replace(EVENTS, updates=Updates.EVERY)
    first = told(feed, event(*outlets(3)))
    assert told(feed, event(*outlets(3), headline="Something else happened"), first, 90).serial == 2


def test_an_event_with_one_outlet_stays_as_it_was_among_the_singles() -> None:
    _, singles, _ = standard_feeds("Events", hold=20 * MINUTE, keep=48 * 60 * MINUTE, limit=10)
    first = told(singles, event(source(1, "A")), minutes=20)
    assert tell(singles, event(*outlets(4)), first, 100) is None


def test_what_events_has_released_is_no_single() -> None:
    _, singles, _ = standard_feeds("Events", hold=20 * MINUTE, keep=48 * 60 * MINUTE, limit=10)
    assert tell(singles, event(source(1, "A")), minutes=60, released_elsewhere=True) is None


@given(st.integers(min_value=1, max_value=40))
def test_between_the_three_feeds_no_event_is_lost(size: int) -> None:
    feeds = standard_feeds("Events", hold=20 * MINUTE, keep=48 * 60 * MINUTE, limit=10)
    released = {feed.name for feed in feeds if tell(feed, event(*outlets(size)), minutes=60) is not None}
    assert released == {"all", "events" if size > 1 else "singles"}


def test_a_first_document_is_dated_by_its_claims_and_its_old_entries_are_kept_back() -> None:
    hours = timedelta(hours=1)
    recent = source(1, "A", published=NOW - 5 * hours, imported=True)
    old = source(2, "B", published=NOW - 30 * hours, imported=True)
    assert tell(ALL, event(old), minutes=60) is None
    first = told(ALL, event(recent, old))
    assert first.published.replace(microsecond=0) == NOW - 5 * hours


def test_no_two_events_of_a_batch_share_an_instant() -> None:
    stamps = {told(EVENTS, event(*outlets(3), number=number)).updated for number in range(1, 200)}
    assert len(stamps) == 199


def test_updated_moves_forward_even_when_the_clock_goes_back() -> None:
    first = told(EVENTS, event(*outlets(3)))
    second = told(EVENTS, event(*outlets(5)), first, -24 * 60)
    assert second.updated > first.updated


def test_the_document_holds_what_was_told_in_the_time_before_its_newest_update() -> None:
    feed = replace(ALL, keep=timedelta(hours=48))
    at = [told(feed, event(*outlets(3), number=n), minutes=60 * n) for n in range(1, 100)]
    chosen, cut = in_document(feed, at)
    assert [one.event for one in chosen] == list(range(99, 50, -1))
    assert cut == 0
    chosen, cut = in_document(replace(feed, limit=10), at)
    assert ([one.event for one in chosen], cut) == (list(range(99, 89, -1)), 39)


def test_an_empty_feed_is_an_empty_document() -> None:
    assert in_document(ALL, []) == ((), 0)


@pytest.mark.parametrize(("sources", "steps"), [(1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (10, 4), (19, 4), (20, 5)])
def test_independent_sources_are_counted_in_classes(sources: int, steps: int) -> None:
    assert reach(sources) == steps


sizes = st.lists(st.integers(1, 30), min_size=1, max_size=12)


@settings(max_examples=60)
@given(sizes, st.sampled_from(list(Updates)))
def test_a_publication_survives_storage_and_published_never_moves(steps: list[int], updates: Updates) -> None:
    feed = replace(EVENTS, updates=updates)
    first: dict[int, Publication] = {}
    previous = None
    for at, size in enumerate(steps):
        found = tell(feed, event(*outlets(size)), previous, 60 * at + 60)
        if found is None:
            continue
        again = Publication.of(
            feed=found.feed,
            event=found.event,
            serial=found.serial,
            published=found.published,
            updated=found.updated,
            detail=found.detail(),
        )
        assert again == found
        assert first.setdefault(found.serial, found).published == found.published
        assert previous is None or found.updated >= previous.updated
        previous = found
    if updates is Updates.STABLE:
        assert set(first) <= {1}
