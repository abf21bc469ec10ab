"""A feed that is not to speak for events, beside a running daemon."""

from pathlib import Path

from tests.cli.running import Here
from tests.pipeline.newsstand import rss
from tests.test_correcting import QUAKE, QUAKE_TOO, events, items
from tests.test_daemon import configure, daemon, newsstand, wait_until


def test_a_feed_that_is_not_to_speak_any_more_is_silent_in_the_feeds_at_once(tmp_path: Path) -> None:
    with newsstand({"/a": rss([QUAKE]), "/b": rss([QUAKE_TOO])}) as base:
        configure(tmp_path, [f"{base}/a", f"{base}/b"])
        with daemon(tmp_path) as running:
            address = running.event("started")["subscribe"].replace("events.atom", "all.json")
            wait_until(lambda: bool(items(address)))
            wait_until(lambda: len(next(iter(events(tmp_path).values()))["sources"]) == 2)
            [before] = events(tmp_path).values()
            speaker = next(s for s in before["sources"] if s["title"] == before["headline"])
            changed = Here(tmp_path).run("feeds", "set", str(speaker["feed"]), "represent=never")
            assert changed.code == 0, changed.err
            [other] = {QUAKE.title, QUAKE_TOO.title} - {before["headline"]}
            wait_until(lambda: other in items(address))
            assert list(events(tmp_path)) == [other]
            wrong = Here(tmp_path).run("feeds", "set", str(speaker["feed"]), "represent=always")
            assert wrong.code == 1
            assert "may" in wrong.err
