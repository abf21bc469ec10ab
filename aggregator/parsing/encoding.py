"""Decide a document's encoding: BOM, valid UTF-8, header, declaration, windows-1252 (in this order)."""

import codecs
import re
from dataclasses import dataclass

# What is honoured, by the name Python gives it; the value is what browsers take for it (WHATWG Encoding).
# Everything else - utf-7, idna, punycode, rot13, unicode_escape, made-up names - is not looked up at all.
_HONOURED = {
    **{name: name for name in ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "big5hkscs")},
    **{f"iso8859-{n}": f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
    **{f"cp{n}": f"cp{n}" for n in (437, 850, 852, 855, 866, 874, 932, 949, 1250, 1251, 1252, 1253, 1254, 1255)},
    **{name: name for name in ("cp1256", "cp1257", "cp1258", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic")},
    **{name: name for name in ("euc_jp", "iso2022_jp", "iso2022_kr", "hz", "kz1048")},
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# A BOM that is missing shows in where the zero bytes of the first characters lie (XML 1.0, appendix F).
_WIDE = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_SHIFTED = {"iso2022_jp", "iso2022_kr", "hz"}  # of 7 bits, so that they pass for UTF-8
_DECLARED = re.compile(rb"""^\s{0,64}<\?xml[^>]{0,256}?encoding\s{0,8}=\s{0,8}["']([A-Za-z0-9._:-]{1,40})["']""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A document as text, the encoding it was in, and what its publisher got wrong about that."""

    text: str
    encoding: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Claim:
    """An encoding that somebody names; `told` is how that is put, `name` what is honoured of it (None: nothing)."""

    told: str
    name: str | None


def decode(body: bytes, content_type: str | None) -> Decoded:
    """Decode the whole body; bytes that do not fit become U+FFFD rather than an error."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _lenient(body[len(mark) :], name)
    for mark, name in _WIDE:
        if body.startswith(mark):
            return _lenient(body, name)
    claims = _claims(body, content_type)
    problems = tuple(f"{claim.told}, an encoding that is not known" for claim in claims if claim.name is None)
    if not any(claim.name in _SHIFTED for claim in claims):
        try:
            return Decoded(body.decode("utf-8"), "utf-8", problems + _mismatch(body, claims))
        except UnicodeDecodeError:
            pass
    for claim in claims:
        try:
            if claim.name is not None:
                return Decoded(body.decode(claim.name), claim.name, problems)
        except UnicodeDecodeError:
            problems += (f"{claim.told}, which does not fit the document",)
    return _undeclared(body, problems)


def _lenient(body: bytes, name: str) -> Decoded:
    text = body.decode(name, "replace")
    broken = "\ufffd" in text
    return Decoded(text, name, (f"bytes that are not {name}",) if broken else ())


def _claims(body: bytes, content_type: str | None) -> list[_Claim]:
    """List the encodings that header and declaration name, one where they agree."""
    header = _CHARSET.search(content_type) if content_type else None
    declared = _DECLARED.match(body)
    sent, written = header[1] if header else None, declared[1].decode("ascii") if declared else None
    if sent and written and sent.lower() == written.lower():
        return [_Claim(f"HTTP header and XML declaration say {sent}", _honoured(sent))]
    claims = [_Claim(f"the HTTP header says {sent}", _honoured(sent))] if sent else []
    return claims + ([_Claim(f"the XML declaration says {written}", _honoured(written))] if written else [])


def _honoured(label: str) -> str | None:
    try:
        return _HONOURED.get(codecs.lookup(label).name)
    except (LookupError, ValueError):
        return None


def _mismatch(body: bytes, claims: list[_Claim]) -> tuple[str, ...]:
    if body.isascii():
        return ()
    return tuple(f"{claim.told}, but the document is UTF-8" for claim in claims if claim.name not in {None, "utf-8"})


def _undeclared(body: bytes, problems: tuple[str, ...]) -> Decoded:
    """Take UTF-8 with a few broken bytes for UTF-8, everything else for windows-1252."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if len(text) - sum(map(len, re.findall(r"[\x00-\x7f]+", text))) > 2 * broken:
        return Decoded(text, "utf-8", (*problems, f"{broken} bytes that are not UTF-8"))
    return Decoded(body.decode("cp1252", "replace"), "cp1252", (*problems, "read as windows-1252"))
