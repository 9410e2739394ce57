"""The section `tenants`."""

from typing import Any

import pytest
import yaml
from builders import document
from tenancy_builders import jwt
from usage_builders import PRICES

from extproc.config import Tenants, decode
from extproc.errors import ConfigError

REDIS = {"redis": {"url": "redis://127.0.0.1:6379/0"}}

CHEAP = {"fast": PRICES["fast"]}


def tenants(plan: object = None, **sections: Any) -> Tenants:  # noqa: ANN401 - of a document
    """The section of a document with one plan, checked as a whole."""
    section: dict[str, Any] = {"plans": {"standard": plan or {}}, "file": "tenants.json"}
    section.update(sections.pop("tenants", {}))
    given = {key: value for key, value in section.items() if value is not None}
    made = decode(yaml.safe_dump(document(tenants=given, **sections)).encode()).tenants
    assert made is not None
    return made


def test_a_plan_limits_nothing_by_itself() -> None:
    """What is not said is not limited."""
    plan = tenants().plans["standard"]

    assert (None, None, None, None, 0) == (
        plan.tiers,
        plan.requests_per_minute,
        plan.tokens_per_minute,
        plan.budget.hard,
        plan.priority,
    )


def test_there_are_no_tenants_unless_they_are_wanted() -> None:
    """Then anybody may ask."""
    assert decode(yaml.safe_dump(document()).encode()).tenants is None


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("$.tenants.plans.standard.tiers: no tier is called 'huge'", {"plan": {"tiers": ["huge"]}}),
    ("$.tenants.plans.standard.models: no model is called", {"plan": {"models": ["gpt"]}}),
    ("$.tenants.plans.standard.policy: no policy is called", {"plan": {"policy": "strict"}}),
    ("$.tenants.file: is needed without", {"tenants": {"file": None}}),
    ("$.tenants.file: is not used with", {"state": REDIS}),
    ("$.tenants.jwt: needs either", {"tenants": {"jwt": jwt(jwks_file=None)}}),
    ("$.tenants.jwt: needs either", {"tenants": {"jwt": jwt(jwks_url="https://id.test/k")}}),
    ("$.tenants.jwt.plan: no plan is called 'gold'", {"tenants": {"jwt": jwt(plan="gold")}}),
    (
        "$.tenants.plans.standard: several workers",
        {"plan": {"concurrent_requests": 1}, "server": {"workers": 2}},
    ),
    (
        "$.tenants.plans.standard: several workers",
        {"plan": {"budget": {"hard": "1.5"}}, "server": {"workers": 2}, "prices": PRICES},
    ),
    (
        "$.tenants.plans.standard.budget: needs a price in $.prices of fast, reasoning",
        {"plan": {"budget": {"hard": "1.5"}}},
    ),
    (
        "$.tenants.plans.standard.budget: needs a price in $.prices of reasoning",
        {"plan": {"budget": {"soft": 1}}, "prices": CHEAP},
    ),
    ("$.tenants.plans[...].budget: must be above 0", {"plan": {"budget": {"hard": "0.00"}}}),
    ("$.tenants.plans[...].budget: must be above 0", {"plan": {"budget": {"soft": 0}}}),
    (
        "$.tenants.plans[...].budget: soft is above hard, and would never be reached",
        {"plan": {"budget": {"soft": "10", "hard": "9.5"}}},
    ),
]


@pytest.mark.parametrize(("complaint", "sections"), WRONG)
def test_what_cannot_work_is_refused(complaint: str, sections: dict[str, Any]) -> None:
    """With the key at fault."""
    with pytest.raises(ConfigError) as caught:
        tenants(**sections)

    assert str(caught.value).startswith(complaint)


def test_several_workers_keep_limits_in_redis() -> None:
    """Or each by itself where they need not be told of a request's end."""
    shared = tenants(
        {"concurrent_requests": 1}, tenants={"file": None}, state=REDIS, server={"workers": 2}
    )
    apart = tenants({"requests_per_minute": 60}, server={"workers": 2})

    assert (1, 60) == (
        shared.plans["standard"].concurrent_requests,
        apart.plans["standard"].requests_per_minute,
    )


def test_a_budget_needs_the_prices_of_its_own_tiers() -> None:
    """What the others cost, the tenant never does."""
    made = tenants({"tiers": ["fast"], "budget": {"hard": 1}}, prices=CHEAP)

    assert 1 == made.plans["standard"].budget.hard


def test_a_plan_may_name_what_there_is() -> None:
    """Tiers, models and policies."""
    plan = {"tiers": ["fast"], "models": ["auto"], "policy": "cheap"}

    made = tenants(plan, policies={"cheap": {"fixed": "fast"}}, tenants={"jwt": jwt()})
    assert "cheap" == made.plans["standard"].policy
