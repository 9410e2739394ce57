"""The first tier: answers in this process, at most so many bytes of them.

Theine evicts by W-TinyLFU (Einziger et al. 2017) but counts entries, not bytes. So each size has a
part of the memory to itself, as memcached's slabs do: within it all entries are charged the most
that one may have, and the bound holds whatever comes.
"""

from collections.abc import Callable
from datetime import timedelta
from time import time
from typing import Final

from extproc.cache.answer import Entry

_STEP: Final = 4
_SMALLEST: Final = 1024


class Local:
    """Entries under text keys for their time to live; `clock` is the wall's."""

    def __init__(
        self, *, memory_bytes: int, max_entry_bytes: int, clock: Callable[[], float] = time
    ) -> None:
        from theine import Cache as Policy  # noqa: PLC0415 - a thread, for those who need it

        self.now = clock
        self.bounds = (memory_bytes, max_entry_bytes)
        sizes = [min(_SMALLEST, max_entry_bytes)]
        while sizes[-1] < max_entry_bytes:
            sizes.append(min(sizes[-1] * _STEP, max_entry_bytes))
        share = memory_bytes // len(sizes)
        self._parts: dict[int, Policy[str, tuple[Entry, float]]] = {
            size: Policy(max(share // size, 1)) for size in sizes
        }

    def __len__(self) -> int:
        return sum(map(len, self._parts.values()))

    def get(self, key: str) -> Entry | None:
        """The entry, where it is still there and young enough."""
        for part in self._parts.values():
            kept, found = part.get(key)
            if found and kept is not None and kept[1] > self.now():
                return kept[0]
        return None

    def put(self, key: str, entry: Entry, seconds: float) -> None:
        """Keep it for so long; one that is over the largest size is not kept."""
        size = next((size for size in self._parts if len(entry.body) <= size), None)
        for one, part in self._parts.items():
            if one == size:
                part.set(key, (entry, self.now() + seconds), timedelta(seconds=seconds))
            else:
                part.delete(key)

    def close(self) -> None:
        """Forget all, and end what cleans up in the background."""
        for part in self._parts.values():
            part.close()
