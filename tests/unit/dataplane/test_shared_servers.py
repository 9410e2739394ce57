"""Tiers that share a server: who stands in for whom."""

import pytest
from builders import FAST_MODEL, config, tiers

from extproc.config import Config
from extproc.dataplane.clusters import stand_ins

SHARED = {"endpoints": ["127.0.0.1:8001"], "weights": FAST_MODEL}
THIRD = {"name": "third", "model": "third/model", "endpoints": ["127.0.0.1:8003"]}


def of(made: Config) -> dict[str, tuple[str, ...]]:
    """The stand-ins of each tier."""
    return {tier.name: stand_ins(made, tier) for tier in made.tiers}


@pytest.mark.parametrize("third", [[], [THIRD]], ids=["two", "three"])
def test_a_tier_of_the_same_server_is_no_help(third: list[dict[str, object]]) -> None:
    """Both fail together, so an attempt at the other would be lost; a third tier is one."""
    others = tuple(str(tier["name"]) for tier in third)
    found = of(config(tiers=[*tiers(**SHARED), *third]))

    assert (others, others) == (found["fast"], found["reasoning"])


def test_they_stand_in_for_a_third() -> None:
    """In order of cost: the first of them is asked first."""
    found = of(config(tiers=[*tiers(**SHARED), THIRD]))

    assert ("fast", "reasoning") == found["third"]
