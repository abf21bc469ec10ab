"""The web application: who may ask, and which part answers."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp

from aggregator.web.feeds import FeedRoutes, lifetime
from aggregator.web.gate import Origin, Prefix, SecurityHeaders, Token
from aggregator.web.health import HealthRoutes
from aggregator.web.pages import PageRoutes
from aggregator.web.quick import Quick
from aggregator.web.reader import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """How the application is reached."""

    base_url: str = "http://127.0.0.1:8650"  # public_url, or where the server listens; without a slash at the end
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "[::1]")  # names it answers to; "*" for all
    token: str | None = None  # whoever asks must know it
    title: str = "Events"
    lag: float = 1.0  # seconds that a page may be behind the store

    @property
    def prefix(self) -> str:
        """Give the path of base_url, that a proxy may or may not strip."""
        return urlsplit(self.base_url).path.rstrip("/")


def create_app(reader: Reader, settings: WebSettings) -> ASGIApp:
    """Build the application over what `reader` tells."""
    public = urlsplit(settings.base_url).hostname
    hosts = sorted({*settings.hosts, *([public] if public and ":" not in public else [])})
    cache_control = lifetime(private=settings.token is not None)
    ordinary = Starlette(
        routes=[
            *FeedRoutes(reader, settings.base_url, cache_control).routes(),
            *HealthRoutes(reader).routes(),
            *PageRoutes(reader, settings.base_url, settings.prefix, settings.title, settings.lag).routes(),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False),
            Middleware(Origin, hosts=hosts),
            Middleware(Prefix, prefix=settings.prefix),
            Middleware(Token, token=settings.token),
        ],
    )
    quick = Quick(
        ordinary,
        reader.held,
        hosts=hosts,
        prefix=settings.prefix,
        token=settings.token,
        cache_control=cache_control,
    )
    return SecurityHeaders(quick)
