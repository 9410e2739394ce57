"""The command as a process of its own."""

import asyncio
import contextlib
import importlib
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator

import aiohttp
import pytest
from sim_builders import HELLO

COMMAND = (sys.executable, "-m", "extproc.engines.sim", "--served-model-name", "tiny")


@contextlib.asynccontextmanager
async def process(*flags: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A simulator of its own process, which has ended when the test has."""
    child = await asyncio.create_subprocess_exec(
        *COMMAND, *flags, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.communicate()


async def ready(child: asyncio.subprocess.Process) -> str:
    """The URL of the ready line."""
    assert child.stdout is not None
    line = json.loads(await child.stdout.readline())
    assert "ready" == line["event"]
    return str(line["url"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_signal_ends_it_cleanly(number: signal.Signals) -> None:
    """Either signal ends the process with 0, also while a stream is under way."""
    request = {"messages": HELLO, "stream": True, "ignore_eos": True}
    async with (
        process("--profile", "llama-3.2-3b-t4", "--port", "0") as child,
        aiohttp.ClientSession(await ready(child)) as client,
        client.post("/v1/chat/completions", json=request) as response,
    ):
        await response.content.readline()
        child.send_signal(number)
        async with asyncio.timeout(5):
            status = await child.wait()

    assert 0 == status


async def test_stdout_has_the_ready_line_alone() -> None:
    """Logs are on stderr, so that a parent can parse stdout."""
    async with process() as child:
        url = await ready(child)
        child.terminate()
        out, err = await child.communicate()

    assert (b"", ["listening", "stopping"]) == (
        out,
        [json.loads(line)["event"] for line in err.splitlines()],
    )
    assert url.startswith("http://127.0.0.1:")


async def test_taken_port_is_one_line_and_status_1() -> None:
    """A port that is taken is told in a line, without a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        async with process("--port", str(taken.getsockname()[1])) as child:
            _, err = await child.communicate()

    assert 1 == child.returncode
    assert [b"tiergate sim: cannot listen:"] == [line[:28] for line in err.splitlines()]


def test_import_starts_nothing() -> None:
    """Tools that import every module do not start a simulator by it."""
    module = importlib.import_module("extproc.engines.sim.__main__")

    assert "extproc.engines.sim.__main__" == module.__name__
