"""One look at a feed: what its publisher, or who reads it, would want to know. Nothing is stored."""

import asyncio
import shlex
from calendar import day_name
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.config import format_duration
from aggregator.errors import InputError
from aggregator.fetching.client import Client
from aggregator.fetching.shown import carried, shown
from aggregator.model import FailureKind, Fetched, FetchFailed, Hop, NotModified, ParsedFeed
from aggregator.parsing import discovery, encoding, limits
from aggregator.parsing.worker import ParserPool
from aggregator.pipeline.access import PLAIN, Access
from aggregator.pipeline.poll import Answer, Read, ask
from aggregator.scheduling.state import FeedState, Unreadable

_PERMANENT = frozenset({301, 308})
_LARGE = 1_000_000  # bytes; nine in ten feeds are below 200 KB
_TRIED = 3  # feeds of a page that are asked before giving up


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to know; a fault is one that somebody should put right."""

    about: str
    text: str
    fault: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """What one fetch of a feed showed. `url` is as it was asked."""

    url: str
    readable: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """A feed that was found under a URL, read; the other feeds that the page names."""

    url: str
    answer: Read
    others: tuple[str, ...] = ()

    @property
    def document(self) -> ParsedFeed:
        """Give what the feed holds."""
        return self.answer.document


async def look(url: str, client: Client, parser: ParserPool, now: datetime, access: Access = PLAIN) -> Checkup:
    """Fetch a feed once and say how it is."""
    answer = await ask(FeedState(feed=0, url=url), client, parser, now, access)
    return Checkup(url=url, readable=isinstance(answer, Read), findings=tuple(findings(answer, now)))


async def look_at_all(
    urls: Sequence[str],
    client: Client,
    parser: ParserPool,
    now: datetime,
    *,
    told: Callable[[], None],
    accesses: Mapping[str, Access] | None = None,
    resting: Mapping[str, datetime] | None = None,
) -> list[Checkup]:
    """Fetch feeds beside one another, as far as politeness lets them, and give what was seen in the same order.

    `told` is called after each; `accesses` says of some URLs how they are asked, `resting` until when their servers
    want to be left alone (Retry-After), which a person's curiosity does not change.
    """

    async def one(url: str) -> Checkup:
        try:
            until = (resting or {}).get(url)
            if until is not None and until > now:
                text = f"not asked: its server wants to be left alone until {until:%Y-%m-%d %H:%M} UTC (Retry-After)"
                return Checkup(url=url, readable=False, findings=(Finding(about="fetch", text=text, fault=True),))
            return await look(url, client, parser, now, (accesses or {}).get(url, PLAIN))
        finally:
            told()

    return await asyncio.gather(*map(one, urls))


async def discover(url: str, client: Client, parser: ParserPool, now: datetime) -> Discovered:
    """Find the feed at a URL, or the first working one that the page there names.

    A name and password in the URL go along to what is of the same origin.

    Raises:
        InputError: there is none, or the URL cannot be read; says why and what to try.
    """
    answer = await ask(FeedState(feed=0, url=url), client, parser, now)
    if isinstance(answer, Read):
        return Discovered(url=settled_url(url, answer.fetched), answer=answer)
    if not isinstance(answer, Unreadable):
        raise InputError(_why_not(url, answer) + _protected(url, answer))
    page, reason = answer.fetched, answer.reason
    found = discovery.find(page.body, url=page.url, content_type=page.content_type)
    named = [carried(url, feed.url) for feed in found.feeds if feed.url not in (url, page.url)]
    for place, candidate in enumerate(named[:_TRIED]):
        read = await ask(FeedState(feed=0, url=candidate), client, parser, now)
        if isinstance(read, Read):
            others = tuple(named[:place] + named[place + 1 :])
            return Discovered(url=settled_url(candidate, read.fetched), answer=read, others=others)
        answer = read
    if named:
        raise InputError(f"the feeds that {shown(page.url)} names cannot be read; {_why_not(named[0], answer)}")
    hint = f"; perhaps it is at {' or '.join(map(shown, found.suggestions[:3]))}" if found.suggestions else ""
    raise InputError(f"{shown(url)} is no feed ({reason}) and names none{hint}")


def _protected(url: str, answer: Answer) -> str:
    """Say how to subscribe to what opens only with more than a URL."""
    if not isinstance(answer, FetchFailed) or answer.kind is not FailureKind.BLOCKED:
        return ""
    told = shlex.quote(url) if shown(url) == url else "URL"
    return (
        f"; to add it with what opens it: `aggregator feeds add --unseen {told}`, then `aggregator feeds set {told}"
        " KEY=VALUE`, as 'auth={user: NAME, password_env: VARIABLE}', then `aggregator feeds check`"
    )


def settled_url(url: str, fetched: Fetched) -> str:
    """Give the URL to subscribe to: where permanent redirects alone led, else the one that was asked."""
    moved = bool(fetched.hops) and all(hop.status in _PERMANENT for hop in fetched.hops)
    return carried(url, fetched.url) if moved else url


def findings(answer: Answer, now: datetime) -> Iterator[Finding]:
    """Say what is to be known of an answer, the worst first."""
    match answer:
        case Read(fetched=fetched, document=document):
            found = [*_of_document(document, now), *_of_answer(fetched, feed=True)]
            yield from sorted(found, key=lambda finding: not finding.fault)
        case Unreadable(fetched=fetched, reason=reason):
            yield Finding(about="document", text=reason, fault=True)
            yield from _of_page(fetched)
            yield from _of_answer(fetched, feed=False)
        case FetchFailed():
            yield Finding(about="fetch", text=_why_not(answer.url, answer), fault=True)
            yield from _of_hops(answer.hops, feed=False)
        case Fetched() | NotModified():  # only for a feed of which something is known, and here nothing is
            yield Finding(about="fetch", text="the server answered a question that was not asked", fault=True)


def _of_page(page: Fetched) -> Iterator[Finding]:
    """Say which feeds are named by what came in place of one."""
    for feed in discovery.find(page.body, url=page.url, content_type=page.content_type).feeds[:_TRIED]:
        yield Finding(about="document", text=f"it names a feed: {shown(feed.url)}")


def _why_not(url: str, answer: Answer) -> str:
    match answer:
        case FetchFailed(reason=reason, status=status):
            code = f" (status {status})" if status is not None and str(status) not in reason else ""
            return f"{shown(url)}: {reason}{code}"
        case Unreadable(reason=reason):
            return f"{shown(url)}: {reason}"
        case _:
            return f"{shown(url)} gave no document"


def _of_hops(hops: Sequence[Hop], *, feed: bool) -> Iterator[Finding]:
    """Say where redirects lead; `feed`: whether there is one, so that its URL is worth writing down."""
    for at, hop in enumerate(hops):
        permanent = all(before.status in _PERMANENT for before in hops[: at + 1])
        further = at + 1 < len(hops) and hops[at + 1].status in _PERMANENT
        where, advice = shown(hop.target), "redirected for now"
        if permanent:
            advice = "moved for good" if feed else "moved for good, but no feed came from there"
            if feed and not further:
                masked = "it with what is masked here, as `curl -I` prints it"
                advice += f"; write {'this URL' if where == hop.target else masked}"
        yield Finding(about="redirect", text=f"{hop.status} to {where}: {advice}", fault=permanent)


def _of_answer(fetched: Fetched, *, feed: bool) -> Iterator[Finding]:
    """Say how the server delivers: redirects, caching, compression, encoding, size, time."""
    yield from _of_hops(fetched.hops, feed=feed)
    kept = fetched.validators
    names = [
        name
        for name, is_there in (("ETag", kept and kept.etag), ("Last-Modified", kept and kept.last_modified))
        if is_there
    ]
    if names:
        yield Finding(about="validators", text=f"{' and '.join(names)} given; the next poll asks with them")
    else:
        yield Finding(
            about="validators", text="neither ETag nor Last-Modified: every poll fetches all of it", fault=True
        )
    coding = next((value for name, value in fetched.headers if name.lower() == "content-encoding"), "")
    size = f"{len(fetched.body):,} bytes, {fetched.wire_bytes:,} on the wire"
    yield Finding(about="compression", text=coding or "none", fault=not coding and len(fetched.body) > 10_000)
    yield Finding(about="size", text=size, fault=len(fetched.body) > _LARGE)
    media_type = (fetched.content_type or "").partition(";")[0].strip().lower()
    odd = not any(word in media_type for word in ("xml", "rss", "atom", "json"))
    yield Finding(about="media type", text=media_type or "none", fault=odd)
    yield Finding(about="encoding", text=encoding.decode(fetched.body, fetched.content_type).encoding)
    if fetched.freshness.lifetime is not None:
        yield Finding(about="caching", text=f"fresh for {format_duration(fetched.freshness.lifetime)}")
    milliseconds = round(fetched.elapsed / timedelta(milliseconds=1))
    yield Finding(about="time", text=f"answered in {milliseconds:,} ms", fault=milliseconds > 10_000)


def _of_document(document: ParsedFeed, now: datetime) -> Iterator[Finding]:
    """Say what the document holds: entries, their dates and guids, its faults."""
    entries = document.entries
    count = f"{len(entries)} entries" + (f", {document.dropped} more left out" if document.dropped else "")
    yield Finding(about="document", text=f"{document.format}, {document.title!r}, {count}", fault=not entries)
    if cut := sum(one is not other for one, other in zip(entries, limits.shortened(entries), strict=True)):
        text = f"more than {limits.TEXT:,} characters: where all are new, {cut} of {len(entries)} are shortened"
        yield Finding(about="document", text=text, fault=True)
    for problem in document.problems:
        yield Finding(about="document", text=problem, fault=True)
    if not entries:
        return
    if not document.title:
        yield Finding(about="title", text="none of its own", fault=True)
    dated = [entry.published or entry.updated for entry in entries]
    dates = [date for date in dated if date is not None]
    ahead = sum(date > now + timedelta(hours=24) for date in dates)
    newest = max((date for date in dates if date <= now + timedelta(hours=24)), default=None)
    told = f"{len(dates)} of {len(entries)} have one" + (f", the newest {newest:%Y-%m-%d %H:%M} UTC" if newest else "")
    yield Finding(about="dates", text=told, fault=len(dates) < len(entries))
    if ahead:
        yield Finding(about="dates", text=f"{ahead} lie more than a day ahead", fault=True)
    guids = Counter(entry.guid for entry in entries if entry.guid)
    repeated = sum(times > 1 for times in guids.values())
    told = f"{guids.total()} of {len(entries)} have one" + (f", {repeated} of them are on several" if repeated else "")
    yield Finding(about="guids", text=told, fault=bool(repeated) or guids.total() < len(entries))
    for name, missing in (
        ("links", sum(entry.url is None for entry in entries)),
        ("titles", sum(not entry.title for entry in entries)),
    ):
        if missing:
            yield Finding(about=name, text=f"{missing} of {len(entries)} have none", fault=True)
    yield from _of_schedule(document)
    yield Finding(about="language", text=document.language or "not declared; set `language` for it")


def _of_schedule(document: ParsedFeed) -> Iterator[Finding]:
    """Say what the document says of when it is worth asking."""
    if document.ttl is not None:
        yield Finding(about="ttl", text=f"asks for {format_duration(document.ttl)} between polls")
    if document.skip_hours:
        yield Finding(about="skipHours", text=f"not at {', '.join(map(str, sorted(document.skip_hours)))} (GMT)")
    if document.skip_days:
        yield Finding(about="skipDays", text=f"not on {', '.join(day_name[day] for day in sorted(document.skip_days))}")
