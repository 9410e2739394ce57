"""What a run gave, as JSON, and the figures that are read off it.

Every ratio is of two measurements of the same round, so that what else the machine was doing costs
both alike; a figure is the median over the rounds, and stands with the least and the most.
"""

import statistics
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from load.bench.measuring import Cell, Sample

_ENOUGH: Final = 10
"""A quantile is told where at least so many requests lie beyond it."""


class Results(Struct, frozen=True, kw_only=True):
    """One run; `refused` says of each subject that has no row why."""

    command: str
    machine: dict[str, str]
    refused: dict[str, str]
    samples: list[Sample]

    @property
    def cells(self) -> list[Cell]:
        """What was measured, in order."""
        return list(dict.fromkeys(sample.cell for sample in self.samples))

    @property
    def subjects(self) -> list[str]:
        """What was compared, in order."""
        return list(dict.fromkeys(sample.subject for sample in self.samples))

    def of(self, subject: str, cell: Cell) -> list[Sample]:
        """The rounds of one subject under one load."""
        return [one for one in self.samples if one.subject == subject and one.cell == cell]

    def ratios(
        self, subject: str, reference: str, cell: Cell, value: Callable[[Sample], float]
    ) -> "Spread | None":
        """The subject's value over the reference's, round by round."""
        below = {one.round: value(one) for one in self.of(reference, cell)}
        pairs = [(value(one), below.get(one.round, 0.0)) for one in self.of(subject, cell)]
        return spread(above / other for above, other in pairs if other)


class Spread(Struct, frozen=True, kw_only=True):
    """The median of the rounds, the least and the most."""

    median: float
    least: float
    most: float

    def written(self, digits: int) -> str:
        """As tables show it."""
        least, most = f"{self.least:.{digits}f}", f"{self.most:.{digits}f}"
        middle = f"{self.median:.{digits}f}"
        return middle if least == most else f"{middle} ({least}–{most})"  # noqa: RUF001 - a range


def spread(values: Iterable[float]) -> Spread | None:
    """Of no value at all there is none."""
    found = sorted(values)
    if not found:
        return None
    return Spread(median=statistics.median(found), least=found[0], most=found[-1])


def quantile(latencies: Sequence[int], share: float) -> float | None:
    """Milliseconds below which that share of the requests lies; None where too few lie beyond."""
    found = sorted(latencies)
    if len(found) * (1 - share) < _ENOUGH:
        return None
    return found[int(len(found) * share)] / 1000


def pooled(samples: Iterable[Sample], share: float) -> float | None:
    """The quantile of the latencies of all rounds together; None where requests were left unserved,
    since those that were served would flatter it.
    """
    samples = list(samples)
    if any(sample.unserved for sample in samples):
        return None
    return quantile([one for sample in samples for one in sample.latencies], share)


def load(path: Path) -> Results:
    """Read a run; msgspec's error where the file is none."""
    return msgspec.json.decode(path.read_bytes(), type=Results)


def save(results: Results, path: Path) -> None:
    """Write a run."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1))
