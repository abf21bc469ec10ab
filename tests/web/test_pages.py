import asyncio
import html
import re
from dataclasses import replace
from threading import Event

import httpx
import pytest
from lxml import etree

from aggregator.web.app import WebSettings
from aggregator.web.messages import preferred
from aggregator.web.ranking import ranked
from tests.publishing.values import event, outlets, source
from tests.web.conftest import ValueReader, pages, serving


async def read(client: httpx.AsyncClient, path: str, **headers: str) -> etree._Element:
    answer = await client.get(path, headers=headers)
    assert answer.status_code == 200, (path, answer.text[:300])
    check_policy(answer)
    return etree.fromstring(answer.content, etree.HTMLParser())


def check_policy(answer: httpx.Response) -> None:
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self';")
    assert "unsafe" not in policy


async def test_every_page_is_whole_and_nothing_breaks_out(reader: ValueReader) -> None:
    async with serving(reader) as client:
        for path in pages(reader):
            page = await read(client, path)
            (script,) = page.iter("script")
            assert script.get("src") == "/static/times.js"
            assert script.text is None
            for element in page.iter(etree.Element):
                assert element.tag not in ("iframe", "style", "object", "img")
                for name, value in element.attrib.items():
                    assert not name.startswith("on")
                    assert name != "style"  # refused by the policy
                    if name in ("href", "src", "action"):
                        assert re.match(r"(https?:/)?/|#", value), (path, value)


async def test_nothing_is_fetched_from_elsewhere(reader: ValueReader) -> None:
    async with serving(reader) as client:
        page = await read(client, "/")
        found = [element.get("src") or element.get("href") for element in page.iter("script", "link")]
        assert all(url.startswith("/") for url in found)
        for url in [one for one in found if one.startswith("/static/")]:
            assert (await client.get(url)).status_code == 200


async def test_every_page_is_valid_in_the_small(reader: ValueReader) -> None:
    """Each has one h1, labelled inputs, ids once, and names for its pictures and regions."""
    async with serving(reader) as client:
        for path in pages(reader):
            page = await read(client, path)
            assert len(list(page.iter("h1"))) == 1, path
            ids = [element.get("id") for element in page.iter(etree.Element) if element.get("id")]
            assert len(ids) == len(set(ids)), path
            labels = {label.get("for") for label in page.iter("label")}
            assert all(field.get("id") in labels for field in page.iter("input"))
            for element in page.iter(etree.Element):
                if element.get("role") in ("img", "region", "group"):
                    named_by = element.get("aria-labelledby")
                    assert element.get("aria-label") or named_by in ids
            for link in page.iter("a"):
                assert "".join(link.itertext()).strip(), (path, etree.tostring(link))


async def test_the_front_page_leads_with_weight_and_freshness(reader: ValueReader) -> None:
    async with serving(reader) as client:
        page = await read(client, "/")
        headlines = ["".join(heading.itertext()) for heading in page.iter("h2")]
    assert headlines[0] == "Large event"
    assert "Taliban storm Panjshir" in headlines


async def test_an_event_page_shows_sources_time_line_evidence_and_what_just_missed(reader: ValueReader) -> None:
    async with serving(reader) as client:
        view = reader.events[2]
        page = await read(client, f"/events/{view.event.name}")
        text = " ".join(page.itertext())
        charts = {svg.get("class") for svg in page.iter("svg")}
    assert charts == {"timeline", "resemblance"}
    for one in view.event.sources:
        assert one.title in text
    assert "panjshir, parwan" in text
    assert "طالبان تهاجم بنجشير" in text


async def test_text_of_either_direction_stands_right(reader: ValueReader) -> None:
    async with serving(reader) as client:
        page = await read(client, f"/events/{reader.events[1].event.name}")
        (heading,) = page.iter("h1")
    assert (heading.get("dir"), heading.get("lang")) == ("auto", "ar")


async def test_a_merged_event_leads_to_its_successor_for_ever(reader: ValueReader) -> None:
    async with serving(reader) as client:
        answer = await client.get(f"/events/{reader.events[3].event.name}")
        assert answer.status_code == 301
        assert answer.headers["location"] == f"/events/{reader.events[2].event.name}"
        short = await client.get(f"/events/{reader.events[2].event.name[:3]}")
        assert short.status_code == 302


