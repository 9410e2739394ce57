"""What was expected of first tokens, and what came."""

from typing import Any

import builders
import pytest
from builders import decision, record
from fleet_builders import Tiers
from prometheus_client import CollectorRegistry

from extproc.exchange import Exchange
from extproc.fleet.prediction import Comparing, Expecting


def exchange(tier: str = "fast", text: str = "x" * 200) -> Exchange:
    """One that was decided, of fifty tokens."""
    return Exchange(headers={}, request=builders.request(text), decision=decision(tier))


def test_an_expectation_travels_with_the_request() -> None:
    """In seconds, of the tier that it goes to."""
    tiers = Tiers()
    tiers.learn("fast", prefill=100)
    known, unknown = exchange(), exchange("reasoning")
    for one in (known, unknown):
        Expecting(tiers.loads).decided(one)

    assert ({"ttft": "0.5000"}, {}) == (known.facts, unknown.facts)


def test_a_request_counts_where_it_goes() -> None:
    """Whatever moved it there last; a queue is reckoned on by it."""
    tiers = Tiers()
    for name in tiers.loads:
        tiers.say(name, waiting=1)
    Expecting(tiers.loads).decided(exchange("reasoning"))

    assert [1.0, 2.0] == [tiers.loads[name].backlog() for name in ("fast", "reasoning")]


def test_what_goes_to_no_tier_has_none() -> None:
    """An answer of the router's own."""
    one = Exchange(headers={})
    Expecting(Tiers().loads).decided(one)

    assert {} == one.facts


def compared(**fields: Any) -> tuple[float | None, ...]:  # noqa: ANN401 - a record's own
    """Count, error, sum expected and sum observed of one stream that was expected at half a
    second.
    """
    registry = CollectorRegistry()
    said = {"streamed": True, "first_byte": 0.75, "facts": {"ttft": "0.5000"}}
    Comparing(registry).completed(record(**{**said, **fields}))
    names = ("error_seconds_count", "error_seconds_sum", "expected_seconds_total",
             "observed_seconds_total")  # fmt: skip
    labels = {"tier": "fast"}
    return tuple(registry.get_sample_value(f"tiergate_fleet_ttft_{name}", labels) for name in names)


def test_a_stream_is_compared_with_what_was_expected() -> None:
    """The error, and both sums, whose difference shows a bias."""
    assert (1.0, 0.25, 0.5, 0.75) == compared()


@pytest.mark.parametrize(
    "fields",
    [
        {"streamed": False},
        {"facts": {}},
        {"first_byte": None},
        {"status": 503},
        {"attempts": 2},
    ],
    ids=["whole", "unknown", "no-byte", "refused", "retried"],
)
def test_others_are_not_compared(fields: dict[str, Any]) -> None:
    """They say nothing of a first token."""
    assert (None, None, None, None) == compared(**fields)
