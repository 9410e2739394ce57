"""A whole run: start everybody, see who routes, take turns, leave out whose answers are wrong."""

import contextlib
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from subprocess import SubprocessError
from typing import Final

from msgspec import Struct

from load.bench.measuring import MEANT, Bench, Cell, Run, Sample
from load.bench.processes import Service
from load.bench.prompts import HARD, chat
from load.bench.subjects import Place, Started, Subject

_TOLERATED: Final = 0.001
"""The share of requests that may fail: a busy machine drops a connection now and then."""
Say = Callable[[str], None]


class Plan(Struct, frozen=True, kw_only=True):
    """What is measured, how often, and for how many seconds, after a warm-up."""

    cells: Sequence[Cell]
    rounds: int
    seconds: float
    warm: float = 0.5


def run(
    subjects: Mapping[str, Subject], plan: Plan, folder: Path, say: Say
) -> tuple[list[Sample], dict[str, str]]:
    """The samples, and why each subject without any has none."""
    with contextlib.ExitStack() as stack:
        upstream = stack.enter_context(
            Service("upstream", (sys.executable, "-m", "load.bench.upstream"), folder)
        )
        ports: dict[str, int] = upstream.said()
        started: dict[str, Started] = {}
        refused: dict[str, str] = {}
        for name, subject in subjects.items():
            say(f"starting {name}")
            place = Place(ports=ports, folder=folder / name, stack=stack)
            place.folder.mkdir()
            try:
                started[name] = subject.start(place)
            except (TimeoutError, RuntimeError, OSError, SubprocessError) as error:
                refused[name] = f"did not start: {error}"
        bench = Bench(started, upstream, folder)
        for name in started:
            if why := bench.misrouted(name, subjects[name]):
                refused[name] = f"does not route: {why}"
        fit = {name: subjects[name] for name in started if name not in refused}
        samples = _rounds(bench, fit, plan, say)
    failing = _failing(samples)
    return [one for one in samples if one.subject not in failing], refused | failing


def _rounds(bench: Bench, subjects: Mapping[str, Subject], plan: Plan, say: Say) -> list[Sample]:
    samples = []
    for turn in range(plan.rounds):
        for cell in plan.cells:
            for name, subject in subjects.items():
                run = Run(
                    body=chat(HARD, size=cell.size, streamed=cell.streamed),
                    expected=MEANT[subject.answers][HARD],
                    cell=cell,
                    seconds=plan.seconds,
                    warm=plan.warm,
                    seed=turn,
                )
                sample = bench.measure(name, run)
                say(_line(sample, plan.rounds))
                samples.append(sample)
    return samples


def _line(sample: Sample, rounds: int) -> str:
    return (
        f"{sample.round + 1}/{rounds}  {sample.cell.name:<28} {sample.subject:<26}"
        f"{sample.requests / sample.seconds:8.0f} req/s {sample.total:8.0f} us"
        f"  others {sample.others:.2f}" + (f"  {sample.errors}" if sample.errors else "")
    )


def _failing(samples: Sequence[Sample]) -> dict[str, str]:
    """Subjects that let requests fail, or sent some to another tier, and how many."""
    found = {}
    for name in {sample.subject for sample in samples}:
        own = [sample for sample in samples if sample.subject == name]
        errors = sum((Counter(one.errors) for one in own), Counter())
        wrong, requests = sum(one.wrong for one in own), sum(one.requests for one in own)
        if not all(one.requests for one in own):
            found[name] = "a measurement in which it served nobody"
        elif wrong or errors.total() > _TOLERATED * requests:
            found[name] = (
                f"of {requests} requests {wrong} reached another tier, {errors.total()} failed: "
                f"{dict(errors)}"
            )
    return found
