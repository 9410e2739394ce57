"""Builders for the simulator's tests: settings, sequences, calls, and a replica on a socket."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence as Seq
from typing import Any

import aiohttp
import msgspec

from extproc.engines.sim.exchange import Call
from extproc.engines.sim.generation import Usage
from extproc.engines.sim.profiles import PROFILES
from extproc.engines.sim.scheduler import Scheduler, StepResult
from extproc.engines.sim.sequence import FinishReason, Sequence, SequenceGroup
from extproc.engines.sim.server import Server
from extproc.engines.sim.settings import Settings

HELLO = [{"role": "user", "content": "hello"}]
USAGE = Usage(prompt=9, completion=3, cached=4)


def settings(**overrides: Any) -> Settings:  # noqa: ANN401
    """A small replica named `tiny` that takes no time."""
    values: dict[str, Any] = {
        "served_model_names": ("tiny", "alias"),
        "profile": PROFILES["instant"],
        "num_gpu_blocks": 128,
        "max_model_len": 512,
    }
    return Settings(**(values | overrides))


def sequence(
    *, prompt: int = 16, output: int = 4, arrived_at: float = 0.0, first_token: int = 0
) -> Sequence:
    """A sequence of so many tokens; `first_token` sets its content apart from others'."""
    return Sequence(
        prompt=tuple(range(first_token, first_token + prompt)),
        output=tuple(range(1000, 1000 + output)),
        finish_reason=FinishReason.STOP,
        arrived_at=arrived_at,
        group=SequenceGroup(n=1, max_tokens=output or None),
    )


def step(scheduler: Scheduler, now: float = 0.0) -> StepResult:
    """One whole step in virtual time."""
    return scheduler.update(scheduler.schedule(now))


def run(scheduler: Scheduler, now: float = 0.0) -> list[StepResult]:
    """Steps one after the other until nothing is left to do."""
    results: list[StepResult] = []
    while scheduler.running + scheduler.waiting:
        results.append(step(scheduler, now))
        now = results[-1].plan.ends_at
    return results


def call(**overrides: Any) -> Call:  # noqa: ANN401
    """A call with the id `r1`, created at second 7, of a replica with these settings."""
    return Call(settings=settings(**overrides), request_id="r1", created=7)


def body(**fields: object) -> bytes:
    """A request body."""
    return msgspec.json.encode(fields)


def events(stream: bytes) -> list[Any]:
    """The payloads of server-sent events, the end marker as the text it is."""
    lines = [line for line in stream.decode().split("\n") if line.startswith("data: ")]
    return [
        data if (data := line.removeprefix("data: ")) == "[DONE]" else msgspec.json.decode(data)
        for line in lines
    ]


def names(stream: bytes) -> list[str]:
    """The names of server-sent events."""
    lines = stream.decode().split("\n")
    return [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]


@contextlib.asynccontextmanager
async def served(configuration: Settings) -> AsyncIterator[aiohttp.ClientSession]:
    """A replica on a socket of its own, ready, and a client that knows its URL."""
    ready = asyncio.Event()
    async with Server(configuration) as server:
        url = await server.start(
            "127.0.0.1", 0, on_ready=lambda _: ready.set(), on_end=lambda: None
        )
        await ready.wait()
        async with aiohttp.ClientSession(url) as client:
            yield client


async def metric(client: aiohttp.ClientSession, sample: str) -> float:
    """The value of a sample of /metrics, named with its labels as exposed."""
    async with client.get("/metrics") as response:
        lines = (await response.text()).splitlines()
    return next(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(sample + " "))


async def until(client: aiohttp.ClientSession, sample: str, expected: float) -> None:
    """Wait until a sample of /metrics has the expected value."""
    while await metric(client, sample) != expected:  # noqa: ASYNC110
        await asyncio.sleep(0.005)


def texts(payloads: Seq[Any]) -> str:
    """The text that the chunks of a chat add up to."""
    return "".join(
        choice["delta"].get("content") or ""
        for payload in payloads
        if payload != "[DONE]"
        for choice in payload["choices"]
    )
