"""Waiting for Envoy, whose admin page is played by a real HTTP server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from extproc.stack.envoy import wait_ready

TIERS = frozenset({"fast"})
LISTENERS = {
    "listener_statuses": [
        {"local_address": {"socket_address": {"address": "127.0.0.1", "port_value": 8080}}}
    ]
}


class AdminPage:
    """What Envoy says of itself; a test changes it."""

    def __init__(self) -> None:
        self.live = True
        self.clusters: list[dict[str, Any]] = []

    async def answer(self, request: web.Request) -> web.Response:
        """As Envoy's pages do, JSON under another content type included."""
        if request.path == "/ready":
            return web.Response(status=200 if self.live else 503)
        said = LISTENERS if request.path == "/listeners" else {"cluster_statuses": self.clusters}
        return web.json_response(said, content_type="text/plain")


def tell(file: Path, address: str) -> None:
    """What Envoy does once its page listens."""
    file.write_text(address)


@asynccontextmanager
async def served(page: AdminPage, file: Path) -> AsyncIterator[None]:
    """The page at an address that `file` tells, as Envoy writes it."""
    app = web.Application()
    app.router.add_get("/{page}", page.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    tell(file, f"{host}:{port}\n")
    yield
    await runner.cleanup()


def cluster(name: str, **health: bool) -> dict[str, Any]:
    """A cluster of one host, as the page shows it."""
    return {"name": name, "host_statuses": [{"health_status": health}]}


async def is_ready(file: Path, seconds: float = 0.3) -> bool:
    """Whether the wait ends soon."""
    try:
        where = await asyncio.wait_for(wait_ready(file, TIERS), seconds)
    except TimeoutError:
        return False
    return where == "127.0.0.1:8080"


async def test_it_is_ready_where_it_listens(tmp_path: Path) -> None:
    """The answer is the gateway's address, which may have been any port."""
    page = AdminPage()
    page.clusters = [cluster("fast"), {"name": "empty"}]
    async with served(page, tmp_path / "admin"):
        assert "127.0.0.1:8080" == await wait_ready(tmp_path / "admin", TIERS)


@pytest.mark.parametrize(
    ("live", "clusters", "ready"),
    [
        (False, [], False),
        (True, [cluster("fast", failed_active_health_check=True)], False),
        (True, [cluster("other", failed_active_health_check=True)], True),
        (True, [{"name": "fast"}], True),
    ],
    ids=["not-live", "tier-not-healthy", "others-do-not-count", "no-hosts-yet"],
)
async def test_it_waits_for_envoy_and_for_the_tiers(
    live: bool, clusters: list[dict[str, Any]], ready: bool, tmp_path: Path
) -> None:
    """A first request must not meet a tier that Envoy takes for dead."""
    page = AdminPage()
    page.live, page.clusters = live, clusters
    async with served(page, tmp_path / "admin"):
        assert ready == await is_ready(tmp_path / "admin")


@pytest.mark.parametrize("text", [None, "", "127.0.0.1:1"], ids=["no-file", "empty", "nobody"])
async def test_it_waits_for_the_page_itself(text: str | None, tmp_path: Path) -> None:
    """Envoy makes the file, fills it, and only then listens."""
    file = tmp_path / "admin"
    if text is not None:
        tell(file, text)

    assert not await is_ready(file, 0.15)
