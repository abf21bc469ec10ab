"""The words that the feeds say themselves, in English and Indonesian. The English text is the key. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

LANGUAGES = ("en", "id")

_INDONESIAN = {
    "1 outlet": "1 media",
    "{n} outlets": "{n} media",
    "{n} independent": "{n} independen",
    "first seen {when} ({zone})": "pertama terlihat {when} ({zone})",
    "first seen {when} ({zone}) at {outlet}": "pertama terlihat {when} ({zone}) di {outlet}",
    "and {n} more outlets": "dan {n} media lagi",
    "the same text at": "teks yang sama di",
    "also": "juga",
    "new {when}": "baru {when}",
    "untitled": "tanpa judul",
    "Changes": "Perubahan",
    "1 report moved to another event": "1 laporan dipindahkan ke peristiwa lain",
    "{n} reports moved to another event": "{n} laporan dipindahkan ke peristiwa lain",
    "the headline was": "judul sebelumnya",
    "corrected by hand": "dikoreksi",
    "merged into another event": "digabungkan ke peristiwa lain",
    "apart again": "dipisahkan lagi",
    "Merged:": "Digabungkan:",
    "this event goes on as": "peristiwa ini berlanjut sebagai",
    "another event": "peristiwa lain",
    "The reports of this event have moved to other events.": "Laporan peristiwa ini pindah ke peristiwa lain.",
    "Update ({n} sources)": "Perkembangan ({n} sumber)",
    "Untitled": "Tanpa judul",
    "Unknown": "Tidak diketahui",
    "each item is one event with its sources.": "setiap butir adalah satu peristiwa dengan sumber-sumbernya.",
}
_TABLES: Mapping[str, Mapping[str, str]] = {"id": _INDONESIAN}
_MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "id": ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"),
}

Translate = Callable[..., str]


def translator(language: str, tables: Mapping[str, Mapping[str, str]] = _TABLES) -> Translate:
    """Give a function that says a text in a language, with its placeholders filled."""
    table = tables.get(language, {})

    def say(text: str, **values: object) -> str:
        said = table.get(text, text)
        return said.format(**values) if values else said

    return say


def counter(say: Translate) -> Callable[[int, str, str], str]:
    """Give a function that says a number of things: `count(3, "1 outlet", "{n} outlets")`."""

    def count(n: int, one: str, many: str) -> str:
        return say(one) if n == 1 else say(many, n=n)

    return count


@dataclass(frozen=True, slots=True)
class Manner:
    """How a feed speaks: its language, and the zone of the times that it names."""

    language: str
    zone: tzinfo

    def say(self, text: str, **values: object) -> str:
        """Say a text."""
        return translator(self.language)(text, **values)

    def count(self, n: int, one: str, many: str) -> str:
        """Say a number of things."""
        return counter(self.say)(n, one, many)

    def when(self, at: datetime) -> str:
        """Write an instant to the minute."""
        local = at.astimezone(self.zone)
        return f"{local.day} {_MONTHS[self.language][local.month - 1]} {local:%H:%M}"
