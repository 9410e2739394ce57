"""Gate, heads and calibration."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from extproc.errors import ConfigError
from extproc.signals.semantic.container import pack
from extproc.signals.semantic.features import COUNTS, Array, Features
from extproc.signals.semantic.model import KIND, Judgement, Model, load

MANY = len(COUNTS)


def model(**fields: Array) -> Model:
    """Two domains in a plane: x asks by its first count, y is always at 1."""
    heads = np.zeros((2, MANY + 1))
    heads[0, 0], heads[1, -1] = 1.0, 1.0
    known: dict[str, Any] = {
        "domains": ("x", "y"),
        "gate": np.array([[100.0, 0.0, 0.0], [0.0, 100.0, 0.0]]),
        "heads": heads,
        "counts": np.stack([np.zeros(MANY), np.ones(MANY)]),
        "calibration": np.array([2.0, -1.0]),
    }
    return Model(**{**known, **fields})


def features(x: float, y: float, count: float = 0.0) -> Features:
    """A direction, and a first count."""
    counts = np.zeros(MANY)
    counts[0] = count
    return Features(embedding=np.array([x, y]), counts=counts, known=1.0)


def test_a_domain_uses_its_own_head() -> None:
    """The gate decides which one counts."""
    first, second = model().judge(features(1, 0, 0.5)), model().judge(features(0, 1, 0.5))

    assert ("x", "y") == (first.domain, second.domain)
    assert first.difficulty == pytest.approx(0.5)
    assert second.difficulty == pytest.approx(1 / (1 + np.exp(-1)))


def test_memberships_add_up_to_one() -> None:
    """Between two domains both count."""
    judgement = model().judge(features(0.7, 0.7))

    assert judgement.domains == pytest.approx({"x": 0.5, "y": 0.5})


@pytest.mark.parametrize("count", [4.0, 1e9])
def test_no_count_reaches_further_than_the_bound(count: float) -> None:
    """Whatever is sent, the score stays where training has been."""
    judgement = model().judge(features(1, 0, count))

    assert judgement.difficulty == pytest.approx(1 / (1 + np.exp(-7)))


def test_the_domain_is_the_strongest() -> None:
    """Of any number of them."""
    assert "b" == Judgement(difficulty=0.5, domains={"a": 0.2, "b": 0.5, "c": 0.3}).domain


def model_file(folder: Path, **fields: object) -> Path:
    """The model as a file whose manifest has `fields`."""
    path, small = folder / "artifact.bin", model()
    manifest = {"tokens": "t", "domains": ["x", "y"], **fields}
    names = ("gate", "heads", "counts", "calibration")
    path.write_bytes(pack(KIND, manifest, {name: getattr(small, name) for name in names}))
    return path


def test_a_model_is_read(tmp_path: Path) -> None:
    """As it was written."""
    found = load(model_file(tmp_path), width=2, tokens="t")

    assert ("x", "y") == found.domains
    assert model().heads.tolist() == found.heads.tolist()


def test_a_model_of_other_tokens_is_refused(tmp_path: Path) -> None:
    """Its numbers would mean something else."""
    with pytest.raises(ConfigError, match="another token table"):
        load(model_file(tmp_path), width=2, tokens="u")


def test_a_model_of_another_width_is_refused(tmp_path: Path) -> None:
    """Or with too few heads for its domains."""
    with pytest.raises(ConfigError, match="no array 'gate'"):
        load(model_file(tmp_path, domains=["x"]), width=2, tokens="t")
