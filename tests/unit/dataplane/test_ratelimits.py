"""What is left, on answers."""

from builders import config
from tenancy_builders import tenanted

from extproc.config import Config
from extproc.dataplane import render
from extproc.dataplane.pattern import Tree, connection_manager
from extproc.headers import RATE_LIMITS


def routes(config: Config) -> Tree:
    """Envoy's routes for that config."""
    made = render(config, gateway="127.0.0.1:1", router="127.0.0.1:2", envoy_admin="127.0.0.1:3")
    found: Tree = connection_manager(made)["route_config"]
    return found


def added(config: Config) -> set[str]:
    """The headers that are added to answers."""
    return {one["header"]["key"] for one in routes(config)["response_headers_to_add"]}


def test_tenants_are_told_what_is_left() -> None:
    """By the router's word, and by no tier's."""
    assert set(RATE_LIMITS) <= added(tenanted())
    assert set(RATE_LIMITS) <= set(routes(tenanted())["response_headers_to_remove"])


def test_without_tenants_there_is_nothing_to_tell() -> None:
    """And a tier's own headers pass."""
    assert set() == set(RATE_LIMITS) & added(config())
