"""How the parts of a gateway are broken on a game day, and what shows it."""

import contextlib
import os
import resource
import shutil
import socket
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import builders
import faults
import gateway as harness
from calls import CHAT, send
from gameday import Day, Metric
from name_server import NameServer
from processes import POLL, Running
from redis_server import PROGRAM, RedisServer

from extproc.dataplane.pattern import named as named_cluster

LASTS: Final = 1.5
SLOW_CLIENTS: Final = 200
ROLLING_RATE: Final = float(os.environ.get("TIERGATE_TEST_RATE", "50"))
"""For the tests, on a machine that has other things to do; the command asks for 200."""
FLEET: Final = {"scrape": {"interval_seconds": 0.2, "stale_seconds": 2.0}, "spill": {"margin": 1.0}}
AFFINITY: Final = {"affinity": {"header": "x-session"}}
TWICE: Final = {"replicas": 2}
STREAM: Final = {"stream": True, "max_tokens": 30}


def router(name: str, **labels: str) -> Metric:
    """One of the router's own."""
    return lambda gateway: gateway.metric(name, **labels)


def envoy(name: str) -> Metric:
    """One of Envoy's."""
    return lambda gateway: float(gateway.envoy_stat(name))


UNDECIDED: Final = {"undecided": envoy("http.gateway.ext_proc.tiergate.failure_mode_allowed")}
RETRIES: Final = {
    "retries": lambda gateway: float(
        sum(gateway.envoy_stat(f"cluster.tier_{tier}.upstream_rq_retry") for tier in gateway.tiers)
    )
}
AMPLIFIED: Final = {
    "requests": envoy("http.gateway.downstream_rq_total"),
    "attempts": lambda gateway: float(
        sum(gateway.envoy_stat(f"cluster.{tier}.upstream_rq_total") for tier in gateway.tiers)
    ),
}
REDIS: Final = {"redis failures": router("tiergate_redis_failures_total")}
BUGS: Final = {"bugs": router("tiergate_internal_errors_total")}


def router_killed(day: Day) -> None:
    """SIGKILL; somebody starts it again after a while."""
    faults.kill_router(day.gateway)
    day.wait(LASTS)
    day.gateway.restart_router()


def router_hung(day: Day) -> None:
    """SIGSTOP."""
    with faults.paused(day.gateway.router):
        day.wait(LASTS)


def router_out_of_memory(day: Day) -> None:
    """No more memory is to be had; what dies of it is started again."""
    process = day.gateway.router.process
    sizes = Path(f"/proc/{process.pid}/statm").read_text().split()
    held = int(sizes[0]) * resource.getpagesize()
    before = resource.prlimit(process.pid, resource.RLIMIT_AS)
    resource.prlimit(process.pid, resource.RLIMIT_AS, (held + (2 << 20), before[1]))
    body = builders.chat("x" * (4 << 20))
    for _ in range(5):
        with contextlib.suppress(OSError):
            send(day.gateway, body)
    if process.poll() is None:
        resource.prlimit(process.pid, resource.RLIMIT_AS, before)
    else:
        day.gateway.restart_router()


def second_router(day: Day) -> Mapping[str, Any]:
    """Two routers, of which Envoy asks both; a start takes the place of one that has ended."""
    folder = day.folder / "second"
    folder.mkdir()

    def add(bootstrap: dict[str, Any]) -> None:
        file = day.folder / "tiergate.yaml"
        router = day.stack.enter_context(harness._router(folder, file, "127.0.0.1:0"))
        day.parts["second"] = router
        said = router.ready()
        day.parts["addresses"] = address, services = said["grpc"], said["services"]
        cluster = named_cluster(bootstrap["static_resources"]["clusters"], "tiergate_router")
        endpoints = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"]
        port = int(address.rpartition(":")[2])
        where = {"socket_address": {"address": "127.0.0.1", "port_value": port}}
        asked = {"port_value": int(services.rpartition(":")[2])}
        endpoints.append({"endpoint": {"address": where, "health_check_config": asked}})

    return {"edit": add, **harness.PATIENT, "server": {"drain_seconds": 2.0, "deadline_seconds": 5}}


def routers_restart(day: Day) -> None:
    """One after the other: told to end, waited for, started again."""
    day.wait(LASTS / 2)
    day.gateway.restart_router()
    day.wait(LASTS / 2)
    second: Running = day.parts["second"]
    second.end()
    file = day.gateway.config_file
    again = day.stack.enter_context(
        harness._router(day.folder / "second", file, *day.parts["addresses"])
    )
    again.ready()
    day.wait(LASTS / 2)


def redis(day: Day) -> Mapping[str, Any]:
    """A Redis, and affinity that asks it with each request."""
    server = day.stack.enter_context(RedisServer(day.folder))
    day.parts["redis"] = server
    return {"state": {"redis": {"url": server.url, "deadline_seconds": 0.1}}, **AFFINITY}


def redis_killed(day: Day) -> None:
    """And started again, empty."""
    server: RedisServer = day.parts["redis"]
    server.kill()
    day.wait(LASTS)
    server.start()


def redis_paused(day: Day) -> None:
    """It takes connections and answers nothing."""
    server: RedisServer = day.parts["redis"]
    server.pause()
    day.wait(LASTS)
    server.resume()


