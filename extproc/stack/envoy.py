"""Envoy's own word, from its admin page: which port it took, and whether it is ready."""

import asyncio
from pathlib import Path
from typing import Any, Final

import aiohttp

_POLL: Final = 0.05


async def wait_ready(address_file: Path, tiers: frozenset[str]) -> str:
    """The gateway's `host:port`, once Envoy listens and every replica of `tiers` is healthy.

    `address_file` is where Envoy writes its admin address. Runs until it is cancelled.
    """
    while not address_file.exists() or not address_file.read_text():
        await asyncio.sleep(_POLL)
    admin = f"http://{address_file.read_text().strip()}"
    async with aiohttp.ClientSession(admin) as session:
        while not await _live(session, tiers):
            await asyncio.sleep(_POLL)
        listeners = await _get(session, "/listeners?format=json")
    where = listeners["listener_statuses"][0]["local_address"]["socket_address"]
    return f"{where['address']}:{where['port_value']}"


async def _live(session: aiohttp.ClientSession, tiers: frozenset[str]) -> bool:
    try:
        async with session.get("/ready") as response:
            if not response.ok:
                return False
        clusters = await _get(session, "/clusters?format=json")
    except aiohttp.ClientError:
        return False
    return all(
        "failed_active_health_check" not in host["health_status"]
        for cluster in clusters["cluster_statuses"]
        if cluster["name"] in tiers
        for host in cluster.get("host_statuses", ())
    )


async def _get(session: aiohttp.ClientSession, path: str) -> Any:  # noqa: ANN401 - Envoy's JSON
    async with session.get(path) as response:
        return await response.json(content_type=None)
