"""A real vLLM for each endpoint of the config, in an environment of its own."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import aiohttp

from extproc.config import ModelServer, host_port
from extproc.engines.vllm.causes import cause
from extproc.engines.vllm.environment import VllmError
from extproc.engines.vllm.flags import MODULE, command
from extproc.engines.vllm.hardware import HARDWARE, Kind
from extproc.stack.child import Child, ChildError
from extproc.stack.engines import Launch
from extproc.stack.ports import check_free

_POLL_SECONDS: Final = 0.5
_SHOWN_LINES: Final = 8


class Vllm:
    """Servers of the vLLM that `python` has, on a machine of that `kind`."""

    def __init__(self, python: Path, kind: Kind) -> None:
        self._python = python
        self._hardware = HARDWARE[kind]
        # Two that measure one card's memory at the same time find each other's share gone.
        self.together = kind is Kind.CPU

    def launch(self, server: ModelServer, endpoint: str) -> Launch:
        """It listens at the config's own endpoint, which must be free."""
        check_free(endpoint)
        _check_weights(server.weights)
        host, port = host_port(endpoint)
        started = command(server, self._hardware, host=host, port=port)
        return Launch(
            argv=(str(self._python), "-m", MODULE, *started.arguments),
            what=f"{server.weights}, vLLM",
            env=started.env,
            announces=False,
        )

    async def ready(self, server: ModelServer, endpoint: str, child: Child) -> str:
        """Asks until it is healthy; a ChildError holds the server's own last lines."""
        seconds = server.tier.vllm.ready_seconds or self._hardware.ready_seconds
        healthy = asyncio.ensure_future(_healthy(f"http://{endpoint}/health"))
        ended = asyncio.ensure_future(child.ended())
        try:
            await asyncio.wait(
                (healthy, ended), timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if ended.done():
                raise ChildError(f"{child.name} ended before it was ready{_why(child.lines)}")
            if not healthy.done():
                raise ChildError(
                    f"{child.name} was not ready within {seconds:g} s{_why(child.lines)}"
                )
        finally:
            healthy.cancel()
            ended.cancel()
        return endpoint


def _check_weights(weights: str) -> None:
    """A folder that is not there would be looked for on a hub, for minutes."""
    if weights.startswith(("/", "./", "../", "~")) and not (Path(weights) / "config.json").exists():
        raise VllmError(f"{weights} is not a model's folder: there is no config.json in it")


async def _healthy(url: str) -> None:
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(url) as response:
                    if response.ok:
                        return
            except aiohttp.ClientError:
                pass  # it does not listen yet
            await asyncio.sleep(_POLL_SECONDS)


def _why(lines: Sequence[str]) -> str:
    """What is known of the cause, and the server's own words."""
    known = cause(lines)
    shown = "".join(f"\n    {line}" for line in lines[-_SHOWN_LINES:])
    return (f": {known}" if known else "") + (f"\n  its last lines:{shown}" if shown else "")
