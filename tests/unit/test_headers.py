"""The names that Envoy, the mesh and Python share."""

from extproc import headers

NAMES = {
    name: value
    for name, value in vars(headers).items()
    if isinstance(value, str) and value.startswith("x-")
}


def test_every_header_is_lower_case_under_one_prefix() -> None:
    """HTTP/2 has lower-case names alone, and one prefix lets a mesh match all of them."""
    assert all(value == value.lower() for value in NAMES.values())
    assert all(value.startswith("x-tiergate-") for value in NAMES.values())


def test_every_header_but_the_wish_is_a_verdict() -> None:
    """What is not the client's own is stripped from its requests."""
    assert set(NAMES.values()) - {headers.PREFER} == set(headers.VERDICTS)


def test_no_two_headers_share_a_name() -> None:
    """Each name means one thing."""
    assert len(NAMES) == len(set(NAMES.values()))
