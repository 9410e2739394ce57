"""Redis as a request asks it: scripts, many in one round trip, within a deadline."""

import asyncio
import os
from collections.abc import Sequence
from hashlib import sha1
from typing import cast

import hiredis

from extproc.config import RedisServer
from extproc.state.call import Call, Operation, Result
from extproc.state.connection import Command, Connection, Reply, connect
from extproc.state.failure import Failure

_FORGOTTEN = "NOSCRIPT"


class Redis:
    """One server. Its password comes from the environment, never from the document."""

    def __init__(self, config: RedisServer) -> None:
        self._config = config
        self._password = os.environ.get(config.password_env) or None
        self._digests: dict[str, str] = {}
        self._connection: Connection | None = None
        self._connecting = asyncio.Lock()

    async def run(self, calls: Sequence[Call], seconds: float | None = None) -> Sequence[Result]:
        """The results of all calls by one round trip; Failure where there are none in time, which
        is the deadline unless `seconds` says otherwise.
        """
        try:
            async with asyncio.timeout(seconds or self._config.deadline_seconds):
                return await self._run(calls)
        except TimeoutError:
            await self.close()  # its replies would come late, or never
            raise Failure("timeout") from None
        except hiredis.ReplyError as error:
            # Redis itself said no, since it is full, read-only, loading or locked.
            raise Failure("response") from error
        except OSError as error:
            raise Failure("connection") from error

    async def close(self) -> None:
        """Close the connection; the next call makes another one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    async def _run(self, calls: Sequence[Call]) -> Sequence[Result]:
        connection = self._connection
        if connection is None or not connection.is_open:
            connection = await self._connect()
        results = await connection.ask([self._by_digest(call) for call in calls])
        lost = [at for at, result in enumerate(results) if _is_forgotten(result)]
        if lost:  # it was started again since
            again = await connection.ask([self._in_full(calls[at]) for at in lost])
            for at, result in zip(lost, again, strict=True):
                results[at] = result
        for result in results:
            if isinstance(result, hiredis.ReplyError):
                raise result
        return cast("list[Result]", results)

    async def _connect(self) -> Connection:
        """The one connection; those who come meanwhile wait for it."""
        async with self._connecting:
            if self._connection is None or not self._connection.is_open:
                config = self._config
                self._connection = await connect(config.url, config.username, self._password)
            return self._connection

    def _by_digest(self, call: Call) -> Command:
        return ("EVALSHA", self._digest(call.operation), *self._rest(call))

    def _in_full(self, call: Call) -> Command:
        return ("EVAL", call.operation.script, *self._rest(call))

    def _rest(self, call: Call) -> Command:
        prefix = self._config.prefix
        return (len(call.keys), *[prefix + key for key in call.keys], *call.args)

    def _digest(self, operation: Operation) -> str:
        digest = self._digests.get(operation.name)
        if digest is None:
            hashed = sha1(operation.script.encode(), usedforsecurity=False)
            digest = self._digests[operation.name] = hashed.hexdigest()
        return digest


def _is_forgotten(reply: Reply) -> bool:
    return isinstance(reply, hiredis.ReplyError) and str(reply).startswith(_FORGOTTEN)
