"""Asks OpenAI-compatible addresses, at a bounded rate, and again where that may help."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import aiohttp
import msgspec
from msgspec import Struct

from extproc.errors import TiergateError

ATTEMPTS: Final = 4
LONGEST_WAIT: Final = 30.0
_AGAIN: Final = frozenset({408, 429, 500, 502, 503, 504})
_SHOWN: Final = 200


class AskError(TiergateError):
    """Raised where an address gives no answer that can be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A model behind an address; `url` ends before `/chat/completions`."""

    url: str
    model: str
    max_tokens: int
    key: str | None = field(default=None, repr=False)


class _Message(Struct, frozen=True):
    content: str | None = None


class _Choice(Struct, frozen=True):
    message: _Message


class _Completion(Struct, frozen=True):
    choices: tuple[_Choice, ...]


class Pace:
    """Lets so many through in a second, one after the other."""

    def __init__(self, per_second: float) -> None:
        self._gap = 1 / per_second
        self._next = 0.0

    async def turn(self) -> None:
        """Wait for one's turn."""
        now = asyncio.get_running_loop().time()
        at = max(now, self._next)
        self._next = at + self._gap
        await asyncio.sleep(at - now)


class Client:
    """Asks over one pool of connections; `wait` is the first pause before asking again."""

    def __init__(self, http: aiohttp.ClientSession, pace: Pace, *, wait: float = 1.0) -> None:
        self._http = http
        self._pace = pace
        self._wait = wait

    async def ask(self, at: Endpoint, messages: Sequence[Mapping[str, Any]]) -> str:
        """The model's answer; AskError where there is none after `ATTEMPTS`."""
        body = msgspec.json.encode(
            {
                "model": at.model,
                "messages": messages,
                "max_tokens": at.max_tokens,
                "temperature": 0,
            }
        )
        wait = self._wait
        for _ in range(ATTEMPTS - 1):
            with contextlib.suppress(aiohttp.ClientError, TimeoutError, _Again):
                return await self._once(at, body)
            await asyncio.sleep(min(wait, LONGEST_WAIT))
            wait *= 2
        try:
            return await self._once(at, body)
        except (aiohttp.ClientError, TimeoutError, _Again) as error:
            raise AskError(f"{at.url}: {error!r}") from error

    async def _once(self, at: Endpoint, body: bytes) -> str:
        await self._pace.turn()
        headers = {"content-type": "application/json"}
        if at.key is not None:
            headers["authorization"] = f"Bearer {at.key}"
        url = f"{at.url.rstrip('/')}/chat/completions"
        async with self._http.post(url, data=body, headers=headers) as response:
            content = await response.read()
        if response.status in _AGAIN:
            raise _Again(_refusal(response.status, content))
        if response.status != HTTPStatus.OK:
            raise AskError(f"{at.url}: {_refusal(response.status, content)}")
        return _answer(at, content)


class _Again(Exception):
    """A refusal that may be none the next time."""


def _answer(at: Endpoint, content: bytes) -> str:
    try:
        choice, *_ = msgspec.json.decode(content, type=_Completion).choices
    except (msgspec.DecodeError, ValueError) as error:
        raise AskError(f"{at.url}: the answer is no chat completion") from error
    return choice.message.content or ""


def _refusal(status: int, content: bytes) -> str:
    return f"status {status}: {content[:_SHOWN].decode(errors='replace')}"
