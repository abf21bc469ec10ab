"""Keep out what XML 1.0 and plain text cannot hold."""

import re

# Not a Char of XML 1.0 §2.2: C0 controls other than tab, LF and CR, surrogates, U+FFFE and U+FFFF.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# The same, DEL and the C1 controls: legal in XML, yet never meant in a text.
_CONTROL = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,32})|([0-9]{1,32}));?")
_SPACE = re.compile(r"\s+")


def xml_only(text: str) -> tuple[str, int]:
    """Remove what is no XML character, also where written as a reference; give the text and how many went.

    A reference to a surrogate or past U+10FFFF makes feedparser raise, one to a control character makes expat stop.
    """
    text, raw = _NOT_XML.subn("", text)
    removed = 0

    def keep(match: re.Match[str]) -> str:
        nonlocal removed
        number = int(match[1], 16) if match[1] else int(match[2])
        if number <= 0x10FFFF and not _NOT_XML.match(chr(number)):
            return match[0]
        removed += 1
        return ""

    if "&#" in text:
        text = _REFERENCE.sub(keep, text)
    return text, raw + removed


def clean(text: str) -> str:
    """Remove control characters, lone surrogates, U+FFFE and U+FFFF; line ends become LF."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", text)


def line(text: str, limit: int | None = None) -> str:
    """Make one clean line of it, of at most `limit` characters, cut between words where there are any."""
    flat = clean(_SPACE.sub(" ", text)).strip()
    if limit is None or len(flat) <= limit:
        return flat
    cut = flat[: limit - 1]
    space = cut.rfind(" ", limit // 2)
    return (cut[:space] if space > 0 else cut).rstrip() + "…"
