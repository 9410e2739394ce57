"""From a tier's response to what may be given again: whole, without error, and marked as cached.

Of a stream each event is kept byte for byte but for the counts of tokens. Where an API has a place
for them, the tokens of the prompt are marked as cached there; `usage` is the same otherwise.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from extproc.errors import MalformedRequest
from extproc.request import Api, Edit, Span, splice
from extproc.request.fields import spans

EVENTS: Final = "text/event-stream"
JSON: Final = "application/json"
_PAYLOAD: Final = re.compile(rb"(?m)^data: ?([^\r\n]*)")
_DONE: Final = b"[DONE]"
_ENDS: Final = frozenset({"stop", "end_turn", "stop_sequence"})
_CALLS: Final = frozenset({"tool_calls", "function_call", "tool_use"})
_COUNTED: Final = {
    "prompt_tokens": "prompt_tokens_details",
    "input_tokens": "input_tokens_details",
}


class Entry(Struct, frozen=True, array_like=True):
    """An answer: when it was stored (seconds of the wall), its type, who gave it, and its bytes."""

    stored: float
    content_type: str
    tier: str
    body: bytes


encode: Final = msgspec.msgpack.Encoder().encode
_decoder: Final = msgspec.msgpack.Decoder(Entry)


def decode(stored: bytes) -> Entry | None:
    """An entry, or None where it is none that this version wrote."""
    try:
        return _decoder.decode(stored)
    except msgspec.DecodeError:
        return None


def prepared(api: Api, body: bytes, *, stream: bool, tools: bool) -> bytes | None:
    """The body as it is given again, or None where it is not whole, or calls tools unasked."""
    accepted = _ENDS | _CALLS if tools else _ENDS
    try:
        if stream:
            return _stream(api, body, accepted)
        answer = msgspec.json.decode(body)
        if not isinstance(answer, dict) or not _is_whole(api, answer, accepted):
            return None
        return _marked(api, body)
    except (msgspec.DecodeError, RecursionError, MalformedRequest, KeyError, TypeError):
        return None  # no answer of this API, whatever else it is


def _stream(api: Api, body: bytes, accepted: frozenset[str]) -> bytes | None:
    found = [Span(*match.span(1)) for match in _PAYLOAD.finditer(body)]
    if not found or not body.endswith((b"\n\n", b"\r\n\r\n")):
        return None
    done = body[found[-1].start : found[-1].end] == _DONE
    if done:
        found.pop()
    events = [msgspec.json.decode(body[start:end]) for start, end in found]
    if any("error" in event and event["error"] for event in events):
        return None
    if not _STREAMS[api](events, done, accepted):
        return None
    edits = (Edit(span=span, value=_marked(api, body[slice(*span)])) for span in found)
    return splice(body, edits)


def _is_whole(api: Api, answer: Mapping[str, Any], accepted: frozenset[str]) -> bool:
    if answer.get("error"):
        return False
    if api is Api.EMBEDDINGS:
        return bool(answer["data"])
    if api is Api.MESSAGES:
        return answer["stop_reason"] in accepted
    if api is Api.RESPONSES:
        return answer["status"] == "completed" and _is_said(answer["output"], accepted)
    choices: Sequence[Mapping[str, Any]] = answer["choices"]
    return bool(choices) and all(choice["finish_reason"] in accepted for choice in choices)


def _is_said(output: Iterable[Mapping[str, Any]], accepted: frozenset[str]) -> bool:
    """Whether it is words and thoughts only, or calls may be repeated."""
    return "tool_use" in accepted or all(
        item["type"] in {"message", "reasoning"} for item in output
    )


def _choices_end(events: Iterable[Mapping[str, Any]], done: bool, accepted: frozenset[str]) -> bool:
    """Each choice that has begun has ended well."""
    ends: dict[int, str | None] = {}
    for event in events:
        for choice in event["choices"]:
            ends[choice["index"]] = choice.get("finish_reason") or ends.get(choice["index"])
    return done and bool(ends) and all(end in accepted for end in ends.values())


def _messages_end(
    events: Sequence[Mapping[str, Any]], done: bool, accepted: frozenset[str]
) -> bool:
    del done  # this API's last event has a name
    ends = [event["delta"]["stop_reason"] for event in events if event["type"] == "message_delta"]
    return events[-1]["type"] == "message_stop" and bool(ends) and ends[-1] in accepted


def _responses_end(
    events: Sequence[Mapping[str, Any]], done: bool, accepted: frozenset[str]
) -> bool:
    del done  # as above
    last = events[-1]
    return last["type"] == "response.completed" and _is_said(last["response"]["output"], accepted)


_STREAMS: Final[
    Mapping[Api, Callable[[Sequence[Mapping[str, Any]], bool, frozenset[str]], bool]]
] = {
    Api.CHAT: _choices_end,
    Api.COMPLETIONS: _choices_end,
    Api.MESSAGES: _messages_end,
    Api.RESPONSES: _responses_end,
}


def _marked(api: Api, value: bytes) -> bytes:
    """An object with its prompt's tokens marked as cached; Anthropic's counts have no such place,
    since there cached tokens are counted apart from the others.
    """
    if api is Api.MESSAGES:
        return value
    fields = spans(value)
    edits = []
    if "usage" in fields:
        usage = msgspec.json.decode(value[slice(*fields["usage"])])
        edits.append(Edit(span=fields["usage"], value=msgspec.json.encode(_counted(usage))))
    elif "response" in fields:
        inner = value[slice(*fields["response"])]
        edits.append(Edit(span=fields["response"], value=_marked(api, inner)))
    return splice(value, edits)


def _counted(usage: Any) -> Any:  # noqa: ANN401 - an object, or null
    for tokens, details in _COUNTED.items():
        if isinstance(usage, dict) and tokens in usage:
            more = usage.get(details) or {}
            usage = {**usage, details: {**more, "cached_tokens": usage[tokens]}}
    return usage
