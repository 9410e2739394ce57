"""Which headers the router reads."""

from builders import config

from extproc.config import read_headers


def test_none_of_a_clients_own() -> None:
    """Where nothing is configured."""
    assert () == read_headers(config())
    assert () == read_headers(config(affinity={}))


def test_the_one_that_names_a_session() -> None:
    """Where affinity goes by one."""
    assert ("x-session",) == read_headers(config(affinity={"header": "x-session"}))
