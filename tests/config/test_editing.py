"""Edits of feeds.yaml: what they change, and above all what they do not."""

import re
import stat
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.config import (
    FeedConfig,
    add_feed,
    find_feed,
    import_feeds,
    load,
    make_feed,
    remove_feed,
    set_feed,
    surgery,
)
from aggregator.config.editing import replace
from aggregator.errors import ConfigError, InputError, NotFound

EXAMPLE = """\
# my feeds, last looked at in spring
feeds:
  # Indonesia
  - https://a.example/rss  # Ana's tip
  - url: "https://b.example/rss"
    name: "B: the paper"   # with its colon

    # asked them for more
    tags: [daily, 'x, y']

  # Türkiye 🇹🇷
  - {url: https://c.example/rss, every: 5m}  # quick

# who owns whom
outlets:
  b.example: B   # one word
polling: {interval: 20m}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "feeds.yaml"
    file.write_text(EXAMPLE)
    return file


def test_an_added_feed_follows_the_last_and_nothing_else_changes(path: Path) -> None:
    add_feed(path, FeedConfig(url="https://d.example/rss"))
    last = "  - {url: https://c.example/rss, every: 5m}  # quick\n"
    assert path.read_text() == EXAMPLE.replace(last, last + "  - https://d.example/rss\n")


def test_an_added_feed_is_written_with_what_is_set(path: Path) -> None:
    add_feed(path, make_feed({"url": "https://d.example/", "language": "no", "tags": ["a", "b, c"], "every": "1h"}))
    assert (
        "  - url: https://d.example/\n    language: no\n    tags: [a, 'b, c']\n    every: 1h\n\n# who owns"
        in path.read_text()
    )


def test_a_removed_feed_leaves_every_comment(path: Path) -> None:
    remove_feed(path, "https://b.example/rss")
    assert path.read_text() == EXAMPLE.replace(
        '  - url: "https://b.example/rss"\n'
        '    name: "B: the paper"   # with its colon\n'
        "\n"
        "    # asked them for more\n"
        "    tags: [daily, 'x, y']\n",
        "  # with its colon\n  # asked them for more\n",
    )


def test_a_feed_is_removed_by_name_or_by_another_spelling_of_its_url(path: Path) -> None:
    assert remove_feed(path, "b: THE paper").url == "https://b.example/rss"
    assert remove_feed(path, "http://www.a.example/rss/").url == "https://a.example/rss"
    assert [feed.url for feed in load(path).feeds] == ["https://c.example/rss"]


def test_a_bare_url_becomes_a_mapping_when_a_key_is_set(path: Path) -> None:
    set_feed(path, "https://a.example/rss", {"every": "5m"})
    assert path.read_text() == EXAMPLE.replace(
        "- https://a.example/rss  # Ana's tip\n", "- url: https://a.example/rss  # Ana's tip\n    every: 5m\n"
    )


def test_a_set_key_is_replaced_where_it_stands(path: Path) -> None:
    set_feed(path, "https://b.example/rss", {"name": "Bee", "tags": ["weekly"]})
    assert path.read_text() == EXAMPLE.replace('"B: the paper"', "Bee").replace("[daily, 'x, y']", "[weekly]")


def test_a_key_is_unset_and_its_comment_stays(path: Path) -> None:
    set_feed(path, "https://b.example/rss", {"name": None})
    assert path.read_text() == EXAMPLE.replace('    name: "B: the paper"   # with its colon', "    # with its colon")


def test_a_flow_mapping_stays_one(path: Path) -> None:
    set_feed(path, "https://c.example/rss", {"every": None, "name": "C, really"})
    assert "- {url: https://c.example/rss, name: 'C, really'}  # quick\n" in path.read_text()


def test_an_import_adds_what_is_new_and_names_what_is_not(path: Path) -> None:
    urls = ["http://a.example/rss/", "https://d.example/rss", "https://www.d.example/rss", "https://e.example/rss"]
    added, known = import_feeds(path, [FeedConfig(url=url) for url in urls])
    assert [feed.url for feed in added] == ["https://d.example/rss", "https://e.example/rss"]
    assert [feed.url for feed in known] == ["http://a.example/rss/", "https://www.d.example/rss"]
    assert len(load(path).feeds) == 5


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "feeds:\n  - https://x.example\n"),
        ("# nothing yet", "# nothing yet\nfeeds:\n  - https://x.example\n"),
        ("feeds:\n# none\npolling:\n", "feeds:\n  - https://x.example\n# none\npolling:\n"),
        ("feeds: []  # none\n", "feeds:  # none\n  - https://x.example\n"),
        ("feeds: ~\n", "feeds:\n  - https://x.example\n"),
        ("feeds: []", "feeds:\n  - https://x.example"),
        ("feeds:\n- https://a.example", "feeds:\n- https://a.example\n- https://x.example"),
        ("feeds: [https://a.example]\n", "feeds: [https://a.example, https://x.example]\n"),
        ("feeds: [https://a.example,]\n", "feeds: [https://a.example, https://x.example,]\n"),
        ('{"feeds": ["https://a.example"]}', '{"feeds": ["https://a.example", "https://x.example"]}'),
        ("server: {port: 1}\n", "server: {port: 1}\nfeeds:\n  - https://x.example\n"),
        ("feeds:\r\n  - https://a.example\r\n", "feeds:\r\n  - https://a.example\r\n  - https://x.example\r\n"),
        (
            "feeds:\n  - url: https://a.example\n    name:\n# end\n",
            "feeds:\n  - url: https://a.example\n    name:\n  - https://x.example\n# end\n",
        ),
        (
            "feeds:\n  -\n    url: https://a.example\n",
            "feeds:\n  -\n    url: https://a.example\n  - https://x.example\n",
        ),
    ],
)
def test_feeds_are_added_to_lists_of_every_style(before: str, after: str) -> None:
    assert surgery.add(before, [{"url": "https://x.example"}]) == after


@pytest.mark.parametrize(
    "text",
    [
        "feeds:\n  - &a https://a.example\n  - {url: https://b.example}\n",
        "{server: {port: 1}}",
    ],
)
def test_a_file_that_cannot_be_edited_safely_is_left_alone(tmp_path: Path, text: str) -> None:
    file = tmp_path / "feeds.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match="edit it by hand"):
        add_feed(file, FeedConfig(url="https://x.example"))
    assert file.read_text() == text


def test_a_feed_is_not_subscribed_twice(path: Path) -> None:
    with pytest.raises(ConfigError, match="subscribed already"):
        add_feed(path, FeedConfig(url="http://www.a.example/rss/"))
    assert path.read_text() == EXAMPLE


def test_a_file_with_mistakes_is_not_edited(path: Path) -> None:
    path.write_text(EXAMPLE.replace("interval", "intervall"))
    with pytest.raises(ConfigError, match="did you mean 'interval'"):
        add_feed(path, FeedConfig(url="https://d.example"))
    assert "d.example" not in path.read_text()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"evry": "5m"}, "did you mean 'every'"),
        ({"every": "5"}, "every: '5' has no unit"),
        ({"url": None}, "url: is missing"),
        ({"url": "ftp://x.example"}, "ftp: is not fetched"),
    ],
)
def test_a_value_that_is_not_allowed_is_refused(path: Path, changes: dict[str, str | None], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        set_feed(path, "https://a.example/rss", changes)
    assert path.read_text() == EXAMPLE


def test_close_names_are_suggested_for_an_unknown_feed(path: Path) -> None:
    with pytest.raises(NotFound, match=r"did you mean https://[abc]\.example/rss"):
        remove_feed(path, "https://a.example/rs")
    with pytest.raises(NotFound, match="feeds list"):
        find_feed(load(path), "zzz")
    with pytest.raises(NotFound, match=r"did you mean https://a\.example/rss"):
        find_feed(load(path), "A.example")


def test_nothing_names_no_feed(path: Path) -> None:
    with pytest.raises(NotFound, match="no feed is named by nothing"):
        find_feed(load(path), " ")


def test_an_edited_file_keeps_its_mode_and_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    path.chmod(0o640)
    link = tmp_path / "elsewhere" / "feeds.yaml"
    link.parent.mkdir()
    link.symlink_to(path)
    add_feed(link, FeedConfig(url="https://d.example"))
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert "d.example" in path.read_text()
    assert [file.name for file in link.parent.iterdir()] == ["feeds.yaml"]


def test_an_edit_that_cannot_be_written_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "folder"
    file.mkdir()
    (file / "inside").touch()
    with pytest.raises(ConfigError, match="cannot be written"):
        replace(file, "text")  # a folder that is not empty cannot be replaced by a file
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_reader_never_sees_half_a_file(path: Path) -> None:
    old = path.open()  # who reads while the file is replaced goes on reading the old one, whole
    inode = path.stat().st_ino
    add_feed(path, FeedConfig(url="https://d.example"))
    assert old.read() == EXAMPLE
    old.close()
    assert path.stat().st_ino != inode


def test_edits_at_the_same_time_lose_nothing(path: Path) -> None:
    urls = [f"https://n{number}.example" for number in range(12)]
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda url: add_feed(path, FeedConfig(url=url)), urls))
    assert {feed.url for feed in load(path).feeds} > set(urls)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (  # a value on lines of its own makes way, its comments do not
            "- url: https://a.example\n  tags:  # mine\n  - x  # first\n\n  # second\n  - y\n  every: 5m\n",
            "- url: https://a.example\n  # mine\n  # first\n  # second\n  every: 5m\n  tags: [z]\n",
        ),
        ("- # one\n  url: https://a.example\n", "- # one\n  url: https://a.example\n  tags: [z]\n"),
        ("- 'https://a.example'\n", "- url: 'https://a.example'\n  tags: [z]\n"),
        ("- {url: https://a.example}  # n\n", "- {url: https://a.example, tags: [z]}  # n\n"),
        ("- url: https://a.example\n  tags:\n# n\n", "- url: https://a.example\n  tags: [z]\n# n\n"),
        ("- tags: [x]\n  url: https://a.example\n", "- tags: [z]\n  url: https://a.example\n"),
    ],
)
def test_a_key_is_set_in_feeds_of_every_style(before: str, after: str) -> None:
    assert surgery.change(f"feeds:\n{before}", 0, {"tags": ("z",)}) == f"feeds:\n{after}"


@pytest.mark.parametrize("name", [": -", ": a", ":", "?-", "? a", "- :", "-", "#", "a: -"])
def test_a_name_that_looks_like_yaml_is_quoted(path: Path, name: str) -> None:
    set_feed(path, "https://b.example/rss", {"name": name})
    set_feed(path, "https://c.example/rss", {"name": name})  # inside {...}
    assert [feed.name for feed in load(path).feeds[1:]] == [name, name]


# --- any file, any sequence of edits ------------------------------------------------------------

words = st.text(alphabet="abc #:?,'\"[]{}é🙂-", min_size=1, max_size=8).map(str.strip).filter(bool)
comments = st.text(alphabet="xyz #:'\"-[]", max_size=6).map(lambda text: ("# " + text).rstrip())
values = {
    "name": words,
    "language": st.sampled_from(["no", "id", "pt-BR"]),
    "tags": st.lists(words, min_size=1, max_size=3).map(tuple),
    "every": st.integers(60, 90_000).map(lambda seconds: timedelta(seconds=seconds)),
}
keys = st.fixed_dictionaries({}, optional=values)


@st.composite
def items(draw: st.DrawFn, indent: str, number: int) -> str:
    """Write one feed as a person might."""
    url = f"https://f{number}.example/rss"
    feed = draw(keys)
    note = draw(st.one_of(st.just(""), comments.map(lambda text: "  " + text)))
    if not feed:
        return f"{indent}- {draw(st.sampled_from([url, repr(url)]))}{note}\n"
    pairs = [("url", url), *feed.items()]
    pairs = draw(st.permutations(pairs))
    written = [f"{key}: {surgery.written(value)}" for key, value in pairs]
    if draw(st.booleans()):
        return f"{indent}- {{{', '.join(written)}}}{note}\n"
    lines = []
    for line in written:
        lines += draw(st.lists(comments.map(lambda text: f"{indent}  {text}\n"), max_size=1)) if lines else []
        lines.append(f"{indent}{'  ' if lines else '- '}{line}{note}\n")
        note = draw(st.one_of(st.just(""), comments.map(lambda text: "  " + text)))
    return "".join(lines)


@st.composite
def files(draw: st.DrawFn) -> str:
    """Write a feeds.yaml with comments in likely and unlikely places."""
    indent = draw(st.sampled_from(["", "  ", "    "]))
    between = st.lists(st.one_of(st.just("\n"), comments.map(lambda text: f"{indent}{text}\n")), max_size=2)
    text = "".join(draw(between)) + f"feeds:{draw(st.sampled_from(['', '  # all']))}\n"
    for number in range(draw(st.integers(0, 4))):
        text += "".join(draw(between)) + draw(items(indent, number))
    text += "".join(draw(between)) + draw(st.sampled_from(["", "server:\n  port: 1  # mine\n", "# end"]))
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


edits = st.lists(
    st.one_of(
        st.tuples(st.just("add"), keys),
        st.tuples(st.just("remove"), st.integers(0, 5)),
        st.tuples(st.just("set"), st.integers(0, 5), keys, st.sets(st.sampled_from(sorted(values)))),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=50)
@given(files(), edits)
def test_edits_keep_every_comment_and_change_only_what_they_name(
    tmp_path_factory: pytest.TempPathFactory, text: str, steps: list[tuple[str, ...]]
) -> None:
    path = tmp_path_factory.mktemp("any") / "feeds.yaml"
    path.write_bytes(text.encode())
    feeds = list(load(path).feeds)
    for number, step in enumerate(steps):
        before = path.read_bytes().decode()
        match step:
            case ("add", values):
                feeds.append(FeedConfig(url=f"https://new{number}.example", **values))
                add_feed(path, feeds[-1])
            case ("remove", place) if place < len(feeds):
                removed = feeds.pop(place)
                remove_feed(path, removed.url)
            case ("set", place, values, unset) if place < len(feeds):
                changes = {**values, **dict.fromkeys(unset)}
                feeds[place] = make_feed({**feeds[place].model_dump(exclude_unset=True), **changes})
                set_feed(path, feeds[place].url, changes)
        after = path.read_bytes().decode()
        assert [f.model_dump() for f in load(path).feeds] == [f.model_dump() for f in feeds]
        assert comments_of(before) <= comments_of(after)


def comments_of(text: str) -> Counter[str]:
    """Count the comments of a text, as ruamel.yaml's scanner sees them once all scalars are blotted out."""
    from aggregator.config.spans import comments_in
    from aggregator.config.tree import compose

    node = compose(text)
    return Counter(comments_in(text, 0, len(text), node) if node else re.findall(r"#.*", text))
