"""What remains of the HTML of feeds, and its text."""

import html as entities
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.parsing.html import LIMIT, both, plain, sanitise, text_of, title

BASE = "https://contoh.example/news/"
SCRIPTS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    '<img src="javascript:alert(1)">',
    '<img """><script>alert(1)</script>">',
    "<img src=`javascript:alert(1)`>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="JaVaScRiPt:alert(1)">x</a>',
    '<a href="java\tscript:alert(1)">x</a>',
    '<a href="java&#x0A;script:alert(1)">x</a>',
    '<a href="&#14; javascript:alert(1)">x</a>',
    '<a href="&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1)">x</a>',
    '<a href="vbscript:msgbox(1)">x</a>',
    '<a href="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">x</a>',
    "<a onmouseover=alert(1)>x</a>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<iframe src=javascript:alert(1)></iframe>",
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<object data="data:text/html,<script>alert(1)</script>"></object>',
    "<embed src=javascript:alert(1)>",
    '<form action="javascript:alert(1)"><input type=submit></form>',
    '<div style="background:url(javascript:alert(1))">x</div>',
    '<p style="width:expression(alert(1))">x</p>',
    "<style>@import 'https://evil.example/x.css';</style>",
    '<link rel=stylesheet href="javascript:alert(1)">',
    '<meta http-equiv="refresh" content="0;url=javascript:alert(1)">',
    '<base href="javascript:alert(1)//">',
    "<body onload=alert(1)>",
    '<video><source onerror="alert(1)"></video>',
    "<details open ontoggle=alert(1)>",
    "<textarea><script>alert(1)</script></textarea>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<template><script>alert(1)</script></template>",
    "<xmp><script>alert(1)</script></xmp>",
    '<a href="https://ok.example/" target="_blank" ping="https://evil.example/">x</a>',
    '<img src="https://ok.example/x.png" srcset="javascript:alert(1) 1x">',
]
ACTS = re.compile(
    r"<(?:script|style|iframe|object|embed|form|svg|math|link|meta|base|body|video|template|input)\b"
    r"|<[^>]*\s(?:on\w+|style|srcset|srcdoc|ping|target|formaction)\s*=",
    re.IGNORECASE,
)


def is_harmless(html: str) -> bool:
    links = re.findall(r'(?:href|src|cite)="([^"]*)"', html)
    good = all(re.match(r"(?:https?://|mailto:)", entities.unescape(link)) for link in links)
    return good and not ACTS.search(html)


@pytest.mark.parametrize("vector", SCRIPTS)
def test_no_script_survives(vector: str) -> None:
    for html in (vector, f"<p>Rain</p>{vector}<p>Wind</p>", f"<a href='{BASE}'>{vector}</a>"):
        assert is_harmless(sanitise(html, BASE))
        assert is_harmless(sanitise(html, None))


@pytest.mark.parametrize("vector", SCRIPTS)
def test_no_markup_survives_in_text(vector: str) -> None:
    assert not re.search(r"<(?:script|img|svg|a|iframe)\b", plain(vector + "<b>x</b>"))
    assert not re.search(r"<(?:script|img|svg|a|iframe)\b", text_of(sanitise(vector, BASE)))


def test_text_level_markup_stays() -> None:
    html = "<p>Rain <strong>fell</strong> in <em>Bogor</em>.</p><ul><li>one</li></ul>"
    assert sanitise(html, BASE) == html


def test_relative_links_become_absolute() -> None:
    assert 'href="https://contoh.example/x"' in sanitise('<a href="/x">x</a>', BASE)
    assert 'src="https://contoh.example/news/i.png"' in sanitise('<img src="i.png">', BASE)
    assert "href" not in sanitise('<a href="/x">x</a>', None)


@pytest.mark.parametrize(
    "pixel",
    [
        '<img src="https://t.example/1.gif" width="1" height="1">',
        '<img src="https://t.example/1.gif" height="0">',
        '<img src="https://t.example/1.gif" width="1px" height="1px">',
        '<img src="https://feeds.feedburner.com/~r/contoh/~4/abc">',
        '<img src="https://pixel.wp.com/b.gif?host=contoh.example">',
        '<img src="https://www.google-analytics.com/collect?x=1">',
        '<img src="data:image/gif;base64,R0lGOD">',
        "<img alt=x>",
    ],
)
def test_tracking_pixels_and_empty_images_are_dropped(pixel: str) -> None:
    assert sanitise(f"<p>a{pixel}b</p>", BASE) == "<p>ab</p>"


