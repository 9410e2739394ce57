"""What a router that is restarted loses of the ledger in its file: nothing."""

import json
from collections.abc import Iterator
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

REQUESTS = 40
pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def ledgered(tmp_path: Path) -> Iterator[Gateway]:
    """A gateway that keeps a ledger in a file, and drains."""
    server = {**harness.PATIENT["server"], "drain_seconds": 1.0}
    usage = {"ledger": str(tmp_path / "ledger.sqlite")}
    sections = {**harness.PATIENT, "server": server, "usage": usage, "prices": PRICES}
    with harness.running(tmp_path, policy=harness.POLICY, **sections) as running:
        yield running


def asked(gateway: Gateway, text: str) -> int:
    """The tokens of so many answers, as their client is told."""
    answers = [send(gateway, builders.chat(text, max_tokens=5)) for _ in range(REQUESTS)]
    return sum(answer.json()["usage"]["total_tokens"] for answer in answers)


def test_what_happens_without_a_router_is_kept_until_there_is_one(ledgered: Gateway) -> None:
    """Before, meanwhile and after: the ledger has each request, and each token."""
    told = asked(ledgered, faults.PLAIN)
    ledgered.router.end()
    told += asked(ledgered, faults.PLAIN)
    ledgered.restart_router()
    told += asked(ledgered, faults.MATHS)
    settled(ledgered)

    done = commands.run("ledger", "--config", ledgered.config_file, "--by", "tier", "--json")
    lines = json.loads(done.out)
    sums = {name: sum(line[name] for line in lines) for name in lines[0] if name != "tier"}

    assert 3 * REQUESTS == sums["known"]
    assert told == sums["prompt_tokens"] + sums["completion_tokens"]
    assert ledgered.envoy_stat("http.gateway.downstream_rq_completed") == sums["requests"]
    assert 0 < sums["saved_against_dearest"]
