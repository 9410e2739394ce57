"""Whether a new policy may take the place of the one in force."""

from pathlib import Path

import numpy as np
import pytest
from builders import config, tiers
from semantic_builders import labels_file

from extproc.errors import ConfigError
from extproc.signals.semantic.features import Array
from extproc.training.gate import Judgement, Verdict, chosen, judge, lines
from extproc.training.own import Labels, load

BY_LENGTH = {
    "threshold": {
        "at": 0.5,
        "above": "reasoning",
        "below": "fast",
        "weights": {"prompt_tokens": {"weight": 1, "full_at": 120}},
    }
}


@pytest.fixture
def labels(tmp_path: Path) -> Labels:
    """The fast tier fails at the longer half."""
    return load(labels_file(tmp_path, 400))


def against(
    labels: Labels, candidate: Array, current: Array, worth: float | None = None
) -> Judgement:
    """The judgement of two choices."""
    return judge(candidate, current, labels, worth)


def choices(labels: Labels) -> dict[str, Array]:
    """What policies may choose: what is needed, its opposite, all, none, and at random."""
    needed = labels.gain
    half = (np.random.default_rng(0).random(len(needed)) < 0.5).astype(np.float64)
    ones = np.ones_like(needed)
    return {"needed": needed, "opposite": 1 - needed, "all": ones, "none": 0 * ones, "half": half}


@pytest.mark.parametrize(
    ("candidate", "current", "expected"),
    [
        ("needed", "half", Verdict.BETTER),
        ("needed", "all", Verdict.BETTER),
        ("needed", "needed", Verdict.NOT_SHOWN),
        ("half", "half", Verdict.NOT_SHOWN),
        ("half", "none", Verdict.NOT_SHOWN),
        ("half", "needed", Verdict.WORSE),
        ("opposite", "none", Verdict.WORSE),
    ],
)
def test_the_labels_say_which_is_better(
    labels: Labels, candidate: str, current: str, expected: Verdict
) -> None:
    """By what each choice is worth."""
    made = choices(labels)

    assert expected is against(labels, made[candidate], made[current]).verdict


def test_a_dearer_tier_that_is_worse_is_worth_nothing(labels: Labels) -> None:
    """Its price is not below nothing, which would make all choices alike."""
    worse = Labels(
        conversations=labels.conversations,
        bodies=labels.bodies,
        fast=labels.reasoning,
        reasoning=labels.fast,
    )
    made = choices(worse)

    assert Verdict.WORSE is against(worse, made["all"], made["none"]).verdict


def test_where_cost_does_not_matter_the_better_tier_is_hard_to_beat(labels: Labels) -> None:
    """Always-reasoning is as good as what sends all that is needed there, and better than half."""
    made = choices(labels)

    assert Verdict.NOT_SHOWN is against(labels, made["needed"], made["half"], 0.0).verdict
    assert Verdict.WORSE is against(labels, made["half"], made["none"], 0.0).verdict


def test_few_labels_show_little(tmp_path: Path) -> None:
    """A small gain is within the interval."""
    labels = load(labels_file(tmp_path, 50))
    some = choices(labels)["half"].copy()
    current = some.copy()
    at = int(np.flatnonzero((labels.gain == 1) & (some == 0))[0])
    some[at] = 1

    assert Verdict.NOT_SHOWN is against(labels, some, current).verdict


def test_a_policy_chooses_by_its_config(labels: Labels) -> None:
    """Whatever the alias is called."""
    made = config(policy=BY_LENGTH, models={"aliases": ["gpt"]})
    found = chosen(made, labels)

    assert 0.2 < found.mean() < 0.8
    assert labels.gain[found == 1].mean() > labels.gain[found == 0].mean()


def test_a_tier_without_labels_is_refused(labels: Labels) -> None:
    """One between the first and the last."""
    fast, reasoning = tiers()
    middle = {**reasoning, "name": "middle", "model": "m", "endpoints": ["127.0.0.1:8003"]}
    made = config(tiers=[fast, middle, reasoning], policy={"fixed": "middle"})

    with pytest.raises(ConfigError, match="nothing of the tier 'middle'"):
        chosen(made, labels)


def test_a_policy_that_fails_is_refused(labels: Labels) -> None:
    """Its default tier would be judged in its place."""
    with pytest.raises(ConfigError, match="the policy fails: RuntimeError"):
        chosen(config(policy={"acme:Broken": None}), labels)


def test_the_tables_say_all(labels: Labels) -> None:
    """Shares, qualities, differences with intervals, and the verdict last."""
    made = choices(labels)
    said = list(lines(against(labels, made["needed"], made["all"])))

    assert "| candidate | 50.0% | 1.000 |" in said
    assert "| always fast | 0.0% | 0.500 |" in said
    assert any(line.startswith("| random choice | +0.2500 [+0.2") for line in said)
    assert "better" == said[-1]
