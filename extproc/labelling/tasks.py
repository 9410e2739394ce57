"""The conversations to label."""

import hashlib
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from extproc.errors import ConfigError
from extproc.request.lines import Line, decode, split


class Task(Struct, frozen=True, kw_only=True):
    """One conversation; `key` names its content, `reference` is the right answer where known."""

    key: str
    messages: Sequence[Mapping[str, Any]]
    reference: str | None = None

    @property
    def characters(self) -> int:
        """Of the messages as JSON, a little above those of the text."""
        return len(msgspec.json.encode(self.messages))


class _Given(Line, frozen=True, kw_only=True):
    reference: str | int | float | None = None


class _Decided(Struct, frozen=True):
    messages: list[dict[str, Any]] | UnsetType = UNSET


def of_prompts(path: Path) -> list[Task]:
    """Lines of `prompt` or `messages`, and perhaps `reference`; equal ones once.

    ConfigError names a bad line.
    """
    return _distinct(_prompts(path))


def of_decisions(paths: Sequence[Path]) -> list[Task]:
    """The conversations that decision logs hold; ConfigError where they hold none."""
    found = _distinct(_decisions(paths))
    if not found:
        raise ConfigError("no line holds a prompt: is `decision_log.prompts` on?")
    return found


def sample(tasks: Sequence[Task], many: int | None, seed: int) -> list[Task]:
    """At most so many, at random; a larger sample of the same seed holds the smaller one."""
    shuffled = random.Random(seed).sample(tasks, len(tasks))  # noqa: S311 - which prompts is no secret
    return shuffled[:many]


def task(messages: Sequence[Mapping[str, Any]], reference: str | None = None) -> Task:
    """A task under the key of its content."""
    content = msgspec.json.encode(messages, order="sorted")
    key = hashlib.sha256(content).hexdigest()[:24]
    return Task(key=key, messages=messages, reference=reference)


def _prompts(path: Path) -> Iterator[Task]:
    for number, text in enumerate(split(path.read_bytes()), 1):
        where = f"{path}:{number}"
        line = decode(text, _Given, where)
        line.conversation(where)
        reference = None if line.reference is None else str(line.reference)
        yield task(line.messages or [{"role": "user", "content": line.prompt}], reference)


def _decisions(paths: Sequence[Path]) -> Iterator[Task]:
    for path in paths:
        for number, text in enumerate(split(path.read_bytes()), 1):
            line = decode(text, _Decided, f"{path}:{number}")
            if line.messages:
                yield task(line.messages)


def _distinct(tasks: Iterator[Task]) -> list[Task]:
    return list({one.key: one for one in tasks}.values())
