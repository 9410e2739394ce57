"""The requests that the simulator and a real vLLM must answer alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

MODEL: Final = "tiny/model"
ALIAS: Final = "auto"
MAX_MODEL_LEN: Final = 512
CHAT: Final = "/v1/chat/completions"
COMPLETIONS: Final = "/v1/completions"
RESPONSES: Final = "/v1/responses"
MESSAGES: Final = "/v1/messages"
EMBEDDINGS: Final = "/v1/embeddings"
TOKENIZE: Final = "/tokenize"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request; without a body it is a GET. `raw` is sent as it is, `kind` is its type."""

    path: str = CHAT
    body: Mapping[str, Any] | None = None
    raw: bytes | None = None
    kind: str = "application/json"
    method: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


SAID: Final = [{"role": "user", "content": "Say a few words about trees."}]
TOOL: Final = {
    "type": "function",
    "function": {
        "name": "look",
        "description": "Look at something.",
        "parameters": {
            "type": "object",
            "properties": {"what": {"type": "string", "enum": ["tree"]}},
            "required": ["what"],
            "additionalProperties": False,
        },
    },
}
_ALL: Final = {"max_tokens": 4, "ignore_eos": True, "temperature": 0}
_LONG: Final = "word " * (MAX_MODEL_LEN * 2)


def chat(**fields: Any) -> Request:  # noqa: ANN401 - JSON
    """A chat of four tokens, unless `fields` say otherwise."""
    return Request(body={"model": ALIAS, "messages": SAID, **_ALL, **fields})


def streamed(**fields: Any) -> Request:  # noqa: ANN401 - JSON
    """The same as a stream."""
    return chat(stream=True, **fields)


def completion(**fields: Any) -> Request:  # noqa: ANN401 - JSON
    """A completion of four tokens."""
    body = {"model": ALIAS, "prompt": "Trees are", **_ALL, **fields}
    return Request(path=COMPLETIONS, body=body)


def response(**fields: Any) -> Request:  # noqa: ANN401 - JSON
    """A response of at most four tokens."""
    said = {"input": "Say a few words.", "max_output_tokens": 4, "temperature": 0}
    return Request(path=RESPONSES, body={"model": ALIAS, **said, **fields})


def message(**fields: Any) -> Request:  # noqa: ANN401 - JSON
    """An Anthropic message of at most four tokens."""
    said = {"messages": SAID, "max_tokens": 4, "temperature": 0}
    return Request(path=MESSAGES, body={"model": ALIAS, **said, **fields})


def embedding(**fields: Any) -> Request:  # noqa: ANN401 - JSON
    """Something to embed."""
    return Request(path=EMBEDDINGS, body={"model": ALIAS, **fields})


def tokens(**fields: Any) -> Request:  # noqa: ANN401 - JSON
    """A text to split."""
    return Request(path=TOKENIZE, body={"model": ALIAS, **fields})


