"""Bodies that cannot be served: what the client is told, and that no tier hears of them."""

import json
from typing import Any

import builders
import pytest
from calls import send, tier_requests
from gateway import Gateway

SECRET = "the-prompt-that-nobody-may-repeat"  # noqa: S105 - a prompt
MESSAGES = [{"role": "user", "content": SECRET}]
DEEP = 100_000


def chat(**fields: object) -> bytes:
    """A chat with fields put in place of good ones."""
    return json.dumps({"model": "auto", "messages": MESSAGES, **fields}).encode()


def raw(fields: str) -> bytes:
    """A chat with fields that a JSON encoder would not write."""
    return f'{{"model":"auto","messages":{json.dumps(MESSAGES)},{fields}}}'.encode()


def content(value: object) -> bytes:
    """A chat whose second message has that content."""
    return chat(messages=[*MESSAGES, {"role": "user", "content": value}])


NOT_JSON = {
    "no body": b"",
    "spaces": b"  \n",
    "prose": SECRET.encode(),
    "cut off": chat()[:-5],
    "cut off in a text": chat()[:40],
    "two documents": chat() * 2,
    "trailing comma": raw('"n":1,'),
    "single quotes": chat().replace(b'"', b"'"),
    "NaN": raw('"temperature":NaN'),
    "array": b"[" + chat() + b"]",
    "string": json.dumps(SECRET).encode(),
    "number": b"1",
    "null": b"null",
    "true": b"true",
    "byte order mark": b"\xef\xbb\xbf" + chat(),
    "not UTF-8": chat().replace(SECRET.encode(), b"\xff\xfe"),
    "UTF-16": chat().decode().encode("utf-16"),
    "overlong UTF-8": chat().replace(SECRET.encode(), b"\xc0\xaf"),
    "surrogate in UTF-8": chat().replace(SECRET.encode(), b"\xed\xa0\x80"),
    "lone surrogate escape": chat().replace(SECRET.encode(), rb"\ud800"),
    "reversed surrogate escapes": chat().replace(SECRET.encode(), rb"\udc00\ud800"),
    "lone surrogate in an unknown field": raw(r'"user":"\ud800"'),
    "deep arrays": raw(f'"x":{"[" * DEEP}{"]" * DEEP}'),
    "deep objects": raw('"x":' + '{"a":' * DEEP + "1" + "}" * DEEP),
    "deep and never closed": b"[" * DEEP,
    "control character": chat().replace(SECRET.encode(), b"\x01"),
}
WRONG_FIELDS: dict[str, tuple[bytes, str | None]] = {
    "no model": (json.dumps({"messages": MESSAGES}).encode(), "model"),
    "model null": (chat(model=None), "model"),
    "model a number": (chat(model=1), "model"),
    "model a list": (chat(model=["auto"]), "model"),
    "no messages": (b'{"model":"auto"}', "messages"),
    "messages empty": (chat(messages=[]), "messages"),
    "messages null": (chat(messages=None), "messages"),
    "messages text": (chat(messages=SECRET), "messages"),
    "messages an object": (chat(messages=MESSAGES[0]), "messages"),
    "message text": (chat(messages=[SECRET]), "messages[0]"),
    "message null": (chat(messages=[None]), "messages[0]"),
    "message without a role": (chat(messages=[{"content": SECRET}]), "messages[0].role"),
    "role a number": (chat(messages=[{"role": 1, "content": SECRET}]), "messages[0].role"),
    "content a number": (content(1), "messages[1].content"),
    "content an object": (content({"text": SECRET}), "messages[1].content"),
    "part text": (content([SECRET]), "messages[1].content[0]"),
    "part's text a number": (content([{"type": "text", "text": 1}]), "messages[1].content[0].text"),
    "part's type a number": (content([{"type": 1}]), "messages[1].content[0].type"),
    "max_tokens text": (chat(max_tokens="8"), "max_tokens"),
    "max_tokens a fraction": (chat(max_tokens=1.5), "max_tokens"),
    "max_tokens negative": (chat(max_tokens=-1), "max_tokens"),
    "max_tokens huge": (raw('"max_tokens":1' + "0" * 40), "max_tokens"),
    "max_tokens beyond floats": (raw('"max_tokens":1e999'), "max_tokens"),
    "max_tokens true": (chat(max_tokens=True), "max_tokens"),
    "max_completion_tokens negative": (chat(max_completion_tokens=-1), "max_completion_tokens"),
    "tools an object": (chat(tools={}), "tools"),
    "response_format text": (chat(response_format="json"), "response_format"),
    "effort a number": (chat(reasoning_effort=1), "reasoning_effort"),
    "template arguments a list": (chat(chat_template_kwargs=[]), "chat_template_kwargs"),
    "model twice": (raw('"model":"large/model-3b"'), "model"),
    "messages twice": (raw(f'"messages":{json.dumps(MESSAGES)}'), "messages"),
    "unknown field twice": (raw('"user":"a","user":"b"'), "user"),
    "model twice, once escaped": (raw(r'"mod\u0065l":"large/model-3b"'), "model"),
}
OTHER_APIS: dict[str, tuple[str, dict[str, Any], str]] = {
    "responses without input": ("/v1/responses", {}, "input"),
    "responses' input a number": ("/v1/responses", {"input": 1}, "input"),
    "responses' item text": ("/v1/responses", {"input": [SECRET]}, "input[0]"),
    "responses' effort": ("/v1/responses", {"input": "", "reasoning": 1}, "reasoning"),
    "messages without messages": ("/v1/messages", {}, "messages"),
    "messages' system": ("/v1/messages", {"messages": MESSAGES, "system": 1}, "system"),
    "completion's prompt": ("/v1/completions", {"prompt": {"text": SECRET}}, "prompt"),
    "embeddings without input": ("/v1/embeddings", {}, "input"),
    "tokenize without prompt": ("/tokenize", {}, "prompt"),
    "tokenize's prompt": ("/tokenize", {"prompt": [SECRET]}, "prompt"),
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
def test_a_body_that_is_no_json_object_is_refused(gateway: Gateway, body: bytes) -> None:
    """The answer is 400 and names neither a field nor the prompt; no tier is asked."""
    before = tier_requests(gateway)

    reply = send(gateway, body)

    assert (400, "malformed_request", None) == reply.refusal()
    assert SECRET.encode() not in reply.body
    assert before == tier_requests(gateway)


@pytest.mark.parametrize(("body", "param"), WRONG_FIELDS.values(), ids=WRONG_FIELDS)
def test_a_wrong_field_is_named(gateway: Gateway, body: bytes, param: str) -> None:
    """The answer is 400 and names the field, not the prompt; no tier is asked."""
    before = tier_requests(gateway)

    reply = send(gateway, body)

    assert (400, "malformed_request", param) == reply.refusal()
    assert SECRET.encode() not in reply.body
    assert before == tier_requests(gateway)


@pytest.mark.parametrize(("path", "fields", "param"), OTHER_APIS.values(), ids=OTHER_APIS)
def test_every_api_names_its_wrong_field(
    gateway: Gateway, path: str, fields: dict[str, Any], param: str
) -> None:
    """Each API's own fields are checked like those of chats."""
    reply = send(gateway, json.dumps({"model": "auto", **fields}).encode(), path=path)

    assert (400, "malformed_request", param) == reply.refusal()
    assert SECRET.encode() not in reply.body


@pytest.mark.parametrize(
    "model", ["gpt-9", "", "AUTO", "auto ", "fast", "small/model-1b-instruct", "模型", "x" * 10_000]
)
def test_a_model_that_does_not_exist_is_not_found(gateway: Gateway, model: str) -> None:
    """Neither an alias nor a tier's own model: 404 in the words of OpenAI, and no tier is asked."""
    before = tier_requests(gateway)

    reply = send(gateway, builders.chat(model=model))

    assert (404, "model_not_found", "model") == reply.refusal()
    assert len(reply.body) < 500
    assert before == tier_requests(gateway)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_the_content_type_is_the_tiers_business(gateway: Gateway, content_type: str) -> None:
    """The body is judged for what it is; a tier that minds its type says so itself."""
    reply = send(gateway, builders.chat(), headers=[("content-type", content_type)])

    assert "fast" == reply.headers["x-tiergate-served-by"]
    assert 400 == reply.status
