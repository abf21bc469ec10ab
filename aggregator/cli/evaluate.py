"""`aggregator evaluate`: how well events agree with labels that people gave."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from aggregator.cli.console import Context, JsonOption, command, print_json, print_table, progress, shown
from aggregator.errors import InputError, NotFound

if TYPE_CHECKING:
    from aggregator.evaluation.figures import ClusterFigures, Mixed, PairFigures
    from aggregator.evaluation.gold import Gold, LabelledPair

CLUSTER_COLUMNS = ("", "entries", "happenings", "events", "B³ P", "B³ R", "B³ F1", "pair P", "pair R", "pair F1")
PAIR_COLUMNS = ("", "pairs", "same", "precision", "recall", "F1")
SHOWN = 3  # titles of each part of a wrong event


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "evaluate", paged=True)(evaluate)


def evaluate(
    context: Context,
    gold: Annotated[
        Path, typer.Argument(help="Labelled entries or pairs, a JSON object a line.", metavar="GOLD.jsonl")
    ],
    *,
    predicted: Annotated[
        Path | None, typer.Option(help="Take these events (id and event a line) instead of clustering.", metavar="FILE")
    ] = None,
    stored: Annotated[
        bool, typer.Option("--stored", help="Take the events that the store has, for labels from `events sample`.")
    ] = False,
    batch: Annotated[int, typer.Option(help="Entries taken at once, as from one poll.", min=1)] = 100,
    strictness: Annotated[
        Literal["careful", "balanced", "wide"] | None, typer.Option(help="Cluster so; else as configured.")
    ] = None,
    worst: Annotated[int, typer.Option(help="Show so many of the worst mixed and worst split events.", min=0)] = 5,
    json: JsonOption = False,
) -> None:
    """Cluster labelled entries as the daemon would and measure the events: B-cubed and pairs, by language."""
    from aggregator.evaluation.gold import read_gold, read_predicted

    if stored and (predicted or strictness):
        raise InputError("--stored takes the events as they are; it excludes --predicted and --strictness")
    labels = read_gold(gold)
    if stored:
        event_of = _stored(context, labels)
    else:
        event_of = read_predicted(predicted) if predicted else _clustered(context, labels, batch, strictness)
    if labels.clusters:
        _clusters(labels, event_of, worst, json=json)
    else:
        _pairs(labels, event_of, worst, json=json)


def _clustered(
    context: Context, gold: "Gold", batch: int, strictness: Literal["careful", "balanced", "wide"] | None
) -> dict[str, str]:
    """Give each entry the event that the daemon's clustering puts it into, in the order of the rows."""
    from aggregator.cli.asking import settings_in_force
    from aggregator.clustering.settings import Settings
    from aggregator.clustering.stream import Stream

    settings = Settings.for_strictness(strictness) if strictness else settings_in_force(context)
    stream = Stream(settings, batch=batch)
    with progress("clustering", len(gold.entries)) as advance:
        for done in stream.run(gold.entries):
            advance(done)
    return {row["id"]: str(row["event"]) for row in stream.results()}


def _stored(context: Context, gold: "Gold") -> dict[str, str]:
    """Give each entry the event that it is in; those that are not in the store are in none.

    Raises:
        NotFound: none of them is.
    """
    from aggregator.cli.arguments import the_time
    from aggregator.database.corrections import placed
    from aggregator.database.store import open_existing

    numbers = [int(row["id"]) for row in gold.entries if str(row["id"]).isdecimal()]
    with open_existing(context.instance().store, the_time(None)).read() as connection:
        found = placed(connection, numbers)
    if not found:
        raise NotFound("none of these entries is in the store; without --stored they are clustered anew")
    return {str(entry): str(event) for entry, event in found.items()}


