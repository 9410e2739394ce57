"""What a router is doing, as a picture for a terminal."""

import time
from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from extproc.console.state import Spread, State

_BARS: Final = " ▁▂▃▄▅▆▇█"


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
        f"tiergate {state.version}  {state.requests} requests in 5 minutes, {state.failed} failed, "
        f"{state.per_second:.2f} a second  cost {money}"
    )
    if not state.config_current:
        said.append("  the config on disk is not in force", style="bold red")
    if state.redis_up is False:
        said.append("  Redis does not answer", style="bold red")
    return said


def _tiers(state: State) -> Table:
    table = _table("tier", "model", "last minute", ">share", ">requests", ">failed")
    table.add_column("first byte p50 / p95", justify="right")
    table.add_column("whole p50 / p95", justify="right")
    table.add_column("tokens in / out", justify="right")
    for tier in state.tiers:
        table.add_row(
            tier.name,
            tier.model,
            _bars(state.beats[tier.name]),
            f"{tier.share:.1%}",
            str(tier.requests),
            Text(str(tier.failed), style="red" if tier.failed else ""),
            _both(tier.first_byte),
            _both(tier.duration),
            f"{tier.prompt_tokens} / {tier.completion_tokens}",
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
    table = _table("at", "tier", "by", "reason", ">score", ">status", ">whole", ">tokens", "path")
    for line in state.recent[:lines]:
        table.add_row(
            time.strftime("%H:%M:%S", time.localtime(line.at)),
            line.tier,
            line.served_by,
            line.reason,
            line.score or "-",
            Text(str(line.status or "gone"), style=_style(line.status)),
            _seconds(line.duration),
            "-" if line.tokens is None else str(line.tokens),
            line.path,
        )
    return table


def _style(status: int) -> str:
    return "" if 0 < status < HTTPStatus.INTERNAL_SERVER_ERROR else "red"


def _table(*names: str) -> Table:
    """A table of those columns; `>` before a name puts it to the right."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    for name in names:
        table.add_column(name.lstrip(">"), justify="right" if name[0] == ">" else "left")
    return table


def _bars(counts: Iterable[int]) -> str:
    """The last 30 seconds, a character each, the highest one full."""
    shown = list(counts)[-30:]
    most = max(1, *shown)
    return "".join(_BARS[-(-count * (len(_BARS) - 1) // most)] for count in shown)


def _both(spread: Spread) -> str:
    return f"{_seconds(spread.p50)} / {_seconds(spread.p95)}"


def _seconds(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"
