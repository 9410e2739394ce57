"""Unit tests of embeddings."""

import base64
import math
import struct

import msgspec
import pytest
from sim_builders import USAGE, body, call

from extproc.engines.sim import embeddings


def vectors(**fields: object) -> list[list[float]]:
    """The vectors of an answer."""
    exchange = embeddings.parse(body(**fields), call())
    return [row["embedding"] for row in msgspec.json.decode(exchange.answer(USAGE))["data"]]


def test_answer_has_a_row_for_each_input() -> None:
    """Rows come in the order of the inputs, under vLLM's head."""
    exchange = embeddings.parse(body(input=["a", "b"]), call())
    answer = msgspec.json.decode(exchange.answer(USAGE))

    assert [(0, "embedding"), (1, "embedding")] == [
        (row["index"], row["object"]) for row in answer["data"]
    ]
    assert ["id", "object", "created", "model", "data", "usage"] == list(answer)


def test_vectors_are_unit_vectors() -> None:
    """As those of a real model, the vectors have length 1."""
    (vector,) = vectors(input="a")

    assert 384 == len(vector)
    assert 1.0 == pytest.approx(math.hypot(*vector))


def test_equal_inputs_have_equal_vectors() -> None:
    """A vector depends on its input alone."""
    first, second, third = vectors(input=["a", "a", "b"])

    assert first == second != third


def test_base64_holds_the_same_numbers() -> None:
    """In base64 the numbers are little-endian floats of 32 bits."""
    (vector,) = vectors(input="a", dimensions=3)
    (packed,) = vectors(input="a", dimensions=3, encoding_format="base64")
    unpacked = struct.unpack("<3f", base64.b64decode(str(packed)))

    assert list(unpacked) == pytest.approx(vector)


def test_nothing_is_generated() -> None:
    """An embedding is a prefill and no more."""
    exchange = embeddings.parse(body(input="a"), call())

    assert (0, None) == (exchange.generation.completion_tokens, exchange.events)
