"""The first feeds.yaml of a newcomer. Pure."""

from collections.abc import Sequence

from aggregator.config import surgery
from aggregator.config.editing import as_written
from aggregator.config.values import FeedConfig

_HEAD = """\
# What is subscribed, and how. `aggregator config check` says what is in force and finds mistakes; a running daemon
# takes up a changed file by itself. `aggregator feeds add URL` adds a feed, from its own URL or that of its site.

feeds: []

# Who publishes, by domain. Outlets of one family count as one independent source:
#   detik.com: {name: Detik, family: Transmedia}
outlets:
"""

_OUTLETS = """\
  aljazeera.com: Al Jazeera
  bbci.co.uk: BBC
  dw.com: DW
  france24.com: France 24
  theguardian.com: The Guardian
"""

_TAIL = """
# Take the mark off a line to change what it says; these are the defaults.
polling:
  # interval: 15m
  # allow: []  # addresses, networks and host:port of your own network that feeds may be fetched from
clustering:
  # strictness: balanced  # or careful (when in doubt, apart), wide (when in doubt, together)
publishing:
  # link: article  # or event: to the event's own page
  # keep: 48h
store:
  # entries: 90d
server:
  # port: 8650
  # public_url: https://news.example  # how others reach this server
"""

STARTERS = (
    "https://feeds.bbci.co.uk/news/world/rss.xml",
    "https://www.aljazeera.com/xml/rss/all.xml",
    "https://rss.dw.com/rdf/rss-en-all",
    "https://www.theguardian.com/world/rss",
    "https://www.france24.com/en/rss",
)


def starter(feeds: Sequence[FeedConfig] | None) -> str:
    """Write a feeds.yaml with these feeds; None gives five of world news, to see the first events with."""
    if feeds is None:
        return surgery.add(_HEAD + _OUTLETS + _TAIL, [{"url": url} for url in STARTERS])
    return surgery.add(_HEAD + _TAIL, map(as_written, feeds))
