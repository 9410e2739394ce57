"""What an artifact's calibration saw."""

from pathlib import Path

import pytest
from semantic_builders import labels_file

from extproc.errors import ConfigError
from extproc.signals.baseline import Baseline, read
from extproc.signals.semantic import ARTIFACT
from extproc.signals.semantic.container import pack
from extproc.signals.semantic.model import KIND
from extproc.training.budget import Budget
from extproc.training.calibration import calibration
from extproc.training.own import load

BASELINE = Baseline(edges=(0.2, 0.8), difficulty=(0.5, 0.3, 0.2), domains={}, reasoning=0.2)


@pytest.mark.parametrize(("difficulty", "place"), [(0.0, 0), (0.2, 1), (0.79, 1), (1.0, 2)])
def test_a_value_on_an_edge_belongs_above(difficulty: float, place: int) -> None:
    """So that every value has one bin."""
    assert place == BASELINE.bin(difficulty)


def test_what_calibration_saw_is_in_its_artifact(tmp_path: Path) -> None:
    """Every share adds up to one."""
    path = tmp_path / "own.bin"
    budget = Budget(kind="reasoning", amount=0.25)
    path.write_bytes(calibration(load(labels_file(tmp_path)), budget, None).artifact)
    found = read(path)

    assert found is not None
    assert 0.25 == found.reasoning
    assert len(found.edges) + 1 == len(found.difficulty)
    assert 1 == pytest.approx(sum(found.difficulty))
    assert 1 == pytest.approx(sum(found.domains.values()))


def test_the_artifact_that_ships_has_none() -> None:
    """It knows nobody's traffic."""
    assert read(ARTIFACT) is None


def test_a_baseline_of_another_shape_is_refused(tmp_path: Path) -> None:
    """With the place."""
    path = tmp_path / "own.bin"
    path.write_bytes(pack(KIND, {"baseline": {"edges": "x"}}, {}))

    with pytest.raises(ConfigError, match=r"own\.bin: baseline\.edges"):
        read(path)
