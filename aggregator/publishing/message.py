"""What an alert says of an event: JSON that chats, notifiers and programs can read. Pure."""

import json
from typing import Any

from aggregator.model import Event
from aggregator.publishing.atom import timestamp
from aggregator.publishing.channel import Place
from aggregator.publishing.escaping import clean, language_tag, one_line, web_url
from aggregator.publishing.sources import lines

_MOST_LINES = 50
_INERT = str.maketrans({"<": "‹", ">": "›", "@": "@\u200b"})  # a headline must not call everybody in a channel


def message(alert: str, event: Event, place: Place) -> bytes:
    """Write the message; `text` and `content` are what Slack, Mattermost and Discord show."""
    page = f"{place.base_url}/events/{event.name}" if place.pages else None
    article = web_url(event.url)
    headline = one_line(event.headline) or "Untitled"
    outlets = "1 outlet" if event.outlets == 1 else f"{event.outlets} outlets, {event.independent} independent"
    link = page if page and place.link_pages else article or page
    text = f"{headline.translate(_INERT)} ({outlets})" + (f"\n{link}" if link else "")
    told: dict[str, Any] = {
        "alert": alert,
        "event": event.name,
        "headline": headline,
        "url": article,
        "page": page,
        "language": language_tag(event.language),
        "outlets": event.outlets,
        "independent": event.independent,
        "first_seen": timestamp(event.first_seen),
        "sources": [
            {
                "outlet": one_line(line.outlet, 100),
                "agency": line.agency or None,
                "title": one_line(line.first.title),
                "url": web_url(line.first.url),
                "first_seen": timestamp(line.first.first_seen),
                "copies": [one_line(copy.outlet, 100) for copy in line.copies[:_MOST_LINES]],
            }
            for line in lines(event.sources)[:_MOST_LINES]
        ],
        "text": text,
        "content": text,
        "allowed_mentions": {"parse": []},  # Discord's
    }
    return clean(json.dumps(told, ensure_ascii=False)).encode()
