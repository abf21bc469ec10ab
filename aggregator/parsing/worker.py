"""Parser processes: a slow or hostile document costs its own feed an error, and nothing else.

Theory of operation. A worker is `python -m aggregator.parsing`: a process of its own, started afresh (not forked, so
it has none of the daemon's sockets and little of its memory), with an environment that holds no secrets. It is given
one document at a time over a pipe and answers in JSON. It has 512 MB, or a quarter of the machine where that is less,
and 10 s a document; past either it is killed. Its replacement is started at once, without waiting for the next
document. Of addresses whose last document took over a second one at a time asks for a worker, so that another document
is never behind more than one of them. A worker ends by itself when its pipe ends (the daemon is gone) or when a
document has left it large.
"""

import asyncio
import json
import os
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aggregator.errors import Challenge, FeedError, NotAFeed, ParserDown, ParseTimeout
from aggregator.model import ParsedFeed
from aggregator.parsing import limits, wire

MEMORY = 512 * 1024 * 1024  # bytes of address space
SECONDS = 9.5  # a document, so that killing it is done within 10
_SLOW_SECONDS = 1.0  # a document; a large one of news takes half of that
_REMEMBERED = 1000  # addresses of slow documents
_START_SECONDS = 60.0  # a slow machine under load starts Python in 5
_INHERITED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


