"""Subscriptions in and out."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import InputError
from aggregator.parsing.opml import Subscription, read, write

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def opml(body: str, head: str = "") -> bytes:
    return f'<?xml version="1.0"?>{head}<opml version="2.0"><head/><body>{body}</body></opml>'.encode()


def test_folders_become_tags() -> None:
    feeds = read(
        opml(
            '<outline text="News"><outline text="Asia">'
            '<outline type="rss" text="Contoh" xmlUrl="https://contoh.example/rss" htmlUrl="https://contoh.example/"/>'
            '</outline></outline><outline text="Top" xmlUrl="https://top.example/rss" category="/World/Press,daily"/>'
        )
    ).feeds
    assert feeds == (
        Subscription(
            url="https://contoh.example/rss", name="Contoh", site_url="https://contoh.example/", tags=("News", "Asia")
        ),
        Subscription(url="https://top.example/rss", name="Top", tags=("Press", "daily")),
    )


def test_a_feed_in_two_folders_is_one_with_both_tags() -> None:
    feed = '<outline text="a" xmlUrl="https://contoh.example/rss"/>'
    (one,) = read(opml(f'<outline text="A">{feed}</outline><outline text="B">{feed}</outline>')).feeds
    assert one.tags == ("A", "B")


def test_hand_written_slips_are_repaired() -> None:
    body = opml('<outline text="AT&T" xmlurl="feed://contoh.example/rss?a=1&b=2">')
    assert read(body).feeds[0].url == "http://contoh.example/rss?a=1&b=2"


def test_other_schemes_are_left_out_and_told() -> None:
    found = read(
        opml(
            '<outline xmlUrl="file:///etc/passwd"/><outline xmlUrl="javascript:x"/><outline xmlUrl="https://e.org/f"/>'
        )
    )
    assert [feed.url for feed in found.feeds] == ["https://e.org/f"]
    assert len(found.skipped) == 2
    assert "file:///etc/passwd" in found.skipped[0]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not XML"),
        (b"hello", "not XML|not OPML"),
        (b"<html><body/></html>", "not OPML but <html>"),
        (opml(""), "no feed"),
        (opml('<outline xmlUrl="file:///x"/>'), "no http or https"),
        (b" " * (11 * 2**20), "larger"),
    ],
)
def test_what_is_no_list_is_refused_by_name(body: bytes, reason: str) -> None:
    with pytest.raises(InputError, match=f"^mine.opml: .*({reason})"):
        read(body, name="mine.opml")


def test_hostile_xml_reads_nothing_and_ends() -> None:
    laughs = '<!DOCTYPE o [<!ENTITY a0 "lol">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    outline = '<outline text="&a9;" xmlUrl="https://e.org/f"/><outline text="&f;" xmlUrl="https://e.org/g"/>'
    body = opml(outline, head=laughs + '<!ENTITY f SYSTEM "file:///etc/hostname">]>')
    try:
        found = read(body)
    except InputError:
        return
    assert all(feed.name is None or len(feed.name) <= 200 for feed in found.feeds)


def test_deep_folders_end() -> None:
    body = opml('<outline text="a">' * 5000 + '<outline xmlUrl="https://e.org/f"/>' + "</outline>" * 5000)
    try:
        assert len(read(body).feeds) <= 1
    except InputError as error:
        assert "no feed" in str(error)  # noqa: PT017 - either outcome is fine, a crash is not


def test_credentials_are_not_written() -> None:
    text = write([Subscription(url="https://me:secret@e.org/f", name="x")], title="Mine", now=NOW).decode()
    assert "secret" not in text
    assert 'xmlUrl="https://e.org/f"' in text


NAMES = st.text(st.characters(codec="utf-8", exclude_characters=","), min_size=1, max_size=20).filter(
    lambda name: name.isprintable() and name == " ".join(name.split()).strip("/") and "/" not in name
)


@given(
    st.lists(
        st.builds(
            Subscription,
            url=st.sampled_from(["https://e.org/1", "https://e.org/2?a=1&b=2", "http://f.org/é"]),
            name=NAMES,
            tags=st.lists(NAMES, max_size=3, unique=True).map(tuple),
        ),
        min_size=1,
        max_size=3,
        unique_by=lambda feed: feed.url,
    )
)
def test_what_is_written_is_read_again(feeds: list[Subscription]) -> None:
    assert {feed.url: feed for feed in read(write(feeds, title="Mine", now=NOW)).feeds} == {f.url: f for f in feeds}


@given(st.binary(max_size=300))
def test_random_bytes_are_a_list_or_an_input_error(body: bytes) -> None:
    with pytest.raises(InputError):
        read(body)


def test_real_lists_are_read_whole(shared: Path) -> None:
    for path in sorted((shared / "feed-lists" / "opml").glob("*.opml")):
        found = read(path.read_bytes(), name=path.name)
        assert found.skipped == ()
        assert read(write(found.feeds, title="x", now=NOW)).feeds
