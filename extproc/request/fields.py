"""The top-level fields of a JSON body, where each stands, and edits in place.

A body is never serialised again: what the client wrote reaches the tier byte for byte, but for the
spans that an edit names.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import msgspec

from extproc.errors import MalformedRequest

_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
MAX_FIELDS: Final = 512
"""Many times what any API has; each one costs Python's time on the event loop."""
_KEY: Final = re.compile(rb'[\s{,]*+("(?:[^"\\]++|\\.)*+")\s*+:\s*+')  # possessive: no backtracking
_END: Final = re.compile(rb"\s*\}\s*\Z")


class Span(NamedTuple):
    """Bytes `start` to `end` (exclusive) of the body: a field's value."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Replace the bytes of `span` with `value`; an empty span inserts."""

    span: Span
    value: bytes


def values(body: bytes) -> Mapping[str, msgspec.Raw]:
    """The value of every top-level field of a JSON object, as it was written.

    Raises MalformedRequest where there are over MAX_FIELDS, and where a key stands twice: parsers
    differ in which one they keep, so the tier could answer another request than the one that was
    judged. Raises msgspec.DecodeError or RecursionError where the body is not a JSON object.
    """
    members = _decode(body)
    if not (_is_compact(body, members) or _is_spaced(body, members)):
        _find(body, members)
    return members


def spans(body: bytes) -> Mapping[str, Span]:
    """The span of every top-level field of a JSON object; it raises as `values`."""
    return _find(body, _decode(body))


def _decode(body: bytes) -> Mapping[str, msgspec.Raw]:
    members = _MEMBERS.decode(body)
    if len(members) > MAX_FIELDS:
        raise MalformedRequest(f"The body has over {MAX_FIELDS} fields.")
    return members


def _is_compact(body: bytes, members: Mapping[str, msgspec.Raw]) -> bool:
    """Whether keys, values, and what must stand between them are all that there is: then no key
    stands twice. It tells without a look at the bytes; spaces or escapes in keys make it False.
    """
    between = 4 * len(members) + 1
    return len(body) == between + sum(map(len, members)) + sum(map(len, members.values()))


def _is_spaced(body: bytes, members: Mapping[str, msgspec.Raw]) -> bool:
    """Whether the body is, byte for byte, what Python's `json` makes of these members."""
    position, head = 0, b'{"%b": '
    for key, value in members.items():
        written = head % key.encode()
        if not body.startswith(written, position):
            return False
        position += len(written)
        if not body.startswith(value, position):
            return False
        position += len(value)
        head = b', "%b": '
    return body[position:] == b"}"


def _find(body: bytes, members: Mapping[str, msgspec.Raw]) -> Mapping[str, Span]:
    found: dict[str, Span] = {}
    position = 0
    for _ in members:
        match = _KEY.match(body, position)
        if match is None:  # only where a duplicate's length led astray
            raise _duplicate()
        key = msgspec.json.decode(match[1], type=str)
        value = bytes(members[key])
        if key in found or not body.startswith(value, match.end()):
            raise _duplicate(key)
        position = match.end() + len(value)
        found[key] = Span(match.end(), position)
    if members and _END.match(body, position) is None:
        match = _KEY.match(body, position)
        raise _duplicate(msgspec.json.decode(match[1], type=str) if match else None)
    return found


def splice(body: bytes, edits: Iterable[Edit]) -> bytes:
    """`body` with each edit applied; the edits' spans must not overlap."""
    parts: list[bytes] = []
    position = 0
    for edit in sorted(edits, key=lambda edit: edit.span):
        parts += (body[position : edit.span.start], edit.value)
        position = edit.span.end
    parts.append(body[position:])
    return b"".join(parts)


def _duplicate(key: str | None = None) -> MalformedRequest:
    return MalformedRequest("A field of the body stands twice.", param=key)
