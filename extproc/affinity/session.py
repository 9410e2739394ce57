"""Which conversation a request belongs to, by the first of these that is there:

    the configured header
    prompt_cache_key, conversation, previous_response_id, metadata.session_id
    user
    the conversation's beginning: system prompt and first message of the user

What a client wrote leaves this module as a hash only, and never the same for two tenants.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from itertools import takewhile
from typing import Any, Final

import msgspec

from extproc.request import Api, Conversation, InferenceRequest

PREVIOUS: Final = "previous_response_id"
_CONVERSING: Final = frozenset({Api.CHAT, Api.RESPONSES, Api.MESSAGES})
"""Where a first message is sent again with each later turn."""
_LONGEST: Final = 1024
"""Bytes of a key that a client may give; more is no key but a prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """`pod` names the conversation for the choice of a replica; `keys` are where its tier may be
    remembered, the most certain first: none for the first turn of a conversation that is known by
    its beginning alone, since others may have begun alike. `key` is where this turn is remembered.
    A `bound` one goes on with what a tier keeps itself.
    """

    pod: str
    keys: tuple[str, ...]
    key: str
    bound: bool = False


def identify(
    request: InferenceRequest, *, named: str | None = None, tenant: str = ""
) -> Session | None:
    """The session of a request, or None where nothing tells it from others; `named` is the value of
    the configured header.
    """
    if request.api in {Api.EMBEDDINGS, Api.TOKENIZE}:
        return None
    given = next(_given(request, named), None)
    if given is not None:
        one = digest(tenant, *given)
        return Session(pod=one, keys=(one,), key=one, bound=given[0] == PREVIOUS)
    if request.api not in _CONVERSING:
        return None
    return _by_beginning(request.conversation, tenant)


def response_key(tenant: str, response: str) -> str:
    """Where the turn after the response of that id will look."""
    return digest(tenant, PREVIOUS, response)


def digest(tenant: str, kind: str, *texts: str) -> str:
    """128 bits in hex. Each part stands behind its length, so that no two lists are the same."""
    hashed = blake2b(digest_size=16, person=b"affinity")
    for text in (tenant, kind, *texts):
        part = text.encode()
        hashed.update(b"%d:" % len(part))
        hashed.update(part)
    return hashed.hexdigest()


def _given(request: InferenceRequest, named: str | None) -> Iterator[tuple[str, str]]:
    """The keys that the client gave, each with its kind."""
    if named:
        yield "header", named
    conversation = _field(request, "conversation")
    metadata = _field(request, "metadata")
    for kind, value in (
        ("prompt_cache_key", _field(request, "prompt_cache_key")),
        ("conversation", _member(conversation, "id") or conversation),
        (PREVIOUS, _field(request, PREVIOUS)),
        ("session_id", _member(metadata, "session_id")),
        ("user", _field(request, "user")),
    ):
        if isinstance(value, str) and value:
            yield kind, value


def _field(request: InferenceRequest, name: str) -> Any:  # noqa: ANN401 - any JSON
    value = request.fields.get(name)
    if value is None or len(value) > _LONGEST:
        return None
    return msgspec.json.decode(value)


def _member(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, Mapping) else None


def _by_beginning(conversation: Conversation, tenant: str) -> Session | None:
    """Conversations that begin alike go to one replica, whose prefix cache they share; their tiers
    are told apart by the first word that is not the user's.
    """
    segments = conversation.segments
    before = [*takewhile(lambda segment: segment.role != "user", segments)]
    if len(before) == len(segments):
        return None
    first = segments[len(before)]
    begun = digest(tenant, "beginning", *(part for segment in (*before, first) for part in segment))
    rest = segments[len(before) + 1 :]
    reply = next((segment.text for segment in rest if segment.role != "user"), None)
    if reply is None:  # but a tool that gave no text may have answered
        known = (begun,) if conversation.in_tool_loop else ()
        return Session(pod=begun, keys=known, key=begun)
    one = digest(tenant, "reply", begun, reply)
    return Session(pod=begun, keys=(one, begun), key=one)
