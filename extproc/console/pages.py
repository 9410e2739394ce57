"""The console on the admin server: a page, what it shows, and what it may send."""

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec
from aiohttp import web

from extproc.config import Config
from extproc.console.guard import Guard, Handler
from extproc.console.playground import Playground
from extproc.console.recent import Recent
from extproc.console.state import Replica, state
from extproc.routing import Routing
from extproc.telemetry import MetricsObserver

STATIC: Final = Path(__file__).with_name("static")
_TYPES: Final = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}


class Console:
    """Shows what `recent` and `metrics` hold, by the config in force; `replicas` gives what is
    known of the fleet.
    """

    def __init__(
        self,
        config: Callable[[], Config],
        routing: Callable[[], Routing],
        recent: Recent,
        metrics: MetricsObserver,
        replicas: Callable[[], Sequence[Replica]] = tuple,
    ) -> None:
        self._config = config
        self._recent = recent
        self._metrics = metrics
        self._replicas = replicas
        self._playground = Playground(
            routing, lambda: config().console.gateway or config().gateway.listen
        )

    def routes(self, address: str) -> Iterable[web.RouteDef]:
        """What is served on the admin address; nothing where the console is switched off."""
        said = self._config().console
        if not said.enabled:
            return
        guard = Guard(said, address)
        yield web.get("/console", guard.around(_file("console.html")))
        for name in ("console.css", "console.js"):
            yield web.get(f"/console/{name}", guard.around(_file(name)))
        yield web.get("/console/state", guard.around(self._state))
        yield web.post("/console/login", guard.log_in)
        if said.playground:
            yield web.post("/console/explain", guard.around(self._playground.explain))
            yield web.post("/console/ask", guard.around(self._playground.ask))

    async def _state(self, _: web.Request) -> web.StreamResponse:
        said = state(
            self._config(),
            self._recent.records,
            self._metrics.snapshot(),
            now=time.time(),
            since=self._recent.since,
            replicas=self._replicas(),
        )
        return web.Response(body=msgspec.json.encode(said), content_type="application/json")


def _file(name: str) -> Handler:
    body, kind = (STATIC / name).read_bytes(), _TYPES[Path(name).suffix]

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type=kind, charset="utf-8")

    return answer
