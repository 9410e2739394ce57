"""What is asked of shared state: operations that run in Redis and in memory alike."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from extproc.state.memory import Memory

Arg: TypeAlias = bytes | str | int | float
Result: TypeAlias = "bytes | int | list[Result] | None"
"""What a script returns: Redis has text as bytes, and no fractions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One step on shared state that nothing comes between.

    `script` is the Lua that Redis runs, with KEYS and ARGV; `local` does the same on a Memory with
    the same keys and arguments, and returns the same values. A script takes the time from Redis
    (`TIME`), so that replicas whose clocks differ agree. With `apart`, a process keeps what it
    touches in a memory of its own, where nothing that may be forgotten can push it out.
    """

    name: str
    script: str
    local: Callable[[Memory, tuple[str, ...], tuple[Arg, ...]], Result]
    apart: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One use of an operation. Everything it touches is in `keys`."""

    operation: Operation
    keys: tuple[str, ...]
    args: tuple[Arg, ...] = ()
