"""What a decision log says of an experiment: one outcome a session, by arm.

A session counts with its first request alone. Later ones depend on it, and on the arm, so that they
would count the same luck several times.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import numpy as np
from msgspec import Meta, Struct

from extproc.decisionlog.lines import Assignment, DecisionLine, OutcomeLine
from extproc.decisionlog.reading import Read
from extproc.errors import ConfigError
from extproc.learning.experiment import CANDIDATE, CONTROL
from extproc.request.lines import decode, split
from extproc.training.sequential import Sequence, effect

_REFUSED: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A number of an outcome, None where it is not known; `bound` is the most that counts."""

    of: Callable[[OutcomeLine], float | None]
    bound: float
    what: str


def _dollars(line: OutcomeLine) -> float | None:
    cost = line.cost_microdollars
    return None if cost is None else cost / 1e6


METRICS: Final[Mapping[str, Metric]] = {
    "success": Metric(
        of=lambda line: float(0 < line.status < _REFUSED), bound=1, what="answered below 400"
    ),
    "first_byte": Metric(of=lambda line: line.first_byte, bound=10, what="seconds"),
    "duration": Metric(of=lambda line: line.duration, bound=60, what="seconds"),
    "completion_tokens": Metric(of=lambda line: line.completion_tokens, bound=4096, what="tokens"),
    "cost": Metric(of=_dollars, bound=0.1, what="dollars"),
}


class _Said(Struct, frozen=True):
    request_id: str
    value: Annotated[float, Meta(ge=0, le=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The sessions in order: their outcomes as they are, arms, the shares; and how many sessions of
    each arm had no outcome.
    """

    outcomes: list[float]
    candidate: list[bool]
    shares: list[float]
    missing: Mapping[str, int]

    def sequence(self, bound: float) -> Sequence:
        """The effect so far, in the outcome's own unit, where nothing above `bound` counts."""
        found = effect(
            np.array(self.outcomes).clip(0, bound) / bound,
            np.array(self.candidate, dtype=np.float64),
            np.array(self.shares),
        )
        return Sequence(
            estimate=found.estimate * bound, low=found.low * bound, high=found.high * bound
        )


def outcomes(read: Read, metric: Metric) -> Mapping[str, float]:
    """The metric by request, where it is known."""
    found = {name: metric.of(line) for name, line in read.outcomes.items()}
    return {name: value for name, value in found.items() if value is not None}


def said(path: Path) -> Mapping[str, float]:
    """Outcomes of the operator's own: lines of `request_id` and `value`, from 0 to 1."""
    lines = [
        decode(text, _Said, f"{path}:{number}")
        for number, text in enumerate(split(path.read_bytes()), 1)
    ]
    return {line.request_id: line.value for line in lines}


def trial(read: Read, name: str, known: Mapping[str, float]) -> Trial:
    """The sessions of the experiment of that name; ConfigError where there are none."""
    found = Trial(outcomes=[], candidate=[], shares=[], missing={CONTROL: 0, CANDIDATE: 0})
    missing = dict(found.missing)
    for line, assignment in _first(read, name):
        value = known.get(line.request_id)
        if value is None:
            missing[assignment.arm] += 1
        else:
            found.outcomes.append(value)
            found.candidate.append(assignment.arm == CANDIDATE)
            found.shares.append(assignment.share)
    if not found.outcomes:
        raise ConfigError(f"no session of an experiment {name!r} has an outcome")
    return Trial(
        outcomes=found.outcomes,
        candidate=found.candidate,
        shares=found.shares,
        missing=missing,
    )


def lines(found: Trial, metric: Metric) -> Iterator[str]:
    """Markdown, and what it shows."""
    values, candidate = np.array(found.outcomes).clip(0, metric.bound), np.array(found.candidate)
    yield f"| arm | sessions | mean ({metric.what}) | without an outcome |"
    yield "|---|---|---|---|"
    for arm, of in ((CONTROL, ~candidate), (CANDIDATE, candidate)):
        mean = f"{values[of].mean():.4f}" if of.any() else "-"
        yield f"| {arm} | {of.sum()} | {mean} | {found.missing[arm]} |"
    sequence = found.sequence(metric.bound)
    low, high = sequence.low[-1], sequence.high[-1]
    yield ""
    estimate = f"{sequence.estimate[-1]:+.4f} [{low:+.4f}, {high:+.4f}]"
    yield f"candidate less control: {estimate}, 95 % at whatever time this is looked at"
    yield _shown(float(low), float(high))


def _shown(low: float, high: float) -> str:
    if low > 0:
        return "The candidate's is higher."
    return "The candidate's is lower." if high < 0 else "No difference is shown so far."


def _first(read: Read, name: str) -> Iterator[tuple[DecisionLine, Assignment]]:
    seen: set[str] = set()
    for line in read.decisions:
        assignment = line.experiment
        if assignment is not None and assignment.name == name and line.session not in seen:
            seen.add(line.session)
            yield line, assignment
