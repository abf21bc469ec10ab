"""B-cubed and pairwise figures: by hand, by the published formulas, and beside the scorer of the labelled sets."""

import json
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import InputError
from aggregator.evaluation.figures import (
    clusters_by_language,
    score_clusters,
    score_pairs,
    worst_mixed,
    worst_split,
    wrong_pairs,
)
from aggregator.evaluation.gold import Labelled, LabelledPair, read_gold, read_predicted


def labelled(labels: str, **more: str) -> list[Labelled]:
    return [Labelled(id=str(n), cluster=label, **more) for n, label in enumerate(labels)]


def predicted(events: str) -> dict[str, str]:
    return {str(n): event for n, event in enumerate(events)}


def test_the_example_of_bagga_and_baldwin() -> None:
    # twelve mentions in clusters of 5, 2 and 5; the second response joins the two of 5 (figure 2 of the paper)
    figures = score_clusters(labelled("aaaaabbccccc"), predicted("xxxxxyyxxxxx"))
    assert figures.b3_precision == pytest.approx((10 * 0.5 + 2) / 12)
    assert figures.b3_recall == 1.0
    assert (figures.events, figures.happenings) == (2, 3)
    assert figures.pair_precision == pytest.approx((10 + 1 + 10) / (45 + 1))


def test_an_entry_without_a_prediction_is_an_event_of_its_own() -> None:
    figures = score_clusters(labelled("aab"), {"0": "x"})
    assert figures.events == 3
    assert (figures.b3_precision, figures.b3_recall) == (1.0, pytest.approx(2 / 3))
    assert figures.pair_recall == 0.0


def test_events_are_cut_at_the_days_end_where_labels_hold_for_a_day() -> None:
    rows = [Labelled(id="0", cluster="a", day="1"), Labelled(id="1", cluster="b", day="2")]
    assert score_clusters(rows, {"0": "x", "1": "x"}).b3_precision == 1.0


texts = st.lists(st.sampled_from("abcd"), min_size=1, max_size=14).map("".join)


@given(texts, st.data())
def test_the_figures_are_those_of_their_definitions(labels: str, data: st.DataObject) -> None:
    events = data.draw(st.text("xyz", min_size=len(labels), max_size=len(labels)))
    figures = score_clusters(labelled(labels), predicted(events))
    every = range(len(labels))
    precisions, recalls = [], []
    for n in every:
        event, happening = {m for m in every if events[m] == events[n]}, {m for m in every if labels[m] == labels[n]}
        precisions.append(len(event & happening) / len(event))
        recalls.append(len(event & happening) / len(happening))
    assert figures.b3_precision == pytest.approx(sum(precisions) / len(labels))
    assert figures.b3_recall == pytest.approx(sum(recalls) / len(labels))
    made = [pair for pair in combinations(every, 2) if events[pair[0]] == events[pair[1]]]
    hits = [pair for pair in made if labels[pair[0]] == labels[pair[1]]]
    assert figures.pair_precision == pytest.approx(len(hits) / len(made) if made else 1.0)


@given(texts)
def test_the_labels_themselves_score_one(labels: str) -> None:
    figures = score_clusters(labelled(labels), predicted(labels))
    assert (figures.b3_f1, figures.pair_f1) == (1.0, 1.0)
    assert worst_mixed(labelled(labels), predicted(labels), 9) == []
    assert worst_split(labelled(labels), predicted(labels), 9) == []


def test_the_worst_events_have_most_wrong_pairs() -> None:
    mixed = worst_mixed(labelled("aabbbcd"), predicted("xxxxxyy"), 9)
    assert [(one.name, one.wrong, [name for name, _ in one.parts]) for one in mixed] == [
        ("x", 6, ["b", "a"]),
        ("y", 1, ["c", "d"]),
    ]
    split = worst_split(labelled("aaabb"), predicted("xyzvw"), 1)
    assert [(one.name, one.wrong) for one in split] == [("a", 3)]


