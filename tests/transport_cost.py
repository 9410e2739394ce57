"""What one request costs the router in CPU, by transport: `python tests/transport_cost.py`.

Starts each server in a process of its own and replays to it, over one connection, the frames that
Envoy sends for a request: headers, then the body once the headers are answered, and the reset that
Envoy ends each stream with. The servers take turns, so that a busy machine costs them the same.
"""

import argparse
import json
import socket
import statistics
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import builders

HERE = Path(__file__)
SERVER = """
import asyncio, sys
sys.path[:0] = [{tests!r}, {root!r}]
import builders, gateway
from extproc.telemetry import LogObserver, MetricsObserver, Observers, configure
configure("info")
if {kind!r} == "native":
    from extproc.native.server import NativeServer as Server
else:
    from extproc.server import Server
{policy}
if {bare!r}:
    import extproc.native.server, extproc.server
    from extproc import mutation
    from extproc.decision import Reason
    answer = mutation.steer(builders.decision())
    class Bare:
        def __init__(self, *_):
            self.done = False
        def handle(self, message):
            self.done = message.WhichOneof("request") == "request_body"
            return answer if self.done else mutation.CONTINUE_HEADERS
        def close(self):
            pass
    extproc.native.server.StreamProcessor = extproc.server.StreamProcessor = Bare
observer = Observers((MetricsObserver(), LogObserver()))
async def main():
    server = Server(lambda: routing, observer, max_body_bytes=8 << 20)
    print(await server.start("127.0.0.1:0"), flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""
POLICIES = {
    "none": "routing = None",
    "fixed": "routing = builders.routed(**gateway.PATIENT, policy={'fixed': 'fast'})",
    "default": (
        "from extproc.app import routing as route\n"
        "from extproc.config import default_path, load\n"
        "from msgspec.structs import replace\n"
        "config = load(default_path())\n"
        "server = replace(config.server, deadline_seconds=10)\n"
        "routing = route(replace(config, server=server))"
    ),
}


def _frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return (
        struct.pack(">HBBBL", len(payload) >> 8, len(payload) & 255, kind, flags, stream) + payload
    )


def _literal(name: str, value: str) -> bytes:
    return b"\0" + bytes((len(name),)) + name.encode() + bytes((len(value),)) + value.encode()


DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY = 0, 1, 3, 4, 6, 7
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
BLOCK = b"\x20\x83\x86" + b"".join(
    _literal(name, value)
    for name, value in (
        (":path", "/envoy.service.ext_proc.v3.ExternalProcessor/Process"),
        (":authority", "tiergate_router"),
        ("te", "trailers"),
        ("content-type", "application/grpc"),
        ("x-envoy-internal", "true"),
        ("x-forwarded-for", "10.0.0.1"),
    )
)


def _data(message: bytes) -> list[bytes]:
    content = b"\0" + len(message).to_bytes(4, "big") + message
    return [content[start : start + 16384] for start in range(0, len(content), 16384)]


class Envoy:
    """One connection that keeps `streams` calls open at a time."""

    def __init__(self, port: int, size: int, streams: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        more = {"content-type": "application/json", "content-length": str(size)}
        self._headers = _data(builders.headers(more=more).SerializeToString())
        self._body = _data(builders.body(builders.chat("hello " * (size // 6))).SerializeToString())
        self._streams = streams
        self._next = 1
        self._open: dict[int, bool] = {}
        self._rest = b""
        window = struct.pack(">HLHL", 2, 0, 4, 0x7FFFFFFF)
        hello = _frame(4, 0, 0, window) + _frame(8, 0, 0, struct.pack(">L", 0x7FFF0000 - 65535))
        self._socket.sendall(PREFACE + hello)
        while not any(kind == SETTINGS for kind, *_ in tuple(self._frames())):
            pass
        self._socket.sendall(_frame(SETTINGS, 1, 0))

    def run(self, requests: int) -> None:
        """So many requests; AssertionError where one is not answered."""
        begun = ended = 0
        while ended < requests:
            out = []
            while len(self._open) < self._streams and begun < requests:
                out += self._begin()
                begun += 1
            self._socket.sendall(b"".join(out))
            answers: list[bytes] = []
            for kind, flags, stream, payload in self._frames():
                assert kind != GOAWAY, payload
                answers += self._answer(kind, flags, stream, payload)
                ended += kind == HEADERS and flags & 1
            self._socket.sendall(b"".join(answers))

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _begin(self) -> list[bytes]:
        number, self._next = self._next, self._next + 2
        self._open[number] = False
        return [
            _frame(HEADERS, 4, number, BLOCK),
            *(_frame(0, 0, number, p) for p in self._headers),
        ]

    def _answer(self, kind: int, flags: int, stream: int, payload: bytes) -> list[bytes]:
        if kind == HEADERS and flags & 1:
            assert self._open.pop(stream), "ended before its body was answered"
            return [_frame(RST_STREAM, 0, stream, b"\0\0\0\2")]
        if kind == DATA and not self._open[stream]:
            self._open[stream] = True
            return [_frame(DATA, 0, stream, part) for part in self._body]
        if kind == PING and not flags:
            return [_frame(PING, 1, 0, payload)]
        return []

    def _frames(self) -> Iterator[tuple[int, int, int, bytes]]:
        """What one read brings."""
        received = self._socket.recv(1 << 20)
        assert received, f"the server hung up: {self._rest!r}"
        data = self._rest + received
        start = 0
        while len(data) - start >= 9:
            high, low, kind, flags, stream = struct.unpack_from(">BHBBL", data, start)
            stop = start + 9 + (high << 16 | low)
            if stop > len(data):
                break
            yield kind, flags, stream, data[start + 9 : stop]
            start = stop
        self._rest = data[start:]


class Router:
    """A server in a process of its own."""

    def __init__(self, kind: str, policy: str) -> None:
        script = SERVER.format(
            tests=str(HERE.parent),
            root=str(HERE.parent.parent),
            kind=kind,
            policy=POLICIES[policy],
            bare=policy == "none",
        )
        self.process = subprocess.Popen((sys.executable, "-c", script), stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        self.pid = self.process.pid

    def cpu(self) -> float:
        """Microseconds it has used, by all of its threads."""
        tasks = Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1000

    def memory(self) -> float:
        """Resident megabytes."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * 4096 / 1e6

    def cost(self, size: int, streams: int, requests: int) -> float:
        """Microseconds of CPU for one request, once it is warm."""
        envoy = Envoy(self.port, size, streams)
        envoy.run(max(streams, requests // 10))
        before = self.cpu()
        envoy.run(requests)
        spent = self.cpu() - before
        envoy.close()
        return spent / requests


class Worker(Router):
    """One of the two workers of a whole router, by a config of its own."""

    def __init__(self, config: Path) -> None:
        anywhere = "127.0.0.1:0"
        argv = (sys.executable, "-m", "extproc", "serve", "--config", config, "--listen", anywhere)
        self.process = subprocess.Popen(
            (*argv, "--services", anywhere, "--admin", anywhere, "--log-level", "warning"),
            stdout=subprocess.PIPE,
            cwd=HERE.parents[1],
        )
        assert self.process.stdout is not None
        said = json.loads(self.process.stdout.readline())
        self.port = int(said["router"][0].rpartition(":")[2])
        pid = self.process.pid
        self.pid = int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def main() -> None:
    """Print a line for each size and number of streams."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--policy", choices=POLICIES, default="fixed", help="none: one answer, without a decision"
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=(500, 8_000, 100_000))
    parser.add_argument("--streams", type=int, nargs="+", default=(32,))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--kinds", nargs="+", default=("grpc", "native"))
    said = parser.parse_args()
    routers = {kind: Router(kind, said.policy) for kind in said.kinds}
    try:
        for size in said.sizes:
            for streams in said.streams:
                _compare(routers, size, streams, said.rounds, said.requests)
        for kind, router in routers.items():
            print(f"{kind}: {router.memory():.0f} MB resident")
    finally:
        for router in routers.values():
            router.process.kill()
            router.process.wait()


def _compare(
    routers: dict[str, Router], size: int, streams: int, rounds: int, requests: int
) -> None:
    requests = max(streams * 3, requests * 500 // max(size, 500) + requests // 5)
    costs: dict[str, list[float]] = {kind: [] for kind in routers}
    for _ in range(rounds):
        for kind, router in routers.items():
            costs[kind].append(router.cost(size, streams, requests))
    line = f"{size:>7} B  {streams:>5} streams"
    for kind, spent in costs.items():
        line += f"  {kind} {statistics.median(spent):7.1f} us ({min(spent):.1f}-{max(spent):.1f})"
    if len(costs) == 2:
        one, other = (statistics.median(spent) for spent in costs.values())
        line += f"  1/{one / other:.1f}"
    print(line, flush=True)


if __name__ == "__main__":
    main()
