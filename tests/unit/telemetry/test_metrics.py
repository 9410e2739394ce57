"""Prometheus metrics by the text that is scraped."""

from builders import decision, outcome, record
from prometheus_client.parser import text_string_to_metric_families

from extproc import __version__
from extproc.decision import Reason
from extproc.state import Failure
from extproc.telemetry import BROKEN_OFF, MetricsObserver, Outcome


def samples(metrics: MetricsObserver) -> dict[str, float]:
    """Every sample of the exposition by its name and labels."""
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {
        f"{sample.name}{{{','.join(f'{key}={value}' for key, value in sample.labels.items())}}}": (
            sample.value
        )
        for family in families
        for sample in family.samples
    }


def test_a_decision_is_counted_with_tier_and_reason() -> None:
    """One counter, which adds up to all requests that the router answered."""
    metrics = MetricsObserver()
    for _ in range(2):
        metrics.decided(outcome(decision=decision()))
    metrics.decided(outcome(Reason.MALFORMED_REQUEST))

    found = samples(metrics)

    assert 2.0 == found["tiergate_decisions_total{reason=fixed,tier=fast}"]
    assert 1.0 == found["tiergate_decisions_total{reason=malformed_request,tier=none}"]
    assert 3.0 == found["tiergate_decision_duration_seconds_count{}"]
    assert 0.003 == found["tiergate_decision_duration_seconds_sum{}"]


def test_coverage_is_that_of_judged_requests() -> None:
    """A request that no signal looked at has no coverage."""
    metrics = MetricsObserver()
    metrics.decided(outcome(decision=decision(coverage=0.5)))
    metrics.decided(outcome(decision=decision()))
    metrics.decided(outcome(Reason.PATH_NOT_FOUND))

    found = samples(metrics)

    assert 1.0 == found["tiergate_decision_coverage_count{}"]
    assert 1.0 == found["tiergate_decision_coverage_bucket{le=0.5}"]
    assert 0.0 == found["tiergate_decision_coverage_bucket{le=0.25}"]


def test_each_part_of_a_decision_is_timed() -> None:
    """A part that there was not has no series."""
    metrics = MetricsObserver()
    for seconds in (0.0002, 0.02):
        metrics.decided(
            Outcome(reason=Reason.FIXED, seconds=seconds, request_id="r", stages={"read": seconds})
        )
    found = samples(metrics)
    name = "tiergate_decision_stage_seconds"

    assert (2.0, 0.0202) == (
        found[f"{name}_count{{stage=read}}"],
        found[f"{name}_sum{{stage=read}}"],
    )
    assert (1.0, 2.0) == tuple(
        found[f"{name}_bucket{{le={bound},stage=read}}"] for bound in ("0.00025", "+Inf")
    )
    assert not any("stage=state" in one for one in found)


def test_bugs_are_counted_wherever_they_show() -> None:
    """Behind a fallback decision, or outside of any."""
    metrics = MetricsObserver()
    metrics.decided(outcome(decision=decision(failure=RuntimeError("bug"))))
    metrics.failed(RuntimeError("bug"))

    assert 2.0 == samples(metrics)["tiergate_internal_errors_total{}"]


def test_a_request_is_counted_as_envoy_saw_it() -> None:
    """By the tier asked, the tier that answered, the reason and the status."""
    metrics = MetricsObserver()
    metrics.completed(record(served_by="reasoning", status=503))

    labels = "reason=fixed,served_by=reasoning,status=503,tier=fast"
    assert 1.0 == samples(metrics)[f"tiergate_requests_total{{{labels}}}"]
    assert "tiergate_broken_answers_total" not in str(samples(metrics))


def test_an_answer_that_breaks_off_is_counted_besides() -> None:
    """By the tier that did; as a request it keeps its status, which Envoy counts too."""
    metrics = MetricsObserver()
    metrics.completed(record(served_by="reasoning", details=BROKEN_OFF))
    said = samples(metrics)

    assert 1.0 == said["tiergate_broken_answers_total{served_by=reasoning}"]
    assert 1.0 == sum(
        value for name, value in said.items() if name.startswith("tiergate_requests_total")
    )


def test_a_gauge_says_whether_the_config_is_the_last_one_read() -> None:
    """A rejected file shows until a good one comes."""
    metrics = MetricsObserver()

    metrics.config_loaded("$.x: is wrong")
    rejected = samples(metrics)
    metrics.config_loaded(None)
    found = samples(metrics)

    assert 0.0 == rejected["tiergate_config_current{}"]
    assert 1.0 == found["tiergate_config_current{}"]
    assert 1.0 == found["tiergate_config_reloads_total{result=failure}"]
    assert 1.0 == found["tiergate_config_reloads_total{result=success}"]


def test_the_version_is_a_label() -> None:
    """Dashboards tell releases apart by it."""
    assert 1.0 == samples(MetricsObserver())[f"tiergate_build_info{{version={__version__}}}"]


def test_no_counter_has_a_second_series() -> None:
    """Times of creation would double every series."""
    metrics = MetricsObserver()
    metrics.decided(outcome(decision=decision()))

    assert [] == [name for name in samples(metrics) if "_created" in name]


def test_redis_is_up_while_it_answers() -> None:
    """Round trips are timed, those that failed too, and failures are counted by kind."""
    metrics = MetricsObserver()
    metrics.stored(seconds=0.001, failure=None)
    up = samples(metrics)
    metrics.stored(seconds=0.02, failure=Failure("timeout"))
    found = samples(metrics)

    gauge = "tiergate_redis_up{role=state}"
    assert (1.0, 0.0) == (up[gauge], found[gauge])
    assert 1.0 == found["tiergate_redis_failures_total{kind=timeout}"]
    assert 2.0 == found["tiergate_redis_duration_seconds_count{}"]
