"""What the web application is told, out of a store."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from aggregator.config import ServerConfig
from aggregator.database.engine import Database
from aggregator.database.store import setting
from aggregator.errors import StoreError
from aggregator.web.app import WebSettings
from aggregator.web.documents import Document, PublishedFolder

MEDIA_TYPES = {"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}


@dataclass(slots=True)
class StoreReader:
    """Reads the published files and the database of one store."""

    database: Database
    folder: Path  # of the published feeds
    _files: PublishedFolder = field(init=False)

    def __post_init__(self) -> None:
        self._files = PublishedFolder(self.folder, MEDIA_TYPES)

    def document(self, name: str) -> Document | None:
        """Give a published file (`events.atom`); None where there is none."""
        return self._files.document(name)

    def not_ready(self) -> str | None:
        """Say why feeds cannot be served; None when all is well."""
        try:
            with self.database.read() as connection:
                setting(connection, "installation")
        except StoreError as error:
            return str(error)
        return None if self._files.document("events.atom") else "nothing has been published yet"


def web_settings(server: ServerConfig) -> WebSettings:
    """Say by which names the server answers."""
    public = urlsplit(server.public_url or "")
    own = [server.host] if server.host not in {"0.0.0.0", "::"} else []  # noqa: S104  a comparison, nothing is bound
    names = ["127.0.0.1", "localhost", "[::1]", *own, *([public.hostname] if public.hostname else [])]
    return WebSettings(hosts=tuple(dict.fromkeys(names)), prefix=public.path.rstrip("/"))
