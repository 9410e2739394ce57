"""One gateway for the tests that leave it as it was, and a fresh one for those that break it."""

from collections.abc import Iterator
from pathlib import Path

import gateway as harness
import pytest


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[harness.Gateway]:
    """A gateway that gives up on no decision, for tests that are not about time."""
    folder = tmp_path_factory.mktemp("shared")
    with harness.running(folder, policy=harness.POLICY, **harness.PATIENT) as running:
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
    with harness.running(tmp_path, policy=harness.POLICY, server=harness.IMPATIENT) as running:
        yield running
