"""HTTP responses with JSON bodies."""

from collections.abc import Callable
from typing import Final

from aiohttp import web

from extproc.engines.sim import sse
from extproc.engines.sim.errors import ApiError

JSON: Final = "application/json"


def json_bytes(body: bytes) -> web.Response:
    """A 200 with a body that has been encoded."""
    return web.Response(body=body, content_type=JSON)


def json_object(payload: object) -> web.Response:
    """A 200 with a body to encode."""
    return json_bytes(sse.encode(payload))


def refusal(
    error: ApiError,
    word: Callable[[ApiError], dict[str, object]] = ApiError.openai,
    *,
    retry_after: int | None = None,
) -> web.Response:
    """The response for a refused request; `retry_after` is in seconds."""
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    return web.Response(
        body=sse.encode(word(error)), status=error.status, content_type=JSON, headers=headers
    )
