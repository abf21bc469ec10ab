"""Content codings, within bounds."""

import contextlib
import gzip
import subprocess
import sys
import tracemalloc
import zlib
from pathlib import Path

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from aggregator.fetching.decoding import Incomplete, TooLarge, Undecodable, decode

MIB = 1024 * 1024


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


CODERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=4),
    "zstd": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("coding", CODERS)
@given(data=st.binary(min_size=1, max_size=3000))
def test_what_was_encoded_is_decoded(coding: str, data: bytes) -> None:
    assert decode(CODERS[coding](data), coding, MIB) == data


@pytest.mark.parametrize("coding", CODERS)
def test_a_body_longer_than_one_step_of_the_decoder_is_whole(coding: str) -> None:
    data = b"".join(number.to_bytes(4, "big") for number in range(150_000))
    assert decode(CODERS[coding](data), coding, 2 * MIB) == data


@pytest.mark.parametrize("coding", CODERS)
@pytest.mark.parametrize("cut", [1, 2, 5, 9])
def test_a_body_that_is_cut_off_is_incomplete(coding: str, cut: int) -> None:
    body = CODERS[coding](b"one two three " * 1000)
    with pytest.raises(Incomplete):
        decode(body[:-cut], coding, MIB)


@pytest.mark.parametrize("coding", CODERS)
@given(body=st.binary(min_size=1, max_size=200))
def test_noise_never_raises_anything_unexpected(coding: str, body: bytes) -> None:
    with contextlib.suppress(Undecodable):
        decode(body, coding, MIB)


@pytest.mark.parametrize("coding", CODERS)
def test_a_body_at_the_limit_passes_and_one_byte_more_does_not(coding: str) -> None:
    body = CODERS[coding](b" " * 5000)
    assert len(decode(body, coding, 5000)) == 5000
    with pytest.raises(TooLarge):
        decode(body, coding, 4999)


def bomb(coding: str, size: int) -> bytes:
    """Pack so many blanks without ever holding them."""
    block = b" " * MIB
    if coding == "br":
        packer = brotli.Compressor(quality=1, lgwin=24)
        return b"".join(packer.process(block) for _ in range(size // MIB)) + packer.finish()
    if coding == "zstd":
        packer = zstandard.ZstdCompressor().compressobj()
    else:
        packer = zlib.compressobj(level=1, wbits=31 if coding == "gzip" else 15)
    return b"".join(packer.compress(block) for _ in range(size // MIB)) + packer.flush()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak of memory from Linux's /proc")
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_is_stopped_inside_the_decoder(coding: str) -> None:
    """Measured where malloc cannot hide it: in the peak of a process of its own, whose address space is limited."""
    body = bomb(coding, 96 * MIB)
    script = f"""
import sys
from pathlib import Path
from aggregator.fetching.decoding import TooLarge, decode
def peak():  # of this image alone: getrusage counts the process that it was forked from too
    return next(int(line.split()[1]) for line in Path("/proc/self/status").open() if line.startswith("VmHWM"))
body = sys.stdin.buffer.read()
before = peak()
try:
    decode(body, {coding!r}, {10 * MIB})
except TooLarge:
    print(peak() - before, peak())
"""
    done = subprocess.run([sys.executable, "-c", script], input=body, capture_output=True, check=True)
    grown, whole = map(int, done.stdout.split())
    assert 0 <= grown < 60 * 1024  # KiB
    assert whole < 200 * 1024


def test_deflate_without_its_wrapping_is_decoded() -> None:
    assert decode(raw_deflate(b"bare" * 99), "deflate", MIB) == b"bare" * 99


def test_members_of_a_gzip_body_are_joined_and_what_follows_is_left_out() -> None:
    assert decode(gzip.compress(b"one ") + gzip.compress(b"two") + b"\0\0\0junk", "gzip", MIB) == b"one two"


def test_frames_of_a_zstd_body_are_joined() -> None:
    pack = zstandard.ZstdCompressor().compress
    assert decode(pack(b"one ") + pack(b"two"), "zstd", MIB) == b"one two"


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_thousands_of_empty_members_are_refused(coding: str) -> None:
    with pytest.raises(Undecodable, match="over 1000"):
        decode(CODERS[coding](b"") * 5000, coding, MIB)


def test_codings_are_undone_from_the_last_to_the_first() -> None:
    assert decode(brotli.compress(gzip.compress(b"twice")), "gzip, br", MIB) == b"twice"


def test_a_stack_of_codings_is_refused() -> None:
    with pytest.raises(Undecodable, match="3 content codings"):
        decode(b"x", "gzip, gzip, gzip", MIB)


@pytest.mark.parametrize("codings", ["", "identity", " , identity", "Identity"])
def test_a_body_without_a_coding_is_given_back(codings: str) -> None:
    assert decode(b"plain", codings, MIB) == b"plain"


def test_an_unknown_coding_is_named() -> None:
    with pytest.raises(Undecodable, match="'sdch'"):
        decode(b"x", "sdch", MIB)


@pytest.mark.parametrize("coding", CODERS)
def test_an_empty_body_is_empty_under_any_coding(coding: str) -> None:
    assert decode(b"", coding, MIB) == b""


def test_a_window_over_8_mib_is_refused() -> None:
    packer = zstandard.ZstdCompressor(compression_params=zstandard.ZstdCompressionParameters(window_log=26))
    body = packer.compress(b"x" * (65 * MIB))
    tracemalloc.start()
    with pytest.raises(Undecodable):
        decode(body, "zstd", 100 * MIB)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * MIB
