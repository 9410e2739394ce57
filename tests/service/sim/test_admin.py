"""The switches for faults and the list of requests, over HTTP."""

import hashlib

import aiohttp
import msgspec
from sim_builders import HELLO


async def test_fault_is_set_and_shown(client: aiohttp.ClientSession) -> None:
    """A fault that was set is what GET shows, every field of it."""
    async with client.post("/admin/faults", json={"status": 503, "count": 2}) as response:
        shown = await response.json()
    async with client.get("/admin/faults") as response:
        assert shown == await response.json()

    assert (503, 2, False) == (shown["status"], shown["count"], shown["hang"])


async def test_fault_is_cleared(client: aiohttp.ClientSession) -> None:
    """After DELETE nothing fails."""
    await client.post("/admin/faults", json={"status": 503})
    async with client.delete("/admin/faults") as response:
        assert 204 == response.status
    async with client.get("/admin/faults") as response:
        assert (await response.json())["status"] is None


async def test_unknown_key_is_refused(client: aiohttp.ClientSession) -> None:
    """A fault with a key that does not exist is refused, and the old one stays."""
    await client.post("/admin/faults", json={"status": 503})
    async with client.post("/admin/faults", json={"teapot": 500}) as response:
        assert 400 == response.status
    async with client.get("/admin/faults") as response:
        assert 503 == (await response.json())["status"]


async def test_requests_are_listed_without_their_text(client: aiohttp.ClientSession) -> None:
    """What reached the replica can be compared byte for byte, and not be read."""
    body = msgspec.json.encode({"model": "tiny", "messages": HELLO})
    headers = {
        "content-type": "application/json",
        "x-request-id": "r1",
        "x-tiergate-tier": "fast",
        "authorization": "Bearer secret",
    }
    await client.post("/v1/chat/completions", data=body, headers=headers)
    async with client.get("/admin/requests") as response:
        listed = await response.json()

    assert [
        {
            "path": "/v1/chat/completions",
            "model": "tiny",
            "stream": None,
            "headers": {"x-request-id": "r1", "x-tiergate-tier": "fast"},
            "body_sha256": hashlib.sha256(body).hexdigest(),
            "body_length": len(body),
        }
    ] == listed
