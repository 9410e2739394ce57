"""Unit tests of tool calls."""

import json

import pytest

from extproc.engines.sim import toolcalls
from extproc.engines.sim.toolcalls import Tool, ToolChoice

TOOLS = [Tool(name="search"), Tool(name="weather")]


class TestChoose:
    """Which tool is called."""

    @pytest.mark.parametrize(
        ("choice", "asked", "expected"),
        [
            (ToolChoice(), "hello", None),
            (ToolChoice(), "please call weather for me", "weather"),
            (ToolChoice(), "recall weathermen", None),
            (ToolChoice(allowed=False), "call weather", None),
            (ToolChoice(required=True), "hello", "search"),
            (ToolChoice(required=True), "call weather", "weather"),
            (ToolChoice(named="weather"), "hello", "weather"),
        ],
    )
    def test_choice(self, choice: ToolChoice, asked: str, expected: str | None) -> None:
        """A tool is called when it is demanded, or when the user says `call <name>`."""
        tool = toolcalls.choose(TOOLS, choice, asked)

        assert expected == (tool and tool.name)

    def test_without_tools_nothing_is_called(self) -> None:
        """No tools, no call, whatever is asked."""
        assert toolcalls.choose([], ToolChoice(required=True), "call search") is None


class TestArguments:
    """With what it is called."""

    def test_required_properties_are_filled(self) -> None:
        """Each required property gets a value of its type, the others are left out."""
        tool = Tool(
            name="weather",
            parameters={
                "properties": {
                    "city": {"type": "string"},
                    "days": {"type": "integer", "minimum": 3},
                    "metric": {"type": "boolean"},
                    "tags": {"type": "array"},
                    "unit": {"enum": ["C", "F"]},
                    "note": {"type": "string"},
                },
                "required": ["city", "days", "metric", "tags", "unit"],
            },
        )

        assert {
            "city": "city", "days": 3, "metric": True, "tags": [], "unit": "C",
        } == json.loads(toolcalls.arguments(tool))  # fmt: skip

    def test_without_required_all_properties_are_filled(self) -> None:
        """A schema that demands nothing gets all it describes."""
        tool = Tool(name="f", parameters={"properties": {"a": {"type": "number"}}})

        assert '{"a":1}' == toolcalls.arguments(tool)

    def test_nesting_ends(self) -> None:
        """Objects within objects end at some depth."""
        schema: dict[str, object] = {"type": "object"}
        schema["properties"] = {"again": schema}

        assert {"again": {"again": {"again": {"again": {}}}}} == toolcalls.example(schema)


def test_call_id_has_the_form_of_vllm() -> None:
    """Ids are fresh and begin as vLLM's do."""
    assert toolcalls.call_id().startswith("chatcmpl-tool-")
    assert toolcalls.call_id() != toolcalls.call_id()
