"""How long a judgement takes."""

from semantic_builders import semantic

from extproc.training.latency import SENTENCE, SIZES, table, times


def test_every_size_has_a_row() -> None:
    """In Markdown."""
    lines = list(table(semantic(), rounds=2))

    assert 2 + len(SIZES) == len(lines)
    assert lines[2].startswith("| 25 | ")


def test_long_prompts_take_no_longer() -> None:
    """What is read is bounded: the fastest of a few, in processor time."""
    long, longer = (min(times(semantic(), SENTENCE * many, 30)) for many in (600, 6_000))

    assert longer < 3 * long
    assert long < 0.005
