"""Copies: entries whose words are nearly those of an earlier entry of their event."""

import numpy as np
from numpy.typing import NDArray

from aggregator.clustering.window import Window

NONE = -1


def recognise(window: Window) -> NDArray[np.int64]:
    """Note in the window which entry is whose copy now; give the positions for which that changed.

    An entry's twin (the earlier entry with the most alike words) is found on arrival; it counts while both are in one
    event. A copy of a copy is one of the first text, as far as that is in the window.
    """
    first = window.first
    rows = slice(first - window.base, window.end - window.base)
    twin, event = window.twin[rows], window.event[rows]
    original = window.copy_of[rows].copy()  # what was found stays when the original leaves the window
    original[(twin >= first) | (event < 0)] = NONE
    known = np.flatnonzero((twin >= first) & (event >= 0))
    together = known[event[known] == event[twin[known] - first]]
    for at in together.tolist():  # in order: an original's own original is settled before its copies
        nearest = int(twin[at])
        root = int(original[nearest - first])
        original[at] = root if root >= first else nearest
    changed = np.flatnonzero((original != window.copy_of[rows]) & (event >= 0))
    window.copy_of[rows] = original
    return changed + first
