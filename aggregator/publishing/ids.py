"""Names that are minted once and never change: tag URIs (RFC 4151) and the short names of events."""

import re
from dataclasses import dataclass
from datetime import date

from aggregator.errors import NotFound

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
_READ_AS = str.maketrans("ilo", "110")  # as Crockford reads the letters he left out
_SHORTEST = 5
# About the golden ratio of 2^64, odd: neighbours land far apart (Knuth, TAOCP 3, §6.4), so prefixes tell them apart.
_MULTIPLIER = 0x9E3779B97F4A7C15


def event_name(number: int) -> str:
    """Give event `number` (from 0) its short name: 5 characters for the first 33 million, then 6, and so on.

    Raises:
        ValueError: when the number is negative.
    """
    if number < 0:
        raise ValueError(f"events are numbered from 0, not {number}")
    length, rest = _SHORTEST, number
    while rest >= 32**length:
        rest -= 32**length
        length += 1
    size = 32**length
    value = rest * _multiplier(length) % size
    return "".join(_ALPHABET[value >> (5 * place) & 31] for place in reversed(range(length)))


def event_number(name: str) -> int:
    """Give the number that `event_name` made this name of; upper case and Crockford's look-alikes are read.

    Raises:
        NotFound: when no event can have this name.
    """
    letters = name.strip().lower().translate(_READ_AS)
    if len(letters) < _SHORTEST or not re.fullmatch(f"[{_ALPHABET}]+", letters):
        raise NotFound(f"{name!r} is not the name of an event; names look like {event_name(0)} or {event_name(1)}")
    value = 0
    for letter in letters:
        value = value << 5 | _ALPHABET.index(letter)
    size = 1 << 5 * len(letters)
    inverse: int = pow(_multiplier(len(letters)), -1, size)
    shorter = sum(1 << 5 * length for length in range(_SHORTEST, len(letters)))
    return value * inverse % size + shorter


def _multiplier(length: int) -> int:
    """Cut the multiplier to the size of the names of one length; odd, so that it has an inverse modulo 32^length."""
    bits = 5 * length
    return (_MULTIPLIER >> (64 - bits) if bits <= 64 else _MULTIPLIER) | 1


@dataclass(frozen=True, slots=True)
class Installation:
    """Who mints ids: a random name that is kept in the store, and the day it was made.

    The name stands under .invalid (RFC 2606), so that it can be nobody's domain; neither the host's name nor
    `public_url` enters an id, so a move or a restored backup keeps every id.
    """

    name: str
    since: date

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", self.name):
            raise ValueError(f"{self.name!r} cannot stand in a tag URI: lower-case letters, digits and hyphens")

    def channel_id(self, feed: str) -> str:
        """Mint the id of an output feed."""
        return self._tag(f"feed/{feed}")

    def source_id(self, feed: int) -> str:
        """Mint the id under which a subscribed feed is named as an origin."""
        return self._tag(f"source/{feed}")

    def event_id(self, name: str, *, serial: int = 1, feed: str | None = None) -> str:
        """Mint the id of an event, or of its milestone `serial` (from 2); `feed` for ids of one output feed alone."""
        scope = f"feed/{feed}/" if feed is not None else ""
        milestone = f"/m{serial}" if serial > 1 else ""
        return self._tag(f"{scope}event/{name}{milestone}")

    def _tag(self, specific: str) -> str:
        return f"tag:{self.name}.invalid,{self.since.isoformat()}:{specific}"
