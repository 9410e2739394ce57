"""Unit tests of the whole answer to a completion."""

import msgspec
import pytest
from sim_builders import USAGE, body, call

from extproc.engines.sim import completions
from extproc.engines.sim.errors import ApiError


def test_answer_is_that_of_vllm_byte_for_byte() -> None:
    """Every key that vLLM sends is there, in its order, the nulls included."""
    exchange = completions.parse(body(prompt="once", max_tokens=2), call())

    assert (
        b'{"id":"cmpl-r1","object":"text_completion","created":7,"model":"tiny","choices":'
        b'[{"index":0,"text":"This is","logprobs":null,"finish_reason":"length",'
        b'"stop_reason":null,"token_ids":null,"prompt_logprobs":null,"prompt_token_ids":null,'
        b'"routed_experts":null}],"service_tier":null,'
        b'"system_fingerprint":"vllm-0.32.0-50b897c9","usage":{"prompt_tokens":9,"total_tokens":12,'
        b'"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":4,'
        b'"created_cache_tokens":null,"multimodal_tokens":null},"completion_tokens_details":null},'
        b'"kv_transfer_params":null,"ec_transfer_params":null,"metrics":null}'
    ) == exchange.answer(USAGE)


def test_default_length_is_that_of_openai() -> None:
    """Without `max_tokens`, or with null, a completion has up to 16 tokens."""
    lengths = [
        completions.parse(
            body(prompt="once", ignore_eos=True, **fields), call()
        ).generation.completion_tokens
        for fields in ({}, {"max_tokens": None})
    ]

    assert [16, 16] == lengths


def test_prompts_are_answered_in_order() -> None:
    """Of several prompts with n answers each, the choices are numbered through."""
    exchange = completions.parse(body(prompt=["a", "b"], n=2, logprobs=1), call())
    choices = msgspec.json.decode(exchange.answer(USAGE))["choices"]

    assert [0, 1, 2, 3] == [choice["index"] for choice in choices]


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({}, "prompt"),
        ({"prompt": ""}, "prompt"),
        ({"prompt": []}, None),
        ({"prompt": "x", "stream_options": {}}, "stream_options"),
        ({"prompt": "x", "max_tokens": -1}, "max_tokens"),
        ({"prompt": "x", "max_tokens": 513}, "max_tokens"),
        ({"prompt": "x", "model": "other"}, "model"),
    ],
)
def test_unacceptable_request(fields: dict[str, object], param: str | None) -> None:
    """What vLLM refuses is refused, naming the field if vLLM does."""
    with pytest.raises(ApiError) as caught:
        completions.parse(body(**fields), call())

    assert param == caught.value.param


def test_stream_has_events() -> None:
    """Only a request with `stream` gets events."""
    streams = [
        completions.parse(body(prompt="x", stream=stream), call()).events is not None
        for stream in (True, False)
    ]

    assert [True, False] == streams
