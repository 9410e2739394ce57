"""What a plan opens."""

from typing import Any

import pytest
from builders import FAST_MODEL, REASONING_MODEL, config
from tenancy_builders import tenanted

from extproc.tenancy.access import accesses


def test_a_plan_without_limits_opens_all() -> None:
    """And nothing need be looked up for it."""
    access = accesses(tenanted())["standard"]

    assert (None, None) == (access.tiers, access.models)


@pytest.mark.parametrize(
    ("plan", "models"),
    [
        ({"tiers": ["fast"]}, {"auto", FAST_MODEL}),
        ({"models": ["auto"]}, {"auto"}),
        ({"models": [REASONING_MODEL]}, {REASONING_MODEL}),
        ({"tiers": ["fast"], "models": [FAST_MODEL, REASONING_MODEL]}, {FAST_MODEL}),
    ],
    ids=["tiers", "alias", "model", "both"],
)
def test_models_go_with_their_tiers(plan: dict[str, Any], models: set[str]) -> None:
    """A tier that is not open hides its model; aliases are for all unless models are named."""
    assert frozenset(models) == accesses(tenanted(**plan))["standard"].models


def test_without_tenants_there_are_no_plans() -> None:
    """As by default."""
    assert {} == accesses(config())
