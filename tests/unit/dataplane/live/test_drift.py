"""What a proxy does otherwise than the config says."""

import json
from collections.abc import Callable
from typing import Any

import builders
import pytest

from extproc.config import Config
from extproc.dataplane import render
from extproc.dataplane.live import drifts, read
from extproc.dataplane.pattern import Tree, clone, connection_manager, named, virtual_host

Edit = Callable[[Tree], Any]


def rendered(config: Config) -> Tree:
    """What should run."""
    return render(
        config, gateway="127.0.0.1:80", router="127.0.0.1:9002", envoy_admin="127.0.0.1:9901"
    )


CONFIG = builders.config()
WANTED = rendered(CONFIG)


def dumped(bootstrap: Tree) -> bytes:
    """The dump of an Envoy that runs it."""
    resources = bootstrap["static_resources"]
    manager = connection_manager(bootstrap)
    sections = {
        "static_listeners": [{"listener": one} for one in resources["listeners"]],
        "static_clusters": [{"cluster": one} for one in resources["clusters"]],
        "static_route_configs": [{"route_config": manager["route_config"]}],
    }
    return json.dumps({"configs": [sections]}).encode()


def found(edit: Edit, config: Config | None = None) -> list[str]:
    """The drifts of a proxy that was edited."""
    wanted = WANTED if config is None else rendered(config)
    live = clone(wanted)
    edit(live)
    return list(drifts(config or CONFIG, wanted, read(dumped(live))))


def filters(bootstrap: Tree) -> list[Tree]:
    """Those of HTTP."""
    found: list[Tree] = connection_manager(bootstrap)["http_filters"]
    return found


def ext_proc(bootstrap: Tree) -> Tree:
    """The filter that asks the router."""
    found: Tree = named(filters(bootstrap), "tiergate.ext_proc")["typed_config"]
    return found


def in_mesh(bootstrap: Tree) -> None:
    """The same clusters by Istio's names."""
    text = json.dumps(bootstrap)
    for tier, port in (("fast", 8001), ("reasoning", 8002)):
        text = text.replace(f'"name": "{tier}"', f'"name": "outbound|{port}||127.0.0.1"')
        text = text.replace(f'"cluster": "{tier}"', f'"cluster": "outbound|{port}||127.0.0.1"')
    bootstrap.update(json.loads(text))


def shared() -> Config:
    """Two tiers on one server, and a third."""
    fast, reasoning = builders.document()["tiers"]
    spare = {"name": "spare", "model": "m", "endpoints": ["127.0.0.1:8003"]}
    return builders.config(
        tiers=[fast, {**reasoning, "endpoints": fast["endpoints"]}, spare], default_tier="fast"
    )


@pytest.mark.parametrize(
    ("edit", "config"),
    [
        pytest.param(lambda _: None, None, id="alone"),
        pytest.param(in_mesh, None, id="in the mesh"),
        pytest.param(
            lambda tree: connection_manager(tree)["route_config"]["virtual_hosts"].append(
                {"name": "other", "routes": [{"match": {"prefix": "/"}, "redirect": {}}]}
            ),
            None,
            id="a virtual host of somebody else's",
        ),
        pytest.param(lambda _: None, shared(), id="tiers of one server"),
        pytest.param(
            lambda tree: tree["static_resources"]["listeners"].append(
                {
                    "name": "health",
                    "filter_chains": [
                        {
                            "filters": [
                                {
                                    "name": "envoy.filters.network.http_connection_manager",
                                    "typed_config": {"http_filters": []},
                                }
                            ]
                        }
                    ],
                }
            ),
            None,
            id="a listener of the proxy's own",
        ),
    ],
)
def test_a_proxy_that_does_as_it_should_has_no_drift(edit: Edit, config: Config | None) -> None:
    """Under its own names for clusters, too."""
    assert [] == found(edit, config)


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        pytest.param(
            lambda tree: ext_proc(tree).update(failure_mode_allow=False),
            "gateway: tiergate.ext_proc.failure_mode_allow is False, and should be True",
            id="failure mode",
        ),
        pytest.param(
            lambda tree: ext_proc(tree)["processing_mode"].update(request_body_mode="NONE"),
            "gateway: tiergate.ext_proc.processing_mode.request_body_mode is NONE, "
            "and should be BUFFERED",
            id="mode",
        ),
        pytest.param(
            lambda tree: ext_proc(tree)["grpc_service"]["envoy_grpc"].update(cluster_name="gone"),
            "gateway: tiergate.ext_proc asks gone, and there is no such cluster",
            id="router",
        ),
        pytest.param(
            lambda tree: filters(tree).remove(named(filters(tree), "tiergate.usage_json")),
            "gateway: the filter tiergate.usage_json is missing",
            id="missing filter",
        ),
        pytest.param(
            lambda tree: filters(tree).insert(0, {"name": "tiergate.old", "typed_config": {}}),
            "gateway: there is a filter tiergate.old that should not be there",
            id="filter too many",
        ),
        pytest.param(
            lambda tree: filters(tree).insert(0, filters(tree).pop(1)),
            "gateway: the filters stand in another order: tiergate.ext_proc, tiergate.fallback",
            id="order",
        ),
        pytest.param(
            lambda tree: connection_manager(tree).pop("early_header_mutation_extensions"),
            "gateway: early_header_mutation_extensions has 0 entries, and should have 1",
            id="early mutation",
        ),
        pytest.param(
            lambda tree: tree["static_resources"]["listeners"][0].update(
                per_connection_buffer_limit_bytes=32768
            ),
            "gateway: per_connection_buffer_limit_bytes is 32768, and should be 8388608",
            id="buffer",
        ),
        pytest.param(
            lambda tree: virtual_host(tree).pop("request_body_buffer_limit"),
            "gateway: request_body_buffer_limit is not set, and should be 8388608",
            id="body",
        ),
    ],
)
def test_each_drift_of_the_chain_is_named(edit: Edit, expected: str) -> None:
    """By listener, filter and member."""
    assert expected in " ".join(found(edit))


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        pytest.param(
            lambda tree: virtual_host(tree)["routes"].remove(
                named(virtual_host(tree)["routes"], "reasoning")
            ),
            "gateway: POST /v1/chat/completions x-tiergate-tier=reasoning goes to fast, reasoning, "
            "and should go to reasoning, fast",
            id="route",
        ),
        pytest.param(
            lambda tree: named(virtual_host(tree)["routes"], "reasoning")["route"].update(
                cluster="reasoning"
            ),
            "x-tiergate-tier=reasoning goes to reasoning, and should go to reasoning, fast",
            id="stand-in",
        ),
        pytest.param(
            lambda tree: named(virtual_host(tree)["routes"], "default")["route"].update(
                cluster="tiergate_router"
            ),
            "POST /v1/chat/completions goes to tiergate_router, and should go to fast, reasoning",
            id="elsewhere",
        ),
        pytest.param(
            lambda tree: virtual_host(tree)["routes"].remove(
                named(virtual_host(tree)["routes"], "models")
            ),
            "GET /v1/models goes to 404, and should go to 503",
            id="own answer",
        ),
    ],
)
def test_each_drift_of_the_routes_is_named(edit: Edit, expected: str) -> None:
    """By a request that goes another way."""
    assert expected in " ".join(found(edit))


def test_a_proxy_of_somebody_elses_is_told_so() -> None:
    """Nothing of Tiergate's is there."""

    def empty(tree: Tree) -> None:
        connection_manager(tree).update(http_filters=[], route_config={"virtual_hosts": []})

    assert ["no listener has Tiergate's filters", "no route leads to any tier"] == found(empty)
