"""Score prompts from a file: P(needs reasoning), the domain, and the share that was read.

Each line of --input is a JSON object with `prompt` (a string) or `messages` (as in a chat); each
line of --output answers the same line: {"score": …, "domain": …, "coverage": …}. A bad line ends
the command with its number, and no output is left behind.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from extproc.cli.output import replace_file
from extproc.request import Conversation
from extproc.request.lines import Line, decode, split

_DIGITS: Final = 6


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
    answers: list[bytes] = []
    for number, text in enumerate(split(path.read_bytes()), 1):
        where = f"{path}:{number}"
        answers.append(answer(decode(text, Line, where).conversation(where)) + b"\n")
    return b"".join(answers)
