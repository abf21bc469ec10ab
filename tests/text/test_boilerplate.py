"""What a feed puts into every entry is learnt, and left out."""

import json

from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.boilerplate import Boilerplate

TOPICS = [
    "fire in the harbour",
    "a vote on taxes",
    "the king abdicates",
    "snow closes roads",
    "bank fails",
    "cup final",
]
BATCH = [
    ("bbc", f"{topic.title()} {number} - BBC News", f"It was {topic}, number {number}. All rights reserved.")
    for number in range(4)
    for topic in TOPICS
]


def learnt() -> Boilerplate:
    boilerplate = Boilerplate()
    boilerplate.observe(BATCH)
    return boilerplate


def test_what_each_title_ends_with_is_left_out() -> None:
    assert learnt().strip("bbc", "Kabul falls - BBC News") == "Kabul falls"


def test_what_each_summary_ends_with_is_left_out() -> None:
    assert learnt().strip_summary("bbc", "Kabul fell today. All rights reserved.") == "Kabul fell today."


def test_what_one_feed_repeats_stays_in_another() -> None:
    assert learnt().strip("other", "Kabul falls - BBC News") == "Kabul falls - BBC News"


def test_a_topic_before_a_colon_stays() -> None:
    boilerplate = Boilerplate()
    boilerplate.observe(("f", f"Gaza: {topic} {number}", "") for topic in TOPICS for number in range(2))
    boilerplate.observe(("f", f"{topic} {number}", "") for topic in TOPICS for number in range(6))
    assert boilerplate.strip("f", "Gaza: truce holds") == "Gaza: truce holds"


def test_a_section_before_a_bar_is_left_out_though_rare() -> None:
    boilerplate = Boilerplate()
    boilerplate.observe(("f", f"{topic} {number}", "") for topic in TOPICS for number in range(20))
    boilerplate.observe(("f", f"Middle East | {topic}", "") for topic in TOPICS)
    assert boilerplate.strip("f", "Middle East | Truce holds") == "Truce holds"


def test_one_text_many_times_is_no_boilerplate() -> None:
    boilerplate = Boilerplate()
    boilerplate.observe(("f", "Kabul falls - again", "Whole text. Once more.") for _ in range(500))
    assert boilerplate.strip("f", "Kabul falls - again") == "Kabul falls - again"
    assert boilerplate.strip_summary("f", "Whole text. Once more.") == "Whole text. Once more."


def test_the_order_within_a_batch_changes_nothing() -> None:
    other = Boilerplate()
    other.observe([*BATCH[1::2], *reversed(BATCH[::2])])
    assert other.to_values() == learnt().to_values()


def test_the_state_survives_json() -> None:
    values = json.loads(json.dumps(learnt().to_values()))
    again = Boilerplate.from_values(values)
    assert again.to_values() == learnt().to_values()
    assert again.strip("bbc", "Kabul falls - BBC News") == "Kabul falls"


def test_memory_of_a_feed_is_bounded() -> None:
    boilerplate = Boilerplate()
    for batch in range(6):
        boilerplate.observe(
            ("f", f"Part {batch} {n} - end {batch} {n}", f"One {n}{batch}. Two {n}{batch}.") for n in range(900)
        )
    entries, rows, pieces, titles = boilerplate.to_values()["f"]
    assert entries <= 2000
    assert len(rows) <= 64
    assert len(pieces) <= 128
    assert len(titles) <= 32


@given(st.lists(st.tuples(st.sampled_from("ab"), st.text(), st.text()), max_size=30), st.text(), st.text())
def test_any_text_is_stripped_to_no_more_than_it_was(
    batch: list[tuple[str, str, str]], title: str, summary: str
) -> None:
    boilerplate = Boilerplate()
    boilerplate.observe(batch)
    assert len(boilerplate.strip("a", title, outlet=summary[:20])) <= len(title)
    assert len(boilerplate.strip_summary("a", summary)) <= len(summary)


def test_a_long_run_of_one_character_costs_nothing_out_of_the_way() -> None:
    hostile = [" " * 100_000, "\n" * 100_000, "[" * 100_000, "The post " * 10_000, "| " * 50_000, ". " * 50_000]
    boilerplate = Boilerplate()
    boilerplate.observe(("f", text, text) for text in hostile)
    for text in hostile:
        assert len(boilerplate.strip("f", text, outlet="Reuters")) <= len(text)
        assert len(boilerplate.strip_summary("f", text)) <= len(text)


def test_what_an_earlier_version_stored_is_read_as_far_as_it_goes() -> None:
    values = learnt().to_values()
    for length in range(2, 5):
        again = Boilerplate.from_values({key: row[:length] for key, row in values.items()})
        assert again.strip("bbc", "Kabul falls - BBC News") == "Kabul falls"
