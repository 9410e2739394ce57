"""Print the tables that say how good the semantic signal is, as Markdown.

--train leaves families out of labelled prompts; --held-out ranks files of prompts with a weak and a
strong model's score by the artifact as it ships; without either, stability and latency alone.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from extproc.cli.amounts import count


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--train", type=Path, metavar="DIR", help="labelled prompts")
    parser.add_argument("--held-out", type=Path, nargs="*", default=(), metavar="FILE")
    parser.add_argument(
        "--own-labels", type=count, metavar="N", help="refit to N of each such file"
    )
    parser.add_argument("--rounds", type=count, default=2_000, help="of the latency's measurement")


def run(arguments: argparse.Namespace) -> int:
    """0; ConfigError names what is wrong with the data."""
    for line in _tables(arguments):
        print(line)
    return 0


def _tables(arguments: argparse.Namespace) -> Iterator[str]:
    from extproc.signals.semantic import TOKENS, Semantic  # noqa: PLC0415 - brings in NumPy
    from extproc.signals.semantic.tokens import Tokens  # noqa: PLC0415 - as above
    from extproc.training import dataset, evaluate, latency, rehearsal  # noqa: PLC0415 - as above
    from extproc.training.fitting import Settings  # noqa: PLC0415 - as above

    semantic = Semantic()
    score = evaluate.ranker(semantic)
    if arguments.train:
        labelled = dataset.load(arguments.train)
        yield from evaluate.left_out(labelled, Tokens(TOKENS), Settings())
    for path in arguments.held_out:
        yield from evaluate.held_out(path, score)
        if arguments.own_labels:
            yield from rehearsal.rehearse(path, arguments.own_labels, semantic)
    yield ""
    yield from evaluate.stability(score)
    yield ""
    yield from latency.table(semantic, arguments.rounds)
