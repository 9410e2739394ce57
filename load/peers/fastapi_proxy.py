"""A proxy in FastAPI that makes Tiergate's own decision: `python -m load.peers.fastapi_proxy`.

Every byte of an answer passes through Python, as it does wherever an LLM gateway is a web
application. It runs in an environment of its own, so neither library is imported elsewhere.
"""

import argparse
import json
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from extproc.config import load
from extproc.request import Api
from extproc.router import Router

Pieces = AsyncIterator[bytes]
Forward = Callable[[str, bytes], AbstractAsyncContextManager[tuple[int, str, Pieces]]]
"""Sends a body to a URL; the status, the content type and the pieces of the answer."""
_HEADERS: Final = {"content-type": "application/json"}
_PATH: Final = "/v1/chat/completions"


@asynccontextmanager
async def with_httpx() -> AsyncIterator[Forward]:
    """By httpx."""
    import httpx  # noqa: PLC0415 - one of two, and the other need not be loaded

    async with httpx.AsyncClient(timeout=60) as client:

        @asynccontextmanager
        async def forward(url: str, body: bytes) -> AsyncIterator[tuple[int, str, Pieces]]:
            async with client.stream("POST", url, content=body, headers=_HEADERS) as answer:
                yield answer.status_code, answer.headers["content-type"], answer.aiter_raw()

        yield forward


@asynccontextmanager
async def with_aiohttp() -> AsyncIterator[Forward]:
    """By aiohttp."""
    import aiohttp  # noqa: PLC0415 - as above

    async with aiohttp.ClientSession() as session:

        @asynccontextmanager
        async def forward(url: str, body: bytes) -> AsyncIterator[tuple[int, str, Pieces]]:
            async with session.post(url, data=body, headers=_HEADERS) as answer:
                yield answer.status, answer.headers["content-type"], answer.content.iter_any()

        yield forward


CLIENTS: Final[Mapping[str, Callable[[], AbstractAsyncContextManager[Forward]]]] = {
    "httpx": with_httpx,
    "aiohttp": with_aiohttp,
}


def application(config_file: Path, client: str) -> FastAPI:
    """Routes chats as the config says; nothing else is served."""
    config = load(config_file)
    router = Router(config)
    urls = {tier.name: f"http://{tier.endpoints[0]}{_PATH}" for tier in config.tiers}
    state: dict[str, Forward] = {}

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with CLIENTS[client]() as forward:
            state["forward"] = forward
            yield

    async def chat(request: Request) -> StreamingResponse:
        body = await request.body()
        decision = router.route(Api.CHAT, body)
        exchange = state["forward"](urls[decision.tier], body)
        status, content_type, pieces = await exchange.__aenter__()

        async def passed() -> Pieces:
            try:
                async for piece in pieces:
                    yield piece
            finally:
                await exchange.__aexit__(None, None, None)

        return StreamingResponse(passed(), status_code=status, media_type=content_type)

    made = FastAPI(lifespan=lifespan)
    made.add_api_route(_PATH, chat, methods=["POST"], response_class=StreamingResponse)
    return made


def main() -> None:
    """Serve on a free port, which stands on the first line of stdout."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("--client", choices=CLIENTS, required=True)
    said = parser.parse_args()
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    options: dict[str, Any] = {"log_level": "warning", "access_log": False}
    server = uvicorn.Server(uvicorn.Config(application(said.config, said.client), **options))
    sys.stdout.write(json.dumps({"port": listener.getsockname()[1]}) + "\n")
    sys.stdout.flush()
    server.run(sockets=[listener])


if __name__ == "__main__":
    main()
