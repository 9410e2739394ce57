"""POST /tokenize: how a text, or the prompt made of a conversation, is split into tokens."""

from typing import Final

import msgspec

from extproc.engines.sim import sse, tokenizer
from extproc.engines.sim.chatrequest import ChatRequest, FunctionTool, Message, prompt_of
from extproc.engines.sim.errors import malformed
from extproc.engines.sim.exchange import Call, check_model


class TokenizeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A `prompt`, or `messages` with the tools that the template would show."""

    prompt: str | None = None
    messages: list[Message] | None = None
    tools: list[FunctionTool] | None = None
    model: str | None = None
    return_token_strs: bool | None = False


_DECODER: Final = msgspec.json.Decoder(TokenizeRequest)


def tokenize(body: bytes, call: Call) -> bytes:
    """The answer to a request; raises ApiError, and msgspec's errors where it is not JSON."""
    request = _DECODER.decode(body)
    check_model(request.model, call.settings)
    pieces = tokenizer.split(_text(request))
    return sse.encode(
        {
            "count": len(pieces),
            "max_model_len": call.settings.max_model_len,
            "tokens": [tokenizer.token_id(piece) for piece in pieces],
            "token_strs": pieces if request.return_token_strs else None,
        }
    )


def _text(request: TokenizeRequest) -> str:
    if request.prompt is not None:
        return request.prompt
    if request.messages is None:
        raise malformed("missing", ("prompt",), "Field required")
    return prompt_of(ChatRequest(messages=request.messages, tools=request.tools))
