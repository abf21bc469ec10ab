"""Signatures of whole batches are datasketch's own."""

import numpy as np
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.clustering.minhash import SCHEME, SEED, Signer, jaccard


@given(sets=st.lists(st.sets(st.text(min_size=1, max_size=8), max_size=40), min_size=1, max_size=12))
@settings(max_examples=30, deadline=None)
def test_signatures_equal_those_of_datasketch_bit_for_bit(sets: list[set[str]]):
    signer = Signer(128)
    members = [sorted(word.encode("utf-8", "replace") for word in each) for each in sets]
    signed = signer.sign([[signer.hash(word) for word in each] for each in members])
    for row, each in zip(signed, members, strict=True):
        theirs = MinHash(num_perm=128, seed=SEED, scheme=SCHEME)
        theirs.update_batch(each)
        assert np.array_equal(row, theirs.hashvalues)


def test_a_text_longer_than_a_step_is_signed_whole():
    signer = Signer(16)
    words = [f"word{number}".encode() for number in range(20_000)]
    theirs = MinHash(num_perm=16, seed=SEED, scheme=SCHEME)
    theirs.update_batch(words)
    signed = signer.sign([[], [signer.hash(word) for word in words], [signer.hash(b"one")]])
    assert np.array_equal(signed[1], theirs.hashvalues)


def test_texts_without_words_are_alike_to_nothing():
    signer = Signer(16)
    signed = signer.sign([[], []])
    assert jaccard(signed[0], signed[1]) == 0.0


def test_the_estimate_is_within_four_standard_errors():
    signer = Signer(128)
    hashes = [signer.hash(f"w{number}".encode()) for number in range(300)]
    for shared in (20, 100, 180):
        signed = signer.sign([hashes[:200], hashes[200 - shared : 400 - shared]])
        exact = shared / (400 - shared) if 400 - shared <= 300 else shared / 300
        assert abs(jaccard(signed[0], signed[1]) - exact) <= 4 / (2 * 128**0.5)
