"""Numbers as values that can contradict one another: 1,000 = 1.000 = 1000, by what a language means with its signs."""

import regex

# Where the comma parts thousands and the point decimals.
_POINT_DECIMAL = frozenset(
    {"en", "zh", "ja", "ko", "th", "he", "hi", "ms", "tl", "ta", "bn", "ur", "ga", "my", "ne", "mr"}
)
_NUMBER = regex.compile(r"(?<![\p{L}\d.,])\d+(?:[.,]\d+)*(?:[\s\u202f]\d{3}(?!\d))*(?:\s?[%٪])?")
_GROUPS = regex.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")
_SPACE = regex.compile(r"[\s\u202f]+")
_LIMIT = 24  # digits and signs; longer ones are codes


def normalise(number: str, language: str) -> str:
    """Write a number of separators and digits with no grouping, "." before decimals and no trailing zeros."""
    point, comma = number.rfind("."), number.rfind(",")
    if point < 0 and comma < 0:
        return number.lstrip("0") or "0"
    if point >= 0 and comma >= 0:  # the last sign is the decimal one
        decimal = "." if point > comma else ","
    elif _GROUPS.fullmatch(number) and not _decimal_here(number, language):
        return number.replace(".", "").replace(",", "").lstrip("0") or "0"
    elif number.count(".") + number.count(",") > 1:
        return number.replace(",", ".")  # a date or version: 01.09.2021
    else:
        decimal = "." if point >= 0 else ","
    if number.count(decimal) > 1:
        return number.replace(",", ".")
    grouping = "," if decimal == "." else "."
    whole, _, part = number.replace(grouping, "").partition(decimal)
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{part}" if part else "")


def _decimal_here(number: str, language: str) -> bool:
    """Tell whether a sign before three digits parts decimals: in 0.125, and in 1.234 where the point does so."""
    return number.startswith("0") or (number.count(".") == 1 and "," not in number and language in _POINT_DECIMAL)


def numbers_of(text: str, language: str) -> frozenset[str]:
    """Give the numbers of a cleaned text, normalised; percentages end in "%"."""
    found = set()
    for match in _NUMBER.findall(text):
        if len(match) > _LIMIT:
            continue
        percent = "%" if match[-1] in "%٪" else ""
        found.add(normalise(_SPACE.sub("", match.rstrip("%٪")), language) + percent)
    return frozenset(found)
