"""Dates as feeds write them, and what is believed of them."""

import re
from datetime import UTC, datetime, timedelta, timezone

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # older claims are epochs and typing errors
_AHEAD = timedelta(hours=24)  # time zones written wrongly reach 14 h
LONGEST = 100  # characters

# Names of months by their first letters, longest first where one begins another; lower case, without dots.
_MONTHS = {
    1: "jan jän jänner ene enero oca ocak gen gennaio янв ιαν sty lis-1 يناير 1月 led sau janv",
    2: "feb fév fev févr şub şubat sub фев φεβ lut فبراير úno vas",
    3: "mar maret mär märz mrz mrt maart mars mart marzo março мар μαρ maa مارس bře kov",
    4: "apr abr abril avr avril nis nisan апр απρ kwi أبريل ابريل dub bal",
    5: "may mei mai mag maggio mayıs maj maio май мая μαι μαΐ μαϊ مايو kvě geg",
    6: "jun juin giu giugno haz haziran июн ιουν cze يونيو čvn bir juni junho",
    7: "jul juil lug luglio tem temmuz июл ιουλ lip يوليو čvc lie juli julho",
    8: "aug agu agt agustus ago agosto aoû août ağu ağustos авг αυγ sie أغسطس srp rgp",
    9: "sep set eyl eylül сен σεπ wrz سبتمبر zář rgs",
    10: "oct okt ott out eki ekim oktober окт οκτ paź أكتوبر říj spa",
    11: "nov nop kas kasım ноя νοε نوفمبر lis lap",
    12: "dec des dez dic dis déc ara aralık дек δεκ gru ديسمبر pro gruo desember",
}
_BY_NAME = {name: month for month, names in _MONTHS.items() for name in names.split()}
_LONGEST_NAME = max(map(len, _BY_NAME))

# RFC 822 §5.1, and what RSS of the world adds. Ambiguous ones as North America uses them; WIB, WITA, WIT: Indonesia.
_ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2, "met": 1, "mez": 1,
    "mest": 2, "mesz": 2, "eet": 2, "eest": 3, "msk": 3, "trt": 3, "ast": -4, "adt": -3, "est": -5, "edt": -4, "et": -5,
    "cst": -6, "cdt": -5, "ct": -6, "mst": -7, "mdt": -6, "mt": -7, "pst": -8, "pdt": -7, "pt": -8, "akst": -9,
    "akdt": -8, "hst": -10, "pkt": 5, "ist": 5.5, "npt": 5.75, "wib": 7, "ict": 7, "wita": 8, "sgt": 8, "hkt": 8,
    "myt": 8, "pht": 8, "awst": 8, "wit": 9, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "acst": 9.5, "acdt": 10.5,
    "nzst": 12, "nzdt": 13, "brt": -3, "art": -3, "clt": -4, "cat": 2, "sast": 2, "eat": 3, "wat": 1, "gst": 4,
}  # fmt: skip

_ISO = re.compile(
    r"(\d{4})-?(\d{1,2})(?:-?(\d{1,2}))?(?:(?:[T\s]\s*|(?<=\d)[-_])(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?)?\s*(.*)$",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"(\d{4})-(\d{3})$")
