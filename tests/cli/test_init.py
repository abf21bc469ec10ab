from pathlib import Path

import pytest

from aggregator.config import load
from tests.cli.running import Here, run

OPML = """<opml version="2.0"><body>
<outline text="World"><outline type="rss" text="A &amp; B" xmlUrl="https://a.example/rss" language="en"/></outline>
<outline type="rss" text="strange" xmlUrl="https://b.example/rss" language="english-ish!"/>
<outline type="rss" text="local" xmlUrl="file:///etc/passwd"/>
</body></opml>"""


def test_init_writes_a_configuration_where_it_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    env = {"XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_DATA_HOME": str(tmp_path / "data")}
    ran = run("init", env=env)
    assert ran.code == 0
    path = tmp_path / "config" / "aggregator" / "feeds.yaml"
    assert str(path) in ran.out
    assert str(tmp_path / "data" / "aggregator") in ran.out
    assert len(load(path).feeds) == 5
    assert run("config", "check", "--json", env=env).json["file"] == str(path)


def test_what_init_writes_names_the_outlets_of_its_feeds(here: Here) -> None:
    here.run("init")
    config = load(here.config)
    outlets = {config.outlet_of(feed)[0] for feed in config.feeds}
    assert outlets == {outlet.name for outlet in config.outlets.values()}


def test_init_takes_the_feeds_of_an_opml_file(here: Here) -> None:
    opml = here.folder / "mine.opml"
    opml.write_text(OPML)
    ran = here.run("init", "--opml", str(opml))
    assert ran.code == 0
    assert "left out" in ran.err
    feeds = load(here.config).feeds
    assert [(feed.url, feed.name, feed.tags, feed.language) for feed in feeds] == [
        ("https://a.example/rss", "A & B", ("World",), "en"),
        ("https://b.example/rss", "strange", (), None),
    ]


def test_init_replaces_nothing(here: Here) -> None:
    here.config.write_text("# mine\n")
    ran = here.run("init")
    assert ran.code == 1
    assert "is there already" in ran.err
    assert here.config.read_text() == "# mine\n"


def test_init_with_a_file_that_is_no_opml_writes_nothing(here: Here) -> None:
    opml = here.folder / "mine.opml"
    opml.write_text("<html/>")
    assert here.run("init", "--opml", str(opml)).code == 1
    assert here.run("init", "--opml", str(here.folder / "none.opml")).code == 1
    assert not here.config.exists()
