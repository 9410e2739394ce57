"""From a path and a body to an InferenceRequest."""

import enum
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias, TypeVar, final

import msgspec

from extproc.errors import MalformedRequest
from extproc.request import conversation, shapes
from extproc.request.conversation import Conversation
from extproc.request.fields import values

B = TypeVar("B", bound=shapes.Body)
Reader: TypeAlias = Callable[["Api", bytes, Mapping[str, msgspec.Raw]], "InferenceRequest"]


@final
@enum.unique
class Api(enum.StrEnum):
    """The paths that the tiers answer; every one takes a POST with a JSON object."""

    CHAT = "/v1/chat/completions"
    COMPLETIONS = "/v1/completions"
    RESPONSES = "/v1/responses"
    MESSAGES = "/v1/messages"
    EMBEDDINGS = "/v1/embeddings"
    TOKENIZE = "/tokenize"


class InferenceRequest(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What routing knows of a request.

    `model` is the client's word (an alias or a tier's own); `max_output_tokens` and `effort` are
    None where the client said nothing. `fields` are the body's top-level values as
    they were written.
    """

    api: Api
    model: str
    conversation: Conversation
    fields: Mapping[str, msgspec.Raw]
    max_output_tokens: int | None = None
    tools: int = 0
    structured_output: bool = False
    effort: str | None = None
    template_kwargs: Mapping[str, msgspec.Raw] | None = None


def parse(api: Api, body: bytes) -> InferenceRequest:
    """Read a body; MalformedRequest names the field at fault, and nothing else is raised."""
    if not body:
        raise MalformedRequest("The request has no body; a JSON object is needed.")
    try:
        if not body.isascii():
            body.decode()
        fields = values(body)
        return _READERS[api](api, body, fields)
    except msgspec.ValidationError as error:
        raise _invalid(error) from error
    except UnicodeDecodeError as error:
        raise MalformedRequest(f"The body is not UTF-8: see byte {error.start}.") from error
    except msgspec.DecodeError as error:
        raise MalformedRequest(f"The body is not valid JSON: {error}.") from error
    except RecursionError as error:
        raise MalformedRequest("The body is nested too deeply.") from error


def _invalid(error: msgspec.ValidationError) -> MalformedRequest:
    """A complaint of msgspec in OpenAI's notation; it names types and fields, never values."""
    message, _, path = str(error).partition(" - at `$")
    param = path.rstrip("`").lstrip(".")
    if "missing required field" in message:
        param = f"{param}.{message.split('`')[-2]}".lstrip(".")
    return MalformedRequest(f"The body is invalid: {message}.", param=param or None)


def _reader(
    shape: type[B],
    converse: Callable[[B], Conversation],
    also: Callable[[B], Mapping[str, Any]] = lambda _: {},
) -> Reader:
    """A function that reads bodies of `shape`; `also` overrides the common fields."""
    decoder = msgspec.json.Decoder(shape)

    def read(api: Api, body: bytes, fields: Mapping[str, msgspec.Raw]) -> InferenceRequest:
        view = decoder.decode(body)
        known: dict[str, Any] = {
            "max_output_tokens": view.max_tokens,
            "structured_output": _structured(view.response_format, view.structured_outputs),
            "effort": view.reasoning_effort,
            "template_kwargs": view.chat_template_kwargs,
            "tools": len(view.tools or ()),
        }
        known.update(also(view))
        return InferenceRequest(
            api=api, model=view.model, conversation=converse(view), fields=fields, **known
        )

    return read


def _structured(*formats: object) -> bool:
    return any(
        wanted.type != "text" if isinstance(wanted, shapes.Format) else wanted is not None
        for wanted in formats
    )


def _chat(view: shapes.Chat) -> Mapping[str, Any]:
    limit = view.max_completion_tokens
    return {} if limit is None else {"max_output_tokens": limit}


def _responses(view: shapes.Responses) -> Mapping[str, Any]:
    return {
        "max_output_tokens": view.max_output_tokens,
        "structured_output": _structured(view.text.format if view.text else None),
        "effort": view.reasoning.effort if view.reasoning else None,
    }


def _prompt_or_messages(view: shapes.Embeddings | shapes.Tokenize) -> Conversation:
    if view.messages is not None:
        return conversation.of_messages(view.messages)
    name, prompt = (
        ("input", view.input) if isinstance(view, shapes.Embeddings) else ("prompt", view.prompt)
    )
    if prompt is None:
        raise MalformedRequest(f"The body is invalid: `{name}` is missing.", param=name)
    return conversation.of_prompt(prompt)


_READERS: Final[Mapping[Api, Reader]] = {
    Api.CHAT: _reader(shapes.Chat, lambda v: conversation.of_messages(v.messages), _chat),
    Api.COMPLETIONS: _reader(shapes.Completion, lambda v: conversation.of_prompt(v.prompt)),
    Api.RESPONSES: _reader(
        shapes.Responses, lambda v: conversation.of_items(v.input, v.instructions), _responses
    ),
    Api.MESSAGES: _reader(
        shapes.Messages, lambda v: conversation.of_messages(v.messages, v.system)
    ),
    Api.EMBEDDINGS: _reader(shapes.Embeddings, _prompt_or_messages),
    Api.TOKENIZE: _reader(shapes.Tokenize, _prompt_or_messages),
}
