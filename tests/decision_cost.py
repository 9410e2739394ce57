"""What a decision costs in CPU, over what Python's own `json` takes to read the same body.

`python tests/decision_cost.py [--policy NAME]` prints a ratio for each size, as JSON. Both are
measured in turns, and the least of each counts: what else the machine does only ever adds.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable

from msgspec.structs import replace

from extproc.config import default_path, load
from extproc.request import Api
from extproc.router import Router
from load.bench.prompts import HARD, chat

SIZES = (500, 8_000, 100_000)
_ROUNDS = 15


def cost(work: Callable[[], object], times: int) -> float:
    """Seconds of CPU for each of so many calls."""
    begun = time.thread_time()
    for _ in range(times):
        work()
    return (time.thread_time() - begun) / times


def ratio(router: Router, size: int) -> float:
    """One decision over one `json.loads`, for a body of `size` bytes."""
    body = chat(HARD, size=size)
    times = max(5, 50_000 // size)
    decisions, readings = [], []
    for _ in range(_ROUNDS):
        decisions.append(cost(lambda: router.route(Api.CHAT, body), times))
        readings.append(cost(lambda: json.loads(body), times))
    return min(decisions) / min(readings)


def main() -> None:
    """Print the ratios of one policy, or of the shipped config's own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--policy", help="a class by its import path, without parameters")
    said = parser.parse_args()
    config = load(default_path())
    if said.policy:
        config = replace(config, policy={said.policy: {}})
    router = Router(config)
    sys.stdout.write(json.dumps({size: ratio(router, size) for size in SIZES}) + "\n")


if __name__ == "__main__":
    main()
