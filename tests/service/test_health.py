"""The health service, as a mesh and Kubernetes ask it."""

import asyncio

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from serving import serving

from extproc.server import EXT_PROC, LIVENESS

READY = ["", "readiness", EXT_PROC]


@pytest.mark.parametrize("service", [LIVENESS, *READY])
async def test_a_started_server_is_serving(service: str) -> None:
    """Overall, alive, ready, and by the name of the service itself."""
    async with serving() as served:
        assert "SERVING" == await served.health(service)


@pytest.mark.parametrize(
    ("service", "status"), [*((name, "NOT_SERVING") for name in READY), (LIVENESS, "SERVING")]
)
async def test_a_draining_server_is_alive_and_not_ready(service: str, status: str) -> None:
    """No new streams should come, and nobody should restart it."""
    async with serving() as served:
        draining = asyncio.ensure_future(served.server.drain(30.0))
        await asyncio.sleep(0.01)

        assert status == await served.health(service)
        draining.cancel()


async def test_an_unknown_service_is_not_found() -> None:
    """As the protocol has it."""
    async with serving() as served:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await served.health("something.else")

    assert grpc.StatusCode.NOT_FOUND is caught.value.code()


async def test_a_watcher_is_told_of_the_drain() -> None:
    """Who watches need not ask again."""
    async with serving() as served:
        stub = health_pb2_grpc.HealthStub(served.channel)
        watching = stub.Watch(health_pb2.HealthCheckRequest(service="readiness"))
        before = await watching.read()
        draining = asyncio.ensure_future(served.server.drain(30.0))
        after = await watching.read()
        draining.cancel()

    serving_status = health_pb2.HealthCheckResponse
    assert serving_status.SERVING == before.status
    assert serving_status.NOT_SERVING == after.status
