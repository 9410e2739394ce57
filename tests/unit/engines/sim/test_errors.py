"""Unit tests of vLLM's error shapes."""

import msgspec
import pytest

from extproc.engines.sim import errors


class Subject(msgspec.Struct):
    """A body with one field of each kind of mistake."""

    needed: list[int]
    text: str = ""


def undecodable(body: bytes) -> errors.ApiError:
    """The refusal for a body that is no `Subject`."""
    with pytest.raises((msgspec.MsgspecError, UnicodeDecodeError)) as caught:
        msgspec.json.decode(body, type=Subject)
    return errors.undecodable(caught.value)


class TestApiError:
    """The shapes of a refusal."""

    def test_openai_shape(self) -> None:
        """The error object has vLLM's four keys in vLLM's order."""
        error = errors.invalid("n must be at least 1, got 0.", param="n", value=0)

        assert (
            b'{"error":{"message":"n must be at least 1, got 0. (parameter=n, value=0)",'
            b'"type":"BadRequestError","param":"n","code":400}}'
        ) == msgspec.json.encode(error.openai())

    def test_anthropic_shape(self) -> None:
        """Anthropic's error has the type and the message alone."""
        assert {
            "type": "error",
            "error": {
                "type": "NotFoundError",
                "message": "The model `x` does not exist. Valid aliases: y.",
            },
        } == errors.model_not_found("x", ["y"]).anthropic()

    def test_value_none_is_not_shown(self) -> None:
        """Without a value only the parameter is named."""
        assert "bad (parameter=a)" == errors.invalid("bad", param="a").message


class TestUndecodable:
    """Bodies that do not decode."""

    def test_missing_field_is_named(self) -> None:
        """A missing field is reported as pydantic reports it."""
        error = undecodable(b"{}")

        assert ("body.needed", "Bad Request") == (error.param, error.kind)
        assert "'type': 'missing'" in error.message

    def test_wrong_type_names_the_place(self) -> None:
        """A value of the wrong type is reported with the path to it."""
        assert "body.needed.0" == undecodable(b'{"needed":["x"]}').param

    def test_body_of_another_kind(self) -> None:
        """A body that is JSON but no object is at fault as a whole."""
        assert "body" == undecodable(b"[]").param

    @pytest.mark.parametrize("body", [b"", b"nope", b'{"needed":[],"text":"\xff"}'])
    def test_no_json(self, body: bytes) -> None:
        """What is not JSON is refused as such, whichever way it fails."""
        assert "'type': 'json_invalid'" in undecodable(body).message


class TestPlain:
    """Errors that have no field at fault."""

    def test_status_speaks_for_itself(self) -> None:
        """An error without more to say carries the phrase of its status."""
        error = errors.plain(503)

        assert (503, "Service Unavailable") == (error.status, error.kind)

    def test_full_queue_is_unavailable(self) -> None:
        """VLLM answers 503 when its queue is at the cap, not 429."""
        assert 503 == errors.queue_full().status

    def test_media_type_is_a_malformed_request(self) -> None:
        """A body that does not claim to be JSON is refused by the web framework."""
        assert errors.unsupported_media_type().malformed
