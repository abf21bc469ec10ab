"""What the `feeds` commands print: rows for a person, shapes for a program. URLs are without secrets."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from aggregator.cli.event_text import ago
from aggregator.cli.shapes import stamp
from aggregator.config import format_duration
from aggregator.config.listing import setting_in_words
from aggregator.fetching.shown import shown
from aggregator.scheduling.state import Health, Move

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.config import FeedConfig, ListedFeed
    from aggregator.database.feeds import Condition, Poll, StoredFeed
    from aggregator.pipeline.checkup import Checkup
    from aggregator.scheduling.state import FeedState, Standing

_MINUTE, _EXACT = timedelta(minutes=1), timedelta(minutes=10)
_OFTEN = 5  # documents with nothing new
_LONG = timedelta(days=7)  # that a feed has failed for before it is looked for elsewhere
COLUMNS = ("id", "state", "feed", "outlet", "entries", "last success", "next check", "every", "why")


def title_of(feed: "FeedConfig | ListedFeed", stored: "Condition | StoredFeed | None") -> str:
    """Give what lists call a feed: its name, else its own title, else its URL."""
    return feed.name or (stored.title if stored else "") or shown(feed.url)


def list_row(feed: "ListedFeed", stored: "Condition | None", entries: int, now: datetime) -> tuple[object, ...]:
    """Give a feed as a line of `feeds list`, under `COLUMNS`."""
    if stored is None:
        return None, "new", title_of(feed, stored), feed.outlet, 0, "never", "at once", None, None
    state = stored.state
    return (
        stored.id,
        state.health,
        title_of(feed, stored),
        feed.outlet,
        entries,
        ago(state.last_success, now) if state.last_success else "never",
        "never" if state.disabled else _when(state.next_check, now),
        _interval(state),
        "; ".join(filter(None, (state.reason, state.why))),
    )


def _when(moment: datetime | None, now: datetime) -> str:
    if moment is None or moment <= now:
        return "at once"
    return f"in {format_duration(timedelta(minutes=max(1, round((moment - now) / _MINUTE))))}"


def _interval(state: "FeedState | Standing") -> str | None:
    """Give how often a feed is asked; a longer interval to the minute, for it comes of an estimate."""
    if state.interval is None or state.interval < _EXACT:
        return None if state.interval is None else format_duration(state.interval)
    return format_duration(round(state.interval / _MINUTE) * _MINUTE)


def feed_shape(feed: "ListedFeed", stored: "Condition | None", entries: int = 0) -> dict[str, Any]:
    """Give a feed as `feeds list` and `feeds show` print it as JSON."""
    state = stored.state if stored else None
    return {
        "id": stored.id if stored else None,
        "url": shown(feed.url),
        "name": feed.name,
        "title": stored.title if stored else None,
        "outlet": feed.outlet,
        "family": feed.family or None,
        "language": feed.language,
        "tags": list(feed.tags),
        "every": format_duration(feed.every) if feed.every else None,
        "settings": feed.settings,
        "entries": entries,
        "state": state.health if state else "new",
        "reason": (state.reason or None) if state else None,
        "errors": state.errors if state else 0,
        "failing_since": stamp(state.failing_since) if state else None,
        "last_attempt": stamp(state.last_attempt) if state else None,
        "last_success": stamp(state.last_success) if state else None,
        "next_check": stamp(state.next_check) if state else None,
        "interval": _interval(state) if state else None,
        "why": (state.why or None) if state else None,
        "asked_url": shown(state.learned_url) if state and state.learned_url else None,
        "validators": _held(state) if state else [],
        "moving_to": _move_shape(state.move) if state and state.move else None,
    }


def _held(state: "FeedState | Standing") -> list[str]:
    """Name what the server gave to ask again with."""
    held = state.validators
    names = (("ETag", held.etag), ("Last-Modified", held.last_modified)) if held else ()
    return [name for name, value in names if value]


def _move_shape(move: "Move") -> dict[str, Any]:
    return {"url": shown(move.target), "first_seen": stamp(move.first_seen), "sightings": move.sightings}


def retry_text(state: "FeedState | None", now: datetime) -> str:
    """Say when a feed that a person wants is asked, and why not at once."""
    if state is None or state.next_check is None or state.next_check <= now:
        return "is asked within seconds, where a daemon runs"
    when = f"is asked {_when(state.next_check, now)}"
    paused = state.not_before is not None and state.not_before >= state.next_check
    return f"{when}: " + ("its server asked for that" if paused else "it was asked just now")


def facts(
    shape: dict[str, Any], known: "Condition | None", polls: "Sequence[Poll]", now: datetime
) -> list[tuple[str, str]]:
    """Give a feed's shape as lines of `feeds show`, and what to do about one that fails for long."""
    told: dict[str, Any] = {}
    for key, value in shape.items():
        told |= {each: setting_in_words(one) for each, one in value.items()} if key == "settings" else {key: value}
    if (move := told["moving_to"]) is not None:
        told["moving_to"] = f"{move['url']}, {move['sightings']} of {Move.NEEDED} sightings since {move['first_seen']}"
    if known is not None:
        told["next_check"] = told["next_check"] and f"{told['next_check']}, {_when(known.state.next_check, now)}"
        told["remedy"] = _remedy(known, now)
        told["validators"] = ", ".join(told["validators"]) + (_unheeded(polls) if told["validators"] else "")
    told = {key: ", ".join(value) if isinstance(value, list) else value for key, value in told.items()}
    return [(key.replace("_", " "), str(value)) for key, value in told.items() if value not in (None, "")]


