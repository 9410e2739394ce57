"""Many tasks, by real tiers on real sockets."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from model_server import ModelServer, model_server

from extproc.labelling.client import Client, Endpoint, Pace
from extproc.labelling.graders import Exact
from extproc.labelling.journal import Journal
from extproc.labelling.run import IN_A_ROW, Answers, Label, Labelling, Tally
from extproc.labelling.tasks import Task, task

TASKS = [task([{"role": "user", "content": f"{n}+{n}?"}], str(2 * n)) for n in range(6)]


def adds(body: Mapping[str, Any]) -> str:
    """Small models say 2, large ones add."""
    n = int(body["messages"][0]["content"].partition("+")[0])
    return "2" if body["model"] == "small" else str(2 * n)


class Bench:
    """Labels tasks into a folder."""

    def __init__(self, folder: Path, server: ModelServer) -> None:
        self._folder = folder
        self._url = server.url
        self.stop = asyncio.Event()
        self.said: Callable[[Tally], None] = lambda _: None

    async def label(self, tasks: Sequence[Task], concurrency: int = 2) -> Tally:
        """What came of them."""
        tally = Tally()
        with (
            Journal(self._folder / "own.jsonl", Label) as labels,
            Journal(self._folder / "own.jsonl.answers", Answers) as answers,
        ):
            async with aiohttp.ClientSession() as http:
                labelling = Labelling(
                    client=Client(http, Pace(10_000), wait=0.001),
                    fast=Endpoint(url=f"{self._url}/v1", model="small", max_tokens=9),
                    reasoning=Endpoint(url=f"{self._url}/v1", model="large", max_tokens=9),
                    grader=Exact(),
                    by="exact",
                    answers=answers,
                    labels=labels,
                    said=self.said,
                )
                await labelling.run(tasks, tally, concurrency, self.stop)
        return tally

    def labels(self) -> Mapping[str, Label]:
        """What is on the disk."""
        with Journal(self._folder / "own.jsonl", Label) as labels:
            return labels.entries


async def test_each_task_becomes_a_line(tmp_path: Path) -> None:
    """Both tiers are asked, and the small one is right once."""
    with model_server(adds) as server:
        bench = Bench(tmp_path, server)
        tally = await bench.label(TASKS)

    assert (6, 0, 0, None) == (tally.labelled, tally.skipped, tally.failed, tally.failure)
    assert {task.key: (float(task is TASKS[1]), 1.0) for task in TASKS} == {
        key: (label.fast, label.reasoning) for key, label in bench.labels().items()
    }


async def test_a_stopped_run_ends_what_it_began(tmp_path: Path) -> None:
    """And asks for no more."""
    with model_server(adds) as server:
        bench = Bench(tmp_path, server)
        bench.said = lambda _: bench.stop.set()
        tally = await bench.label(TASKS, concurrency=1)

    assert 1 == tally.labelled
    assert 2 == len(server.bodies)


async def test_answers_that_are_there_are_not_asked_for_again(tmp_path: Path) -> None:
    """Where a run ended between the answers and the label."""
    with model_server(adds) as server:
        bench = Bench(tmp_path, server)
        unlabelled = [task(one.messages) for one in TASKS]
        assert 6 == (await bench.label(unlabelled)).skipped
        assert 6 == (await bench.label(TASKS)).labelled
    assert 12 == len(server.bodies)


async def test_one_failure_is_counted_and_passed(tmp_path: Path) -> None:
    """The next run tries it again."""
    with model_server(lambda body: (400, "no") if "3+3" in str(body) else adds(body)) as server:
        tally = await Bench(tmp_path, server).label(TASKS)

    assert (5, 1, 6) == (tally.labelled, tally.failed, tally.ended)


async def test_failures_in_a_row_end_the_run(tmp_path: Path) -> None:
    """Something is wrong with all: a wrong key, a wrong name."""
    with model_server(lambda _: (401, "who?")) as server:
        tally = await Bench(tmp_path, server).label(TASKS, concurrency=1)

    assert IN_A_ROW == tally.failed
    with pytest.raises(Exception, match="status 401: who"):
        raise tally.failure or AssertionError
