"""The formats that there are, by the suffix of their documents."""

from collections.abc import Mapping

from aggregator.publishing import atom, jsonfeed, rss
from aggregator.publishing.format import Format

FORMATS: Mapping[str, Format] = {"atom": atom.FORMAT, "rss": rss.FORMAT, "json": jsonfeed.FORMAT}
