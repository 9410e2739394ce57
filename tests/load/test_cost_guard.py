"""What a request may cost the router, as ratios of CPU within one run: never a time by itself.

A busy machine slows all alike, so each figure is divided by another of the same moment. The bounds
are about twice what a quiet machine shows. A guard that cannot fail guards nothing: each one is
shown a decision that is slow on purpose.
"""

import json
import os
import statistics
import subprocess
from pathlib import Path
from typing import Final

import pytest
import yaml
from processes import PYTHON
from transport_cost import POLICIES, Router, Worker

from extproc.config import default_path

TESTS: Final = Path(__file__).parents[1]
NATIVE_TO_GRPC: Final = 0.25
"""Router CPU at 8 KB, native over grpc: some 0.13 on a quiet machine."""
DECISION_TO_JSON: Final = {500: 10.0, 8_000: 8.0, 100_000: 3.0}
"""The default decision over `json.loads`: 5, 4 and 1.6 on a quiet machine."""
WORKER: Final = 60.0
"""Resident megabytes of a worker that has served: 56 at most, 80 with the semantic signal."""
WASTEFUL: Final = "wasteful:Wasteful"


@pytest.fixture(autouse=True)
def unobserved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Coverage slows what is written in Python, and nothing else: it stays out of the processes
    that are measured.
    """
    for variable in ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"):
        monkeypatch.delenv(variable, raising=False)


def native_to_grpc(policy: str) -> float:
    """Router CPU for a request of 8 KB: the median of rounds in which the two take turns."""
    routers = {kind: Router(kind, policy) for kind in ("native", "grpc")}
    try:
        rounds = [
            [router.cost(8_000, streams=16, requests=200) for router in routers.values()]
            for _ in range(5)
        ]
    finally:
        for router in routers.values():
            router.process.kill()
            router.process.communicate()
    return statistics.median(native / grpc for native, grpc in rounds)


def worker_megabytes(folder: Path, **signals: object) -> float:
    """What a worker holds once it has served a thousand streams at a time."""
    config = folder / "tiergate.yaml"
    server = {"transport": "native", "workers": 2}
    shipped = yaml.safe_load(default_path().read_bytes())
    shipped["signals"] |= signals
    config.write_text(yaml.safe_dump({**shipped, "server": server}))
    worker = Worker(config)
    try:
        worker.cost(500, streams=1000, requests=3000)
        return worker.memory()
    finally:
        worker.process.terminate()
        worker.process.communicate()


def decision_to_json(*arguments: str) -> dict[int, float]:
    """The ratios by size, from a process of their own."""
    script = TESTS / "decision_cost.py"
    path = f"{TESTS}{os.pathsep}{TESTS.parent}"
    said = subprocess.run(
        (PYTHON, script, *arguments),
        env={**os.environ, "PYTHONPATH": path},
        check=True,
        capture_output=True,
    ).stdout
    return {int(size): ratio for size, ratio in json.loads(said).items()}


def test_the_native_transport_stays_lean() -> None:
    """It takes a fraction of what grpc's own server takes."""
    assert NATIVE_TO_GRPC > native_to_grpc("fixed")


def test_a_slow_decision_trips_the_guard_of_the_transport(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It costs both transports the same, and so shows on the lean one."""
    routing = f"routing = builders.routed(**gateway.PATIENT, policy={{{WASTEFUL!r}: {{}}}})"
    monkeypatch.setitem(POLICIES, "wasteful", routing)

    assert NATIVE_TO_GRPC < native_to_grpc("wasteful")


def test_the_default_decision_stays_lean() -> None:
    """A few times what it takes to read the body, at any size."""
    found = decision_to_json()

    assert [] == [size for size, bound in DECISION_TO_JSON.items() if found[size] > bound]


def test_a_slow_decision_trips_the_guard_of_the_decision() -> None:
    """Backtracking over the whole text costs more than is allowed, the more the longer it is."""
    found = decision_to_json("--policy", WASTEFUL)

    assert found[8_000] > DECISION_TO_JSON[8_000]
    assert found[100_000] > DECISION_TO_JSON[100_000]


def test_a_worker_stays_small(tmp_path: Path) -> None:
    """Many of them fit into a machine that is there for its GPU."""
    assert worker_megabytes(tmp_path) <= WORKER


def test_a_model_in_memory_trips_the_guard_of_the_worker(tmp_path: Path) -> None:
    """The semantic signal needs more, which is why it is off unless it is asked for."""
    found = worker_megabytes(tmp_path, semantic={"enabled": True})

    assert WORKER < found <= 200
