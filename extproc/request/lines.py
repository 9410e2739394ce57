"""Conversations from JSON lines, as commands take them."""

from typing import Annotated, Any, TypeVar

import msgspec

from extproc.errors import ConfigError, MalformedRequest
from extproc.request.conversation import Conversation
from extproc.request.inference import Api, parse

L = TypeVar("L")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One object: `prompt` (a string) or `messages` (as in a chat), never both."""

    prompt: str | msgspec.UnsetType = msgspec.UNSET
    messages: Annotated[list[dict[str, Any]], msgspec.Meta(min_length=1)] | msgspec.UnsetType = (
        msgspec.UNSET
    )

    def body(self, where: str, model: str = "auto") -> bytes:
        """It as a chat; ConfigError names `where` it says nothing, or too much."""
        if (self.prompt is msgspec.UNSET) == (self.messages is msgspec.UNSET):
            raise ConfigError("expected either `prompt` or `messages`", path=where)
        messages = self.messages or [{"role": "user", "content": self.prompt}]
        return msgspec.json.encode({"model": model, "messages": messages})

    def conversation(self, where: str) -> Conversation:
        """What it says; ConfigError names `where` it is wrong."""
        try:
            return parse(Api.CHAT, self.body(where)).conversation
        except MalformedRequest as error:
            raise ConfigError(f"{error.message} ({error.param})", path=where) from error


def decode(text: bytes, kind: type[L], where: str) -> L:
    """One line as `kind`; ConfigError names `where` it is wrong."""
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(str(error), path=where) from error


def split(content: bytes) -> list[bytes]:
    """The lines of a file; what follows the last one's end is none."""
    lines = content.split(b"\n")
    return lines if lines[-1] else lines[:-1]
