"""A thousand requests of every kind: each is answered, and all who count agree."""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

import builders
import gateway as harness
import pytest
from calls import Reply, send
from gateway import Gateway
from processes import until

REQUESTS: Final = 1000
AT_ONCE: Final = 16
LIMIT: Final = 64 << 10
HARD: Final = "Find the integral."
NONE: Final = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A request, and what is to become of it; `asked` says whether the router is to see it."""

    send: Callable[[Gateway], Reply]
    status: int = 200
    reason: str
    tier: str = NONE
    asked: bool = True
    journaled: bool = True


def steered(fields: Mapping[str, object], path: str, *, hard: bool) -> Kind:
    """A request that its text sends to a tier."""
    body = json.dumps({"model": "auto", "max_tokens": 8, **fields}).encode()
    return Kind(
        send=partial(send, body=body, path=path),
        reason="score_above" if hard else "score_below",
        tier="reasoning" if hard else "fast",
        journaled=path != "/tokenize",
    )


def of_text(text: str, *, hard: bool) -> Iterator[Kind]:
    """One request for each API, and a stream."""
    said = [{"role": "user", "content": text}]
    for path, fields in (
        ("/v1/chat/completions", {"messages": said}),
        ("/v1/chat/completions", {"messages": said, "stream": True}),
        ("/v1/completions", {"prompt": text}),
        ("/v1/responses", {"input": text}),
        ("/v1/messages", {"messages": said}),
        ("/v1/embeddings", {"input": text}),
        ("/tokenize", {"prompt": text}),
    ):
        yield steered(fields, path, hard=hard)


def asked_for(tier: str, model: str) -> Iterator[Kind]:
    """A tier by its model, and by its name."""
    body = builders.chat(HARD, model=model, max_tokens=8)
    yield Kind(send=partial(send, body=body), reason="requested_model", tier=tier)
    yield Kind(
        send=partial(
            send,
            body=builders.chat(HARD, max_tokens=8),
            headers=[("x-tiergate-prefer", tier)],
        ),
        reason="client_preference",
        tier=tier,
    )


def chunked(gateway: Gateway) -> Reply:
    """A body over the limit that does not say so beforehand."""
    return send(gateway, iter([builders.chat(filler="x" * LIMIT)]))


def refused() -> Iterator[Kind]:
    """What no tier is asked, by the router or by Envoy itself."""
    malformed, unknown, path = "malformed_request", "model_not_found", "path_not_found"
    yield Kind(send=partial(send, body=b"{"), status=400, reason=malformed)
    yield Kind(send=partial(send, body=b""), status=400, reason=malformed)
    yield Kind(send=partial(send, body=builders.chat(model="x")), status=404, reason=unknown)
    yield Kind(send=partial(send, path="/v1/models/x"), status=404, reason=unknown)
    yield Kind(send=partial(send, path="/v1/models"), reason="models_listed")
    yield Kind(send=partial(send, path="/metrics"), status=404, reason=path)
    yield Kind(send=partial(send, path="/tokenize"), status=405, reason="method_not_allowed")
    yield Kind(
        send=partial(send, method="POST", headers=[("content-length", str(LIMIT + 1))]),
        status=413,
        reason="request_too_large",
    )
    yield Kind(send=chunked, status=413, reason="request_too_large", asked=False)
    yield Kind(
        send=partial(send, headers=[("x-large", "x" * 100_000)]),
        status=431,
        reason=malformed,
        asked=False,
    )


def by_the_tier() -> Kind:
    """What the router lets pass and the tier refuses."""
    body = builders.chat(temperature=-1)
    return Kind(send=partial(send, body=body), status=400, reason="score_below", tier="fast")


KINDS: Final = (
    *of_text("hello", hard=False),
    *of_text(HARD, hard=True),
    *asked_for("fast", builders.FAST_MODEL),
    *asked_for("reasoning", builders.REASONING_MODEL),
    *refused(),
    by_the_tier(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What was sent, what came back, and how the counters stood before."""

    gateway: Gateway
    sent: list[Kind]
    replies: list[Reply]
    before: Mapping[str, float]

    def counted(self, name: str) -> float:
        """How much a counter of Envoy's has grown."""
        return self.gateway.envoy_stat(name) - self.before[name]


