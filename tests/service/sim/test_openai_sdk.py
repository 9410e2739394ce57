"""The OpenAI SDK as a client: what it makes of the answers is what it would make of vLLM's."""

from collections.abc import AsyncIterator

import aiohttp
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolUnionParam

MESSAGES: list[ChatCompletionMessageParam] = [{"role": "user", "content": "hello"}]
TOOLS: list[ChatCompletionToolUnionParam] = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        },
    }
]


@pytest.fixture
async def sdk(client: aiohttp.ClientSession) -> AsyncIterator[openai.AsyncOpenAI]:
    """The SDK, pointed at the replica."""
    url = f"{client._base_url}/v1"
    async with openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as session:
        yield session


async def test_chat(sdk: openai.AsyncOpenAI) -> None:
    """A chat has text, a reason and usage."""
    answer = await sdk.chat.completions.create(model="tiny", messages=MESSAGES, max_tokens=4)

    assert ("This is tiny,", "length") == (
        answer.choices[0].message.content,
        answer.choices[0].finish_reason,
    )


async def test_streamed_chat(sdk: openai.AsyncOpenAI) -> None:
    """A stream's deltas and its usage are recognised."""
    stream = await sdk.chat.completions.create(
        model="tiny",
        messages=MESSAGES,
        max_tokens=4,
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = [chunk async for chunk in stream]
    deltas = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]

    assert "This is tiny," == "".join(deltas)
    assert chunks[-1].usage is not None
    assert 4 == chunks[-1].usage.completion_tokens


async def test_streamed_tool_call(sdk: openai.AsyncOpenAI) -> None:
    """The SDK's own accumulation of a stream finds the tool's call."""
    async with sdk.chat.completions.stream(
        model="tiny",
        messages=MESSAGES,
        tools=TOOLS,
        tool_choice="required",
    ) as stream:
        answer = await stream.get_final_completion()
    (call,) = answer.choices[0].message.tool_calls or []

    assert ("weather", '{"city":"city"}') == (call.function.name, call.function.arguments)


async def test_streamed_response(sdk: openai.AsyncOpenAI) -> None:
    """The SDK's own accumulation of a response's events finds the text."""
    async with sdk.responses.stream(model="tiny", input="hello", max_output_tokens=4) as stream:
        response = await stream.get_final_response()

    assert ("This is tiny,", "incomplete") == (response.output_text, response.status)


async def test_embeddings(sdk: openai.AsyncOpenAI) -> None:
    """The SDK asks for base64 and gets numbers out of it."""
    answer = await sdk.embeddings.create(model="tiny", input=["a", "b"])

    assert [384, 384] == [len(row.embedding) for row in answer.data]


async def test_completion(sdk: openai.AsyncOpenAI) -> None:
    """The older API answers too."""
    answer = await sdk.completions.create(model="tiny", prompt="hello", max_tokens=4)

    assert "This is tiny," == answer.choices[0].text


async def test_models(sdk: openai.AsyncOpenAI) -> None:
    """The served names are listed."""
    assert ["tiny", "alias"] == [model.id async for model in sdk.models.list()]


async def test_unknown_model(sdk: openai.AsyncOpenAI) -> None:
    """The SDK raises the exception that belongs to the status."""
    with pytest.raises(openai.NotFoundError, match="does not exist"):
        await sdk.chat.completions.create(model="other", messages=MESSAGES)
