"""What the project has promised itself, and whether a run keeps it."""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from load.bench.measuring import Cell, Sample
from load.bench.results import Results, Spread, pooled, spread
from load.bench.roster import REFERENCE

SIZES: Final = (500, 8_000, 100_000)
FIXED: Final = "tiergate-native-fixed"
DEFAULT: Final = "tiergate-native-default"
SEMANTIC: Final = "tiergate-native-semantic"
_RATE: Final = 500.0


class Target(Struct, frozen=True, kw_only=True):
    """A bound from above, or from below for what should be much; `found` is None where the run
    does not say.
    """

    what: str
    found: Spread | None
    bound: float
    floor: bool = False

    @property
    def met(self) -> bool | None:
        """By the median of the rounds."""
        if self.found is None:
            return None
        middle = self.found.median
        return middle >= self.bound if self.floor else middle <= self.bound

    def row(self) -> Sequence[str]:
        """As tables show it."""
        word = {True: "met", False: "**missed**", None: "not measured"}[self.met]
        found = self.found.written(2) if self.found else ""
        return (self.what, f"{'≥' if self.floor else '≤'} {self.bound:g}", found, word)


def targets(results: Results) -> Iterator[Target]:
    """All of them, in the order in which they are told."""
    for subject, bounds in (
        (FIXED, (3.1, 3.0, 5.2)),
        (DEFAULT, (3.6, 3.6, 6.0)),
        (SEMANTIC, (6.0, 6.0, 9.0)),
    ):
        yield from _cpu(results, subject, REFERENCE, bounds)
    for size, bound in ((500, 1 / 12), (100_000, 1 / 4)):
        yield _router_cpu(results, size, round(bound, 3))
    for peer, least in (("litellm", 60.0), ("fastapi-httpx", 20.0)):
        yield Target(
            what=f"requests/s, `{DEFAULT}` / `{peer}`, 0.5 KB",
            found=results.ratios(DEFAULT, peer, _closed(results, 500), _speed),
            bound=least,
            floor=True,
        )
    yield from _cpu(results, DEFAULT, "vllm-router", (2.0, 1.2, 1.0))
    for name, share, most in (("p50", 0.5, 0.6), ("p99", 0.99, 3.0)):
        yield _added(results, name, share, most)
    for subject, megabytes in ((DEFAULT, 60.0), (SEMANTIC, 200.0)):
        resident = [one.resident["router"] for one in results.samples if one.subject == subject]
        what = f"resident MB of the router, all in one process, `{subject}`"
        yield Target(what=what, found=spread(resident), bound=megabytes)


def _cpu(
    results: Results, subject: str, reference: str, bounds: Sequence[float]
) -> Iterator[Target]:
    """Total CPU a request over that of another, at each size."""
    for size, bound in zip(SIZES, bounds, strict=True):
        yield Target(
            what=f"CPU, `{subject}` / `{reference}`, {size / 1000:g} KB",
            found=results.ratios(subject, reference, _closed(results, size), _total),
            bound=bound,
        )


def _router_cpu(results: Results, size: int, bound: float) -> Target:
    return Target(
        what=f"router's CPU, native / grpc, {size / 1000:g} KB",
        found=results.ratios(FIXED, "tiergate-grpc-fixed", _closed(results, size), _router),
        bound=bound,
    )


def _added(results: Results, name: str, share: float, most: float) -> Target:
    """Milliseconds above the reference, of all rounds together."""
    opened = [cell for cell in results.cells if cell.rate == _RATE]
    found = None
    if opened:
        own = pooled(results.of(DEFAULT, opened[0]), share)
        base = pooled(results.of(REFERENCE, opened[0]), share)
        found = spread([own - base]) if own is not None and base is not None else None
    return Target(what=f"added {name} at {_RATE:g} req/s, ms, `{DEFAULT}`", found=found, bound=most)


def _closed(results: Results, size: int) -> Cell:
    """The closed load of that size with JSON answers; any, where there was none."""
    for cell in results.cells:
        if (cell.size, cell.streamed, cell.rate) == (size, False, 0.0):
            return cell
    return Cell(size=size)


def _total(sample: Sample) -> float:
    return sample.total


def _router(sample: Sample) -> float:
    return sample.cpu["router"]


def _speed(sample: Sample) -> float:
    return sample.requests / sample.seconds
