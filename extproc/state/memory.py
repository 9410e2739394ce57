"""A bounded mapping whose entries expire: what Redis is, in one process."""

from collections import OrderedDict
from collections.abc import Callable
from time import time
from typing import Any, Final

CAPACITY: Final = 100_000


class Memory:
    """Holds at most `capacity` entries; of more, the one least recently used goes.

    `share` is the part of a limit, in (0, 1], that this process may hand out by itself while it
    cannot ask the others. `clock` gives seconds of the wall.
    """

    def __init__(
        self,
        *,
        capacity: int = CAPACITY,
        share: float = 1.0,
        clock: Callable[[], float] = time,
    ) -> None:
        self.share = share
        self.now = clock
        self._capacity = capacity
        self._entries: OrderedDict[str, tuple[Any, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: str) -> Any:  # noqa: ANN401 - what was put there
        """The value, or None where there is none any more."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry[1] <= self.now():
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return entry[0]

    def put(self, key: str, value: object, seconds: float) -> None:
        """Keep a value for `seconds`."""
        self._entries[key] = (value, self.now() + seconds)
        self._entries.move_to_end(key)
        if len(self._entries) > self._capacity:
            self._entries.popitem(last=False)

    def drop(self, key: str) -> None:
        """Forget a key, whether it is there or not."""
        self._entries.pop(key, None)
