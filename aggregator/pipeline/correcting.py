"""What a person asks to be put right is checked against all that was put right before, and stored.

Each function works in a transaction of the caller; where it raises, nothing is stored. Who clusters the store carries
out what was stored (carrying.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from sqlalchemy import Connection

from aggregator.clustering.constraints import Contradiction, Link, contradiction
from aggregator.database import corrections
from aggregator.database import events as event_rows
from aggregator.database.corrections import Correction
from aggregator.errors import Conflict, InputError, NotFound
from aggregator.model import EntryId, Event, EventId
from aggregator.publishing.escaping import one_line

LONGEST = 500  # characters of a reason

Ask = Callable[[Connection, datetime], Correction]


def merge(connection: Connection, names: Sequence[str], reason: str, now: datetime) -> Correction:
    """Ask that events be one: all of their present entries belong together.

    Raises:
        NotFound: there is no such event.
        InputError: they are one already.
        Conflict: entries of them must stay apart.
    """
    found = [event_rows.named(connection, name) for name in names]
    for (name, one), (other_name, other) in pairwise(
        sorted(zip(names, found, strict=True), key=lambda pair: pair[1].id)
    ):
        if one.id == other.id:
            raise InputError(f"{name} and {other_name} are one event already, {one.name}")
    if len(found) < 2:
        raise InputError("give two events or more to merge")
    entries = sorted(source.entry for event in found for source in event.sources)
    return _store(
        connection,
        Correction(
            at=now,
            kind="merge",
            reason=reason,
            events=tuple(event.id for event in found),
            entries=tuple(entries),
            together=tuple((entries[0], entry) for entry in entries[1:]),
        ),
    )


def split(connection: Connection, name: str, entries: Sequence[EntryId], reason: str, now: datetime) -> Correction:
    """Ask that entries of an event be an event of their own: together, and apart from what remains.

    Raises:
        NotFound: there is no such event, or it has no such entry.
        InputError: nothing would remain.
        Conflict: one of them belongs together with one that remains.
    """
    event = event_rows.named(connection, name)
    wanted = sorted({_member(event, entry) for entry in entries})
    remaining = [source.entry for source in event.sources if source.entry not in wanted]
    if not wanted:
        raise InputError(f"say which entries of {event.name} are to be parted from it: {_entries(event)}")
    if not remaining:
        raise InputError(
            f"these are all the reports of {event.name}; leave out those that are to stay: {_entries(event)}"
        )
    return _store(
        connection,
        Correction(
            at=now,
            kind="split",
            reason=reason,
            events=(event.id,),
            entries=tuple(wanted),
            together=tuple((wanted[0], entry) for entry in wanted[1:]),
            apart=tuple((wanted[0], entry) for entry in remaining),
        ),
    )


def move(connection: Connection, entry: EntryId, name: str, reason: str, now: datetime) -> Correction:
    """Ask that an entry be in another event: together with who speaks for that, apart from what it leaves.

    It takes the place of earlier moves of the entry, of one that is not carried out yet too; what they kept it apart
    from it stays apart from, as far as that is not where it goes.

    Raises:
        NotFound: there is no such entry or event.
        InputError: it is there already, or on its way there.
        Conflict: it must stay apart from that, or belongs together with what it would leave.
    """
    event = event_rows.named(connection, name)
    earlier = [one for one in corrections.in_force(connection) if one.kind == "move" and one.entries == (entry,)]
    present = _event_of(connection, entry, earlier)
    if present.id == event.id:
        raise InputError(f"entry {entry} is {_already(earlier)} event {event.name} already")
    for one in earlier:
        corrections.save(connection, replace(one, undone=now))
    there = {source.entry for source in event.sources}
    speaker = next((each for each in (event.representative, *sorted(there)) if each != entry), None)
    left = [(entry, source.entry) for source in present.sources if source.entry != entry]
    kept = [pair for one in earlier for pair in one.apart if pair[1] not in there]
    return _store(
        connection,
        Correction(
            at=now,
            kind="move",
            reason=reason,
            events=(event.id, present.id),
            entries=(entry,),
            together=() if speaker is None else ((entry, speaker),),
            apart=tuple(dict.fromkeys(left + kept)),
            instead_of=tuple(one.id for one in earlier),
        ),
    )


def pin(connection: Connection, name: str, entry: EntryId, reason: str, now: datetime) -> Correction:
    """Ask that an entry speak for its event.

    Raises:
        NotFound: there is no such event, or it has no such entry.
        InputError: somebody chose it already.
    """
    event = event_rows.named(connection, name)
    entries = (_member(event, entry),)
    chosen = [one for one in corrections.in_force(connection) if one.kind == "pin"]
    survivors = corrections.survivors_of(connection, {one.events[0] for one in chosen})
    last = next((one for one in reversed(chosen) if survivors[one.events[0]] == event.id), None)
    if last is not None and last.entries == entries:
        raise InputError(f"entry {entry} is pinned to event {event.name} already, by correction {last.id}")
    return _store(
        connection,
        Correction(at=now, kind="pin", reason=reason, events=(event.id,), entries=entries, before=event.representative),
    )


def mute(connection: Connection, name: str, reason: str, now: datetime) -> Correction:
    """Ask that an event be left out of the output feeds.

    Raises:
        NotFound: there is no such event.
        InputError: it is left out already.
    """
    event = event_rows.named(connection, name)
    if event.muted or _muting(connection, event.id):
        raise InputError(f"event {event.name} is muted already; `aggregator events unmute {event.name}` ends that")
    return _store(connection, Correction(at=now, kind="mute", reason=reason, events=(event.id,)))


def unmute(connection: Connection, name: str, reason: str, now: datetime) -> Correction:
    """Ask that an event be in the output feeds again.

    Raises:
        NotFound: there is no such event.
        InputError: it is not left out.
    """
    event = event_rows.named(connection, name)
    found = _muting(connection, event.id)
    if not found:
        raise InputError(f"event {event.name} is not muted")
    return undo(connection, found[-1].id, reason, now)


def undo(connection: Connection, number: int | None, reason: str, now: datetime) -> Correction:
    """Ask that a correction be taken back, the last one where no number is given.

    Raises:
        NotFound: there is none.
        InputError: it was taken back already.
    """
    known = [one for one in corrections.in_force(connection) if one.kind != "undo"]
    if number is None:
        if not known:
            raise NotFound("there is no correction to undo")
        number = known[-1].id
    found = corrections.numbered(connection, number) if number < 1 << 63 else None  # SQLite has no larger ones
    if found is None:
        numbers = ", ".join(str(one.id) for one in known[-5:]) or "none"
        raise NotFound(
            f"there is no correction {number}; the last ones are {numbers}: see `aggregator events corrections`"
        )
    if found.undone is not None:
        later = next((one.id for one in known if number in one.instead_of), None)
        hint = f"; correction {later} took its place: `aggregator undo {later}` brings it back" if later else ""
        raise InputError(f"correction {number} was undone on {found.undone:%Y-%m-%d %H:%M} UTC{hint}")
    if found.kind == "undo":
        raise InputError(
            f"correction {number} is an undoing itself; ask for the {_kind_undone(connection, found)} again"
        )
    corrections.save(connection, replace(found, undone=now))
    _bring_back(connection, found.instead_of)
    return _store(
        connection,
        Correction(at=now, kind="undo", reason=reason, events=found.events, entries=found.entries, undoes=number),
    )


def _bring_back(connection: Connection, numbers: Sequence[int]) -> None:
    """Have corrections in force again whose place another took, as far as nothing contradicts them by now."""
    for number in numbers:
        known, ended = corrections.in_force(connection), corrections.numbered(connection, number)
        if ended is not None and contradiction(link for one in (ended, *known) for link in one.links) is None:
            corrections.save(connection, replace(ended, undone=None))


def _store(connection: Connection, wanted: Correction) -> Correction:
    """Store a correction that contradicts none; gives it with its number.

    Raises:
        Conflict: it contradicts earlier ones; says by which chain.
    """
    known, wanted = corrections.in_force(connection), replace(wanted, reason=one_line(wanted.reason, LONGEST))
    if wanted.together or wanted.apart:
        found = contradiction([*wanted.links, *(link for one in known for link in one.links)])
        if found is not None:
            raise Conflict(_explained(connection, found, {one.id: one for one in known}))
    return replace(wanted, id=corrections.add(connection, wanted))


def _muting(connection: Connection, event: EventId) -> list[Correction]:
    return [one for one in corrections.in_force(connection) if one.kind == "mute" and one.events[0] == event]


def _member(event: Event, entry: EntryId) -> EntryId:
    if all(source.entry != entry for source in event.sources):
        raise NotFound(f"entry {entry} is not in event {event.name}; its entries are {_entries(event)}")
    return entry


def _entries(event: Event) -> str:
    return ", ".join(str(source.entry) for source in event.sources)


def _event_of(connection: Connection, entry: EntryId, moves: Sequence[Correction]) -> Event:
    """Give the event of an entry; the one that the last of its `moves` takes it to, where that is not carried out."""
    placed = corrections.placed(connection, [entry])
    if entry not in placed:
        raise NotFound(f"no entry {entry} in any event; `aggregator events show EVENT` names its entries")
    event = placed[entry]
    if moves and moves[-1].applied is None:
        goal = moves[-1].events[0]
        event = corrections.survivors_of(connection, [goal])[goal]
    return event_rows.by_ids(connection, [event])[0]


def _already(moves: Sequence[Correction]) -> str:
    return "on its way to" if moves and moves[-1].applied is None else "in"


def _kind_undone(connection: Connection, undoing: Correction) -> str:
    undone = corrections.numbered(connection, undoing.undoes or 0)
    return undone.kind if undone is not None else "correction"


# --- contradictions in words


def _explained(connection: Connection, found: Contradiction, known: dict[int, Correction]) -> str:
    """Say by which chain two entries are together that must be apart, and what could be taken back."""
    links = (*found.chain, found.apart)
    sources = event_rows.sources_of(connection, {entry for link in links for entry in (link.one, link.other)})

    def who(entry: EntryId) -> str:
        return f"entry {entry} ({one_line(sources[entry].outlet, 60)})" if entry in sources else f"entry {entry}"

    def said(link: Link) -> str:
        how = "apart from" if link.apart else "together with"
        if not link.correction:
            return f"you ask for {who(link.one)} {how} {who(link.other)}"
        one = known[link.correction]
        why = f": {one.reason}" if one.reason else ""
        since = f"since correction {one.id} ({one.kind} of {one.at:%Y-%m-%d %H:%M} UTC{why})"
        return f"{who(link.one)} is {how} {who(link.other)} {since}"

    numbers = sorted({link.correction for link in links if link.correction})
    ways = " or ".join(f"`aggregator undo {number}`" for number in numbers)
    told = "; ".join(map(said, links))
    return f"this contradicts what was put right before: {told}. Nothing was changed; {ways} makes way"
