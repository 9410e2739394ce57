"""Unit tests of the events of a response."""

from sim_builders import USAGE, body, call, events, names

from extproc.engines.sim import responses
from extproc.engines.sim.responsestream import ResponseEvents

CALL = {"tools": [{"type": "function", "name": "f"}], "tool_choice": "required"}


def streamed(**fields: object) -> ResponseEvents:
    """The events of a response to a greeting."""
    request = {"input": "hello", "stream": True} | fields
    stream = responses.parse(body(**request), call()).events
    assert stream is not None
    return stream


def whole(stream: ResponseEvents) -> bytes:
    """All events of a stream, in order."""
    parts = [stream.accepted(), stream.begin(USAGE)]
    pieces = stream.body.plan.generation.outputs[0].pieces
    parts.extend(stream.token(0, position) for position in range(len(pieces)))
    return b"".join([*parts, stream.end(USAGE)])


def test_events_of_a_message() -> None:
    """A message begins with its item and part, and ends with its text, part and item."""
    assert [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ] == names(whole(streamed(max_output_tokens=2)))


def test_events_of_a_call() -> None:
    """A call begins with its item, and ends with its arguments and item."""
    assert [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "response.output_item.done",
        "response.completed",
    ] == names(whole(streamed(**CALL)))


def test_events_are_numbered_in_order() -> None:
    """Sequence numbers start at 0 and leave none out."""
    numbers = [payload["sequence_number"] for payload in events(whole(streamed()))]

    assert list(range(len(numbers))) == numbers


def test_deltas_add_up_to_the_text() -> None:
    """The deltas of a message are its text, piece by piece."""
    stream = streamed()
    deltas = [
        payload["delta"]
        for payload in events(whole(stream))
        if payload["type"] == "response.output_text.delta"
    ]

    assert stream.body.text == "".join(deltas)


def test_delta_byte_for_byte() -> None:
    """A delta has the keys of OpenAI's event in their order."""
    stream = streamed()

    assert (
        b"event: response.output_text.delta\n"
        b'data: {"content_index":0,"delta":"This","item_id":"%s","logprobs":[],"output_index":0,'
        b'"sequence_number":0,"type":"response.output_text.delta"}\n\n'
        % stream.body.item_id.encode()
    ) == stream.token(0, 0)


def test_done_has_its_text_after_the_number() -> None:
    """The end of the text has OpenAI's order of keys too."""
    payload = events(streamed().end(USAGE))[0]

    assert [
        "content_index", "item_id", "logprobs", "output_index", "sequence_number", "text", "type",
    ] == list(payload)  # fmt: skip
