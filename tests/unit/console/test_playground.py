"""A prompt from the page, through a gateway with a real socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from console_serving import SENT, showing

EVENTS = (b'data: {"a": 1}\n\n', b"data: [DONE]\n\n")


class Gateway:
    """Answers with events, or with a refusal; keeps what it was asked."""

    def __init__(self, status: int = 200) -> None:
        self.asked: list[tuple[dict[str, str], Any]] = []
        self._status = status

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """One answer in two pieces."""
        named = {name.lower(): value for name, value in request.headers.items()}
        self.asked.append((named, await request.json()))
        headers = {"x-tiergate-tier": "fast", "x-other": "kept to itself"}
        response = web.StreamResponse(status=self._status, headers=headers)
        response.content_type = "text/event-stream"
        await response.prepare(request)
        for event in EVENTS:
            await response.write(event)
        return response


@asynccontextmanager
async def gateway(status: int = 200) -> AsyncIterator[tuple[Gateway, str]]:
    """One on a free port, and its address."""
    made, app = Gateway(status), web.Application()
    app.add_routes([web.post("/v1/chat/completions", made.answer)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield made, f"127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("status", [200, 429])
async def test_the_gateways_answer_is_passed_on(status: int) -> None:
    """Its status, its verdicts and its bytes, and none of its other headers."""
    async with (
        gateway(status) as (_, address),
        showing(playground=True, gateway=address) as shown,
        shown.client.post("/console/ask", json={"prompt": "hi"}, headers=SENT) as response,
    ):
        assert (status, b"".join(EVENTS)) == (response.status, await response.read())
        assert "fast" == response.headers["x-tiergate-tier"]
        assert "x-other" not in response.headers
        assert "text/event-stream" == response.content_type


async def test_a_prompt_becomes_a_chat() -> None:
    """With the wish and the key as headers, as any client sends them."""
    prompt = {"prompt": "hi", "system": "be brief", "prefer": "fast", "key": "k", "max_tokens": 7}
    async with gateway() as (made, address), showing(playground=True, gateway=address) as shown:
        async with shown.client.post("/console/ask", json=prompt, headers=SENT) as response:
            await response.read()
        async with shown.client.post("/console/ask", json={"prompt": "hi"}, headers=SENT) as plain:
            await plain.read()
    (headers, body), (bare, _) = made.asked

    assert ("fast", "Bearer k") == (headers["x-tiergate-prefer"], headers["authorization"])
    assert {
        "model": "auto",
        "messages": [
            {"role": "system", "content": "be brief"},
            {"role": "user", "content": "hi"},
        ],
        "max_tokens": 7,
        "stream": True,
    } == body
    assert set() == {"x-tiergate-prefer", "authorization"} & set(bare)


async def test_a_gateway_that_is_away_is_said() -> None:
    """502, with its address."""
    async with (
        showing(playground=True, gateway="127.0.0.1:1") as shown,
        shown.client.post("/console/ask", json={"prompt": "hi"}, headers=SENT) as response,
    ):
        assert 502 == response.status
        assert {"error": "The gateway at 127.0.0.1:1 does not answer."} == await response.json()


async def test_a_decision_is_explained_and_nothing_sent() -> None:
    """Signals and their shares."""
    async with (
        showing(playground=True) as shown,
        shown.client.post("/console/explain", json={"prompt": "hi"}, headers=SENT) as response,
    ):
        said = await response.json()

    assert ("reasoning", "fixed", 1.0) == (said["tier"], said["reason"], said["coverage"])
    assert {"tier", "reason", "policy", "score", "coverage", "signals", "shares"} == set(said)


@pytest.mark.parametrize(
    ("path", "prompt", "status", "text"),
    [
        ("explain", {"prompt": ""}, 400, "length"),
        ("explain", {"prompt": "hi", "nonsense": 1}, 400, "nonsense"),
        ("explain", {"prompt": "hi", "model": "gpt-9"}, 404, "does not exist"),
        ("explain", {"prompt": "hi", "prefer": "slow"}, 400, "No such tier"),
        ("ask", {"prompt": "hi", "max_tokens": 0}, 400, "max_tokens"),
    ],
    ids=["empty", "unknown field", "model", "tier", "tokens"],
)
async def test_what_cannot_be_asked_is_refused(
    path: str, prompt: dict[str, Any], status: int, text: str
) -> None:
    """With a sentence that the page shows."""
    async with (
        showing(playground=True) as shown,
        shown.client.post(f"/console/{path}", json=prompt, headers=SENT) as response,
    ):
        assert status == response.status
        assert text in (await response.json())["error"]
