"""Workers as real processes: on addresses of their own, watched, counted, drained."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
import structlog
import wire
from builders import body, chat, headers
from documents import document_file
from waiting import until

from extproc.telemetry.totals import Snapshot, total
from extproc.worker import Settings
from extproc.workers import DEATHS, WorkerError, Workers

FIRST, SECOND = headers().SerializeToString(), body(chat()).SerializeToString()
PATIENT: dict[str, Any] = {
    "server": {"transport": "native", "deadline_seconds": 10, "drain_seconds": 0.0},
    "gateway": {"message_timeout_seconds": 11},
}


@pytest.fixture(autouse=True)
def _silent() -> None:
    """Events of the workers are not what is tested here."""
    structlog.reset_defaults()


@asynccontextmanager
async def running(
    file: Path, count: int = 2, *, on_failure: asyncio.Event
) -> AsyncIterator[Workers]:
    """So many workers on free ports, stopped at the end."""
    settings = Settings(config=str(file), address="", overrides={}, log_level="error")
    made = Workers(settings, ["127.0.0.1:0"] * count, on_failure.set)
    try:
        yield made
    finally:
        await made.stop()


async def decide(address: str) -> bytes:
    """What the worker at the address says to a chat."""
    async with grpc.aio.insecure_channel(address) as channel:
        process: Any = channel.stream_stream(wire.PATH)
        call = process(iter((FIRST, SECOND)))
        answers = [bytes(message) async for message in call]
    return answers[-1]


def decisions(taken: tuple[Snapshot, ...]) -> float:
    """How many were made in all."""
    return sum(
        sample.value
        for family in total(taken)
        for sample in family.samples
        if sample.name == "tiergate_decisions_total"
    )


def pids(workers: Workers) -> list[int]:
    """The processes that run now."""
    return [child.process.pid for child in workers._children]


async def test_each_worker_decides_at_its_own_address(tmp_path: Path) -> None:
    """And what they have counted is known as one."""
    async with running(document_file(tmp_path, **PATIENT), on_failure=asyncio.Event()) as workers:
        addresses = await workers.start()
        assert 2 == len(set(addresses))
        for address in addresses:
            assert b"reasoning" in await decide(address)

        assert 2.0 == decisions(await workers.counted())


async def test_a_worker_that_ends_is_replaced_where_it_was(tmp_path: Path) -> None:
    """Envoy knows its address; what it had counted when it was last asked is not lost."""
    failed = asyncio.Event()
    async with running(document_file(tmp_path, **PATIENT), on_failure=failed) as workers:
        addresses = await workers.start()
        await decide(addresses[0])
        assert 1.0 == decisions(await workers.counted())
        old = pids(workers)
        os.kill(old[0], signal.SIGKILL)

        async def replaced() -> bool:
            """Whether another process decides there."""
            if pids(workers)[0] == old[0]:
                return False
            try:
                return b"reasoning" in await decide(addresses[0])
            except grpc.aio.AioRpcError:
                return False

        await until(replaced)
        assert decisions(await workers.counted()) >= 2.0
        assert old[1] == pids(workers)[1]
        assert not failed.is_set()


async def test_workers_that_keep_ending_are_given_up(tmp_path: Path) -> None:
    """As where their config has turned wrong since; the router then ends, and says why."""
    file, failed = document_file(tmp_path, **PATIENT), asyncio.Event()
    async with running(file, 1, on_failure=failed) as workers:
        await workers.start()
        file.write_text("{}")
        os.kill(pids(workers)[0], signal.SIGKILL)
        await asyncio.wait_for(failed.wait(), 50)

        assert f"{DEATHS} workers ended within 60 s" == str(workers.failure)


async def test_a_worker_that_does_not_get_ready_is_an_error(tmp_path: Path) -> None:
    """Its own complaint stands in the log."""
    file = document_file(tmp_path, policy={"fixed": "medium"})
    async with running(file, on_failure=asyncio.Event()) as workers:
        with pytest.raises(WorkerError, match="a worker ended with status 1"):
            await workers.start()


async def test_a_worker_that_is_held_up_does_not_hold_up_the_others(tmp_path: Path) -> None:
    """What it last said stands for it."""
    async with running(document_file(tmp_path, **PATIENT), on_failure=asyncio.Event()) as workers:
        addresses = await workers.start()
        for address in addresses:
            await decide(address)
        assert 2.0 == decisions(await workers.counted())
        os.kill(pids(workers)[0], signal.SIGSTOP)
        await decide(addresses[1])

        assert 3.0 == decisions(await workers.counted())
        os.kill(pids(workers)[0], signal.SIGCONT)
        await decide(addresses[0])
        assert 4.0 == decisions(await workers.counted())


async def test_a_drain_lets_open_streams_end(tmp_path: Path) -> None:
    """And then the processes end, and are not replaced."""
    sections = {**PATIENT, "server": {**PATIENT["server"], "drain_seconds": 1.0}}
    async with running(document_file(tmp_path, **sections), on_failure=asyncio.Event()) as workers:
        (address, _) = await workers.start()
        async with grpc.aio.insecure_channel(address) as channel:
            process: Any = channel.stream_stream(wire.PATH)
            call = process()
            await call.write(FIRST)
            await call.read()
            draining = asyncio.ensure_future(workers.drain(1.0))
            await asyncio.sleep(0.1)
            await call.write(SECOND)

            assert b"reasoning" in await call.read()
        await asyncio.wait_for(draining, 15)
        assert [0, 0] == [child.process.returncode for child in workers._children]


async def test_a_reload_reaches_every_worker(tmp_path: Path) -> None:
    """Though each looks at the file by itself, too."""
    file = document_file(tmp_path, **PATIENT)
    async with running(file, on_failure=asyncio.Event()) as workers:
        addresses = await workers.start()
        document_file(tmp_path, policy={"fixed": "fast"}, **PATIENT)
        workers.reload()

        async def reloaded() -> bool:
            """Whether all decide by the new policy."""
            return all([b"fast" in await decide(address) for address in addresses])

        await until(reloaded)

        assert await reloaded()


async def test_workers_end_with_the_router(tmp_path: Path) -> None:
    """However it ended: nobody is left to hold the ports."""
    async with running(document_file(tmp_path, **PATIENT), on_failure=asyncio.Event()) as workers:
        await workers.start()
        workers._unwatch()
        for child in workers._children:
            assert child.process.stdin is not None
            child.process.stdin.close()
            assert 0 == await asyncio.wait_for(child.process.wait(), 15)


async def test_workers_that_never_ran_can_be_stopped(tmp_path: Path) -> None:
    """As where the services' address could not be had."""
    async with running(document_file(tmp_path), on_failure=asyncio.Event()) as workers:
        await workers.stop()

        assert ((),) == await workers.counted()
