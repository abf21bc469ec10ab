"""Keep the daemon small on glibc: few arenas for its threads, and free memory handed back when it has done its work.

Writing documents of some megabytes leaves as much free memory behind, in an arena for each thread; glibc keeps it.
"""

import ctypes
import gc
import sys

M_ARENA_MAX = -8  # mallopt(3)
ARENAS = 2


def use_few_arenas() -> None:
    """Let threads share two arenas; to be called before there are threads. Elsewhere than on glibc nothing happens."""
    libc = _libc()
    if libc is not None:
        libc.mallopt(M_ARENA_MAX, ARENAS)


def give_back() -> None:
    """Hand free memory back to the system (malloc_trim(3)): some milliseconds."""
    libc = _libc()
    if libc is not None:
        libc.malloc_trim(0)


def keep() -> None:
    """Have Python's collector look no more through what is there now, which stays: each look stops all for 0.3 s."""
    gc.collect()
    gc.freeze()


def _libc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        libc = ctypes.CDLL(None)
    except OSError:
        return None
    return libc if hasattr(libc, "malloc_trim") and hasattr(libc, "mallopt") else None
