"""OpenAI's own SDK against the gateway: what its users see."""

from collections.abc import AsyncIterator, Iterator

import builders
import openai
import pytest
from gateway import Gateway
from openai import AsyncOpenAI, OpenAI
from openai.types.chat import (
    ChatCompletionMessageFunctionToolCall,
    ChatCompletionToolChoiceOptionParam,
    ChatCompletionToolParam,
    ChatCompletionUserMessageParam,
)

HELLO: list[ChatCompletionUserMessageParam] = [{"role": "user", "content": "hello"}]
HARD: list[ChatCompletionUserMessageParam] = [{"role": "user", "content": "Find the integral."}]
WEATHER: ChatCompletionToolParam = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "enum": ["Oslo", "Rome"]}},
            "required": ["city"],
        },
    },
}
FORCED: ChatCompletionToolChoiceOptionParam = {
    "type": "function",
    "function": {"name": "weather"},
}


@pytest.fixture
def client(gateway: Gateway) -> Iterator[OpenAI]:
    """The SDK as a user sets it up: a base URL and any key."""
    with OpenAI(base_url=f"{gateway.url}/v1", api_key="none", max_retries=0) as client:
        yield client


@pytest.fixture
async def async_client(gateway: Gateway) -> AsyncIterator[AsyncOpenAI]:
    """The SDK's asynchronous half."""
    async with AsyncOpenAI(base_url=f"{gateway.url}/v1", api_key="none", max_retries=0) as client:
        yield client


def test_a_chat_is_answered(client: OpenAI) -> None:
    """A chat under the alias comes back with the tier's model, its text and its usage."""
    answer = client.chat.completions.create(model="auto", messages=HELLO, max_tokens=8)

    assert builders.FAST_MODEL == answer.model
    assert answer.choices[0].message.content
    assert answer.usage is not None
    assert 8 == answer.usage.completion_tokens


async def test_a_chat_is_answered_asynchronously(async_client: AsyncOpenAI) -> None:
    """The asynchronous client is answered like the other."""
    answer = await async_client.chat.completions.create(model="auto", messages=HARD, max_tokens=8)

    assert builders.REASONING_MODEL == answer.model
    assert answer.choices[0].message.content


def test_a_stream_ends_with_its_usage(client: OpenAI) -> None:
    """A stream is a text in pieces, then the usage that was asked for."""
    chunks = list(
        client.chat.completions.create(
            model="auto",
            messages=HELLO,
            max_tokens=8,
            stream=True,
            stream_options={"include_usage": True},
        )
    )

    assert "length" == [one.finish_reason for chunk in chunks for one in chunk.choices][-1]
    assert chunks[-1].usage is not None
    assert 8 == chunks[-1].usage.completion_tokens


async def test_a_stream_says_what_a_whole_answer_says(async_client: AsyncOpenAI) -> None:
    """The pieces of a greedy answer add up to the answer that is not streamed."""
    create = async_client.chat.completions.create
    whole = await create(model="auto", messages=HELLO, max_tokens=8, temperature=0)
    stream = await create(model="auto", messages=HELLO, max_tokens=8, temperature=0, stream=True)

    pieces = [one.delta.content or "" async for chunk in stream for one in chunk.choices]

    assert whole.choices[0].message.content == "".join(pieces)


def test_a_forced_tool_is_called(client: OpenAI) -> None:
    """A tool that the client insists on is called, with arguments of its schema."""
    answer = client.chat.completions.create(
        model="auto", messages=HELLO, tools=[WEATHER], tool_choice=FORCED
    )

    (call,) = answer.choices[0].message.tool_calls or []
    assert isinstance(call, ChatCompletionMessageFunctionToolCall)
    assert ("weather", '{"city":"Oslo"}') == (call.function.name, call.function.arguments)


def test_a_tool_call_is_streamed(client: OpenAI) -> None:
    """A streamed call's pieces add up to its name and its arguments."""
    stream = client.chat.completions.create(
        model="auto", messages=HELLO, tools=[WEATHER], tool_choice=FORCED, stream=True
    )

    calls = [
        call.function
        for chunk in stream
        for one in chunk.choices
        for call in one.delta.tool_calls or []
        if call.function
    ]

    assert "weather" == "".join(call.name or "" for call in calls)
    assert '{"city":"Oslo"}' == "".join(call.arguments or "" for call in calls)


