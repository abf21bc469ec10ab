"""Events for the tests of publishing: built by hand, and at random with hostile text."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from aggregator.model import Event, Source
from aggregator.publishing.channel import Place
from aggregator.publishing.ids import Installation, event_name
from aggregator.publishing.publication import OutputFeed

NOW = datetime(2021, 9, 1, 12, 0, tzinfo=UTC)
OLD_STORE = timedelta(days=30)
PLACE = Place(installation=Installation("k3f9qs7", date(2021, 8, 30)), base_url="http://127.0.0.1:8650")
PUBLIC = Place(installation=PLACE.installation, base_url="https://news.example/events", pages=True, link_pages=True)


def source(entry: int, outlet: str, minutes: float = 0, **given: object) -> Source:
    values: dict[str, object] = {
        "entry": entry,
        "outlet": outlet,
        "feed": entry,
        "title": f"Taliban storm Panjshir, says {outlet}",
        "url": f"https://{outlet.lower().replace(' ', '')}.example/{entry}",
        "language": "en",
        "published": NOW + timedelta(minutes=minutes),
        "first_seen": NOW + timedelta(minutes=minutes),
        "summary": f"Report {entry} of the assault.",
    }
    return Source(**(values | given))  # type: ignore[arg-type]


def event(*sources: Source, number: int = 1, **given: object) -> Event:
    first = sources[0]
    values: dict[str, object] = {
        "id": number,
        "name": event_name(number),
        "headline": first.title,
        "url": first.url,
        "language": first.language,
        "first_seen": first.first_seen,
        "updated": sources[-1].first_seen,
        "representative": first.entry,
        "sources": sources,
    }
    return Event(**(values | given))  # type: ignore[arg-type]


def outlets(number: int, *, minutes: float = 0) -> tuple[Source, ...]:
    return tuple(source(n + 1, f"Outlet {n}", minutes) for n in range(number))


# Put together here, so that no random text is this: Hypothesis draws the literals of the modules it finds.
PASSWORD = "-".join(("in", "no", "document"))

EVENTS = OutputFeed(name="events", title="Events", min_sources=2)
ALL = OutputFeed(name="all", title="All", hold=timedelta())

hostile = st.one_of(
    st.text(max_size=60),
    st.text(st.characters(codec=None), max_size=30),  # surrogates too
    st.sampled_from(
        [
            "</title><script>alert(1)</script>",
            "]]>",
            "<![CDATA[",
            "&lt;b&gt; &amp; &#0; &#xD800;",
            "\u202eevil\u2066",
            "\x00\x0b\x1f\x85\ufffe\uffff\ufffd\ud800",
            "R&D at AT&T: 3 < 4",
            "x" * 700,
            " ",
            "",
            "شيراز: قتلى في هجوم",
            "<b>bold</b>",
            "'\"><img src=x onerror=alert(1)>",
        ]
    ),
)
urls = st.one_of(
    st.none(),
    st.sampled_from(
        [
            "https://a.example/1?x=[1]&y=|",
            "javascript:alert(1)",
            f"http://user:{PASSWORD}@b.example/ü \u202e",
            'https://c.example/"><script>',
            "http://[::1]/",
            "//d.example",
            "http://",
            "https://bücher.example/x%zz",
            "https://e.example/a#b#c",
        ]
    ),
    st.text(max_size=20).map(lambda text: "https://f.example/" + text),
)
times = st.integers(min_value=0, max_value=3000).map(lambda minutes: NOW + timedelta(minutes=minutes))


@st.composite
def events(draw: st.DrawFn, number: int = 1) -> Event:
    size = draw(st.integers(1, 6))
    sources = [
        Source(
            entry=n + 1,
            outlet=draw(hostile | st.sampled_from(["AFP", "Reuters"])),
            feed=n,
            title=draw(hostile),
            url=draw(urls),
            language=draw(st.sampled_from([None, "en", "id", "pt_BR", "x\x00", "", "nonsense!"])),
            published=draw(st.none() | times),
            first_seen=draw(times),
            summary=draw(hostile),
            html=draw(hostile),
            image=draw(urls),
            copy_of=draw(st.none() | st.integers(0, size + 1)),
            agency=draw(st.sampled_from(["", "", "AFP", "Reuters"])),
            tags=tuple(draw(st.lists(hostile, max_size=2))),
        )
        for n in range(size)
    ]
    sources.sort(key=lambda one: one.first_seen)
    return event(
        *sources,
        number=number,
        headline=draw(hostile),
        url=draw(urls),
        language=draw(st.sampled_from(["en", None, "?"])),
    )
