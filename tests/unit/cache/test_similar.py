"""Questions in other words."""

from dataclasses import replace

import numpy as np
from cache_builders import asked
from numpy.typing import NDArray

from extproc.cache.question import Question
from extproc.cache.similar import LONGEST, Similar, embedding
from extproc.signals.semantic import TOKENS
from extproc.signals.semantic.tokens import Tokens

ANGLES = {"Capital of France": 0.0, "the capital of France": 0.3, "capital of a France": 0.6}


def embed(text: str) -> NDArray[np.float64]:
    """A vector of length 1, at the angle that the text stands for."""
    angle = ANGLES.get(text, 3.0)
    return np.array([np.cos(angle), np.sin(angle)])


def about(text: str, *, around: str = "a", key: str = "") -> Question:
    """A question whose last message is this text."""
    return replace(asked(), text=text, around=around, key=key or text)


def place(text: str) -> str:
    """Where its answer is kept."""
    return about(text).place


def index(*texts: str, most: int = 10) -> Similar:
    """One that knows these questions."""
    made = Similar(embed, most=most)
    for text in texts:
        made.add(about(text))
    return made


def test_the_nearest_is_found() -> None:
    """Of those that are near enough."""
    one, two, three = ANGLES
    known = index(one, three)

    assert place(one) == known.nearest(about(two, key="new"), 0.9)
    assert place(three) == known.nearest(about(three, key="new"), 0.9)
    assert known.nearest(about(two), 0.99) is None


def test_all_else_must_be_the_same() -> None:
    """And the guards of both."""
    one, two, _ = ANGLES
    known = index(one)

    assert known.nearest(about(two, around="b"), 0.1) is None
    assert known.nearest(about("capital of Germany"), -1) is None


def test_what_is_not_to_be_compared_is_not() -> None:
    """Without surroundings, or too long for a word's change to be seen."""
    long = "x" * (LONGEST + 1)
    known = index(long)
    known.add(about("x", around=""))

    assert known.nearest(about(long), -1) is None
    assert known.nearest(about("x", around=""), -1) is None


def test_the_oldest_is_forgotten_first() -> None:
    """An answer that came again is new again."""
    one, two, three = ANGLES
    known = index(one, two, one, three, most=2)

    assert place(one) == known.nearest(about(one), 0.99)
    assert place(three) == known.nearest(about(three), 0.99)
    assert known.nearest(about(two), 0.99) is None


def test_a_group_that_is_empty_is_forgotten_too() -> None:
    """Nothing is left of it."""
    known = index("alpha", "beta", most=1)

    assert known.nearest(about("alpha"), -1) is None
    assert place("beta") == known.nearest(about("beta"), -1)


def test_the_embedding_is_the_routers_own() -> None:
    """Of length 1, and the nearer the more alike."""
    of = embedding(Tokens(TOKENS))
    one, near, far = map(of, ("reverse a list", "how to reverse a list", "the weather in Rome"))

    assert abs(float(one @ one) - 1.0) < 1e-6
    assert float(one @ near) > float(one @ far)
