"""Unit tests of a sequence's own arithmetic."""

from sim_builders import sequence

from extproc.engines.sim.sequence import SequenceGroup


class TestSequence:
    """Counting the tokens of a sequence."""

    def test_total_grows_with_what_is_generated(self) -> None:
        """The tokens of a sequence are its prompt and its output so far."""
        subject = sequence(prompt=10, output=4)
        subject.generated = 3

        assert 13 == subject.total

    def test_prefilling_until_the_first_token(self) -> None:
        """A sequence computes prompt until it has generated something."""
        subject = sequence(prompt=10)
        subject.computed = 9

        assert subject.prefilling

    def test_decoding_computes_one_token(self) -> None:
        """Between two tokens only the last one is not computed yet."""
        subject = sequence(prompt=10)
        subject.generated, subject.computed = 1, 10

        assert not subject.prefilling

    def test_preempted_sequence_prefills_again(self) -> None:
        """After a preemption everything is computed anew, generated tokens included."""
        subject = sequence(prompt=10)
        subject.generated, subject.computed = 1, 0

        assert subject.prefilling


class TestBlockHashes:
    """What identifies the content of a block."""

    def test_only_full_blocks_are_hashed(self) -> None:
        """A block that is not full has no content to share."""
        assert (
            2 == len(sequence(prompt=11).block_hashes(4)) == len(sequence(prompt=8).block_hashes(4))
        )

    def test_equal_beginnings_have_equal_hashes(self) -> None:
        """Two prompts that agree in their first blocks agree in those hashes."""
        long, short = sequence(prompt=12), sequence(prompt=8)

        assert short.block_hashes(4) == long.block_hashes(4)[:2]

    def test_hash_covers_all_tokens_before(self) -> None:
        """Equal blocks after different beginnings are different."""
        one, other = sequence(prompt=8), sequence(prompt=8)
        other.prompt = (99, *other.prompt[1:])

        assert one.block_hashes(4)[1] != other.block_hashes(4)[1]

    def test_generated_tokens_fill_blocks_too(self) -> None:
        """An answer is shared with the conversation that continues it."""
        subject = sequence(prompt=6, output=4)
        subject.generated = 2
        longer = sequence(prompt=6)
        longer.prompt = (*longer.prompt, *subject.output[:2])

        assert longer.block_hashes(4) == subject.block_hashes(4)


class TestSequenceGroup:
    """The sequences of one request."""

    def test_last_is_known_when_all_have_finished(self) -> None:
        """The group names its last sequence once each of the n has finished."""
        group = SequenceGroup(n=2, max_tokens=None)
        one, other = sequence(), sequence()
        group.finish(one)
        first = group.last
        group.finish(other)

        assert (None, other) == (first, group.last)

    def test_longest_answer_is_kept(self) -> None:
        """The group remembers the most tokens that one of its sequences generated."""
        group = SequenceGroup(n=2, max_tokens=None)
        for generated in (7, 3):
            member = sequence()
            member.generated = generated
            group.finish(member)

        assert 7 == group.longest
