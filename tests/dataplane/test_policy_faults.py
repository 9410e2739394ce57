"""An operator's policy may raise, lie or hang: the request is answered, and says what happened."""

from collections.abc import Iterator

import gateway as harness
import pytest
import wayward
from faults import Seen, ask, seen
from processes import until


@pytest.fixture(scope="module")
def wayward_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[harness.Gateway]:
    """A gateway whose policy says `reasoning` and does what the prompt tells it to."""
    with harness.running(
        tmp_path_factory.mktemp("wayward"),
        policy={"wayward:Wayward": {"tier": "reasoning", "slow": 0.6, "stuck": 3.0}},
        server={**harness.IMPATIENT, "deadline_seconds": 0.5},
        gateway={"message_timeout_seconds": 2.0},
    ) as running:
        yield running


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        (wayward.RAISE, "policy_failed"),
        (wayward.UNKNOWN_TIER, "policy_failed"),
        (wayward.NO_VERDICT, "policy_failed"),
        (wayward.SLOW, "deadline_exceeded"),
        (wayward.STUCK, "router_unavailable"),
    ],
    ids=["raises", "unknown-tier", "no-verdict", "slow", "stuck"],
)
def test_bad_policy_leaves_the_request_to_the_default_tier(
    wayward_gateway: harness.Gateway, wish: str, reason: str
) -> None:
    """However an operator's policy goes wrong, the request is answered and says what happened."""
    until(lambda: seen(ask(wayward_gateway)).reason == "policy", what="the policy")
    answered = seen(ask(wayward_gateway, wish))

    assert Seen(200, "fast", reason, "fast") == answered


def test_router_recovers_from_a_policy_that_was_stuck(wayward_gateway: harness.Gateway) -> None:
    """The router decides again as soon as the policy lets it."""
    ask(wayward_gateway, wayward.STUCK)
    until(lambda: seen(ask(wayward_gateway)).reason == "policy", what="the policy")

    assert Seen(200, "reasoning", "policy", "reasoning") == seen(ask(wayward_gateway))
