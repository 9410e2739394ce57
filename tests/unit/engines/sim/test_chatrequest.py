"""Unit tests of the checks of a chat request, and of what it makes the engine do."""

import msgspec
import pytest
from sim_builders import HELLO, body, call

from extproc.engines.sim import chatrequest
from extproc.engines.sim.chatrequest import ChatPlan, ChatRequest, StreamOptions
from extproc.engines.sim.errors import ApiError

TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}


def request(**fields: object) -> ChatRequest:
    """A decoded request that says hello."""
    return msgspec.json.decode(body(**({"messages": HELLO} | fields)), type=ChatRequest)


def accept(**fields: object) -> ChatPlan:
    """The plan for a request that says hello."""
    return chatrequest.accept(request(**fields), call())


class TestAccept:
    """What an acceptable request makes the engine do."""

    def test_newer_name_of_the_limit_wins(self) -> None:
        """`max_completion_tokens` goes before the deprecated `max_tokens`."""
        assert (4,) == accept(max_tokens=9, max_completion_tokens=4).generation.budgets

    @pytest.mark.parametrize("stop", ["read", ["read", "never"]])
    def test_stop_is_one_or_several(self, stop: object) -> None:
        """Stop strings come as a text or as a list."""
        assert "read" == accept(stop=stop).generation.outputs[0].stop_reason

    def test_nulls_are_defaults(self) -> None:
        """A field that is null is as if it were not there."""
        assert 1 == len(accept(n=None, temperature=None, stop=None).generation.outputs)

    def test_response_format_forces_json(self) -> None:
        """A client that asks for JSON gets JSON."""
        plan = accept(response_format={"type": "json_object"})

        assert '{"model":"tiny"}' == plan.generation.outputs[0].text

    def test_earlier_tool_calls_are_in_the_prompt(self) -> None:
        """Calls of earlier turns are part of what the model reads."""
        calls = [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
        turn = {"role": "assistant", "content": None, "tool_calls": calls}
        longer = accept(messages=[*HELLO, turn])

        assert len(longer.generation.prompts[0]) > len(accept().generation.prompts[0]) + 10

    def test_no_messages(self) -> None:
        """An empty conversation is refused before the chat template fails on it."""
        with pytest.raises(ApiError, match="an empty conversation"):
            accept(messages=[])

    def test_limit_is_cut_to_what_the_prompt_leaves(self) -> None:
        """Prompt and limit may overflow the context together: the answer is cut short."""
        assert accept(max_tokens=510).generation.budgets[0] < 510

    @pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
    def test_limit_beyond_the_context_is_refused(self, name: str) -> None:
        """More tokens than the whole context are refused, by the name that the client used."""
        with pytest.raises(ApiError) as caught:
            accept(**{name: 513})

        assert name == caught.value.param

    def test_four_stop_strings_are_the_most(self) -> None:
        """A list of five does not decode, as with vLLM."""
        with pytest.raises(msgspec.ValidationError, match="stop"):
            accept(stop=["a", "b", "c", "d", "e"])


class TestTools:
    """Whether a tool is called, and how that ends."""

    @pytest.mark.parametrize(
        ("choice", "reason"),
        [("required", "tool_calls"), ({"type": "function", "function": {"name": "f"}}, "stop")],
        ids=["required", "named"],
    )
    def test_forced_call(self, choice: object, reason: str) -> None:
        """A demanded call ends with `tool_calls`, a named one with `stop`, as with vLLM."""
        plan = accept(tools=[TOOL], tool_choice=choice)

        assert plan.tool is not None
        assert reason == plan.finish_reason(plan.generation.outputs[0])

    @pytest.mark.parametrize("choice", [None, "auto", "none"])
    def test_model_calls_only_when_asked(self, choice: str | None) -> None:
        """Left to itself the model answers with text."""
        assert accept(tools=[TOOL], tool_choice=choice).tool is None

    def test_call_that_is_cut_off_ends_with_length(self) -> None:
        """Arguments over the limit end as text over the limit does."""
        plan = accept(tools=[TOOL], tool_choice="required", max_tokens=1)

        assert "length" == plan.finish_reason(plan.generation.outputs[0])

    @pytest.mark.parametrize(
        ("choice", "message"),
        [
            ({"function": {"name": "g"}}, "does not match any of the specified `tools`"),
            ("always", "Invalid value for `tool_choice`: always!"),
        ],
    )
    def test_impossible_choice(self, choice: object, message: str) -> None:
        """A tool that is not offered, or a mode that does not exist, is refused."""
        with pytest.raises(ApiError, match=message):
            accept(tools=[TOOL], tool_choice=choice)


class TestCheckCombinations:
    """Fields that belong together."""

    @pytest.mark.parametrize(
        ("fields", "param"),
        [
            ({"stream_options": {}}, "stream_options"),
            ({"top_logprobs": 2}, "top_logprobs"),
            ({"tools": []}, "tools"),
            ({"tool_choice": "auto"}, "tool_choice"),
        ],
    )
    def test_contradiction_is_refused(self, fields: dict[str, object], param: str) -> None:
        """Fields that make sense only together with others are refused without them."""
        with pytest.raises(ApiError) as caught:
            chatrequest.check_combinations(request(**fields))

        assert (param, False) == (caught.value.param, caught.value.malformed)

    def test_consistent_request_passes(self) -> None:
        """The same fields pass with their counterparts."""
        chatrequest.check_combinations(
            request(
                stream=True,
                stream_options={},
                logprobs=True,
                top_logprobs=2,
                tools=[TOOL],
                tool_choice="auto",
            )
        )


@pytest.mark.parametrize(
    ("options", "forced", "expected"),
    [
        (None, False, (False, False)),
        (None, True, (True, True)),
        (StreamOptions(include_usage=True), True, (True, True)),
        (StreamOptions(), False, (False, False)),
        (StreamOptions(include_usage=True), False, (True, False)),
        (StreamOptions(include_usage=True, continuous_usage_stats=True), False, (True, True)),
        (StreamOptions(continuous_usage_stats=True), False, (False, False)),
        (StreamOptions(continuous_usage_stats=True), True, (True, True)),
    ],
)
def test_usage_wanted(
    options: StreamOptions | None, forced: bool, expected: tuple[bool, bool]
) -> None:
    """Usage comes when asked for, and in every chunk only on top of that; forced, it is both."""
    assert expected == chatrequest.usage_wanted(options, forced=forced)
