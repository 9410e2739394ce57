"""The defaults of each kind of machine."""

from extproc.engines.vllm.hardware import HARDWARE, Kind


def test_every_kind_has_its_defaults() -> None:
    """A machine that can be named can be started on."""
    assert set(Kind) == set(HARDWARE)


def test_a_t4_is_not_asked_for_what_it_has_not() -> None:
    """Compute capability 7.5 has no bfloat16, no FlashAttention 2 and no FP8 cache."""
    t4 = HARDWARE[Kind.T4]

    assert ("half", ()) == (t4.dtype, t4.more)
