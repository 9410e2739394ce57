"""What accounting costs a request in CPU: `python tests/usage_cost.py`.

Starts the whole gateway several times: without an access log or anybody who reads usage, with the
access log alone, with usage read, priced and counted, with a ledger of either kind, and with the
router as the reader. They take turns, so that a busy machine costs them the same; what is told are
the medians of the rounds, and each over the first.
"""

import argparse
import contextlib
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import gateway as harness
import tenancy_cost as turns
from redis_server import RedisServer
from usage_builders import PRICES

from extproc.dataplane.pattern import Tree, connection_manager

READERS: Final = ("tiergate.usage_json", "tiergate.usage_stream")


def unread(bootstrap: Tree) -> None:
    """Nobody reads usage."""
    manager = connection_manager(bootstrap)
    filters = manager["http_filters"]
    manager["http_filters"] = [one for one in filters if one["name"] not in READERS]


def unlogged(bootstrap: Tree) -> None:
    """Nobody reads usage, and nobody is told of requests."""
    unread(bootstrap)
    del connection_manager(bootstrap)["access_log"]


def kinds(folder: Path, redis: RedisServer) -> Mapping[str, dict[str, Any]]:
    """What the gateways differ in."""
    state = {"redis": {"url": redis.url, "deadline_seconds": 1}}
    return {
        "without": {"edit": unlogged},
        "access log": {"edit": unread},
        "counted": {"prices": PRICES},
        "in a file": {"prices": PRICES, "usage": {"ledger": str(folder / "ledger.sqlite")}},
        "in redis": {"prices": PRICES, "state": state},
        "by the router": {"prices": PRICES, "usage": {"source": "processor"}},
    }


def main() -> None:
    """Print a line for each kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--requests", type=int, default=400)
    said = parser.parse_args()
    costs: dict[str, list[Mapping[str, float]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as place, contextlib.ExitStack() as stack:
        folder = Path(place)
        redis = stack.enter_context(RedisServer(folder))
        subjects = {}
        for name, sections in kinds(folder, redis).items():
            (folder / name).mkdir()
            common = {"policy": {"fixed": "fast"}, **harness.PATIENT}
            made = stack.enter_context(harness.running(folder / name, **common, **sections))
            subjects[name] = turns.Subject(made, {}, redis if "state" in sections else None)
        for subject in subjects.values():
            subject.send(said.requests)
        for _ in range(said.rounds):
            for name, subject in subjects.items():
                costs[name].append(turns.measured(subject, said.requests))
        turns.told(costs)


if __name__ == "__main__":
    main()
