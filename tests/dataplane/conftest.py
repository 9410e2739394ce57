"""One gateway for the tests that leave it as it was, and a fresh one for those that break it."""

from collections.abc import Iterator
from pathlib import Path

import gateway as harness
import pytest


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[harness.Gateway]:
    """A gateway with the builders' config under the default document's policy."""
    with harness.running(tmp_path_factory.mktemp("shared"), policy=POLICY) as running:
        yield running


@pytest.fixture
def gateway(shared: harness.Gateway) -> Iterator[harness.Gateway]:
    """The shared gateway, with every fault of its tiers healed afterwards."""
    yield shared
    for replicas in shared.tiers.values():
        for replica in replicas:
            replica.heal()


@pytest.fixture
def own_gateway(tmp_path: Path) -> Iterator[harness.Gateway]:
    """A gateway that a test may break."""
    with harness.running(tmp_path, policy=POLICY) as running:
        yield running


POLICY = {
    "threshold": {
        "at": 0.5,
        "above": "reasoning",
        "below": "fast",
        "weights": {
            "mathematics": {"weight": 0.9},
            "prompt_tokens": {"weight": 0.2, "full_at": 100000},
        },
    }
}
"""Mathematics goes to the reasoning tier, everything else to the fast one."""
