"""What reaches the ledger when the router is restarted: all that Envoy has room for."""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import builders
import commands
import faults
import gateway as harness
import pytest
from calls import send
from gateway import Gateway
from usage_builders import PRICES
from usage_traffic import settled

from extproc.dataplane.pattern import Tree, connection_manager

REQUESTS = 40
pytestmark = pytest.mark.timeout(180)


@contextlib.contextmanager
def ledgered(folder: Path, edit: Callable[[Tree], None] | None = None) -> Iterator[Gateway]:
    """A gateway that keeps a ledger in a file, and drains."""
    server = {**harness.PATIENT["server"], "drain_seconds": 1.0}
    usage = {"ledger": str(folder / "ledger.sqlite")}
    sections = {**harness.PATIENT, "server": server, "usage": usage, "prices": PRICES}
    with harness.running(folder, policy=harness.POLICY, edit=edit, **sections) as running:
        yield running


def cramped(bootstrap: Tree) -> None:
    """Let Envoy keep some twenty records."""
    (log,) = connection_manager(bootstrap)["access_log"]
    log["typed_config"]["common_config"]["buffer_size_bytes"] = 16_384


def asked(gateway: Gateway, text: str) -> int:
    """The tokens of so many answers, as their client is told."""
    answers = [send(gateway, builders.chat(text, max_tokens=5)) for _ in range(REQUESTS)]
    return sum(answer.json()["usage"]["total_tokens"] for answer in answers)


def interrupted(gateway: Gateway) -> int:
    """Requests before, without and after a router; the tokens that their clients were told."""
    told = asked(gateway, faults.PLAIN)
    gateway.router.end()
    told += asked(gateway, faults.PLAIN)
    gateway.restart_router()
    told += asked(gateway, faults.MATHS)
    settled(gateway)
    return told


def ledger(gateway: Gateway) -> Mapping[str, int]:
    """The sums of all that `tiergate ledger` says."""
    done = commands.run("ledger", "--config", gateway.config_file, "--by", "tier", "--json")
    lines = json.loads(done.out)
    return {name: sum(line[name] for line in lines) for name in lines[0] if name != "tier"}


def test_what_happens_without_a_router_is_kept_until_there_is_one(tmp_path: Path) -> None:
    """The ledger has each request, and each token."""
    with ledgered(tmp_path) as gateway:
        told = interrupted(gateway)
        sums = ledger(gateway)
        completed = gateway.envoy_stat("http.gateway.downstream_rq_completed")

    assert (3 * REQUESTS, completed) == (sums["known"], sums["requests"])
    assert told == sums["prompt_tokens"] + sums["completion_tokens"]
    assert 0 < sums["saved_against_dearest"]


def test_what_envoy_has_no_room_for_it_counts(tmp_path: Path) -> None:
    """Nothing is lost without a number that says so."""
    with ledgered(tmp_path, cramped) as gateway:
        interrupted(gateway)
        sums = ledger(gateway)
        completed = gateway.envoy_stat("http.gateway.downstream_rq_completed")
        dropped = gateway.envoy_stat("access_logs.grpc_access_log.logs_dropped")

    assert dropped > 0
    assert completed == sums["requests"] + dropped


def test_a_client_cannot_pass_one_request_for_another(gateway: Gateway) -> None:
    """The ledger counts an id once, so the id is Envoy's own, whatever the client calls it."""
    headers = [("x-request-id", "11111111-1111-4111-8111-111111111111")]
    ids = {send(gateway, builders.chat(), headers=headers).headers["x-request-id"] for _ in "ab"}

    assert 2 == len(ids - {value for _, value in headers})
