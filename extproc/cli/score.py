"""Score prompts from a file: P(needs reasoning), the domain, and the share that was read.

Each line of --input is a JSON object with `prompt` (a string) or `messages` (as in a chat); each
line of --output answers the same line: {"score": …, "domain": …, "coverage": …}. A bad line ends
the command with its number, and no output is left behind.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from extproc.cli.output import replace_file
from extproc.errors import ConfigError, MalformedRequest
from extproc.request import Api, Conversation, parse

_DIGITS: Final = 6


class _Line(msgspec.Struct, frozen=True):
    prompt: str | msgspec.UnsetType = msgspec.UNSET
    messages: Annotated[list[dict[str, Any]], msgspec.Meta(min_length=1)] | msgspec.UnsetType = (
        msgspec.UNSET
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--input", type=Path, required=True, metavar="FILE", help="JSON lines")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE", help="JSON lines")
    parser.add_argument("--artifact", type=Path, metavar="FILE", help="(default: the one shipped)")


def run(arguments: argparse.Namespace) -> int:
    """0; ConfigError names the line at fault, OSError the file."""
    from extproc.signals.semantic import ARTIFACT, Semantic  # noqa: PLC0415 - brings in NumPy

    semantic = Semantic(arguments.artifact or ARTIFACT)

    def answer(conversation: Conversation) -> bytes:
        scored = semantic.score(conversation)
        said = {
            "score": round(scored.judgement.difficulty, _DIGITS),
            "domain": scored.judgement.domain,
            "coverage": round(scored.coverage, _DIGITS),
        }
        return msgspec.json.encode(said)

    replace_file(arguments.output, _answers(arguments.input, answer))
    return 0


def _answers(path: Path, answer: Callable[[Conversation], bytes]) -> bytes:
    lines = path.read_bytes().split(b"\n")
    if not lines[-1]:  # what follows the last line's end
        lines.pop()
    answers = [
        answer(_conversation(line, f"{path}:{number}")) for number, line in enumerate(lines, 1)
    ]
    return b"".join(line + b"\n" for line in answers)


def _conversation(text: bytes, where: str) -> Conversation:
    try:
        line = msgspec.json.decode(text, type=_Line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(str(error), path=where) from error
    if (line.prompt is msgspec.UNSET) == (line.messages is msgspec.UNSET):
        raise ConfigError("expected either `prompt` or `messages`", path=where)
    messages = line.messages or [{"role": "user", "content": line.prompt}]
    body = msgspec.json.encode({"model": "auto", "messages": messages})
    try:
        return parse(Api.CHAT, body).conversation
    except MalformedRequest as error:
        raise ConfigError(f"{error.message} ({error.param})", path=where) from error
