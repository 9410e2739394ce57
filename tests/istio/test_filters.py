"""The mesh's filters are those of `envoy/envoy.yaml`, put where istiod takes them."""

import json
from pathlib import Path
from typing import Any

import mesh
import patches
import pytest
from charts import DEFAULT, EVERY, Manifest, document, rendered

from extproc.config import decode
from extproc.dataplane import render, validate
from extproc.dataplane.pattern import connection_manager, named

MESH = tuple(path for path in EVERY if path.stem not in {"no-mesh-values", "inference-pool-values"})
NOT_IN_THE_MESH = {"x-tiergate-served-by"}
"""Written by other means: the mesh's endpoints carry other metadata."""
Tree = dict[str, Any]


def places(manifests: tuple[Manifest, ...]) -> dict[str, list[tuple[str, int]]]:
    """An endpoint for every port of every service."""
    return {
        f"{one['metadata']['name']}.llm.svc.cluster.local:{port['port']}": [("127.0.0.1", 9)]
        for one in manifests
        if one["kind"] == "Service"
        for port in one["spec"]["ports"]
    }


def in_mesh(manifests: tuple[Manifest, ...]) -> Tree:
    """The proxy's bootstrap; keys that it would have to fetch are left out."""
    here = tuple(one for one in manifests if "jwksUri" not in str(one.get("spec")))
    return mesh.bootstrap(here, places(manifests))


def on_one_machine(manifests: tuple[Manifest, ...]) -> Tree:
    """What `tiergate render envoy` prints for the same document."""
    config = decode(document(manifests))
    return render(config, gateway="0.0.0.0:80", router="127.0.0.1:1", envoy_admin="127.0.0.1:0")


def unplaced(tree: object) -> object:
    """Without the names of clusters, which are the mesh's own."""
    return json.loads(json.dumps(tree), object_hook=lambda one: {**one, **_forget(one)})


def _forget(one: Tree) -> Tree:
    return {"cluster_name": "router"} if "cluster_name" in one else {}


@pytest.mark.parametrize("values", MESH, ids=lambda path: path.stem)
def test_envoy_accepts_what_the_mesh_is_told(values: Path) -> None:
    """Field by field, and with every reference."""
    manifests = rendered(values)
    made = in_mesh(manifests)

    validate(made)
    assert made["static_resources"]["clusters"]


@pytest.mark.parametrize("values", MESH, ids=lambda path: path.stem)
def test_the_filters_are_the_same(values: Path) -> None:
    """Each of Tiergate's own, in the same order: ext_proc, its modes and its failure mode too."""
    manifests = rendered(values)
    theirs = [
        one
        for one in patches.manager(in_mesh(manifests))["http_filters"]
        if one["name"].startswith("tiergate.")
    ]
    wanted = connection_manager(on_one_machine(manifests))["http_filters"]
    ours = [named(wanted, one["name"]) for one in theirs]

    assert unplaced(ours) == unplaced(theirs)
    assert [one["name"] for one in ours] == [
        one["name"] for one in wanted if one in ours and one["name"].startswith("tiergate.")
    ]


def test_nothing_is_left_out() -> None:
    """With every switch on, all of the filters and all of the edge are there."""
    manifests = rendered(DEFAULT)
    ours, theirs = (
        connection_manager(on_one_machine(manifests)),
        patches.manager(in_mesh(manifests)),
    )
    filters = [one["name"] for one in ours["http_filters"]]
    left = {"stat_prefix", "http_filters", "route_config", "local_reply_config"}

    assert filters == [one["name"] for one in theirs["http_filters"]]
    assert unplaced({key: value for key, value in ours.items() if key not in left}) == unplaced(
        {key: value for key, value in theirs.items() if key not in left}
    )


def test_the_edge_says_what_envoy_yaml_says_and_two_things_more() -> None:
    """401 and 403 are the mesh's own to refuse with; all other errors are the same."""
    manifests = rendered(DEFAULT)
    ours, theirs = (
        manager["local_reply_config"]["mappers"]
        for manager in (
            connection_manager(on_one_machine(manifests)),
            patches.manager(in_mesh(manifests)),
        )
    )

    assert ours == [one for one in theirs if one not in theirs[1:3]]
    assert [401, 403] == [
        one["filter"]["status_code_filter"]["comparison"]["value"]["default_value"]
        for one in theirs[1:3]
    ]


@pytest.mark.parametrize("values", MESH, ids=lambda path: path.stem)
def test_every_route_leads_where_it_leads_on_one_machine(values: Path) -> None:
    """The same requests to the same tiers, with the same stand-ins in the same order."""
    manifests = rendered(values)
    ours, theirs = led(on_one_machine(manifests)), led(in_mesh(manifests))
    if "older-istio" in values.stem:
        ours = {name: members[:1] for name, members in ours.items()}

    assert ours == theirs


def led(bootstrap: Tree) -> dict[str, list[str]]:
    """By route, the hosts of the servers that it tries."""
    clusters = {one["name"]: one for one in bootstrap["static_resources"]["clusters"]}
    routes = patches.manager(bootstrap)["route_config"]["virtual_hosts"][0]["routes"]
    return {
        route["name"]: [_host(clusters[member]) for member in _members(clusters[to])]
        for route in routes
        if (to := route.get("route", {}).get("cluster"))
    }


def _members(cluster: Tree) -> list[str]:
    if "cluster_type" not in cluster:
        return [cluster["name"]]
    return [one["name"] for one in cluster["cluster_type"]["typed_config"]["clusters"]]


def _host(cluster: Tree) -> str:
    """The mesh's clusters are named for theirs; those of one machine have it as endpoint."""
    if "|" in cluster["name"]:
        return str(cluster["name"].rpartition("|")[2])
    (endpoint,) = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"]
    return str(endpoint["endpoint"]["address"]["socket_address"]["address"])


def test_only_the_gateways_proxies_are_patched() -> None:
    """Never every proxy of the mesh."""
    for values in MESH:
        for one in rendered(values):
            if one["kind"] == "EnvoyFilter":
                assert {"workloadSelector", "targetRefs"} & set(one["spec"])