_SLASHED = re.compile(r"(\d{1,4})[/.](\d{1,2})[/.](\d{2,4})\b,?\s*(.*)$")
_CLOCK = re.compile(
    r"\b(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?\s*([ap]\.?m\.?(?![a-z])|öö|ös)?", re.IGNORECASE
)
_OFFSET = re.compile(r"(?:gmt|utc?|z)?\s*([+\-\u2212])\s*(\d{1,2}):?(\d{2})?(?!\d)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)
_NUMBER = re.compile(r"\d+")
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?$")  # seconds or milliseconds, 2001 to 2033; 1772061500 is no day of 1772


def parse(text: str | None) -> datetime | None:
    """Read a date of RFC 822, RFC 3339, ISO 8601 or a common broken form as UTC; None if it is none.

    A date without a time zone is taken for UTC, one without a time for midnight.
    """
    if not text or len(text) > LONGEST:
        return None
    text = text.strip()
    for read in (_epoch, _iso, _named, _slashed):
        try:
            when = read(text)
        except (ValueError, OverflowError):
            continue
        if when is not None:
            return when
    return None


def plausible(claim: datetime | None) -> datetime | None:
    """Take a claim before 1990 for none: 1970 is a missing date, 1899 a broken one."""
    return claim if claim is not None and claim >= _EARLIEST else None


def sort_time(claim: datetime | None, first_seen: datetime) -> datetime:
    """Give the time an entry is sorted by: its claim, unless it has none or lies over 24 h ahead; then first sight."""
    claim = plausible(claim)
    return first_seen if claim is None or claim > first_seen + _AHEAD else claim


def _iso(text: str) -> datetime | None:
    if ordinal := _ORDINAL.match(text):
        return datetime(int(ordinal[1]), 1, 1, tzinfo=UTC) + timedelta(days=int(ordinal[2]) - 1)
    match = _ISO.match(text)
    if match is None:
        return None
    year, month, day = int(match[1]), int(match[2]), int(match[3] or 1)
    time = int(match[4] or 0), int(match[5] or 0), int(match[6] or 0)
    return _utc(year, month, day, time, match[7])


def _named(text: str) -> datetime | None:
    """Read "Mon, 02 Jan 2006 15:04:05 GMT" and its kin: a month by name, a day, a year, perhaps a clock."""
    clock = _CLOCK.search(text)
    head, tail = (text[: clock.start()], text[clock.end() :]) if clock else (text, "")
    months = [found for word in _WORD.findall(head) if (found := _month(word))]
    if not months:
        return None
    month = months[-1]  # the first may be a day of the week: mar is martes, mardi, martedì
    numbers = _NUMBER.findall(head)
    if len(numbers) == 1 and (late := re.search(r"\b\d{4}\b", tail)):  # asctime: the year comes last
        numbers.append(late[0])
        tail = tail.replace(late[0], " ", 1)
    if len(numbers) < 2:
        return None
    first, second = numbers[:2]
    day, year = (second, first) if len(first) == 4 else (first, second)
    return _utc(_year(year), month, int(day), _time(clock), tail)


def _slashed(text: str) -> datetime | None:
    match = _SLASHED.match(text)
    if match is None:
        return None
    first, second, third = int(match[1]), int(match[2]), int(match[3])
    clock = _CLOCK.search(match[4])
    tail = match[4][clock.end() :] if clock else ""
    if len(match[1]) == 4:
        return _utc(first, second, third, _time(clock), tail)
    # 12/31/2024 can only be American; 03/04/2024 is read as most of the world writes it, day first.
    day, month = (second, first) if second > 12 else (first, second)
    return _utc(_year(match[3]), month, day, _time(clock), tail)


def _epoch(text: str) -> datetime | None:
    if not _EPOCH.match(text):
        return None
    number = int(text)
    return datetime.fromtimestamp(number / 1000 if len(text) > 10 else number, UTC).replace(microsecond=0)


def _month(word: str) -> int | None:
    word = word.lower()
    for length in range(min(len(word), _LONGEST_NAME), 2, -1):
        if month := _BY_NAME.get(word[:length]):
            return month
    return None


def _time(clock: re.Match[str] | None) -> tuple[int, int, int]:
    if clock is None:
        return 0, 0, 0
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    half = (clock[4] or "").lower().replace(".", "")
    if half in {"pm", "ös"} and hour < 12:
        hour += 12
    elif half in {"am", "öö"} and hour == 12:
        hour = 0
    return hour, minute, second


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) > 2 else year + (2000 if year < 70 else 1900)


def _utc(year: int, month: int, day: int, time: tuple[int, int, int], zone: str) -> datetime:
    """Build it; a leap second is the second before, and 24:00 the next day's midnight."""
    hour, minute, second = time
    more = timedelta(days=1) if hour == 24 and minute == second == 0 else timedelta()
    naive = datetime(year, month, day, 0 if more else hour, minute, min(second, 59))  # noqa: DTZ001 - the zone comes next
    return ((naive + more).replace(tzinfo=_zone(zone))).astimezone(UTC)


def _zone(text: str) -> timezone:
    if offset := _OFFSET.search(text):
        hours, minutes = int(offset[2]), int(offset[3] or 0)
        shift = timedelta(hours=hours, minutes=minutes)
        return timezone(-shift if offset[1] != "+" else shift) if shift < timedelta(hours=24) else UTC
    for word in _WORD.findall(text):
        if (known := _ZONES.get(word.lower())) is not None:
            return timezone(timedelta(hours=known))
    return UTC
