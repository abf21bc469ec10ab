"""Cut a text into words: by Unicode class, since the stdlib's `\\w` tears Thai and Hindi apart."""

import gzip
import html
import unicodedata
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

import regex

_TAG = regex.compile(r"<!--.*?-->|</?[A-Za-z][^<>]{0,500}>", regex.S)
_URL = regex.compile(r"(?:https?://|www\.)\S+", regex.I)
_HANDLE = regex.compile(r"(?<![\p{L}\p{N}])@[\p{L}\p{N}_.]+")
_HASHTAG = regex.compile(r"[#＃]([\p{L}\p{M}\p{N}_]+)")
_HUMP = regex.compile(r"(?<=\p{Ll})(?=\p{Lu})|_")
_ACRONYM = regex.compile(r"\b(?:\p{Lu}\.){2,}(?:\p{Lu}\b)?")
# Persian parts a word's ending by a non-joiner or a space, as the writer likes.
_HALF_SPACE = regex.compile(r"(?<=\p{Arabic})\u200c+(?=\p{Arabic})")
_INVISIBLE = regex.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u0640]")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "＇": "'", "ʻ": "'"})  # fmt: skip
_DIGITS = str.maketrans(
    {
        chr(start + value): str(value)
        for start in (0x660, 0x6F0, 0x966, 0x9E6, 0xE50, 0xED0, 0x1040, 0x17E0)
        for value in range(10)
    }
)

# A number with its separators, or letters with marks and digits, joined by apostrophes.
_WORD = regex.compile(r"\d+(?:[.,]\d+)+|[\p{L}\p{M}\p{N}]+(?:'[\p{L}\p{M}]+)*")
_ASCII_WORD = regex.compile(r"[0-9]+(?:[.,][0-9]+)+|[A-Za-z0-9]+(?:'[A-Za-z]+)*")
# Written without spaces between words.
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}ー々\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_DIGIT_AFTER = regex.compile(r"(?<=[\p{Han}\p{Hiragana}\p{Katakana}ー々\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}])(?=\d)")
_RUN = regex.compile(
    r"(?P<han>[\p{Han}々]+)|(?P<katakana>[\p{Katakana}ー]+)|(?P<hiragana>\p{Hiragana}+)"
    r"|(?P<abugida>(?:[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]\p{M}*)+)|(?P<other>[^\p{Han}々\p{Katakana}ー\p{Hiragana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]+)"
)
_CLUSTER = regex.compile(r"[\p{L}\p{N}]\p{M}*")


@lru_cache(maxsize=1)
def _simplified() -> dict[int, int]:
    file = files("aggregator.text") / "data" / "han-simplified.txt.gz"
    traditional, simple = gzip.decompress(file.read_bytes()).decode().split()
    return str.maketrans(traditional, simple)


def simplify(text: str) -> str:
    """Write Chinese in simplified characters, one for one, so that Taipei's and Beijing's words meet."""
    return text.translate(_simplified())


def clean(text: str, limit: int) -> str:
    """Normalise (NFKC) the first `limit` characters: without markup, addresses, handles and invisible characters."""
    text = text[:limit]
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = _INVISIBLE.sub("", _HALF_SPACE.sub(" ", text))
        text = unicodedata.normalize("NFKC", text).translate(_QUOTES).translate(_DIGITS)[:limit]
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "://" in text or "www." in text:
        text = _URL.sub(" ", text)
    if "@" in text:
        text = _HANDLE.sub(" ", text)
    if "#" in text:
        text = _HASHTAG.sub(lambda found: _HUMP.sub(" ", found.group(1)), text)
    if not spaced(text):
        text = _DIGIT_AFTER.sub(" ", text)
    if "." in text:
        text = _ACRONYM.sub(lambda found: found.group().replace(".", "") + " ", text)
    return text


def lower(text: str, language: str) -> str:
    """Give the small letters of a language: İ and I are two letters in Turkish."""
    if language in {"tr", "az"}:
        text = text.replace("İ", "i").replace("I", "ı")
    return text.lower()


def spaced(text: str) -> bool:
    """Tell whether all of a text is written with spaces between words."""
    return text.isascii() or not _UNSPACED.search(text)


def split(text: str) -> list[str]:
    """Give the words of a cleaned text in order, in their own case; scripts without spaces as runs of one script."""
    if text.isascii():
        return list(_ASCII_WORD.findall(text))
    found: list[str] = _WORD.findall(text)
    if spaced(text):
        return found
    return [run.group() for word in found for run in _RUN.finditer(word)]


@lru_cache(maxsize=4096)
def pairs(run: str) -> tuple[str, ...] | None:
    """Cut a run of a script without spaces into pairs of characters; None where `run` is of another script."""
    if run.isascii() or not _UNSPACED.match(run):
        return None
    clusters = _CLUSTER.findall(run)
    if len(clusters) < 2:
        return (run,)
    return tuple(first + second for first, second in pairwise(clusters))
