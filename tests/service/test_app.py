"""The router process as a whole, in this process."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog
import yaml
from builders import chat, config, document
from documents import document_file
from waiting import until

from extproc.app import App, Where, routing
from extproc.config import load
from extproc.errors import ConfigError
from extproc.request import Api
from extproc.workers import WorkerError, Workers

FREE = "127.0.0.1:0"
ANYWHERE = {"listen": FREE, "services": FREE, "admin": FREE}


@dataclass(frozen=True)
class Running:
    """An app that serves, a client of its admin server, and how it ends."""

    app: App
    router: tuple[str, ...]
    client: aiohttp.ClientSession
    ended: "asyncio.Future[int]"

    async def get(self, path: str) -> str:
        """The text of a page for operators."""
        async with self.client.get(path) as response:
            return await response.text()

    async def until(self, path: str, text: str) -> None:
        """Wait until a page holds `text`."""

        async def holds() -> bool:
            """Whether it does now."""
            return text in await self.get(path)

        await until(holds)


def signalled(number: signal.Signals) -> None:
    """Send this process a signal."""
    os.kill(os.getpid(), number)


def changed(file: Path, **sections: object) -> None:
    """Put another document into the file, and say so."""
    file.write_text(yaml.safe_dump(document(**sections)))
    signalled(signal.SIGHUP)


@asynccontextmanager
async def running(file: Path, **overrides: Any) -> AsyncIterator[Running]:  # noqa: ANN401
    """An app on free ports, ended by SIGTERM unless it has ended before."""
    given = {**ANYWHERE, "drain_seconds": 0.0, **overrides}
    ready: asyncio.Future[Where] = asyncio.get_running_loop().create_future()
    app = App(load(file), file, given)
    ended = asyncio.ensure_future(app.run(ready.set_result))
    where = await asyncio.wait_for(ready, 15)
    async with aiohttp.ClientSession(f"http://{where.admin}") as client:
        yield Running(app, where.router, client, ended)
        if not ended.done():
            signalled(signal.SIGTERM)
        if not ended.done() or ended.exception() is None:
            await asyncio.wait_for(ended, 15)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A config file of two tiers."""
    path = tmp_path / "tiergate.yaml"
    path.write_text(yaml.safe_dump(document()))
    return path


@pytest.fixture(autouse=True)
def _silent() -> None:
    """Events of the app are not what is tested here."""
    structlog.reset_defaults()


def test_routing_is_all_that_a_config_makes_of_requests() -> None:
    """Router, catalogue and limit of one config."""
    made = routing(config(server={"max_body_bytes": 2048}))

    assert "reasoning" == made.router.route(Api.CHAT, chat()).tier
    assert b'"auto"' in made.catalogue.answer("/v1/models/auto")
    assert 2048 == made.max_body_bytes


def test_an_app_is_not_made_of_a_wrong_policy(file: Path) -> None:
    """It never listens."""
    with pytest.raises(ConfigError, match="no tier is called"):
        App(config(policy={"fixed": "medium"}), file, {})


async def test_it_serves_at_the_addresses_that_it_says(file: Path) -> None:
    """Port 0 is replaced with the port that was taken, and the config counts as loaded."""
    async with running(file) as app:
        assert "ok\n" == await app.get("/readyz")
        assert "tiergate_config_current 1.0" in await app.get("/metrics")
        assert 0 < int(app.router[0].rpartition(":")[2])


async def test_the_config_in_force_holds_the_overrides(file: Path) -> None:
    """What the command line said is part of what is shown."""
    async with running(file, drain_seconds=0.125) as app:
        assert '"drain_seconds":0.125' in await app.get("/config")


async def test_hangup_reads_the_config_again(file: Path) -> None:
    """The new policy is in force, and the overrides still are."""
    async with running(file) as app:
        changed(file, policy={"fixed": "fast"})

        await app.until("/config", '"policy":{"fixed":"fast"}')
        assert f'"admin":"{FREE}"' in await app.get("/config")


async def test_a_wrong_policy_leaves_the_old_one_in_force(file: Path) -> None:
    """And a metric says so until the file is mended."""
    async with running(file) as app:
        changed(file, policy={"fixed": "medium"})

        await app.until("/metrics", "tiergate_config_current 0.0")
        assert '"policy":{"fixed":"reasoning"}' in await app.get("/config")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_drains(file: Path, number: signal.Signals) -> None:
    """It says at once that it is not ready, serves on, and then ends."""
    async with running(file, drain_seconds=0.5) as app:
        signalled(number)

        await app.until("/readyz", "draining")
        assert not app.ended.done()
        await asyncio.wait_for(app.ended, 15)


async def test_a_second_signal_ends_it_at_once(file: Path) -> None:
    """Who is impatient need not wait for the drain."""
    async with running(file, drain_seconds=60.0) as app:
        signalled(signal.SIGTERM)
        await app.until("/readyz", "draining")
        signalled(signal.SIGTERM)
        await asyncio.wait_for(app.ended, 15)

        assert app.ended.done()


@pytest.mark.parametrize(
    ("transport", "which"),
    [("native", "listen"), ("native", "services"), ("native", "admin"), ("grpc", "listen")],
)
async def test_a_taken_address_ends_it(file: Path, transport: str, which: str) -> None:
    """The process says that it could not have the address, and leaves nothing open."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        app = App(config(), file, {**ANYWHERE, "transport": transport, which: address})

        with pytest.raises(OSError, match=str(taken.getsockname()[1])):
            await app.run(lambda *_: None)


@pytest.mark.parametrize(
    ("overrides", "places"),
    [
        ({"transport": "native"}, 1),
        ({"workers": 2, "transport": "native"}, 2),
        ({"transport": "grpc"}, 1),
        ({"workers": 2, "transport": "grpc"}, 2),
    ],
    ids=["native", "native workers", "grpc", "grpc workers"],
)
async def test_decisions_may_be_made_elsewhere(
    file: Path, overrides: dict[str, Any], places: int
) -> None:
    """Each place is its own, the page for operators speaks for all, and a signal ends all."""
    async with running(file, services=FREE, **overrides) as app:
        assert places == len(set(app.router))
        assert "tiergate_config_current 1.0" in await app.get("/metrics")
        changed(file, policy={"fixed": "fast"})
        await app.until("/config", '"policy":{"fixed":"fast"}')


async def test_workers_that_keep_ending_end_the_router(file: Path) -> None:
    """It says so, for whoever started it."""
    async with running(file, services=FREE, transport="native", workers=2) as app:
        workers = app.app._deciders
        assert isinstance(workers, Workers)
        workers.failure = WorkerError("they keep ending")
        workers._on_failure()
        with pytest.raises(WorkerError, match="they keep ending"):
            await asyncio.wait_for(app.ended, 15)


def test_without_its_sdk_a_collector_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the start, with what to install."""
    monkeypatch.setitem(sys.modules, "extproc.otel.exporting", None)
    file = document_file(tmp_path, telemetry={"otlp": {"endpoint": "127.0.0.1:4317"}})

    with pytest.raises(ConfigError, match=r"telemetry\.otlp: needs .* 'tiergate\[otel\]'"):
        App(load(file), file, {})
