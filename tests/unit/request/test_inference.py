"""From a path and a body to an InferenceRequest."""

import contextlib
import json
from typing import Any

import pytest
from builders import chat
from hypothesis import given, settings, strategies as st

from extproc.errors import MalformedRequest, RequestError
from extproc.request import Api, parse, shapes

APIS = pytest.mark.parametrize("api", Api, ids=lambda api: api.name.lower())
MESSAGES = [{"role": "user", "content": "hi"}]
LEAST: dict[Api, dict[str, Any]] = {
    Api.CHAT: {"messages": MESSAGES},
    Api.COMPLETIONS: {"prompt": "hi"},
    Api.RESPONSES: {"input": "hi"},
    Api.MESSAGES: {"messages": MESSAGES},
    Api.EMBEDDINGS: {"input": "hi"},
    Api.TOKENIZE: {"prompt": "hi"},
}
STRUCTS = [kind for kind in vars(shapes).values() if hasattr(kind, "__struct_fields__")]
NAMES = st.sampled_from(sorted({name for kind in STRUCTS for name in kind.__struct_fields__}))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | NAMES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=15,
)


def body_of(api: Api, **fields: object) -> bytes:
    """The least that `api` takes, with `fields` put in."""
    return json.dumps({"model": "auto", **LEAST[api], **fields}).encode()


@APIS
def test_the_least_of_each_api_is_read(api: Api) -> None:
    """Every API has a model and one text of the user; what was not said is None or zero."""
    read = parse(api, body_of(api))

    assert (api, "auto", 1) == (read.api, read.model, read.conversation.user_turns)
    assert ["hi"] == [segment.text for segment in read.conversation.segments]
    assert (None, 0, False, None, None) == (
        read.max_output_tokens,
        read.tools,
        read.structured_output,
        read.effort,
        read.template_kwargs,
    )


@pytest.mark.parametrize(
    ("api", "fields", "limit"),
    [
        (Api.CHAT, {"max_tokens": 5}, 5),
        (Api.CHAT, {"max_tokens": 5, "max_completion_tokens": 7}, 7),
        (Api.CHAT, {"max_completion_tokens": 0}, 0),
        (Api.COMPLETIONS, {"max_tokens": 5}, 5),
        (Api.MESSAGES, {"max_tokens": 5}, 5),
        (Api.RESPONSES, {"max_output_tokens": 5}, 5),
        (Api.RESPONSES, {"max_tokens": 5}, None),
    ],
    ids=["old", "new-wins", "zero", "completions", "messages", "responses", "not-responses"],
)
def test_the_limit_of_an_answer_has_a_name_in_each_api(
    api: Api, fields: dict[str, object], limit: int | None
) -> None:
    """Each API's own word for the most tokens of an answer."""
    assert limit == parse(api, body_of(api, **fields)).max_output_tokens


@pytest.mark.parametrize(
    ("api", "fields", "structured"),
    [
        (Api.CHAT, {"response_format": {"type": "text"}}, False),
        (Api.CHAT, {"response_format": {"type": "json_object"}}, True),
        (Api.CHAT, {"response_format": {"type": "json_schema", "json_schema": {}}}, True),
        (Api.CHAT, {"structured_outputs": {"regex": "a"}}, True),
        (Api.CHAT, {"structured_outputs": None}, False),
        (Api.RESPONSES, {"text": {"format": {"type": "json_object"}}}, True),
        (Api.RESPONSES, {"text": {"format": {"type": "text"}}}, False),
        (Api.RESPONSES, {"text": {"verbosity": "low"}}, False),
    ],
    ids=["text", "json", "schema", "vllm", "null", "responses", "responses-text", "no-format"],
)
def test_an_answer_may_have_to_have_a_shape(
    api: Api, fields: dict[str, object], structured: bool
) -> None:
    """JSON mode, schemas and vLLM's own field ask for a shape; `text` does not."""
    assert structured == parse(api, body_of(api, **fields)).structured_output


@pytest.mark.parametrize(
    ("api", "fields", "effort"),
    [
        (Api.CHAT, {"reasoning_effort": "high"}, "high"),
        (Api.RESPONSES, {"reasoning": {"effort": "low"}}, "low"),
        (Api.RESPONSES, {"reasoning": {"summary": "auto"}}, None),
    ],
    ids=["chat", "responses", "said-nothing"],
)
def test_the_wish_of_effort_has_two_places(
    api: Api, fields: dict[str, object], effort: str | None
) -> None:
    """Chat completions and responses put it in different fields."""
    assert effort == parse(api, body_of(api, **fields)).effort


