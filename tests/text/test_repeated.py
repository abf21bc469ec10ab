"""What a feed prints under title after title is found, wherever it stands in a summary."""

import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from aggregator.text import repeated

WORDS = ["harbour", "vote", "crown", "snow", "bank", "final", "queue", "lorry", "orchard", "tide", "lantern", "parade"]


def prose(seed: int, words: int, stops: bool = True) -> str:
    rng = random.Random(seed)
    said = [f"{rng.choice(WORDS)}{rng.randrange(500)}" for _ in range(words)]
    if stops:
        said = [f"{word}." if number % 14 == 13 else word for number, word in enumerate(said)]
    return " ".join(said)


def known(*texts: tuple[str, str]) -> repeated.Titles:
    return repeated.note({}, texts)


def test_a_sentence_under_four_titles_is_left_out_wherever_it_stands() -> None:
    notice = "We use cookies to improve our service."
    learnt = known(*((f"Title {name}", f"{notice} The {name} opened.") for name in WORDS))
    assert repeated.strip(learnt, f"A bridge fell. {notice} Nobody was hurt.") == "A bridge fell. Nobody was hurt."


def test_a_sentence_under_three_titles_stays() -> None:
    learnt = known(*((f"Title {name}", "The harbour is closed. It was the wind.") for name in WORDS[:3]))
    assert (
        repeated.strip(learnt, "The harbour is closed. It was the wind.") == "The harbour is closed. It was the wind."
    )


def test_a_sentence_often_under_one_title_stays() -> None:
    learnt = known(*(("Harbour closed", "The harbour is closed.") for _ in range(50)))
    assert repeated.strip(learnt, "The harbour is closed.") == "The harbour is closed."


def test_a_number_in_a_repeated_sentence_does_not_save_it() -> None:
    learnt = known(*((name, f"Read {number * 37} times. {name} it is.") for number, name in enumerate(WORDS)))
    assert repeated.strip(learnt, "Read 4 times. A bridge fell.") == "A bridge fell."


def test_a_text_without_full_stops_is_found_behind_and_before_other_words() -> None:
    text = prose(1, 600, stops=False)
    learnt = known(*((f"Title {name}", f"{prose(number, 9, stops=False)} {text} {name}")
                     for number, name in enumerate(WORDS)))  # fmt: skip
    left = repeated.strip(learnt, f"a bridge fell over the river {text} nobody was hurt")
    assert len(left.split()) < 100
    assert "bridge" in left


def test_a_sentence_of_chinese_is_found_without_spaces() -> None:
    notice = "本网站使用浏览器缓存以改善服务。"
    learnt = known(*((f"标题{name}", f"{name}开幕了。{notice}") for name in WORDS))
    assert repeated.strip(learnt, f"大桥倒塌。{notice}") == "大桥倒塌。"


def test_the_order_within_a_batch_changes_nothing() -> None:
    texts = [(f"Title {number % 30}", prose(number % 20, 400)) for number in range(90)]
    assert list(known(*texts).items()) == list(known(*reversed(texts)).items())


def test_what_was_repeated_is_remembered_among_many_new_sentences() -> None:
    learnt: repeated.Titles = {}
    for number in range(60):
        learnt = repeated.note(learnt, [(f"Title {number}", f"{prose(number, 600)}. All rights are reserved.")])
    assert repeated.strip(learnt, "A bridge fell. All rights are reserved.") == "A bridge fell."
    assert len(learnt) <= 128


def test_what_is_no_longer_printed_is_forgotten() -> None:
    learnt = known(*((f"Title {name}", "The harbour is closed.") for name in WORDS))
    for _ in range(40):
        learnt = repeated.aged(learnt)
    assert len(learnt) <= 1
    assert repeated.strip(learnt, "The harbour is closed.") == "The harbour is closed."


@given(st.text())
def test_pieces_are_in_order_and_hold_all_that_is_no_space(text: str) -> None:
    found = list(repeated.pieces(text))
    assert all(begin < end for begin, end in found)
    assert all(one[1] <= other[0] for one, other in pairwise(found))
    assert "".join("".join(text[begin:end].split()) for begin, end in found) == "".join(text.split())


@given(st.sampled_from(["! ", "。", "a\n", "? a ", "word " * 80 + ". "]), st.integers(200, 3000))
def test_a_text_has_two_hundred_pieces_and_a_rest_at_most(sign: str, times: int) -> None:
    found = list(repeated.pieces(sign * times))
    assert len(found) <= 201
    assert "".join("".join((sign * times)[begin:end].split()) for begin, end in found) == "".join(sign.split()) * times
