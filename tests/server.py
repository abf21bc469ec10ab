"""A scripted HTTP server on loopback: says what a test tells it to, byte for byte, and remembers what it was asked."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]  # names in lower case; bytes as Latin-1
    at: float  # monotonic seconds
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `length` overrides the true Content-Length, None sends none and closes at the end."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    length: int | None = -1
    delay: float = 0.0  # seconds before the first byte
    drip: float = 0.0  # seconds between two bytes of the body
    close: bool = False
    raw: bytes | None = None  # sent in place of all that


Script = Callable[[Asked], Reply | Awaitable[Reply]]


def reply(status: int = 200, body: bytes = b"", /, **headers: str) -> Reply:
    """Write a reply; header names have underscores for hyphens."""
    return Reply(status, tuple((name.replace("_", "-"), text) for name, text in headers.items()), body)


@dataclass(slots=True)
class Server:
    """One listening server; `pages` maps a target to its replies, the last of which is repeated."""

    host: str
    port: int
    pages: dict[str, list[Reply] | Script] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    busy: int = 0
    most_busy: int = 0
    tls: bool = False

    def url(self, target: str = "/feed", *, name: str | None = None) -> str:
        """Give the URL of a page, by another name where one is given."""
        return f"http{'s' if self.tls else ''}://{name or self.host}:{self.port}{target}"

    def on(self, target: str, *replies: Reply) -> str:
        """Set what a page answers, in turn; give its URL."""
        self.pages[target] = list(replies)
        return self.url(target)

    def do(self, target: str, script: Script) -> str:
        """Have a function answer a page; give its URL."""
        self.pages[target] = script
        return self.url(target)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection until either side has enough."""
        self.connections += 1
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, ssl.SSLError):
                while await self._exchange(reader, writer):
                    pass
            writer.close()
        except asyncio.CancelledError:
            writer.transport.abort()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; tell whether the connection stays."""
        asked = await self._request(reader)
        self.asked.append(asked)
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        try:
            answer = await self._answer(asked)
            await self._send(writer, answer)
        finally:
            self.busy -= 1
        return not (answer.close or answer.length is None or answer.raw is not None)

    async def _request(self, reader: asyncio.StreamReader) -> Asked:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        fields = (line.partition(":") for line in lines if line)
        headers = {name.lower(): text.strip(" ") for name, _, text in fields}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        return Asked(method, target, headers, monotonic(), body)

    async def _answer(self, asked: Asked) -> Reply:
        page = self.pages.get(asked.target, [Reply(404)])
        if isinstance(page, list):
            return page.pop(0) if len(page) > 1 else page[0]
        answer = page(asked)
        return answer if isinstance(answer, Reply) else await answer

    async def _send(self, writer: asyncio.StreamWriter, answer: Reply) -> None:
        await asyncio.sleep(answer.delay)
        if answer.raw is not None:
            writer.write(answer.raw)
            return await writer.drain()
        length = len(answer.body) if answer.length == -1 else answer.length
        lines = [f"HTTP/1.1 {answer.status} Said", *(f"{name}: {text}" for name, text in answer.headers)]
        if length is not None and answer.status != 304:
            lines.append(f"Content-Length: {length}")
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        for piece in _pieces(answer):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(answer.drip)
        return None


def _pieces(answer: Reply) -> Iterable[bytes]:
    if answer.drip:
        return (answer.body[i : i + 1] for i in range(len(answer.body)))
    return (answer.body[i : i + 65536] for i in range(0, len(answer.body), 65536))


@contextlib.asynccontextmanager
async def serving(
    host: str = "127.0.0.1", *, tls: ssl.SSLContext | None = None, port: int = 0
) -> AsyncIterator[Server]:
    """Run a server on a loopback address while a test lasts."""
    server = Server(host, port, tls=tls is not None)
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(server.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listener = await asyncio.start_server(accept, host, port, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # for the transports to close
