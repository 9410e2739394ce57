"""Usage as Prometheus reads it."""

from typing import Any

from builders import record
from prometheus_client import CollectorRegistry
from usage_builders import accountant, book, tokens

from extproc.usage.labels import Bounded
from extproc.usage.ledger import LedgerError
from extproc.usage.metrics import UsageMetrics


class Counted:
    """Metrics, and what they say."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.metrics = UsageMetrics(self.registry, Bounded(1))

    def add(self, **fields: Any) -> None:  # noqa: ANN401 - the fields' own types differ
        """One request of the fast tier."""
        fields["cost_microdollars"] = book().cost("fast", fields.get("tokens"))
        made = record(**fields)
        self.metrics.counted(made, accountant().entry(made, made.cost_microdollars))

    def value(self, name: str, **labels: str) -> float | None:
        """One sample; None where there is none."""
        return self.registry.get_sample_value(name, labels)


def test_known_tokens_by_tenant_tier_and_kind() -> None:
    """And what they cost, here and elsewhere."""
    counted = Counted()
    counted.add(tenant="acme", tokens=tokens(1000, 100, cached=200, reasoning=50))
    counted.add(tenant="other one", tokens=tokens(1, 1))
    where = {"tenant": "acme", "tier": "fast"}

    assert [1000, 100, 200, 50] == [
        counted.value("tiergate_tokens_total", **where, kind=kind)
        for kind in ("prompt", "completion", "cached", "reasoning")
    ]
    assert [122, 122, 1400] == [
        counted.value("tiergate_cost_microdollars_total", **where, on=on)
        for on in ("served", "cheapest", "dearest")
    ]
    assert 1 == counted.value("tiergate_tokens_total", tenant="other", tier="fast", kind="prompt")


def test_unknown_tokens_are_never_mixed_in() -> None:
    """They are counted as such, and estimated apart."""
    counted = Counted()
    counted.add(received=400, sent=40)
    counted.add(status=400, attempts=0, served_by="none")

    assert [None, 1, 1] == [
        counted.value("tiergate_usage_records_total", usage=usage)
        for usage in ("known", "unknown", "none")
    ]
    assert [100, 10] == [
        counted.value("tiergate_estimated_tokens_total", tier="fast", kind=kind)
        for kind in ("prompt", "completion")
    ]


def test_times_of_what_a_tier_answered() -> None:
    """To the first byte, and for each token after the first; a refusal has neither."""
    counted = Counted()
    counted.add(tokens=tokens(1, 11), streamed=True, first_byte=0.5, duration=2.5)
    counted.add(status=400, attempts=0, served_by="none", first_byte=0.001)

    assert 0.5 == counted.value("tiergate_first_byte_seconds_sum", tier="fast")
    assert 0.2 == counted.value("tiergate_output_token_seconds_sum", tier="fast")
    assert counted.value("tiergate_first_byte_seconds_sum", tier="none") is None


def test_what_became_of_records() -> None:
    """Written, replayed, lost, waiting; and why the ledger failed."""
    counted = Counted()
    counted.metrics.kept(written=3, replayed=1)
    counted.metrics.lost(2)
    counted.metrics.ledger_failed(LedgerError("full", ""))
    counted.metrics.watch(lambda: 7)

    assert [3, 1, 2] == [
        counted.value("tiergate_ledger_records_total", result=result)
        for result in ("written", "replayed", "lost")
    ]
    assert 1 == counted.value("tiergate_ledger_failures_total", kind="full")
    assert 7 == counted.value("tiergate_ledger_pending")
