"""The alerts, by Prometheus's own tool: each fires when it should, and is silent otherwise."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
RULES = ROOT / "helm/tiergate/files/rules"
TESTS = Path(__file__).with_name("rules")
RUNBOOKS = ROOT / "docs/runbooks.md"
PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not on PATH: not checked")
ELSEWHERE = {"drift.yaml"}
"""Tested in tests/manifests."""
FILES = sorted(path.name for path in RULES.glob("*.yaml"))


def read(path: Path) -> Any:  # noqa: ANN401 - YAML
    """The document of a file."""
    return yaml.safe_load(path.read_bytes())


def rules(name: str) -> list[dict[str, Any]]:
    """All rules of a file."""
    return [rule for group in read(RULES / name)["groups"] for rule in group["rules"]]


def alerts(name: str) -> list[dict[str, Any]]:
    """Those that are alerts."""
    return [rule for rule in rules(name) if "alert" in rule]


def promtool(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """One call."""
    assert PROMTOOL is not None
    argv = [PROMTOOL, *map(str, words)]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


@needs_promtool
@pytest.mark.parametrize("name", FILES)
def test_prometheus_reads_the_rules(name: str) -> None:
    """Expressions, templates and names."""
    done = promtool("check", "rules", RULES / name)

    assert (0, "") == (done.returncode, done.stderr)


@needs_promtool
@pytest.mark.parametrize("name", sorted(set(FILES) - ELSEWHERE))
def test_the_alerts_fire_when_they_should(tmp_path: Path, name: str) -> None:
    """And only then. Their words are left out: `check rules` has read them."""
    document = read(RULES / name)
    for rule in (rule for group in document["groups"] for rule in group["rules"]):
        rule.pop("annotations", None)
    (tmp_path / name).write_text(yaml.safe_dump(document))
    test = tmp_path / "test.yaml"
    test.write_text((TESTS / name.replace(".yaml", ".test.yaml")).read_text())

    done = promtool("test", "rules", test)

    assert 0 == done.returncode, done.stdout + done.stderr


@needs_promtool
def test_a_wrong_expectation_is_found(tmp_path: Path) -> None:
    """The check can fail."""
    (tmp_path / "gpu.yaml").write_bytes((RULES / "gpu.yaml").read_bytes())
    said = (TESTS / "gpu.test.yaml").read_text().replace("90x60", "50x60")
    (tmp_path / "test.yaml").write_text(said)

    assert 0 != promtool("test", "rules", tmp_path / "test.yaml").returncode


@pytest.mark.parametrize("name", sorted(set(FILES) - ELSEWHERE))
def test_every_alert_is_tested_both_ways(name: str) -> None:
    """Once where it fires, and once where it does not."""
    document = read(TESTS / name.replace(".yaml", ".test.yaml"))
    cases = [case for test in document["tests"] for case in test.get("alert_rule_test", ())]
    both = {(case["alertname"], bool(case["exp_alerts"])) for case in cases}

    names = {alert["alert"] for alert in alerts(name)}
    assert {(one, fires) for one in names for fires in (True, False)} == both


@pytest.mark.parametrize("name", FILES)
def test_every_alert_says_what_to_do(name: str) -> None:
    """A summary, a severity, and a section of the runbooks."""
    headings = set(re.findall(r"^## (\w+)$", RUNBOOKS.read_text(), re.MULTILINE))
    page = "https://github.com/tiergate/tiergate/blob/main/docs/runbooks.md#"
    for alert in alerts(name):
        annotations = alert["annotations"]
        assert alert["labels"]["severity"] in {"critical", "warning", "info"}
        assert annotations["summary"].endswith(".")
        assert f"{page}{alert['alert'].lower()}" == annotations["runbook_url"]
        assert alert["alert"] in headings


def test_every_runbook_has_its_alert() -> None:
    """None outlives it."""
    headings = set(re.findall(r"^## (\w+)$", RUNBOOKS.read_text(), re.MULTILINE))

    assert {alert["alert"] for name in FILES for alert in alerts(name)} == headings
