"""Conversations turn by turn, for tests of affinity."""

import json
from typing import Any

from extproc.exchange import Exchange
from extproc.request import Api, InferenceRequest, parse

SYSTEM = {"role": "system", "content": "You are a travel agent."}
ASKED = {"role": "user", "content": "Where is it warm in March?"}
SAID = {"role": "assistant", "content": "In Seville."}
AGAIN = {"role": "user", "content": "And in April?"}
CALLED = {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function"}]}
RESULT = {"role": "tool", "tool_call_id": "1", "content": "23 degrees"}
FIRST = (SYSTEM, ASKED)
SECOND = (*FIRST, SAID, AGAIN)
LOOP = (*FIRST, CALLED, RESULT)


def spoken(*messages: object, **fields: object) -> bytes:
    """The body of a chat completion with these messages."""
    return json.dumps({"model": "auto", "messages": messages, **fields}).encode()


def read(body: bytes, api: Api = Api.CHAT) -> InferenceRequest:
    """A body as routing sees it."""
    return parse(api, body)


def exchange(*messages: object, tenant: str = "", **fields: Any) -> Exchange:  # noqa: ANN401
    """An exchange whose body is read; `headers` are the client's."""
    headers = fields.pop("headers", {})
    body = spoken(*messages, **fields)
    request = read(body)
    made = Exchange(headers=headers, api=Api.CHAT, request=request, body=body)
    made.context = type(made.context)(tenant=tenant)
    return made
