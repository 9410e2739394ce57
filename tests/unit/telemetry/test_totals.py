"""Metrics of several processes as one."""

from builders import outcome

from extproc.decision import Reason
from extproc.telemetry import MetricsObserver
from extproc.telemetry.totals import Family, Sample, counted, exposition, snapshot, total


def observer(decisions: int, error: str | None = None) -> MetricsObserver:
    """One process that has decided so often, and read its config last with `error`."""
    made = MetricsObserver()
    for _ in range(decisions):
        made.decided(outcome(Reason.FIXED))
    made.config_loaded(error)
    return made


def lines(text: bytes, *names: str) -> list[str]:
    """The samples of these names."""
    return [line for line in text.decode().splitlines() if line.startswith(names)]


def test_counters_and_histograms_are_added_up() -> None:
    """Bucket by bucket."""
    text = observer(2).exposition([observer(3).snapshot(), observer(5).snapshot()])

    assert ['tiergate_decisions_total{reason="fixed",tier="none"} 10.0'] == lines(
        text, "tiergate_decisions_total"
    )
    assert ["tiergate_decision_duration_seconds_count 10.0"] == lines(
        text, "tiergate_decision_duration_seconds_count"
    )


def test_of_gauges_the_lowest_counts() -> None:
    """One process whose config is old is enough to say so."""
    text = observer(0).exposition([observer(0, "wrong").snapshot()])

    assert ["tiergate_config_current 0.0"] == lines(text, "tiergate_config_current")
    assert 1 == len(lines(text, "tiergate_build_info"))


def test_gauges_of_what_a_process_holds_are_added_up() -> None:
    """A process that holds none must not hide what the others do."""
    held = [
        (Family("tiergate_x_entries", "gauge", "x", (Sample("tiergate_x_entries", (), many),)),)
        for many in (0.0, 3.0, 4.0)
    ]

    ((family,),) = ((one,) for one in total(held))
    assert 7.0 == family.samples[0].value


def test_one_process_writes_the_same_text_either_way() -> None:
    """Adding nothing changes nothing."""
    made = observer(4)

    assert made.exposition() == exposition(total([made.snapshot()]))
    assert made.exposition() == made.exposition([()])


def test_what_only_some_have_counted_is_there() -> None:
    """Labels come into being when something happens."""
    one, other = observer(1), observer(1)
    other.decided(outcome(Reason.RULE))
    text = one.exposition([other.snapshot()])

    assert [
        'tiergate_decisions_total{reason="fixed",tier="none"} 2.0',
        'tiergate_decisions_total{reason="rule",tier="none"} 1.0',
    ] == lines(text, "tiergate_decisions_total")


def test_of_a_process_that_has_ended_its_counters_stay() -> None:
    """Or the sums would fall, which Prometheus takes for a restart of all."""
    left = counted(observer(3).snapshot())

    assert {"counter", "histogram"} == {family.kind for family in left}


def test_a_snapshot_is_plain_values() -> None:
    """They go from process to process."""
    made = snapshot(observer(1).registry)

    (decisions,) = (family for family in made if family.name == "tiergate_decisions")
    labels = (("tier", "none"), ("reason", "fixed"))
    assert Sample("tiergate_decisions_total", labels, 1.0) in decisions.samples
    assert Family("x", "counter", "y", ()) == total([(Family("x", "counter", "y", ()),)])[0]
