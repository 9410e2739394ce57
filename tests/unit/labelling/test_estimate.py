"""What labelling will cost."""

from extproc.labelling.estimate import Part, Price, lines, parts
from extproc.labelling.tasks import task

TASKS = [task([{"role": "user", "content": "x" * 369}])] * 3


def test_tiers_are_asked_once_and_a_judge_twice() -> None:
    """A task whose answers are there costs only the judge."""
    found = parts(TASKS, TASKS[:1], max_tokens=10, judge_tokens=5)

    assert [
        Part(name="fast", requests=1, read=100, written=10),
        Part(name="reasoning", requests=1, read=100, written=10),
        Part(name="judge", requests=6, read=600 + 6 * 270, written=30),
    ] == found


def test_nobody_else_judges_for_money() -> None:
    """By an exact answer or by hand."""
    names = [part.name for part in parts(TASKS, TASKS, max_tokens=10, judge_tokens=None)]

    assert ["fast", "reasoning"] == names


def test_dollars_are_for_a_million_tokens() -> None:
    """What is read and what is written each has a price."""
    part = Part(name="fast", requests=1, read=2_000_000, written=1_000_000)

    assert 5.0 == part.dollars(Price(read=0.5, written=4.0))


def test_the_estimate_is_said_in_words() -> None:
    """With the least time at the rate; what has no price is said to have none."""
    found = [
        Part(name="fast", requests=90, read=1_000_000, written=1_000_000),
        Part(name="judge", requests=30, read=1, written=1),
    ]
    said = list(lines(found, {"fast": Price(read=1, written=2)}, rate=2.0))

    assert "at most $3.00" in said[0]
    assert "no price" in said[1]
    assert "  together   at most $3.00, at least 1.0 minutes" == said[2]
    assert "  together   at least 1.0 minutes" == list(lines(found, {}, rate=2.0))[2]
