"""Tell titles that report one happening from round-ups, live pages, galleries and what comes every day.

Such entries share words with everything: a round-up joins what does not belong together, a horoscope meets yesterday's.
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from .words import lower

_LONGEST = 300  # characters of a title that are looked at
_SECTION = re.compile(r"\[(\w+) (\w+)\]")
# Written without spaces: a word has no edges there.
_UNSPACED = {
    "zh": {
        "roundup": "早报|晚报|要闻|新闻联播|一周(?:回顾|盘点|要闻)|速览|盘点|每日",
        "live": "直播",
        "gallery": "图集|组图",
        "recurring": "天气预报|运势|彩票|星座",
    },
    "ja": {
        "roundup": "(?:今日|きょう)のニュース|ニュースまとめ|新聞各紙|一週間の",
        "live": "ライブ配信|生中継|ライブ中継",
        "gallery": "写真特集",
        "recurring": "天気予報|占い|運勢|番組表|クイズ",
    },
    "ko": {
        "roundup": "오늘의 (?:주요)?\\s?뉴스|뉴스 브리핑|헤드라인|간추린|주요\\s?뉴스",
        "live": "생중계|실시간",
        "gallery": "화보|포토뉴스",
        "recurring": "운세|날씨예보|오늘의 날씨|로또",
    },
    "th": {
        "roundup": "สรุปข่าว|ข่าวเด่น|พาดหัวข่าว",
        "live": "ถ่ายทอดสด",
        "gallery": "ประมวลภาพ",
        "recurring": "ดูดวง|พยากรณ์อากาศ|ตรวจหวย|ราคาทอง",
    },
}


class Genre(StrEnum):
    """What a title announces."""

    REPORT = "report"
    ROUNDUP = "roundup"  # several happenings: "Morning briefing", "Five things to know", "Pictures of the day"
    LIVE = "live"  # one page that is written on all day
    GALLERY = "gallery"  # "News in pictures"
    RECURRING = "recurring"  # horoscope, weather, exchange rates: every day the same words


NO_HAPPENING = frozenset({Genre.ROUNDUP, Genre.RECURRING})


@lru_cache(maxsize=1)
def _sections() -> dict[str, dict[str, list[str]]]:
    text = (files("aggregator.text") / "data" / "genres.txt").read_text(encoding="utf-8")
    found: dict[str, dict[str, list[str]]] = {}
    section: list[str] = []
    for line in text.splitlines():
        if header := _SECTION.fullmatch(line):
            section = found.setdefault(header[1], {}).setdefault(header[2], [])
        elif line and not line.startswith("#"):
            section.append(line)
    return found


@lru_cache(maxsize=128)
def _pattern(language: str) -> re.Pattern[str]:
    """Join the patterns of a language and English, whose words all use, with a group for each genre.

    Words are whole words, except where a pattern says where it stands. That is asked once at each place and not in each
    branch, which takes four times as long.
    """
    placed, edged, inside = {}, {}, {}
    for genre in list(Genre)[1:]:
        lines = [line for code in dict.fromkeys((language, "en")) for line in _sections().get(code, {}).get(genre, ())]
        placed[genre] = [line for line in lines if line.startswith("^")]
        edged[genre] = [line for line in lines if not line.startswith("^")]
        inside[genre] = [unspaced] if (unspaced := _UNSPACED.get(language, {}).get(genre)) else []
    parts = (_groups("placed", placed), rf"(?<!\w)(?:{_groups('edged', edged)})(?!\w)", _groups("inside", inside))
    return re.compile("|".join(part for part in parts if part))


def _groups(prefix: str, lines: Mapping[Genre, Sequence[str]]) -> str:
    """Join patterns, with a group for each genre that has some."""
    return "|".join(f"(?P<{prefix}_{genre}>{'|'.join(given)})" for genre, given in lines.items() if given)


_SAME = {"ms": "id", "gl": "pt", "ca": "es", "uk": "ru", "be": "ru"}


def genre_of(title: str, language: str = "en") -> Genre:
    """Give the genre of a title as its outlet wrote it, before markers are taken off."""
    lowered = lower(title[:_LONGEST].replace("’", "'"), language)
    found = _pattern(_SAME.get(language, language)).search(lowered)
    return Genre(found.lastgroup.partition("_")[2]) if found and found.lastgroup else Genre.REPORT
