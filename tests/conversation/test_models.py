"""The list of models, which no tier is asked for."""

import json

import pytest
from builders import FAST_MODEL, REASONING_MODEL, headers
from playbook import Playbook, immediate, refused


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/", "/v1/models?limit=20"])
def test_the_list_is_answered_at_the_headers(path: str, method: str) -> None:
    """Every alias and every tier's own model, and the stream has ended."""
    book = Playbook()
    (reply,) = book.play(headers(path, method=method, end_of_stream=True))

    listed = json.loads(reply.immediate_response.body)

    assert immediate(200, "models_listed", listed) == reply
    assert ["auto", FAST_MODEL, REASONING_MODEL] == [model["id"] for model in listed["data"]]
    assert (["models_listed"], True) == (book.reasons(), book.processor.done)


def test_the_outcome_has_no_decision() -> None:
    """No tier is counted for what no tier answered."""
    book = Playbook()
    book.play(headers("/v1/models", method="GET", end_of_stream=True))

    assert [None] == [outcome.decision for outcome in book.observer.outcomes]


@pytest.mark.parametrize("name", ["auto", FAST_MODEL])
def test_one_model_is_answered_alone(name: str) -> None:
    """Its card is the one of the list."""
    (reply,) = Playbook().play(headers(f"/v1/models/{name}", method="GET", end_of_stream=True))

    card = json.loads(reply.immediate_response.body)

    assert immediate(200, "models_listed", card) == reply
    assert name == card["id"]


def test_an_unknown_model_is_not_found() -> None:
    """404 with the code of a chat's unknown model."""
    play = Playbook().play(headers("/v1/models/gpt-9", method="GET", end_of_stream=True))

    assert [refused(404, "model_not_found", "The model does not exist.", param="model")] == play
