"""A router that is told to end loses no request: not while it drains, and not afterwards."""

import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import gateway as harness
import grpc
import pytest
from faults import http_status
from grpc_health.v1 import health_pb2_grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from processes import until
from traffic import Sent, Traffic, steady

DRAIN_SECONDS = 1.5
DECIDED = {"score_above", "score_below"}
EXT_PROC = "envoy.service.ext_proc.v3.ExternalProcessor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drain:
    """What was seen of one: SIGTERM came at `began`, by the monotonic clock."""

    traffic: Traffic
    began: float
    health: Mapping[str, str]
    probes: Mapping[str, int]
    status: int

    def sent_between(self, start: float, end: float) -> list[Sent]:
        """The requests that were sent so many seconds after SIGTERM."""
        return [one for one in self.traffic.sent if start <= one.at - self.began < end]


@pytest.fixture(scope="module")
def drain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drain]:
    """A router that ends under load."""
    server = {"drain_seconds": DRAIN_SECONDS, "deadline_seconds": 5}
    sections = {**harness.PATIENT, "server": server}
    folder = tmp_path_factory.mktemp("drain")
    with harness.running(folder, policy=harness.POLICY, **sections) as gateway:
        with steady(gateway) as traffic:
            began = time.monotonic()
            gateway.router.send(signal.SIGTERM)
            until(lambda: http_status(f"{gateway.router_admin}/readyz") == 503, what="the drain")
            health = {name: _health(gateway, name) for name in SERVICES}
            paths = ("readyz", "livez", "metrics")
            probes = {path: http_status(f"{gateway.router_admin}/{path}") for path in paths}
            status = gateway.router.wait()
            traffic.until_more(60)
        yield Drain(traffic=traffic, began=began, health=health, probes=probes, status=status)


SERVICES = ("", "readiness", EXT_PROC, "liveness")


def _health(gateway: harness.Gateway, service: str) -> str:
    with grpc.insecure_channel(gateway.router_services) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        response = stub.Check(HealthCheckRequest(service=service), timeout=5)
    return str(HealthCheckResponse.ServingStatus.Name(response.status))


def test_no_request_fails_while_a_router_ends(drain: Drain) -> None:
    """From before the drain until after the router's end, every client gets an answer."""
    assert [] == drain.traffic.failed


def test_draining_router_goes_on_deciding(drain: Drain) -> None:
    """Envoy needs time to notice, and until then sends requests here."""
    reasons = {one.reason for one in drain.sent_between(0, DRAIN_SECONDS - 0.5)}

    assert DECIDED == reasons


def test_default_tier_answers_when_the_router_has_ended(drain: Drain) -> None:
    """Without another router, requests go the way they go when there is none."""
    last = drain.traffic.sent[-30:]

    assert {("fast", "router_unavailable")} == {(one.tier, one.reason) for one in last}


def test_draining_router_says_so_and_that_it_lives(drain: Drain) -> None:
    """Whoever asks for readiness is sent elsewhere; whoever asks for life must not kill it."""
    serving = {name: status == "SERVING" for name, status in drain.health.items()}

    assert {"": False, "readiness": False, EXT_PROC: False, "liveness": True} == serving


def test_draining_router_still_answers_operators(drain: Drain) -> None:
    """Readiness fails, and the rest of the admin server stays for the last scrape."""
    assert {"readyz": 503, "livez": 200, "metrics": 200} == drain.probes


def test_drained_router_ends_with_0(drain: Drain) -> None:
    """An end that was asked for is a success."""
    assert 0 == drain.status
