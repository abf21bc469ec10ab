from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import NotFound
from aggregator.publishing.ids import Installation, event_name, event_number


@given(st.integers(min_value=0, max_value=32**14))
def test_a_name_leads_back_to_its_number(number: int) -> None:
    assert event_number(event_name(number)) == number


def test_names_are_short_and_typeable() -> None:
    assert {len(event_name(number)) for number in range(2_000)} == {5}
    assert len(event_name(32**5)) == 6


def test_no_two_events_share_a_name() -> None:
    names = {event_name(number) for number in range(100_000)}
    assert len(names) == 100_000


def test_neighbours_differ_in_their_first_characters() -> None:
    for number in range(500):
        assert len({event_name(number + step)[:2] for step in range(20)}) == 20


def test_two_characters_tell_most_events_of_a_day_apart() -> None:
    prefixes = [event_name(number)[:3] for number in range(700, 1_400)]
    assert len(set(prefixes)) == 700


def test_a_name_is_read_as_people_write_it() -> None:
    name = event_name(12_345)
    assert event_number(f" {name.upper()} ") == 12_345


def test_what_is_no_name_is_not_found() -> None:
    for text in ("", "abc", "u" * 5, "hello world", "événement"):
        with pytest.raises(NotFound, match="not the name of an event"):
            event_number(text)


def test_ids_are_tag_uris_without_the_host() -> None:
    minter = Installation("k3f9qs7", date(2026, 11, 22))
    assert minter.event_id("4xk2p") == "tag:k3f9qs7.invalid,2026-11-22:event/4xk2p"
    assert minter.event_id("4xk2p", serial=2) == "tag:k3f9qs7.invalid,2026-11-22:event/4xk2p/m2"
    assert minter.event_id("4xk2p", feed="id") == "tag:k3f9qs7.invalid,2026-11-22:feed/id/event/4xk2p"
    assert minter.channel_id("id") == "tag:k3f9qs7.invalid,2026-11-22:feed/id"


def test_an_installation_whose_name_breaks_a_tag_uri_is_refused() -> None:
    with pytest.raises(ValueError, match="tag URI"):
        Installation("My Host", date(2026, 1, 1))
