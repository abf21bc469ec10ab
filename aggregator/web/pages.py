"""The pages for people: written once per batch and language, then served from memory."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from threading import Lock
from time import monotonic
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from aggregator.errors import AggregatorError, InputError, NotFound
from aggregator.publishing.sources import lines
from aggregator.web import charts
from aggregator.web.documents import Document, renew, respond
from aggregator.web.messages import preferred
from aggregator.web.ranking import ranked
from aggregator.web.reader import Reader
from aggregator.web.writing import Writing

STATIC = Path(__file__).parent / "static"
_ON_FRONT = 40  # events of a page
_LOOKED_AT = 400  # of which the front page is chosen
_FOUND = 100
_OF_OUTLET = 30  # of its newest events
_MOST_PAGES = 128  # in memory, some 10 KB each
_LONGEST_QUERY = 1_000

Parameters = dict[str, str]
View = Callable[[str, Parameters], Response | str]


class PageRoutes:
    """Answers for everything that a browser shows."""

    def __init__(self, reader: Reader, base_url: str, prefix: str, title: str, lag: float) -> None:
        """`lag`: for how many seconds the generation need not be asked for again."""
        self._reader = reader
        self._base_url = base_url
        self._prefix = prefix
        self._writing = Writing(prefix, title)
        self._lag = lag
        self._generation: tuple[float, Hashable] = -inf, None  # until when it is taken for the present one
        self._lock = Lock()
        self._under_way: set[tuple[str, str]] = set()
        self._pages: OrderedDict[tuple[str, str], tuple[Hashable, Document]] = OrderedDict()

    def routes(self) -> list[BaseRoute]:
        """Give the routes."""
        return [
            Route("/", self._answer(self._front, "page", "language", "all")),
            Route("/events/{name}", self._answer(self._event)),
            Route("/search", self._answer(self._search, "q")),
            Route("/outlets/{outlet:path}", self._answer(self._outlet)),
            Route("/health", self._answer(self._health, kept=False)),
            Route("/health/{number:int}", self._answer(self._feed, kept=False)),
            Route("/overlap", self._answer(self._overlap)),
            Route("/subscribe", self._answer(self._subscribe)),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]

    def _answer(self, view: View, *known: str, kept: bool = True) -> Callable[[Request], object]:
        """Make an endpoint of a view; its page comes from memory while the generation lasts, where it is `kept`."""

        async def endpoint(request: Request) -> Response:
            language = preferred(request.headers.get("accept-language", ""))
            given = {name: request.query_params[name] for name in known if name in request.query_params}
            given |= {name: str(value) for name, value in request.path_params.items()}
            place = f"{request.url.path}?{urlencode(given)}", language
            page: Response | Document | None = self._held(place) if kept else None
            if page is None:
                page = await run_in_threadpool(self._page, view, place, given, kept)
            if isinstance(page, Response):
                return page
            answer = respond(page, request.headers, cache_control="no-cache")
            answer.headers["vary"] = "Accept-Encoding, Accept-Language"
            return answer

        return endpoint

    def _held(self, place: tuple[str, str]) -> Document | None:
        """Give a page that is in memory and current: a thread would wait its turn behind the clusterer's."""
        until, generation = self._generation
        known = self._pages.get(place)
        return known[1] if known is not None and known[0] == generation and monotonic() < until else None

    def _page(self, view: View, place: tuple[str, str], given: Parameters, kept: bool) -> Response | Document:
        """Give a page; while one request writes it anew, others get the one before rather than wait."""
        generation: Hashable = self._present() if kept else object()
        with self._lock:
            known = self._pages.get(place)
            if known is not None and (known[0] == generation or place in self._under_way):
                return known[1]
            self._under_way.add(place)
        try:
            return self._write(view, place, given, generation, known[1] if known else None)
        except AggregatorError as error:
            return self._failure(place[1], error)
        finally:
            with self._lock:
                self._under_way.discard(place)

    def _present(self) -> Hashable:
        asked = monotonic()
        generation = self._reader.generation()
        self._generation = asked + self._lag, generation
        return generation

    def _write(
        self, view: View, place: tuple[str, str], given: Parameters, generation: Hashable, before: Document | None
    ) -> Response | Document:
        written = view(place[1], given)
        if isinstance(written, Response):
            return written
        page = renew(before, written.encode(), "text/html", datetime.now(UTC))
        with self._lock:
            self._pages[place] = generation, page
            while len(self._pages) > _MOST_PAGES:
                self._pages.popitem(last=False)
        return page

    def _failure(self, language: str, error: AggregatorError) -> Response:
        status = 404 if isinstance(error, NotFound) else 400 if isinstance(error, InputError) else 500
        body = self._writing.page("error.html", language, reason=str(error), status=status)
        return Response(body, status_code=status, media_type="text/html", headers={"cache-control": "no-store"})

    def _front(self, language: str, given: Parameters) -> str:
        number, every = _page_number(given.get("page", "1")), given.get("all") == "1"
        spoken = given.get("language") or None
        recent = self._reader.recent(_LOOKED_AT, min_outlets=1 if every else 2, language=spoken)
        events = ranked(recent)
        shown = events[(number - 1) * _ON_FRONT : number * _ON_FRONT]
        more = number * _ON_FRONT < len(events)
        return self._writing.page(
            "front.html",
            language,
            events=shown,
            number=number,
            more=more,
            every=every,
            spoken=spoken,
            languages=self._reader.languages(),
        )

    def _event(self, language: str, given: Parameters) -> Response | str:
        view = self._reader.event(given["name"])
        if view.successor is not None or view.event.name != given["name"]:
            name = view.successor or view.event.name
            # A merged event leads to its successor for ever; the beginning of a name only while it is unique.
            return RedirectResponse(f"{self._prefix}/events/{name}", status_code=301 if view.successor else 302)
        found = lines(view.event.sources)
        titles = {source.entry: source for source in view.event.sources}
        return self._writing.page("event.html", language, view=view, lines=found, sources=titles, charts=charts)

    def _search(self, language: str, given: Parameters) -> str:
        query = given.get("q", "").strip()
        if len(query) > _LONGEST_QUERY:
            raise InputError(f"the search is longer than {_LONGEST_QUERY} characters")
        events = self._reader.search(query, _FOUND) if query else ()
        return self._writing.page("search.html", language, query=query, events=events)

    def _outlet(self, language: str, given: Parameters) -> str:
        return self._writing.page("outlet.html", language, view=self._reader.outlet(given["outlet"], _OF_OUTLET))

    def _health(self, language: str, given: Parameters) -> str:
        return self._writing.page("health.html", language, feeds=self._reader.feeds())

    def _feed(self, language: str, given: Parameters) -> str:
        return self._writing.page("feed.html", language, view=self._reader.feed(int(given["number"][:12])))

    def _overlap(self, language: str, given: Parameters) -> str:
        return self._writing.page("overlap.html", language, overlap=self._reader.overlap())

    def _subscribe(self, language: str, given: Parameters) -> str:
        outputs = self._reader.outputs()
        return self._writing.page("subscribe.html", language, outputs=outputs, base_url=self._base_url)


def _page_number(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 1_000:
        return int(text)
    raise InputError(f"page={text[:20]!r} is no number of a page")
