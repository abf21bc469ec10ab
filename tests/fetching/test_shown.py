"""URLs without their secrets. Polling rule 12."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.fetching.shown import basic, origin, parted, same_origin, shown


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.example/feed", "http://a.example/feed"),
        ("http://me:w0rd@a.example:81/feed?x=1#top", "http://a.example:81/feed?x=1"),
        ("http://me@w0rd@a.example/", "http://a.example/"),
        ("https://a.example/?token=t&page=2", "https://a.example/?token=***&page=2"),
        ("https://a.example/?API_KEY=t", "https://a.example/?API_KEY=***"),
        ("https://a.example/?q=a%20b&q=c", "https://a.example/?q=a%20b&q=c"),
        ("https://a.example/?pass=t&pwd=u&%74oken=v", "https://a.example/?pass=***&pwd=***&%74oken=***"),
        ("https://a.example/.rss?feed=t&user=me", "https://a.example/.rss?feed=***&user=me"),
        ("https://a.example/?feed=rss2", "https://a.example/?feed=rss2"),
        ("https://a.example/?keyword=quake&author=ana", "https://a.example/?keyword=quake&author=ana"),
        ("http://[", "(a URL that cannot be read)"),
    ],
)
def test_a_url_is_shown_without_secrets(url: str, expected: str) -> None:
    assert shown(url) == expected


# The last character stands nowhere in the rest of the URL, as a drawn "a.example" does.
@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="/?#@[]")).map(
        lambda text: text + "~"
    )
)
def test_no_password_is_shown(password: str) -> None:
    assert password not in shown(f"http://user:{password}@a.example/feed")
    assert password not in parted(f"http://user:{password}@a.example/feed")[0]


@given(st.text())
def test_showing_never_raises(text: str) -> None:
    shown(text)
    same_origin(text, text)


def test_user_and_password_are_decoded_for_the_header() -> None:
    assert parted("http://m%40e:w%3Ard@a.example/x") == ("http://a.example/x", basic("m@e", "w:rd"))
    assert parted("http://key@a.example/") == ("http://a.example/", basic("key", ""))
    assert parted("http://@a.example/") == ("http://a.example/", None)
    assert parted("http://a.example/@x") == ("http://a.example/@x", None)


def test_an_origin_is_scheme_host_and_port() -> None:
    assert origin("HTTPS://A.example/x") == ("https", "a.example", 443)
    assert same_origin("http://a.example/x", "http://A.EXAMPLE.:80/y")
    assert not same_origin("http://a.example/", "https://a.example/")
    assert not same_origin("http://a.example/", "http://b.example/")
    assert not same_origin("http://a.example/", "http://a.example:81/")
    assert not same_origin("http://a.example:x/", "http://a.example:x/")
