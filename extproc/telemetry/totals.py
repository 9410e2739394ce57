"""Several processes' metrics as one: what each worker counted, added up at every scrape.

prometheus_client has a mode for several processes, which writes every value to a mapped file with
each request; a snapshot costs only the scrape. What a worker counted after the last scrape is lost
if it crashes, as one process's is.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct
from prometheus_client import CollectorRegistry, Metric, generate_latest
from typing_extensions import override

_HELD: Final = "_entries"
"""How gauges end that count what a process holds: these add up."""
Labels = tuple[tuple[str, str], ...]


class Sample(Struct, frozen=True, array_like=True):
    """One number; `name` may have a suffix that its family has not, as `_total`."""

    name: str
    labels: Labels
    value: float


class Family(Struct, frozen=True, array_like=True):
    """All samples of one metric."""

    name: str
    kind: str
    help: str
    samples: tuple[Sample, ...]


Snapshot = tuple[Family, ...]


def snapshot(registry: CollectorRegistry) -> Snapshot:
    """What a registry holds now."""
    return tuple(
        Family(
            metric.name,
            metric.type,
            metric.documentation,
            tuple(
                Sample(sample.name, tuple(sample.labels.items()), sample.value)
                for sample in metric.samples
            ),
        )
        for metric in registry.collect()
    )


def total(snapshots: Sequence[Snapshot]) -> Snapshot:
    """Counters and histograms added up; of gauges the lowest, since all is well where each is well,
    but for those of what a process holds.
    """
    names = dict.fromkeys(family.name for one in snapshots for family in one)
    families = [family for one in snapshots for family in one]
    return tuple(_merged([one for one in families if one.name == name]) for name in names)


def counted(taken: Snapshot) -> Snapshot:
    """What stays true of a process that has ended: its counters, not its gauges."""
    return tuple(family for family in taken if family.kind != "gauge")


def exposition(taken: Snapshot) -> bytes:
    """The text format of Prometheus."""
    return generate_latest(_Fixed(taken))


def _merged(families: Sequence[Family]) -> Family:
    first = families[0]
    merge = min if first.kind == "gauge" and not first.name.endswith(_HELD) else sum
    values: dict[tuple[str, Labels], list[float]] = {}
    for sample in (sample for family in families for sample in family.samples):
        values.setdefault((sample.name, sample.labels), []).append(sample.value)
    samples = tuple(Sample(*key, float(merge(some))) for key, some in values.items())
    return Family(first.name, first.kind, first.help, samples)


class _Fixed(CollectorRegistry):
    """A registry of numbers that are given."""

    def __init__(self, taken: Iterable[Family]) -> None:
        super().__init__()
        self._taken = tuple(taken)

    @override
    def collect(self) -> Iterator[Metric]:
        """Each family as prometheus_client has it."""
        for family in self._taken:
            metric = Metric(family.name, family.help, family.kind)
            for sample in family.samples:
                metric.add_sample(sample.name, dict(sample.labels), sample.value)
            yield metric