_USAGE: Final = {"include_usage": True}
_STOP: Final = [" "]
ANSWERED: Final[Mapping[str, Request]] = {
    "models": Request(path="/v1/models"),
    "chat": chat(),
    "chat by its own name": chat(model=MODEL),
    "chat without a model": Request(body={"messages": SAID, **_ALL}),
    "chat with a request id": Request(
        body={"messages": SAID, **_ALL}, headers={"x-request-id": "r-1"}
    ),
    "chat in parts": chat(messages=[{"role": "user", "content": [{"type": "text", "text": "hi"}]}]),
    "chat twice": chat(n=2, temperature=1),
    "chat to a stop": chat(stop=_STOP, max_tokens=64),
    "chat to a hidden stop": chat(stop=_STOP, max_tokens=64, include_stop_str_in_output=True),
    "chat with log probabilities": chat(logprobs=True, top_logprobs=2),
    "chat with bare log probabilities": chat(logprobs=True),
    "chat with a tool at hand": chat(tools=[TOOL], tool_choice="none"),
    "chat that must call": chat(
        tools=[TOOL], tool_choice="required", max_tokens=64, ignore_eos=False
    ),
    "chat that calls by name": chat(
        tools=[TOOL],
        tool_choice={"type": "function", "function": {"name": "look"}},
        max_tokens=64,
        ignore_eos=False,
    ),
    "chat after a tool": chat(
        messages=[
            *SAID,
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [
                    {
                        "id": "c1",
                        "type": "function",
                        "function": {"name": "look", "arguments": '{"what": "tree"}'},
                    }
                ],
            },
            {"role": "tool", "tool_call_id": "c1", "content": "green"},
        ],
        tools=[TOOL],
        tool_choice="none",
    ),
    "chat for JSON": chat(response_format={"type": "json_object"}),
    "chat whose limit the context cuts": chat(max_tokens=MAX_MODEL_LEN, stop=_STOP),
    "stream": streamed(),
    "stream with usage": streamed(stream_options=_USAGE),
    "stream with usage throughout": streamed(
        stream_options={**_USAGE, "continuous_usage_stats": True}
    ),
    "stream with log probabilities": streamed(logprobs=True, top_logprobs=2),
    "stream to a stop": streamed(stop=_STOP, max_tokens=64),
    "stream that must call": streamed(
        tools=[TOOL], tool_choice="required", max_tokens=64, ignore_eos=False
    ),
    "stream that calls by name": streamed(
        tools=[TOOL],
        tool_choice={"type": "function", "function": {"name": "look"}},
        max_tokens=64,
        ignore_eos=False,
    ),
    "completion": completion(),
    "completion of a list": completion(prompt=["a", "b"]),
    "completion of tokens": completion(prompt=[100, 101]),
    "completion twice": completion(n=2, temperature=1),
    "completion with log probabilities": completion(logprobs=2),
    "completion echoed": completion(echo=True),
    "completion as a stream": completion(stream=True),
    "completion as a stream of log probabilities": completion(stream=True, logprobs=1),
    "response": response(),
    "response as a stream": response(stream=True),
    "message": message(),
    "message as a stream": message(stream=True),
    "tokens of a text": tokens(prompt="Trees are green."),
    "tokens with their text": tokens(prompt="Trees are green.", return_token_strs=True),
    "tokens of a chat": tokens(messages=SAID),
}
"""What is answered with 200."""
REFUSED: Final[Mapping[str, Request]] = {
    "not JSON": Request(raw=b"{"),
    "no body": Request(raw=b""),
    "not an object": Request(raw=b"[]"),
    "another content type": Request(raw=b"{}", kind="text/plain"),
    "no messages": Request(body={"model": ALIAS}),
    "empty messages": chat(messages=[]),
    "messages that are none": chat(messages="hello"),
    "an unknown model": chat(model="nobody"),
    "an unknown model of completions": completion(model="nobody"),
    "an unknown model of responses": response(model="nobody"),
    "an unknown model of messages": message(model="nobody"),
    "an unknown model of tokenize": tokens(model="nobody", prompt="x"),
    "an unknown path": Request(path="/v1/nothing", body={}),
    "a wrong method": Request(path=CHAT, method="GET"),
    "a prompt too long": chat(messages=[{"role": "user", "content": _LONG}]),
    "an answer too long": chat(max_tokens=MAX_MODEL_LEN * 2),
    "a completion's prompt too long": completion(prompt=_LONG),
    "a response's prompt too long": response(input=_LONG),
    "a message's prompt too long": message(messages=[{"role": "user", "content": _LONG}]),
    "a stream's prompt too long": streamed(messages=[{"role": "user", "content": _LONG}]),
    "a response too long": response(max_output_tokens=MAX_MODEL_LEN * 2),
    "a message too long": message(max_tokens=MAX_MODEL_LEN * 2),
    "no tokens asked for": chat(max_tokens=0),
    "more tokens at least than at most": chat(min_tokens=5),
    "fewer than no tokens": chat(max_tokens=-1),
    "a negative temperature": chat(temperature=-1),
    "a temperature in words": chat(temperature="warm"),
    "top_p beyond one": chat(top_p=2),
    "no answers asked for": chat(n=0),
    "greedy answers that differ": chat(n=2),
    "too many log probabilities": chat(logprobs=True, top_logprobs=50),
    "log probabilities of nothing": chat(top_logprobs=2),
    "stream options without a stream": chat(stream_options=_USAGE),
    "a tool choice without tools": chat(tool_choice="required"),
    "too many stop strings": chat(stop=["a", "b", "c", "d", "e"]),
    "an empty list of tools": chat(tools=[]),
    "a tool that is not there": chat(
        tools=[TOOL], tool_choice={"type": "function", "function": {"name": "other"}}
    ),
    "an odd tool choice": chat(tools=[TOOL], tool_choice="perhaps"),
    "no prompt": Request(path=COMPLETIONS, body={"model": ALIAS}),
    "an empty prompt": completion(prompt=""),
    "an empty list of prompts": completion(prompt=[]),
    "a response to nothing": Request(path=RESPONSES, body={"model": ALIAS}),
    "a message without a bound": Request(path=MESSAGES, body={"model": ALIAS, "messages": SAID}),
    "tokens of nothing": tokens(),
}
"""What is answered with an error, of which the words are compared too."""
EMBEDDED: Final[Mapping[str, Request]] = {
    "models": Request(path="/v1/models"),
    "embedding": embedding(input="Trees are green."),
    "embedding of a list": embedding(input=["a", "b"]),
    "embedding of tokens": embedding(input=[100, 101]),
    "embedding of lists of tokens": embedding(input=[[100, 101], [102]]),
    "embedding in base64": embedding(input="a", encoding_format="base64"),
    "embedding of nothing": embedding(),
    "embedding of no text": embedding(input=""),
    "embedding of an empty list": embedding(input=[]),
    "embedding by an unknown model": embedding(input="a", model="nobody"),
    "embedding of a text too long": embedding(input=_LONG),
    "embedding in an odd format": embedding(input="a", encoding_format="hex"),
    "embedding cut short": embedding(input="a", dimensions=8),
}
"""What a server that embeds is asked; vLLM needs one of its own for that."""
