"""Unit tests of the driver: real event loop, profiles that take no or little time."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from sim_builders import sequence, settings

from extproc.engines.sim.driver import EngineDriver
from extproc.engines.sim.metrics import Metrics
from extproc.engines.sim.profiles import LatencyProfile
from extproc.engines.sim.scheduler import QueueFull, Scheduler

MILLISECONDS_20 = LatencyProfile(
    base_ms=20.0, sequence_ms=0.0, prefill_token_ms=0.0, num_gpu_blocks=1
)
ABORTS = b'vllm:request_success_total{engine="0",finished_reason="abort",model_name="tiny"} '


@contextlib.asynccontextmanager
async def running(**overrides: object) -> AsyncIterator[tuple[EngineDriver, Scheduler, Metrics]]:
    """A driver that steps its engine until the end of the test."""
    configuration = settings(**overrides)
    scheduler = Scheduler(configuration)
    metrics = Metrics(configuration, scheduler)
    driver = EngineDriver(scheduler, metrics)
    engine = asyncio.create_task(driver.run())
    yield driver, scheduler, metrics
    engine.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await engine


class TestGenerating:
    """The way of tokens to those who wait for them."""

    async def test_every_token_is_delivered(self) -> None:
        """The queue receives the sequence once for each of its tokens."""
        async with running() as (driver, _, _):
            subject = sequence(output=3, arrived_at=driver.now())
            with driver.generating([subject]) as tokens:
                received = [await tokens.get() for _ in range(3)]

        assert [subject] * 3 == received

    async def test_pooling_is_delivered_once(self) -> None:
        """A sequence without output is delivered when it has finished."""
        async with running() as (driver, _, _):
            subject = sequence(output=0, arrived_at=driver.now())
            with driver.generating([subject]) as tokens:
                assert subject is await tokens.get()

    async def test_idle_engine_wakes_for_the_next_request(self) -> None:
        """After the last request the engine rests, and starts again with the next."""
        async with running() as (driver, _, _):
            for _ in range(2):
                subject = sequence(output=1, arrived_at=driver.now())
                with driver.generating([subject]) as tokens:
                    assert subject is await tokens.get()

    async def test_leaving_early_aborts(self) -> None:
        """A client that leaves takes its sequence out of the engine, and is counted."""
        async with running(profile=MILLISECONDS_20) as (driver, scheduler, metrics):
            with driver.generating([sequence(output=99, arrived_at=driver.now())]) as tokens:
                await tokens.get()

            assert (0, 0) == (scheduler.running, scheduler.waiting)
            assert ABORTS + b"1.0" in metrics.exposition()

    async def test_rejection_is_counted(self) -> None:
        """A request beyond the cap of the queue is refused and counted."""
        async with running(max_num_seqs=1, max_waiting=0) as (driver, _, metrics):
            with pytest.raises(QueueFull), driver.generating([sequence(), sequence()]):
                pass

            assert b'reason="max_num_queued_reqs"} 1.0' in metrics.exposition()


class TestPace:
    """The engine's time line against the event loop's."""

    async def test_tokens_come_at_the_pace_of_the_profile(self) -> None:
        """Oversleeping does not add up: ten steps of 20 ms take 200 ms, not more."""
        async with running(profile=MILLISECONDS_20) as (driver, _, _):
            started = driver.now()
            with driver.generating([sequence(output=10, arrived_at=started)]) as tokens:
                for _ in range(10):
                    await tokens.get()
            elapsed = driver.now() - started

        assert 0.2 <= elapsed < 2.0

    async def test_stalled_process_does_not_chase_the_time_line(self) -> None:
        """Tokens that a stall of the process delayed are not made up for in a burst."""
        async with running(profile=MILLISECONDS_20) as (driver, _, _):
            with driver.generating([sequence(output=9, arrived_at=driver.now())]) as tokens:
                await tokens.get()
                stalled_until = driver.now() + 0.1
                while driver.now() < stalled_until:
                    pass
                await tokens.get()
                resumed = driver.now()
                await tokens.get()

                assert driver.now() - resumed > 0.01
