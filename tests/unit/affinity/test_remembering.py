"""What is kept of a conversation; `tests/service/affinity` has the same in Redis."""

from extproc.affinity.remembering import recall, remember, remembered
from extproc.context import Remembered
from extproc.state import Call, Memory, Result


class Clock:
    """Seconds that a test adds."""

    now = 0.0

    def __call__(self) -> float:
        """Now."""
        return self.now


def run(memory: Memory, call: Call) -> Result:
    """What the call gives on this memory."""
    return call.operation.local(memory, call.keys, call.args)


def test_what_is_remembered_is_recalled_with_its_age() -> None:
    """Tier, seconds, and the replica's key."""
    clock = Clock()
    memory = Memory(clock=clock)
    run(memory, remember("k", "fast", "pod", 60))
    clock.now = 7.5

    assert (Remembered(tier="fast", idle=7.5), "pod") == remembered(run(memory, recall("k", 60)))


def test_the_last_word_counts() -> None:
    """And its age begins anew."""
    clock = Clock()
    memory = Memory(clock=clock)
    run(memory, remember("k", "fast", "pod", 60))
    clock.now = 59
    run(memory, remember("k", "reasoning", "pod", 60))
    clock.now = 61

    assert (Remembered(tier="reasoning", idle=2.0), "pod") == remembered(
        run(memory, recall("k", 60))
    )


def test_what_is_too_old_is_forgotten() -> None:
    """After its time to live."""
    clock = Clock()
    memory = Memory(clock=clock)
    run(memory, remember("k", "fast", "pod", 60))
    clock.now = 60

    assert remembered(run(memory, recall("k", 60))) is None


def test_an_age_is_never_below_nothing() -> None:
    """As it would be right after a shorter time to live came into force."""
    assert (Remembered(tier="fast", idle=0.0), "pod") == remembered([b"fast pod", -5000])