def _unheeded(polls: "Sequence[Poll]") -> str:
    """Say where a server that gave validators sends its document whole though nothing in it is new."""
    whole = sum(poll.status == 200 and not (poll.new or poll.edited or poll.reason) for poll in polls)
    if whole < _OFTEN or any(poll.status == 304 for poll in polls):
        return ""
    return f"; yet {whole} of the last {len(polls)} answers came whole with nothing new, and none was 304"


def _remedy(known: "Condition", now: datetime) -> str:
    state = known.state
    if state.health is not Health.FAILING or state.failing_since is None or now - state.failing_since < _LONG:
        return ""
    if state.last_success is not None and state.last_success > state.failing_since:
        return ""  # its document breaks off, and what is whole of it comes all the same
    return (
        f"it has failed for {(now - state.failing_since).days} days: look for it in a browser; where it is elsewhere, "
        f"`aggregator feeds set {known.id} url=...`, and if it is gone, `aggregator feeds remove {known.id}`"
    )


def poll_row(poll: "Poll") -> tuple[object, ...]:
    """Give a poll as a line: when, outcome, status, new, edited, bytes, milliseconds, reason."""
    milliseconds = round(poll.elapsed / timedelta(milliseconds=1))
    return stamp(poll.at), poll.outcome, poll.status, poll.new, poll.edited, poll.bytes, milliseconds, poll.reason


def poll_shape(poll: "Poll") -> dict[str, Any]:
    """Give a poll as JSON has it."""
    keys = ("at", "outcome", "status", "new", "edited", "bytes", "milliseconds", "reason")
    return dict(zip(keys, poll_row(poll), strict=True))


def checkup_shape(checkup: "Checkup") -> dict[str, Any]:
    """Give what `feeds check` found of one feed as JSON has it."""
    found = [{"about": f.about, "fault": f.fault, "text": f.text} for f in checkup.findings]
    return {"url": shown(checkup.url), "readable": checkup.readable, "findings": found}


def checkup_text(checkup: "Checkup", name: str) -> list[str]:
    """Give what `feeds check` found of one feed, a line each; faults are marked."""
    head = f"{name}  {'' if checkup.readable else 'CANNOT BE READ'}".rstrip()
    where = [] if name == shown(checkup.url) else [f"  {shown(checkup.url)}"]
    return [head, *where, *(f"  {'!' if f.fault else ' '} {f.about:<12} {f.text}" for f in checkup.findings)]
