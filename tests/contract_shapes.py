"""What two servers' answers have in common: fields, order and types, and the values that are words
of the protocol; not the text, the ids and the numbers that are each server's own.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

Shape = Sequence[tuple[str, str]]
"""Every leaf with its path, in the order of the bytes, and its type or its word."""

_WORDS: Final = frozenset(
    {
        "code", "event", "finish_reason", "index", "object", "owned_by", "param", "role", "status",
        "stop_reason", "tool_choice", "type",
    }
)  # fmt: skip
"""Fields whose values a client compares, so that a type is not enough."""
_BY_TEXT: Final = ".top_logprobs[]"
"""Where a completion's keys are tokens of its text; a chat has a list with names there."""
_NUMBER: Final = re.compile(r"\d+(\.\d+)?")


def shape(value: object) -> Shape:
    """The shape of a JSON value; equal neighbours in a list count once."""
    return list(_leaves(value, "", "$"))


def frames(stream: bytes) -> list[Shape]:
    """The shapes of server-sent events; of equal neighbours one stays.

    How many tokens share a chunk is a matter of load, so runs of the same chunk are one.
    """
    events = [event for event in stream.decode().split("\n\n") if event]
    return [key for key, _ in groupby(_event(event) for event in events)]


def words(message: str, *names: str) -> str:
    """An error's message without the numbers and the model names that differ between servers."""
    for name in names:
        message = message.replace(name, "<name>")
    return _NUMBER.sub("<n>", message)


def differences(theirs: Sequence[Shape], ours: Sequence[Shape]) -> list[str]:
    """What of `theirs` is missing in `ours` or added, as lines for a person; empty where equal."""
    if theirs == ours:
        return []
    lines = []
    for number in range(max(len(theirs), len(ours))):
        left = theirs[number] if number < len(theirs) else ()
        right = ours[number] if number < len(ours) else ()
        lines += [f"[{number}] {line}" for line in _pair(left, right)]
    return lines


def _pair(theirs: Shape, ours: Shape) -> Iterator[str]:
    for path, kind in theirs:
        if (path, kind) not in ours:
            found = dict(ours).get(path)
            yield f"{path}: {kind}, not {found or 'there'}"
    known = {path for path, _ in theirs}
    for path, kind in ours:
        if path not in known:
            yield f"{path}: {kind} too much"
    if sorted(theirs) == sorted(ours) and list(theirs) != list(ours):
        yield f"the order is {[path for path, _ in theirs]}, not {[path for path, _ in ours]}"


def _event(text: str) -> Shape:
    fields = [line.partition(": ") for line in text.split("\n")]
    return [leaf for name, _, value in fields for leaf in _field(name, value)]


def _field(name: str, value: str) -> Iterator[tuple[str, str]]:
    if name == "data" and value != "[DONE]":
        yield from _leaves(json.loads(value), "", "data")
    else:
        yield name, value


def _leaves(value: object, key: str, path: str) -> Iterator[tuple[str, str]]:
    match value:
        case {}:
            yield from _members(value, path)
        case []:
            yield path, "[]"
        case list():
            shapes = [list(_leaves(item, key, f"{path}[]")) for item in value]
            for one, _ in groupby(shapes):
                yield from one
        case None:
            yield path, "null"
        case _:
            word = key in _WORDS and not isinstance(value, bool)
            yield path, json.dumps(value) if word else type(value).__name__


def _members(members: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    if not members:
        yield path, "{}"
    elif path.endswith(_BY_TEXT):
        kinds = (type(value).__name__ for value in members.values())
        yield from ((f"{path}.*", kind) for kind in sorted(set(kinds)))
    else:
        for key, value in members.items():
            yield from _leaves(value, key, f"{path}.{key}")
