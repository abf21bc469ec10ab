"""Content codings undone within a bound: an 809-byte brotli body inflates to 1 GiB.

httpx hands over what one piece of the wire inflates to in one piece, so the bound has to hold inside the decoder
(RFC 9110 §8.4): every one of them here gives at most `_STEP` bytes at a time.
"""

import zlib
from collections.abc import Callable, Iterator

import brotli  # type: ignore[import-untyped]  # it has no stubs
import zstandard

ACCEPTED = "gzip, deflate, br, zstd"

_GZIP = 16 + zlib.MAX_WBITS
_GZIP_MAGIC = b"\x1f\x8b"
_STEP = 256 * 1024
_MOST_MEMBERS = 1_000  # of a gzip body; each costs a new decoder, and an empty one has only 20 bytes
_MOST_CODINGS = 2
_ZSTD_INPUT = 64  # bytes: at most 2 MiB out of it
_WINDOW = 8 * 1024 * 1024  # RFC 9659 §3: the most that a zstd decoder on the web has to give


class Undecodable(Exception):  # a value of this module's own, caught by the client
    """The body is not what its Content-Encoding says."""


class Incomplete(Undecodable):
    """The body ends before its coding does."""


class TooLarge(Undecodable):
    """The body decodes to more than the limit."""


def decode(body: bytes, codings: str, limit: int) -> bytes:
    """Undo the codings that a Content-Encoding header lists, the last first.

    Raises:
        TooLarge: the result, or a step on the way to it, is over `limit` bytes.
        Incomplete: the body is cut off.
        Undecodable: a coding is unknown or the body is not coded so.
    """
    names = [name for name in (part.strip().lower() for part in codings.split(",")) if name not in ("", "identity")]
    if len(names) > _MOST_CODINGS:
        raise Undecodable(f"{len(names)} content codings on top of one another")
    for name in reversed(names):
        decoder = _DECODERS.get(name)
        if decoder is None:
            raise Undecodable(f"the content coding {name[:40]!r} is not known")
        body = _within(decoder, body, limit) if body else body
    return body


def _within(decoder: Callable[[bytes], Iterator[bytes]], body: bytes, limit: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    try:
        for piece in decoder(body):
            size += len(piece)
            if size > limit:
                raise TooLarge(f"the document is over {limit / 1024 / 1024:.3g} MiB after decompression")
            pieces.append(piece)
    except (zlib.error, brotli.error, zstandard.ZstdError) as error:
        raise Undecodable(f"the compressed body is broken: {error}") from error
    return b"".join(pieces)


def _inflated(body: bytes, wbits: int) -> Iterator[bytes]:
    """Inflate one or more members after one another (RFC 1952 §2.2); what follows the last is left out."""
    view, start = memoryview(body), 0
    for _ in range(_MOST_MEMBERS):
        decoder = zlib.decompressobj(wbits)
        while not decoder.eof:
            pending = decoder.unconsumed_tail or bytes(view[start : start + _STEP])
            if not decoder.unconsumed_tail:
                start += len(pending)
            if not pending:
                raise Incomplete("the compressed body is cut off")
            yield decoder.decompress(pending, _STEP)
        start -= len(decoder.unused_data)
        if wbits != _GZIP or view[start : start + 2] != _GZIP_MAGIC:
            return
    raise Undecodable(f"over {_MOST_MEMBERS} gzip members")


_ZLIB_HEADER = 8  # the low bits of the first byte: compression method "deflate" (RFC 1950 §2.2)


def _gzip(body: bytes) -> Iterator[bytes]:
    return _inflated(body, _GZIP)


def _deflate(body: bytes) -> Iterator[bytes]:
    """Inflate zlib data, or the raw deflate data that some servers send under this name (RFC 9110 §8.4.1.2)."""
    wrapped = len(body) > 1 and body[0] & 0x0F == _ZLIB_HEADER and (body[0] << 8 | body[1]) % 31 == 0
    return _inflated(body, zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)


def _brotli(body: bytes) -> Iterator[bytes]:
    decoder = brotli.Decompressor()
    piece = decoder.process(body, output_buffer_limit=_STEP)
    while not decoder.is_finished():
        yield piece
        piece = decoder.process(b"", output_buffer_limit=_STEP)
        if not piece and not decoder.is_finished():
            raise Incomplete("the compressed body is cut off")
    yield piece


def _zstd(body: bytes) -> Iterator[bytes]:
    """Decode frames after one another (RFC 8878 §3.1).

    The decoder takes no bound on what it gives, so it is fed little: 4 bytes make at most one block of 128 KiB.
    Its stream reader has a bound, but ends without a word where a body is cut off.
    """
    unpacker = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    start = 0
    for _ in range(_MOST_MEMBERS):
        decoder = unpacker.decompressobj()
        while not decoder.eof:
            pending = body[start : start + _ZSTD_INPUT]
            start += len(pending)
            if not pending:
                raise Incomplete("the compressed body is cut off")
            yield decoder.decompress(pending)
        start -= len(decoder.unused_data)
        if start >= len(body):
            return
    raise Undecodable(f"over {_MOST_MEMBERS} zstd frames")


_DECODERS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
