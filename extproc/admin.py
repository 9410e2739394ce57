"""HTTP for operators: /livez, /readyz, /metrics, /config and the console's pages. It belongs on a
private address.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from http import HTTPStatus

import msgspec
from aiohttp import web

from extproc.config import Config, effective, host_port
from extproc.telemetry import MetricsObserver, Snapshot

PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8"


class Admin:
    """Answers from what is in force; `ready` is set False before a drain.

    `others` gives what other processes of the router have counted, where there are any; `pages`
    what else is served at an address.
    """

    def __init__(
        self,
        config: Callable[[], Config],
        metrics: MetricsObserver,
        others: Callable[[], Awaitable[Sequence[Snapshot]]] | None = None,
        pages: Callable[[str], Iterable[web.RouteDef]] = lambda _: (),
    ) -> None:
        self._config = config
        self._metrics = metrics
        self._others = others
        self._pages = pages
        self.ready = True
        self._runner: web.AppRunner | None = None

    async def start(self, address: str) -> int:
        """Listen; the port, or OSError where the address cannot be had."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/livez", self._livez),
                web.get("/readyz", self._readyz),
                web.get("/metrics", self._exposition),
                web.get("/config", self._effective),
                *self._pages(address),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        host, port = host_port(address)
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            raise OSError(f"cannot listen on {address}: {error.strerror}") from error
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Close the listening socket and every connection."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _livez(self, _: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _readyz(self, _: web.Request) -> web.Response:
        if self.ready:
            return web.Response(text="ok\n")
        return web.Response(text="draining\n", status=HTTPStatus.SERVICE_UNAVAILABLE)

    async def _exposition(self, _: web.Request) -> web.Response:
        others = await self._others() if self._others is not None else ()
        body = self._metrics.exposition(others)
        return web.Response(body=body, headers={"content-type": PROMETHEUS_TEXT})

    async def _effective(self, _: web.Request) -> web.Response:
        body = msgspec.json.encode(effective(self._config()))
        return web.Response(body=body, content_type="application/json")
