"""What an operator can act on.

AggregatorError
├── ConfigError         feeds.yaml is missing, is not YAML, or holds a value that is not allowed
├── StoreError          the database or a file of the store cannot be used
│   ├── OtherRules      what clustering stored cannot be compared with what this version makes
│   ├── StoreInUse      another daemon holds the store
│   └── StoreTooNew     the database was written by a newer version
├── FeedError           one feed cannot be read; carries its url
│   ├── NotAFeed        the document is no feed (HTML, empty, truncated)
│   │   └── Challenge   it is a page that wants a browser to prove itself
│   └── ParseTimeout    the parser was stopped at its limit of time or memory
├── ParserDown          no parser runs, whatever the document
├── RefusedAddress      the address guard does not let a URL through
├── InputError          a file given on the command line is wrong; names the line
├── NotFound            no feed, entry or event of that name
└── Conflict            a correction contradicts an earlier one

An expected outcome (a feed that answers 404) is a value, not an exception.
"""

from dataclasses import dataclass


class AggregatorError(Exception):
    """Root of all errors that are reported to the operator without a traceback."""

    exit_code = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One mistake in a configuration file; line and column count from 1, None where it is the whole file's."""

    file: str
    line: int | None = None
    column: int | None = None
    key: str = ""  # as feeds[3].every
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line is not None else self.file
        return f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"


class ConfigError(AggregatorError):
    """The configuration cannot be used; names every mistake with file, line, key, and what is allowed."""

    def __init__(self, *mistakes: Mistake | str) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = mistakes


class StoreError(AggregatorError):
    """The store cannot be read or written; names the file."""


class OtherRules(StoreError):
    """What clustering stored was made by other rules than this version's, and cannot be compared."""


class StoreInUse(StoreError):
    """Another process polls and clusters this store; `by` says which."""

    def __init__(self, message: str, by: str = "another process") -> None:
        super().__init__(message)
        self.by = by


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


class Challenge(NotAFeed):
    """The document is a page that keeps programs out."""


class ParseTimeout(FeedError):
    """The parser was stopped at its limit of time or memory."""


class ParserDown(AggregatorError):
    """No parser can be started, or it is being stopped: no feed's fault."""


class RefusedAddress(AggregatorError):
    """A URL is not fetched: its scheme or the address it resolves to is not let through."""


class InputError(AggregatorError):
    """A file or argument given on the command line is wrong."""


class NotFound(AggregatorError):
    """Nothing has that name."""

    exit_code = 3


class Conflict(AggregatorError):
    """A correction contradicts an earlier one."""
