"""The conversations to label."""

import json
from pathlib import Path

import pytest

from extproc.errors import ConfigError
from extproc.labelling.tasks import of_decisions, of_prompts, sample, task


def lines(folder: Path, *values: object) -> Path:
    """A file of JSON lines."""
    path = folder / "lines.jsonl"
    path.write_text("".join(json.dumps(value) + "\n" for value in values))
    return path


def test_prompts_and_messages_are_read(tmp_path: Path) -> None:
    """A prompt is a message of the user's; a reference may be a number."""
    said = [{"role": "system", "content": "be brief"}, {"role": "user", "content": "why?"}]
    first, second = of_prompts(
        lines(tmp_path, {"prompt": "2+2?", "reference": 4}, {"messages": said})
    )

    assert [{"role": "user", "content": "2+2?"}] == first.messages
    assert ("4", None) == (first.reference, second.reference)
    assert said == second.messages


def test_equal_conversations_are_one_task(tmp_path: Path) -> None:
    """However they are written."""
    twice = lines(tmp_path, {"prompt": "a"}, {"messages": [{"content": "a", "role": "user"}]})

    assert 1 == len(of_prompts(twice))


@pytest.mark.parametrize(
    "line", [{}, {"prompt": 7}, {"messages": [{"role": "user", "content": 7}]}]
)
def test_a_bad_line_is_named(line: object, tmp_path: Path) -> None:
    """By its number."""
    with pytest.raises(ConfigError, match=r"lines\.jsonl:2: "):
        of_prompts(lines(tmp_path, {"prompt": "a"}, line))


def test_a_decision_log_gives_what_prompts_it_holds(tmp_path: Path) -> None:
    """Other lines are left out."""
    said = [{"role": "user", "content": "why?"}]
    log = lines(tmp_path, {"kind": "decision"}, {"kind": "decision", "messages": said}, {})

    assert [said] == [one.messages for one in of_decisions([log])]


def test_a_decision_log_without_prompts_is_refused(tmp_path: Path) -> None:
    """With the key that keeps them."""
    with pytest.raises(ConfigError, match=r"decision_log\.prompts"):
        of_decisions([lines(tmp_path, {"kind": "decision"})])


def test_a_larger_sample_holds_the_smaller_one() -> None:
    """So that labelling more goes on where it ended; without a limit all are taken."""
    tasks = [task([{"role": "user", "content": str(number)}]) for number in range(20)]

    assert sample(tasks, 5, 1) == sample(tasks, 9, 1)[:5]
    assert sample(tasks, 5, 1) != sample(tasks, 5, 2)
    assert {one.key for one in tasks} == {one.key for one in sample(tasks, None, 1)}