def test_pictures_stay() -> None:
    assert "flood.jpg" in sanitise('<img src="https://contoh.example/flood.jpg" width="640" height="480">', BASE)


def test_tracking_parameters_of_links_are_dropped() -> None:
    html = sanitise('<a href="https://contoh.example/1?id=7&amp;utm_source=rss&amp;fbclid=x&amp;p=2">x</a>', BASE)
    assert 'href="https://contoh.example/1?id=7&amp;p=2"' in html


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("AT&T", "AT&T"),
        ("AT&amp;T", "AT&T"),
        ("AT&amp;amp;T", "AT&T"),
        ("&lt;b&gt;Rain&lt;/b&gt; falls", "Rain falls"),
        ("<b>Rain</b> falls", "Rain falls"),
        ("5 < 6 & 7 > 2", "5 < 6 & 7 > 2"),
        ("List<String> is generic", "List<String> is generic"),
        ("I <3 rain", "I <3 rain"),
        ("caf&eacute; &#8217;s &#x2019;", "café ’s ’"),
        ("Q&A; &copy b", "Q&A; &copy b"),
        ("  a\t\n b ", "a b"),
        ("one<br>two", "one two"),
        ("&nbsp;x&nbsp;", "x"),
        ("a\x00b\x08c\x9fd\ufffe\ud800e", "abcde"),
        ("Dam <script>alert(1)</script>breaks", "Dam breaks"),
        ("", ""),
    ],
)
def test_titles_are_plain_text(html: str, text: str) -> None:
    assert title(html) == text


def test_html_that_was_escaped_twice_is_html() -> None:
    twice = "&lt;p&gt;Rain &amp;amp; &lt;b&gt;wind&lt;/b&gt;.&lt;/p&gt;&lt;script&gt;x&lt;/script&gt;"
    assert both(twice, BASE) == ("Rain & wind.", "<p>Rain &amp; <b>wind</b>.</p>")


def test_code_within_markup_stays_code() -> None:
    sample = "<p>Write <code>&lt;b&gt;x&lt;/b&gt;</code>.</p>"
    assert both(sample, BASE) == ("Write <b>x</b>.", sample)


def test_blocks_are_lines_of_the_text() -> None:
    assert text_of(sanitise("<p>One.</p><p>Two<br>three</p><ul><li>four</li></ul>", BASE)) == "One.\nTwo\nthree\nfour"


def test_a_quoted_angle_bracket_does_not_end_a_tag() -> None:
    assert text_of(sanitise('<p>a<img src="https://e.org/x.png" alt="1 > 0">b</p>', BASE)) == "ab"


def test_a_summary_is_cut_at_the_same_place_every_time_and_stays_whole_html() -> None:
    html = "<p>" + "<b>word</b> " * 40_000 + "</p>"
    once = sanitise(html, BASE)
    assert once == sanitise(html, BASE)
    assert 0.7 * LIMIT < len(once) <= LIMIT
    assert once.count("<b>") == once.count("</b>")
    assert once.endswith("</p>")


def test_text_without_spaces_is_cut_too() -> None:
    assert len(sanitise("x" * (5 * LIMIT), BASE)) <= LIMIT
    assert len(plain("&amp;" * LIMIT)) <= LIMIT
    assert len(title("x" * 5000)) == 1000


@pytest.mark.parametrize("html", ["<b>" * 30_000, "<div>" * 10_000 + "x" + "</div>" * 10_000, "<a href='" * 30_000])
def test_deep_and_unclosed_markup_stays_within_the_limit(html: str) -> None:
    assert len(sanitise(html, BASE)) <= LIMIT


CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
PIECES = st.lists(
    st.sampled_from([*SCRIPTS, "&lt;", "&amp;", "<p>", "</p>", "x", "\x00", "\ud800", '"', "'", "<", ">"])
)


@given(st.one_of(st.text(st.characters(codec=None)), PIECES.map("".join)))
@example("&#0;&#xD800;&#xFFFE;")
def test_whatever_comes_in_is_harmless_and_free_of_control_characters(html: str) -> None:
    once = sanitise(html, BASE)
    assert is_harmless(once)
    summary, markup = both(html, BASE)
    assert is_harmless(markup)
    for text in (once, text_of(once), plain(html), title(html), summary, markup):
        assert not CONTROL.search(text)
    assert "\n" not in title(html)
