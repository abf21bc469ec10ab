"""Documents are copied out of themselves where nothing has changed, and are the same as if they were rendered anew."""

import logging
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.database.publications import Mark
from aggregator.pipeline.documents import Documents
from aggregator.pipeline.pipeline import Pipeline
from aggregator.publishing.channel import Channel, compose
from aggregator.publishing.formats import FORMATS
from aggregator.publishing.publication import OutputFeed, Publication
from aggregator.publishing.release import decide
from tests.pipeline.newsstand import HOUR, START, Told, cycle, serve, working, write_config
from tests.publishing.values import ALL, NOW, OLD_STORE, PLACE, event, outlets
from tests.server import Server

SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]


def headline(number: int) -> str:
    rng = random.Random(number)
    return " ".join("".join(rng.choices(SYLLABLES, k=3)).capitalize() for _ in range(7))


def check_as_if_rendered_anew(pipeline: Pipeline) -> int:
    size = 0
    for feed in pipeline.publisher.feeds:
        channel = pipeline.publisher.channel(feed)
        for suffix in feed.formats:
            document = (pipeline.publisher.folder / f"{feed.name}.{suffix}").read_bytes()
            assert document == FORMATS[suffix].write(channel), (feed.name, suffix)
            size += len(channel.releases)
    return size


async def test_copied_documents_are_those_that_rendering_gives(tmp_path: Path, server: Server, other: Server) -> None:
    """Over a day: new entries, growth, edited titles, milestones, and events that leave the documents."""
    rng = random.Random(7)
    more = "publishing:\n  hold: 0m\n  keep: 6h\n  feeds: [{name: loud, min_sources: 2, updates: every}]\n"
    titles = [headline(n) for n in range(30)]
    names = [("A", server), ("B", other), ("C", server)]
    urls = [(name, serve(where, f"/{name}")) for name, where in names]
    async with working(write_config(tmp_path, urls, more)) as pipeline:
        sizes = []
        for hour in range(0, 24, 4):
            for name, where in names:
                chosen = rng.sample(range(hour // 4, hour // 4 + 12), 6)
                told = [Told(f"{name}{n}", titles[n] + " again" * rng.randint(0, 1), titles[n]) for n in chosen]
                serve(where, f"/{name}", *told)
            await cycle(pipeline, START + hour * HOUR)
            sizes.append(check_as_if_rendered_anew(pipeline))
    assert max(sizes) > 60
    assert sizes[-1] < sum(sizes) / 2


FEED = replace(ALL, formats=("atom", "json"))


def told(*numbers: int, feed: OutputFeed = FEED, size: int = 2) -> list[Publication]:
    found = [decide(feed, event(*outlets(size), number=n), None, now=NOW, store_age=OLD_STORE) for n in numbers]
    return [one for one in found if one is not None]


class Shelf:
    """Documents over given publications; remembers what it was asked to show."""

    def __init__(self, folder: Path) -> None:
        self.documents = Documents(folder)
        self.asked: list[int] = []

    def write(
        self, publications: Sequence[Publication], feed: OutputFeed = FEED, stamp: int = 0, gone: Sequence[int] = ()
    ) -> list[Path]:
        """Write publications; `gone`: events that are deleted meanwhile."""
        self.asked.clear()
        shown = {(one.event, one.serial): one for one in publications}

        def show(marks: Sequence[Mark]) -> Channel:
            self.asked += [mark.event for mark in marks]
            events = {mark.event: event(*outlets(5), number=mark.event) for mark in marks if mark.event not in gone}
            return compose(feed, [shown[mark.key] for mark in marks], events, PLACE)

        marks = [
            Mark(event=one.event, serial=one.serial, updated=one.updated, stamp=hash((one.entries, stamp)))
            for one in publications
        ]
        return self.documents.write(feed, PLACE, marks, show)


def test_what_says_the_same_is_not_shown_again(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    assert len(shelf.write(told(3, 2, 1))) == 2
    assert shelf.asked == [3, 2, 1]
    assert shelf.write(told(3, 2, 1)) == []
    assert shelf.asked == []
    assert len(shelf.write([*told(4, 3), *told(2, size=3), *told(1)])) == 2
    assert shelf.asked == [4, 2]
    shelf.write(told(1))  # what has left
    assert shelf.asked == []
    documents = [(tmp_path / f"all.{suffix}").read_bytes() for suffix in FEED.formats]
    fresh = Shelf(tmp_path / "fresh")
    fresh.write(told(1))
    assert documents == [(tmp_path / f"fresh/all.{suffix}").read_bytes() for suffix in FEED.formats]


def test_what_is_deleted_while_a_document_is_written_is_left_out(tmp_path: Path) -> None:
    shelf, fresh = Shelf(tmp_path), Shelf(tmp_path / "fresh")
    shelf.write(told(3, 2, 1), gone=[3])
    shelf.write(told(2, 1, 4), gone=[4])
    fresh.write(told(2, 1))
    for suffix in FEED.formats:
        assert (tmp_path / f"all.{suffix}").read_bytes() == (tmp_path / f"fresh/all.{suffix}").read_bytes()


def test_other_rules_or_another_hand_have_everything_shown_again(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.write(told(2, 1))
    assert len(shelf.write(told(2, 1), replace(FEED, title="Another"))) == 2
    assert shelf.asked == [2, 1]
    shelf.write(told(2, 1))
    document = (tmp_path / "all.json").read_bytes()
    (tmp_path / "all.json").write_bytes(b"{}")
    assert shelf.write(told(2, 1)) == [tmp_path / "all.json"]
    assert shelf.asked == [2, 1]
    assert (tmp_path / "all.json").read_bytes() == document
    (tmp_path / "all.atom").unlink()
    assert shelf.write(told(2, 1)) == [tmp_path / "all.atom"]
    shelf.documents.forget()
    assert shelf.write(told(2, 1)) == []
    assert shelf.asked == [2, 1]


async def test_a_limit_that_is_hit_is_told_once(
    tmp_path: Path, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    quiet = [Told(f"{n}", headline(n)) for n in range(6)]
    more = "publishing: {hold: 0m, limit: 3}\n"
    async with working(write_config(tmp_path, [("A", serve(server, "/a", *quiet[:5]))], more)) as pipeline:
        with caplog.at_level(logging.WARNING):
            await cycle(pipeline, START)
            serve(server, "/a", *quiet)
            await cycle(pipeline, START + timedelta(hours=1))
    warned = [record.getMessage() for record in caplog.records if "limit" in record.getMessage()]
    assert warned == [
        "feed singles: `limit` leaves out 2 events of the last 48h",
        "feed all: `limit` leaves out 2 events of the last 48h",
    ]
