"""Normalise what documents say of their language."""

import re

# Names and withdrawn codes that feeds still carry (BCP 47, IANA subtag registry).
_OTHER = {
    "in": "id", "iw": "he", "ji": "yi", "jw": "jv", "mo": "ro", "sh": "sr", "nb": "no", "nn": "no", "cmn": "zh",
    "english": "en", "indonesian": "id", "turkish": "tr", "arabic": "ar", "german": "de", "deutsch": "de",
    "spanish": "es", "french": "fr", "russian": "ru", "chinese": "zh", "japanese": "ja", "portuguese": "pt",
    "eng": "en", "ind": "id", "tur": "tr", "ara": "ar", "deu": "de", "ger": "de", "spa": "es", "fra": "fr",
    "fre": "fr", "rus": "ru", "zho": "zh", "chi": "zh", "jpn": "ja", "por": "pt", "ita": "it", "nld": "nl", "msa": "ms",
}  # fmt: skip
_TAG = re.compile(r"([a-z]{2,12})(?:[-_][a-z0-9_-]{1,40})?$")


def language(tag: str | None) -> str | None:
    """Give the primary subtag in lower case ("pt-BR": "pt"), None where it says nothing usable."""
    match = _TAG.match((tag or "").strip().lower())
    if match is None or match[1] in {"und", "mul", "zxx", "xx", "none"}:
        return None
    known = _OTHER.get(match[1], match[1])
    return known if len(known) <= 3 else None