@pytest.fixture(scope="module")
def traffic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traffic]:
    """The requests, sent many at once to a gateway of their own, and counted by its router."""
    server = {**harness.PATIENT["server"], "max_body_bytes": LIMIT}
    sections = {**harness.PATIENT, "server": server}
    folder = tmp_path_factory.mktemp("counts")
    with harness.running(folder, policy=harness.POLICY, **sections) as gateway:
        names = [f"cluster.{tier}.upstream_rq_total" for tier in gateway.tiers]
        names += ["http.gateway.downstream_rq_total", "http.gateway.downstream_rq_completed"]
        before = {name: gateway.envoy_stat(name) for name in names}
        sent = [KINDS[number % len(KINDS)] for number in range(REQUESTS)]
        random.shuffle(sent)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            replies = list(pool.map(lambda kind: kind.send(gateway), sent))
        total = gateway.envoy_stat("http.gateway.downstream_rq_total")
        until(lambda: gateway.metric("tiergate_requests_total") >= total, what="the access log")
        yield Traffic(gateway=gateway, sent=sent, replies=replies, before=before)


def test_every_request_is_answered_as_it_should_be(traffic: Traffic) -> None:
    """Status, reason and tier of every single response are those of its kind of request."""
    expected = [(kind.status, kind.reason, kind.tier) for kind in traffic.sent]

    assert expected == [
        (
            reply.status,
            reply.headers.get("x-tiergate-reason"),
            reply.headers.get("x-tiergate-served-by", NONE),
        )
        for reply in traffic.replies
    ]


def test_envoy_counts_every_request_once(traffic: Traffic) -> None:
    """Envoy has seen what was sent, and nothing is left open."""
    assert REQUESTS == traffic.counted("http.gateway.downstream_rq_total")
    assert REQUESTS == traffic.counted("http.gateway.downstream_rq_completed")


def test_the_access_log_counts_what_envoy_counts(traffic: Traffic) -> None:
    """`tiergate_requests_total` adds up to Envoy's own count, from its very first request on."""
    gateway = traffic.gateway

    assert gateway.envoy_stat("http.gateway.downstream_rq_total") == gateway.metric(
        "tiergate_requests_total"
    )


def test_the_access_log_counts_by_reason_status_and_tier(traffic: Traffic) -> None:
    """Each label's count is that of the requests that were sent for it."""
    sent = Counter((kind.reason, str(kind.status), kind.tier) for kind in traffic.sent)
    sent["models_listed", "200", NONE] += int(
        traffic.before["http.gateway.downstream_rq_total"]
    )  # asked for while the gateway started

    assert sent == {
        key: traffic.gateway.metric(
            "tiergate_requests_total", reason=key[0], status=key[1], served_by=key[2]
        )
        for key in sent
    }


def test_the_router_counts_what_it_is_asked(traffic: Traffic) -> None:
    """`tiergate_decisions_total` is Envoy's count without what Envoy refuses unasked."""
    unasked = sum(not kind.asked for kind in traffic.sent)
    total = traffic.gateway.envoy_stat("http.gateway.downstream_rq_total")

    assert total - unasked == traffic.gateway.metric("tiergate_decisions_total")


def test_the_router_decides_each_request_once(traffic: Traffic) -> None:
    """Each reason's count is that of the requests that were sent for it."""
    sent = Counter((kind.reason, kind.tier) for kind in traffic.sent if kind.asked)
    sent["models_listed", NONE] += int(traffic.before["http.gateway.downstream_rq_total"])

    assert sent == {
        key: traffic.gateway.metric("tiergate_decisions_total", reason=key[0], tier=key[1])
        for key in sent
    }


@pytest.mark.parametrize("tier", ["fast", "reasoning"])
def test_a_tier_sees_what_is_counted_for_it(traffic: Traffic, tier: str) -> None:
    """Envoy's count of a tier and the tier's own list hold each of its requests once."""
    mine = [kind for kind in traffic.sent if kind.tier == tier]
    (replica,) = traffic.gateway.tiers[tier]

    assert len(mine) == traffic.counted(f"cluster.{tier}.upstream_rq_total")
    assert sum(kind.journaled for kind in mine) == len(replica.seen())


def test_every_response_has_an_id_of_its_own(traffic: Traffic) -> None:
    """The id by which an operator finds a request is in each response, and never twice."""
    ids = [reply.headers.get("x-request-id") for reply in traffic.replies]

    assert [] == [
        kind.reason
        for kind, one in zip(traffic.sent, ids, strict=True)
        if one is None and kind.status != 431
    ]
    known = [one for one in ids if one is not None]
    assert len(known) == len(set(known))
