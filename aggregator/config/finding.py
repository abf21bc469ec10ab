"""Which feed of the configuration is meant by a word of the command line."""

import difflib
from typing import TYPE_CHECKING

from aggregator.config.addresses import feed_url, same_feed, without_credentials
from aggregator.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.config.listing import ListedFeed, Listing
    from aggregator.config.values import Config, FeedConfig


def find_feed(config: "Config | Listing", word: str) -> int:
    """Give the place in `feeds` of the one with this URL (however it is spelled) or name.

    Raises:
        NotFound: there is none, or several of the name; close ones are named.
    """
    if not word.strip():
        raise NotFound("no feed is named by nothing; give its URL, its name, or its id in `aggregator feeds list`")
    try:
        key = same_feed(feed_url(word))
    except ValueError:
        key = None
    feeds: Sequence[FeedConfig | ListedFeed] = config.feeds
    names = [(feed.name or "").casefold() for feed in feeds]
    for place, feed in enumerate(feeds):
        if feed.url == word or (key is not None and same_feed(feed.url) == key):
            return place
    if names.count(word.casefold()) == 1:
        return names.index(word.casefold())
    if word.casefold() in names:
        raise NotFound(f"several feeds are called {word!r}; name one by its URL")
    known = [without_credentials(feed.url) for feed in feeds] + [feed.name for feed in feeds if feed.name]
    holding = [name for name in known if word.strip() and word.casefold().strip() in name.casefold()]
    close = list(dict.fromkeys(difflib.get_close_matches(word, known, n=3) + holding))[:3]
    hint = f"; did you mean {' or '.join(close)}?" if close else "; `aggregator feeds list` names them all"
    raise NotFound(f"no feed {without_credentials(word)!r} in feeds.yaml{hint}")
