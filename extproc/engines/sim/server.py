"""The replica on a socket: routes, start and stop."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final, Self

from aiohttp import web

from extproc.engines.sim import admin, endpoints, handlers, replica as replicas, sse
from extproc.engines.sim.replica import REPLICA
from extproc.engines.sim.replies import JSON
from extproc.engines.sim.settings import Settings

# Streams get this long to end by themselves when the server stops, and as long to be cut off.
_SHUTDOWN_SECONDS: Final = 0.25
# vLLM's default: a gateway that reuses connections meets the same closed ones.
_KEEPALIVE_SECONDS: Final = 5.0


class Server:
    """One replica that listens once `start` has returned; an async context manager stops it."""

    def __init__(self, settings: Settings) -> None:
        self._replica = replicas.build(settings)
        application = web.Application(client_max_size=0, middlewares=[_unrouted])
        application[REPLICA] = self._replica
        application.add_routes(_routes())
        self._runner = web.AppRunner(
            application,
            access_log=None,
            handler_cancellation=True,
            keepalive_timeout=_KEEPALIVE_SECONDS,
            shutdown_timeout=_SHUTDOWN_SECONDS,
        )
        self._engine: asyncio.Task[None] | None = None
        self._warm_up: asyncio.TimerHandle | None = None

    async def start(
        self,
        host: str,
        port: int,
        *,
        on_ready: Callable[[str], object],
        on_end: Callable[[], object],
    ) -> str:
        """Listen on `port` (0 for any) and return the URL; raises OSError where that fails.

        The replica answers with 503 until `on_ready` is called with the URL. `on_end` is called
        when the engine ends, by itself or by `stop`.
        """
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        url = f"http://{f'[{host}]' if ':' in host else host}:{self._runner.addresses[0][1]}"
        self._engine = asyncio.create_task(self._replica.driver.run(), name="engine")
        self._engine.add_done_callback(lambda _: on_end())
        settings = self._replica.settings
        self._warm_up = asyncio.get_running_loop().call_later(
            settings.startup_seconds / settings.speed, self._become_ready, on_ready, url
        )
        return url

    async def stop(self) -> None:
        """Cut off what is running, close the socket; raises what ended the engine, if anything."""
        await self._runner.cleanup()
        if self._warm_up is not None:
            self._warm_up.cancel()
        if self._engine is not None:
            self._engine.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._engine

    def _become_ready(self, on_ready: Callable[[str], object], url: str) -> None:
        self._replica.ready = True
        on_ready(url)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


@web.middleware
async def _unrouted(request: web.Request, handler: handlers.Handler) -> web.StreamResponse:
    """Word the refusal of an unknown path or method as FastAPI does."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        headers = {"allow": error.headers["allow"]} if "allow" in error.headers else {}
        body = sse.encode({"detail": error.reason})
        return web.Response(body=body, status=error.status, content_type=JSON, headers=headers)


def _routes() -> list[web.RouteDef]:
    return [
        web.get("/health", endpoints.health),
        web.get("/version", endpoints.version),
        web.get("/metrics", endpoints.metrics),
        web.get("/v1/models", endpoints.models),
        web.post("/tokenize", endpoints.tokenize),
        web.get("/admin/faults", admin.get_faults),
        web.post("/admin/faults", admin.set_faults),
        web.delete("/admin/faults", admin.clear_faults),
        web.get("/admin/requests", admin.get_requests),
        *(web.post(path, handlers.handler(api)) for path, api in handlers.APIS.items()),
    ]
