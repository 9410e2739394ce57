"""What a router is doing, as plain values."""

from builders import config, outcome, record
from prometheus_client import Counter

from extproc.console.state import WINDOW, Replica, Spread, State, state
from extproc.state import Failure
from extproc.telemetry import Completed, MetricsObserver, Tokens

NOW = 10_000.0


def shown(*records: Completed, metrics: MetricsObserver | None = None, since: float = 0.0) -> State:
    """The state of a router of two tiers, whose config is in force unless `metrics` say else."""
    if metrics is None:
        metrics = MetricsObserver()
        metrics.config_loaded(None)
    return state(config(), records, metrics.snapshot(), now=NOW, since=since)


def test_a_router_that_has_done_nothing() -> None:
    """Nothing is divided by nothing."""
    said = shown()

    assert (0, 0, 0.0, {}, ()) == (
        said.requests,
        said.failed,
        said.per_second,
        said.reasons,
        said.recent,
    )
    assert [("fast", 0.0), ("reasoning", 0.0)] == [(tier.name, tier.share) for tier in said.tiers]
    assert Spread() == said.tiers[0].first_byte
    assert (0, 0, True, None, False) == (
        said.cost_microdollars,
        said.saved_microdollars,
        said.config_current,
        said.redis_up,
        said.playground,
    )


def test_shares_are_of_what_tiers_answered() -> None:
    """Refusals are requests, and have no tier; of old ones nothing is counted."""
    records = [record(started=NOW - 1, served_by=tier) for tier in ("fast", "fast", "reasoning")]
    refused = record(started=NOW - 1, tier="none", served_by="none", reason="malformed_request")
    said = shown(record(started=NOW - WINDOW - 1), *records, refused)

    assert [2 / 3, 1 / 3] == [tier.share for tier in said.tiers]
    assert (4, {"fixed": 3, "malformed_request": 1}) == (said.requests, said.reasons)
    assert 4 / WINDOW == said.per_second


def test_what_is_no_longer_kept_is_not_taken_for_silence() -> None:
    """A busy router's numbers are of less than the window, and say of how much."""
    said = shown(*[record(started=NOW - 1 - one / 10) for one in range(200)], since=NOW - 10)

    assert (10.0, 91, 9.1, 10) == (
        said.seconds,
        said.requests,
        said.per_second,
        len(said.beats["fast"]),
    )


def test_percentiles_are_the_nearest_rank() -> None:
    """Requests that were never answered have no times."""
    times = [record(started=NOW, first_byte=second / 100) for second in range(1, 21)]
    said = shown(*times, record(started=NOW, first_byte=None))

    assert Spread(p50=0.1, p95=0.19) == said.tiers[0].first_byte


def test_a_failure_is_an_error_of_the_gateway_or_no_answer() -> None:
    """A client's own fault is none."""
    records = [record(started=NOW, status=status) for status in (200, 404, 503, 0)]
    said = shown(*records)

    assert (2, 2) == (said.failed, said.tiers[0].failed)


def test_tokens_are_those_that_are_known() -> None:
    """Of the tier that answered."""
    known = record(started=NOW, tokens=Tokens(prompt=5, completion=3))
    said = shown(known, record(started=NOW), known)

    assert (10, 6) == (said.tiers[0].prompt_tokens, said.tiers[0].completion_tokens)
    assert [8, None, 8] == [line.tokens for line in said.recent]


def test_beats_are_the_seconds_of_the_last_minute() -> None:
    """The oldest first, each tier by itself."""
    said = shown(record(started=NOW - 59.5), record(started=NOW), record(started=NOW - 2))

    assert {0: 0, 57: 1, 59: 1} == {at: said.beats["fast"][at] for at in (0, 57, 59)}
    assert (60, 0) == (len(said.beats["fast"]), sum(said.beats["reasoning"]))


def test_the_last_requests_are_listed_newest_first() -> None:
    """Only so many."""
    said = shown(*(record(request_id=str(number), started=NOW) for number in range(60)))

    assert (50, "59", "10") == (
        len(said.recent),
        said.recent[0].request_id,
        said.recent[-1].request_id,
    )


def test_money_comes_from_the_metrics() -> None:
    """Saved is what the dearest tier would have cost besides."""
    metrics = MetricsObserver()
    cost = Counter("tiergate_cost_microdollars", "x", ("on",), registry=metrics.registry)
    cost.labels("served").inc(30)
    cost.labels("dearest").inc(100)

    said = shown(metrics=metrics)

    assert (30, 70) == (said.cost_microdollars, said.saved_microdollars)


def test_what_is_wrong_is_said() -> None:
    """A config that is not in force, a Redis that does not answer."""
    metrics = MetricsObserver()
    metrics.config_loaded("$.x: is wrong")
    metrics.stored(seconds=0.1, failure=Failure("timeout"))
    metrics.decided(outcome())
    said = shown(metrics=metrics)

    assert (False, False) == (said.config_current, said.redis_up)


def test_replicas_are_shown_as_they_are() -> None:
    """Where somebody knows of them."""
    one = Replica(tier="fast", address="a:1", ready=True, running=1.0, waiting=0.0, saturation=0.25)

    assert (one,) == state(config(), (), (), now=NOW, replicas=[one]).replicas
