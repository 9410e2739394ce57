"""The routes of a config."""

from typing import Any

import pytest
from builders import config, tiers

from extproc.config import Config
from extproc.dataplane.pattern import named, shipped, virtual_host
from extproc.dataplane.routes import routes

Tree = dict[str, Any]


def made(config: Config) -> list[Tree]:
    """The routes for `config`."""
    return routes(virtual_host(shipped())["routes"], config)


def wanted(route: Tree) -> dict[str, str]:
    """The headers a request must have."""
    return {
        header["name"]: header["string_match"]["exact"]
        for header in route["match"].get("headers", [])
    }


def test_routes_stand_from_the_narrowest_to_the_widest() -> None:
    """Envoy takes the first that matches."""
    expected = [
        *("pinned-fast", "fast", "pinned-reasoning", "reasoning", "default"),
        *("models", "method-not-allowed", "path-not-found"),
    ]

    assert expected == [route["name"] for route in made(config())]


def test_a_verdict_leads_to_its_tier() -> None:
    """POST and the tier's name are all that is asked."""
    expected = {":method": "POST", "x-tiergate-tier": "reasoning"}

    assert expected == wanted(named(made(config()), "reasoning"))


def test_a_pinned_verdict_is_marked() -> None:
    """The mark decides between the two routes of a tier."""
    expected = {":method": "POST", "x-tiergate-tier": "reasoning", "x-tiergate-pinned": "true"}

    assert expected == wanted(named(made(config()), "pinned-reasoning"))


@pytest.mark.parametrize(
    ("name", "cluster"),
    [
        pytest.param("pinned-fast", "fast", id="a pinned tier answers alone"),
        pytest.param("fast", "tier_fast", id="a chosen tier has stand-ins"),
        pytest.param("default", "tier_reasoning", id="no verdict: the default tier"),
    ],
)
def test_a_route_goes_to_its_cluster(name: str, cluster: str) -> None:
    """A composite where others may stand in, the tier itself where none may."""
    route = named(made(config(default_tier="reasoning")), name)

    assert cluster == route["route"]["cluster"]


def test_there_is_a_retry_for_each_stand_in() -> None:
    """A composite fails once its attempts outnumber its members."""
    third = {"name": "third", "model": "third/model", "endpoints": ["127.0.0.1:8003"]}
    route = named(made(config(tiers=[*tiers(), third])), "fast")

    assert 2 == route["route"]["retry_policy"]["num_retries"]


def test_a_tier_without_stand_ins_tries_its_other_replicas() -> None:
    """Chosen or pinned makes no difference then."""
    single = made(config(tiers=tiers()[:1]))

    assert named(single, "pinned-fast")["route"] == named(single, "fast")["route"]


def test_a_quiet_stream_ends_when_the_config_says() -> None:
    """On every route to a tier, and on no other."""
    patient = made(config(gateway={"idle_seconds": 42}))

    assert ["42s"] * 5 == [route["route"]["idle_timeout"] for route in patient if "route" in route]


def test_what_envoy_answers_itself_is_left_as_shipped() -> None:
    """No config opens another path."""
    answered = [route for route in made(config()) if "direct_response" in route]
    pattern = virtual_host(shipped())["routes"]

    assert [route for route in pattern if "direct_response" in route] == answered
