"""Every fault of the game day: what clients may get, what is said of it, and that it heals."""

from pathlib import Path

import pytest
from gameday import Fault, Report, run
from gameday_faults import FAULTS


@pytest.fixture(scope="module", params=FAULTS, ids=lambda fault: fault.name)
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """What was seen of one fault."""
    fault: Fault = request.param
    lacking = fault.missing()
    if lacking is not None:
        pytest.skip(f"not checked: {lacking}")
    folder: Path = tmp_path_factory.mktemp(fault.name)
    return run(fault, folder)


@pytest.mark.timeout(120)
def test_a_fault_costs_no_more_than_it_must(report: Report) -> None:
    """Clients get what the fault allows and nothing worse, it is told of, and it is over by itself
    within seconds.
    """
    outcomes = set(report.outcomes)

    assert set() == outcomes - report.fault.allowed - {"ok"}
    assert set() == report.fault.must - outcomes
    assert report.fault.events == report.events
    assert report.recovered is not None
    assert report.recovered < 10
