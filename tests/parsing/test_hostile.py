"""Documents that break parsers cost their own feed an error at most: a few of our own here, a whole set in the soak."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from aggregator.errors import FeedError
from aggregator.parsing.worker import ParserPool

URL = "https://contoh.example/feed.xml"
SMALL = b'<rss version="2.0"><channel><title>t</title><item><title>x</title></item></channel></rss>'


def rss(items: bytes, doctype: bytes = b"", encoding: bytes = b"utf-8") -> bytes:
    return (
        b'<?xml version="1.0" encoding="%s"?>%s<rss version="2.0"><channel><title>t</title>' % (encoding, doctype)
        + items
        + b"</channel></rss>"
    )


def item(markup: bytes) -> bytes:
    return rss(b"<item><description><![CDATA[" + markup + b"]]></description></item>")


def entities(count: int) -> bytes:
    nested = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, count))
    return b'<!DOCTYPE rss [<!ENTITY a0 "lol">' + nested + b"]>"


HOSTILE = {
    "entities within entities": rss(b"<item><title>&a9;</title></item>", entities(10)),
    "a long entity many times": rss(
        b"<item><title>" + b"&a;" * 20_000 + b"</title></item>",
        b'<!DOCTYPE rss [<!ENTITY a "' + b"x" * 50_000 + b'">]>',
    ),
    "a local file": rss(
        b"<item><title>&x;</title></item>", b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    ),
    "a DTD of another host": rss(b"<item/>", b'<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/evil.dtd">'),
    "deep elements": rss(b"<item>" + b"<a>" * 10_000 + b"</a>" * 10_000 + b"</item>"),
    "deep HTML": item(b"<div>" * 5_000 + b"</div>" * 5_000),
    "HTML that is never closed": item(b"<b>" * 100_000),
    "tags that never end": item(b'<a href="' * 50_000),
    "a flood of attributes": item(b"<p " + b"a=b " * 100_000 + b">x</p>"),
    "a flood of ampersands": rss(b"<item><title>" + b"&" * 300_000 + b"</title></item>"),
    "a flood of comments": rss(b"<!--" * 100_000),
    "a flood of CDATA": rss(b"<![CDATA[" * 50_000),
    "a flood of doctypes": b"<!DOCTYPE " * 100_000 + b"<rss>",
    "a flood of declarations": b"<!DOCTYPE rss [" + b'<!ENTITY a "' * 80_000 + b"]><rss/>",
    "a flood of namespaces": rss(b"".join(b'<item xmlns:n%d="http://n/%d"/>' % (n, n) for n in range(20_000))),
    "one entry with many attributes": rss(b"<item " + b" ".join(b'a%d="x"' % n for n in range(50_000)) + b"/>"),
    "a base that is none": b'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://[' + b"a" * 10_000 + b']/">'
    b'<entry><link href="x"/></entry></feed>',
    "blanks before a link": rss(b"<item><link>" + b" " * 500_000 + b"http://e.org</link></item>"),
    "an author of brackets": rss(b"<item><author>" + b"(" * 100_000 + b"</author></item>"),
    "a date of digits": rss(b"<item><pubDate>" + b"1" * 100_000 + b"</pubDate></item>"),
    "a punycode document": rss(b"<item><title>" + b"x" * 200_000 + b"</title></item>", encoding=b"punycode"),
    "references to surrogates": rss(b"<item><title>&#xD800;&#0;&#x110000;</title></item>"),
    "zeros": b"\0" * 1_000_000,
    "blanks": b" " * 1_000_000,
    "a page": b"<!doctype html><html><body>" + b'<p class="x">text <a href="y">z</a></p>' * 50_000,
    "brackets of JSON": b'{"version": "https://jsonfeed.org/version/1", "items": ' + b"[" * 100_000,
    "more than is read": b"<rss>" + b"x" * 11 * 2**20,
}


async def outcome(pool: ParserPool, body: bytes) -> str:
    try:
        feed = await pool.parse(body, url=URL, content_type=None)
    except FeedError as error:
        return error.reason
    assert len(feed.entries) <= 500
    return f"{len(feed.entries)} entries"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool() -> AsyncIterator[ParserPool]:
    async with ParserPool(seconds=1) as started:
        yield started


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_document_costs_its_own_feed_an_error_at_most(pool: ParserPool, name: str) -> None:
    told = await outcome(pool, HOSTILE[name])
    assert "root:" not in told
    assert await outcome(pool, SMALL) == "1 entries", told


@pytest.mark.asyncio(loop_scope="module")
async def test_blanks_in_a_document_without_a_declaration_cost_it_nothing(pool: ParserPool) -> None:
    body = b"<rss><channel>" + b" " * 500_000 + b"<item><title>x</title></item></channel></rss>"
    assert await outcome(pool, body) == "1 entries"


async def peak_memory(task: asyncio.Task[str]) -> int:
    """Give the most bytes that a worker held, looked at every 5 ms until the task is done."""
    peak = 0
    workers = psutil.Process().children()
    while not task.done():
        for worker in workers:
            with suppress(psutil.Error):
                peak = max(peak, worker.memory_info().rss)
        await asyncio.sleep(0.005)
    return peak


@pytest.mark.soak
@pytest.mark.timeout(1200)
async def test_every_hostile_document_ends_within_its_time(shared: Path, tmp_path: Path) -> None:
    """Give `HOSTILE_TABLE=FILE` to write what happened as a table."""
    subprocess.run([sys.executable, shared / "hostile" / "make.py", tmp_path], check=True, stdout=subprocess.DEVNULL)
    rows = []
    for path in sorted(tmp_path.iterdir()):
        async with ParserPool() as pool:  # a fresh one, so that the memory is this document's
            await outcome(pool, SMALL)
            started = time.monotonic()
            task = asyncio.create_task(outcome(pool, path.read_bytes()))
            peak = await peak_memory(task)
            told, seconds = await task, time.monotonic() - started
            assert await outcome(pool, SMALL) == "1 entries"
        size = path.stat().st_size / 1e6
        rows.append(f"| {path.name} | {size:.1f} | {told} | {seconds:.2f} | {peak / 1e6:.0f} |")
        assert seconds < 10.5, rows[-1]
        assert peak < 512 * 2**20, rows[-1]
    if table := os.environ.get("HOSTILE_TABLE"):
        Path(table).write_text("\n".join(rows) + "\n", encoding="utf-8")
