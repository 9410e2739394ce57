"""Usage as Prometheus reads it; `docs/usage.md` says what each is for."""

from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge

from extproc.telemetry import Completed, Counts, Tallies
from extproc.usage.entry import Amounts, Entry
from extproc.usage.ledger import LedgerError

_FIRST_BYTE_BUCKETS: Final = (0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_TOKEN_BUCKETS: Final = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1.0)
_KINDS: Final = tuple(
    (kind, f"{kind}_tokens") for kind in ("prompt", "completion", "cached", "reasoning")
)
_COSTS: Final = (("served", "cost"), ("cheapest", "cost_cheapest"), ("dearest", "cost_dearest"))


class UsageMetrics:
    """Counts entries into `registry`; `label` bounds how many tenants are named."""

    def __init__(self, registry: CollectorRegistry, label: Callable[[str], str]) -> None:
        self._label = label
        self._records = Counts(
            "tiergate_usage_records",
            "Requests by what is known of their tokens: known, unknown, or none were used.",
            labels=("usage",),
            registry=registry,
        )
        self._tokens = Counts(
            "tiergate_tokens",
            "Tokens of known usage; cached are part of prompt, reasoning of completion.",
            labels=("tenant", "tier", "kind"),
            registry=registry,
        )
        self._estimated = Counts(
            "tiergate_estimated_tokens",
            "Tokens that requests of unknown usage probably had.",
            labels=("tier", "kind"),
            registry=registry,
        )
        self._cost = Counts(
            "tiergate_cost_microdollars",
            "What known tokens cost, and would have cost on the cheapest and on the dearest tier.",
            labels=("tenant", "tier", "on"),
            registry=registry,
        )
        self._first_byte = Tallies(
            "tiergate_first_byte_seconds",
            "From a request's first byte to the first of its answer.",
            label="tier",
            buckets=_FIRST_BYTE_BUCKETS,
            registry=registry,
        )
        self._per_token = Tallies(
            "tiergate_output_token_seconds",
            "Time of a streamed answer for each token after the first.",
            label="tier",
            buckets=_TOKEN_BUCKETS,
            registry=registry,
        )
        self._kept = Counter(
            "tiergate_ledger_records",
            "Records by what became of them: written, replayed (known before) or lost.",
            ("result",),
            registry=registry,
        )
        self._failures = Counter(
            "tiergate_ledger_failures",
            "Batches that the ledger did not take, and that are tried again.",
            ("kind",),
            registry=registry,
        )
        self._registry = registry

    def watch(self, pending: Callable[[], int]) -> None:
        """Have a gauge say how many records wait. There is none before: of several processes one
        takes the access log, and of their gauges the lowest is shown.
        """
        Gauge(
            "tiergate_ledger_pending", "Records that wait for the ledger.", registry=self._registry
        ).set_function(pending)

    def counted(self, record: Completed, entry: Entry) -> None:
        """One request."""
        amounts, tier = entry.amounts, entry.group.tier
        if "known" in amounts:
            self._known(amounts, self._label(entry.group.tenant), tier)
        elif "unknown" in amounts:
            self._records.add(("unknown",))
            for kind in ("prompt", "completion"):
                self._estimated.add((tier, kind), amounts[f"estimated_{kind}_tokens"])
        else:
            self._records.add(("none",))
        if record.attempts and record.first_byte is not None:
            self._first_byte.observe(tier, record.first_byte)
        per_token = record.seconds_per_token
        if per_token is not None:
            self._per_token.observe(tier, per_token)

    def kept(self, *, written: int, replayed: int) -> None:
        """A batch is in the ledger."""
        self._kept.labels("written").inc(written)
        self._kept.labels("replayed").inc(replayed)

    def ledger_failed(self, error: LedgerError) -> None:
        """A batch is not."""
        self._failures.labels(error.kind).inc()

    def lost(self, entries: int) -> None:
        """Records will never be in the ledger."""
        self._kept.labels("lost").inc(entries)

    def _known(self, amounts: Amounts, tenant: str, tier: str) -> None:
        self._records.add(("known",))
        for kind, column in _KINDS:
            self._tokens.add((tenant, tier, kind), amounts[column])
        for on, column in _COSTS:
            self._cost.add((tenant, tier, on), amounts[column])
