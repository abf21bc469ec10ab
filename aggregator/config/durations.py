"""Durations as people write them: 15m, 48h, 90d, 1h30m."""

import re
from datetime import timedelta

_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
PATTERN = r"^(\d{1,9}w)?(\d{1,9}d)?(\d{1,9}h)?(\d{1,9}m)?(\d{1,9}s)?$"
_LONGEST = timedelta(days=36_500)  # a century: past it arithmetic with dates overflows


def parse_duration(text: str) -> timedelta:
    """Read a duration: whole numbers with the units w, d, h, m, s, the largest first.

    Raises:
        ValueError: when it is anything else, with a sentence that says what is allowed.
    """
    words = text.strip().lower().replace(" ", "")
    if words.isascii() and words.isdigit() and int(words[:20]) != 0:
        raise ValueError(f"{text!r} has no unit; write {words}m for minutes, {words}h for hours, {words}d for days")
    if words == "0":
        return timedelta()
    if not words or not re.match(PATTERN, words, re.ASCII):
        raise ValueError(f"{text!r} is not a duration; write it as 90s, 15m, 48h, 7d or 1h30m")
    seconds = sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)([wdhms])", words))
    if seconds > _LONGEST.total_seconds():
        raise ValueError(f"{text!r} is longer than a century")
    return timedelta(seconds=seconds)


def format_duration(value: timedelta) -> str:
    """Print a duration so that `parse_duration` reads the same; days from three days on, fractions of a second cut."""
    seconds = int(value.total_seconds())
    if seconds == 0:
        return "0m"
    units = dict(_UNITS)
    del units["w"]
    if seconds < 3 * _UNITS["d"]:
        del units["d"]  # 48h reads better than 2d
    parts = []
    for unit, size in units.items():
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)
