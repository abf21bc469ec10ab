"""How a document is put together, in every format: a head, an entry for each release, a tail."""

from collections.abc import Callable
from dataclasses import dataclass

from aggregator.publishing.channel import Channel, Release
from aggregator.publishing.content import Body, body


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format. An entry's bytes depend on its release alone, so that they can be kept while it says the same."""

    media_type: str
    head: Callable[[Channel], bytes]
    entry: Callable[[Channel, Release, Body], bytes]
    between: bytes = b""
    tail: bytes

    def write(self, channel: Channel) -> bytes:
        """Give the document; the same channel gives the same bytes."""
        entries = [self.entry(channel, release, body(channel, release)) for release in channel.releases]
        return self.head(channel) + self.between.join(entries) + self.tail
