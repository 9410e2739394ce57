"""Unit tests of the whole answer to a chat."""

from typing import Any

import msgspec
from sim_builders import HELLO, USAGE, body, call

from extproc.engines.sim import chat

TOOL = {"type": "function", "function": {"name": "f"}}


def choice_of(**fields: object) -> dict[str, Any]:
    """The only choice in the answer to a chat that says hello."""
    exchange = chat.parse(body(**({"messages": HELLO} | fields)), call())
    (choice,) = msgspec.json.decode(exchange.answer(USAGE))["choices"]
    return dict(choice)


def test_answer_is_that_of_vllm_byte_for_byte() -> None:
    """Every key that vLLM sends is there, in its order, the nulls included."""
    exchange = chat.parse(body(messages=HELLO, model="alias", max_tokens=2), call())

    assert (
        b'{"id":"chatcmpl-r1","object":"chat.completion","created":7,"model":"tiny","choices":'
        b'[{"index":0,"message":{"role":"assistant","content":"This is","refusal":null,'
        b'"annotations":null,"audio":null,"function_call":null,"reasoning":null},"logprobs":null,'
        b'"finish_reason":"length","stop_reason":null,"token_ids":null,"routed_experts":null}],'
        b'"service_tier":null,"system_fingerprint":"vllm-0.32.0-50b897c9","usage":{'
        b'"prompt_tokens":9,"total_tokens":12,"completion_tokens":3,"prompt_tokens_details":{'
        b'"cached_tokens":4,"created_cache_tokens":0,"multimodal_tokens":null},'
        b'"completion_tokens_details":null},'
        b'"prompt_logprobs":null,"prompt_token_ids":null,"prompt_text":null,'
        b'"kv_transfer_params":null,"ec_transfer_params":null,"metrics":null}'
    ) == exchange.answer(USAGE)


def test_tool_call_has_no_text() -> None:
    """A message that calls a tool has empty content and the call with its arguments."""
    choice = choice_of(tools=[TOOL], tool_choice="required")
    message = choice["message"]

    assert ("", "tool_calls") == (message["content"], choice["finish_reason"])
    assert {"name": "f", "arguments": "{}"} == message["tool_calls"][0]["function"]


def test_log_probabilities_cover_every_token() -> None:
    """Asked for, the log probabilities have an entry for each generated token."""
    choice = choice_of(logprobs=True, max_tokens=3)

    assert 3 == len(choice["logprobs"]["content"])


def test_stream_has_events() -> None:
    """Only a request with `stream` gets events."""
    streams = [
        chat.parse(body(messages=HELLO, stream=stream), call()).events is not None
        for stream in (True, False, None)
    ]

    assert [True, False, False] == streams
