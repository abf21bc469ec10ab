"""Serve the output feeds, whole or narrowed, and the lists of feeds."""

from collections import OrderedDict
from collections.abc import Hashable, Iterable
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from aggregator.errors import InputError
from aggregator.parsing import opml
from aggregator.parsing.opml import Subscription
from aggregator.publishing.channel import Channel
from aggregator.publishing.formats import FORMATS
from aggregator.web import narrowing
from aggregator.web.documents import Document, renew, respond
from aggregator.web.narrowing import Narrowing
from aggregator.web.reader import Reader

MEDIA_TYPES = {suffix: written.media_type for suffix, written in FORMATS.items()}
_OPML = "text/x-opml"
_LIFETIME = "max-age=300"  # a poll sooner finds nothing new that matters
_MOST_NARROWED = 64


def lifetime(*, private: bool) -> str:
    """Say in Cache-Control for how long a feed need not be asked for again, and by whom it may be kept."""
    return f"private, {_LIFETIME}" if private else _LIFETIME


class FeedRoutes:
    """Answers for /feeds/ and /opml/."""

    def __init__(self, reader: Reader, base_url: str, cache_control: str) -> None:
        self._reader = reader
        self._base_url = base_url
        self._cache_control = cache_control
        self._started = datetime.now(UTC)  # the lists' date: they must not differ from one answer to the next
        self._lists: dict[str, Document] = {}
        self._narrowed: OrderedDict[tuple[str, str], tuple[Hashable, Document]] = OrderedDict()

    def routes(self) -> list[Route]:
        """Give the routes."""
        return [
            Route("/feeds/{name}.{suffix}", self._feed),
            Route("/opml/feeds.opml", self._own_list),
            Route("/opml/subscriptions.opml", self._subscriptions),
        ]

    async def _feed(self, request: Request) -> Response:
        name, suffix = request.path_params["name"], request.path_params["suffix"]
        try:
            wanted = narrowing.read(request.query_params.multi_items())
            # a thread would wait its turn behind the clusterer's (twice 5 ms): most answers are that nothing is new
            document = self._reader.held(f"{name}.{suffix}") if wanted is None else None
            if document is None:
                document = await run_in_threadpool(self._document, name, suffix, wanted)
        except InputError as error:
            return PlainTextResponse(f"{error}\n", status_code=400)
        if document is None:
            return PlainTextResponse(f"There is no feed {name}.{suffix}.\n", status_code=404)
        return respond(document, request.headers, cache_control=self._cache_control)

    def _document(self, name: str, suffix: str, wanted: Narrowing | None) -> Document | None:
        if wanted is None:
            return self._reader.document(f"{name}.{suffix}")
        channel = self._reader.channel(name) if suffix in FORMATS else None
        return None if channel is None else self._narrow(channel, suffix, wanted)

    def _narrow(self, channel: Channel, suffix: str, wanted: Narrowing) -> Document:
        key, generation = (f"{channel.name}.{suffix}", wanted.query), self._reader.generation()
        known = self._narrowed.get(key)
        if known is not None and known[0] == generation:
            return known[1]
        part = wanted.apply(channel)
        document = renew(known[1] if known else None, FORMATS[suffix].write(part), MEDIA_TYPES[suffix], part.updated)
        self._narrowed[key] = generation, document
        while len(self._narrowed) > _MOST_NARROWED:
            self._narrowed.popitem(last=False)
        return document

    async def _own_list(self, request: Request) -> Response:
        own = [
            Subscription(url=f"{self._base_url}/feeds/{name}.atom", name=title, site_url=f"{self._base_url}/")
            for name, title in await run_in_threadpool(self._reader.outputs)
        ]
        return self._opml("Events", own, request)

    async def _subscriptions(self, request: Request) -> Response:
        return self._opml("Subscriptions", await run_in_threadpool(self._reader.subscriptions), request)

    def _opml(self, title: str, feeds: Iterable[Subscription], request: Request) -> Response:
        body = opml.write(feeds, title=title, now=self._started)
        document = self._lists[title] = renew(self._lists.get(title), body, _OPML, datetime.now(UTC))
        return respond(document, request.headers, cache_control="no-cache")
