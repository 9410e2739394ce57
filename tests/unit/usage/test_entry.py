"""One request as the ledger counts it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from builders import record
from usage_builders import accountant, book, tokens

from extproc.usage.entry import Entry, Group, is_failed, is_unknown, tier_of


def entry(**fields: Any) -> Entry:  # noqa: ANN401 - the fields' own types differ
    """The entry of a request, priced as the process does it."""
    made = record(started=datetime(2026, 1, 2, 23, 59, tzinfo=UTC).timestamp(), **fields)
    cost = book().cost(tier_of(made), made.tokens)
    return accountant().entry(made, cost)


def test_a_request_is_of_a_day_a_tenant_a_tier_and_its_model() -> None:
    """The tier is the one that answered, the day that of its beginning."""
    made = entry(tenant="acme", tier="fast", served_by="reasoning", model="auto", tokens=tokens())

    assert Group(day="2026-01-02", tenant="acme", tier="reasoning", model="large") == made.group
    assert "r-1" == made.id


def test_known_tokens_and_what_they_cost_anywhere() -> None:
    """Here, on the cheapest tier, and on the dearest."""
    made = entry(served_by="reasoning", tokens=tokens(1000, 100, cached=200, reasoning=50))

    assert {
        "requests": 1,
        "known": 1,
        "unpriced": 0,
        "prompt_tokens": 1000,
        "completion_tokens": 100,
        "cached_tokens": 200,
        "reasoning_tokens": 50,
        "cost": 1400,
        "cost_cheapest": 122,
        "cost_dearest": 1400,
    } == made.amounts


def test_known_tokens_may_have_no_price() -> None:
    """They are counted apart, and nothing of them is saved."""
    only = {"reasoning": {"per_million_tokens": {"input": 1, "output": 1}}}
    made = accountant(**only).entry(record(tokens=tokens(1000, 0)), None)

    assert (1, 0, 0) == (
        made.amounts["unpriced"],
        made.amounts["cost"],
        made.amounts["cost_dearest"],
    )


def test_unknown_tokens_are_estimated_apart() -> None:
    """4,000 bytes of a prompt, 400 of an answer: 1,000 and 100 tokens until more is known."""
    made = entry(received=4000, sent=400)

    assert {
        "requests": 1,
        "unknown": 1,
        "estimated_prompt_tokens": 1000,
        "estimated_completion_tokens": 100,
        "estimated_cost": 140,
    } == made.amounts


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"status": 429, "attempts": 0, "served_by": "none"}, {"requests": 1, "refused": 1}),
        ({"status": 400}, {"requests": 1, "refused": 1}),
        ({"status": 503, "served_by": "none"}, {"requests": 1, "failed": 1}),
        ({"path": "/tokenize"}, {"requests": 1}),
        ({"path": "/v1/models", "attempts": 0, "served_by": "none"}, {"requests": 1}),
    ],
    ids=str,
)
def test_what_used_no_tokens(fields: dict[str, Any], expected: dict[str, int]) -> None:
    """Refusals, errors, and what generates nothing."""
    assert expected == entry(**fields).amounts


def test_a_client_that_went_before_the_answer() -> None:
    """The tier that was asked has worked for it."""
    gone = record(status=0, served_by="none", tier="fast", details="downstream_remote_disconnect")

    assert ("fast", True, True) == (tier_of(gone), is_unknown(gone), is_failed(gone))


@pytest.mark.parametrize(
    ("details", "unknown"),
    [
        ("upstream_reset_after_response_started{connection_termination}", True),
        ("stream_idle_timeout", True),
        ("upstream_reset_before_response_started{connection_failure}", False),
        ("no_healthy_upstream", False),
        ("via_upstream", False),
    ],
)
def test_an_error_may_hide_what_a_tier_has_done(details: str, *, unknown: bool) -> None:
    """Envoy holds a JSON answer back until it is whole, and says 503 where that never comes."""
    assert unknown == is_unknown(record(status=503, served_by="none", details=details))


@pytest.mark.parametrize(
    ("details", "failed"),
    [
        ("via_upstream", False),
        ("tiergate_models_listed", False),
        ("upstream_reset_after_response_started{connection_termination}", True),
        ("downstream_remote_disconnect", True),
    ],
)
def test_an_answer_that_broke_off_has_failed(details: str, *, failed: bool) -> None:
    """Its status was sent long before."""
    assert failed == is_failed(record(details=details))
