"""Where routes lead a request."""

import pytest

from extproc.dataplane.live.matching import Request, destination

CHAT = Request(method="POST", path="/v1/chat/completions", headers={"x-tiergate-tier": "fast"})


def to(cluster: str, **match: object) -> dict[str, object]:
    """A route to `cluster`."""
    return {"match": match, "route": {"cluster": cluster}}


def header(name: str, **how: object) -> list[dict[str, object]]:
    """A match of one header."""
    return [{"name": name, **how}]


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        pytest.param({"prefix": "/v1"}, "there", id="prefix"),
        pytest.param({"prefix": "/v2"}, "404", id="other prefix"),
        pytest.param({"path": "/v1/chat/completions"}, "there", id="path"),
        pytest.param({"path": "/v1"}, "404", id="other path"),
        pytest.param({"safe_regex": {"regex": "/v1/chat/.*"}}, "there", id="regex"),
        pytest.param({"safe_regex": {"regex": "/v1"}}, "404", id="part of a regex"),
        pytest.param(
            {"headers": header(":method", string_match={"exact": "POST"})}, "there", id="method"
        ),
        pytest.param(
            {"headers": header("x-tiergate-tier", string_match={"exact": "slow"})},
            "404",
            id="value",
        ),
        pytest.param({"headers": header("x-tiergate-tier", present_match=True)}, "there", id="any"),
        pytest.param(
            {"headers": header("x-tiergate-tier", string_match={"prefix": "f"})},
            "404",
            id="a match that is none of ours",
        ),
        pytest.param(
            {"headers": header("x-other", present_match=True, invert_match=True)},
            "there",
            id="none",
        ),
    ],
)
def test_a_route_matches_as_in_envoy(match: dict[str, object], expected: str) -> None:
    """By path and headers, all of them."""
    assert expected == destination([to("there", **match)], CHAT)


def test_the_first_match_counts() -> None:
    """As written."""
    assert "one" == destination([to("one"), to("two")], CHAT)


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ({"direct_response": {"status": 503}}, "503"),
        ({"redirect": {"path_redirect": "/"}}, "elsewhere"),
    ],
)
def test_a_route_may_lead_to_no_cluster(route: dict[str, object], expected: str) -> None:
    """It is said what becomes of the request."""
    assert expected == destination([{"match": {"prefix": "/"}, **route}], CHAT)


def test_a_request_says_what_it_is() -> None:
    """For a person."""
    assert "POST /v1/chat/completions x-tiergate-tier=fast" == str(CHAT)
    assert "GET /" == str(Request(method="GET", path="/"))
