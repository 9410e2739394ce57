"""Make the artifact of the semantic signal again from labelled prompts, bit for bit.

--data is a folder of NAME_prompts.parquet and NAME_scores.parquet; needs tiergate[training].
"""

import argparse
from pathlib import Path

from extproc.cli.output import replace_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="labelled prompts")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE", help="the artifact")
    parser.add_argument("--tokens", type=Path, metavar="FILE", help="(default: the one shipped)")
    parser.add_argument("--date", metavar="YYYY-MM-DD", help="for the manifest")


def run(arguments: argparse.Namespace) -> int:
    """0; ConfigError names what is wrong with the data."""
    from extproc.signals.semantic import TOKENS  # noqa: PLC0415 - brings in NumPy
    from extproc.training.train import FROZEN, train  # noqa: PLC0415 - as above

    tokens, date = arguments.tokens or TOKENS, arguments.date or FROZEN
    trained = train(arguments.data, tokens=tokens, date=date)
    replace_file(arguments.output, trained.artifact)
    rows = trained.manifest["rows"]
    print(f"{arguments.output}: {len(trained.artifact)} bytes from {rows} prompts")
    return 0
