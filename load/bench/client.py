"""The load generator: `python -m load.bench.client PORT FILE`, a process of its own.

One epoll loop over blocking sockets, one request at a time on each. It warms up, says `ready` on
stdout, waits for a line on stdin, loads for so many seconds, and says what came of it as JSON.

Closed load keeps every connection busy. Open load sends at the moments of a Poisson process with a
fixed seed, and counts each latency from the moment at which the request was due, so that a stall
counts for every request that it held up.
"""

import argparse
import json
import random
import resource
import select
import socket
import sys
import time
from array import array
from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from load.bench.http1 import Framing, post
from load.bench.upstream import marker

PATH: Final = "/v1/chat/completions"
_READ: Final = 1 << 17
_SEND_BUFFER: Final = 1 << 20
_OK: Final = b"HTTP/1.1 200"
_LOOK: Final = 0.5
"""Seconds after which closed load looks at the clock, where nobody answers."""


class Connection:
    """One connection and the request on it; `due` is when that should have been sent."""

    __slots__ = ("due", "found", "framing", "socket")

    def __init__(self, port: int) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect(("127.0.0.1", port))
        self.framing = Framing()
        self.due = 0.0
        self.found = False


class Load:
    """All connections to one subject, and what has come of their requests.

    `expected` is the text that each answer must hold.
    """

    def __init__(self, port: int, request: bytes, connections: int, expected: bytes) -> None:
        self._port = port
        self._request = request
        self._expected = expected
        self._poll = select.epoll()
        self._open: dict[int, Connection] = {}
        self.idle = [self._connect() for _ in range(connections)]
        self.reset()

    def reset(self) -> None:
        """Count from nothing."""
        self.latencies = array("d")
        self.errors: Counter[str] = Counter()
        self.wrong = 0
        self.unserved = 0

    @property
    def busy(self) -> int:
        """The number of requests under way."""
        return len(self._open) - len(self.idle)

    def begin(self, due: float) -> None:
        """Send a request that is due at that moment, on an idle connection."""
        connection = self.idle.pop()
        connection.due = due
        connection.found = False
        connection.framing.reset()
        try:
            connection.socket.sendall(self._request)
        except OSError:
            self._fail(connection)

    def wait(self, seconds: float | None) -> None:
        """Take in the answers that there are, after waiting so long for the first one; None for as
        long as a generator may that has nothing else to do.

        epoll counts in milliseconds, which is too coarse for the moments of open load: select
        waits for it by the microsecond.
        """
        if seconds is not None:
            select.select((self._poll.fileno(),), (), (), max(0.0, seconds))
        for number, _ in self._poll.poll(_LOOK if seconds is None else 0):
            self._read(self._open[number])

    def _connect(self) -> Connection:
        connection = Connection(self._port)
        self._open[connection.socket.fileno()] = connection
        self._poll.register(connection.socket.fileno(), select.EPOLLIN)
        return connection

    def _read(self, connection: Connection) -> None:
        try:
            data = connection.socket.recv(_READ)
        except OSError:
            data = b""
        if not data:
            self._fail(connection)
            return
        connection.found = connection.found or self._expected in data
        if connection.framing.feed(data):
            self._complete(connection)

    def _complete(self, connection: Connection) -> None:
        self.latencies.append(time.perf_counter() - connection.due)
        if not connection.framing.head.startswith(_OK):
            self.errors[connection.framing.head[9:12].decode()] += 1
        elif not connection.found:
            self.wrong += 1
        self.idle.append(connection)

    def _fail(self, connection: Connection) -> None:
        """The other side has hung up: an error, unless it did so between two requests."""
        if connection in self.idle:
            self.idle.remove(connection)
        else:
            self.errors["hung up"] += 1
        del self._open[connection.socket.fileno()]
        connection.socket.close()
        self.idle.append(self._connect())


def closed(load: Load, seconds: float, patience: float) -> None:
    """Keep every connection busy; what is open `patience` seconds after that stays unserved."""
    end = time.perf_counter() + seconds
    while (now := time.perf_counter()) < end:
        while load.idle:
            load.begin(now)
        load.wait(None)
    _finish(load, patience)


def arrivals(rate: float, seconds: float, seed: int) -> Iterator[float]:
    """The moments of a Poisson process of `rate` a second, in seconds from its beginning."""
    dice = random.Random(seed)  # noqa: S311 - arrivals, not secrets
    moment = dice.expovariate(rate)
    while moment < seconds:
        yield moment
        moment += dice.expovariate(rate)


def opened(load: Load, rate: float, seconds: float, seed: int, patience: float) -> None:
    """Send at the moments of `arrivals`, whatever has been answered by then.

    Who cannot keep up leaves requests unserved: `patience` seconds after the last one was due,
    nobody waits for a connection any more.
    """
    begun = time.perf_counter()
    end = begun + seconds + patience
    due: deque[float] = deque(begun + moment for moment in arrivals(rate, seconds, seed))
    while due and (now := time.perf_counter()) < end:
        while due and due[0] <= now and load.idle:
            load.begin(due.popleft())
        if due:
            load.wait(due[0] - time.perf_counter() if load.idle else 1.0)
    load.unserved = len(due)
    _finish(load, patience)


def _finish(load: Load, patience: float) -> None:
    """What has not been answered by then is unserved, too."""
    end = time.perf_counter() + patience
    while load.busy and time.perf_counter() < end:
        load.wait(0.1)
    load.unserved += load.busy


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Warm up, wait for the word, load, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("file", type=Path, help="the body that every request has")
    parser.add_argument("--expect", default="", help="the tier that must answer; any, where empty")
    parser.add_argument("--key", default="none", help="the client's API key")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--warm", type=float, default=0.5)
    parser.add_argument("--rate", type=float, default=0.0, help="requests a second; 0: closed load")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patience", type=float, default=3.0, help="seconds for those behind")
    said = parser.parse_args()
    request = post(PATH, said.file.read_bytes(), authorization=f"Bearer {said.key}")
    load = Load(said.port, request, said.connections, marker(said.expect).encode())
    closed(load, said.warm, said.patience)
    load.reset()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    cpu, begun = _cpu(), time.perf_counter()
    if said.rate:
        opened(load, said.rate, said.seconds, said.seed, said.patience)
    else:
        closed(load, said.seconds, said.patience)
    result = {
        "seconds": time.perf_counter() - begun,
        "cpu": _cpu() - cpu,
        "errors": load.errors,
        "unserved": load.unserved,
        "wrong": load.wrong if said.expect else 0,
        "latencies": [round(latency * 1e6) for latency in load.latencies],
    }
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
