"""How much a tenant may have, through the real Envoy: told in OpenAI's headers, settled after."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import builders
import faults
import gateway as harness
import pytest
from affinity_builders import CALLED, RESULT, SAID, spoken
from calls import Reply, send
from gateway import Gateway
from processes import until
from tenants import ask, created, refused

PLANS: dict[str, Any] = {
    "three": {"requests_per_minute": 3},
    "tokens": {"tokens_per_minute": 1000},
    "one": {"concurrent_requests": 1},
    "thrifty": {"budget": {"soft": "0.0001", "hard": 1000}},
    "broke": {"budget": {"hard": "0.0001"}},
}
PRICES = {
    name: {"per_million_tokens": {"input": 1000, "output": 1000}} for name in ("fast", "reasoning")
}


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with plans of each kind."""
    folder = tmp_path_factory.mktemp("limited")
    with _running(folder) as running:
        yield running


def _running(folder: Path) -> Any:  # noqa: ANN401 - the harness's own context
    tenants = {"plans": PLANS, "file": str(folder / "tenants.json"), "output_tokens": 100}
    return harness.running(
        folder,
        policy=harness.POLICY,
        tenants=tenants,
        prices=PRICES,
        affinity={"header": "x-session"},
        **harness.PATIENT,
    )


def rates(reply: Reply) -> dict[str, str]:
    """OpenAI's headers, without their common prefix."""
    prefix = "x-ratelimit-"
    return {
        name.removeprefix(prefix): value
        for name, value in reply.headers.items()
        if name.startswith(prefix)
    }


def test_requests_of_a_minute_are_counted_down(limited: Gateway) -> None:
    """On good answers as on refusals; a refusal says when to come again."""
    key = created(limited, "three", "three")

    replies = [ask(limited, key) for _ in range(5)]

    assert [200, 200, 200, 429, 429] == [reply.status for reply in replies]
    assert ["2", "1", "0", "0", "0"] == [rates(one)["remaining-requests"] for one in replies]
    assert {"3"} == {rates(one)["limit-requests"] for one in replies}
    assert (429, "request_limit") == refused(replies[-1])
    assert 55 <= int(replies[-1].headers["retry-after"]) <= 61
    assert "requests" == replies[-1].json()["error"]["type"]
    assert rates(replies[0])["reset-requests"].endswith("s")


def test_reserved_tokens_become_those_that_were_used(limited: Gateway) -> None:
    """What the answer did not need is there again once it has ended."""
    key = created(limited, "tokens", "tokens")

    first = ask(limited, key, max_tokens=900)
    assert 200 == first.status
    assert int(rates(first)["remaining-tokens"]) < 100
    used = first.json()["usage"]["total_tokens"]
    until(lambda: ask(limited, key, max_tokens=500).status == 200, what="the settlement")
    assert used < 400


def test_a_request_under_way_keeps_others_out(limited: Gateway) -> None:
    """Until it has ended."""
    key = created(limited, "one", "one")
    limited.tiers["fast"][0].fault(delay_seconds=0.5)
    with ThreadPoolExecutor(2) as clients:
        replies = list(clients.map(lambda _: ask(limited, key), range(2)))
    limited.tiers["fast"][0].heal()

    assert [200, 429] == sorted(reply.status for reply in replies)
    assert (429, "concurrency_limit") == refused(max(replies, key=lambda one: one.status))
    until(lambda: ask(limited, key).status == 200, what="the lease to end")


def test_one_request_after_the_other_is_never_two_at_once(limited: Gateway) -> None:
    """However fast they come, and before the access log has told of the one before."""
    key = created(limited, "serial", "one")

    assert {200} == {ask(limited, key).status for _ in range(20)}


def test_a_budget_nearly_spent_goes_to_the_cheapest_tier(limited: Gateway) -> None:
    """As soon as it is known what was spent."""
    key = created(limited, "thrifty", "thrifty")
    assert "score_above" == faults.seen(ask(limited, key, faults.MATHS)).reason

    until(
        lambda: faults.seen(ask(limited, key, faults.MATHS)).reason == "budget_soft",
        what="the budget",
    )


def test_a_budget_nearly_spent_breaks_no_tool_loop(limited: Gateway) -> None:
    """The conversation goes to the cheapest tier when its tools are done."""
    key = created(limited, "agent", "thrifty")
    headers = [("authorization", f"Bearer {key}"), ("x-session", "loop")]
    asked = {"role": "user", "content": faults.MATHS}
    turns = [(asked,), (asked, CALLED, RESULT), (asked, CALLED, RESULT, SAID, asked)]

    def said(turn: int) -> tuple[str, str]:
        """Tier and reason."""
        reply = send(limited, spoken(*turns[turn]), headers=headers)
        return reply.headers["x-tiergate-tier"], reply.headers["x-tiergate-reason"]

    begun = said(0)
    until(
        lambda: faults.seen(ask(limited, key, faults.MATHS)).reason == "budget_soft",
        what="the budget",
    )

    assert [
        ("reasoning", "score_above"),
        ("reasoning", "affinity_tool_loop"),
        ("fast", "budget_soft"),
    ] == [begun, said(1), said(2)]


def test_a_spent_budget_ends_it(limited: Gateway) -> None:
    """Until the next month begins."""
    key = created(limited, "broke", "broke")
    assert 200 == ask(limited, key, faults.MATHS).status

    until(lambda: ask(limited, key).status == 429, what="the budget")
    reply = ask(limited, key)
    assert (429, "budget_hard") == refused(reply)
    assert "insufficient_quota" == reply.json()["error"]["type"]
    assert 0 < int(reply.headers["retry-after"]) <= 31 * 86_400


def test_a_tier_cannot_say_what_is_left(limited: Gateway) -> None:
    """A tenant without limits hears of none."""
    reply = send(limited, builders.chat(), headers=[])

    assert {} == rates(reply)
