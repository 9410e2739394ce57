"""Unit tests of the events in Anthropic's API."""

from sim_builders import HELLO, USAGE, body, call, events, names

from extproc.engines.sim import messages
from extproc.engines.sim.messagestream import MessagesEvents

TOOL = {"name": "f", "input_schema": {"properties": {"a": {"type": "integer"}}}}


def streamed(**fields: object) -> MessagesEvents:
    """The events of a message that says hello."""
    request = {"model": "tiny", "messages": HELLO, "max_tokens": 2, "stream": True} | fields
    stream = messages.parse(body(**request), call()).events
    assert stream is not None
    return stream


def whole(stream: MessagesEvents) -> bytes:
    """All events of a stream, in order."""
    tokens = range(len(stream.plan.generation.outputs[0].pieces))
    return (
        stream.accepted()
        + stream.begin(USAGE)
        + b"".join(stream.token(0, position) for position in tokens)
        + stream.end(USAGE)
    )


def test_events_of_a_text_byte_for_byte() -> None:
    """Start, block, deltas and end, with vLLM's keys in vLLM's order."""
    assert (
        b"event: message_start\n"
        b'data: {"type":"message_start","message":{"id":"chatcmpl-r1","type":"message",'
        b'"role":"assistant","content":[],"model":"tiny","stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":0}}}'
        b"\n\nevent: content_block_start\n"
        b'data: {"type":"content_block_start","content_block":{"type":"text","text":""},"index":0}'
        b"\n\nevent: content_block_delta\n"
        b'data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"This"},'
        b'"index":0}\n\nevent: content_block_delta\n'
        b'data: {"type":"content_block_delta","delta":{"type":"text_delta","text":" is"},'
        b'"index":0}\n\nevent: content_block_stop\n'
        b'data: {"type":"content_block_stop","index":0}\n\nevent: message_delta\n'
        b'data: {"type":"message_delta","delta":{"stop_reason":"max_tokens","stop_sequence":null},'
        b'"usage":{"input_tokens":5,"output_tokens":3,"cache_creation_input_tokens":0,'
        b'"cache_read_input_tokens":4}}\n\nevent: message_stop\n'
        b'data: {"type":"message_stop"}\n\n'
    ) == whole(streamed())


def test_tool_input_comes_in_pieces() -> None:
    """A tool's input is streamed as partial JSON."""
    payloads = events(whole(streamed(tools=[TOOL], tool_choice={"type": "any"}, max_tokens=99)))
    partial = [
        payload["delta"]["partial_json"]
        for payload in payloads
        if payload["type"] == "content_block_delta"
    ]

    assert ("tool_use", {}) == (
        payloads[1]["content_block"]["type"],
        payloads[1]["content_block"]["input"],
    )
    assert '{"a":1}' == "".join(partial)


def test_silence_has_no_block() -> None:
    """An answer without text starts and ends, and has no block between."""
    assert ["message_start", "message_delta", "message_stop"] == names(
        whole(streamed(stop_sequences=["T"]))
    )
