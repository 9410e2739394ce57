"""Which headers the router reads."""

from builders import config
from msgspec import structs
from tenancy_builders import tenanted

from extproc.config import Affinity, read_headers


def test_none_of_a_clients_own() -> None:
    """Where nothing is configured."""
    assert () == read_headers(config())
    assert () == read_headers(config(affinity={}))


def test_those_that_say_who_asks() -> None:
    """Where tenants are told apart; each once, whatever else reads it."""
    read = ("authorization", "x-api-key", "x-tiergate-tenant")

    assert read == read_headers(tenanted())
    assert read == read_headers(structs.replace(tenanted(), affinity=Affinity(header="x-api-key")))


def test_the_one_that_names_a_session() -> None:
    """Where affinity goes by one."""
    assert ("x-session",) == read_headers(config(affinity={"header": "x-session"}))
