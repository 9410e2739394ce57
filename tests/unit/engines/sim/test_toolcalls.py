"""Unit tests of tool calls."""

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


def test_call_id_has_the_form_of_vllm() -> None:
    """Ids are fresh and begin as vLLM's do."""
    assert toolcalls.call_id().startswith("chatcmpl-tool-")
    assert toolcalls.call_id() != toolcalls.call_id()
