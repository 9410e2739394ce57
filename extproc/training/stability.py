"""Does a decision stand when a prompt is said another way?

Every original is changed in ways that leave the task what it is: case, white space, politeness,
punctuation, and a paraphrase of its frame. A flip is a pair whose two scores fall on different
sides of the threshold.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Change = Callable[[str], str]

_TOPICS: Final = (
    "how a refrigerator works",
    "the causes of the First World War",
    "why the derivative of a constant is zero",
    "the difference between a stack and a queue",
    "how vaccines train the immune system",
    "the proof that the harmonic series diverges",
    "how interest rates affect the price of bonds",
    "what makes a good cover letter",
    "how photosynthesis stores energy",
    "how garbage collection works in Java",
    "the rules of offside in football",
    "how to estimate the area under a curve",
)
_FRAMES: Final = (
    ("Explain {}.", "Can you give an explanation of {}?"),
    ("Describe {} in simple words.", "In simple words, describe {}."),
    ("Write a short essay about {}.", "Compose a brief essay on {}."),
    ("Give me three examples that illustrate {}.", "List three examples which show {}."),
    ("Summarise {} for a student.", "For a student, sum up {}."),
)
_TASKS: Final = (
    "Solve 3x + 7 = 22 and show each step.",
    "Write a function that reverses a linked list and explain its cost.",
    "A shop sells 48 clips in April and half as many in May. How many clips in all?",
    "Translate 'where is the station?' into French.",
    "What is the capital of Peru?",
    "Prove that the sum of two even numbers is even.",
    "My code raises KeyError: 'id' when the list is empty. Why?",
    "Write a haiku about winter.",
    "Which has more mass, a litre of water or a litre of oil, and why?",
    "Find the largest prime factor of 13195.",
    "Plan a three day trip to Lisbon with a small budget.",
    "Five people sit in a row; Ann is left of Bob and right of Carl. Who may sit at an end?",
    "Compute the standard deviation of 4, 8, 6, 5, 3 and 7.",
    "What does the term opportunity cost mean?",
    'Convert this JSON to YAML: {"a": [1, 2], "b": null}',
    "How many ways can 10 books be placed on a shelf if two must stand together?",
    "Rewrite this politely: send me the report now.",
    "Which planet has the most moons?",
    "Design a database schema for a library with loans and fines.",
    "If all cats are mammals and some mammals swim, do some cats swim?",
    "Evaluate the integral of 1/(1 + x^2) from 0 to 1.",
    "Who painted the ceiling of the Sistine Chapel?",
    "Explain how TCP recovers from a lost packet, with the role of each timer.",
    "A car brakes from 30 m/s to rest in 5 s. What distance does it travel?",
)  # fmt: skip

CHANGES: Final[Mapping[str, Sequence[Change]]] = {
    "case": (str.lower, str.upper),
    "space": (
        lambda text: f"\n\n  {text}\n",
        lambda text: text.replace(" ", "  "),
        lambda text: re.sub(r"([.?!]) ", "\\1\n\n", text),
    ),
    "politeness": (
        lambda text: f"Please: {text}",
        lambda text: f"Hi! {text} Thanks!",
        lambda text: f"{text} Thank you very much.",
    ),
    "punctuation": (lambda text: text.rstrip(".?!"),),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One task said in two ways, and what was changed."""

    kind: str
    original: str
    changed: str


def pairs() -> tuple[Pair, ...]:
    """The whole set, the same on every call."""
    framed = [
        Pair(kind="paraphrase", original=first.format(topic), changed=second.format(topic))
        for topic in _TOPICS
        for first, second in _FRAMES
    ]
    originals = (*(pair.original for pair in framed), *_TASKS)
    changed = [
        Pair(kind=kind, original=original, changed=change(original))
        for kind, changes in CHANGES.items()
        for change in changes
        for original in originals
    ]
    return (*framed, *changed)


def flips(
    first: NDArray[np.float64], second: NDArray[np.float64], threshold: float
) -> NDArray[np.bool_]:
    """Which pairs of scores fall on different sides of the threshold."""
    flipped: NDArray[np.bool_] = (first >= threshold) != (second >= threshold)
    return flipped