def redis_slow(day: Day) -> None:
    """It stops for 0.2 s, twice the deadline, again and again."""
    server: RedisServer = day.parts["redis"]
    for _ in range(int(LASTS / 0.25)):
        server.pause()
        POLL.wait(0.2)
        server.resume()
        POLL.wait(0.05)


def redis_full(day: Day) -> None:
    """It refuses what would need memory."""
    server: RedisServer = day.parts["redis"]
    server.said("CONFIG", "SET", "maxmemory", "1")
    day.wait(LASTS)
    server.said("CONFIG", "SET", "maxmemory", "0")


def replica_killed(day: Day) -> None:
    """One of two."""
    day.gateway.tiers["reasoning"][0].kill()
    day.wait(LASTS)
    day.gateway.restart_replica("reasoning", 0)


def tier_killed(day: Day) -> None:
    """Its only replica."""
    day.gateway.tiers["reasoning"][0].kill()
    day.wait(LASTS * 3)
    day.gateway.restart_replica("reasoning")


def failing(**fault: object) -> Callable[[Day], None]:
    """The reasoning tier's only replica fails like this."""

    def breaks(day: Day) -> None:
        replica = day.gateway.tiers["reasoning"][0]
        replica.fault(**fault)
        day.wait(LASTS)
        replica.heal()

    return breaks


def named(day: Day) -> Mapping[str, Any]:
    """A name server that Envoy asks for the tiers."""
    day.parts["names"] = names = day.stack.enter_context(NameServer("127.0.0.1"))
    return {"edit": lambda bootstrap: _renamed(bootstrap, names.port)}


def _renamed(bootstrap: dict[str, Any], port: int) -> None:
    resolver = {
        "name": "envoy.network.dns_resolver.cares",
        "typed_config": {
            "@type": "type.googleapis.com/"
            "envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig",
            "resolvers": [{"socket_address": {"address": "127.0.0.1", "port_value": port}}],
        },
    }
    for cluster in bootstrap["static_resources"]["clusters"]:
        if cluster["name"] in ("fast", "reasoning"):
            cluster["type"] = "STRICT_DNS"
            cluster["dns_refresh_rate"] = "0.2s"
            cluster["typed_dns_resolver_config"] = resolver
            for endpoint in cluster["load_assignment"]["endpoints"][0]["lb_endpoints"]:
                address = endpoint["endpoint"]["address"]["socket_address"]
                address["address"] = f"{cluster['name']}.tiers.test"


def names_fail(day: Day) -> None:
    """The name server says SERVFAIL."""
    names: NameServer = day.parts["names"]
    names.failing = True
    day.wait(LASTS)
    names.failing = False


def small_disk(day: Day) -> Mapping[str, Any]:
    """A ledger on a disk of a megabyte."""
    disk = day.folder / "disk"
    disk.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    assert mount is not None
    assert umount is not None
    subprocess.run((mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk), check=True)
    day.stack.callback(subprocess.run, (umount, "--lazy", disk), check=True)
    day.parts["disk"] = disk
    return {"usage": {"ledger": str(disk / "ledger.db")}}


def disk_full(day: Day) -> None:
    """Something else fills it."""
    filler: Path = day.parts["disk"] / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    day.wait(LASTS)
    filler.unlink()


def needs_mount() -> str | None:
    """Why no disk can be made here."""
    return None if os.geteuid() == 0 and shutil.which("mount") else "only root may mount a disk"


def needs_redis() -> str | None:
    """Why there is no Redis here."""
    return None if PROGRAM is not None else "redis-server is not on PATH"


def wall_clock(day: Day) -> Mapping[str, Any]:
    """A file that says by how many seconds the router's wall clock is wrong."""
    day.parts["offset"] = offset = day.folder / "offset"
    offset.write_text("0")
    os.environ["TIERGATE_TEST_CLOCK"] = str(offset)
    day.stack.callback(os.environ.pop, "TIERGATE_TEST_CLOCK")
    return {**AFFINITY, "fleet": FLEET}


def clock_jumps(day: Day) -> None:
    """An hour ahead, then an hour back."""
    offset: Path = day.parts["offset"]
    for seconds in ("3600", "-3600"):
        offset.write_text(seconds)
        day.wait(LASTS / 2)
    offset.write_text("0")


def config_broken(day: Day) -> None:
    """The file is no YAML any more, and then what it was."""
    good = day.gateway.config_file.read_text()
    day.gateway.config_file.write_text("policy: [")
    day.wait(LASTS)
    day.gateway.config_file.write_text(good)


def slow_clients(day: Day) -> None:
    """So many send their body a byte at a time."""
    with contextlib.ExitStack() as stack:
        head = f"POST {CHAT} HTTP/1.1\r\nhost: x\r\ncontent-length: 999\r\n\r\n".encode()
        connections = [
            stack.enter_context(socket.create_connection(day.gateway.address))
            for _ in range(SLOW_CLIENTS)
        ]
        for piece in (head, b"{", b'"', b"m"):
            for connection in connections:
                connection.sendall(piece)
            day.wait(LASTS / 4)


def unread(day: Day) -> None:
    """One asks for a long stream, and reads nothing of it."""
    body = builders.chat(faults.PLAIN, stream=True, max_tokens=30_000)
    with contextlib.ExitStack() as stack:
        connection = stack.enter_context(socket.socket())
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(day.gateway.address)
        head = f"POST {CHAT} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n"
        connection.sendall(f"{head}content-type: application/json\r\n\r\n".encode() + body)
        day.wait(LASTS)