def memory_limit() -> int:
    """Give the bytes a worker may use: 512 MB, or a quarter of the machine (or control group) if that is less."""
    totals = [4 * MEMORY]
    with suppress(OSError, ValueError, AttributeError):
        totals.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    with suppress(OSError, ValueError):
        totals.append(int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    return max(min(totals) // 4, 128 * 1024 * 1024)  # below 128 MB Python does not start


class ParserPool:
    """Parses documents in worker processes. Use as an async context manager, or call `start` and `close`."""

    def __init__(self, size: int = 1, *, seconds: float = SECONDS, memory: int | None = None) -> None:
        self._size = size
        self._seconds = seconds
        self._memory = memory or memory_limit()
        self._idle: asyncio.Queue[_Start | None] = asyncio.Queue()  # None: closed
        self._workers: set[_Start] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._slow: dict[str, None] = {}  # addresses whose last document took long, the newest last
        self._one_slow = asyncio.Lock()
        self._closed = True

    async def start(self) -> None:
        """Start the workers; a parse waits for the first that is ready."""
        self._closed = False
        self._idle = asyncio.Queue()
        for _ in range(self._size):
            self._replace()

    async def close(self) -> None:
        """Kill every worker and wait for its end; a parse that is under way or waits raises ParserDown."""
        self._closed = True
        self._idle.put_nowait(None)
        for start in tuple(self._workers):
            self._discard(start)
        while self._ending:
            await asyncio.gather(*self._ending, return_exceptions=True)

    async def parse(
        self, body: bytes, *, url: str, content_type: str | None, content_location: str | None = None
    ) -> ParsedFeed:
        """Parse a document in a worker. Waiting for a free worker does not count against the document's time.

        Raises: NotAFeed, FeedError as `document.parse` does; ParseTimeout when it took too much time or memory;
            ParserDown, which is not the document's fault, when there is no worker.
        """
        if len(body) > limits.BODY:
            raise FeedError(url, f"the document is larger than {limits.BODY // 2**20} MiB")
        request = {"url": url, "content_type": content_type, "content_location": content_location}
        async with self._one_slow if url in self._slow else nullcontext():
            answer = await self._answer(wire.frame(request, body), url)
        return _result(answer, url)

    async def _answer(self, request: bytes, url: str) -> dict[str, Any]:
        start = await self._take()
        keep = False
        try:
            worker = await self._ready(start)
            begun = time.monotonic()
            try:
                answer = await self._ask(worker, request, url)
            finally:
                self._took(url, time.monotonic() - begun)
            keep = worker.alive
        finally:
            if keep and not self._closed:
                self._idle.put_nowait(start)
            else:
                self._discard(start)
        return answer

    def _took(self, url: str, seconds: float) -> None:
        """Note whose documents are slow: of these one at a time waits for a worker, so that others wait for one."""
        self._slow.pop(url, None)
        if seconds > _SLOW_SECONDS:
            self._slow[url] = None
        if len(self._slow) > _REMEMBERED:
            del self._slow[next(iter(self._slow))]

    async def _take(self) -> "_Start":
        """Wait for a worker of which nothing bad is known: one that could not start, or died idle, is replaced here."""
        while True:
            start = None if self._closed else await self._idle.get()
            if start is None:
                self._idle.put_nowait(None)  # for the next one that waits
                raise ParserDown("the parser is stopped")
            if not start.done() or (not start.cancelled() and start.exception() is None and start.result().alive):
                return start
            self._discard(start)

    async def _ready(self, start: "_Start") -> "_Worker":
        try:
            return await asyncio.shield(start)  # a cancelled parse must not lose sight of a half-started process
        except asyncio.CancelledError:
            if start.cancelled():
                raise ParserDown("the parser is stopped") from None
            raise
        except (OSError, EOFError, TimeoutError, ValueError) as error:
            why = f"the parser cannot be started ({type(error).__name__})"
            raise ParserDown(f"{why}: was Python replaced, or are there too many processes?") from error

    async def _ask(self, worker: "_Worker", request: bytes, url: str) -> dict[str, Any]:
        try:
            async with asyncio.timeout(self._seconds):
                return await worker.exchange(request)
        except TimeoutError as error:
            raise ParseTimeout(url, f"parsing took longer than {self._seconds:g} s and was stopped") from error
        except (OSError, EOFError) as error:
            if self._closed:
                raise ParserDown("the parser is stopped") from error
            reason = f"the parser broke down on the document, or needed more than {self._memory // 2**20} MB"
            raise ParseTimeout(url, reason) from error
        except ValueError as error:
            raise FeedError(url, "the parser gave an answer that makes no sense, and was replaced") from error

    def _replace(self) -> None:
        start = asyncio.create_task(_Worker.start(self._memory, self._seconds), name="start of a parser")
        self._workers.add(start)
        self._idle.put_nowait(start)

    def _discard(self, start: "_Start") -> None:
        """Kill a worker without waiting for its end, and start its replacement."""
        if start not in self._workers:
            return
        self._workers.remove(start)
        ending = asyncio.create_task(_end(start), name="end of a parser")
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
        if not self._closed:
            self._replace()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class _Worker:
    """One process, and the pipes to and from it."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._ended = False  # announced, or killed

    @classmethod
    async def start(cls, memory: int, seconds: float) -> "_Worker":
        """Start a process and wait until it is ready."""
        process = await asyncio.create_subprocess_exec(
            *_command(memory, seconds),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env=_environment(),
            start_new_session=True,  # Ctrl-C in the daemon's terminal is the daemon's
        )
        worker = cls(process)
        try:
            async with asyncio.timeout(_START_SECONDS):
                await worker._receive()
        except BaseException:
            await worker.end()
            raise
        return worker

    async def exchange(self, request: bytes) -> dict[str, Any]:
        """Send a request and wait for the answer.

        Raises: OSError, EOFError when the process ended; wire.BadAnswer.
        """
        assert self._process.stdin is not None  # noqa: S101 - opened with PIPE
        self._ended = True  # until a whole answer is read: what broke off in the middle cannot be spoken to again
        self._process.stdin.write(request)
        await self._process.stdin.drain()
        return await self._receive()

    async def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None  # noqa: S101 - opened with PIPE
        (length,) = wire.LENGTH.unpack(await self._process.stdout.readexactly(wire.LENGTH.size))
        if length > wire.ANSWER_LIMIT:
            raise wire.BadAnswer(f"{length} bytes")
        message = json.loads(await self._process.stdout.readexactly(length))
        if not isinstance(message, dict):
            raise wire.BadAnswer("no object")
        self._ended = bool(message.get("last"))
        return message

    @property
    def alive(self) -> bool:
        """Tell whether it can be given a further document."""
        return not self._ended and self._process.returncode is None

    async def end(self) -> None:
        """Kill the process, whatever it is doing, and wait until it is gone."""
        self._ended = True
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


_Start = asyncio.Task[_Worker]  # a worker, or the start of one


async def _end(start: _Start) -> None:
    start.cancel()
    with suppress(asyncio.CancelledError, OSError, EOFError, TimeoutError, ValueError):
        await (await start).end()


def _result(answer: dict[str, Any], url: str) -> ParsedFeed:
    match answer:
        case {"feed": dict(feed)}:
            try:
                return wire.decode(feed)
            except wire.BadAnswer as error:
                raise FeedError(url, "the parser gave an answer that makes no sense") from error
        case {"challenge": str(reason)}:
            raise Challenge(url, reason)
        case {"not_a_feed": str(reason)}:
            raise NotAFeed(url, reason)
        case {"error": str(reason)}:
            raise FeedError(url, reason)
        case {"memory": _}:
            raise ParseTimeout(url, "parsing needed more memory than it may have and was stopped")
        case _:
            raise FeedError(url, "the parser gave an answer that makes no sense")


def _command(memory: int, seconds: float) -> Sequence[str]:
    return (sys.executable, "-m", "aggregator.parsing", str(memory), str(seconds))


def _environment() -> dict[str, str]:
    """Give a worker what Python needs to start, and none of the secrets that the daemon's environment may hold."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    places = dict.fromkeys([*(path for path in sys.path if path), str(Path(__file__).parents[2])])
    return {**kept, "PYTHONPATH": os.pathsep.join(places), "PYTHONSAFEPATH": "1"}
