"""Unit tests of the chunks of a chat."""

from sim_builders import HELLO, USAGE, body, call, events

from extproc.engines.sim import chat
from extproc.engines.sim.chatstream import ChatEvents

TOOL = {
    "type": "function",
    "function": {"name": "f", "parameters": {"properties": {"a": {"type": "integer"}}}},
}


def streamed(**fields: object) -> ChatEvents:
    """The events of a chat that says hello."""
    request = {"messages": HELLO, "stream": True} | fields
    stream = chat.parse(body(**request), call()).events
    assert stream is not None
    return stream


def test_role_comes_first_byte_for_byte() -> None:
    """The first chunk announces the role, with vLLM's keys in vLLM's order."""
    assert (
        b'data: {"id":"chatcmpl-r1","object":"chat.completion.chunk","created":7,"model":"tiny",'
        b'"choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,'
        b'"finish_reason":null}],"prompt_token_ids":null,"prompt_text":null}\n\n'
    ) == streamed().begin(USAGE)


def test_token_is_a_chunk_byte_for_byte() -> None:
    """A token's chunk has its text; the finish reason is null until the last."""
    assert (
        b'data: {"id":"chatcmpl-r1","object":"chat.completion.chunk","created":7,"model":"tiny",'
        b'"choices":[{"index":0,"delta":{"content":"This"},"logprobs":null,"finish_reason":null,'
        b'"token_ids":null}]}\n\n'
    ) == streamed(max_tokens=2).token(0, 0)


def test_last_token_has_the_finish_reason() -> None:
    """The last chunk of a choice says why it ended, and at which stop string."""
    (chunk,) = events(streamed(max_tokens=9, stop="tiny").token(0, 2))

    assert {
        "index": 0,
        "delta": {"content": " "},
        "logprobs": None,
        "finish_reason": "stop",
        "stop_reason": "tiny",
        "token_ids": None,
    } == chunk["choices"][0]


def test_nothing_is_sent_before_the_first_token() -> None:
    """Until the engine has begun a chat's stream is silent."""
    assert b"" == streamed().accepted()


def test_end_without_usage() -> None:
    """Unless asked for, the usage is left out."""
    assert b"data: [DONE]\n\n" == streamed().end(USAGE)


def test_end_with_usage_byte_for_byte() -> None:
    """The usage comes in a chunk of its own, without choices, before the end marker."""
    assert (
        b'data: {"id":"chatcmpl-r1","object":"chat.completion.chunk","created":7,"model":"tiny",'
        b'"choices":[],"usage":{"prompt_tokens":9,"total_tokens":12,"completion_tokens":3,'
        b'"prompt_tokens_details":{"cached_tokens":4,"created_cache_tokens":0}},'
        b'"system_fingerprint":"vllm-0.32.0-50b897c9"}\n\ndata: [DONE]\n\n'
    ) == streamed(stream_options={"include_usage": True}).end(USAGE)


def test_usage_in_every_chunk() -> None:
    """Asked for, every chunk carries the counts so far."""
    options = {"include_usage": True, "continuous_usage_stats": True}
    (chunk,) = events(streamed(stream_options=options).token(0, 4))

    assert 5 == chunk["usage"]["completion_tokens"]


def test_every_choice_is_announced() -> None:
    """With several choices each has its chunk with the role."""
    chunks = events(streamed(n=2).begin(USAGE))

    assert [0, 1] == [chunk["choices"][0]["index"] for chunk in chunks]


def test_log_probability_of_the_token() -> None:
    """Asked for, a chunk has the log probability of its token."""
    (chunk,) = events(streamed(logprobs=True, top_logprobs=1).token(0, 0))

    assert "This" == chunk["choices"][0]["logprobs"]["content"][0]["token"]


def test_tool_call_is_streamed_by_its_arguments() -> None:
    """First comes the name with the id, then the arguments alone, then nothing."""
    stream = streamed(tools=[TOOL], tool_choice="required")
    pieces = stream.plan.generation.outputs[0].pieces
    first, *deltas, last = [
        chunk["choices"][0]["delta"]
        for position in range(len(pieces))
        for chunk in events(stream.token(0, position))
    ]
    (call_begun,) = first["tool_calls"]

    assert ["id", "type", "index", "function"] == list(call_begun)
    assert ({"name": "f"}, None, {}) == (call_begun["function"], first["content"], last)
    assert '{"a":1}' == "".join(delta["tool_calls"][0]["function"]["arguments"] for delta in deltas)
