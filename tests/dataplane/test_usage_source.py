"""The same traffic read by Envoy's own filters and by the router: the same records."""

import contextlib
import http.client
import json
import random
from collections.abc import Iterator, Mapping
from typing import Any, Final

import builders
import faults
import gateway as harness
import pytest
from calls import CHAT, send
from gateway import Gateway
from processes import until
from usage_builders import PRICES

REQUESTS: Final = 120
pytestmark = pytest.mark.timeout(180)
TEXTS: Final = (faults.PLAIN, faults.MATHS, "Tell me of the river, " * 40)
RECORDED: Final = (
    "path", "status", "details", "reason", "tier", "served_by", "model", "policy", "attempts",
    "streamed", "received", "tokens", "cost_microdollars",
)  # fmt: skip
"""All of a record but its id, its times, and the bytes of an answer, which ids and times are in."""


def requests() -> Iterator[tuple[str, bytes]]:
    """Paths and bodies, the same each time: every API, whole and streamed, and some that fail."""
    chance = random.Random(7)
    for _ in range(REQUESTS):
        text, stream = chance.choice(TEXTS), chance.random() < 0.5
        most = chance.randint(1, 60)
        said = [{"role": "user", "content": text}]
        kinds: list[tuple[str, dict[str, Any]]] = [
            (CHAT, {"messages": said, "max_tokens": most, "stream": stream}),
            ("/v1/completions", {"prompt": text, "max_tokens": most, "stream": stream}),
            ("/v1/messages", {"messages": said, "max_tokens": most, "stream": stream}),
            ("/v1/responses", {"input": text, "max_output_tokens": most, "stream": stream}),
            ("/v1/embeddings", {"input": text}),
            ("/tokenize", {"prompt": text}),
            (CHAT, {"messages": said, "temperature": -1}),
            (CHAT, {"messages": "wrong"}),
        ]
        path, fields = chance.choice(kinds)
        yield path, json.dumps({"model": "auto", **fields}).encode()


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[dict[str, Any]]]:
    """What was recorded with each source, in the order of the requests."""
    made = {}
    for source in ("envoy", "processor"):
        folder = tmp_path_factory.mktemp(source)
        with contextlib.ExitStack() as stack:
            gateway = stack.enter_context(
                harness.running(
                    folder,
                    policy=harness.POLICY,
                    flags=("--enable-force-include-usage",),
                    usage={"source": source},
                    prices=PRICES,
                    **harness.PATIENT,
                )
            )
            made[source] = _recorded(gateway)
    return made


def _recorded(gateway: Gateway) -> list[dict[str, Any]]:
    """Sends all, the last ones to a tier that breaks off."""
    ids = [_sent(gateway, path, body) for path, body in requests()]
    (replica,) = gateway.tiers["fast"]
    replica.fault(reset="mid_stream", after_tokens=3)
    for stream in (True, False):
        body = builders.chat(faults.PLAIN, stream=stream, max_tokens=40)
        with faults.streaming(gateway, body) as response:
            ids.append(response.headers["x-request-id"])
            with contextlib.suppress(http.client.IncompleteRead):
                response.read()
    until(lambda: set(ids) <= _log(gateway).keys(), what="the access log")
    log = _log(gateway)
    return [{name: log[one][name] for name in RECORDED} for one in ids]


def _sent(gateway: Gateway, path: str, body: bytes) -> str:
    return send(gateway, body, path=path).headers["x-request-id"]


def _log(gateway: Gateway) -> dict[str, dict[str, Any]]:
    """The router's lines of requests, by their ids."""
    lines = map(json.loads, gateway.router.errors().splitlines())
    return {line["request_id"]: line for line in lines if line["event"] == "request"}


def test_both_sources_record_the_same(records: Mapping[str, list[dict[str, Any]]]) -> None:
    """Request by request, field by field."""
    assert records["envoy"][:REQUESTS] == records["processor"][:REQUESTS]


def test_an_answer_that_breaks_off_is_known_as_such(
    records: Mapping[str, list[dict[str, Any]]],
) -> None:
    """What the tier sent right before may still be with the router, and then nobody gets it:
    neither the client nor the record.
    """
    same = ("path", "details", "reason", "tier", "attempts")
    by_envoy, by_router = (records[source][REQUESTS:] for source in ("envoy", "processor"))

    assert [[one[name] for name in same] for one in by_envoy] == [
        [one[name] for name in same] for one in by_router
    ]
    for envoy, router in zip(by_envoy, by_router, strict=True):
        assert _completion(router) <= _completion(envoy)


def _completion(one: Mapping[str, Any]) -> int:
    """The completion's tokens, as far as they are known."""
    return 0 if one["tokens"] is None else int(one["tokens"]["completion"])


def test_what_they_record_is_something(records: Mapping[str, list[dict[str, Any]]]) -> None:
    """Tokens of every API, cached ones among them, and requests without any."""
    told = [one for one in records["processor"] if one["tokens"] is not None]

    assert 5 == len({one["path"] for one in told})
    assert {True, False} == {one["streamed"] for one in told}
    assert any(one["tokens"]["cached"] for one in told)
    assert all(one["cost_microdollars"] for one in told)
    assert REQUESTS // 2 < len(told) < REQUESTS
