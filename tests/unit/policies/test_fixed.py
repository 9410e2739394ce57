"""Always one tier."""

import pytest
from builders import request, scope

from extproc.decision import Reason, Verdict
from extproc.errors import ConfigError
from extproc.policies import fixed


def test_it_is_always_the_same_tier() -> None:
    """Whatever the request and its signals."""
    policy = fixed.build("reasoning", scope())

    assert Verdict(tier="reasoning", reason=Reason.FIXED, path="fixed") == policy.decide(
        request("2+2"), {"mathematics": 1.0}
    )


@pytest.mark.parametrize("parameters", [None, 7, ["fast"], {"fixed": "fast"}])
def test_it_takes_a_tiers_name_alone(parameters: object) -> None:
    """A policy inside of `fixed` would be that policy."""
    with pytest.raises(ConfigError, match="expected a tier's name"):
        fixed.build(parameters, scope())


def test_the_tier_must_exist() -> None:
    """The kill switch must not itself be wrong."""
    with pytest.raises(ConfigError, match="no tier is called 'fats'"):
        fixed.build("fats", scope())
