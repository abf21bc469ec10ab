"""The web application: who may ask, and which part answers."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from aggregator.web.feeds import FeedRoutes
from aggregator.web.gate import Prefix, SecurityHeaders, Token
from aggregator.web.health import HealthRoutes
from aggregator.web.pages import PageRoutes
from aggregator.web.reader import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """How the application is reached."""

    base_url: str = "http://127.0.0.1:8650"  # public_url, or where the server listens; without a slash at the end
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "[::1]")  # names it answers to; "*" for all
    token: str | None = None  # whoever asks must know it
    title: str = "Events"

    @property
    def prefix(self) -> str:
        """Give the path of base_url, that a proxy may or may not strip."""
        return urlsplit(self.base_url).path.rstrip("/")


def create_app(reader: Reader, settings: WebSettings) -> Starlette:
    """Build the application over what `reader` tells."""
    public = urlsplit(settings.base_url).hostname
    hosts = {*settings.hosts, *([public] if public and ":" not in public else [])}
    return Starlette(
        routes=[
            *FeedRoutes(reader, settings.base_url, private=settings.token is not None).routes(),
            *HealthRoutes(reader).routes(),
            *PageRoutes(reader, settings.base_url, settings.prefix, settings.title).routes(),
        ],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(TrustedHostMiddleware, allowed_hosts=sorted(hosts), www_redirect=False),
            Middleware(Prefix, prefix=settings.prefix),
            Middleware(Token, token=settings.token),
        ],
    )
