"""What was decided and why, in a form that a person can read and a program can repeat."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from aggregator.clustering.minhash import SCHEME, SEED
from aggregator.model import EntryId
from aggregator.text.features import FEATURES_VERSION

SHINGLES_VERSION = 1  # distinct lower-cased words of title and summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """Which rules made the features and signatures; those of another make cannot be compared."""

    features: int = FEATURES_VERSION
    shingles: int = SHINGLES_VERSION
    scheme: str = SCHEME
    seed: int = SEED
    num_perm: int = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why an entry is in its event."""

    rule: str  # "founded", "joined", "copy", "repair", "merge", "split", "correction"
    revision: int | None = None  # of the entry that was judged; None: stored before it was noted
    compared: EntryId | None = None  # the member it was nearest to
    compared_revision: int | None = None
    jaccard: float | None = None  # estimate for the words of the two texts
    cosine: float | None = None  # of the weighted words of the two
    score: float | None = None  # against the event; of a merge, of the events; None where there was none to try
    parts: Mapping[str, float] = field(default_factory=dict)  # their sum is the score; of a merge, the lower one
    terms: tuple[tuple[str, float], ...] = ()  # words shared with the compared entry, and what they add to the cosine
    numbers: tuple[str, ...] = ()  # that both name
    gap: int | None = None  # seconds after the compared entry
    members: int = 0  # of the event before it joined
    thresholds: Mapping[str, float] = field(default_factory=dict)  # `needed`: what the score was compared with
    versions: Versions = Versions()
    correction: Mapping[str, Any] | None = None  # number, kind and reason of the one that put it there

    def to_json(self) -> str:
        """Write it as JSON, keys in a fixed order."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str | Mapping[str, Any]) -> "Evidence":
        """Read what `to_json` wrote."""
        values = dict(json.loads(text) if isinstance(text, str) else text)
        values["terms"] = tuple((term, weight) for term, weight in values["terms"])
        values["numbers"] = tuple(values["numbers"])
        values["versions"] = Versions(**values["versions"])
        return cls(**values)
