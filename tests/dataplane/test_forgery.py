"""Headers in the gateway's own name: nobody else can set them, the tiers included."""

import http.server
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import builders
import gateway as harness
import pytest
from calls import Reply, reached, send, verdict
from gateway import Gateway
from processes import until
from typing_extensions import override

from extproc import headers

LIES = {
    headers.TIER: "reasoning",
    headers.PINNED: "true",
    headers.AFFINITY: "forged",
    headers.REASON: "fixed",
    headers.SCORE: "1.000",
    headers.COVERAGE: "0.01",
    headers.SERVED_BY: "reasoning",
    headers.TENANT: "acme",
    headers.CACHE: "hit",
}
SPELLINGS = [
    pytest.param(lambda name, lie: [(name, lie)], id="plain"),
    pytest.param(lambda name, lie: [(name.upper(), lie)], id="upper case"),
    pytest.param(lambda name, lie: [(name, lie), (name.title(), lie)], id="twice"),
    pytest.param(lambda name, lie: [(name, "fast"), (name, lie)], id="after another"),
    pytest.param(lambda name, _: [(name, "")], id="empty"),
]


class _Liar(http.server.BaseHTTPRequestHandler):
    """A tier that claims every verdict for itself."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._say(b"", {})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self._say(b"{}", LIES)

    def _say(self, body: bytes, more: dict[str, str]) -> None:
        self.send_response(200)
        for name, value in {**more, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def lying_gateway(tmp_path: Path) -> Iterator[Gateway]:
    """A gateway whose fast tier has been replaced, at its address, by one that lies."""
    with harness.running(tmp_path, policy=harness.POLICY, **harness.PATIENT) as gateway:
        (replica,) = gateway.tiers["fast"]
        replica.process.end()
        yield from _replaced(gateway, replica.address)


def _replaced(gateway: Gateway, address: str) -> Iterator[Gateway]:
    host, _, port = address.rpartition(":")
    with http.server.ThreadingHTTPServer((host, int(port)), _Liar) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield gateway
        server.shutdown()
        thread.join()


@pytest.fixture
def routerless(own_gateway: Gateway) -> Gateway:
    """A gateway whose router is down, which Envoy has noticed."""
    own_gateway.router.end()
    until(lambda: _undecided(send(own_gateway, builders.chat())), what="the router to be missed")
    return own_gateway


def _undecided(reply: Reply) -> bool:
    return reply.headers.get(headers.REASON) == "router_unavailable"


def arrived(gateway: Gateway, reply: Reply) -> Sequence[str]:
    """The tiers that a request reached, none of which may have seen a lie."""
    seen = reached(gateway, reply)
    assert not [
        value
        for _, entry in seen
        for name, value in entry["headers"].items()
        if name != headers.TIER and name in LIES
    ]
    return [tier for tier, _ in seen]


def test_a_lie_is_told_for_every_verdict() -> None:
    """A new verdict cannot be added without a forgery of it being tried here."""
    assert set(headers.VERDICTS) == set(LIES)


@pytest.mark.parametrize("forge", SPELLINGS)
@pytest.mark.parametrize("name", LIES)
def test_a_forged_verdict_is_ignored(gateway: Gateway, name: str, forge: Any) -> None:  # noqa: ANN401
    """Whichever verdict a client sends, and however spelt, the router's own is what counts."""
    reply = send(gateway, builders.chat(), headers=forge(name, LIES[name]))

    assert 200 == reply.status
    assert verdict(send(gateway, builders.chat())) == verdict(reply)
    assert ["fast"] == arrived(gateway, reply)


def test_all_forged_verdicts_at_once_are_ignored(gateway: Gateway) -> None:
    """A client that forges everything is treated like one that forges nothing."""
    reply = send(gateway, builders.chat(), headers=LIES.items())

    assert 200 == reply.status
    assert verdict(send(gateway, builders.chat())) == verdict(reply)
    assert ["fast"] == arrived(gateway, reply)


def test_a_forged_verdict_is_ignored_with_the_router_down(routerless: Gateway) -> None:
    """No verdict, alone or with all others, steers a request that the router did not see."""
    forgeries = [[(name, lie)] for name, lie in LIES.items()]
    forgeries += [[(name.upper(), lie), (name, lie)] for name, lie in LIES.items()]
    forgeries += [list(LIES.items())]

    replies = [send(routerless, builders.chat(), headers=forged) for forged in forgeries]

    honest = {"tier": "fast", "reason": "router_unavailable", "served-by": "fast"}
    assert [(200, honest)] * len(forgeries) == [(some.status, verdict(some)) for some in replies]
    assert [["fast"]] * len(forgeries) == [list(arrived(routerless, some)) for some in replies]


def test_a_forged_verdict_has_no_part_in_a_refusal(gateway: Gateway) -> None:
    """A refused request is answered with the gateway's own reason, whatever the client claims."""
    reply = send(gateway, b"not JSON", headers=LIES.items())

    assert (400, "malformed_request") == reply.refusal()[:2]
    assert "reasoning" not in verdict(reply).values()


def test_a_tier_cannot_forge_a_verdict(lying_gateway: Gateway) -> None:
    """What a tier says in the gateway's name is replaced by the truth, or left out."""
    prefer = [("x-tiergate-prefer", "fast")]

    reply = send(lying_gateway, builders.chat(), headers=prefer)

    assert b"{}" == reply.body
    assert {"tier": "fast", "reason": "client_preference", "served-by": "fast"} == verdict(reply)


def test_a_client_cannot_set_a_timeout(gateway: Gateway) -> None:
    """Envoy's own header for the time a tier may take is not the client's to send."""
    gateway.tiers["fast"][0].fault(delay_seconds=0.3)

    reply = send(gateway, builders.chat(), headers=[("x-envoy-upstream-rq-timeout-ms", "50")])

    assert (200, "fast") == (reply.status, reply.headers["x-tiergate-served-by"])


def test_a_client_cannot_ask_for_retries(gateway: Gateway) -> None:
    """Envoy's own headers for retries are not the client's to send: a tier is asked once."""
    gateway.tiers["fast"][0].fault(status=500)
    wish = [("x-envoy-retry-on", "5xx"), ("x-envoy-max-retries", "3")]

    reply = send(gateway, builders.chat(), headers=wish)

    assert 500 == reply.status
    assert ["fast"] == arrived(gateway, reply)
