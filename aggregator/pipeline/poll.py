"""One feed: fetch -> parse -> identify -> store. Whatever its server does costs an error of this feed alone."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from aggregator.database import entries, feeds, identities
from aggregator.database.feeds import Poll, StoredFeed
from aggregator.errors import Challenge, FeedError, NotAFeed
from aggregator.fetching.answers import OTHERS_TRY, brief
from aggregator.fetching.client import Client
from aggregator.model import (
    FailureKind,
    Fetched,
    FetchFailed,
    FetchResult,
    NotModified,
    ParsedEntry,
    ParsedFeed,
)
from aggregator.parsing import limits
from aggregator.parsing.dates import sort_time
from aggregator.parsing.identity import Decision, Edited, Known, New, match
from aggregator.parsing.keys import keys
from aggregator.parsing.worker import ParserPool
from aggregator.pipeline.access import PLAIN, Access
from aggregator.pipeline.standing_back import call_back, twin_of
from aggregator.scheduling.intervals import DAY, brought_forward, retried
from aggregator.scheduling.reach import NETWORK
from aggregator.scheduling.state import FeedState, Hints, Outcome, Parsed, Settings, Unreadable
from aggregator.scheduling.transitions import after, request_for, unchanged
from aggregator.scheduling.twins import look_after, redirected, stood_back
from aggregator.text.agencies import agency_of

NEW, NOTHING_NEW, NOT_MODIFIED = "new", "nothing new", "not modified"  # what a poll that did not fail came to
OutletOf = Callable[[str, str | None], str]  # (name, URL) that an entry gives for its source -> our name of that outlet


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A document that was read as a feed."""

    fetched: Fetched
    document: ParsedFeed


Answer = Read | Unreadable | FetchResult  # a `Fetched` alone: the last document again


@dataclass(frozen=True, slots=True, kw_only=True)
class PollReport:
    """What one poll of one feed came to; the state is the one after it."""

    feed: StoredFeed
    poll: Poll
    state: FeedState

    @property
    def failed(self) -> bool:
        """Say whether the poll brought an error."""
        return self.poll.outcome not in {NEW, NOTHING_NEW, NOT_MODIFIED}

    @property
    def offline(self) -> bool:
        """Say whether the error is not the feed's: no host was reached at all."""
        return self.failed and self.poll.outcome in NETWORK and self.state.errors == self.feed.state.errors


def retime(
    connection: Connection, settings: Callable[[StoredFeed], Settings], changed: Collection[str], now: datetime
) -> None:
    """Take up what a configuration says of when feeds are asked; those that failed and are asked otherwise go at once.

    `changed` are the URLs of the latter: who sets a password does not wait a day to see whether it is right.
    """
    for feed in feeds.all_feeds(connection):
        wanted = settings(feed)
        state = brought_forward(feed.state, wanted)
        if feed.url in changed and state.errors:
            state = retried(state, wanted, now)
        if feed.subscribed and state != feed.state:
            feeds.save_state(connection, state)


async def ask(state: FeedState, client: Client, parser: ParserPool, now: datetime, access: Access = PLAIN) -> Answer:
    """Fetch a feed and parse what it answers, unless that is the last document again."""
    result = await client.fetch(access.added_to(request_for(state, now)))
    if not isinstance(result, Fetched) or unchanged(state, result):
        return result
    try:
        document = await parser.parse(
            result.body,
            url=result.url,
            content_type=result.content_type,
            content_location=dict(result.headers).get("content-location"),
        )
        return Read(fetched=result, document=document)
    except Challenge as error:
        return Unreadable(fetched=result, kind=FailureKind.BLOCKED, reason=f"{error.reason}; try {OTHERS_TRY}")
    except FeedError as error:
        kind = FailureKind.NOT_A_FEED if isinstance(error, NotAFeed) else FailureKind.PARSE
        return Unreadable(fetched=result, kind=kind, reason=brief(error.reason))


def store(
    connection: Connection,
    feed: StoredFeed,
    answer: Answer,
    *,
    now: datetime,
    settings: Settings,
    outlet_of: OutletOf,
    offline: bool = False,
    otherwise: bool = False,
) -> PollReport:
    """Store what a poll brought: entries, validators and the next check, in the caller's one transaction.

    A configuration may have been taken up since the feed was claimed. `otherwise`: it is to be asked otherwise than it
    was, so that a failure says nothing of how it will be.
    """
    if (row := feeds.by_url(connection, feed.url)) is not None:
        feed = replace(row, state=feed.state)  # which has a name or an outlet that is new
    brought, outcome = Brought(), _outcome(answer)
    if isinstance(answer, Read) and (twin := twin_of(connection, feed, answer.fetched)) is not None:
        return _left_to(twin, connection, feed, answer, now=now, settings=settings)
    if isinstance(answer, Read):
        brought = store_entries(connection, feed, answer.document, now, outlet_of)
        feeds.save_title(connection, feed, answer.document.title, answer.document.site_url)
        outcome = _parsed(answer, brought)
    state = after(replace(feed.state, stands_back=None), outcome, now, settings, offline=offline)
    if otherwise and state.errors:
        state = retried(state, settings, now)
    poll = _poll(answer, brought, state, now)
    feeds.save_state(connection, state)
    feeds.add_poll(connection, feed.id, poll)
    if (state.errors and not feed.state.errors) or state.answered_url != feed.state.answered_url:
        call_back(connection, feed.id, now, settings)
    return PollReport(feed=feed, poll=poll, state=state)


