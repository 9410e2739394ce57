"""Unit tests of the KV cache's blocks."""

from extproc.engines.sim.kvcache import BlockPool


def pool(*, num_blocks: int = 4, enable_prefix_caching: bool = True) -> BlockPool:
    """A pool of a few blocks."""
    return BlockPool(num_blocks=num_blocks, enable_prefix_caching=enable_prefix_caching)


class TestAllocate:
    """Blocks taken and given back."""

    def test_usage_is_the_fraction_in_use(self) -> None:
        """Blocks that a sequence holds count as used."""
        blocks = pool()
        blocks.allocate(3)

        assert 0.75 == blocks.usage

    def test_too_few_blocks_change_nothing(self) -> None:
        """Either all blocks are given or none."""
        blocks = pool()
        blocks.allocate(3)

        assert blocks.allocate(2) is None
        assert 0.75 == blocks.usage

    def test_block_freed_longest_ago_is_reused_first(self) -> None:
        """Free blocks are reused in the order in which they became free."""
        blocks = pool(num_blocks=2)
        first, second = blocks.allocate(1) or [], blocks.allocate(1) or []
        blocks.release(second)
        blocks.release(first)

        assert second == blocks.allocate(1)

    def test_tail_of_a_sequence_goes_before_its_head(self) -> None:
        """Of blocks released together the last is evicted first, as the head is shared more."""
        blocks = pool(num_blocks=3)
        held = blocks.allocate(3) or []
        blocks.release(held)

        assert [held[2]] == blocks.allocate(1)


class TestPrefixCache:
    """Blocks found by their content."""

    def test_released_content_is_found_again(self) -> None:
        """A freed block keeps its content until somebody needs the room."""
        blocks = pool()
        held = blocks.allocate(2) or []
        blocks.publish(held[0], 111)
        blocks.publish(held[1], 222)
        blocks.release(held)

        assert held == blocks.lookup([111, 222, 333])

    def test_lookup_stops_at_the_first_gap(self) -> None:
        """Only an unbroken beginning is of use."""
        blocks = pool()
        (block,) = blocks.allocate(1) or []
        blocks.publish(block, 222)

        assert [] == blocks.lookup([111, 222])

    def test_reused_block_forgets_its_content(self) -> None:
        """A block that is given to new content is no longer found by the old one."""
        blocks = pool(num_blocks=1)
        held = blocks.allocate(1) or []
        blocks.publish(held[0], 111)
        blocks.release(held)
        blocks.allocate(1)

        assert [] == blocks.lookup([111])

    def test_shared_block_is_free_after_its_last_release(self) -> None:
        """Two sequences hold one block; it is used until both have let go."""
        blocks = pool()
        held = blocks.allocate(1) or []
        blocks.publish(held[0], 111)
        blocks.acquire(blocks.lookup([111]))
        blocks.release(held)

        assert 0.25 == blocks.usage

    def test_acquired_block_is_not_evicted(self) -> None:
        """Taking over a freed block takes it off the free list."""
        blocks = pool(num_blocks=2)
        held = blocks.allocate(1) or []
        blocks.publish(held[0], 111)
        blocks.release(held)
        blocks.acquire(held)

        assert blocks.allocate(2) is None

    def test_first_of_equal_blocks_is_kept(self) -> None:
        """Equal content published twice is found at its first block."""
        blocks = pool()
        first, second = blocks.allocate(2) or []
        blocks.publish(first, 111)
        blocks.publish(second, 111)

        assert [first] == blocks.lookup([111])

    def test_nothing_is_found_when_caching_is_off(self) -> None:
        """Without prefix caching no block is shared."""
        blocks = pool(enable_prefix_caching=False)
        (block,) = blocks.allocate(1) or []
        blocks.publish(block, 111)

        assert [] == blocks.lookup([111])
