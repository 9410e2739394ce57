"""What the chart makes of values, by a program called helm."""

from pathlib import Path

import pytest
import yaml
from builders import document
from helm_program import CONFIG, FILTER, POLICY, ROUTE, helm

from extproc.cli import chart
from extproc.errors import ConfigError


def test_the_mesh_is_told_from_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the groups of Istio and of the Gateway API."""
    helm(tmp_path, monkeypatch, CONFIG, FILTER, None, ROUTE, POLICY)

    assert [FILTER, ROUTE] == chart.mesh(Path("there"), [Path("a"), Path("b")], "llm")
    assert "template tiergate there --namespace llm --values a --values b\n" == (
        (tmp_path / "asked").read_text()
    )


def test_the_document_is_the_config_maps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the router reads it."""
    text = yaml.safe_dump(document())
    helm(tmp_path, monkeypatch, FILTER, {**CONFIG, "data": {"tiergate.yaml": text}})

    assert text.encode() == chart.document(Path("there"), [], "llm")


def test_a_chart_of_something_else_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no config document."""
    helm(tmp_path, monkeypatch, FILTER)

    with pytest.raises(ConfigError, match="renders no config document"):
        chart.document(Path("there"), [], "llm")


def test_helms_complaint_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On one line, without what helm says by the way."""
    script = "echo level=INFO by the way >&2; echo 'Error: no' >&2; echo '  tiers' >&2; exit 1"
    helm(tmp_path, monkeypatch, script=script)

    with pytest.raises(ConfigError, match=r"^Error: no tiers$"):
        chart.mesh(Path("there"), [], "llm")


def test_without_helm_it_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The chart is nothing by itself."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ConfigError, match="there is no helm here"):
        chart.mesh(Path("there"), [], "llm")
