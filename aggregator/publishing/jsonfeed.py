"""Write JSON Feed 1.1 (jsonfeed.org), with what it cannot say in an `_events` extension."""

import json
from datetime import datetime
from typing import Any

from aggregator.model import Source
from aggregator.publishing.atom import timestamp
from aggregator.publishing.channel import Channel, Release
from aggregator.publishing.content import Body
from aggregator.publishing.escaping import clean, language_tag, one_line, web_url
from aggregator.publishing.format import Format

_MOST_SOURCES = 500


def _head(channel: Channel) -> bytes:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.home_url,
        "feed_url": channel.self_url("json"),
        "language": language_tag(channel.place.language),
        "hubs": [{"type": "WebSub", "url": hub}] if (hub := web_url(channel.place.hub_url)) else None,
        "_events": {"id": channel.id, "updated": timestamp(channel.updated)},
    }
    head = json.dumps(_present(document), ensure_ascii=False)
    return f'{head[:-1]}, "items": [\n'.encode()


def _item(channel: Channel, release: Release, body: Body) -> bytes:
    """Write an item on a line: can be looked into and compared by line, and json's fast encoder writes no indents."""
    return json.dumps(_values(release, body), ensure_ascii=False).encode()


def _values(release: Release, body: Body) -> dict[str, Any]:
    names = dict.fromkeys([release.author, *(one_line(line.outlet, 100) for line in release.lines)])
    item = {
        "id": release.id,
        "url": release.link,
        "external_url": release.article if release.article != release.link else None,
        "title": release.title,
        "content_html": body.html,
        "summary": body.summary,
        "image": release.image,
        "date_published": timestamp(release.published),
        "date_modified": timestamp(release.updated),
        "authors": [{"name": name} for name in list(names)[:100] if name],
        "tags": list(release.tags) or None,
        "language": release.language,
        "_events": _events(release),
    }
    return _present(item)


def _events(release: Release) -> dict[str, Any]:
    told = release.publication
    found = {
        "event": release.event.name,
        "status": "merged" if told.merged_into is not None else "active",
        "merged_into": release.successor.name if release.successor is not None else None,
        "serial": told.serial,
        "previous": release.previous_id,
        "outlets": release.event.outlets,
        "independent": release.event.independent,
        "sources_total": len(release.event.sources),
        "sources": [_source(source) for source in release.event.sources[:_MOST_SOURCES]],
        "changes": [
            _present(
                {
                    "at": timestamp(change.at),
                    "kind": change.kind.value,
                    "entries": list(change.entries) or None,
                    "headline_before": one_line(change.text) or None,
                }
            )
            for change in told.changes
        ],
    }
    return _present(found)


def _source(source: Source) -> dict[str, Any]:
    return {
        "entry": source.entry,
        "outlet": one_line(source.outlet, 100),
        "title": one_line(source.title),
        "url": web_url(source.url),
        "language": language_tag(source.language),
        "published": _instant(source.published),
        "first_seen": _instant(source.first_seen),
        "copy_of": source.copy_of,
        "agency": source.agency or None,
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else timestamp(at)


def _present(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is not known: the schema has no null; and whatever UTF-8 cannot hold."""
    return {
        key: clean(value) if isinstance(value, str) else value for key, value in values.items() if value is not None
    }


FORMAT = Format(media_type="application/feed+json", head=_head, entry=_item, between=b",\n", tail=b"\n]}\n")
