"""The clusters of a config."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from builders import config, tiers

from extproc.config import Config
from extproc.dataplane.clusters import ROUTER, SERVICES, clusters, stand_ins
from extproc.dataplane.pattern import named, shipped

Tree = dict[str, Any]


ROUTERS = ("127.0.0.1:9102", "unix:/run/router.1")


def made(config: Config, router: Sequence[str] = ROUTERS) -> list[Tree]:
    """The clusters for `config` at its own endpoints."""
    endpoints = {tier.name: tier.endpoints for tier in config.tiers}
    pattern = shipped()["static_resources"]["clusters"]
    return clusters(pattern, config, router=router, services="127.0.0.1:9104", endpoints=endpoints)


def members(cluster: Tree) -> list[str]:
    """The clusters a composite goes through, attempt by attempt."""
    return [part["name"] for part in cluster["cluster_type"]["typed_config"]["clusters"]]


def places(cluster: Tree) -> list[tuple[str, int]]:
    """Where the endpoints of a cluster are."""
    group = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"]
    found = [endpoint["endpoint"]["address"]["socket_address"] for endpoint in group]
    return [(place["address"], place["port_value"]) for place in found]


def three(**fields: object) -> Config:
    """Three tiers in order of cost, the middle one with `fields`."""
    middle = {"name": "middle", "model": "middle/model", "endpoints": ["127.0.0.1:8003"], **fields}
    fast, reasoning = tiers()
    return config(tiers=[fast, middle, reasoning])


def test_every_tier_begins_its_own_composite() -> None:
    """Attempt by attempt: the tier itself, then the others in order of cost."""
    expected = {
        "tier_fast": ["fast", "middle", "reasoning"],
        "tier_middle": ["middle", "fast", "reasoning"],
        "tier_reasoning": ["reasoning", "fast", "middle"],
    }
    composites = [cluster for cluster in made(three()) if "cluster_type" in cluster]

    assert expected == {cluster["name"]: members(cluster) for cluster in composites}


@pytest.mark.parametrize(
    ("transport", "elsewhere"), [("grpc", None), ("native", {"port_value": 9104})]
)
def test_health_is_asked_for_where_it_is_told(
    transport: str, elsewhere: Mapping[str, int] | None
) -> None:
    """The native transport carries decisions alone; its services have a port beside it."""
    cluster = named(made(config(server={"transport": transport}), ROUTERS[:1]), ROUTER)
    group = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"]

    assert "health_checks" in cluster
    assert [elsewhere] == [one["endpoint"].get("health_check_config") for one in group]


@pytest.mark.parametrize(("transport", "checked"), [("grpc", True), ("native", False)])
def test_a_socket_that_carries_decisions_alone_is_not_asked(transport: str, checked: bool) -> None:
    """There is no port beside it."""
    cluster = named(made(config(server={"transport": transport}), ROUTERS[1:]), ROUTER)

    assert checked is ("health_checks" in cluster)


def test_a_single_tier_has_no_composite() -> None:
    """There is nobody to stand in."""
    single = made(config(tiers=tiers()[:1]))

    assert ["fast", ROUTER, SERVICES] == [cluster["name"] for cluster in single]


@pytest.mark.parametrize(
    ("tier", "expected"),
    [
        pytest.param("fast", ("reasoning",), id="it stands in for nobody"),
        pytest.param("middle", (), id="nobody stands in for it"),
    ],
)
def test_a_tier_without_the_aliases_is_left_out(tier: str, expected: tuple[str, ...]) -> None:
    """A body names the alias, or that tier's own model: it fits on one side only."""
    config = three(serves_aliases=False)

    assert expected == stand_ins(config, config.tier(tier))


def test_a_tier_is_at_its_endpoints() -> None:
    """Each replica is one endpoint."""
    several = made(config(tiers=tiers(endpoints=["10.0.0.1:80", "[::1]:81"])))

    assert [("10.0.0.1", 80), ("::1", 81)] == places(named(several, "reasoning"))


def test_an_endpoint_knows_its_tier() -> None:
    """It becomes x-tiergate-served-by: in a composite, only the endpoint knows who answered."""
    group = named(made(three()), "middle")["load_assignment"]["endpoints"][0]

    assert [{"filter_metadata": {"tiergate": {"tier": "middle"}}}] == [
        endpoint["metadata"] for endpoint in group["lb_endpoints"]
    ]


def test_ip_addresses_need_no_name_server() -> None:
    """The shipped tiers are where they are said to be."""
    assert "STATIC" == named(made(config()), "reasoning")["type"]


def test_one_name_among_the_endpoints_is_looked_up() -> None:
    """All addresses behind a name are replicas, as a headless Service has them."""
    mixed = made(config(tiers=tiers(endpoints=["10.0.0.1:80", "vllm:8000"])))
    cluster = named(mixed, "reasoning")

    assert ("STRICT_DNS", "V4_PREFERRED") == (cluster["type"], cluster["dns_lookup_family"])


def test_the_router_is_where_the_caller_says() -> None:
    """It may have started on free ports, or on sockets, an endpoint for each worker."""
    endpoints = named(made(config()), ROUTER)["load_assignment"]["endpoints"][0]["lb_endpoints"]

    assert [
        {"socket_address": {"address": "127.0.0.1", "port_value": 9102}},
        {"pipe": {"path": "/run/router.1"}},
    ] == [endpoint["endpoint"]["address"] for endpoint in endpoints]
    assert "STATIC" == named(made(config()), ROUTER)["type"]


def test_the_services_are_where_the_caller_says() -> None:
    """The access log goes to the router's own process, not to its workers."""
    services = named(made(config()), SERVICES)

    assert [("127.0.0.1", 9104)] == places(services)
    assert SERVICES == services["load_assignment"]["cluster_name"]


def test_the_connect_timeout_is_the_configs() -> None:
    """For every cluster that connects; a composite leaves that to its members."""
    slow = made(config(gateway={"connect_timeout_seconds": 2.5}))

    assert dict.fromkeys(("fast", "reasoning", ROUTER, SERVICES), "2.5s") == {
        cluster["name"]: cluster["connect_timeout"]
        for cluster in slow
        if "connect_timeout" in cluster
    }


def test_a_tier_may_be_called_router() -> None:
    """The gateway's own names have an underscore, which a tier's cannot have."""
    several = made(three(name="router"))

    assert len(several) == len({cluster["name"] for cluster in several})
