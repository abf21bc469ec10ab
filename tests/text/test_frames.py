"""A frame that a feed fills in is told from what it is filled with."""

from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.boilerplate import Boilerplate
from aggregator.text.features import analyse
from aggregator.text.frames import Titles

TOWNS = ["Kalomi", "Venpol", "Turmar", "Heltik", "Gandir", "Shabes", "Rozula", "Mipolka"]
FLIGHTS = [f"Flight QX{411 + number} to {town} cancelled" for number, town in enumerate(TOWNS)]


def known(*titles: str) -> Titles:
    made = Titles()
    made.note(titles)
    return made


def test_what_three_other_titles_have_is_the_frame() -> None:
    assert known(*FLIGHTS).frame("Flight QX999 to Zumar cancelled") == {"flight", "to", "cancelled", "qx000"}


def test_two_other_titles_are_no_frame() -> None:
    assert not known(*FLIGHTS[:2]).frame("Flight QX999 to Zumar cancelled")


def test_a_title_is_no_mate_of_itself() -> None:
    assert not known(*FLIGHTS[:3]).frame(FLIGHTS[0])


def test_titles_in_words_of_their_own_have_no_frame() -> None:
    told = ["Harbour fire put out", "Fire in harbour destroys warehouse", "What we know of the blaze at the harbour",
            "Warehouse owner speaks of arson", "Harbour reopens after the great fire"]  # fmt: skip
    assert not any(known(*told).frame(title) for title in told)


def test_numbers_have_a_place_in_a_frame_and_fill_it() -> None:
    results = [f"Results: {one} {number % 5}-{number % 3} {other}"
               for number, (one, other) in enumerate(zip(TOWNS, reversed(TOWNS), strict=True))]  # fmt: skip
    frame = known(*results).frame("Results: Zumar 7-9 Lokadi")
    assert frame == {"results", "0"}
    assert analyse("Results: Zumar 7-9 Lokadi", declared="en", frame=frame).title == ("zumar", "lokadi")


def test_an_entry_of_a_frame_is_what_it_is_filled_with() -> None:
    frame = known(*FLIGHTS).frame("Flight QX999 to Zumar cancelled")
    one, other = (
        analyse(f"Flight QX{number} to {town} cancelled", "All about this flight.", declared="en", frame=frame)
        for number, town in ((999, "Zumar"), (998, "Lokadi"))
    )
    assert one.title == ("qx999", "zumar")
    assert not one.summary
    assert not set(one.words) & set(other.words)


def test_a_title_that_is_all_frame_is_read_as_any_other() -> None:
    assert analyse("Flight cancelled", declared="en", frame={"flight", "cancelled"}) == analyse(
        "Flight cancelled", declared="en"
    )


def test_the_order_within_a_batch_changes_nothing() -> None:
    titles = [f"{town} {number} again" for town in TOWNS for number in range(9)]
    one, other = known(*titles), known(*reversed(titles))
    assert one.latest == other.latest
    assert one.frame("Lokadi 4 again") == other.frame("Lokadi 4 again")


def test_few_titles_are_remembered_the_newest() -> None:
    made = known(*FLIGHTS)
    made.note(f"Number {number} of many other things" for number in range(500))
    assert len(made.latest) == 32
    assert not made.frame("Flight QX999 to Zumar cancelled")


@given(st.lists(st.lists(st.text(max_size=8), max_size=12), max_size=6), st.text(max_size=30))
def test_titles_taken_up_again_know_the_same(batches: list[list[str]], title: str) -> None:
    made = Titles()
    for batch in batches:
        made.note(batch)
    again = Titles(made.latest)
    for probe in (title, *made.latest):
        assert again.frame(probe) == made.frame(probe)


def test_what_a_feed_fills_in_is_stored_with_what_it_repeats() -> None:
    boilerplate = Boilerplate()
    boilerplate.observe(("f", title, "") for title in FLIGHTS)
    again = Boilerplate.from_values(boilerplate.to_values())
    assert again.frame("f", FLIGHTS[0]) == boilerplate.frame("f", FLIGHTS[0]) != frozenset()
    assert not again.frame("other", FLIGHTS[0])
