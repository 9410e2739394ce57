"""The shipped bootstrap: real Envoy accepts it, and it spells things as the code does."""

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from builders import config, tiers

from extproc import headers
from extproc.config import Config
from extproc.dataplane import envoy_binary, render, validate
from extproc.dataplane.pattern import connection_manager, named, shipped, virtual_host
from extproc.decision import NO_TIER, Reason
from extproc.errors import ConfigError

Tree = dict[str, Any]
ROOT = Path(__file__).parents[2]
SERVED = (
    *("/v1/chat/completions", "/v1/completions", "/v1/responses"),
    *("/v1/messages", "/v1/embeddings", "/tokenize"),
)


def of_many(count: int) -> Config:
    """A config of `count` tiers, the last one behind a name."""
    extra = [
        {"name": f"tier-{place}", "model": f"model/{place}", "endpoints": ["localhost:8003"]}
        for place in range(3, count + 1)
    ]
    return config(tiers=[*tiers(), *extra][:count])


def rendered(config: Config) -> Tree:
    """The bootstrap for `config`."""
    address = "127.0.0.1:0"
    return render(config, gateway=address, router="127.0.0.1:9002", envoy_admin=address)


def http_filter(name: str) -> Tree:
    """The configuration of one HTTP filter of the shipped file."""
    typed: Tree = named(connection_manager(shipped())["http_filters"], name)["typed_config"]
    return typed


def mappers() -> list[Tree]:
    """What makes OpenAI's errors of Envoy's."""
    found: list[Tree] = connection_manager(shipped())["local_reply_config"]["mappers"]
    return found


def values(node: object, key: str) -> Iterator[Any]:
    """Every value that stands under `key` anywhere in `node`."""
    if isinstance(node, dict):
        yield from (value for name, value in node.items() if name == key)
        for value in node.values():
            yield from values(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from values(value, key)


def added(node: Tree) -> list[Tree]:
    """The headers that `node` adds to answers, each as `header` and `append_action`."""
    return [*node.get("response_headers_to_add", []), *node.get("headers_to_add", [])]


def test_envoy_accepts_the_file_as_it_stands() -> None:
    """With its comments and anchors, as the README runs it."""
    done = subprocess.run(
        [
            *(envoy_binary(), "--mode", "validate", "--use-dynamic-base-id"),
            *("-c", ROOT / "envoy/envoy.yaml"),
        ],
        capture_output=True,
        check=False,
        timeout=30,
    )

    assert 0 == done.returncode


def test_the_wheel_ships_the_same_file() -> None:
    """A link: there is no copy to drift."""
    assert (ROOT / "envoy/envoy.yaml").samefile(ROOT / "extproc/dataplane/envoy.yaml")


@pytest.mark.parametrize("count", [1, 2, 3])
def test_envoy_accepts_any_number_of_tiers(count: int) -> None:
    """Fail-over, routes and clusters all follow the config, and no check changes them."""
    bootstrap = rendered(of_many(count))

    validate(bootstrap)

    assert rendered(of_many(count)) == bootstrap


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda tree: tree["admin"].update(addressee={}), id="field"),
        pytest.param(
            lambda tree: virtual_host(tree)["routes"][0]["route"].update(cluster="none"),
            id="cluster",
        ),
        pytest.param(
            lambda tree: connection_manager(tree)["http_filters"].pop(), id="router filter"
        ),
        pytest.param(
            lambda tree: tree["static_resources"]["clusters"].append(
                {"name": "fast", "connect_timeout": "1s"}
            ),
            id="name that stands twice",
        ),
    ],
)
def test_a_planted_error_is_found(spoil: Callable[[Tree], None]) -> None:
    """The check that everything here rests on does bite."""
    bootstrap = shipped()
    spoil(bootstrap)

    with pytest.raises(ConfigError):
        validate(bootstrap)


def test_every_grpc_service_is_a_cluster() -> None:
    """Envoy's own validation does not look: it would start, and never ask the router."""
    clusters = {cluster["name"] for cluster in shipped()["static_resources"]["clusters"]}

    assert set(values(shipped(), "cluster_name")) <= clusters


def test_clients_can_forge_no_verdict() -> None:
    """Each is removed before the first route match, and only a verdict is."""
    (extension,) = connection_manager(shipped())["early_header_mutation_extensions"]
    removed = [mutation.get("remove") for mutation in extension["typed_config"]["mutations"]]

    assert [*headers.VERDICTS, None] == removed


def test_a_tier_can_forge_no_verdict() -> None:
    """Each is removed from its answer before Envoy writes its own."""
    removed = connection_manager(shipped())["route_config"]["response_headers_to_remove"]

    assert set(headers.VERDICTS) <= set(removed)


def test_verdicts_on_responses_come_from_the_metadata() -> None:
    """One key each; the tier that answered comes from the endpoint itself."""
    space = headers.METADATA_NAMESPACE
    said = (headers.TIER, headers.REASON, headers.SCORE, headers.COVERAGE, headers.CACHE)
    expected = {
        name: f"%DYNAMIC_METADATA({space}:{name.removeprefix('x-tiergate-')})%" for name in said
    }
    header_values = added(connection_manager(shipped())["route_config"])

    assert {**expected, headers.SERVED_BY: f"%UPSTREAM_METADATA({space}:tier)%"} == {
        option["header"]["key"]: option["header"]["value"] for option in header_values
    }


