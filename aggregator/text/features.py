"""Turn the text of an entry into what is compared: language, stems, words, numbers and names.

The same text, declaration and languages in use give the same features on every machine, so that stored decisions can
be repeated; FEATURES_VERSION says which rules made them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from . import languages as _languages
from .genre import NO_HAPPENING, genre_of
from .numbers import normalise, numbers_of
from .stems import stems_of, stop_words
from .words import clean, lower, pairs, simplify, spaced, split

FEATURES_VERSION = 6  # raise when any output changes

_TITLE = 400  # characters; longer titles are whole paragraphs
_SUMMARY = 4000  # characters of the words that copies are found by
_LEAD = 500  # characters of the summary that count as content
_DETECTED = 300  # characters are enough for statistics
_LONG = 200  # characters from which statistics may contradict a declaration
# Of the words of three letters or more in running text, stop words of its own language: 0.15 to 0.5 in most, fewer in
# Turkish and Arabic; of another language at most 0.13.
_SPOKEN = 0.14


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What an entry's text says."""

    language: str  # ISO 639-1 as decided; "und" when there is nothing to tell by
    space: str  # token space: near languages share one, else the language
    title: tuple[
        str, ...
    ]  # stems of the title in order, stop words out; pairs of characters for Chinese, Japanese, Thai
    summary: tuple[str, ...]  # the same of the first 500 characters of the summary
    words: tuple[str, ...]  # lower-cased words of title and summary in order, stop words kept


def _tokens(words: list[str], language: str) -> tuple[str, ...]:
    """Give the content tokens of words in order."""
    tokens: list[str] = []
    shouted = not any(not word.isupper() for word in words if word.isalpha())
    for word in words:
        tokens += _tokens_of(word, language, shouted)
    return tuple(tokens)


@lru_cache(maxsize=16_384)
def _tokens_of(word: str, language: str, shouted: bool) -> tuple[str, ...]:
    """Give the content tokens of a word: mostly one or none."""
    stems = stems_of(_languages.space_of(language))
    if word[0].isdigit() and ("." in word or "," in word):
        return (normalise(word, language),)
    run = None if word.isascii() else pairs(word)
    if run is not None:
        return tuple(token for pair in run if (token := stems.pair(pair)))
    token = stems.stem(lower(word, language))
    if token:
        return (token,)
    if not shouted and len(word) > 1 and word.isupper():  # US, WHO, IT are no stop words
        return (word.lower(),)
    return ()


def _issue(title: str, words: list[str], language: str) -> Features:
    """Give the features of a round-up, quiz or horoscope: nothing to compare but its whole text, with the issue's date.

    Each word carries the numbers of the title, so that one issue is a copy of itself and of no other.
    """
    mark = " ".join(sorted(numbers_of(title, language)))
    return Features(
        language=language,
        space=_languages.space_of(language),
        title=(),
        summary=(),
        words=tuple(f"{word} {mark}" for word in words),
    )


def _plain_words(text: str, language: str) -> list[str]:
    words = split(lower(text, language))
    if "'s" in text:
        words = [word.removesuffix("'s") for word in words]
    return words if spaced(text) else [token for word in words for token in pairs(word) or (word,)]


def _language(text: str, declared: str | None, languages: Collection[str]) -> str:
    """Decide the language; a long text is heard against what its feed declares, which software often left at "en"."""
    language = _languages.decide(text, declared=declared, languages=languages)
    if language != declared or len(text) < _LONG or not spaced(text):
        return language
    stops = stop_words(_languages.space_of(language))
    words = [word for word in split(text.lower()) if len(word) > 2]
    if not stops or sum(word in stops for word in words) >= _SPOKEN * len(words):
        return language
    # Who declares wrongly may speak a language that no feed declares: all are looked among.
    return _languages.decide(text[:_DETECTED], favoured=language)


def _filled(title: str, words: list[str], frame: Collection[str], language: str) -> Features | None:
    """Give the features of a title that fills in a frame: what it is filled with; None where that is nothing.

    Each word carries it, so that such an entry is a copy of those alone that are filled with the same.
    """
    filled = [word for word in split(title) if word.lower() not in frame]
    space = _languages.space_of(language)
    tokens = _tokens(filled, language)
    tokens = tuple(token for token in tokens if not token[0].isdigit()) or tokens  # numbers agree by chance
    mark = " ".join(sorted(set(tokens)))
    return Features(
        language=language, space=space, title=tokens, summary=(), words=tuple(f"{word} {mark}" for word in words)
    ) if tokens else None  # fmt: skip


def analyse(
    title: str,
    summary: str = "",
    *,
    declared: str | None = None,
    languages: Collection[str] = (),
    frame: Collection[str] = (),
) -> Features:
    """Give the features of an entry's plain text.

    `declared` is the language that the entry or its feed claims, in any spelling; `languages` are those in use, among
    which an undeclared one is looked for; `frame` the words of the title, in lower case, that stand in many titles of
    the feed, which differ by the others. Time and result are bounded whatever the length of the text.
    """
    title, summary = clean(title, _TITLE), clean(summary, _SUMMARY)
    language = _language(f"{title} {summary[:_LEAD]}", _languages.normalise(declared), languages)
    if language == "zh":
        title, summary = simplify(title), simplify(summary)
    space = _languages.space_of(language)
    title_words, lead_words = split(title), split(summary[:_LEAD])
    words = _plain_words(title, language)
    if summary:
        words += _plain_words(summary, language)
    if genre_of(title, language) in NO_HAPPENING:
        return _issue(title, words, language)
    if frame and (filled := _filled(title, words, frame, language)):
        return filled
    return Features(
        language=language,
        space=space,
        title=_tokens(title_words, language),
        summary=_tokens(lead_words, language),
        words=tuple(words),
    )
