"""From features to a model."""

from typing import Any

import numpy as np
import pytest

from extproc.training.fitting import GRID, Examples, Settings, balanced, calibrate, fit, rounded
from extproc.training.sources import UNTAUGHT

DOMAINS = ("flat", "steep")
FREE = Settings(
    counts=1e-3, level=1e-3, head=1e-3, length=1e-3, gate=1e-3, sharpness=20.0, centring=0.0
)


def examples(many: int = 400, **fields: Any) -> Examples:  # noqa: ANN401 - as the fields
    """Two domains in a plane; in one the error grows with the first count, in the other not."""
    generator = np.random.default_rng(0)
    steep = np.arange(many) % 2 == 1
    counts = generator.normal(size=(many, 7))
    errors = np.where(steep, 0.5 + 0.1 * counts[:, 0], 0.3).clip(0, 1)
    known: dict[str, Any] = {
        "embeddings": np.stack([~steep, steep], axis=1).astype(np.float64),
        "counts": counts,
        "errors": errors,
        "benchmarks": np.where(steep, "s", "f"),
        "families": np.where(steep, "s", "f"),
        "domains": np.where(steep, "steep", "flat"),
    }
    return Examples(**{**known, **fields})


def scores(model: Any, data: Examples) -> Any:  # noqa: ANN401
    """The model's raw scores."""
    return model.raw(model.memberships(data.embeddings), data.counts)


def test_each_domain_gets_a_head_of_its_own() -> None:
    """With no penalties the errors are found again."""
    data = examples()
    found = scores(fit(data, FREE, DOMAINS), data)

    assert np.abs(found - data.errors).mean() < 0.02


def test_without_evidence_length_is_what_counts() -> None:
    """Penalties beyond all data leave the prior."""
    firm = Settings(counts=1e9, level=1e9, head=1e9, length=1e9)
    model = fit(examples(), firm, DOMAINS)

    assert np.allclose(model.heads[:, 0], firm.prior, atol=1e-4)
    assert np.allclose(model.heads[:, 1:-1], 0.0, atol=1e-4)


def test_what_the_length_adds_is_held_whatever_the_data_say() -> None:
    """The levels are free."""
    firm = Settings(counts=1e-3, level=1e-3, head=1e-3, length=1e9)
    model = fit(examples(), firm, DOMAINS)

    assert np.allclose(model.heads[:, 0], firm.prior, atol=1e-4)
    assert np.ptp(model.heads[:, -1]) > 0.01


def test_full_centring_leaves_no_difference_between_benchmarks() -> None:
    """Only what is harder within one."""
    data = examples()
    full = Settings(counts=1e-3, level=1e-3, head=1e-3, sharpness=20.0, centring=1.0)
    found = scores(fit(data, full, DOMAINS), data)
    steep = data.domains == "steep"

    assert found[steep].mean() == pytest.approx(found[~steep].mean(), abs=0.02)


@pytest.mark.parametrize("fields", [{"errors": np.nan}, {"families": UNTAUGHT[0]}])
def test_rows_that_do_not_teach_the_heads_teach_the_gate(fields: dict[str, Any]) -> None:
    """A row without an error, or of an untaught family."""
    data = examples()
    hidden = np.arange(400) < 200
    changed = {name: np.where(hidden, new, getattr(data, name)) for name, new in fields.items()}
    partly = examples(**changed)

    assert 200 == partly.judged.sum()
    assert partly.where(partly.judged).errors.tolist() == data.errors[200:].tolist()
    assert not np.isnan(fit(partly, FREE, DOMAINS).heads).any()


def test_calibration_finds_the_slope() -> None:
    """Of probabilities that were squeezed."""
    raw = np.linspace(-1, 1, 500)
    model = fit(examples(), Settings(), DOMAINS)
    found = calibrate(model, raw, 1 / (1 + np.exp(-(3 * raw + 1))), np.ones(500))

    assert found.calibration == pytest.approx([3.0, 1.0], abs=1e-3)


def test_parameters_lie_on_the_grid() -> None:
    """So that no machine's rounding shows."""
    model = rounded(fit(examples(), Settings(), DOMAINS))

    assert np.array_equal(model.heads / GRID, np.rint(model.heads / GRID))


def test_balanced_weights_give_labels_the_same_sum() -> None:
    """And have a mean of 1."""
    weights = balanced(np.array(["a", "a", "a", "b"]))

    assert weights.tolist() == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2.0])


def test_settings_are_described() -> None:
    """For the manifest."""
    assert 0.7 == Settings().described()["centring"]
