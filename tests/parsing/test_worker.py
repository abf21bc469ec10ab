"""Parser processes are bounded, replaced, and end with the daemon."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest

from aggregator.errors import NotAFeed, ParserDown, ParseTimeout
from aggregator.parsing.worker import ParserPool, memory_limit

URL = "https://contoh.example/feed.xml"
FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Contoh</title>
<item><title>Dam overflows</title><link>https://contoh.example/1</link><pubDate>Mon, 02 Mar 2026 08:00:00 GMT</pubDate>
<description>&lt;p&gt;Rain &amp;amp; wind.&lt;/p&gt;</description></item></channel></rss>"""
SLOW = (
    b'<rss version="2.0"><channel>'
    + b"".join(b'<item xmlns:n%d="http://n/%d"><n%d:x>1</n%d:x></item>' % (n, n, n, n) for n in range(20_000))
    + b"</channel></rss>"
)
# Ill-formed, so that it is parsed twice; its text is held many times over.
LARGE = b'<rss version="2.0"><channel><item><title>AT&T</title><description>' + b"&lt;b&gt;x " * 900_000 + b"</rss>"
# Its entries hold little text in many objects.
GROWS = b'<rss version="2.0"><channel>' + b"<item><title>x</title></item>" * 20_000 + b"</channel></rss>"


async def parse(pool: ParserPool, body: bytes = FEED) -> str:
    return (await pool.parse(body, url=URL, content_type="text/xml")).entries[0].title


def children() -> list[psutil.Process]:
    """Give the parser workers of this process; it may have other children, of other tests."""
    return [child for child in psutil.Process().children() if is_worker(child)]


def is_worker(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE and "aggregator.parsing" in process.cmdline()
    except psutil.NoSuchProcess:
        return False


async def test_a_document_comes_back_as_values() -> None:
    async with ParserPool() as pool:
        feed = await pool.parse(FEED, url=URL, content_type=None)
    assert feed.format == "rss 2.0"
    (entry,) = feed.entries
    assert (entry.summary, entry.html) == ("Rain & wind.", "<p>Rain &amp; wind.</p>")
    assert entry.published is not None
    assert entry.published.isoformat() == "2026-03-02T08:00:00+00:00"


async def test_errors_of_the_document_come_back_as_errors() -> None:
    async with ParserPool() as pool:
        with pytest.raises(NotAFeed, match="HTML page"):
            await parse(pool, b"<!doctype html><html><title>Hello</title></html>")
        with pytest.raises(NotAFeed, match="empty"):
            await parse(pool, b"")
        assert await parse(pool) == "Dam overflows"


async def test_a_document_that_takes_too_long_is_stopped_and_the_next_one_parses() -> None:
    async with ParserPool(seconds=0.5) as pool:
        await parse(pool)
        (before,) = children()
        with pytest.raises(ParseTimeout, match=r"longer than 0\.5 s"):
            await parse(pool, SLOW)
        assert await parse(pool) == "Dam overflows"
        (after,) = children()
        assert after.pid != before.pid


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not limit the address space")
async def test_a_document_that_takes_too_much_memory_is_stopped_and_the_next_one_parses() -> None:
    async with ParserPool(memory=100 * 2**20, seconds=60) as pool:
        with pytest.raises(ParseTimeout, match=r"memory|MB"):
            await parse(pool, LARGE)
        assert await parse(pool) == "Dam overflows"


async def test_a_worker_that_dies_while_idle_is_replaced_unnoticed() -> None:
    async with ParserPool() as pool:
        await parse(pool)
        (worker,) = children()
        worker.kill()
        await asyncio.to_thread(psutil.wait_procs, [worker], 5)
        await asyncio.sleep(0.1)
        assert await parse(pool) == "Dam overflows"


async def test_a_worker_that_dies_at_work_fails_that_document_alone() -> None:
    async with ParserPool() as pool:
        await parse(pool)
        (worker,) = children()
        task = asyncio.create_task(parse(pool, SLOW))
        await asyncio.sleep(0.3)
        worker.kill()
        with pytest.raises(ParseTimeout, match="broke down"):
            await task
        assert await parse(pool) == "Dam overflows"


async def test_a_cancelled_parse_leaves_the_pool_working() -> None:
    async with ParserPool() as pool:
        await parse(pool)
        task = asyncio.create_task(parse(pool, SLOW))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await parse(pool) == "Dam overflows"


async def test_documents_wait_for_one_worker_without_losing_time() -> None:
    async with ParserPool(seconds=5) as pool:
        titles = await asyncio.gather(*(parse(pool) for _ in range(20)))
    assert titles == ["Dam overflows"] * 20


async def test_a_document_waits_for_one_of_those_known_to_be_slow_at_most() -> None:
    async with ParserPool(seconds=1.2) as pool:
        with pytest.raises(ParseTimeout):
            await parse(pool, SLOW)
        slow = [asyncio.create_task(parse(pool, SLOW)) for _ in range(3)]
        await asyncio.sleep(0)  # they are first
        good = await pool.parse(FEED, url="https://another.example/", content_type=None)
        assert good.entries
        assert sum(task.done() for task in slow) <= 1
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)


