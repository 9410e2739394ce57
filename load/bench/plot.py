"""A run as a picture: CPU a request by subject and body, and latency by rate."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from load.bench.results import Results, pooled, spread

_WIDTH, _ROW = 12.0, 0.32
_KEPT = ("envoy", "tiergate-native", "vllm-router", "fastapi-aiohttp")
"""Whose latencies are drawn: more lines than these cannot be told apart."""


def draw(results: Results, file: Path) -> None:
    """Write an SVG; the same run gives the same file."""
    rows = max(8, 3 * len(results.subjects))
    with mpl.rc_context({"svg.hashsalt": "tiergate", "font.size": 9}):
        figure = Figure(figsize=(_WIDTH, 1.2 + _ROW * rows), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(3, 2))
        _bars(left, results)
        _lines(right, results)
        figure.savefig(file, metadata={"Date": None})


def _bars(axes: Axes, results: Results) -> None:
    """The median of the rounds, with the least and the most."""
    closed = [cell for cell in results.cells if not cell.rate and not cell.streamed]
    subjects = results.subjects[::-1]
    height = 0.8 / max(1, len(closed))
    for number, cell in enumerate(closed):
        found = [spread(one.total for one in results.of(name, cell)) for name in subjects]
        places = [index - number * height for index in range(len(subjects))]
        kept = [(place, one) for place, one in zip(places, found, strict=True) if one]
        medians = [one.median for _, one in kept]
        below = [one.median - one.least for _, one in kept]
        above = [one.most - one.median for _, one in kept]
        axes.barh(
            [place for place, _ in kept],
            medians,
            height,
            xerr=(below, above),
            label=f"{cell.size / 1000:g} KB",
        )
    axes.set_yticks([index - 0.4 + height / 2 for index in range(len(subjects))], subjects)
    axes.set_xscale("log")
    axes.set_xlabel("CPU µs a request, closed load, JSON answers")
    axes.legend()


def _lines(axes: Axes, results: Results) -> None:
    """p50 whole, p99 broken, where enough requests lie beyond."""
    opened = [cell for cell in results.cells if cell.rate]
    drawn = [name for name in results.subjects if name.startswith(_KEPT)]
    for number, name in enumerate(drawn):
        for share, style in ((0.5, "-"), (0.99, "--")):
            points = [(cell.rate, pooled(results.of(name, cell), share)) for cell in opened]
            kept = [(rate, value) for rate, value in points if value is not None]
            axes.plot(
                [rate for rate, _ in kept],
                [value for _, value in kept],
                style,
                marker=".",
                color=f"C{number}",
                label=f"{name}, p{share * 100:g}",
            )
    axes.set_xlabel("requests a second, Poisson arrivals, 0.5 KB")
    axes.set_ylabel("ms from the moment a request was due")
    axes.set_yscale("log")
    if drawn and opened:
        axes.legend(fontsize=7)
