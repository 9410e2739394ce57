"""What a decision log says of an experiment."""

from pathlib import Path

import pytest
from decision_lines import decided, ended

from extproc.decisionlog.lines import Assignment
from extproc.decisionlog.reading import Read
from extproc.errors import ConfigError
from extproc.training.experiment import METRICS, lines, outcomes, said, trial


def log(*sessions: tuple[str, bool], **outcome: object) -> Read:
    """A request of each session, in order, with its arm; each had the outcome."""
    decisions = [
        decided(
            f"r-{at}",
            time=float(at),
            session=session,
            experiment=Assignment(
                name="trial", arm="candidate" if candidate else "control", share=0.5
            ),
        )
        for at, (session, candidate) in enumerate(sessions)
    ]
    ends = {line.request_id: ended(line.request_id, **outcome) for line in decisions}
    return Read(decisions=decisions, outcomes=ends, torn=0)


def test_a_session_counts_once() -> None:
    """With its first request."""
    found = trial(log(("a", True), ("b", False), ("a", True)), "trial", {"r-0": 1.0, "r-2": 0.0})

    assert ([1.0], [True], [0.5]) == (found.outcomes, found.candidate, found.shares)
    assert {"control": 1, "candidate": 0} == found.missing


@pytest.mark.parametrize("name", ["trial", "other"])
def test_an_experiment_without_outcomes_is_refused(name: str) -> None:
    """With its name."""
    with pytest.raises(ConfigError, match=f"'{name}'"):
        trial(log(("a", True)), name, {} if name == "trial" else {"r-0": 1.0})


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("success", 0.0),
        ("first_byte", 0.25),
        ("duration", 2.0),
        ("completion_tokens", 7),
        ("cost", 0.001),
    ],
)
def test_the_log_knows_these(metric: str, expected: float) -> None:
    """Of each request that has ended."""
    made = log(
        ("a", True),
        status=503,
        first_byte=0.25,
        duration=2.0,
        completion_tokens=7,
        cost_microdollars=1000,
    )

    assert {"r-0": expected} == outcomes(made, METRICS[metric])


@pytest.mark.parametrize("metric", ["first_byte", "completion_tokens", "cost"])
def test_what_nobody_knows_is_missing(metric: str) -> None:
    """It is not zero."""
    assert {} == outcomes(log(("a", True)), METRICS[metric])


def test_operators_may_know_more(tmp_path: Path) -> None:
    """Each value from 0 to 1."""
    path = tmp_path / "thumbs.jsonl"
    path.write_text('{"request_id":"r-0","value":0.5}\n')

    assert {"r-0": 0.5} == said(path)
    path.write_text('{"request_id":"r-0","value":2}\n')
    with pytest.raises(ConfigError, match=r"thumbs\.jsonl:1: "):
        said(path)


@pytest.mark.parametrize(
    ("better", "word"), [(1.0, "higher"), (0.0, "lower"), (0.5, "No difference is shown so far")]
)
def test_what_is_shown_is_said(better: float, word: str) -> None:
    """With the means of both arms."""
    sessions = [(str(number), number % 2 == 0) for number in range(2000)]
    known = {f"r-{n}": better if n % 2 == 0 else 1 - better for n in range(2000)}
    text = list(lines(trial(log(*sessions), "trial", known), METRICS["success"]))

    assert f"| candidate | 1000 | {better:.4f} | 0 |" in text
    assert word in text[-1]


def test_nothing_above_the_bound_counts() -> None:
    """In the outcome's own unit."""
    text = "\n".join(lines(trial(log(("a", True)), "trial", {"r-0": 700.0}), METRICS["duration"]))

    assert "| candidate | 1 | 60.0000 | 0 |" in text
    assert "| control | 0 | - | 0 |" in text
