"""The tables."""

from pathlib import Path

import pytest
from semantic_builders import labelled_folder, paired_file, semantic, tokens

from extproc.training.dataset import load
from extproc.training.evaluate import baselines, held_out, left_out, ranker, stability
from extproc.training.fitting import Settings


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What leaving families out of made-up prompts prints."""
    folder = labelled_folder(tmp_path_factory.mktemp("labelled"))
    return "\n".join(left_out(load(folder), tokens(), Settings()))


@pytest.mark.parametrize("benchmark", ["ulab-math", "ulab-mbpp", "ulab-commongen", "mmlu-pro"])
def test_every_benchmark_stands_beside_its_baselines(tables: str, benchmark: str) -> None:
    """Random, length and the default policy."""
    lines = [line for line in tables.splitlines() if line.startswith(f"| {benchmark} (12;")]

    assert ["random", "semantic", "length", "default policy"] == [
        line.split(" | ")[1] for line in lines
    ]


def test_length_is_perfect_where_longer_is_harder(tables: str) -> None:
    """The made-up prompts are so, and the table shows it."""
    line = next(line for line in tables.splitlines() if "ulab-mbpp" in line and "length" in line)

    assert float(line.split(" | ")[2].split()[0]) > 0.7


def test_calibration_is_shown_for_each_family_and_pooled(tables: str) -> None:
    """Seeds are no family to be judged."""
    assert "| competition mathematics | 12 |" in tables
    assert "| all, pooled | 48 |" in tables
    assert "seed-" not in tables


def test_a_benchmark_without_a_gap_is_left_out(tmp_path: Path) -> None:
    """There is nothing to recover."""
    dataset = load(labelled_folder(tmp_path, rows=1))

    assert "ulab-math (" not in "\n".join(left_out(dataset, tokens(), Settings()))


def test_held_out_prompts_are_ranked_by_what_ships(tmp_path: Path) -> None:
    """With the two ends that need no ranking."""
    found = "\n".join(held_out(paired_file(tmp_path), ranker(semantic())))

    assert "| held (20; fast 0.500, reasoning 1.000) | semantic |" in found
    assert "Always fast: 0.500 right; always reasoning: 1.000." in found


def test_stability_counts_flips_by_kind() -> None:
    """And all together; few enough for the bar."""
    lines = list(stability(ranker(semantic())))
    kinds = {line.split(" | ")[0].strip("| "): line.split(" | ") for line in lines[2:]}

    assert {"paraphrase", "case", "space", "politeness", "punctuation", "all"} == kinds.keys()
    assert float(kinds["all"][2].removesuffix(" %")) <= 8.0


def test_the_default_policy_scores_a_rule_as_certain() -> None:
    """A prompt so long that a rule sends it to the reasoning tier."""
    short, long = baselines()["default policy"](["hello", "word " * 5_000])

    assert short < 0.5
    assert 1.0 == long
