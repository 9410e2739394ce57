"""One worker as a process: what it says, and how it ends."""

import asyncio
import contextlib
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from documents import document_file

from extproc.worker import Said, Settings


@contextlib.asynccontextmanager
async def running(file: Path, **fields: Any) -> AsyncIterator[Process]:  # noqa: ANN401
    """A worker of that config, killed at the end where it still runs."""
    said: dict[str, Any] = {
        "config": str(file),
        "address": "127.0.0.1:0",
        "log_level": "error",
        **fields,
    }
    settings = Settings(overrides={"max_body_bytes": 4096}, **said)
    argv = (sys.executable, "-m", "extproc.worker", msgspec.json.encode(settings).decode())
    process = await asyncio.create_subprocess_exec(*argv, stdin=PIPE, stdout=PIPE, limit=1 << 20)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def line(process: Process) -> Said:
    """The next thing that it says."""
    assert process.stdout is not None
    return msgspec.json.decode(await asyncio.wait_for(process.stdout.readline(), 30), type=Said)


@pytest.mark.parametrize("transport", ["native", "grpc"])
async def test_it_says_where_it_is_and_what_it_counted(tmp_path: Path, transport: str) -> None:
    """A line for each line, whatever it holds; then it drains when it is told to."""
    file = document_file(tmp_path, server={"transport": transport, "drain_seconds": 0.0})
    async with running(file) as process:
        assert (await line(process)).address.startswith("127.0.0.1:")
        assert process.stdin is not None
        process.stdin.write(b"metrics\n")
        names = {family.name for family in (await line(process)).metrics}
        assert "tiergate_decisions" in names
        process.terminate()

        assert 0 == await asyncio.wait_for(process.wait(), 15)


async def test_it_listens_on_a_path(tmp_path: Path) -> None:
    """Which has no port."""
    file = document_file(tmp_path, server={"transport": "native"})
    address = f"unix:{tmp_path}/r.0"
    async with running(file, address=address) as process:
        assert address == (await line(process)).address


async def test_it_ends_at_once_where_the_router_is_gone(tmp_path: Path) -> None:
    """Without the drain that the config has."""
    file = document_file(tmp_path, server={"transport": "native", "drain_seconds": 60.0})
    async with running(file) as process:
        await line(process)
        assert process.stdin is not None
        process.stdin.close()

        assert 0 == await asyncio.wait_for(process.wait(), 15)


async def test_an_address_that_is_taken_ends_it(tmp_path: Path) -> None:
    """The router is told by its end."""
    file = document_file(tmp_path, server={"transport": "native"})
    async with running(file) as process:
        address = (await line(process)).address
        async with running(file, address=address) as second:
            assert 1 == await asyncio.wait_for(second.wait(), 15)
