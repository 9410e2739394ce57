"""`tiergate serve` as a supervisor runs it: ready line, exit status, signals."""

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from commands import ANY, TIERGATE, config_file, run
from faults import http_status
from grpc_health.v1 import health_pb2_grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from processes import Running, until

ADDRESSES = ("--listen", ANY, "--services", ANY, "--admin", ANY)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A config that can be served."""
    return config_file(tmp_path_factory.mktemp("config"))


@pytest.fixture
def router(tmp_path: Path, config: Path) -> Iterator[Running]:
    """A router that ends at once when it is told to."""
    with _serve(tmp_path, config, "0") as process:
        yield process


@pytest.fixture
def draining(tmp_path: Path, config: Path) -> Iterator[Running]:
    """A router that would drain for longer than any test waits."""
    with _serve(tmp_path, config, "600") as process:
        yield process


def _serve(folder: Path, config: Path, seconds: str) -> Running:
    argv = (*TIERGATE, "serve", "--config", config, *ADDRESSES, "--drain", seconds)
    return Running(argv, folder / "router.log")


@pytest.fixture
def taken() -> Iterator[str]:
    """An address where somebody else listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_ready_line_names_what_serves(router: Running) -> None:
    """All addresses of the line answer as soon as it is written."""
    said = router.ready()
    with grpc.insecure_channel(said["services"]) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        health = stub.Check(HealthCheckRequest(service="readiness"), timeout=5)

    assert {"event", "grpc", "router", "services", "admin"} == set(said)
    assert [said["grpc"]] == said["router"]
    assert "ready" == said["event"]
    assert HealthCheckResponse.SERVING == health.status
    assert 200 == http_status(f"{said['admin']}/readyz")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda one: one.name)
def test_second_signal_ends_a_drain_at_once(draining: Running, number: signal.Signals) -> None:
    """Whoever asks twice does not want to wait, and sees no traceback."""
    said = draining.ready()
    draining.send(number)
    until(lambda: http_status(f"{said['admin']}/readyz") == 503, what="the drain")
    draining.send(number)

    assert 0 == draining.wait(5)
    assert "Traceback" not in draining.errors()


@pytest.mark.parametrize("flag", ["--listen", "--services", "--admin"])
def test_taken_address_is_named(config: Path, taken: str, flag: str) -> None:
    """The last line says which address is somebody else's; gRPC's own log may stand before it."""
    ended = run("serve", "--config", config, *ADDRESSES, flag, taken)
    *before, line = ended.errors

    assert (1, "") == (ended.status, ended.out)
    assert line.startswith(f"tiergate: cannot listen on {taken}: ")
    assert [] == [other for other in before if "add_port.cc" not in other]


@pytest.mark.parametrize(
    ("sections", "line"),
    [
        ({"models": {"alias": []}}, "$.models: Object contains unknown field `alias`"),
        ({"policy": {"coin": {}}}, "$.policy.coin: no such policy; there are: "),
    ],
    ids=["key", "policy"],
)
def test_bad_config_is_named_by_its_key(
    tmp_path: Path, sections: dict[str, object], line: str
) -> None:
    """One line says where the document is wrong."""
    ended = run("serve", "--config", config_file(tmp_path, **sections), *ADDRESSES)
    (said,) = ended.errors

    assert (2, "") == (ended.status, ended.out)
    assert said.startswith(f"tiergate: {line}")
