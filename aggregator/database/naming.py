"""What a person may have meant by a name that nothing has."""

from collections.abc import Iterable
from difflib import get_close_matches

from sqlalchemy import Connection, or_, select

from aggregator.database.tables import entries, events

CLOSE = 3  # names that are suggested at most


def like(connection: Connection, name: str) -> list[str]:
    """Give up to `CLOSE` names that differ from one in a letter: mistyped, left out, or too many."""
    patterns = {name[:at] + "_" + name[at + 1 :] for at in range(len(name))}
    patterns |= {name[:at] + name[at + 1 :] for at in range(len(name))}
    patterns |= {name[:at] + "_" + name[at:] for at in range(len(name) + 1)}
    patterns = {one for one in patterns if len(one) >= 4 and "%" not in one}
    if not patterns or len(name) > 12:
        return []
    matching = or_(*(events.c.name.like(f"{pattern}%") for pattern in sorted(patterns)))
    alive = select(events.c.name).where(matching, events.c.entries > 0)
    return list(connection.scalars(alive.order_by(events.c.updated.desc()).limit(CLOSE)))


def outlets(connection: Connection, words: Iterable[str]) -> tuple[str, ...]:
    """Give outlets as the store spells them, whatever the case they were typed in; a word that is none stays."""
    known = _spellings(connection)
    return tuple(name for word in words for name in known.get(word.strip().casefold(), [word]))


def outlets_like(connection: Connection, word: str) -> list[str]:
    """Give up to `CLOSE` outlets whose names hold a word or come close to it; none where it is an outlet."""
    known, wanted = _spellings(connection), word.strip().casefold()
    if not wanted or wanted in known:
        return []
    holding = [name for name in sorted(known) if wanted in name]
    close = dict.fromkeys(holding + get_close_matches(wanted, known, n=CLOSE))
    return [known[name][0] for name in close][:CLOSE]


def _spellings(connection: Connection) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for outlet in connection.scalars(select(entries.c.outlet).distinct().order_by(entries.c.outlet)):
        found.setdefault(outlet.casefold(), []).append(outlet)
    return found
