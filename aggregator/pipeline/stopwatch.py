"""How long the stages of the pipeline take, for /metrics."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Stopwatch:
    """Counts since the start. Each stage is measured by one thread."""

    spent: dict[str, tuple[int, float]] = field(default_factory=dict)  # by stage: how often, seconds in all

    def add(self, stage: str, seconds: float) -> None:
        """Take note of one run of a stage."""
        count, total = self.spent.get(stage, (0, 0.0))
        self.spent[stage] = count + 1, total + seconds

    @contextmanager
    def running(self, stage: str) -> Iterator[None]:
        """Measure a stage while it runs, also where it fails."""
        begun = time.monotonic()
        try:
            yield
        finally:
            self.add(stage, time.monotonic() - begun)
