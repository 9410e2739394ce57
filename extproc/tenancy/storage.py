"""Where the registry is kept: in Redis for all replicas, or in a file for one.

What is gone is not what was revoked: a file that was deleted, or a Redis that came back empty,
leaves in force what was read before.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import msgspec
from msgspec.structs import replace

from extproc.config import Config
from extproc.state import Call, Failure, Memory, Operation
from extproc.state.call import Arg, Result
from extproc.tenancy.values import Registry, RegistryError

if TYPE_CHECKING:
    from extproc.state.redis import Redis

_PATIENCE: Final = 1.0
"""Seconds for one look at Redis: no request waits for it."""
_KEY: Final = ("tenants",)


class Storage(Protocol):
    """Keeps one registry. RegistryError where that cannot be reached or read."""

    async def read(self, known: Registry | None) -> Registry:
        """What is in force now, for one who has read `known` before: that very value where nothing
        has changed.
        """

    async def write(self, old: Registry, new: Registry) -> bool:
        """Put `new` in the place of `old`; False where another change came between."""

    async def close(self) -> None:
        """Give back what it holds."""


def storage(config: Config) -> Storage:
    """The place that the config has for it."""
    assert config.tenants is not None  # noqa: S101 - who has no tenants asks for none
    if config.state.redis is None:
        return FileStorage(Path(config.tenants.file or ""))
    from extproc.state.redis import Redis  # noqa: PLC0415 - 10 MB for those who need it

    return RedisStorage(Redis(replace(config.state.redis, deadline_seconds=_PATIENCE)))


class FileStorage:
    """A JSON file, replaced as a whole; writers on one machine wait for each other."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None

    async def read(self, known: Registry | None) -> Registry:
        """As `Storage.read`; a file that was never there is an empty registry."""
        try:
            status = self._path.stat()
            seen = (status.st_ino, status.st_size, status.st_mtime_ns)
            if known is not None and seen == self._seen:
                return known
            registry = _decoded(self._path.read_bytes())
        except FileNotFoundError:
            if known is not None and known.version:
                raise RegistryError(f"{self._path} is gone") from None
            return known or Registry()
        except OSError as error:
            raise RegistryError(f"cannot read {self._path}: {error.strerror}") from error
        self._seen = seen
        return registry

    async def write(self, old: Registry, new: Registry) -> bool:
        """As `Storage.write`; whoever reads meanwhile has the old file or the new one."""
        try:
            with self._alone():
                if (await self.read(None)).version != old.version:
                    return False
                _replace(self._path, msgspec.json.encode(new))
        except OSError as error:
            raise RegistryError(f"cannot write {self._path}: {error.strerror}") from error
        return True

    async def close(self) -> None:
        """Nothing is held."""

    @contextmanager
    def _alone(self) -> Iterator[None]:
        lock = os.open(
            self._path.with_name(f".{self._path.name}.lock"), os.O_CREAT | os.O_RDWR, 0o600
        )
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


class RedisStorage:
    """One hash in Redis: the document and its version.

    A Redis that has lost it, or has an older one from a backup, gets back what this process knows.
    """

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    async def read(self, known: Registry | None) -> Registry:
        """As `Storage.read`; a Redis without a registry is an empty one to begin with."""
        version = 0 if known is None else known.version
        found = await self._run(READ, str(version))
        if not isinstance(found, list):
            return known or Registry()
        stored, document = found
        assert isinstance(stored, int)  # noqa: S101 - the script's own shape
        if known is not None and stored < version:
            await self._run(WRITE, str(stored), str(version), msgspec.json.encode(known))
            return known
        assert isinstance(document, bytes)  # noqa: S101 - as above
        return _decoded(document)

    async def write(self, old: Registry, new: Registry) -> bool:
        """As `Storage.write`."""
        document = msgspec.json.encode(new)
        return bool(await self._run(WRITE, str(old.version), str(new.version), document))

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.close()

    async def _run(self, operation: Operation, *args: Arg) -> Result:
        try:
            (result,) = await self._redis.run([Call(operation=operation, keys=_KEY, args=args)])
        except Failure as failure:
            raise RegistryError(f"Redis does not answer: {failure.kind}") from failure
        return result


def _decoded(document: bytes) -> Registry:
    try:
        return msgspec.json.decode(document, type=Registry)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RegistryError("the registry of tenants is not what was written") from error


def _replace(path: Path, content: bytes) -> None:
    """The file as a whole, on the disk before it takes its name."""
    draft = path.with_name(f".{path.name}.new")
    with open(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _never(memory: Memory, keys: tuple[str, ...], args: tuple[Arg, ...]) -> Result:
    """What a registry that is shared would be in one process: nothing. What was read last stays."""
    raise RuntimeError(f"only Redis keeps {keys}: {len(args)} arguments, {len(memory)} entries")


READ: Final = Operation(
    name="tenants.read",
    script="""
local version = redis.call('HGET', KEYS[1], 'version') or '0'
if version == ARGV[1] then return false end
return {tonumber(version), redis.call('HGET', KEYS[1], 'document') or ''}
""",
    local=_never,
)
WRITE: Final = Operation(
    name="tenants.write",
    script="""
local version = redis.call('HGET', KEYS[1], 'version') or '0'
if version ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'document', ARGV[3])
return 1
""",
    local=_never,
)
