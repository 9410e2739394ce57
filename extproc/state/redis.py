"""Redis as this project uses it: scripts, many in one round trip, within a deadline."""

import asyncio
import os
from collections.abc import Sequence
from hashlib import sha1
from typing import Any, Final, cast

from redis.asyncio import Redis as Client
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoScriptError, RedisError, ResponseError

from extproc.config import RedisServer
from extproc.state.call import Call, Operation, Result
from extproc.state.failure import Failure

_NO_RETRY: Final = Retry(NoBackoff(), 0)


class Redis:
    """One server. Its password comes from the environment, never from the document."""

    def __init__(self, config: RedisServer) -> None:
        self._deadline = config.deadline_seconds
        self._digests: dict[str, str] = {}
        self._prefix = config.prefix
        self._client: Client = Client.from_url(
            config.url,
            password=os.environ.get(config.password_env) or None,
            username=config.username,
            max_connections=config.max_connections,
            retry=_NO_RETRY,
            protocol=3,
        )

    async def run(self, calls: Sequence[Call], seconds: float | None = None) -> Sequence[Result]:
        """The results of all calls by one round trip; Failure where there are none in time, which
        is the deadline unless `seconds` says otherwise.
        """
        try:
            async with asyncio.timeout(seconds or self._deadline):
                return await self._run(calls)
        except TimeoutError:
            raise Failure("timeout") from None
        except (OSError, RedisError) as error:
            # A response: Redis itself said no, since it is full, read-only, loading or locked.
            answered = isinstance(error, ResponseError | AuthenticationError)
            raise Failure("response" if answered else "connection") from error

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _run(self, calls: Sequence[Call]) -> Sequence[Result]:
        results = await self._send(calls, "EVALSHA")
        lost = [at for at, result in enumerate(results) if isinstance(result, NoScriptError)]
        if lost:  # it was started again since, and has forgotten the scripts
            again = await self._send([calls[at] for at in lost], "EVAL")
            for at, result in zip(lost, again, strict=True):
                results[at] = result
        for result in results:
            if isinstance(result, Exception):
                raise result
        return cast("list[Result]", results)

    async def _send(self, calls: Sequence[Call], command: str) -> list[Any]:
        pipeline = self._client.pipeline(transaction=False)
        for call in calls:
            script = call.operation.script if command == "EVAL" else self._digest(call.operation)
            keys = (self._prefix + key for key in call.keys)
            pipeline.execute_command(command, script, len(call.keys), *keys, *call.args)
        return await pipeline.execute(raise_on_error=False)

    def _digest(self, operation: Operation) -> str:
        digest = self._digests.get(operation.name)
        if digest is None:
            hashed = sha1(operation.script.encode(), usedforsecurity=False)
            digest = self._digests[operation.name] = hashed.hexdigest()
        return digest
