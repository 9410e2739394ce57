"""Which headers the router reads."""

from typing import Any

import pytest
from builders import config
from msgspec import structs
from tenancy_builders import tenanted

from extproc.config import Affinity, patience, read_headers, watches


def test_none_of_a_clients_own() -> None:
    """Where nothing is configured."""
    assert () == read_headers(config())
    assert () == read_headers(config(affinity={}))


def test_those_that_say_who_asks() -> None:
    """Where tenants are told apart; each once, whatever else reads it."""
    read = ("authorization", "x-api-key", "x-tiergate-tenant")

    assert read == read_headers(tenanted())
    assert read == read_headers(structs.replace(tenanted(), affinity=Affinity(header="x-api-key")))


def test_what_clients_say_of_caches() -> None:
    """Where there is one; and who they say they are."""
    read = ("authorization", "x-api-key", "cache-control")

    assert read == read_headers(config(cache={}))


@pytest.mark.parametrize(
    ("sections", "looks"),
    [
        ({}, False),
        ({"affinity": {}}, True),
        ({"affinity": {"responses": False}}, False),
        ({"cache": {}}, True),
        ({"usage": {"source": "processor"}}, True),
    ],
    ids=str,
)
def test_who_looks_at_responses(sections: dict[str, Any], *, looks: bool) -> None:
    """Conversations of `/v1/responses`, caches, and counts of tokens."""
    assert looks == watches(config(**sections))


def test_a_cache_may_wait() -> None:
    """For the answer to the same question."""
    assert (0.0, 7.0) == (patience(config()), patience(config(cache={"wait_seconds": 7})))


def test_the_one_that_names_a_session() -> None:
    """Where affinity goes by one."""
    assert ("x-session",) == read_headers(config(affinity={"header": "x-session"}))
