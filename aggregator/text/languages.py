"""The language of a text: what the feed says first, then its script, then statistics among the languages in use.

py3langid alone calls 14 % of English headlines something else and some Indonesian ones Malay: it is asked only where
nothing better is known, among few languages, and near languages share one token space so that its slips cost nothing.
"""

from collections.abc import Collection
from functools import lru_cache

import regex

from .scripts import LANGUAGES_OF, script_of, writes

UNDETERMINED = "und"

# Old, three-letter and macro codes that feeds declare, as the codes used here (BCP 47; ISO 639-1, 639-2).
_ALIASES = {
    "in": "id", "iw": "he", "ji": "yi", "jw": "jv", "mo": "ro", "sh": "sr", "cnr": "sr", "no": "nb", "fil": "tl",
    "prs": "fa", "zsm": "ms", "cmn": "zh", "yue": "zh", "arb": "ar", "ckb": "ku", "kmr": "ku", "pes": "fa", "azb": "az",
    "swh": "sw",
    "eng": "en", "ger": "de", "deu": "de", "fre": "fr", "fra": "fr", "spa": "es", "ita": "it", "por": "pt", "dut": "nl",
    "nld": "nl", "rus": "ru", "ukr": "uk", "pol": "pl", "tur": "tr", "ara": "ar", "per": "fa", "fas": "fa", "ind": "id",
    "may": "ms", "msa": "ms", "chi": "zh", "zho": "zh", "jpn": "ja", "kor": "ko", "tha": "th", "vie": "vi", "hin": "hi",
    "gre": "el", "ell": "el", "heb": "he", "swe": "sv", "nor": "nb", "nob": "nb", "nno": "nn", "dan": "da", "fin": "fi",
    "cze": "cs", "ces": "cs", "slo": "sk", "slk": "sk", "hun": "hu", "rum": "ro", "ron": "ro", "bul": "bg", "hrv": "hr",
    "srp": "sr", "bos": "bs", "slv": "sl", "cat": "ca", "baq": "eu", "eus": "eu", "glg": "gl", "english": "en",
    "indonesian": "id", "german": "de", "french": "fr", "spanish": "es", "jp": "ja", "cn": "zh", "kr": "ko", "gr": "el",
    "ua": "uk", "cz": "cs", "dk": "da", "se": "sv",
}  # fmt: skip
_SPACES = {
    "ms": "id", "jv": "id", "su": "id", "nb": "no", "nn": "no", "da": "no", "hr": "sr", "bs": "sr", "sr": "sr",
}  # fmt: skip
SPACE_MEMBERS = {"id": ("id", "ms"), "no": ("nb", "nn", "no", "da"), "sr": ("sr", "hr", "bs")}

# Languages with a press that feeds carry, in Latin letters. Nigerian Pidgin, Latin, Esperanto and the like draw
# headlines of other languages and are looked for only where a feed declares them.
_LATIN = (
    "en", "es", "de", "fr", "pt", "it", "nl", "pl", "tr", "id", "ms", "sv", "nb", "da", "fi", "cs", "sk", "hu", "ro",
    "hr", "sl", "sq", "lt", "lv", "et", "ca", "eu", "gl", "ga", "is", "vi", "tl", "sw", "so", "ha", "af", "az",
)  # fmt: skip
# In nats, for what an undeclared text is likely to be: English headlines are often names and short words, which score
# alike in ten languages; small languages near large ones (Galician, Afrikaans) draw these.
_PRIORS = {"en": 10.0} | dict.fromkeys(("es", "de", "fr", "pt", "it", "nl", "pl", "tr", "id", "ru", "ar"), 3.0)
_PRIORS |= dict.fromkeys(("gl", "ca", "af", "ga", "ha", "so", "tl", "eu", "sw"), -3.0)
_FAVOURED = 12.0
_FEW = 24  # characters
# ISO 639-1, and three letters where there are no two. Feeds also declare "utf-8" and "default".
_LISTED = (
    "aa ab af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el"
    " en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is"
    " it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr"
    " ms mt my na nb nd ne ng nl nn nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si"
    " sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo"
    " xh yi yo za zh zu ast ceb hil ilo mai nds pap pcm sah scn szl tet war"
)
_CODES = frozenset(_LISTED.split())
_TAG = regex.compile(r"[A-Za-z]{2,10}")
_TELLING = tuple(
    (language, regex.compile(letters))
    for language, letters in (
        ("ku", "[ڕڵۆێ]"), ("ur", "[ٹڈڑےں]"), ("ps", "[ټډړږښۍ]"), ("ug", "[ۇۋېڭ]"), ("fa", "[پچژگ]"),
        ("be", "[ўЎ]"), ("uk", "[їєґЇЄҐ]"), ("mk", "[ѓќѕЃЌЅ]"), ("sr", "[ђћџљњјЂЋЏЉЊЈ]"), ("kk", "[әғқұһӘҒҚҰҺ]"),
    )
)  # fmt: skip
_RUSSIAN = regex.compile("[ыэёЫЭЁ]")
_UKRAINIAN_I = regex.compile("[іІ]")


@lru_cache(maxsize=512)
def normalise(declared: str | None) -> str | None:
    """Give the ISO 639-1 code of a declared language ("en_US", "in", "zh-Hant"); None where it says nothing usable."""
    found = _TAG.match(declared.strip()) if declared else None
    if found is None:
        return None
    code = found.group().lower()
    code = _ALIASES.get(code, code)
    return code if code in _CODES else None


def space_of(language: str) -> str:
    """Name the token space of a language: near languages share one."""
    return _SPACES.get(language, language)


def detect(text: str, script: str, candidates: tuple[str, ...], favoured: str | None = None) -> str:
    """Choose among `candidates` the language of a text; `favoured` or a large one unless another is far likelier."""
    if len(candidates) == 1:
        return candidates[0]
    from .detecting import detector  # noqa: PLC0415  brings numpy, which a search does not need

    scores = detector(script, candidates).scores(text)
    if not scores:
        return candidates[0] if candidates else UNDETERMINED
    likely = {
        language: score + (_FAVOURED if language == favoured else _PRIORS.get(language, 0.0))
        for language, score in scores.items()
    }
    return max(sorted(likely), key=lambda language: likely[language])


def _by_letters(text: str, script: str) -> str | None:
    """Decide by a letter that only one language of the script has."""
    if script not in {"Arabic", "Cyrillic"}:
        return None
    for language, letters in _TELLING:
        if language in LANGUAGES_OF[script] and letters.search(text):
            return language
    if script == "Cyrillic":
        if _RUSSIAN.search(text):
            return "ru"
        if _UKRAINIAN_I.search(text):
            return "uk"
    return None


def decide(
    text: str, *, declared: str | None = None, languages: Collection[str] = (), favoured: str | None = None
) -> str:
    """Give the ISO 639-1 code of the language of `text`; "und" where it holds no letter and nothing is declared.

    `declared` is normalised, and believed where its script is the text's or a few Latin letters make the whole ("iPhone
    15"). `languages` are those in use, none for any; `favoured` is the likeliest of them.
    """
    script = script_of(text)
    if not script:
        return declared or UNDETERMINED
    if declared and (writes(declared, script) or (script == "Latin" and len(text) < _FEW)):
        return declared
    told = _by_letters(text, script)
    if told:
        return told
    written = LANGUAGES_OF.get(script, _LATIN)
    if len(written) == 1 or script == "Han":
        return written[0]
    in_use = tuple(sorted({code for name in languages if (code := normalise(name)) and writes(code, script)}))
    return detect(text, script, in_use or written, favoured)