async def test_a_large_daemon_keeps_its_worker() -> None:
    ballast = b"x" * (300 * 2**20)  # a process inherits the peak of the one that started it
    async with ParserPool() as pool:
        await parse(pool)
        (worker,) = children()
        await parse(pool)
        assert children() == [worker]
    assert ballast


async def test_a_worker_does_not_stay_large() -> None:
    async with ParserPool(seconds=60) as pool:
        assert await parse(pool, GROWS) == "x"
        assert await parse(pool) == "Dam overflows"
        (worker,) = children()
        assert worker.memory_info().rss < 100 * 2**20


async def test_closing_ends_what_waits_and_leaves_no_process() -> None:
    pool = ParserPool()
    await pool.start()
    await parse(pool)
    tasks = [asyncio.create_task(parse(pool, SLOW)) for _ in range(3)]
    await asyncio.sleep(0.2)
    await pool.close()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(outcome, ParserDown)
    with pytest.raises(ParserDown, match="stopped"):
        await parse(pool)
    assert children() == []


async def test_a_worker_has_neither_the_sockets_nor_the_secrets_of_the_daemon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEED_PASSWORD", "hush")
    with socket.create_server(("127.0.0.1", 0)) as server:
        os.set_inheritable(server.fileno(), True)
        async with ParserPool() as pool:
            await parse(pool)
            (worker,) = children()
            assert worker.net_connections() == []
            assert "FEED_PASSWORD" not in worker.environ()


@pytest.mark.parametrize("interrupt", [signal.SIGINT, signal.SIGTERM])
async def test_only_the_daemon_ends_a_worker(interrupt: signal.Signals) -> None:
    async with ParserPool() as pool:
        await parse(pool)
        (worker,) = children()
        worker.send_signal(interrupt)
        assert await parse(pool) == "Dam overflows"
        assert children() == [worker]


PARENT = """
import asyncio, sys
from aggregator.parsing.worker import ParserPool
from tests.parsing.test_worker import SLOW, URL, children, parse

async def main():
    async with ParserPool(seconds=0.5) as pool:
        await parse(pool)
        task = asyncio.create_task(parse(pool, SLOW) if sys.argv[1] == "busy" else asyncio.sleep(60))
        await asyncio.sleep(0.2)
        print(children()[0].pid, flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.parametrize("state", ["idle", "busy"])
def test_a_worker_does_not_outlive_a_daemon_that_is_killed(state: str) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, state], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    deadline = time.monotonic() + 30
    while worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_memory_of_a_worker_is_bounded_by_the_machine() -> None:
    assert 128 * 2**20 <= memory_limit() <= 512 * 2**20
