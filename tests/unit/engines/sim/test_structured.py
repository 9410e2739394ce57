"""Unit tests of answers that a grammar forces."""

import json

import pytest

from extproc.engines.sim import structured
from extproc.engines.sim.errors import ApiError
from extproc.engines.sim.structured import JsonSchema, ResponseFormat


class TestForcedText:
    """What a response format leaves the model."""

    @pytest.mark.parametrize("wanted", [None, ResponseFormat(type="text")])
    def test_text_is_free(self, wanted: ResponseFormat | None) -> None:
        """Without a format, or with that of text, nothing is forced."""
        assert structured.forced_text(wanted, model="tiny") is None

    def test_any_object(self) -> None:
        """An object without a schema says which model answers."""
        wanted = ResponseFormat(type="json_object")

        assert '{"model":"tiny"}' == structured.forced_text(wanted, model="tiny")

    def test_object_of_a_schema(self) -> None:
        """With a schema the answer satisfies it."""
        definition = {"properties": {"a": {"type": "integer"}}}
        wanted = ResponseFormat(
            type="json_schema", json_schema=JsonSchema(name="s", definition=definition)
        )

        assert '{"a":1}' == structured.forced_text(wanted, model="tiny")

    def test_missing_schema(self) -> None:
        """A format that promises a schema and has none is refused."""
        with pytest.raises(ApiError, match="'json_schema' field must be provided"):
            structured.forced_text(ResponseFormat(type="json_schema"), model="tiny")


class TestSatisfying:
    """JSON for a schema."""

    def test_required_properties_are_filled(self) -> None:
        """Each required property gets a value of its type, the others are left out."""
        schema = {
            "properties": {
                "city": {"type": "string"},
                "days": {"type": "integer", "minimum": 3},
                "metric": {"type": "boolean"},
                "tags": {"type": "array"},
                "unit": {"enum": ["C", "F"]},
                "note": {"type": "string"},
            },
            "required": ["city", "days", "metric", "tags", "unit"],
        }

        assert {
            "city": "city", "days": 3, "metric": True, "tags": [], "unit": "C",
        } == json.loads(structured.satisfying(schema))  # fmt: skip

    def test_without_required_all_properties_are_filled(self) -> None:
        """A schema that demands nothing gets all it describes."""
        schema = {"properties": {"a": {"type": "number"}}}

        assert '{"a":1}' == structured.satisfying(schema)

    def test_nesting_ends(self) -> None:
        """Objects within objects end at some depth."""
        schema: dict[str, object] = {"type": "object"}
        schema["properties"] = {"again": schema}

        assert {"again": {"again": {"again": {"again": {}}}}} == structured.example(schema)

    @pytest.mark.parametrize(
        ("schema", "expected"),
        [
            ({"properties": {"a": True}}, '{"a":"a"}'),
            ({"properties": "none", "required": "none"}, "{}"),
            ({"properties": {"a": {"enum": []}}}, '{"a":"a"}'),
            ({"required": [3]}, '{"3":"3"}'),
        ],
    )
    def test_odd_schema_is_no_reason_to_fail(
        self, schema: dict[str, object], expected: str
    ) -> None:
        """A schema that makes no sense gets an answer all the same."""
        assert expected == structured.satisfying(schema)
