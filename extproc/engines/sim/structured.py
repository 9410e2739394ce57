"""Answers that a grammar forces: JSON for the schema of a tool or of a response format."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from extproc.engines.sim import sse
from extproc.engines.sim.errors import invalid

# A schema may refer to itself through nested objects; a model's answer would end somewhere too.
_MAX_DEPTH: Final = 4


class JsonSchema(msgspec.Struct, frozen=True, rename={"definition": "schema"}):
    """A named schema; without a definition any object satisfies it."""

    name: str
    definition: dict[str, Any] | None = None


class ResponseFormat(msgspec.Struct, frozen=True):
    """The form that an answer must have; types other than JSON leave it free."""

    type: str
    json_schema: JsonSchema | None = None


def forced_text(wanted: ResponseFormat | None, *, model: str) -> str | None:
    """The text that a response format leaves the model, None where it leaves all to it.

    An object without a schema says which model answers. Raises ApiError for a missing schema.
    """
    if wanted is None or wanted.type not in ("json_object", "json_schema"):
        return None
    if wanted.type == "json_object":
        return sse.encode({"model": model}).decode()
    if wanted.json_schema is None:
        raise invalid(
            "When response_format type is 'json_schema', the 'json_schema' field must be provided.",
            param="response_format",
        )
    return satisfying(wanted.json_schema.definition or {})


def satisfying(schema: Mapping[str, Any]) -> str:
    """JSON that satisfies the plain parts of an object's schema."""
    return sse.encode(example({"type": "object", **schema})).decode()


def example(schema: object, *, name: str = "value", depth: int = 0) -> object:
    """A value for a JSON schema: the first of an enumeration, else a fixed one of its type.

    Of what it does not understand the name stands for the value.
    """
    match schema:
        case {"enum": [first, *_]}:
            return first
        case {"type": "object", **rest}:
            return _object(rest, depth) if depth < _MAX_DEPTH else {}
        case {"type": "integer" | "number", **rest}:
            return rest.get("minimum", 1)
        case {"type": "boolean"}:
            return True
        case {"type": "array"}:
            return []
        case _:
            return name


def _object(schema: Mapping[object, object], depth: int) -> dict[str, object]:
    described = schema.get("properties")
    properties = described if isinstance(described, dict) else {}
    required = schema.get("required", list(properties))
    names = required if isinstance(required, list) else []
    return {
        str(name): example(properties.get(name), name=str(name), depth=depth + 1) for name in names
    }
