"""What KEDA asks Prometheus, answered by Prometheus's own tool."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from charts import only, rendered

PROMTOOL = shutil.which("promtool")
VALUES = """
tierDefaults: {autoscaling: {enabled: true}}
tiers:
  - {name: fast, model: a, storage: {type: %s}}
  - {name: fast-2, model: b, sharesServerOf: fast}
  - {name: reasoning, model: c}
  - {name: fast-3, model: d}
"""
DEPLOYED = "tiergate-fast-7d9c5b8f6d-x2x4z"
LOADED = {
    f'vllm:num_requests_running{{namespace="llm",pod="{DEPLOYED}"}}': 3,
    f'vllm:num_requests_waiting{{namespace="llm",pod="{DEPLOYED}"}}': 2,
}
OTHERS = {
    'vllm:num_requests_running{namespace="llm",pod="tiergate-fast-3-7d9c5b8f6d-x2x4z"}': 90,
    'vllm:num_requests_running{namespace="llm",pod="tiergate-fast-3-0"}': 90,
    f'vllm:num_requests_running{{namespace="other",pod="{DEPLOYED}"}}': 90,
}
CASES: dict[str, tuple[str, dict[str, Any], int | None]] = {
    "what the pods have": ("hub", LOADED, 5),
    "nobody else's": ("hub", LOADED | OTHERS, 5),
    "a pod that keeps its volume": (
        "ebs",
        {'vllm:num_requests_running{namespace="llm",pod="tiergate-fast-0"}': 4} | OTHERS,
        4,
    ),
    "no pod, and nobody asks": ("hub", OTHERS, None),
    "no pod, and a tier is decided on": (
        "hub",
        OTHERS | {'tiergate_decisions_total{namespace="llm",tier="fast-2"}': "0+60x5"},
        1,
    ),
    "no pod, and another one is": (
        "hub",
        OTHERS | {'tiergate_decisions_total{namespace="llm",tier="fast-3"}': "0+60x5"},
        None,
    ),
}


def query(storage: str) -> str:
    """What decides how many pods the first tier has."""
    scaler = only(rendered(more=VALUES % storage), "ScaledObject", "tiergate-fast")
    (trigger,) = scaler["spec"]["triggers"]
    found: str = trigger["metadata"]["query"]
    return found


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not on PATH: not checked")
@pytest.mark.parametrize("case", CASES)
def test_a_tier_is_scaled_by_its_own_load(tmp_path: Path, case: str) -> None:
    """Of its pods alone, or by what is decided where it has none."""
    storage, series, expected = CASES[case]
    samples = [] if expected is None else [{"labels": "{}", "value": expected}]
    test: dict[str, Any] = {
        "interval": "1m",
        "input_series": [{"series": name, "values": _values(one)} for name, one in series.items()],
        "promql_expr_test": [{"expr": query(storage), "eval_time": "5m", "exp_samples": samples}],
    }
    file = tmp_path / "test.yaml"
    file.write_text(yaml.safe_dump({"rule_files": [], "tests": [test]}))
    done = subprocess.run(
        (str(PROMTOOL), "test", "rules", file), capture_output=True, text=True, check=False
    )

    assert 0 == done.returncode, done.stdout + done.stderr


def _values(one: object) -> str:
    return one if isinstance(one, str) else f"{one}x5"
