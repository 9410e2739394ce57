"""What a router is doing, as a picture for a terminal."""

import time
from collections.abc import Iterable
from typing import Final

from rich.console import (
    Console,
    ConsoleOptions,
    Group,
    JustifyMethod,
    RenderableType,
    RenderResult,
)
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from extproc.console.state import WINDOW, Line, Spread, State

_BARS: Final = " ▁▂▃▄▅▆▇█"


class Bars:
    """Counts of the last 30 seconds, a character each, the highest one full; where there is less
    room, of the last ones.
    """

    def __init__(self, counts: Iterable[int]) -> None:
        shown = list(counts)[-30:]
        most = max(1, *shown)
        self._text = "".join(_BARS[-(-count * (len(_BARS) - 1) // most)] for count in shown)

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        """The last ones that there is room for."""
        yield Text(self._text[-options.max_width :])

    def __rich_measure__(self, _: Console, options: ConsoleOptions) -> Measurement:
        """One character does."""
        return Measurement(1, min(len(self._text), options.max_width))


def picture(state: State, lines: int) -> RenderableType:
    """All of it: a heading, the tiers, their replicas where these are known, `lines` requests."""
    parts: list[RenderableType] = [_heading(state), _tiers(state)]
    if state.replicas:
        parts.append(_replicas(state))
    parts.append(_recent(state, lines))
    return Group(*parts)


def _heading(state: State) -> Text:
    money = f"${state.cost_microdollars / 1e6:.4f}, saved ${state.saved_microdollars / 1e6:.4f}"
    said = Text(
        f"tiergate {state.version}  {state.requests} requests in {_span(state.seconds)}, "
        f"{state.failed} failed, "
        f"{state.per_second:.2f} a second  cost {money}"
    )
    if not state.config_current:
        said.append("  the config on disk is not in force", style="bold red")
    if state.redis_up is False:
        said.append("  Redis does not answer", style="bold red")
    return said


def _tiers(state: State) -> Table:
    table = _table("tier", ">share", ">requests", ">failed")
    table.add_column("first byte\np50 / p95", justify="right", no_wrap=True)
    table.add_column("whole\np50 / p95", justify="right", no_wrap=True)
    table.add_column("tokens\nin / out", justify="right", no_wrap=True)
    table.add_column("lately", overflow="crop")
    table.add_column("model", overflow="ellipsis")
    for tier in state.tiers:
        table.add_row(
            tier.name,
            f"{tier.share:.1%}",
            str(tier.requests),
            Text(str(tier.failed), style="red" if tier.failed else ""),
            _both(tier.first_byte),
            _both(tier.duration),
            f"{tier.prompt_tokens} / {tier.completion_tokens}",
            Bars(state.beats[tier.name]),
            tier.model,
        )
    return table


def _replicas(state: State) -> Table:
    table = _table("replica", "tier", "ready", ">running", ">waiting", ">saturation")
    for one in state.replicas:
        ready = "yes" if one.ready else Text("no", style="red")
        load = (f"{one.running:g}", f"{one.waiting:g}", f"{one.saturation:.0%}")
        table.add_row(one.address, one.tier, ready, *load)
    return table


def _recent(state: State, lines: int) -> Table:
    table = _table("at", "tier", "by", "reason", ">score", ">status", ">whole", ">tokens")
    table.add_column("path", overflow="ellipsis")
    for line in state.recent[:lines]:
        table.add_row(
            time.strftime("%H:%M:%S", time.localtime(line.at)),
            line.tier,
            line.served_by,
            line.reason,
            line.score or "-",
            Text(_status(line), style="red" if line.failed else ""),
            _seconds(line.duration),
            "-" if line.tokens is None else str(line.tokens),
            Text(line.path),  # as it is: a client may have written what rich takes for a style
        )
    return table


def _span(seconds: float) -> str:
    return "5 minutes" if seconds >= WINDOW else f"{seconds:.0f} s"


def _status(line: Line) -> str:
    return "broken off" if line.broken else str(line.status or "gone")


def _table(*names: str) -> Table:
    """A table of those columns; `>` before a name puts it to the right."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    for name in names:
        side: JustifyMethod = "right" if name[0] == ">" else "left"
        table.add_column(name.lstrip(">"), justify=side, no_wrap=True)
    return table


def _both(spread: Spread) -> str:
    return f"{_seconds(spread.p50)} / {_seconds(spread.p95)}"


def _seconds(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"
