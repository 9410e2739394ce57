"""Panels and boards as tables, and how Grafana writes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Any, Final

from grafana_foundation_sdk.builders import (
    common,
    dashboard,
    logs,
    loki,
    prometheus,
    stat,
    timeseries,
)
from grafana_foundation_sdk.models.common import (
    GraphDrawStyle,
    LegendDisplayMode,
    LegendPlacement,
    StackingMode,
)
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync, DataSourceRef, GridPos

PROMETHEUS: Final = DataSourceRef(type_val="prometheus", uid="$metrics")
LOKI: Final = DataSourceRef(type_val="loki", uid="$logs")
_WIDTH, _HEIGHT, _STAT_HEIGHT = 24, 8, 4


@unique
class Kind(StrEnum):
    """How a panel draws."""

    LINES = "lines"
    STACKED = "stacked"
    NUMBER = "number"
    LOGS = "logs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One expression; `legend` is Grafana's template of a series' name."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One panel; `unit` is Grafana's name of it, `text` what a reader should know."""

    title: str
    queries: Sequence[Query]
    unit: str = "short"
    kind: Kind = Kind.LINES
    width: int = 8
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One dashboard: panels from left to right, a new line where the next has no room."""

    uid: str
    title: str
    text: str
    panels: Sequence[Panel]


def of(expr: str, legend: str = "") -> tuple[Query, ...]:
    """A panel's only query."""
    return (Query(expr=expr, legend=legend),)


def built(board: Board) -> Any:
    """The dashboard in Grafana's types."""
    made = (
        dashboard.Dashboard(board.title)
        .uid(board.uid)
        .description(board.text)
        .tags(["tiergate"])
        .time("now-1h", "now")
        .refresh("30s")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .with_variable(dashboard.DatasourceVariable("metrics").label("Metrics").type("prometheus"))
        .with_variable(
            dashboard.QueryVariable("namespace")
            .label("Namespace")
            .datasource(PROMETHEUS)
            .query("label_values(tiergate_build_info, namespace)")
            .include_all(True)
            .all_value(".*")
        )
    )
    if any(panel.kind is Kind.LOGS for panel in board.panels):
        made = made.with_variable(dashboard.DatasourceVariable("logs").label("Logs").type("loki"))
    x = y = line = 0
    for number, panel in enumerate(board.panels, 1):
        height = _STAT_HEIGHT if panel.kind is Kind.NUMBER else _HEIGHT
        if x + panel.width > _WIDTH:
            x, y, line = 0, y + line, 0
        place = GridPos(x=x, y=y, w=panel.width, h=height)
        made = made.with_panel(_panel(panel, number).grid_pos(place))
        x, line = x + panel.width, max(line, height)
    return made.build()


def _panel(panel: Panel, number: int) -> Any:
    if panel.kind is Kind.LOGS:
        made = logs.Panel().datasource(LOKI)
        targets = [loki.Dataquery().expr(query.expr) for query in panel.queries]
    else:
        made = _drawn(panel).unit(panel.unit).datasource(PROMETHEUS)
        targets = [
            prometheus.Dataquery().expr(query.expr).legend_format(query.legend)
            for query in panel.queries
        ]
    made = made.id(number).title(panel.title).description(panel.text)
    for letter, target in zip("ABCDEF", targets, strict=False):
        made = made.with_target(target.ref_id(letter))
    return made


def _drawn(panel: Panel) -> Any:
    if panel.kind is Kind.NUMBER:
        return stat.Panel()
    made = (
        timeseries.Panel()
        .draw_style(GraphDrawStyle.LINE)
        .fill_opacity(10.0)
        .legend(
            common.VizLegendOptions()
            .display_mode(LegendDisplayMode.LIST)
            .placement(LegendPlacement.BOTTOM)
            .show_legend(True)
        )
    )
    if panel.kind is Kind.STACKED:
        return made.stacking(common.StackingConfig().mode(StackingMode.NORMAL))
    return made
