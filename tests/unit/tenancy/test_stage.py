"""Admission."""

from typing import Any

import pytest
from builders import FAST_MODEL, REASONING_MODEL, chat
from tenancy_builders import NOW, arriving, registered, tenanted

from extproc.errors import ModelNotAllowed, TierNotAllowed, Unavailable
from extproc.exchange import Exchange
from extproc.tenancy.access import accesses
from extproc.tenancy.authentication import Authenticator
from extproc.tenancy.registry import Directory, create
from extproc.tenancy.stage import Admission
from extproc.tenancy.values import Registry

ACME = registered()


def admitted(exchange: Exchange, registry: Registry = ACME.registry, **plan: Any) -> Exchange:  # noqa: ANN401
    """The exchange, after a stage with that plan."""
    config = tenanted(**plan)
    assert config.tenants is not None
    directory = Directory(registry)
    authenticator = Authenticator(config.tenants, lambda: directory, lambda: NOW)
    stage = Admission(config, authenticator, accesses(config))
    stage.arrived(exchange)
    assert () == stage.asks(exchange)
    return exchange


def test_the_tenants_plan_is_the_requests() -> None:
    """What it says is there for the router and for whoever comes later."""
    exchange = admitted(arriving(ACME.key, chat()), tiers=["fast"], priority=-3)

    context = exchange.context
    assert ("acme", frozenset({"fast"}), -3, None) == (
        context.tenant,
        context.tiers,
        context.priority,
        context.policy,
    )
    assert frozenset({"auto", FAST_MODEL}) == context.models
    assert {"tenant": "acme"} == exchange.facts


def test_credentials_end_here() -> None:
    """No tier sees them."""
    exchange = admitted(arriving(ACME.key, chat()))

    assert ["authorization", "x-api-key", "x-tiergate-tenant"] == exchange.removed


def test_a_plan_that_is_gone_is_the_operators_fault() -> None:
    """And no reason to let anybody have more than was meant."""
    moved = create(Registry(), "acme", plan="gone", now=NOW)

    with pytest.raises(Unavailable):
        admitted(arriving(moved.key, chat()), moved.registry)


def test_a_model_outside_the_plan_is_refused() -> None:
    """By name."""
    with pytest.raises(ModelNotAllowed) as caught:
        admitted(arriving(ACME.key, chat(model=REASONING_MODEL)), tiers=["fast"])

    assert "model" == caught.value.param


def test_a_wish_outside_the_plan_is_refused() -> None:
    """As it could not be granted."""
    with pytest.raises(TierNotAllowed):
        admitted(arriving(ACME.key, chat(), x_tiergate_prefer="reasoning"), tiers=["fast"])


def test_what_there_is_not_is_left_to_the_router() -> None:
    """A 403 would say that there is such a thing."""
    exchange = arriving(ACME.key, chat(model="no/such"), x_tiergate_prefer="no-such")

    assert "acme" == admitted(exchange, tiers=["fast"]).context.tenant
