"""Unit tests of the response object."""

from sim_builders import USAGE, body, call

from extproc.engines.sim import responses
from extproc.engines.sim.responsebody import ResponseBody


def response(**fields: object) -> ResponseBody:
    """The response to a greeting."""
    return responses.parse(body(**({"input": "hello"} | fields)), call()).body


def test_keys_are_those_of_vllm() -> None:
    """Every key is there from the start, in vLLM's order."""
    subject = response()

    assert list(subject.started()) == list(subject.finished(USAGE))
    assert ["id", "created_at", "incomplete_details"] == list(subject.started())[:3]


def test_request_is_repeated() -> None:
    """What the request said about the response is said again."""
    subject = response(instructions="be brief", metadata={"a": "b"}, temperature=0.5).started()

    assert ("be brief", {"a": "b"}, 0.5, 1.0) == (
        subject["instructions"],
        subject["metadata"],
        subject["temperature"],
        subject["top_p"],
    )


def test_finished_message() -> None:
    """A complete answer has one message with its text."""
    subject = response()
    finished = subject.finished(USAGE)

    assert ("completed", None) == (finished["status"], finished["incomplete_details"])
    assert [
        {
            "id": subject.item_id,
            "content": [
                {"annotations": [], "text": subject.text, "type": "output_text", "logprobs": None}
            ],
            "role": "assistant",
            "status": "completed",
            "type": "message",
            "phase": None,
        }
    ] == finished["output"]


def test_cut_off_message_is_incomplete() -> None:
    """An answer over its limit says why it is incomplete."""
    finished = response(max_output_tokens=2).finished(USAGE)

    assert ("incomplete", {"reason": "max_output_tokens"}) == (
        finished["status"],
        finished["incomplete_details"],
    )


def test_function_call() -> None:
    """A call is an item with the arguments, empty while it has just begun."""
    subject = response(tools=[{"type": "function", "name": "f"}], tool_choice="required")

    assert ["", "{}"] == [
        subject.item(status)["arguments"] for status in ("in_progress", "completed")
    ]


def test_usage_has_the_cached_tokens() -> None:
    """The usage has the names of the responses API."""
    usage = response().finished(USAGE)["usage"]

    assert isinstance(usage, dict)
    assert (9, 4, 3, 12) == (
        usage["input_tokens"],
        usage["input_tokens_details"]["cached_tokens"],
        usage["output_tokens"],
        usage["total_tokens"],
    )
