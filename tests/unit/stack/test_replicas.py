"""The replicas of a config, by an engine that is a few lines."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from builders import FAST_MODEL, config, tiers

from extproc.config import Config, ModelServer
from extproc.stack.child import Child, ChildError
from extproc.stack.engines import Launch
from extproc.stack.replicas import Replicas
from extproc.stack.reporting import JsonReporter


@dataclass(slots=True, kw_only=True)
class Shells:
    """Replicas that are sleeping shells; `most` is how many were on their way at once."""

    together: bool = True
    broken: str = ""
    _starting: int = 0
    most: int = field(default=0)

    def launch(self, server: ModelServer, endpoint: str) -> Launch:
        """A shell, for any server."""
        self._starting += 1
        self.most = max(self.most, self._starting)
        return Launch(
            argv=("/bin/sh", "-c", "exec sleep 60"), what=f"{server.tier.model} {endpoint}"
        )

    async def ready(self, server: ModelServer, endpoint: str, child: Child) -> str:
        """Where the config says, unless it is the broken one."""
        del server
        await asyncio.sleep(0.01)
        self._starting -= 1
        if endpoint == self.broken:
            raise ChildError(child.epitaph())
        return endpoint


async def addresses(engine: Shells, config: Config) -> tuple[Mapping[str, tuple[str, ...]], int]:
    """Where each tier is, and how many children there are for that."""
    children: list[Child] = []

    async def start(name: str, launch: Launch) -> Child:
        """Whoever was started."""
        children.append(await Child.start(name, launch.argv, lambda *_: None))
        return children[-1]

    try:
        replicas = Replicas(engine, start, JsonReporter(json_ready=True))
        return await replicas.run(config), len(children)
    finally:
        for child in children:
            await child.stop(1)


async def test_each_endpoint_has_a_replica() -> None:
    """Of each tier, in the config's order."""
    several = config(tiers=tiers(endpoints=["127.0.0.1:1", "127.0.0.1:2"]))

    found, started = await addresses(Shells(), several)

    assert {"fast": ("127.0.0.1:8001",), "reasoning": ("127.0.0.1:1", "127.0.0.1:2")} == found
    assert 3 == started


async def test_tiers_that_share_a_server_share_its_replicas() -> None:
    """One process, two names."""
    shared = config(tiers=tiers(endpoints=["127.0.0.1:8001"], weights=FAST_MODEL))

    found, started = await addresses(Shells(), shared)

    assert {"fast": ("127.0.0.1:8001",), "reasoning": ("127.0.0.1:8001",)} == found
    assert 1 == started


@pytest.mark.parametrize(("together", "most"), [(True, 2), (False, 1)])
async def test_an_engine_says_whether_replicas_start_side_by_side(
    together: bool, most: int
) -> None:
    """Two that measure one card's memory must not."""
    engine = Shells(together=together)

    await addresses(engine, config())

    assert most == engine.most


async def test_a_replica_that_fails_fails_all() -> None:
    """What the engine says of it is what is raised."""
    with pytest.raises(ChildError, match="fast-0 is running"):
        await addresses(Shells(broken="127.0.0.1:8001"), config())


async def test_what_answers_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    """With its name, its address and what it is."""
    await addresses(Shells(), config())

    assert f"fast-0 answers at http://127.0.0.1:8001 ({FAST_MODEL} " in capsys.readouterr().err