def _clusters(gold: "Gold", event_of: Mapping[str, str], worst: int, *, json: bool) -> None:
    from aggregator.evaluation import figures

    total = figures.score_clusters(gold.clusters, event_of)
    by_language = figures.clusters_by_language(gold.clusters, event_of)
    mixed = figures.worst_mixed(gold.clusters, event_of, worst)
    split = figures.worst_split(gold.clusters, event_of, worst)
    if json:
        shape: dict[str, Any] = {"schema_version": 1, "kind": "clusters", "all": _cluster_shape(total)}
        shape["languages"] = {language: _cluster_shape(one) for language, one in by_language.items()}
        print_json({**shape, "mixed": [*map(_mixed_shape, mixed)], "split": [*map(_mixed_shape, split)]})
        return
    rows = [("all", total), *(by_language.items() if len(by_language) > 1 else ())]
    print_table(CLUSTER_COLUMNS, (_cluster_row(*row) for row in rows), right=CLUSTER_COLUMNS[1:])
    for line in (*_told("mixed", "happenings", mixed), *_told("split", "events", split)):
        print(line)


def _pairs(gold: "Gold", event_of: Mapping[str, str], worst: int, *, json: bool) -> None:
    from aggregator.evaluation import figures

    total = figures.score_pairs(gold.pairs, event_of)
    by_language = figures.pairs_by_language(gold.pairs, event_of)
    missed = figures.wrong_pairs(gold.pairs, event_of, same=True)
    false = figures.wrong_pairs(gold.pairs, event_of, same=False)
    if json:
        shape: dict[str, Any] = {"schema_version": 1, "kind": "pairs", "all": _pair_figures(total)}
        shape["languages"] = {language: _pair_figures(one) for language, one in by_language.items()}
        wrong: dict[str, Any] = {
            "together": [*map(_pair_shape, false[:worst])],
            "apart": [*map(_pair_shape, missed[:worst])],
        }
        wrong["unlabelled"] = gold.open
        print_json({**shape, **wrong})
        return
    rows = [("all", total), *(by_language.items() if len(by_language) > 1 else ())]
    print_table(PAIR_COLUMNS, (_pair_row(*row) for row in rows), right=PAIR_COLUMNS[1:])
    if gold.open:
        print(f"{gold.open} pairs are not labelled yet")
    for what, pairs in (("together, but not the same", false), ("apart, but the same", missed)):
        if pairs and worst:
            print(f"\n{what}: {len(pairs)}")
        for pair in pairs[:worst]:
            print(f"    {pair.one}  {shown(pair.titles[0])}\n    {pair.other}  {shown(pair.titles[1])}\n")


def _told(how: str, into: str, found: "list[Mixed]") -> Iterator[str]:
    if found:
        yield f"\nthe worst {how} events"
    for one in found:
        size = sum(len(rows) for _, rows in one.parts)
        yield f"  {one.name}: {size} entries of {len(one.parts)} {into}, {one.wrong} wrong pairs"
        for name, rows in one.parts[:SHOWN]:
            yield f"    {name} ({len(rows)})"
            for row in rows[:SHOWN]:
                yield f"        {row.id}  {shown(row.title)}"
        if len(one.parts) > SHOWN:
            yield f"    and {len(one.parts) - SHOWN} more"


def _cluster_row(name: str, one: "ClusterFigures") -> tuple[object, ...]:
    shares = one.b3_precision, one.b3_recall, one.b3_f1, one.pair_precision, one.pair_recall, one.pair_f1
    return (name, one.entries, one.happenings, one.events, *(f"{share:.3f}" for share in shares))


def _pair_row(name: str, one: "PairFigures") -> tuple[object, ...]:
    return (name, one.pairs, one.same, *(f"{share:.3f}" for share in (one.precision, one.recall, one.f1)))


def _cluster_shape(one: "ClusterFigures") -> dict[str, Any]:
    return {**asdict(one), "b3_f1": one.b3_f1, "pair_f1": one.pair_f1}


def _pair_figures(one: "PairFigures") -> dict[str, Any]:
    return {**asdict(one), "f1": one.f1}


def _mixed_shape(one: "Mixed") -> dict[str, Any]:
    parts = [{"name": name, "entries": [row.id for row in rows]} for name, rows in one.parts]
    return {"name": one.name, "wrong_pairs": one.wrong, "parts": parts}


def _pair_shape(pair: "LabelledPair") -> dict[str, Any]:
    return {"a": pair.one, "b": pair.other, "titles": list(pair.titles)}
