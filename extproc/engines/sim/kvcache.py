"""The blocks of the KV cache: counted, shared by content, and evicted in least-recently-used order.

The rules are those of vLLM's block pool: a freed block keeps its content until it is needed, so a
later request with the same beginning takes it over; among free blocks the one freed longest ago is
reused first, and of one sequence the tail goes before the head.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence


class BlockPool:
    """A fixed number of blocks, each free or referred to by one or more sequences."""

    def __init__(self, *, num_blocks: int, enable_prefix_caching: bool) -> None:
        self._num_blocks = num_blocks
        self._enable_prefix_caching = enable_prefix_caching
        self._references = [0] * num_blocks
        self._hash_of: list[int | None] = [None] * num_blocks
        self._block_of: dict[int, int] = {}
        self._free: OrderedDict[int, None] = OrderedDict.fromkeys(range(num_blocks))

    @property
    def usage(self) -> float:
        """The fraction of blocks that sequences refer to, in [0, 1]."""
        return 1 - len(self._free) / self._num_blocks

    def lookup(self, hashes: Iterable[int]) -> list[int]:
        """The blocks that hold the longest cached beginning of a sequence with these hashes."""
        blocks: list[int] = []
        for block_hash in hashes:
            block = self._block_of.get(block_hash)
            if block is None:
                break
            blocks.append(block)
        return blocks

    def acquire(self, blocks: Iterable[int]) -> None:
        """Refer to cached blocks, so that they are not evicted."""
        for block in blocks:
            self._references[block] += 1
            self._free.pop(block, None)

    def allocate(self, count: int) -> list[int] | None:
        """`count` blocks for new content, or None, and nothing changed, where too few are free."""
        if count > len(self._free):
            return None
        blocks = [self._free.popitem(last=False)[0] for _ in range(count)]
        for block in blocks:
            self._references[block] = 1
            self._forget(block)
        return blocks

    def publish(self, block: int, block_hash: int) -> None:
        """Make a filled block findable by its content; the first of equals is kept."""
        if self._enable_prefix_caching and block_hash not in self._block_of:
            self._block_of[block_hash] = block
            self._hash_of[block] = block_hash

    def release(self, blocks: Sequence[int]) -> None:
        """Give up one reference to each block; the last reference frees it."""
        for block in reversed(blocks):
            self._references[block] -= 1
            if self._references[block] == 0:
                self._free[block] = None

    def _forget(self, block: int) -> None:
        block_hash = self._hash_of[block]
        if block_hash is not None:
            del self._block_of[block_hash]
            self._hash_of[block] = None
