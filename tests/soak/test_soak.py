"""Nothing grows under steady load: a short soak, whose long form is `python tests/soak.py`."""

import pytest
from soak import Soak, soak

SECONDS = 30.0


@pytest.fixture(scope="module")
def soaked(tmp_path_factory: pytest.TempPathFactory) -> Soak:
    """Half a minute of it."""
    return soak(tmp_path_factory.mktemp("soak"), SECONDS)


@pytest.mark.parametrize("name", ["envoy", "router"])
def test_memory_and_files_stay(soaked: Soak, name: str) -> None:
    """Within what one request more or less makes of them."""
    grown = soaked.grown(name)

    assert grown.memory < 8 << 20
    assert grown.files <= 8


def test_every_request_was_answered(soaked: Soak) -> None:
    """By its tier."""
    assert ["ok"] == list(soaked.outcomes)
