"""The dashboards as files: as generated, and as Grafana's own types read them."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard
from queries import DASHBOARDS, concrete, panels

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.name for path in DASHBOARDS.glob("*.json"))


def keys(value: Any, path: str = "$") -> Iterator[str]:  # noqa: ANN401 - JSON
    """The path of every member."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield f"{path}.{key}"
            yield from keys(member, f"{path}.{key}")
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from keys(item, f"{path}[{position}]")


def read_back(document: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """The document through Grafana's types."""
    return json.loads(JSONEncoder().encode(Dashboard.from_json(document)))


def test_the_files_are_what_is_generated(tmp_path: Path) -> None:
    """Nobody edits them by hand."""
    script = "import generate, pathlib, sys; generate.main(pathlib.Path(sys.argv[1]))"
    folder = ROOT / "helm" / "dashboards"
    subprocess.run([sys.executable, "-c", script, tmp_path], cwd=folder, check=True)

    assert NAMES == sorted(path.name for path in tmp_path.iterdir())
    for name in NAMES:
        assert (tmp_path / name).read_text() == (DASHBOARDS / name).read_text()


@pytest.mark.parametrize("name", NAMES)
def test_grafana_reads_every_member(name: str) -> None:
    """A name that its types do not know would be lost."""
    document = json.loads((DASHBOARDS / name).read_text())

    assert set(keys(document)) <= set(keys(read_back(document)))


def test_a_misspelt_member_is_found() -> None:
    """The check can fail."""
    document = json.loads((DASHBOARDS / NAMES[0]).read_text())
    document["panels"][0]["titles"] = "x"

    assert "$.panels[0].titles" not in set(keys(read_back(document)))


@pytest.mark.parametrize("name", NAMES)
def test_panels_do_not_overlap(name: str) -> None:
    """Each has its own place on a grid of 24 columns."""
    taken: list[tuple[int, int]] = []
    for panel in json.loads((DASHBOARDS / name).read_text())["panels"]:
        place = panel["gridPos"]
        assert 24 >= place["x"] + place["w"]
        taken += [
            (place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])
        ]

    assert len(set(taken)) == len(taken)


@pytest.mark.parametrize(
    ("name", "title", "expr"), list(panels("prometheus")), ids=lambda value: str(value)[:40]
)
def test_every_expression_is_promql(name: str, title: str, expr: str) -> None:
    """By a parser of its own, which knows types and arities."""
    assert promql_parser.parse(concrete(expr)) is not None, (name, title)
