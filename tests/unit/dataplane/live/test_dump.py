"""Reading Envoy's config dump."""

import json

import pytest

from extproc.dataplane.live import read
from extproc.errors import ConfigError

MANAGER = {
    "name": "envoy.filters.network.http_connection_manager",
    "typed_config": {"http_filters": []},
}
LISTENER = {
    "name": "gateway",
    "filter_chains": [{"filters": [{"name": "another"}, MANAGER]}],
    "default_filter_chain": {"filters": [MANAGER]},
}


def dump(**sections: object) -> bytes:
    """A dump of one section."""
    return json.dumps({"configs": [sections, {"@type": "of secrets"}]}).encode()


@pytest.mark.parametrize(
    "sections",
    [
        pytest.param({"static_listeners": [{"listener": LISTENER}]}, id="from a file"),
        pytest.param(
            {"dynamic_listeners": [{"active_state": {"listener": LISTENER}}]}, id="from istiod"
        ),
    ],
)
def test_listeners_are_found_with_their_managers(sections: dict[str, object]) -> None:
    """Wherever Envoy has them from."""
    ((listener, managers),) = read(dump(**sections)).listeners

    assert ("gateway", 2) == (listener["name"], len(managers))


def test_a_manager_without_filters_has_none() -> None:
    """Envoy's JSON leaves out what is empty."""
    bare = {**MANAGER, "typed_config": {"stat_prefix": "bare"}}
    listener = {**LISTENER, "filter_chains": [{"filters": [bare]}], "default_filter_chain": {}}
    ((_, (manager,)),) = read(dump(static_listeners=[{"listener": listener}])).listeners

    assert {"stat_prefix": "bare", "http_filters": []} == manager


def test_routes_and_clusters_are_found() -> None:
    """Both as Envoy has them by now."""
    found = read(
        dump(
            static_listeners=[{"listener": LISTENER}],
            dynamic_listeners=[{"warming_state": {"listener": {"name": "not yet"}}}],
            dynamic_route_configs=[{"route_config": {"name": "http.80"}}],
            dynamic_active_clusters=[{"cluster": {"name": "one"}}],
            static_clusters=[{"cluster": {"name": "two"}}],
        )
    )

    assert ({"one", "two"}, ["http.80"], 1) == (
        set(found.clusters),
        [one["name"] for one in found.route_configs],
        len(found.listeners),
    )


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"configs": [1]}', b'{"configs": 1}'])
def test_what_is_no_dump_is_told_so(text: bytes) -> None:
    """Whatever it is."""
    with pytest.raises(ConfigError, match="no config dump of Envoy's"):
        read(text)


def test_a_dump_of_something_else_is_told_so() -> None:
    """As of a proxy for TCP."""
    with pytest.raises(ConfigError, match="is it the gateway's"):
        read(dump(static_listeners=[{"listener": {"name": "tcp"}}]))
