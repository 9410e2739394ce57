"""The benchmark: real processes under a little load, and rows refused that are none."""

import contextlib
import socket
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest
from msgspec.structs import replace

from load.bench import configs
from load.bench.client import arrivals
from load.bench.measuring import Bench, Cell, Run
from load.bench.processes import ROOT, Service, until
from load.bench.prompts import EASY, HARD, chat
from load.bench.roster import REFERENCE, SUBJECTS
from load.bench.rounds import Plan, run
from load.bench.subjects import Answers, Started, Tiergate
from load.bench.upstream import EVENTS, TIERS, event_answer, json_answer, marker

SMALL: Final = Cell(size=500, connections=4)
STREAMED: Final = Cell(size=8_000, streamed=True, connections=4)
OPEN: Final = Cell(size=500, rate=100.0, connections=8)
SPIN: Final = "import time\nwhile time.process_time() < 1: pass\nprint('spent', flush=True)"


@pytest.fixture
def standins(tmp_path: Path) -> Iterator[tuple[Service, Mapping[str, int]]]:
    """The stand-in tiers and their ports."""
    argv = (sys.executable, "-m", "load.bench.upstream")
    with Service("upstream", argv, tmp_path) as service:
        yield service, service.said()


def glance(cell: Cell, expected: str) -> Run:
    """A tenth of a second of load."""
    body = chat(HARD, size=cell.size, streamed=cell.streamed)
    return Run(body=body, expected=expected, cell=cell, seconds=0.3, warm=0.1, seed=1)


@pytest.mark.parametrize("cell", [SMALL, STREAMED, OPEN])
def test_the_load_generator_counts_what_is_answered(
    cell: Cell, standins: tuple[Service, Mapping[str, int]], tmp_path: Path
) -> None:
    """Straight to a stand-in, every request is answered by the tier that was asked."""
    upstream, ports = standins
    bench = Bench({"tier": Started(port=ports["fast"], services=())}, upstream, tmp_path)

    sample = bench.measure("tier", glance(cell, "fast"))

    assert ({}, 0) == (sample.errors, sample.wrong)
    assert sample.requests > 10
    assert {"client", "upstream"} == sample.cpu.keys()
    assert bool(cell.rate) == bool(sample.latencies)


def test_the_load_generator_sees_another_tier(
    standins: tuple[Service, Mapping[str, int]], tmp_path: Path
) -> None:
    """Answers of a tier that was not meant are counted, each of them."""
    upstream, ports = standins
    bench = Bench({"tier": Started(port=ports["reasoning"], services=())}, upstream, tmp_path)

    sample = bench.measure("tier", glance(SMALL, "fast"))

    assert sample.requests == sample.wrong


def test_a_load_that_is_too_high_has_an_end(
    standins: tuple[Service, Mapping[str, int]], tmp_path: Path
) -> None:
    """Who answers nobody leaves all requests unserved, and that is no routing error."""
    upstream, _ = standins
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = Started(port=silent.getsockname()[1], services=())
        bench = Bench({"silent": started}, upstream, tmp_path)
        sample = bench.measure("silent", replace(glance(OPEN, "fast"), warm=0.0, patience=0.1))

        stuck = bench.measure("silent", replace(glance(SMALL, "fast"), warm=0.0, patience=0.1))

    assert (0, SMALL.connections) == (stuck.requests, stuck.unserved)
    assert (0, {}, 0) == (sample.requests, sample.errors, sample.wrong)
    assert len(list(arrivals(OPEN.rate, 0.3, seed=1))) == sample.unserved


def test_open_load_arrives_at_its_rate() -> None:
    """The same moments for the same seed, as many as the rate says."""
    moments = list(arrivals(200, 50, seed=7))

    assert moments == sorted(moments) == list(arrivals(200, 50, seed=7))
    assert pytest.approx(10_000, rel=0.05) == len(moments)


@pytest.mark.parametrize("tier", TIERS)
def test_an_answer_names_its_tier_once(tier: str) -> None:
    """That is how a routing error is seen; the streamed one has every event."""
    other = next(name for name in TIERS if name != tier)

    for answered in (json_answer(tier), event_answer(tier)):
        assert 1 == answered.count(marker(tier).encode())
        assert marker(other).encode() not in answered
    assert EVENTS + 1 == event_answer(tier).count(b"data: ")


@pytest.mark.parametrize("size", [500, 8_000, 100_000])
def test_a_body_has_the_size_that_is_told(size: int) -> None:
    """To within a few bytes, and ends with the question."""
    body = chat(HARD, size=size)

    assert abs(size - len(body)) <= 8
    assert HARD.encode() in body[-200:]


def test_cpu_is_counted_with_that_of_children(tmp_path: Path) -> None:
    """A process that has another one work for it is charged for both."""
    parent = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {SPIN!r}])\ninput()"
    with Service("parent", (sys.executable, "-c", parent), tmp_path) as service:
        assert "spent\n" == service.line()
        assert 0.9 < service.cpu() < 3


def test_a_paused_process_uses_nothing(tmp_path: Path) -> None:
    """And goes on where it was."""
    loop = "while True: pass"
    with Service("loop", (sys.executable, "-c", loop), tmp_path) as service:
        until(lambda: service.cpu() > 0.1, "it to run")
        service.pause()
        before = service.cpu()
        with contextlib.suppress(TimeoutError):
            until(lambda: service.cpu() > before + 0.05, "nothing", seconds=0.3)
        paused = service.cpu()
        service.resume()
        until(lambda: service.cpu() > paused + 0.05, "it to go on")

    assert paused - before < 0.05


def test_a_run_has_a_row_for_who_routes_and_none_for_who_does_not(tmp_path: Path) -> None:
    """Envoy alone and Tiergate are measured in turns; a router that sends all to one tier, and a
    program that is not there, are refused with the reason.
    """
    undecided = Tiergate(transport="native", sections=configs.FIXED, answers=Answers.BY_DECISION)
    names = (REFERENCE, "tiergate-native-default")
    subjects = {name: SUBJECTS[name] for name in names} | {"undecided": undecided}
    plan = Plan(cells=(SMALL, STREAMED), rounds=2, seconds=0.2, warm=0.1)
    said: list[str] = []

    samples, refused = run(subjects, plan, tmp_path, said.append)

    order = [(one.round, one.cell, one.subject) for one in samples]
    assert [
        (turn, cell, name) for turn in range(2) for cell in plan.cells for name in names
    ] == order
    assert all(one.requests and one.total for one in samples)
    assert {"envoy", "router", "upstream", "client"} == samples[-1].cpu.keys()
    assert f"does not route: {EASY!r} reached ['reasoning'], not ['fast']" == refused["undecided"]
    assert len(subjects) + len(samples) == len(said)


def test_a_subject_that_does_not_start_is_refused(tmp_path: Path) -> None:
    """With its last words, and without an end to the others."""
    broken = Tiergate(transport="native", sections={"policy": {"fixed": "nowhere"}})

    samples, refused = run(
        {"broken": broken}, Plan(cells=(SMALL,), rounds=1, seconds=0.1), tmp_path, print
    )

    assert [] == samples
    assert "did not start" in refused["broken"]
    assert "nowhere" in refused["broken"]


def test_the_project_is_found_from_anywhere() -> None:
    """Children run where `load` and `extproc` can be imported."""
    assert (ROOT / "load" / "bench").is_dir()
    assert (ROOT / "extproc").is_dir()
