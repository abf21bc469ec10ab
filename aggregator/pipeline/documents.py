"""The documents of the output feeds as files: written whole, rendered entry by entry.

A document of some thousand entries takes seconds to render, and most of them say what they said the last time. So each
document is its own memory: what stands where in it is noted when it is written, and entries whose stamp is still the
same are copied out of it. The notes are lost with the program; then everything is rendered once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from aggregator.database.publications import Key, Mark
from aggregator.errors import StoreError
from aggregator.publishing.channel import Channel, Place, empty
from aggregator.publishing.content import body
from aggregator.publishing.files import Version, version, write_if_changed
from aggregator.publishing.format import Format
from aggregator.publishing.formats import FORMATS
from aggregator.publishing.publication import OutputFeed

AT_ONCE = 500  # entries that are in memory with their events while they are rendered

Spans = Mapping[Key, tuple[int, int, int]]  # stamp, begin and end of an entry
Compose = Callable[[Sequence[Mark]], Channel]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Note:
    """What stands where in a file, and by which rules it was written."""

    version: Version
    rules: tuple[OutputFeed, Place]
    spans: Spans


@dataclass(slots=True)
class Documents:
    """Writes the files of a folder."""

    folder: Path
    _notes: dict[Path, _Note] = field(default_factory=dict, init=False)

    def forget(self) -> None:
        """Render every entry anew the next time."""
        self._notes.clear()

    def paths(self, feed: OutputFeed) -> list[Path]:
        """Give the files of an output feed."""
        return [self.folder / f"{feed.name}.{suffix}" for suffix in feed.formats]

    def write(self, feed: OutputFeed, place: Place, marks: Sequence[Mark], compose: Compose) -> list[Path]:
        """Write what the marks stand for, in their order; gives the files whose bytes have changed.

        `compose` shows some of them; it is asked for those alone that say something else than the last time.
        """
        spans = {path: self._spans(path, (feed, place)) for path in self.paths(feed)}
        changed = [mark for mark in marks if any(_stamp(known, mark) != mark.stamp for known in spans.values())]
        rendered = _rendered(feed, changed, compose)
        head = replace(empty(feed, place), updated=marks[0].updated) if marks else empty(feed, place)
        written = []
        for suffix, (path, known) in zip(feed.formats, spans.items(), strict=True):
            pieces = _copied(path, known) | rendered[suffix]
            data, now = _assembled(FORMATS[suffix], head, marks, pieces)
            if write_if_changed(path, data):
                written.append(path)
            self._notes[path] = _Note(version=version(path), rules=(feed, place), spans=now)
        return written

    def _spans(self, path: Path, rules: tuple[OutputFeed, Place]) -> Spans:
        """Give what stands in a file; nothing where it was written by other rules, or by somebody else."""
        note = self._notes.get(path)
        try:
            return note.spans if note is not None and (note.rules, note.version) == (rules, version(path)) else {}
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise StoreError(f"{path}: cannot be read: {error.strerror or error}") from error


def _stamp(spans: Spans, mark: Mark) -> int | None:
    known = spans.get(mark.key)
    return known[0] if known is not None else None


def _rendered(feed: OutputFeed, marks: Sequence[Mark], compose: Compose) -> dict[str, dict[Key, bytes]]:
    """Render entries in each format; what they say is written once for all."""
    found: dict[str, dict[Key, bytes]] = {suffix: {} for suffix in feed.formats}
    for start in range(0, len(marks), AT_ONCE):
        channel = compose(marks[start : start + AT_ONCE])
        for release in channel.releases:
            key, said = (release.publication.event, release.publication.serial), body(channel, release)
            for suffix in feed.formats:
                found[suffix][key] = FORMATS[suffix].entry(channel, release, said)
    return found


def _copied(path: Path, spans: Spans) -> dict[Key, bytes | memoryview]:
    if not spans:
        return {}
    document = memoryview(path.read_bytes())
    return {key: document[begin:end] for key, (_, begin, end) in spans.items()}


def _assembled(
    written: Format, head: Channel, marks: Sequence[Mark], pieces: Mapping[Key, bytes | memoryview]
) -> tuple[bytes, Spans]:
    """Put a document together; also say what stands where in it."""
    parts: list[bytes | memoryview] = [written.head(head)]
    spans: dict[Key, tuple[int, int, int]] = {}
    at = len(parts[0])
    for mark in marks:
        piece = pieces.get(mark.key)
        if piece is None:  # deleted by `store prune`, which works beside the daemon, since the marks were read
            continue
        if spans:
            parts.append(written.between)
            at += len(written.between)
        parts.append(piece)
        spans[mark.key] = mark.stamp, at, at + len(piece)
        at += len(piece)
    return b"".join([*parts, written.tail]), spans
