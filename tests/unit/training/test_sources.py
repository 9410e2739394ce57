"""What belongs to what."""

import pytest

from extproc.training.sources import SMALL, STRONG, domain, family


def test_no_model_is_both() -> None:
    """A gap is between two classes."""
    assert set() == SMALL & STRONG


@pytest.mark.parametrize("suspect", ["chatqa", "super-49b"])
def test_models_that_fail_by_format_are_left_out(suspect: str) -> None:
    """Their errors say nothing of the prompt."""
    assert not any(suspect in model for model in SMALL | STRONG)


def test_benchmarks_of_one_source_are_left_out_together() -> None:
    """Or one would tell of the other."""
    assert family("ulab-math") == family("zeroeval-math-l5")
    assert "something" == family("something")


@pytest.mark.parametrize(
    ("benchmark", "category", "expected"),
    [
        ("ulab-math", "anything", "mathematics"),
        ("mmlu-pro", "physics", "science"),
        ("mmlu-pro", "psychology", "knowledge"),
    ],
)
def test_a_row_has_a_domain(benchmark: str, category: str, expected: str) -> None:
    """By its benchmark, else by its category."""
    assert expected == domain(benchmark, category)
