"""Which text is judged."""

import pytest
from semantic_builders import said

from extproc.request import Conversation, Segment
from extproc.signals.semantic.reading import CONTEXT_CHARS, TASK_CHARS, read


def test_the_last_turn_is_the_task() -> None:
    """What the user said before, and the system prompt, are context."""
    found = read(said("why?", ("system", "be brief"), ("user", "2+2?"), ("assistant", "4")))

    assert "why?" == found.task
    assert "be brief\n2+2?\n4" == found.context


def test_parts_of_one_turn_belong_together() -> None:
    """A message of several texts is one task."""
    found = read(said("and this?", ("user", "what is that")))

    assert "what is that\nand this?" == found.task


def test_results_of_tools_after_the_task_are_context() -> None:
    """The task of an agent's loop is still what the user asked."""
    segments = (Segment("user", "how warm is it?"), Segment("tool", "21 degrees"))
    found = read(Conversation(segments=segments))

    assert ("how warm is it?", "21 degrees") == (found.task, found.context)


def test_without_a_user_all_is_the_task() -> None:
    """There is nothing else to go by."""
    found = read(Conversation(segments=(Segment("system", "a"), Segment("tool", "b"))))

    assert ("a\nb", "") == (found.task, found.context)


def test_nothing_is_read_whole() -> None:
    """An empty conversation leaves nothing unread."""
    found = read(Conversation())

    assert ("", "", 1.0, 1.0) == (found.task, found.context, found.task_share, found.coverage)


def test_a_long_task_is_read_at_both_ends() -> None:
    """And the share that was read is said."""
    found = read(said("a" * TASK_CHARS + "b" * TASK_CHARS))

    assert "a" * (TASK_CHARS // 2) + "\n" + "b" * (TASK_CHARS // 2) == found.task
    assert 0.5 == found.task_share
    assert 0.5 == found.coverage


def test_a_long_context_is_read_at_both_ends() -> None:
    """The system prompt's head, and what stands nearest to the task."""
    half = CONTEXT_CHARS // 2
    found = read(said("go", ("system", "s" * half), ("user", "x" * 1000), ("tool", "t" * half)))

    assert "s" * half + "\n" + "t" * half == found.context
    assert 1.0 == found.task_share
    assert found.coverage == pytest.approx((2 + CONTEXT_CHARS) / (1002 + CONTEXT_CHARS))


def test_many_short_texts_are_read_up_to_the_limit() -> None:
    """Whole ones while the budget lasts."""
    found = read(said("go", *[("tool", "0123456789")] * 200))

    assert CONTEXT_CHARS == len(found.context.replace("\n", ""))
