"""What policies share."""

import pytest
from builders import request, scope

from extproc.decision import Reason, Verdict
from extproc.errors import ConfigError
from extproc.policies.base import Labelled, Leaf


def test_a_step_down_keeps_the_names() -> None:
    """A scope further down knows the same tiers and signals, under a longer path."""
    below = scope("tools").at(".rules").at("[0]")

    assert "$.policy.rules[0]" == below.path
    assert (("fast", "reasoning"), ("tools",)) == (below.tiers, below.signals)


def test_a_signal_that_is_there_may_be_named() -> None:
    """The name comes back as it is."""
    assert "tools" == scope("tools").signal("tools")


def test_an_unknown_signal_is_refused_with_those_that_exist() -> None:
    """A misspelt signal would never hold, silently."""
    with pytest.raises(ConfigError, match=r"\$\.policy\.x: no such signal; there are: a, b"):
        scope("b", "a").at(".x").signal("c")


def test_a_tiers_name_is_a_verdict() -> None:
    """Where a tier stands, that tier answers, for the reason of whoever asked."""
    policy = scope().target("fast", Reason.RULE, "rules:x")

    verdict = policy.decide(request(), {})

    assert Verdict(tier="fast", reason=Reason.RULE, path="rules:x") == verdict


def test_an_unknown_tier_is_refused_with_those_that_exist() -> None:
    """The error comes when the config is read, not when the first request needs the tier."""
    with pytest.raises(ConfigError, match="'medium'; there are: fast, reasoning"):
        scope().target("medium", Reason.RULE, "rules:x")


def test_a_policy_may_stand_where_a_tier_may() -> None:
    """Its verdict keeps its own reason and says through which label it came."""
    policy = scope().target({"fixed": "reasoning"}, Reason.RULE, "rules:x")

    verdict = policy.decide(request(), {})

    assert Verdict(tier="reasoning", reason=Reason.FIXED, path="rules:x>fixed") == verdict


def test_labels_add_up_on_the_way() -> None:
    """Each nesting adds its label in front."""
    leaf = Leaf(verdict=Verdict(tier="fast", path="c"))
    policy = Labelled(policy=Labelled(policy=leaf, label="b"), label="a")

    assert "a>b>c" == policy.decide(request(), {}).path
