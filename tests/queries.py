"""The expressions of the dashboards and the rules, as Prometheus is asked them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

FILES = Path(__file__).parents[1] / "helm" / "tiergate" / "files"
DASHBOARDS = FILES / "dashboards"
RULES = FILES / "rules"


def panels(kind: str) -> Iterator[tuple[str, str, str]]:
    """File, title and expression of every query to that kind of source."""
    for path in sorted(DASHBOARDS.glob("*.json")):
        for panel in json.loads(path.read_text())["panels"]:
            if panel["datasource"]["type"] == kind:
                for target in panel["targets"]:
                    yield path.name, panel["title"], target["expr"]


def rules() -> Iterator[dict[str, Any]]:
    """Every rule there is."""
    for path in sorted(RULES.glob("*.yaml")):
        for group in yaml.safe_load(path.read_bytes())["groups"]:
            yield from group["rules"]


def concrete(expr: str, window: str = "1m") -> str:
    """An expression with Grafana's variables filled in."""
    return expr.replace("$__rate_interval", window).replace("$namespace", ".*")
