"""What an event says of itself: headline, link and language, from one of its sources. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.clustering.representative import choose
from aggregator.model import EntryId, Event, FeedId
from aggregator.publishing.ids import event_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Speakers:
    """Who is to speak for events rather than others, and who only where there is nobody else."""

    preferred: frozenset[str] = frozenset()  # outlets
    silent: frozenset[FeedId] = frozenset()


ANYBODY = Speakers()


def composed(event: Event, now: datetime, speakers: Speakers = ANYBODY, pinned: EntryId | None = None) -> Event:
    """Give an event its headline, link and language from its sources, and from what it said before.

    `pinned`: the entry that a person chose to speak for it.
    """
    present = event.representative if event.headline else None
    speaker = choose(
        event.sources, preferred=speakers.preferred, silent=speakers.silent, pinned=pinned, present=present
    )
    if speaker is None:
        return replace(event, updated=now)
    return replace(
        event,
        name=event_name(event.id),
        headline=speaker.title,
        url=speaker.url,
        language=speaker.language,
        representative=speaker.entry,
        first_seen=min(source.first_seen for source in event.sources),
        updated=now,
    )
