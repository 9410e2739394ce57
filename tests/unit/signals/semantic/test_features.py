"""From text to numbers."""

import math

import numpy as np
import pytest
from semantic_builders import said, tokens

from extproc.signals.semantic.features import COUNTS, Features, extract
from extproc.signals.semantic.reading import read


def features(text: str, *before: tuple[str, str]) -> Features:
    """The features of a user's message after others."""
    return extract(read(said(text, *before)), tokens())


def counts(text: str, *before: tuple[str, str]) -> dict[str, float]:
    """The counts by name, as they were before the logarithm."""
    found = dict(zip(COUNTS, features(text, *before).counts.tolist(), strict=True))
    return {
        name: round(value if name == "asks" else math.expm1(value), 3)
        for name, value in found.items()
    }


def test_what_is_counted() -> None:
    """Pieces, numbers, operators, brackets, lines, words that ask, and their marks."""
    assert {
        "words": 14.0,
        "numbers": 2.0,
        "operators": 1.0,
        "code": 2.0,
        "lines": 1.0,
        "asks": 0.071,
        "questions": 1.0,
    } == counts("what is f(3) = 7?\n\n \nshow it now please tell")


def test_an_embedding_has_length_one() -> None:
    """Whatever the text's length."""
    assert np.linalg.norm(features("the moon is far").embedding) == pytest.approx(1)


@pytest.mark.parametrize("text", ["", " \n "])
def test_nothing_has_no_direction(text: str) -> None:
    """Zeros, and nothing unknown."""
    found = features(text)

    assert not found.embedding.any()
    assert not found.counts.any()
    assert 1.0 == found.known


def test_counts_stand_for_what_was_not_read() -> None:
    """A text that is read in part counts as long as it is."""
    long = counts("word " * 4_000)["words"]

    assert long == pytest.approx(4_000, rel=0.01)


def test_a_short_task_leans_on_its_context() -> None:
    """`why?` after a proof is about the proof."""
    proof = ("assistant", "the theorem follows by induction on the degree of the polynomial")
    alone, after = features("why?"), features("why?", proof)

    assert after.embedding @ features(proof[1]).embedding > 0.8
    assert alone.embedding @ features(proof[1]).embedding < 0.6
    assert after.counts[0] > alone.counts[0]


def test_a_long_task_stands_for_itself() -> None:
    """A system prompt changes little."""
    task = "sort the list of numbers and give the median of the middle half " * 5
    alone, after = features(task), features(task, ("system", "you are a helpful assistant"))

    assert after.embedding @ alone.embedding > 0.95


def test_what_is_unknown_is_said() -> None:
    """The share of pieces that the vocabulary knows."""
    assert 0.5 == features("moon ☃").known