async def test_errors_are_pages_that_say_why(reader: ValueReader) -> None:
    async with serving(reader) as client:
        for path, status, reason in (
            ("/events/zzzzz", 404, "no event zzzzz"),
            ('/search?q="panjshir', 400, "not closed"),
            ("/search?q=" + "x" * 1_500, 400, "longer than"),
            ("/?page=0", 400, "no number of a page"),
            ("/?page=-1%27", 400, "no number of a page"),
            ("/outlets/Nobody", 404, "no feed and no report is of"),
        ):
            answer = await client.get(path)
            assert answer.status_code == status, path
            assert reason in html.unescape(answer.text)
            check_policy(answer)


async def test_a_page_comes_from_memory_until_the_next_batch(reader: ValueReader) -> None:
    async with serving(reader) as client:
        first = await client.get("/")
        asked = len(reader.asked)
        again = await client.get("/", headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, len(reader.asked)) == (304, asked)
        reader.batch += 1
        await client.get("/")
        assert len(reader.asked) == asked + 1


async def test_the_health_of_feeds_is_as_of_now(reader: ValueReader) -> None:
    async with serving(reader) as client:
        await client.get("/health")
        reader.health = [replace(reader.health[0], reason="the server answers 418")]
        assert "the server answers 418" in (await client.get("/health")).text


async def test_nobody_waits_while_a_page_is_written_anew(reader: ValueReader) -> None:
    writing, go_on = Event(), Event()

    def slow(*_: object, **__: object) -> list[object]:
        writing.set()
        assert go_on.wait(20)
        return []

    async with serving(reader) as client:
        first = await client.get("/")
        reader.batch += 1
        reader.recent = slow  # type: ignore[method-assign]
        renewal = asyncio.create_task(client.get("/"))
        await asyncio.to_thread(writing.wait, 20)
        assert (await client.get("/")).text == first.text
        go_on.set()
        assert (await renewal).text != first.text


async def test_the_interface_speaks_the_readers_language(reader: ValueReader) -> None:
    async with serving(reader) as client:
        english = await read(client, "/", **{"accept-language": "de, en;q=0.5"})
        indonesian = await read(client, "/", **{"accept-language": "id-ID,id;q=0.9,en;q=0.8"})
    assert (english.get("lang"), indonesian.get("lang")) == ("en", "id")
    assert "Halaman depan" in " ".join(indonesian.itertext())


async def test_links_carry_the_prefix_of_the_public_address(reader: ValueReader) -> None:
    async with serving(reader, WebSettings(base_url="https://example.org/news")) as client:
        page = await read(client, "/news/", host="example.org")
        links = [link.get("href") for link in page.iter("a", "link")]
    assert all(link.startswith(("/news/", "https://", "#")) for link in links)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("id", "id"),
        ("in-ID", "id"),
        ("fr, id;q=0.3", "id"),
        ("en, id", "en"),
        ("id;q=0.2, en;q=0.9", "en"),
        ("id;q=0", "en"),
        ("id;q=zzz", "en"),
        ("," * 500, "en"),
    ],
)
def test_the_language_is_negotiated(header: str, language: str) -> None:
    assert preferred(header) == language


def test_a_fresh_event_passes_an_old_larger_one() -> None:
    old = event(*outlets(6, minutes=-36 * 60), number=1)
    fresh = event(*outlets(3), number=2)
    assert [one.id for one in ranked([old, fresh])] == [2, 1]


def test_copies_weigh_less_than_reports() -> None:
    copies = event(source(1, "A"), *(source(n, f"B{n}", copy_of=1) for n in range(2, 6)), number=1)
    reports = event(*outlets(5), number=2)
    assert [one.id for one in ranked([copies, reports])] == [2, 1]


async def test_a_page_may_be_as_far_behind_the_store_as_it_is_allowed_to(reader: ValueReader) -> None:
    async with serving(reader, WebSettings(lag=3_600.0)) as client:
        first = await client.get("/")
        asked = len(reader.asked)
        reader.batch += 1
        assert (await client.get("/")).content == first.content
        assert len(reader.asked) == asked
    async with serving(reader, WebSettings(lag=0.0)) as client:
        await client.get("/")
        asked = len(reader.asked)
        reader.batch += 1
        await client.get("/")
        assert len(reader.asked) > asked


@pytest.mark.parametrize("language", ["en", "id"])
async def test_a_muted_event_is_marked_as_such(reader: ValueReader, language: str) -> None:
    words = {"en": "muted: left out of the feeds", "id": "dibisukan: tidak ada di umpan"}[language]
    reader.events = [replace(view, event=replace(view.event, muted=True)) for view in reader.events]
    async with serving(reader) as client:
        for path in ("/", f"/events/{reader.events[0].event.name}"):
            page = await read(client, path, **{"accept-language": language})
            assert words in "".join(page.itertext())