def _left_to(
    twin: StoredFeed, connection: Connection, feed: StoredFeed, answer: Read, *, now: datetime, settings: Settings
) -> PollReport:
    """Leave a document's entries to the other subscription; should that fail, this one asks for all of it."""
    state = after(feed.state, Parsed(fetched=answer.fetched), now, settings)
    state = replace(state, validators=None, body_hash=feed.state.body_hash)
    state = stood_back(state, twin.id, twin.label, now, look_after(feed.state) if redirected(state) else DAY)
    poll = _poll(answer, Brought(), state, now)
    feeds.save_state(connection, state)
    feeds.add_poll(connection, feed.id, poll)
    return PollReport(feed=feed, poll=poll, state=state)


def _parsed(answer: Read, brought: "Brought") -> Outcome:
    document = answer.document
    return Parsed(
        fetched=answer.fetched,
        broke_off=document.truncated,
        new=brought.new,
        published=brought.published,
        hints=Hints(ttl=document.ttl, skip_hours=document.skip_hours, skip_days=document.skip_days),
    )


def _outcome(answer: Answer) -> Outcome:
    return Parsed(fetched=answer.fetched) if isinstance(answer, Read) else answer


def _poll(answer: Answer, brought: "Brought", state: FeedState, now: datetime) -> Poll:
    match answer:
        case Read(fetched=fetched):
            came_to = NEW if brought.new or brought.edited else NOTHING_NEW
            broke_off = answer.document.truncated
            return Poll(
                at=now,
                outcome=FailureKind.TRUNCATED if broke_off else came_to,
                status=200,
                reason=state.reason if broke_off else None,
                bytes=fetched.wire_bytes,
                elapsed=fetched.elapsed,
                new=brought.new,
                edited=brought.edited,
            )
        case Fetched():
            return Poll(at=now, outcome=NOTHING_NEW, status=200, bytes=answer.wire_bytes, elapsed=answer.elapsed)
        case NotModified():
            return Poll(at=now, outcome=NOT_MODIFIED, status=304, elapsed=answer.elapsed)
        case Unreadable(fetched=fetched, kind=kind):
            size = fetched.wire_bytes
            return Poll(at=now, outcome=kind, status=200, reason=state.reason, bytes=size, elapsed=fetched.elapsed)
        case FetchFailed():
            return Poll(at=now, outcome=answer.kind, status=answer.status, reason=answer.reason, elapsed=answer.elapsed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What a document held that was not stored yet."""

    new: int = 0
    edited: int = 0
    published: tuple[datetime, ...] = ()  # of the new ones, as far as they say


def store_entries(
    connection: Connection, feed: StoredFeed, parsed: ParsedFeed, now: datetime, outlet_of: OutletOf
) -> Brought:
    """Store the new and edited entries of a document, oldest first, so that ids follow the order of publication."""
    known = identities.known(connection, feed.id, [keys(entry) for entry in parsed.entries])
    imported = feed.state.body_hash is None and feed.state.last_new is None
    decided = _bounded(match(parsed.entries, known))
    new = edited = 0
    for decision in reversed(decided):
        match decision:
            case New(entry=entry):
                entry_id = entries.add(connection, _row(entry, feed, parsed, now, outlet_of) | {"imported": imported})
                identities.add(
                    connection,
                    entry_id,
                    feed.id,
                    decision.keys,
                    published=entry.published,
                    digest=decision.digest,
                    now=now,
                )
                new += 1
            case Edited(entry=entry, known=stored) if not identities.is_pruned(stored):
                entries.edit(connection, stored.id, _edit(entry, feed), now)
                identities.change(connection, stored.id, decision.keys, digest=decision.digest)
                edited += 1
    identities.seen(connection, [one.known.id for one in decided if isinstance(one, (Known, Edited))], now)
    published = [one.entry.published for one in decided if isinstance(one, New)]
    return Brought(new=new, edited=edited, published=tuple(time for time in published if time is not None))


def _bounded(decided: Sequence[Decision]) -> list[Decision]:
    """Shorten what is to be written. Whether it changes is decided by all of it, so that it is not edited for ever."""
    written = iter(limits.shortened([one.entry for one in decided if not isinstance(one, Known)]))
    return [one if isinstance(one, Known) else replace(one, entry=next(written)) for one in decided]


def _row(
    entry: ParsedEntry, feed: StoredFeed, parsed: ParsedFeed, now: datetime, outlet_of: OutletOf
) -> dict[str, object]:
    return {
        "feed_id": feed.id,
        "author": ", ".join(entry.authors),
        "tags": list(entry.tags),
        "outlet": outlet_of(entry.outlet, entry.outlet_url) if entry.outlet else feed.outlet,
        "language": feed.language or entry.language or parsed.language,
        "published": entry.published,
        "first_seen": now,
        "time": sort_time(entry.published, now),
        **_edit(entry, feed),
    }


def _edit(entry: ParsedEntry, feed: StoredFeed) -> dict[str, object]:
    """Give what an edit may change."""
    return {
        "url": entry.url,
        "title": entry.title,
        "summary": entry.summary,
        "html": entry.html,
        "image": entry.image,
        "agency": agency_of(
            text=entry.summary, authors=entry.authors, outlet=entry.outlet or feed.outlet, url=entry.url
        ),
    }
