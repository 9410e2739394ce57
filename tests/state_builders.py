"""Operations for tests of shared state, and a listener that keeps what it is told."""

from extproc.state import Arg, Call, Failure, Memory, Operation, Result


def _count(memory: Memory, keys: tuple[str, ...], args: tuple[Arg, ...]) -> Result:
    count = int(memory.get(keys[0]) or 0) + int(args[0])
    memory.put(keys[0], count, 60.0)
    return count


COUNT = Operation(
    name="count", script="return redis.call('INCRBY', KEYS[1], ARGV[1])", local=_count
)
WRONG = Operation(name="wrong", script="return redis.call('NONSENSE')", local=lambda *_: None)


def count(key: str, by: int = 1) -> Call:
    """Add to the number under a key, and say what it is."""
    return Call(operation=COUNT, keys=(key,), args=(by,))


class RecordingListener:
    """Keeps `ok` or the kind of failure of each round trip."""

    def __init__(self) -> None:
        self.trips: list[str] = []

    def stored(self, *, seconds: float, failure: Failure | None) -> None:
        """Keep it."""
        assert seconds >= 0.0
        self.trips.append("ok" if failure is None else failure.kind)
