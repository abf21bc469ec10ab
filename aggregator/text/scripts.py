"""Which writing system a text is in: cheaper and surer than any statistics of letters."""

import regex

# A script names the languages that are written in it, the commonest in news first.
LANGUAGES_OF: dict[str, tuple[str, ...]] = {
    "Thai": ("th",),
    "Hangul": ("ko",),
    "Kana": ("ja",),
    "Han": ("zh", "ja"),
    "Arabic": ("ar", "fa", "ur", "ps", "ku", "ug", "sd"),
    "Cyrillic": ("ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn", "tg"),
    "Devanagari": ("hi", "mr", "ne"),
    "Greek": ("el",),
    "Hebrew": ("he", "yi"),
    "Armenian": ("hy",),
    "Georgian": ("ka",),
    "Bengali": ("bn", "as"),
    "Gurmukhi": ("pa",),
    "Gujarati": ("gu",),
    "Oriya": ("or",),
    "Tamil": ("ta",),
    "Telugu": ("te",),
    "Kannada": ("kn",),
    "Malayalam": ("ml",),
    "Sinhala": ("si",),
    "Lao": ("lo",),
    "Khmer": ("km",),
    "Myanmar": ("my",),
    "Ethiopic": ("am", "ti"),
    "Tibetan": ("bo", "dz"),
}
SCRIPTS_OF: dict[str, frozenset[str]] = {}
for _script, _languages in LANGUAGES_OF.items():
    for _language in _languages:
        SCRIPTS_OF[_language] = SCRIPTS_OF.get(_language, frozenset()) | {_script}
# Written in a second script as well; Japanese headlines may hold no kana at all.
for _language in ("sr", "ku", "kk", "tg", "mn"):
    SCRIPTS_OF[_language] |= {"Latin"}
SCRIPTS_OF["uz"] = SCRIPTS_OF["az"] = frozenset({"Latin", "Cyrillic"})
SCRIPTS_OF["pa"] |= {"Arabic"}
_LATIN = frozenset({"Latin"})

_OTHER = regex.compile(
    r"[\u0370-\u1dff\u2c80-\ua63f\ua640-\ua69f\ua800-\uab2f\uabc0-\ufaff\ufb13-\U000e007f&&\p{L}]", regex.V1
)
_LETTER = regex.compile(r"\p{L}")
_COUNTED = tuple(
    (name, regex.compile(r"[\p{Hiragana}\p{Katakana}]" if name == "Kana" else rf"\p{{{name}}}"))
    for name in LANGUAGES_OF
)
_LATIN_LETTER = regex.compile(r"\p{Latin}")


def script_of(text: str) -> str:
    """Name the script of most letters ("Latin", "Han" ...); "" where there is no letter.

    Kana among Han decides for Japanese, however few, and a mixed text ("Apple เปิดตัว iPhone") is of the script that
    is not Latin once that holds a third of the letters: names stay in Latin letters, sentences do not.
    """
    if text.isascii() or not _OTHER.search(text):
        return "Latin" if _LETTER.search(text) else ""
    counts = {name: len(found) for name, pattern in _COUNTED if (found := pattern.findall(text))}
    latin = len(_LATIN_LETTER.findall(text))
    if not counts:
        return "Latin" if latin else ""
    if counts.get("Kana") and "Han" in counts:
        counts["Kana"] += counts.pop("Han")
    script = max(counts, key=lambda name: counts[name])
    # A Han or Hangul letter is worth about two of an alphabet.
    weight = 2 if script in {"Han", "Kana", "Hangul"} else 1
    return script if counts[script] * weight * 2 >= latin else "Latin"


def writes(language: str, script: str) -> bool:
    """Tell whether `language` is written in `script`."""
    return script in SCRIPTS_OF.get(language, _LATIN)