def test_languages_are_measured_by_themselves() -> None:
    rows = [*labelled("aab", language="id"), Labelled(id="9", cluster="z", language="en")]
    figures = clusters_by_language(rows, predicted("xyx"))
    assert list(figures) == ["id", "en"]
    assert figures["en"].b3_f1 == 1.0
    assert figures["id"].b3_f1 < 1.0


def test_pairs_count_what_is_together() -> None:
    pairs = [LabelledPair(one="0", other="1", same=True), LabelledPair(one="0", other="2", same=False)]
    pairs += [LabelledPair(one="1", other="3", same=True), LabelledPair(one="8", other="9", same=True)]
    figures = score_pairs(pairs, predicted("xxxy"))
    assert (figures.precision, figures.recall) == (0.5, pytest.approx(1 / 3))
    assert [(pair.one, pair.other) for pair in wrong_pairs(pairs, predicted("xxxy"), same=False)] == [("0", "2")]
    assert [(pair.one, pair.other) for pair in wrong_pairs(pairs, predicted("xxxy"), same=True)] == [
        ("1", "3"),
        ("8", "9"),
    ]


@pytest.mark.parametrize("name", ["ecbplus", "finance-pairs"])
def test_the_figures_are_those_of_the_sets_own_scorer(shared: Path, tmp_path: Path, name: str) -> None:
    path = shared / "bench" / "data" / f"{name}.jsonl.gz"
    gold = read_gold(path)
    ids = [str(row["id"]) for row in gold.entries]
    rows = [{"id": one, "event": n % (len(ids) // 5)} for n, one in enumerate(ids) if n % 7]
    made = tmp_path / "made.jsonl"
    made.write_text("".join(json.dumps(row) + "\n" for row in rows))
    ran = subprocess.run(
        [sys.executable, shared / "bench" / "score.py", path, made], capture_output=True, text=True, check=True
    )
    told, event_of = json.loads(ran.stdout), read_predicted(made)
    if gold.clusters:
        ours = score_clusters(gold.clusters, event_of)
        wanted = ("b3_precision", "b3_recall", "b3_f1", "pair_precision", "pair_recall", "pair_f1", "events")
        assert {key: getattr(ours, key) for key in wanted} == pytest.approx({key: told[key] for key in wanted})
    else:
        ours_of_pairs = score_pairs(gold.pairs, event_of)
        wanted = ("pairs", "same", "precision", "recall", "f1")
        assert {key: getattr(ours_of_pairs, key) for key in wanted} == pytest.approx(
            {key: told["all"][key] for key in wanted}
        )


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("", "holds no labels"),
        ("{", "line 1: not JSON"),
        ("[]", "line 1: not an object but list"),
        ('{"id": "a"}', "line 1: a labelled entry has an id and a cluster"),
        ('{"id": "a", "cluster": 1}\n\n{"id": "a", "cluster": 2}', "line 3: id a was on line 1 already"),
        ('{"a": {"id": 1}, "b": {}, "same": 1}', "line 1: a labelled pair has entries a and b"),
        ('{"a": {"id": 1}, "b": {"id": 2}, "same": "yes"}', "line 1: same is 'yes'; 1 (the same event) and 0"),
    ],
)
def test_a_wrong_row_is_named_with_its_line(tmp_path: Path, lines: str, told: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(lines)
    with pytest.raises(InputError) as caught:
        read_gold(path)
    assert told in str(caught.value)


def test_a_file_that_is_no_gzip_is_an_input_error(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl.gz"
    path.write_text("{}")
    with pytest.raises(InputError, match="cannot be read"):
        read_gold(path)


def test_labels_are_not_shown_to_the_clusterer(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"id": "a", "title": "T", "cluster": "c", "day": "d", "event": 7, "topic": "x"}\n')
    assert read_gold(path).entries == ({"id": "a", "title": "T"},)
