"""BOM, valid UTF-8, header, declaration, windows-1252: in this order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.parsing.encoding import decode

TEXT = '<?xml version="1.0"?><rss>Çağrı café “q” Снег</rss>'


def declared(encoding: str, text: str) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?><rss>{text}</rss>'


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_unicode_is_told_by_its_mark_or_its_zero_bytes(codec: str) -> None:
    decoded = decode(TEXT.encode(codec), "text/xml; charset=iso-8859-1")
    assert decoded.text == TEXT
    assert decoded.problems == ()


@pytest.mark.parametrize("header", [None, "text/xml", "text/xml; charset=iso-8859-1", "text/xml; charset=us-ascii"])
def test_valid_utf8_is_utf8_whatever_header_and_declaration_say(header: str | None) -> None:
    text = declared("windows-1252", "Çağrı")
    assert decode(text.encode(), header).text == text


def test_a_wrong_declaration_is_told() -> None:
    told = ("the XML declaration says iso-8859-1, but the document is UTF-8",)
    assert decode(declared("iso-8859-1", "é").encode(), None).problems == told
    assert decode(declared("iso-8859-1", "e").encode(), None).problems == ()


@pytest.mark.parametrize(
    ("header", "declaration", "told"),
    [
        ("utf-8", "ISO-8859-1", "the HTTP header says utf-8, which does not fit the document"),
        ("x-own", "ISO-8859-1", "the HTTP header says x-own, an encoding that is not known"),
        ("ISO-8859-1", "utf-8", None),
    ],
)
def test_who_names_the_wrong_encoding_is_told(header: str, declaration: str, told: str | None) -> None:
    decoded = decode(declared(declaration, "café").encode("cp1252"), f"text/xml; charset={header}")
    assert (decoded.text, decoded.problems) == (declared(declaration, "café"), (told,) if told else ())


def test_header_and_declaration_that_agree_are_blamed_together() -> None:
    decoded = decode(declared("UTF-8", "café").encode("cp1252"), "text/xml; charset=utf-8")
    assert decoded.problems == (
        "HTTP header and XML declaration say utf-8, which does not fit the document",
        "read as windows-1252",
    )


@pytest.mark.parametrize(
    ("codec", "label", "text"),
    [
        ("cp1254", "iso-8859-9", "Çağrı “q”"),
        ("cp1251", "windows-1251", "Снег"),
        ("koi8-r", "KOI8-R", "Снег"),
        ("iso8859-2", "iso-8859-2", "żółć"),
        ("cp932", "Shift_JIS", "東京"),
        ("euc-jp", "EUC-JP", "東京"),
        ("iso2022_jp", "iso-2022-jp", "東京"),
        ("gb18030", "gb2312", "北京"),
        ("big5", "big5", "台北"),
        ("cp949", "euc-kr", "서울"),
        ("cp874", "tis-620", "กรุงเทพ"),
        ("cp1256", "windows-1256", "القاهرة"),
        ("cp1252", "iso-8859-1", "café “q”"),
    ],
)
def test_header_or_declaration_name_other_encodings(codec: str, label: str, text: str) -> None:
    assert text in decode(declared(label, text).encode(codec), None).text
    assert text in decode(f"<rss>{text}</rss>".encode(codec), f'text/xml; charset="{label}"').text


def test_the_header_comes_before_the_declaration() -> None:
    assert "Снег" in decode(declared("koi8-r", "Снег").encode("cp1251"), "text/xml; charset=windows-1251").text


def test_a_header_that_does_not_fit_gives_way_to_the_declaration() -> None:
    assert "東京" in decode(declared("euc-jp", "東京").encode("euc-jp"), "text/xml; charset=utf-8").text


@pytest.mark.parametrize(
    "label", ["utf-7", "idna", "punycode", "rot13", "rot_13", "unicode_escape", "raw_unicode_escape", "hex", "base64",
              "bz2", "zlib", "uu", "quopri", "undefined", "mbcs", "oem", "palmos", "x-made-up", "charmap", "cp037"]
)  # fmt: skip
def test_other_codecs_are_not_honoured(label: str) -> None:
    body = declared(label, "+ADw-script+AD4- \\u003cscript\\u003e").encode()
    decoded = decode(body, f"text/xml; charset={label}")
    assert decoded.text == body.decode()
    assert "<script" not in decoded.text


def test_undeclared_bytes_are_windows_1252() -> None:
    assert decode("<rss>café “q”</rss>".encode("cp1252"), None).text == "<rss>café “q”</rss>"


def test_utf8_with_a_broken_byte_stays_utf8() -> None:
    decoded = decode("<rss>Çağrı Снег ".encode() + b"\xc3(</rss>", "text/xml; charset=utf-8")
    assert "Çağrı Снег \ufffd(" in decoded.text


@given(st.binary(max_size=300), st.one_of(st.none(), st.text(max_size=60)))
def test_whatever_comes_in_is_decoded(body: bytes, content_type: str | None) -> None:
    assert isinstance(decode(body, content_type).text, str)
