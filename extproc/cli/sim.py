"""Run one simulated vLLM replica.

It speaks vLLM's API and metrics, needs no weights, and takes faults at /admin/faults.
"""

import argparse
import asyncio

from extproc.engines.sim import main


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the simulator takes."""
    main.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """The simulator's own status."""
    return asyncio.run(main.run(arguments))
