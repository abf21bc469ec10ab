from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from aggregator.publishing import atom, jsonfeed, rss
from aggregator.publishing.files import write_if_changed
from aggregator.web.app import WebSettings, create_app
from aggregator.web.documents import Document, PublishedFolder
from aggregator.web.server import WebServer

MEDIA_TYPES = {"atom": atom.MEDIA_TYPE, "rss": rss.MEDIA_TYPE, "json": jsonfeed.MEDIA_TYPE}


class FolderReader:
    """A reader over a folder and values."""

    def __init__(self, folder: Path) -> None:
        self.folder = PublishedFolder(folder, MEDIA_TYPES)
        self.reason: str | None = None

    def document(self, name: str) -> Document | None:
        return self.folder.document(name)

    def not_ready(self) -> str | None:
        return self.reason


@pytest.fixture
def published(tmp_path: Path) -> Path:
    folder = tmp_path / "feeds"
    write_if_changed(folder / "events.atom", b"<feed>" + b"news " * 1000 + b"</feed>")
    write_if_changed(folder / "events.json", b"{}")
    return folder


@asynccontextmanager
async def serving(reader: FolderReader, settings: WebSettings | None = None) -> AsyncIterator[httpx.AsyncClient]:
    server = WebServer(create_app(reader, settings or WebSettings()), "127.0.0.1", 0)
    await server.start()
    try:
        async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
            yield client
    finally:
        await server.stop()
