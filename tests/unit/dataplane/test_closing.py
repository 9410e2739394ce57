"""Failing closed."""

import re

import pytest
from builders import config
from tenancy_builders import tenanted

from extproc.dataplane import render, validate
from extproc.dataplane.pattern import Tree, connection_manager, named, virtual_host


@pytest.fixture
def bootstrap() -> Tree:
    """That of a config with tenants."""
    return render(
        tenanted(), gateway="127.0.0.1:1", router="127.0.0.1:2", envoy_admin="127.0.0.1:3"
    )


def test_a_request_that_was_not_checked_is_refused(bootstrap: Tree) -> None:
    """By the filter, and by the route that is left to one without a verdict."""
    filters = connection_manager(bootstrap)["http_filters"]

    assert named(filters, "tiergate.ext_proc")["typed_config"]["failure_mode_allow"] is False
    default = named(virtual_host(bootstrap)["routes"], "default")
    assert ({"status": 503}, False) == (default["direct_response"], "route" in default)


def test_the_routers_own_answers_still_pass(bootstrap: Tree) -> None:
    """They come first of all that Envoy may rewrite."""
    first, second, *_ = connection_manager(bootstrap)["local_reply_config"]["mappers"]

    assert "tiergate_" in str(first["filter"])
    assert ("ext_proc_error" in str(second["filter"]), 503) == (True, second["status_code"])


def test_credentials_reach_the_router(bootstrap: Tree) -> None:
    """Envoy shows it no other headers than those it reads."""
    processor = named(connection_manager(bootstrap)["http_filters"], "tiergate.ext_proc")
    shown = processor["typed_config"]["forward_rules"]["allowed_headers"]["patterns"]
    names = {pattern["exact"] for pattern in shown}

    assert {"authorization", "x-api-key", "x-tiergate-tenant"} <= names


def test_credentials_are_the_routers_to_remove(bootstrap: Tree) -> None:
    """Where tenants are told apart, and nowhere else."""
    open_ = render(config(), gateway="127.0.0.1:1", router="127.0.0.1:2", envoy_admin="127.0.0.1:3")
    allowed = [
        named(connection_manager(one)["http_filters"], "tiergate.ext_proc")["typed_config"][
            "mutation_rules"
        ]["allow_expression"]["regex"]
        for one in (bootstrap, open_)
    ]

    for name in ("authorization", "x-api-key"):
        assert [True, False] == [re.fullmatch(one, name) is not None for one in allowed]


def test_envoy_accepts_it(bootstrap: Tree) -> None:
    """The real one."""
    assert validate(bootstrap) is None  # type: ignore[func-returns-value]
