"""Refusals in the shapes that vLLM gives them.

vLLM has two: `VLLMValidationError` and its kin become `BadRequestError`, whose message ends with
the parameter and its value; what FastAPI refuses becomes `Bad Request`. The `input` that pydantic
puts into the latter is left out here, since it may be a prompt.
"""

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

import msgspec

_MISSING: Final = re.compile(r"Object missing required field `(.+)`")
_QUEUE_FULL: Final = "The server's request queue is full. Please retry later."


class ApiError(Exception):
    """A request refused with `status` and vLLM's `error` object."""

    def __init__(
        self,
        message: str,
        *,
        status: int = HTTPStatus.BAD_REQUEST,
        kind: str = "BadRequestError",
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = int(status)
        self.kind = kind
        self.param = param

    @property
    def malformed(self) -> bool:
        """Whether vLLM's web framework refuses, before the API's own code sees the request."""
        return self.kind == HTTPStatus.BAD_REQUEST.phrase

    def openai(self) -> dict[str, object]:
        """The body of OpenAI's APIs."""
        return {
            "error": {
                "message": self.message,
                "type": self.kind,
                "param": self.param,
                "code": self.status,
            }
        }

    def anthropic(self) -> dict[str, object]:
        """The body of Anthropic's API."""
        return {"type": "error", "error": {"type": self.kind, "message": self.message}}


def invalid(message: str, *, param: str, value: object = None) -> ApiError:
    """A value that vLLM's own validation refuses; `value` is shown to the client if not None."""
    shown = f"parameter={param}" if value is None else f"parameter={param}, value={value}"
    return ApiError(f"{message} ({shown})", param=param)


def malformed(kind: str, location: Sequence[str], message: str) -> ApiError:
    """A body without the shape of the API; `location` is the path to the field at fault."""
    where = ".".join(("body", *location))
    detail = {"type": kind, "loc": where, "msg": message}
    return ApiError(
        f"1 validation error:\n  {detail}", kind=HTTPStatus.BAD_REQUEST.phrase, param=where
    )


def undecodable(error: Exception) -> ApiError:
    """The refusal for a body that msgspec could not decode into the API's shape."""
    if not isinstance(error, msgspec.ValidationError):
        return malformed("json_invalid", (), "JSON decode error")
    message, _, path = str(error).partition(" - at `$")
    steps = [step for step in re.split(r"[.\[\]`]+", path) if step]
    missing = _MISSING.fullmatch(message)
    if missing is None:
        return malformed("value_error", steps, message)
    return malformed("missing", (*steps, missing[1]), "Field required")


def plain(status: int) -> ApiError:
    """An error with nothing to say but its status."""
    phrase = HTTPStatus(status).phrase
    return ApiError(phrase, status=status, kind=phrase)


def model_not_found(model: str, served: Sequence[str] = ()) -> ApiError:
    """The requested model is none of the `served` names, which embeddings do not tell."""
    told = f" Valid aliases: {', '.join(served)}." if served else ""
    return ApiError(
        f"The model `{model}` does not exist.{told}",
        status=HTTPStatus.NOT_FOUND,
        kind="NotFoundError",
        param="model" if served else None,
    )


def unsupported_media_type() -> ApiError:
    """The body does not claim to be JSON."""
    return ApiError(
        "1 validation error:\n  Unsupported Media Type: Only 'application/json' is allowed",
        kind=HTTPStatus.BAD_REQUEST.phrase,
    )


def queue_full() -> ApiError:
    """The waiting queue is at its cap."""
    status = HTTPStatus.SERVICE_UNAVAILABLE
    return ApiError(_QUEUE_FULL, status=status, kind=status.phrase)
