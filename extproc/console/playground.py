"""A prompt from the page: how it is judged, and its answer through the gateway as it comes."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any, Final

import aiohttp
import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from extproc.decision import Decision
from extproc.errors import RequestError
from extproc.request import Api
from extproc.routing import Routing

_PATIENCE: Final = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=600)
_VERDICT: Final = "x-tiergate-"
MAX_PROMPT: Final = 100_000


class Prompt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the page sends. `key` is a tenant's, where the gateway asks for one."""

    prompt: Annotated[str, Meta(min_length=1, max_length=MAX_PROMPT)]
    system: Annotated[str, Meta(max_length=MAX_PROMPT)] = ""
    model: Annotated[str, Meta(min_length=1)] = "auto"
    prefer: str = ""
    max_tokens: Annotated[int, Meta(ge=1, le=8192)] = 256
    key: str = ""


class Playground:
    """Sends what people try to the gateway at `address`, as any client would."""

    def __init__(self, routing: Callable[[], Routing], address: Callable[[], str]) -> None:
        self._routing = routing
        self._address = address

    async def explain(self, request: web.Request) -> web.StreamResponse:
        """The decision that the policy makes of it; nothing is sent."""
        try:
            prompt = await _read(request)
            decision = self._routing().router.route(
                Api.CHAT, _body(prompt), prefer=prompt.prefer or None
            )
        except RequestError as error:
            return web.json_response({"error": error.message}, status=error.status)
        return web.Response(
            body=msgspec.json.encode(_explained(decision)), content_type="application/json"
        )

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """The gateway's answer: its status, its verdicts, and its bytes as they come."""
        try:
            prompt = await _read(request)
        except RequestError as error:
            return web.json_response({"error": error.message}, status=error.status)
        url = f"http://{self._address()}{Api.CHAT}"
        async with aiohttp.ClientSession(timeout=_PATIENCE) as client:
            try:
                async with client.post(url, data=_body(prompt), headers=_headers(prompt)) as told:
                    return await _passed_on(request, told)
            except aiohttp.ClientConnectorError:
                said = {"error": f"The gateway at {self._address()} does not answer."}
                return web.json_response(said, status=HTTPStatus.BAD_GATEWAY)


class _Wrong(RequestError):
    """Raised for a form that is none of ours."""


async def _read(request: web.Request) -> Prompt:
    try:
        return msgspec.json.decode(await request.read(), type=Prompt)
    except msgspec.DecodeError as error:
        raise _Wrong(str(error)) from error


def _body(prompt: Prompt) -> bytes:
    said = [{"role": "system", "content": prompt.system}] if prompt.system else []
    said.append({"role": "user", "content": prompt.prompt})
    limits: dict[str, Any] = {"max_tokens": prompt.max_tokens, "stream": True}
    return msgspec.json.encode({"model": prompt.model, "messages": said, **limits})


def _headers(prompt: Prompt) -> dict[str, str]:
    headers = {"content-type": "application/json"}
    if prompt.prefer:
        headers["x-tiergate-prefer"] = prompt.prefer
    if prompt.key:
        headers["authorization"] = f"Bearer {prompt.key}"
    return headers


async def _passed_on(request: web.Request, told: aiohttp.ClientResponse) -> web.StreamResponse:
    kept = {name: value for name, value in told.headers.items() if name.startswith(_VERDICT)}
    response = web.StreamResponse(status=told.status, headers=kept)
    response.content_type = told.content_type
    await response.prepare(request)
    async for piece in told.content.iter_any():
        await response.write(piece)
    await response.write_eof()
    return response


def _explained(decision: Decision) -> dict[str, Any]:
    return {
        "tier": decision.tier,
        "reason": decision.reason,
        "policy": decision.policy,
        "score": decision.score,
        "coverage": decision.coverage,
        "signals": decision.signals,
        "shares": decision.shares,
    }
