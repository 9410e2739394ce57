"""By a judge model on a real socket."""

from collections.abc import Mapping
from typing import Any

import aiohttp
import pytest
from model_server import ModelServer, model_server

from extproc.labelling.client import AskError, Client, Endpoint, Pace
from extproc.labelling.graders import Grades, Judge
from extproc.labelling.graders.judge import question, verdict
from extproc.labelling.tasks import task

TASK = task([{"role": "user", "content": "why?"}])


async def grade(server: ModelServer, fast: str, reasoning: str) -> Grades:
    """What the judge on that socket makes of a pair."""
    endpoint = Endpoint(url=f"{server.url}/v1", model="judge", max_tokens=9)
    async with aiohttp.ClientSession() as http:
        return await Judge(Client(http, Pace(1000)), endpoint).grade(TASK, fast, reasoning)


def prefers_long(body: Mapping[str, Any]) -> str:
    """A fair judge that likes long answers."""
    asked = body["messages"][1]["content"]
    a, b = (asked.partition(f"<answer-{name}>")[2].partition("</")[0] for name in "ab")
    return "equal: [[Tie]]" if len(a) == len(b) else f"so [[{'A' if len(a) > len(b) else 'B'}]]"


@pytest.mark.parametrize(
    ("fast", "reasoning", "expected"),
    [("x", "long", (0, 1)), ("long", "x", (1, 0)), ("same", "same", (1, 1))],
)
async def test_the_better_answer_wins_in_both_orders(
    fast: str, reasoning: str, expected: tuple[float, float]
) -> None:
    """The judge is asked twice, with the answers swapped."""
    with model_server(prefers_long) as server:
        found = await grade(server, fast, reasoning)

    assert expected == (found.fast, found.reasoning)
    assert 2 == len(server.bodies)


async def test_a_judge_that_leans_to_one_side_says_nothing() -> None:
    """Each answer wins once."""
    with model_server(lambda _: "[[A]]") as server:
        assert Grades(fast=0.5, reasoning=0.5) == await grade(server, "x", "y")


def test_the_judge_does_not_learn_which_tier_said_what() -> None:
    """Nor the names of the tiers."""
    system, asked = question(TASK, "first", "second")

    assert "user: why?" in asked["content"]
    assert "fast" not in system["content"] + asked["content"]
    assert "reasoning" not in system["content"] + asked["content"]


def test_parts_are_shown_as_what_they_are() -> None:
    """Text as text, an image as the word."""
    parts = [{"type": "text", "text": "see"}, {"type": "image_url", "image_url": {"url": "data:"}}]
    said = question(task([{"role": "user", "content": parts}, {"role": "assistant"}]), "", "")

    assert "user: see\n[image_url]\n\nassistant: \n" in said[1]["content"]


def test_the_last_verdict_counts() -> None:
    """A reply without one is an error."""
    assert "bad" == verdict("[[A]]? no: [[ BAD ]]")
    with pytest.raises(AskError, match="the judge said none of"):
        verdict("A is better")
