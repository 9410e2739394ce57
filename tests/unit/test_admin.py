"""HTTP for operators, over a real socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import pytest
from builders import config

from extproc.admin import Admin
from extproc.config import decode
from extproc.telemetry import MetricsObserver


@dataclass(frozen=True)
class Operated:
    """An admin server that listens, and a client of it."""

    admin: Admin
    metrics: MetricsObserver
    port: int
    client: aiohttp.ClientSession


@asynccontextmanager
async def listening(address: str = "127.0.0.1:0") -> AsyncIterator[Operated]:
    """An admin server on a free port."""
    metrics = MetricsObserver()
    admin = Admin(config, metrics)
    port = await admin.start(address)
    base = f"http://{address.rpartition(':')[0]}:{port}"
    async with aiohttp.ClientSession(base) as client:
        yield Operated(admin, metrics, port, client)
    await admin.stop()


@pytest.mark.parametrize(
    ("path", "ready", "status", "text"),
    [
        ("/livez", True, 200, "ok\n"),
        ("/readyz", True, 200, "ok\n"),
        ("/livez", False, 200, "ok\n"),
        ("/readyz", False, 503, "draining\n"),
    ],
    ids=["alive", "ready", "alive-while-draining", "draining"],
)
async def test_probes_tell_alive_from_ready(path: str, ready: bool, status: int, text: str) -> None:
    """A draining router must get no new streams, and must not be restarted either."""
    async with listening() as operated:
        operated.admin.ready = ready
        async with operated.client.get(path) as response:
            assert (status, text) == (response.status, await response.text())


async def test_metrics_are_served_as_prometheus_reads_them() -> None:
    """The exposition as it is, under its own content type."""
    async with listening() as operated, operated.client.get("/metrics") as response:
        assert "text/plain; version=0.0.4; charset=utf-8" == response.headers["content-type"]
        assert operated.metrics.exposition() == await response.read()


async def test_the_effective_config_is_shown() -> None:
    """What is in force, defaults included, as JSON, which is a document again."""
    async with listening() as operated, operated.client.get("/config") as response:
        assert "application/json" == response.content_type
        assert config() == decode(await response.read())


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/", 404), ("POST", "/config", 405)]
)
async def test_nothing_else_is_there(method: str, path: str, status: int) -> None:
    """The page shows; it changes nothing."""
    async with listening() as operated, operated.client.request(method, path) as response:
        assert status == response.status


async def test_it_listens_on_ipv6() -> None:
    """The brackets are the address's, not the host's."""
    async with listening("[::1]:0") as operated, operated.client.get("/livez") as response:
        assert 200 == response.status


async def test_a_taken_port_is_an_os_error() -> None:
    """The process ends with one line that names the address."""
    async with listening() as operated:
        second = Admin(config, operated.metrics)

        with pytest.raises(OSError, match=f"{operated.port}"):
            await second.start(f"127.0.0.1:{operated.port}")

        await second.stop()


async def test_stopping_closes_the_socket() -> None:
    """Afterwards nobody listens; stopping what never started is fine."""
    async with listening() as operated:
        await operated.admin.stop()
        with pytest.raises(aiohttp.ClientConnectionError):
            await operated.client.get("/livez")

    await Admin(config, MetricsObserver()).stop()
