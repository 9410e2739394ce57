"""Printing the Envoy bootstrap, and how vLLM is started."""

from pathlib import Path

import pytest
import yaml
from builders import FAST_MODEL, REASONING_MODEL, config, document, tiers
from documents import document_file
from helm_program import CONFIG, FILTER, helm

from extproc.cli import run
from extproc.cli.common import bootstrap_of


def test_the_bootstrap_is_yaml(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As the config has it, ready to be given to Envoy."""
    file = document_file(tmp_path, gateway={"listen": "0.0.0.0:80"})

    assert 0 == run(["render", "envoy", "--config", str(file)])
    printed = yaml.safe_load(capsys.readouterr().out)
    assert bootstrap_of(config(gateway={"listen": "0.0.0.0:80"})) == printed


def test_what_to_print_must_be_said(capsys: pytest.CaptureFixture[str]) -> None:
    """There may be more to print one day."""
    with pytest.raises(SystemExit) as caught:
        run(["render", "nginx"])

    assert 2 == caught.value.code
    assert "envoy" in capsys.readouterr().err


def printed(folder: Path, capsys: pytest.CaptureFixture[str], *flags: str) -> object:
    """What `render vllm` prints for tiers that share a server."""
    shared = tiers(endpoints=["vllm:8000"], weights="/models/a")
    fast = {**shared[0], "endpoints": ["vllm:8000"], "weights": "/models/a"}
    file = document_file(folder, tiers=[fast, shared[1]])
    assert 0 == run(["render", "vllm", "--config", str(file), *flags])
    return yaml.safe_load(capsys.readouterr().out)


def test_a_server_is_what_a_container_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Command, arguments and environment; it listens on every address of its pod."""
    said = printed(tmp_path, capsys, "--tier", "reasoning", "--hardware", "gpu")

    assert isinstance(said, dict)
    assert ["command", "args", "env"] == list(said)
    assert [
        "--model", "/models/a", "--served-model-name", FAST_MODEL, REASONING_MODEL, "auto",
        "--host", "0.0.0.0", "--port", "8000",  # noqa: S104 - not listened on here
    ] == said["args"][:10]  # fmt: skip


def test_without_a_tier_every_server_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the names of the tiers; those of one server are the same."""
    said = printed(tmp_path, capsys)

    assert isinstance(said, dict)
    assert ["fast", "reasoning"] == list(said)
    assert said["fast"] == said["reasoning"]


def test_a_tier_that_is_not_there_cannot_be_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As anything that the config does not have."""
    file = document_file(tmp_path)

    assert 2 == run(["render", "vllm", "--config", str(file), "--tier", "medium"])
    assert "tiergate: $.tiers: no tier is called 'medium'\n" == capsys.readouterr().err


def test_what_a_deployment_runs_is_printed_from_its_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The bootstrap of the document that the chart renders, or the chart's objects of the mesh."""
    text = yaml.safe_dump(document(default_tier="reasoning"))
    data = {"data": {"tiergate.yaml": text}}
    helm(tmp_path, monkeypatch, {**CONFIG, **data}, FILTER)

    assert 0 == run(["render", "envoy", "--values", "values.yaml"])
    assert bootstrap_of(config(default_tier="reasoning")) == yaml.safe_load(capsys.readouterr().out)
    assert 0 == run(["render", "istio", "--values", "values.yaml"])
    assert [FILTER] == list(yaml.safe_load_all(capsys.readouterr().out))
