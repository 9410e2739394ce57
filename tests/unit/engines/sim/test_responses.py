"""Unit tests of requests to the responses API."""

import msgspec
import pytest
from sim_builders import USAGE, body, call

from extproc.engines.sim import responses
from extproc.engines.sim.errors import ApiError
from extproc.engines.sim.responses import ResponseExchange

TOOL = {"type": "function", "name": "f", "parameters": {"type": "object"}}


def parse(**fields: object) -> ResponseExchange:
    """The exchange of a response."""
    return responses.parse(body(**({"input": "hello"} | fields)), call())


def test_text_and_items_are_the_same_prompt() -> None:
    """An input that is a text equals one that is a message with this text."""
    item = {"role": "user", "content": [{"type": "input_text", "text": "hello"}]}

    assert parse().generation.prompts == parse(input=[item]).generation.prompts


def test_instructions_are_part_of_the_prompt() -> None:
    """Instructions stand before the input."""
    instructed = parse(instructions="be brief")

    assert instructed.generation.prompt_tokens > parse().generation.prompt_tokens


def test_earlier_calls_and_outputs_are_read() -> None:
    """The call of a function and its output are turns like others."""
    items = [
        {"role": "user", "content": "call f"},
        {"type": "function_call", "call_id": "1", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "1", "output": "sunny"},
    ]

    assert parse(input=items).generation.prompt_tokens > 30


@pytest.mark.parametrize(
    ("choice", "called"),
    [("auto", False), ("required", True), ({"type": "function", "name": "f"}, True)],
    ids=["auto", "required", "named"],
)
def test_tool_choice(choice: object, called: bool) -> None:
    """A demanded function is called."""
    assert called is (parse(tools=[TOOL], tool_choice=choice).plan.tool is not None)


def test_other_tools_are_ignored() -> None:
    """Tools that are no functions are never called."""
    assert parse(tools=[{"type": "web_search"}]).plan.tool is None


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"type": "json_schema", "name": "s", "schema": {"required": ["a"]}}, '{"a":"a"}'),
        ({"type": "json_object"}, '{"model":"tiny"}'),
    ],
)
def test_format_forces_json(wanted: object, expected: str) -> None:
    """A client that asks for JSON gets JSON."""
    assert expected == parse(text={"format": wanted}).body.text


def test_format_of_text_forces_nothing() -> None:
    """Text is what a response has by default."""
    free = parse(text={"verbosity": "low"}).body.text

    assert free == parse(text={"format": {"type": "text"}}).body.text == parse().body.text


def test_limit_is_cut_to_the_context() -> None:
    """More tokens than the prompt leaves are not refused, but cut short."""
    answer = msgspec.json.decode(parse(max_output_tokens=512).answer(USAGE))

    assert answer["max_output_tokens"] < 512


def test_limit_beyond_the_context_is_refused() -> None:
    """More tokens than the context has are refused by this API's name for them."""
    with pytest.raises(ApiError) as caught:
        parse(max_output_tokens=9999)

    assert "max_output_tokens" == caught.value.param


def test_without_tools_none_can_be_chosen() -> None:
    """The answer says that no tool was to be called, whatever the default says."""
    assert "none" == msgspec.json.decode(parse().answer(USAGE))["tool_choice"]


def test_nothing_was_stored() -> None:
    """A previous response is never found."""
    with pytest.raises(ApiError, match="Response with id 'resp_1' not found") as caught:
        parse(previous_response_id="resp_1")

    assert 404 == caught.value.status


@pytest.mark.parametrize(
    "fields",
    [
        {"input": [{"role": 3}]},
        {"tools": [{"name": "no type"}]},
        {"tools": [TOOL], "tool_choice": {"name": "no type"}},
        {"text": {"format": "json"}},
    ],
    ids=["item", "tool", "choice", "format"],
)
def test_malformed_part(fields: dict[str, object]) -> None:
    """What does not have the shape of the API does not decode."""
    with pytest.raises(msgspec.ValidationError):
        parse(**fields)


def test_stream_has_events() -> None:
    """Only a request with `stream` gets events."""
    assert [True, False] == [parse(stream=stream).events is not None for stream in (True, False)]
