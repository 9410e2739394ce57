"""Unit tests of embeddings."""

import base64
import math
import struct

import msgspec
import pytest
from sim_builders import USAGE, body, call

from extproc.engines.sim import embeddings
from extproc.engines.sim.errors import ApiError


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


def test_usage_has_no_details() -> None:
    """A prefill's usage has its counts, and nulls where others have details."""
    usage = msgspec.json.decode(embeddings.parse(body(input="a"), call()).answer(USAGE))["usage"]

    assert (None, None) == (usage["prompt_tokens_details"], usage["completion_tokens_details"])


def test_an_unknown_model_is_not_told_of_others() -> None:
    """Unlike in the other APIs."""
    with pytest.raises(ApiError) as caught:
        embeddings.parse(body(input="a", model="other"), call())

    assert ("The model `other` does not exist.", None) == (
        caught.value.message,
        caught.value.param,
    )


def test_nothing_is_generated() -> None:
    """An embedding is a prefill and no more."""
    exchange = embeddings.parse(body(input="a"), call())

    assert (0, None) == (exchange.generation.completion_tokens, exchange.events)
