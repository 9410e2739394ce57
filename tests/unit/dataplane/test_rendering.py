"""A config's bootstrap."""

from typing import Any

import pytest
from builders import config

from extproc.config import Config, default_path, load
from extproc.dataplane import render
from extproc.dataplane.pattern import connection_manager, named, shipped, virtual_host
from extproc.errors import ConfigError

Tree = dict[str, Any]


def rendered(config: Config, **changes: Any) -> Tree:  # noqa: ANN401 - render's own arguments
    """The bootstrap at the shipped file's addresses, unless `changes` says others."""
    addresses = {"gateway": "127.0.0.1:8080", "router": "127.0.0.1:9002"}
    return render(config, **{"envoy_admin": "127.0.0.1:9901", **addresses, **changes})


def read_under(limit: int) -> str:
    """The lengths of JSON answers that are read, for bodies of up to `limit` bytes."""
    manager = connection_manager(rendered(config(server={"max_body_bytes": limit})))
    usage = named(manager["http_filters"], "tiergate.usage_json")["typed_config"]
    matcher = usage["xds_matcher"]["matcher_list"]["matchers"][0]
    lengths = matcher["predicate"]["single_predicate"]["value_match"]["safe_regex"]["regex"]
    assert isinstance(lengths, str)
    return lengths


def test_the_default_config_is_the_shipped_file() -> None:
    """The file that is read by people is the file that runs."""
    assert shipped() == rendered(load(default_path()))


def test_envoy_listens_where_it_is_told() -> None:
    """Gateway and admin interface each at their own address."""
    bootstrap = rendered(config(), gateway="0.0.0.0:80", envoy_admin="127.0.0.1:0")
    listener = bootstrap["static_resources"]["listeners"][0]

    assert [("0.0.0.0", 80), ("127.0.0.1", 0)] == [  # noqa: S104 - only rendered
        (
            place["address"]["socket_address"]["address"],
            place["address"]["socket_address"]["port_value"],
        )
        for place in (listener, bootstrap["admin"])
    ]


@pytest.mark.parametrize("argument", ["gateway", "envoy_admin"])
def test_envoy_refuses_to_listen_on_a_name(argument: str) -> None:
    """The error stands before anything is started."""
    with pytest.raises(ConfigError, match="localhost:80"):
        rendered(config(), **{argument: "localhost:80"})


def test_replicas_may_be_elsewhere_than_the_config_says() -> None:
    """As when a tier was started on a free port."""
    endpoints = {"fast": ("127.0.0.1:7001",), "reasoning": ("127.0.0.1:7002",)}
    clusters = rendered(config(), endpoints=endpoints)["static_resources"]["clusters"]
    group = named(clusters, "reasoning")["load_assignment"]["endpoints"][0]["lb_endpoints"]

    assert [7002] == [
        endpoint["endpoint"]["address"]["socket_address"]["port_value"] for endpoint in group
    ]


def test_one_number_bounds_a_body_everywhere() -> None:
    """The listener's bound is HTTP/1's, the virtual host's is HTTP/2's."""
    bootstrap = rendered(config(server={"max_body_bytes": 4096}))
    listener = bootstrap["static_resources"]["listeners"][0]

    assert (4096, 4096) == (
        listener["per_connection_buffer_limit_bytes"],
        virtual_host(bootstrap)["request_body_buffer_limit"],
    )


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        pytest.param(1024, "[0-9]{1,3}", id="999 bytes fit into 1024"),
        pytest.param(8 << 20, "[0-9]{1,6}", id="a megabyte fits into 8 MiB"),
        pytest.param(1 << 28, "[0-9]{1,6}", id="never more than a megabyte"),
    ],
)
def test_only_answers_that_fit_the_buffer_are_read(limit: int, expected: str) -> None:
    """Envoy answers 500 in place of a longer one."""
    assert expected == read_under(limit)


def test_connections_are_bounded_by_the_config() -> None:
    """Over all workers of the process."""
    bootstrap = rendered(config(gateway={"max_connections": 7}))
    name = "envoy.resource_monitors.global_downstream_max_connections"
    monitor = named(bootstrap["overload_manager"]["resource_monitors"], name)

    assert 7 == monitor["typed_config"]["max_active_downstream_connections"]


def test_the_default_tier_stands_until_the_router_speaks() -> None:
    """A response tells that no decision was made, and who answered."""
    filters = connection_manager(rendered(config(default_tier="reasoning")))["http_filters"]
    metadata = named(filters, "tiergate.fallback")["typed_config"]["metadata"][0]

    assert {"tier": "reasoning", "reason": "router_unavailable"} == metadata["value"]


def test_envoy_waits_for_a_decision_as_long_as_the_config_says() -> None:
    """Then the default tier answers."""
    slow = config(gateway={"message_timeout_seconds": 0.75})
    filters = connection_manager(rendered(slow))["http_filters"]

    assert "0.75s" == named(filters, "tiergate.ext_proc")["typed_config"]["message_timeout"]
