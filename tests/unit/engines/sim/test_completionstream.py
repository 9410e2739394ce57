"""Unit tests of the chunks of a completion."""

from sim_builders import USAGE, body, call, events

from extproc.engines.sim import completions
from extproc.engines.sim.completionstream import CompletionEvents


def streamed(**fields: object) -> CompletionEvents:
    """The events of a completion."""
    request = {"prompt": "once", "stream": True, "max_tokens": 2} | fields
    stream = completions.parse(body(**request), call()).events
    assert stream is not None
    return stream


def test_token_is_a_chunk_byte_for_byte() -> None:
    """A token's chunk has its text, and vLLM's keys in vLLM's order."""
    assert (
        b'data: {"id":"cmpl-r1","object":"text_completion","created":7,"model":"tiny","choices":'
        b'[{"index":0,"text":"This","logprobs":null,"finish_reason":null,"stop_reason":null,'
        b'"prompt_token_ids":null,"token_ids":null}]}\n\n'
    ) == streamed().token(0, 0)


def test_no_chunk_precedes_the_tokens() -> None:
    """A completion announces nothing."""
    stream = streamed()

    assert b"" == stream.accepted() + stream.begin(USAGE)


def test_last_token_has_the_finish_reason() -> None:
    """The last chunk of a choice says why it ended."""
    (chunk,) = events(streamed().token(0, 1))

    assert "length" == chunk["choices"][0]["finish_reason"]


def test_log_probabilities_continue_the_offsets() -> None:
    """The offset of a token counts the text of those before it."""
    (chunk,) = events(streamed(logprobs=1).token(0, 1))

    assert [4] == chunk["choices"][0]["logprobs"]["text_offset"]


def test_usage_of_the_prompt_in_every_chunk() -> None:
    """Asked for, a chunk carries the counts of its own prompt."""
    options = {"include_usage": True, "continuous_usage_stats": True}
    (chunk,) = events(streamed(prompt=["a", "a b c"], stream_options=options).token(1, 0))

    assert {"prompt_tokens": 3, "total_tokens": 4, "completion_tokens": 1} == chunk["usage"]


def test_end() -> None:
    """The end marker comes last, after the usage if that was asked for."""
    asked = streamed(stream_options={"include_usage": True})

    assert ["[DONE]"] == events(streamed().end(USAGE))
    assert 12 == events(asked.end(USAGE))[0]["usage"]["total_tokens"]
