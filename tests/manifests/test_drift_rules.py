"""The rules for drift, by Prometheus's own tool."""

import math
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest

from extproc.learning.drift import Drift
from extproc.signals.baseline import Baseline

PROMTOOL = shutil.which("promtool") or "promtool"
RULES = Path(__file__).parents[2] / "helm/tiergate/files/rules/drift.yaml"
BASELINE = Baseline(edges=(0.5,), difficulty=(0.75, 0.25), domains={"chat": 1}, reasoning=0.25)


def promtool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """What it says."""
    return subprocess.run(
        [PROMTOOL, *map(str, arguments)], capture_output=True, text=True, check=False
    )


def series(many: dict[str, int]) -> list[dict[str, str]]:
    """A day of traffic with so many decisions in each bin every five minutes, and the baseline."""
    found = [
        (f'tiergate_drift_baseline{{of="difficulty",bin="{place}",pod="a"}}', f"{share}x600")
        for place, share in enumerate(BASELINE.difficulty)
    ]
    found += [
        (
            f'tiergate_drift_decisions_total{{of="difficulty",bin="{place}",pod="a"}}',
            f"0+{step}x600",
        )
        for place, step in many.items()
    ]
    return [{"series": name, "values": values} for name, values in found]


def verdict(folder: Path, many: dict[str, int], psi: float, *, alerted: bool) -> str:
    """What promtool says of the expectation that this traffic has this index, and this alert."""
    annotations = yaml.safe_load(RULES.read_text())["groups"][0]["rules"][-1]["annotations"]
    text = annotations["description"].replace("{{ $labels.of }}", "difficulty")
    text = text.replace('{{ printf "%.2f" $value }}', f"{psi:.2f}")
    alert = {
        "exp_labels": {"of": "difficulty", "severity": "warning"},
        "exp_annotations": {**annotations, "description": text},
    }
    case: dict[str, Any] = {
        "interval": "5m",
        "input_series": series(many),
        "promql_expr_test": [
            {
                "expr": "round(tiergate:drift_psi:1d, 0.001)",
                "eval_time": "2d",
                "exp_samples": [{"labels": '{of="difficulty"}', "value": round(psi, 3)}],
            }
        ],
        "alert_rule_test": [
            {
                "eval_time": "2d",
                "alertname": "TiergateDrift",
                "exp_alerts": [alert] if alerted else [],
            }
        ],
    }
    file = folder / "test.yaml"
    document = {"rule_files": [str(RULES)], "evaluation_interval": "5m", "tests": [case]}
    file.write_text(yaml.safe_dump(document))
    done = promtool("test", "rules", file)
    return done.stdout + done.stderr


def index(*shares: float) -> float:
    """The population stability index against the baseline."""
    pairs = zip(shares, BASELINE.difficulty, strict=True)
    return sum((p - q) * math.log(p / q) for p, q in ((max(p, 1e-4), q) for p, q in pairs))


def test_the_rules_can_be_read() -> None:
    """By the tool that reads them in a cluster."""
    done = promtool("check", "rules", RULES)

    assert 0 == done.returncode, done.stderr
    assert "5 rules found" in done.stdout


def test_every_metric_of_theirs_is_one_of_ours() -> None:
    """A rule over a metric that nobody has says nothing, for ever."""
    registry = CollectorRegistry()
    Drift(registry, "fast").compare_with(BASELINE)
    said = generate_latest(registry).decode()

    for name in ("tiergate_drift_decisions_total", "tiergate_drift_baseline"):
        assert f'{name}{{bin="0",of="difficulty"}}' in said
        assert name in RULES.read_text()


@pytest.mark.parametrize(
    ("many", "shares", "alerted"),
    [
        ({"0": 75, "1": 25}, (0.75, 0.25), False),
        ({"0": 25, "1": 75}, (0.25, 0.75), True),
        ({"0": 1, "1": 1}, (0.5, 0.5), False),
        ({"0": 0, "1": 50}, (0, 1), True),
    ],
    ids=["as expected", "turned round", "too few to say", "an empty bin"],
)
def test_the_index_and_the_alert_follow_traffic(
    many: dict[str, int], shares: tuple[float, float], alerted: bool, tmp_path: Path
) -> None:
    """Over a day, for any number of replicas."""
    said = verdict(tmp_path, many, index(*shares), alerted=alerted)

    assert "SUCCESS" in said, said


def test_a_wrong_expectation_fails(tmp_path: Path) -> None:
    """So the tests above can."""
    assert "FAILED" in verdict(tmp_path, {"0": 75, "1": 25}, 0.5, alerted=False)
