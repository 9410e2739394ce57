"""The supervisor without its children; with them it is tested as `tiergate up`."""

import asyncio
import socket
from pathlib import Path

import pytest
from builders import config
from documents import document_file

from extproc.stack import Options, Stack
from extproc.stack.reporting import JsonReporter


def stack(folder: Path, gateway: str = "127.0.0.1:0") -> Stack:
    """A stack whose tiers are elsewhere."""
    options = Options(
        config=config(),
        path=document_file(folder),
        gateway=gateway,
        admin="127.0.0.1:0",
        engine=None,
    )
    return Stack(options, JsonReporter(json_ready=True))


async def test_a_taken_address_is_found_before_anything_starts(tmp_path: Path) -> None:
    """Envoy would say so in many lines, after all the others had started."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"

        with pytest.raises(OSError, match=f"cannot listen on {address}"):
            await stack(tmp_path, address).run(asyncio.Event())


async def test_a_stop_during_the_start_ends_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever has been started by then is ended, and nobody is told that it is ready."""
    stop = asyncio.Event()
    stop.set()

    await asyncio.wait_for(stack(tmp_path).run(stop), 20)

    assert "" == capsys.readouterr().out
