"""Unit tests of HTTP responses."""

from extproc.engines.sim import errors, replies
from extproc.engines.sim.errors import ApiError


def test_object_is_encoded() -> None:
    """A payload becomes a JSON body with the media type of one."""
    response = replies.json_object({"a": 1})

    assert (200, "application/json", b'{"a":1}') == (
        response.status,
        response.content_type,
        response.body,
    )


def test_refusal_carries_status_and_delay() -> None:
    """A refusal has the error's status, and the delay in seconds if there is one."""
    response = replies.refusal(errors.plain(503), retry_after=7)

    assert (503, "7") == (response.status, response.headers["retry-after"])


def test_refusal_is_worded_by_the_api() -> None:
    """Another API words the same error in its own shape."""
    response = replies.refusal(errors.model_not_found("x", ["y", "z"]), ApiError.anthropic)

    assert response.body == (
        b'{"type":"error","error":{"type":"NotFoundError",'
        b'"message":"The model `x` does not exist. Valid aliases: y, z."}}'
    )
