"""What telling tenants apart costs a request in CPU: `python tests/tenancy_cost.py`.

Starts the whole gateway four times: without tenants, with keys alone, with all limits kept in the
process, and with all limits kept in Redis. The four take turns, so that a busy machine costs them
the same; what is told are the medians of the rounds, and each over the first.
"""

import argparse
import contextlib
import http.client
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, NamedTuple

import builders
import gateway as harness
from calls import CHAT, JSON
from gateway import Gateway
from processes import POLL
from redis_server import RedisServer
from tenants import created

CLIENTS: Final = 8
_AFTER: Final = 1.0
"""Seconds for what comes after an answer: Envoy sends records twice a second."""
MANY: Final = 1_000_000_000
LIMITED: Final[Mapping[str, Any]] = {
    "requests_per_minute": MANY,
    "tokens_per_minute": MANY,
    "concurrent_requests": 1000,
    "budget": {"soft": 1_000_000, "hard": 2_000_000},
}
PRICES: Final = {
    name: {"per_million_tokens": {"input": 1, "output": 2}} for name in ("fast", "reasoning")
}


class Subject(NamedTuple):
    """A gateway, the headers it wants, and the Redis behind it, if any."""

    gateway: Gateway
    headers: Mapping[str, str]
    redis: RedisServer | None

    def cpu(self) -> Mapping[str, float]:
        """Microseconds that each of its processes has used."""
        pids = {"router": self.gateway.router.process.pid, "envoy": self.gateway.envoy.process.pid}
        if self.redis is not None and self.redis.process is not None:
            pids["redis"] = self.redis.process.pid
        return {name: _used(pid) for name, pid in pids.items()}

    def send(self, requests: int) -> None:
        """So many requests over connections that stay open."""
        with ThreadPoolExecutor(CLIENTS) as clients:
            list(clients.map(self._send, [requests // CLIENTS] * CLIENTS))

    def _send(self, requests: int) -> None:
        body = builders.chat("hello " * 80, max_tokens=4)
        connection = http.client.HTTPConnection(*self.gateway.address, timeout=30)
        with contextlib.closing(connection):
            for _ in range(requests):
                connection.request("POST", CHAT, body, {"content-type": JSON, **self.headers})
                with connection.getresponse() as response:
                    assert response.read()
                    assert response.status == 200, response.status


def _used(pid: int) -> float:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1000


def _subjects(stack: contextlib.ExitStack, folder: Path) -> Mapping[str, Subject]:
    redis = stack.enter_context(RedisServer(folder))
    shared = {"redis": {"url": redis.url, "deadline_seconds": 1}}
    file = {"file": str(folder / "tenants.json")}
    kinds: dict[str, dict[str, Any]] = {
        "without": {},
        "keys": {"tenants": {"plans": {"plan": {}}, **file}},
        "limits here": {"tenants": {"plans": {"plan": LIMITED}, **file}},
        "limits in redis": {"tenants": {"plans": {"plan": LIMITED}}, "state": shared},
    }
    made = {}
    for name, sections in kinds.items():
        place = folder / name
        place.mkdir()
        common = {"policy": {"fixed": "fast"}, "prices": PRICES, **harness.PATIENT}
        gateway = stack.enter_context(harness.running(place, **common, **sections))
        headers = {}
        if sections:
            key = created(gateway, name.replace(" ", "-"), "plan")
            headers["authorization"] = f"Bearer {key}"
        made[name] = Subject(gateway, headers, redis if "state" in sections else None)
    return made


def measured(subject: Subject, requests: int) -> Mapping[str, float]:
    """Microseconds of each process for one of so many requests, up to their records' end."""
    before = subject.cpu()
    subject.send(requests)
    POLL.wait(_AFTER)
    after = subject.cpu()
    return {one: (after[one] - before[one]) / requests for one in before}


def told(costs: Mapping[str, Sequence[Mapping[str, float]]]) -> None:
    """Print the medians of each, and each over the first."""
    first = None
    for name, rounds in costs.items():
        medians = {
            process: statistics.median(one[process] for one in rounds) for process in rounds[0]
        }
        first = first or medians
        line = f"{name:<16}"
        for process, cost in medians.items():
            over = f" ({cost / first[process]:.2f})" if process in first else ""
            line += f"  {process} {cost:7.1f} us{over}"
        print(line, flush=True)


def main() -> None:
    """Print a line for each kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--requests", type=int, default=400)
    said = parser.parse_args()
    costs: dict[str, list[Mapping[str, float]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        subjects = _subjects(stack, Path(folder))
        for subject in subjects.values():
            subject.send(said.requests)
        for _ in range(said.rounds):
            for name, subject in subjects.items():
                costs[name].append(measured(subject, said.requests))
        told(costs)


if __name__ == "__main__":
    main()
