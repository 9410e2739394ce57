"""Unit tests of the whole answer in Anthropic's API."""

import msgspec
import pytest
from sim_builders import HELLO, USAGE, body, call

from extproc.engines.sim import errors, messages
from extproc.engines.sim.errors import ApiError
from extproc.engines.sim.messages import MessagesExchange

TOOL = {"name": "f", "input_schema": {"properties": {"a": {"type": "integer"}}}}


def parse(**fields: object) -> MessagesExchange:
    """The exchange of a message that says hello."""
    request = {"model": "tiny", "messages": HELLO, "max_tokens": 99} | fields
    return messages.parse(body(**request), call())


def test_answer_is_that_of_vllm_byte_for_byte() -> None:
    """The message object, translated from a chat as vLLM does."""
    assert (
        b'{"id":"chatcmpl-r1","type":"message","role":"assistant","content":[{"type":"text",'
        b'"text":"This is"}],"model":"tiny","stop_reason":"max_tokens","usage":{"input_tokens":5,'
        b'"output_tokens":3,"cache_creation_input_tokens":0,"cache_read_input_tokens":4}}'
    ) == parse(max_tokens=2).answer(USAGE)


def test_tool_use_has_its_input() -> None:
    """A tool's call is a block with the input as an object."""
    exchange = parse(tools=[TOOL], tool_choice={"type": "any"})
    answer = msgspec.json.decode(exchange.answer(USAGE))

    assert ("tool_use", {"a": 1}) == (answer["stop_reason"], answer["content"][0]["input"])


def test_tool_use_that_is_cut_off_has_no_input() -> None:
    """Arguments that max_tokens cut off are left out."""
    exchange = parse(tools=[TOOL], tool_choice={"type": "any"}, max_tokens=1)
    answer = msgspec.json.decode(exchange.answer(USAGE))

    assert {} == answer["content"][0]["input"]


@pytest.mark.parametrize(
    ("choice", "called"),
    [
        (None, False),
        ({"type": "auto"}, False),
        ({"type": "none"}, False),
        ({"type": "any"}, True),
        ({"type": "tool", "name": "f"}, True),
    ],
)
def test_tool_choice(choice: object, called: bool) -> None:
    """Anthropic's choices mean what OpenAI's do."""
    assert called is (parse(tools=[TOOL], tool_choice=choice).plan.tool is not None)


def test_system_prompt_is_part_of_the_prompt() -> None:
    """The system prompt stands before the conversation."""
    with_system = parse(system=[{"type": "text", "text": "be brief"}])

    assert with_system.generation.prompt_tokens > parse().generation.prompt_tokens


def test_silence_has_no_block() -> None:
    """An answer that a stop string reduces to nothing has no content."""
    answer = msgspec.json.decode(parse(stop_sequences=["T"]).answer(USAGE))

    assert ([], "end_turn") == (answer["content"], answer["stop_reason"])


def test_refusal_of_the_model_has_the_shape_of_anthropic() -> None:
    """What the model's side refuses is worded as Anthropic does."""
    assert "error" == messages.refusal(errors.model_not_found("x", ["y"]))["type"]


def test_refusal_of_the_framework_keeps_the_shape_of_openai() -> None:
    """What FastAPI refuses keeps vLLM's usual shape, even here."""
    assert ["error"] == list(messages.refusal(errors.unsupported_media_type()))


@pytest.mark.parametrize("fields", [{"max_tokens": 0}, {"model": ""}])
def test_unacceptable_field(fields: dict[str, object]) -> None:
    """A limit below 1 or a model without a name does not decode."""
    with pytest.raises(msgspec.ValidationError):
        parse(**fields)


def test_unknown_model() -> None:
    """A model that is not served is not found."""
    with pytest.raises(ApiError, match="does not exist"):
        parse(model="other")


def test_stream_has_events() -> None:
    """Only a request with `stream` gets events."""
    assert [True, False] == [parse(stream=stream).events is not None for stream in (True, False)]
