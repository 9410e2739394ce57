"""A run as Markdown."""

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence

from load.bench.measuring import SURROUNDINGS, Cell, Sample
from load.bench.results import Results, pooled, spread
from load.bench.roster import REFERENCE

_QUANTILES = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}


def markdown(results: Results) -> str:
    """The machine, a table for each load, and who is not in them."""
    parts = [_machine(results)]
    for cell in results.cells:
        rows = _open_rows(results, cell) if cell.rate else _closed_rows(results, cell)
        parts.append(f"### {cell.name}\n\n" + table(rows))
    if results.refused:
        lines = [f"- `{name}`: {why}" for name, why in results.refused.items()]
        parts.append("### Without a row\n\n" + "\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _machine(results: Results) -> str:
    facts = ", ".join(f"{name} {value}" for name, value in results.machine.items())
    busy = spread(sample.others for sample in results.samples)
    others = busy.written(2) if busy else "unknown"
    return f"`{results.command}`\n\n{facts}; cores used by others meanwhile: {others}."


def _closed_rows(results: Results, cell: Cell) -> Iterable[Sequence[str]]:
    yield (
        "subject",
        "CPU µs a request",
        f"÷ `{REFERENCE}`",
        "of which",
        "req/s",
        f"÷ `{REFERENCE}`",
        "client, stand-in µs",
        "MB",
    )
    for subject in results.subjects:
        samples = results.of(subject, cell)
        if samples:
            yield (
                f"`{subject}`",
                _spread((one.total for one in samples), 0),
                _ratio(results, subject, cell, lambda one: one.total),
                _parts(samples),
                _spread((one.requests / one.seconds for one in samples), 0),
                _ratio(results, subject, cell, lambda one: one.requests / one.seconds),
                f"{_median(samples, 'client')}, {_median(samples, 'upstream')}",
                " + ".join(f"{one:.0f}" for one in samples[-1].resident.values()),
            )


def _open_rows(results: Results, cell: Cell) -> Iterable[Sequence[str]]:
    yield ("subject", "p50 ms", "added p50", "p99 ms", "added p99", "p99.9 ms", "added p99.9")
    base = _quantiles(results.of(REFERENCE, cell))
    for subject in results.subjects:
        samples = results.of(subject, cell)
        if samples:
            yield (f"`{subject}`", *_latencies(samples, base))


def _latencies(samples: Sequence[Sample], base: Mapping[str, float | None]) -> list[str]:
    """Each quantile and what it adds to the reference's; none where the rate was too high."""
    unserved = sum(one.unserved for one in samples)
    if unserved:
        return [f"{unserved} requests left unserved", *[""] * (2 * len(_QUANTILES) - 1)]
    own = _quantiles(samples)
    row = []
    for name in _QUANTILES:
        row += [_number(own[name]), _difference(own[name], base[name])]
    return row


def _quantiles(samples: Sequence[Sample]) -> dict[str, float | None]:
    return {name: pooled(samples, share) for name, share in _QUANTILES.items()}


def _ratio(results: Results, subject: str, cell: Cell, value: Callable[[Sample], float]) -> str:
    found = results.ratios(subject, REFERENCE, cell, value)
    return found.written(2) if found else ""


def _spread(values: Iterable[float], digits: int) -> str:
    found = spread(values)
    return found.written(digits) if found else ""


def _parts(samples: Sequence[Sample]) -> str:
    """What each process of the subject has in its total."""
    names = [name for name in samples[0].cpu if name not in SURROUNDINGS]
    return " + ".join(f"{name} {_median(samples, name)}" for name in names)


def _median(samples: Sequence[Sample], process: str) -> str:
    return f"{statistics.median(one.cpu[process] for one in samples):.0f}"


def _number(value: float | None) -> str:
    return "too few" if value is None else f"{value:.2f}"


def _difference(value: float | None, base: float | None) -> str:
    return "" if value is None or base is None else f"{value - base:+.2f}"


def table(rows: Iterable[Sequence[str]]) -> str:
    """Rows of cells, the first of which is the head."""
    head, *rest = rows
    lines = [head, ["---"] * len(head), *rest]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
