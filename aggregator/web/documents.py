"""Published files, ready to be sent: compressed and tagged once, when they change."""

import gzip
import hashlib
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from threading import Lock

from starlette.responses import Response

from aggregator.publishing.files import Version, version

_SECOND = timedelta(seconds=1)  # the resolution of HTTP dates (RFC 9110 §5.6.7)
_ENTITY_TAG = re.compile(r'(?:W/)?("[^"]*")')


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A body with its validators (RFC 9110 §8.8): the compressed form is another representation with its own tag.

    Only the compressed form is held, a sixth of the other, which few clients ask for.
    """

    compressed: bytes
    etag: str
    modified: datetime  # whole seconds; later than that of every version before
    media_type: str

    @property
    def body(self) -> bytes:
        """Give the body as it was written."""
        return gzip.decompress(self.compressed)

    @property
    def compressed_etag(self) -> str:
        """Give the strong tag of the compressed form."""
        return f'{self.etag[:-1]}-gzip"'

    @classmethod
    def of(cls, body: bytes, media_type: str, modified: datetime) -> "Document":
        """Compress and tag a body."""
        return cls(
            compressed=gzip.compress(body, 6, mtime=0),
            etag=_tag(body),
            modified=modified.replace(microsecond=0),
            media_type=media_type,
        )


def _tag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def renew(before: Document | None, body: bytes, media_type: str, modified: datetime) -> Document:
    """Give the document for a body: the one before where nothing changed, else one that is dated later.

    Two versions of one second would share a Last-Modified, and a client would keep the first for ever.
    """
    if before is not None and before.etag == _tag(body):
        return before
    document = Document.of(body, media_type, modified)
    if before is None or document.modified > before.modified:
        return document
    return replace(document, modified=before.modified + _SECOND)


class PublishedFolder:
    """Gives the files of the folder that the publisher writes to. For any number of threads."""

    def __init__(self, folder: Path, media_types: dict[str, str]) -> None:
        """`media_types` by suffix; other files are not given."""
        self._folder = folder
        self._media_types = media_types
        self._known: dict[str, tuple[Version, Document]] = {}
        self._lock = Lock()

    def version(self, name: str) -> Hashable:
        """Give a value that changes when a file does, without reading it."""
        try:
            return version(self._folder / name)
        except OSError:
            return None

    def held(self, name: str) -> Document | None:
        """Give a file that is in memory as it is now, without waiting for anything but the system; else None."""
        known = self._known.get(name)
        return known[1] if known is not None and known[0] == self.version(name) else None

    def document(self, name: str) -> Document | None:
        """Give a file by its name, as it is now; None where there is none."""
        media_type = self._media_types.get(name.rpartition(".")[2])
        if media_type is None or not re.fullmatch(r"[A-Za-z0-9_-]+\.[a-z]+", name):
            return None
        try:
            present = version(self._folder / name)
        except OSError:
            return None
        known = self._known.get(name)
        if not self._lock.acquire(blocking=known is None) and known is not None:
            return known[1]  # nobody waits while the next is compressed
        try:
            known = self._known.get(name)
            if known is not None and known[0] == present:
                return known[1]
            document = self._load(name, media_type, known[1] if known else None)
            if document is not None:
                self._known[name] = present, document
            return document
        finally:
            self._lock.release()

    def _load(self, name: str, media_type: str, before: Document | None) -> Document | None:
        try:
            body = (self._folder / name).read_bytes()
            modified = datetime.fromtimestamp((self._folder / name).stat().st_mtime, UTC)
        except OSError:
            return None
        return renew(before, body, media_type, modified)


def respond(document: Document, headers: Mapping[str, str], *, cache_control: str) -> Response:
    """Answer a GET or HEAD for a document: 304 where the client has it (RFC 9110 §13), compressed where it may be.

    `headers` by their names in lower case.
    """
    compressed = accepts_gzip(headers.get("accept-encoding", ""))
    given = {
        "etag": document.compressed_etag if compressed else document.etag,
        "last-modified": format_datetime(document.modified, usegmt=True),
        "cache-control": cache_control,
        "vary": "Accept-Encoding",
    }
    if _has(document, headers):
        return Response(status_code=304, headers=given)
    if compressed:
        given["content-encoding"] = "gzip"
    return Response(
        document.compressed if compressed else document.body,
        headers=given | {"content-type": f"{document.media_type}; charset=utf-8"},
    )


def accepts_gzip(accept_encoding: str) -> bool:
    """Read Accept-Encoding (RFC 9110 §12.5.3): gzip or a star that is not ruled out by q=0."""
    weights = {}
    for part in accept_encoding.lower().split(","):
        coding, _, parameter = part.partition(";")
        weights[coding.strip()] = parameter.replace(" ", "")
    weight = weights.get("gzip", weights.get("*"))
    return weight is not None and not re.fullmatch(r"q=0(\.0{0,3})?", weight)


def _has(document: Document, headers: Mapping[str, str]) -> bool:
    """Tell whether the client's copy is current; If-None-Match goes before If-Modified-Since (RFC 9110 §13.2.2)."""
    tags = headers.get("if-none-match")
    if tags is not None:
        return tags.strip() == "*" or bool({document.etag, document.compressed_etag} & set(_ENTITY_TAG.findall(tags)))
    since = headers.get("if-modified-since")
    if since is None:
        return False
    try:
        return document.modified <= parsedate_to_datetime(since)
    except (ValueError, TypeError, OverflowError):  # a date without a zone, or none
        return False