def test_tools_and_template_arguments_are_kept() -> None:
    """Tools are counted; the template's arguments stay as the client wrote them."""
    read = parse(Api.CHAT, chat(tools=[{}, {}], chat_template_kwargs={"enable_thinking": True}))

    assert 2 == read.tools
    assert {"enable_thinking": b"true"} == {
        name: bytes(value) for name, value in (read.template_kwargs or {}).items()
    }


@pytest.mark.parametrize("api", [Api.EMBEDDINGS, Api.TOKENIZE])
def test_vllm_takes_a_conversation_too(api: Api) -> None:
    """A conversation may stand in the place of the input or the prompt."""
    body = {"model": "auto", "messages": [{"role": "system", "content": "s"}, *MESSAGES]}
    read = parse(api, json.dumps(body).encode())

    assert ["system", "user"] == [segment.role for segment in read.conversation.segments]


@pytest.mark.parametrize(("api", "name"), [(Api.EMBEDDINGS, "input"), (Api.TOKENIZE, "prompt")])
def test_something_must_be_asked(api: Api, name: str) -> None:
    """Neither input nor messages: the complaint names the API's first word for it."""
    with pytest.raises(MalformedRequest, match=f"`{name}` is missing") as caught:
        parse(api, b'{"model":"auto"}')

    assert name == caught.value.param


@pytest.mark.parametrize(
    ("body", "param", "message"),
    [
        (b"", None, "The request has no body"),
        (b"hello", None, "not valid JSON"),
        (b"[]", None, "Expected `object`, got `array`"),
        (b'{"model":1}', "model", "Expected `str`, got `int`"),
        (b"{}", "model", "missing required field `model`"),
        (b'{"model":"auto"}', "messages", "missing required field `messages`"),
        (b'{"model":"auto","messages":[]}', "messages", "length >= 1"),
        (b'{"model":"auto","messages":[{}]}', "messages[0].role", "required field `role`"),
        (b'{"model":"a","messages":[{"role":"u","content":7}]}', "messages[0].content", "int"),
        (b'{"model":"auto","model":"b"}', "model", "stands twice"),
        (b'{"model":"\xff"}', None, "not UTF-8: see byte 10"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", None, "nested too deeply"),
    ],
    ids=[
        "empty",
        "text",
        "array",
        "type",
        "no-model",
        "no-messages",
        "no-message",
        "nested-missing",
        "nested-type",
        "duplicate",
        "latin-1",
        "deep",
    ],
)
def test_a_malformed_body_is_named_by_its_field(
    body: bytes, param: str | None, message: str
) -> None:
    """The client is told the field in OpenAI's notation, and what is wrong with it."""
    with pytest.raises(MalformedRequest, match=message) as caught:
        parse(Api.CHAT, body)

    assert param == caught.value.param


def test_a_complaint_never_repeats_the_text() -> None:
    """Messages may be logged by clients; the prompt stays out of them."""
    with pytest.raises(MalformedRequest) as caught:
        parse(Api.CHAT, chat("the secret", temperature="hot", max_tokens="the secret"))

    assert "secret" not in caught.value.message


@APIS
@settings(deadline=None, max_examples=60)
@given(body=st.binary(max_size=80) | st.text('{}[]":, \\ux0a1e-model', max_size=40).map(str.encode))
def test_any_bytes_give_a_request_or_its_error(api: Api, body: bytes) -> None:
    """Whatever a client sends, nothing but RequestError leaves `parse`."""
    with contextlib.suppress(RequestError):
        assert api is parse(api, body).api


@APIS
@settings(deadline=None, max_examples=100)
@given(fields=st.dictionaries(NAMES, JSON, max_size=6))
def test_any_json_gives_a_request_or_its_error(api: Api, fields: dict[str, object]) -> None:
    """Any JSON in the place of any field is read or refused, and what is read can be searched."""
    body = json.dumps({"model": "auto", **LEAST[api], **fields}).encode()

    with contextlib.suppress(RequestError):
        conversation = parse(api, body).conversation
        assert conversation.size() >= 0
        assert 0.0 <= conversation.excerpt(64).coverage <= 1.0
