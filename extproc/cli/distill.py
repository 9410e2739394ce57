"""Make the token table of the semantic signal again from its teacher.

--teacher is a folder with the model.safetensors, config.json and vocab.txt of a BERT; takes some
minutes, and no more than NumPy.
"""

import argparse
from pathlib import Path

from extproc.cli.output import replace_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--teacher", type=Path, required=True, metavar="DIR", help="its files")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE", help="the table")


def run(arguments: argparse.Namespace) -> int:
    """0; ConfigError names what is wrong with the teacher."""
    from extproc.training.distill import distill  # noqa: PLC0415 - brings in NumPy

    content = distill(arguments.teacher)
    replace_file(arguments.output, content)
    print(f"{arguments.output}: {len(content)} bytes")
    return 0
