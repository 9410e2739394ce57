"""Clients of many tenants that keep account of what they were told they used."""

import asyncio
import contextlib
import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
from calls import CHAT
from gateway import Gateway
from processes import POLL, until

from extproc.config import load
from extproc.telemetry import Tokens
from extproc.tenancy.registry import create
from extproc.tenancy.storage import storage

AT_ONCE: Final = 16
WAIT: Final = 400
"""Seconds for all the requests of the longest run."""
TENANTS: Final = tuple(f"tenant-{number:02}" for number in range(20))
LEAVER: Final = TENANTS[-1]
"""Goes in the middle of each answer: what it would have been told, nobody knows."""
_WORDS: Final = ("integral", "story", "river", "prove", "blue", "seven", "12 * 30")
_PATIENCE: Final = aiohttp.ClientTimeout(total=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One request that had an answer, or the beginning of one. `used` is what the client was told,
    None where it was told nothing.
    """

    id: str
    tenant: str
    status: int
    used: Tokens | None


@dataclass(slots=True)
class Clients:
    """What was sent. `nameless` requests had no answer at all, not even an id."""

    sent: list[Sent] = field(default_factory=list)
    nameless: int = 0
    answered: int = 0
    stopped: bool = False

    def until(self, answered: int) -> None:
        """Wait for so many answers from tiers since the start."""
        until(
            lambda: self.answered >= answered or self.stopped,
            seconds=WAIT,
            what=f"{answered} answers",
        )
        assert self.answered >= answered, "the clients have ended"


def keys(gateway: Gateway) -> Mapping[str, str]:
    """A key for each tenant, by name."""
    return asyncio.run(_keys(gateway))


async def _keys(gateway: Gateway) -> Mapping[str, str]:
    kept = storage(load(gateway.config_file))
    made, now = {}, int(time.time())
    old = registry = await kept.read(None)
    for name in TENANTS:
        registry, made[name] = create(registry, name, plan="all", now=now)
    assert await kept.write(old, registry)
    await kept.close()
    return made


@contextlib.contextmanager
def clients(gateway: Gateway, keys: Mapping[str, str], *, requests: int) -> Iterator[Clients]:
    """Traffic until tiers have answered so many requests: the block's end waits for that."""
    made = Clients()

    def drive() -> None:
        try:
            asyncio.run(_drive(gateway, keys, made))
        finally:
            made.stopped = True

    driving = threading.Thread(target=drive)
    driving.start()
    try:
        yield made
        made.until(requests)
    finally:
        made.stopped = True
        driving.join()


async def _drive(gateway: Gateway, keys: Mapping[str, str], made: Clients) -> None:
    connector = aiohttp.TCPConnector(limit=0)
    async with (
        aiohttp.ClientSession(gateway.url, timeout=_PATIENCE, connector=connector) as session,
        asyncio.TaskGroup() as tasks,
    ):
        for number in range(AT_ONCE):
            one = _Client(session, keys, made, random.Random(number))
            tasks.create_task(one.run())


class _Client:
    """Sends one request after the other."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        keys: Mapping[str, str],
        made: Clients,
        chance: random.Random,
    ) -> None:
        self._session = session
        self._keys = keys
        self._made = made
        self._chance = chance

    async def run(self) -> None:
        """Until it is told to stop; a little slower while the gateway refuses."""
        while not self._made.stopped:
            if await self._one() == 200:
                self._made.answered += 1
            else:
                await asyncio.sleep(0.1)

    async def _one(self) -> int:
        tenant = self._chance.choice(TENANTS)
        path, body, read = self._request(leaves=tenant == LEAVER)
        headers = {"x-api-key": self._keys[tenant]}
        if self._chance.random() < 0.02:
            headers, tenant = {"x-api-key": "wrong"}, ""
        try:
            async with self._session.post(path, json=body, headers=headers) as response:
                status, name = response.status, response.headers["x-request-id"]
                used = None if tenant == LEAVER else await _told(response, read)
                if tenant == LEAVER:
                    await response.content.readany()
                    response.close()
        except aiohttp.ClientError:
            self._made.nameless += 1
            return 0
        self._made.sent.append(Sent(id=name, tenant=tenant, status=status, used=used))
        return status

    def _request(self, *, leaves: bool) -> tuple[str, dict[str, Any], "Reader"]:
        text = " ".join(self._chance.choices(_WORDS, k=self._chance.randint(1, 40)))
        said = [{"role": "user", "content": text}]
        stream = leaves or self._chance.random() < 0.5
        most = 200 if leaves else self._chance.randint(1, 30)
        common: dict[str, Any] = {"model": "auto", "stream": stream}
        if leaves or self._chance.random() < 0.6:
            return CHAT, {**common, "messages": said, "max_tokens": most}, _openai
        others: list[tuple[str, dict[str, Any], Reader]] = [
            ("/v1/completions", {"prompt": text, "max_tokens": most}, _openai),
            ("/v1/messages", {"messages": said, "max_tokens": most}, _messages),
            ("/v1/responses", {"input": text, "max_output_tokens": most}, _responses),
            ("/v1/embeddings", {"input": text}, _openai),
        ]
        path, fields, read = self._chance.choice(others)
        return path, {**(common if "embeddings" not in path else {"model": "auto"}), **fields}, read


Reader = Callable[[Sequence[dict[str, Any]]], Tokens | None]


async def _told(response: aiohttp.ClientResponse, read: Reader) -> Tokens | None:
    """The last usage in an answer. One that breaks off has none, or, where it is a stream whose
    chunks tell of it, that of the last chunk that came.
    """
    body = b""
    with contextlib.suppress(aiohttp.ClientError):
        async for piece in response.content.iter_any():
            body += piece
    if response.status != 200:
        return None
    if response.content_type == "text/event-stream":
        events = [event.splitlines()[-1] for event in body.split(b"\n\n")[:-1]]
        return read([json.loads(line[6:]) for line in events if line.startswith(b"data: {")])
    return read([json.loads(body)]) if body.endswith(b"}") else None


def _openai(events: Sequence[dict[str, Any]]) -> Tokens | None:
    for usage in (event["usage"] for event in reversed(events) if event.get("usage")):
        cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
        completion = usage.get("completion_tokens", 0)
        return Tokens(prompt=usage["prompt_tokens"], completion=completion, cached=cached)
    return None


def _messages(events: Sequence[dict[str, Any]]) -> Tokens | None:
    for usage in (event["usage"] for event in events[::-1] if event.get("usage")):
        cached = usage["cache_read_input_tokens"]
        prompt = usage["input_tokens"] + cached + usage["cache_creation_input_tokens"]
        return Tokens(prompt=prompt, completion=usage["output_tokens"], cached=cached)
    return None


def _responses(events: Sequence[dict[str, Any]]) -> Tokens | None:
    last = events[-1].get("response", events[-1]) if events else {}
    usage = last.get("usage")
    if usage is None:
        return None
    cached = usage["input_tokens_details"]["cached_tokens"]
    return Tokens(prompt=usage["input_tokens"], completion=usage["output_tokens"], cached=cached)


def settled(gateway: Gateway) -> None:
    """Wait until Envoy has sent all it has, and the ledger has all that arrived."""
    until(
        lambda: gateway.envoy_stat("http.gateway.downstream_rq_active") == 0,
        what="the last request",
    )
    written = "access_logs.grpc_access_log"
    until(
        lambda: (
            gateway.envoy_stat(f"{written}.logs_written")
            == gateway.envoy_stat(f"{written}.grpc_entries_flushed")
        ),
        seconds=30,
        what="Envoy to send its records",
    )
    seen = [-1.0]

    def at_rest() -> bool:
        """Whether nothing came for a while, and nothing waits."""
        POLL.wait(0.5)
        seen.append(gateway.metric("tiergate_requests_total"))
        return seen[-2] == seen[-1] and gateway.metric("tiergate_ledger_pending") == 0

    until(at_rest, seconds=30, what="the ledger")
