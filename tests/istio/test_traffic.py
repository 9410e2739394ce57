"""What the mesh's manifests ship is what runs: real Envoy, real router, simulated tiers."""

import builders
import pytest
from calls import send
from faults import MATHS, PLAIN, Seen, ask, seen
from gateway import Gateway
from processes import until

from extproc import headers

FAST = Seen(200, "fast", "score_below", "fast")
REASONING = Seen(200, "reasoning", "score_above", "reasoning")


@pytest.mark.parametrize(("text", "expected"), [(PLAIN, FAST), (MATHS, REASONING)])
def test_each_request_goes_to_the_tier_that_was_decided(
    meshed: Gateway, text: str, expected: Seen
) -> None:
    """Both ways, by either API's routes."""
    assert expected == seen(ask(meshed, text))


def test_a_tier_may_be_named_by_its_model(meshed: Gateway) -> None:
    """The route of pinned requests."""
    reply = ask(meshed, model=builders.REASONING_MODEL)

    assert Seen(200, "reasoning", "requested_model", "reasoning") == seen(reply)


@pytest.mark.parametrize("name", headers.VERDICTS)
def test_a_forged_verdict_steers_nobody(meshed: Gateway, name: str) -> None:
    """It is gone before the first route is looked at."""
    lies = [(name, "true" if name == headers.PINNED else "reasoning")]

    assert FAST == seen(send(meshed, builders.chat(PLAIN), headers=lies))


def test_what_a_tier_says_of_itself_is_overwritten(meshed: Gateway) -> None:
    """One value, although the upstream filter and the proxy both write headers."""
    reply = ask(meshed)

    assert "fast" == reply.headers[headers.SERVED_BY]
    assert "x-envoy-upstream-service-time" not in reply.headers


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/v1/models", (200, "models_listed")),
        ("POST", "/v1/load_lora_adapter", (404, "path_not_found")),
        ("GET", "/metrics", (404, "path_not_found")),
        ("GET", "/v1/chat/completions", (405, "method_not_allowed")),
    ],
)
def test_the_router_answers_what_no_tier_should(
    meshed: Gateway, method: str, path: str, expected: tuple[int, str]
) -> None:
    """As on one machine."""
    reply = send(meshed, None if method == "GET" else b"{}", path=path, method=method)

    assert expected == (reply.status, reply.headers[headers.REASON])


@pytest.mark.parametrize(("size", "expected"), [(7 << 20, 200), ((8 << 20) + 1, 413)])
def test_bodies_are_bounded_where_the_config_says(
    meshed: Gateway, size: int, expected: int
) -> None:
    """By listener and virtual host, whose own bounds are smaller."""
    body = builders.chat("x")
    padded = body[:-1] + b" " * (size - len(body)) + body[-1:]

    assert (expected, size) == (send(meshed, padded).status, len(padded))


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_tokens_and_tiers_reach_the_routers_counts(meshed: Gateway, stream: bool) -> None:
    """By the proxy's access log, which adds to the mesh's own."""
    before = meshed.metric("tiergate_requests_total", tier="fast", served_by="fast")
    reply = ask(meshed, stream=stream)

    until(
        lambda: meshed.metric("tiergate_requests_total", tier="fast", served_by="fast") > before,
        what="the access log",
    )
    assert 200 == reply.status


@pytest.mark.parametrize("status", [429, 503])
def test_a_tier_that_refuses_is_stood_in_for(meshed: Gateway, status: int) -> None:
    """Attempt two is the other tier's."""
    tier = meshed.tiers["reasoning"][0]
    tier.fault(status=status)
    reply = ask(meshed, MATHS)
    tier.heal()

    assert Seen(200, "reasoning", "score_above", "fast") == seen(reply)


@pytest.mark.parametrize("lies", [[], [(headers.TIER, "reasoning")]], ids=["honest", "forged"])
def test_without_the_router_the_default_tier_answers(
    routerless: Gateway, lies: list[tuple[str, str]]
) -> None:
    """And a client's word counts as little as before."""
    reply = send(routerless, builders.chat(MATHS), headers=lies)

    assert Seen(200, "fast", "router_unavailable", "fast") == seen(reply)


def test_without_the_router_envoy_refuses_by_itself(routerless: Gateway) -> None:
    """With the same words and reasons."""
    paths = [("GET", "/v1/models"), ("GET", "/v1/chat/completions"), ("GET", "/metrics")]
    replies = [send(routerless, path=path, method=method) for method, path in paths]

    assert [
        (503, "router_unavailable"),
        (405, "method_not_allowed"),
        (404, "path_not_found"),
    ] == [(reply.status, reply.json()["error"]["code"]) for reply in replies]


def test_a_dead_tier_is_stood_in_for(own_mesh: Gateway) -> None:
    """Unless it was asked for by name."""
    own_mesh.tiers["reasoning"][0].kill()

    assert Seen(200, "reasoning", "score_above", "fast") == seen(ask(own_mesh, MATHS))
    assert Seen(503, "reasoning", "requested_model", "none") == seen(
        ask(own_mesh, model=builders.REASONING_MODEL)
    )


def test_nobody_passes_unchecked(keyed: Gateway) -> None:
    """With tenants the proxy fails closed: without the router there is no answer, lies or not."""
    before = send(keyed, builders.chat(PLAIN)).status
    keyed.router.end()
    replies = [
        send(keyed, builders.chat(PLAIN), headers=lies) for lies in ([], [(headers.TIER, "fast")])
    ]

    assert 401 == before
    assert [(503, "router_unavailable")] * 2 == [
        (reply.status, reply.json()["error"]["code"]) for reply in replies
    ]


def test_every_worker_of_the_router_is_asked(crowded: Gateway) -> None:
    """Through the one cluster of all their ports, which no Service makes."""
    seen_by = {seen(ask(crowded, text)) for text in (PLAIN, MATHS) * 16}
    # A dot stands for any character: a bar would be an alternative.
    stat = "cluster.outbound.9002..workers.tiergate-router.llm.svc.cluster.local.upstream_cx_total"
    workers = crowded.envoy_stat(stat)

    assert ({FAST, REASONING}, 2) == (seen_by, workers)