def test_a_tools_answer_is_taken(client: OpenAI) -> None:
    """The next turn of a tool loop, with the call and its result, is answered."""
    answer = client.chat.completions.create(
        model="auto",
        messages=[
            *HELLO,
            {
                "role": "assistant",
                "tool_calls": [
                    {
                        "id": "c",
                        "type": "function",
                        "function": {"name": "weather", "arguments": '{"city":"Oslo"}'},
                    }
                ],
            },
            {"role": "tool", "tool_call_id": "c", "content": "Rain."},
        ],
        tools=[WEATHER],
    )

    assert answer.choices[0].message.content


def test_a_structured_output_is_accepted(client: OpenAI) -> None:
    """A schema for the answer is no obstacle on the way."""
    answer = client.chat.completions.create(
        model="auto",
        messages=HELLO,
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "city", "schema": {"type": "object"}, "strict": True},
        },
    )

    assert answer.choices[0].message.content


def test_a_response_is_created(client: OpenAI) -> None:
    """The Responses API goes the same way."""
    response = client.responses.create(model="auto", input="hello", max_output_tokens=8)

    assert builders.FAST_MODEL == response.model
    assert response.output_text


def test_a_response_is_streamed(client: OpenAI) -> None:
    """The Responses API's events end with the completed response."""
    events = list(client.responses.create(model="auto", input="hello", stream=True))

    assert "response.created" == events[0].type
    assert "response.completed" == events[-1].type


def test_text_is_embedded(client: OpenAI) -> None:
    """An embedding comes back for each text, in the SDK's own encoding."""
    answer = client.embeddings.create(model="auto", input=["one", "two"])

    assert [0, 1] == [one.index for one in answer.data]
    assert all(one.embedding for one in answer.data)


def test_a_completion_is_answered(client: OpenAI) -> None:
    """The older API of completions goes the same way."""
    answer = client.completions.create(model="auto", prompt="hello", max_tokens=8)

    assert answer.choices[0].text


def test_models_are_listed(client: OpenAI) -> None:
    """The list holds the alias and the tiers' models."""
    names = {model.id for model in client.models.list()}

    assert {"auto", builders.FAST_MODEL, builders.REASONING_MODEL} == names


@pytest.mark.parametrize("name", ["auto", builders.FAST_MODEL])
def test_a_model_is_retrieved(client: OpenAI, name: str) -> None:
    """A model is found by its name, with a slash in it too."""
    assert name == client.models.retrieve(name).id


def test_a_model_that_does_not_exist_is_not_found(client: OpenAI) -> None:
    """An unknown name raises the SDK's own error."""
    with pytest.raises(openai.NotFoundError) as caught:
        client.models.retrieve("gpt-9")

    assert "model_not_found" == caught.value.code


def test_headers_say_which_tier_answered(client: OpenAI) -> None:
    """A raw response carries the verdict and the request's id."""
    answer = client.chat.completions.with_raw_response.create(model="auto", messages=HARD)

    assert "reasoning" == answer.headers["x-tiergate-served-by"]
    assert answer.headers["x-request-id"]
    assert builders.REASONING_MODEL == answer.parse().model


def test_a_tier_can_be_preferred(client: OpenAI) -> None:
    """A wish goes in an extra header."""
    answer = client.chat.completions.create(
        model="auto", messages=HELLO, extra_headers={"x-tiergate-prefer": "reasoning"}
    )

    assert builders.REASONING_MODEL == answer.model


def test_an_unknown_model_raises_not_found(client: OpenAI) -> None:
    """The error's code and param say that it is the model."""
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="gpt-9", messages=HELLO)

    assert ("model_not_found", "model") == (caught.value.code, caught.value.param)
    assert "invalid_request_error" == caught.value.type


async def test_bad_input_raises_bad_request(async_client: AsyncOpenAI) -> None:
    """The error's param names the field, and its message is the gateway's."""
    with pytest.raises(openai.BadRequestError) as caught:
        await async_client.chat.completions.create(model="auto", messages=HELLO, max_tokens=-1)

    assert ("malformed_request", "max_tokens") == (caught.value.code, caught.value.param)
    assert "The body is invalid" in str(caught.value)


def test_a_tiers_own_error_is_passed_on(client: OpenAI) -> None:
    """What the tier refuses raises with the tier's words, and says which tier it was."""
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="auto", messages=HELLO, temperature=-1)

    assert "temperature" == caught.value.param
    assert "fast" == caught.value.response.headers["x-tiergate-served-by"]


def test_a_tier_out_of_order_raises_a_server_error(gateway: Gateway, client: OpenAI) -> None:
    """A tier's failure that nothing can mend is the SDK's own class of error."""
    gateway.tiers["fast"][0].fault(status=500)

    with pytest.raises(openai.InternalServerError) as caught:
        client.chat.completions.create(model="auto", messages=HELLO)

    assert 500 == caught.value.status_code