def test_every_header_that_is_added_overwrites() -> None:
    """Envoy's default is to append, which leaves what was forged in front."""
    manager = connection_manager(shipped())
    places = [manager["route_config"], *mappers()]
    actions = {option["append_action"] for place in places for option in added(place)}

    assert {"OVERWRITE_IF_EXISTS_OR_ADD"} == actions


def test_the_routers_metadata_is_received_and_logged_under_one_name() -> None:
    """Envoy drops metadata of any other namespace."""
    received = http_filter("tiergate.ext_proc")["metadata_options"]["receiving_namespaces"]
    fallback = http_filter("tiergate.fallback")["metadata"][0]["metadata_namespace"]

    assert ([headers.METADATA_NAMESPACE], headers.METADATA_NAMESPACE) == (
        received["untyped"],
        fallback,
    )


def test_the_router_sees_the_clients_wish() -> None:
    """And of all other headers only what it reads."""
    patterns = http_filter("tiergate.ext_proc")["forward_rules"]["allowed_headers"]["patterns"]
    expected = {
        *(":method", ":path", "content-type", "content-length", "x-request-id", "traceparent"),
        headers.PREFER,
    }

    assert expected == {pattern["exact"] for pattern in patterns}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        *(pytest.param(name, True, id=name) for name in headers.VERDICTS),
        pytest.param("content-length", True, id="of a changed body"),
        pytest.param("age", True, id="of an answer that is given again"),
        pytest.param("content-type", True, id="of the router's own answer"),
        pytest.param("authorization", False, id="authorization"),
        pytest.param("host", False, id="host"),
        pytest.param(":path", False, id="path"),
        pytest.param("x-envoy-max-retries", False, id="retries"),
    ],
)
def test_the_router_may_write_its_own_headers_only(header: str, *, expected: bool) -> None:
    """A router gone wrong cannot send a request elsewhere."""
    rules = http_filter("tiergate.ext_proc")["mutation_rules"]
    allowed = re.fullmatch(rules["allow_expression"]["regex"], header) is not None

    assert (True, expected) == (rules["disallow_all"], allowed)


def test_every_reason_is_one_of_the_closed_set() -> None:
    """Envoy's own refusals are counted with the router's."""
    said = {
        option["header"]["value"]
        for mapper in mappers()
        for option in added(mapper)
        if option["header"]["key"] == headers.REASON
    }

    assert said <= {reason.value for reason in Reason}


def test_nobody_is_named_where_no_tier_answers() -> None:
    """With the same word that metrics and logs use."""
    named_tiers = {
        option["header"]["value"]
        for mapper in mappers()
        for option in added(mapper)
        if option["header"]["key"] in {headers.TIER, headers.SERVED_BY}
    }

    assert {NO_TIER} == named_tiers


def test_envoys_errors_have_openais_shape() -> None:
    """Each with a type, a code and a message for a person; none with a parameter."""
    errors = [error for mapper in mappers() for error in values(mapper, "error")]

    assert [{"message", "type", "param", "code"}] * 12 == [set(error) for error in errors]


def test_the_routers_own_answers_pass_first() -> None:
    """They have their shape already; whatever is laid over them would hide what is wrong."""
    first = mappers()[0]

    assert ["filter"] == list(first)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        *(pytest.param(path, True, id=path) for path in SERVED),
        pytest.param("/metrics", False, id="metrics"),
        pytest.param("/v1/load_lora_adapter", False, id="administration"),
        pytest.param("/v1/chat/completions/render", False, id="below a served path"),
        pytest.param("/v1/chat/completions/", False, id="trailing slash"),
        pytest.param("/v2/v1/embeddings", False, id="above a served path"),
    ],
)
def test_a_tier_is_reached_on_the_served_paths_only(path: str, *, expected: bool) -> None:
    """What else vLLM serves is no client's, with the router up or down."""
    patterns = {
        route["match"]["safe_regex"]["regex"]
        for route in virtual_host(shipped())["routes"]
        if "route" in route
    }

    assert [expected] == [re.fullmatch(pattern, path) is not None for pattern in patterns]


def test_tiers_answer_to_post_only() -> None:
    """Every route to a tier asks for the method first."""
    routes = [route for route in virtual_host(shipped())["routes"] if "route" in route]

    assert [{"name": ":method", "string_match": {"exact": "POST"}}] * 5 == [
        route["match"]["headers"][0] for route in routes
    ]


def test_retries_have_a_budget_where_their_requests_are_counted() -> None:
    """A tier's own in per cent; a composite has no requests of which to take any, so a number."""
    thresholds = {
        cluster["name"]: cluster["circuit_breakers"]["thresholds"][0]
        for cluster in rendered(of_many(3))["static_resources"]["clusters"]
        if not cluster["name"].startswith("tiergate_")
    }
    shares = {
        name: one["retry_budget"]["budget_percent"]["value"]
        for name, one in thresholds.items()
        if "retry_budget" in one
    }
    numbers = {name for name, one in thresholds.items() if "max_retries" in one}

    assert {"fast": 50, "reasoning": 50, "tier-3": 50} == shares
    assert {f"tier_{name}" for name in shares} == numbers


def test_the_admin_interface_is_not_published() -> None:
    """It can end the process."""
    assert "127.0.0.1" == shipped()["admin"]["address"]["socket_address"]["address"]
