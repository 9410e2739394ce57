"""Install what `tiergate up` runs as a tier into an environment of its own.

vLLM goes to `.venv-vllm` here, or to where --environment or $TIERGATE_VLLM says: hash by hash from
the lock file on a machine without a GPU, as PyPI's `vllm` on one with a GPU. A second run is quick.
"""

import argparse
import sys
from pathlib import Path

from extproc.engines.vllm import environment
from extproc.engines.vllm.hardware import Kind


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("action", choices=("install",))
    parser.add_argument("engine", choices=("vllm",))
    add_environment(parser)


def add_environment(parser: argparse.ArgumentParser) -> None:
    """Where vLLM is, and on what kind of machine."""
    parser.add_argument(
        "--environment", type=Path, metavar="DIR", help="vLLM's environment (.venv-vllm)"
    )
    parser.add_argument(
        "--hardware", type=Kind, choices=list(Kind), help="the machine (default: as detected)"
    )


def run(arguments: argparse.Namespace) -> int:
    """0 once vLLM is there."""
    folder = environment.folder_of(arguments.environment)
    environment.install(folder, arguments.hardware or environment.detect(), say)
    return 0


def say(text: str) -> None:
    """A step of a command that takes a while."""
    print(f"tiergate: {text}", file=sys.stderr)
