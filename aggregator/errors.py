"""What an operator can act on.

AggregatorError
├── ConfigError         feeds.yaml is missing, is not YAML, or holds a value that is not allowed
├── StoreError          the database or a file of the store cannot be used
│   ├── StoreInUse      another daemon holds the store
│   └── StoreTooNew     the database was written by a newer version
├── FeedError           one feed cannot be read; carries its url
│   ├── NotAFeed        the document is no feed (HTML, empty, truncated)
│   └── ParseTimeout    the parser was stopped at its limit of time or memory
├── RefusedAddress      the address guard does not let a URL through
├── InputError          a file given on the command line is wrong; names the line
├── NotFound            no feed, entry or event of that name
└── Conflict            a correction contradicts an earlier one

An expected outcome (a feed that answers 404) is a value, not an exception.
"""


class AggregatorError(Exception):
    """Root of all errors that are reported to the operator without a traceback."""

    exit_code = 1


class ConfigError(AggregatorError):
    """The configuration cannot be used; says file, line or key, what was found and what is allowed."""


class StoreError(AggregatorError):
    """The store cannot be read or written; names the file."""


class StoreInUse(StoreError):
    """Another process polls and clusters this store."""


class StoreTooNew(StoreError):
    """The database has a schema that this version does not know; it was not touched."""


class FeedError(AggregatorError):
    """One feed cannot be read."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url}: {reason}")
        self.url = url
        self.reason = reason


class NotAFeed(FeedError):
    """The document is not a feed."""


class ParseTimeout(FeedError):
    """The parser was stopped at its limit of time or memory."""


class RefusedAddress(AggregatorError):
    """A URL is not fetched: its scheme or the address it resolves to is not let through."""


class InputError(AggregatorError):
    """A file or argument given on the command line is wrong."""


class NotFound(AggregatorError):
    """Nothing has that name."""

    exit_code = 3


class Conflict(AggregatorError):
    """A correction contradicts an earlier one."""
