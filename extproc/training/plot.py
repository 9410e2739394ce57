"""The curve as a picture; needs tiergate[plots]."""

from collections.abc import Sequence
from pathlib import Path

from extproc.training.budget import Prices
from extproc.training.tradeoff import Point


def draw(path: Path, found: Sequence[Point], chosen: float, prices: Prices | None) -> None:
    """Quality over the share of the reasoning tier, with its interval, the random choice and the
    share that was chosen; dollars a day above where prices are known. The name's ending says the
    format; equal input gives an equal file.
    """
    import matplotlib as mpl  # noqa: PLC0415 - slow to load, and an extra
    from matplotlib.figure import Figure  # noqa: PLC0415 - as above

    shares = [100 * point.share for point in found]
    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    axes = figure.subplots()
    low, high = [point.low for point in found], [point.high for point in found]
    axes.fill_between(shares, low, high, alpha=0.2, linewidth=0, label="95 % interval")
    axes.plot(shares, [point.quality for point in found], marker="o", label="this policy")
    axes.plot(shares, [point.random for point in found], linestyle="--", label="random choice")
    axes.axvline(100 * chosen, color="black", linewidth=0.8, label="chosen")
    axes.set(xlabel="requests to the reasoning tier, %", ylabel="mean quality", xlim=(0, 100))
    axes.legend(loc="lower right")
    if prices is not None:
        above = axes.twiny()
        above.set(xlabel="dollars a day", xlim=(prices.per_day(0), prices.per_day(1)))
    with mpl.rc_context({"svg.hashsalt": "tiergate"}):
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
